"""OFAC's CSV files without headers: SDN.CSV, and beside it ALT.CSV, ADD.CSV and SDN_COMMENTS.CSV."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from carveout.engine.parties.lists import ofac
from carveout.engine.parties.lists.entry import (
    ALIAS,
    PERSON,
    Address,
    Identifier,
    ListedName,
    ListEntry,
    as_printed,
    distinct,
)
from carveout.engine.parties.lists.guard import Content
from carveout.engine.parties.lists.ofac_remarks import read_remarks
from carveout.engine.parties.lists.reading import Reading
from carveout.engine.parties.lists.tables import Row, delimited

SHAPES = {12: "entries", 5: "aliases", 6: "addresses", 2: "comments"}
"""The files, by their number of columns."""

_WITHOUT = {
    "aliases": "without ALT.CSV: strong aliases are missing",
    "addresses": "without ADD.CSV: addresses are missing",
    "comments": "without SDN_COMMENTS.CSV: remarks of more than 1,000 letters are cut",
}
_SILENT = {"aliases": ("names",), "addresses": ("addresses", "countries"), "comments": ("remarks",)}
_END, _EMPTY = "\x1a", "-0-"


@dataclass(slots=True)
class _Files:
    entries: list[Row] = field(default_factory=list)
    aliases: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    addresses: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    comments: dict[str, str] = field(default_factory=dict)


def read(contents: Sequence[Content]) -> Reading:
    """Reads SDN.CSV, and the files that belong to it as far as they are given. Raises ListRefused."""
    files = _Files()
    seen: set[str] = set()
    for content in contents:
        rows = list(_rows(content))
        shape = SHAPES[len(rows[0])]
        if shape in seen:
            raise content.refuse(f"is a second file of {shape}; give one set of files at a time")
        seen.add(shape)
        _keep(files, shape, rows)
    if not files.entries:
        raise contents[0].refuse("is of no use without the file of entries (SDN.CSV); give both")
    known = {row[0] for row in files.entries}
    if strangers := sorted((set(files.aliases) | set(files.addresses) | set(files.comments)) - known):
        raise contents[0].refuse(f"lacks the entry {strangers[0]} of the files beside it: they are of different days")
    publication, entries = ofac.sorted_out([_entry(files, row) for row in files.entries])
    notes = tuple(note for shape, note in _WITHOUT.items() if shape not in seen)
    silent = frozenset(name for shape, names in _SILENT.items() if shape not in seen for name in names)
    return Reading(publication, entries, len(entries), notes=notes, silent=silent)


def _rows(content: Content) -> Iterator[Row]:
    width, ended = 0, False
    for line, row in enumerate(delimited(content), 1):
        if ended:
            raise content.refuse(f"goes on after its end mark in line {line}; fetch it again")
        if row in ([_END], [_END + " "]):
            ended = True
            continue
        if not row:
            continue
        width = width or len(row)
        if len(row) != width or width not in SHAPES or not row[0].strip().isdecimal():
            raise content.refuse(f"line {line} is no row of {width} columns with a number first: cut short or edited")
        if width == 12 and ofac.kind_of(_said(row[2])) == "unknown":
            raise content.refuse(f"line {line} has the unknown type `{row[2]}`; fetch it again")
        yield [_said(cell) for cell in row]
    if not width:
        raise content.refuse("has no rows; fetch it again")
    # The file of comments has no end mark.
    if not ended and width != 2:
        raise content.refuse("lacks the end mark (0x1A) of its last line: cut short or edited; fetch it again")


def _said(cell: str) -> str:
    cell = cell.strip()
    return "" if cell == _EMPTY else cell


def _keep(files: _Files, shape: str, rows: list[Row]) -> None:
    if shape == "entries":
        files.entries = rows
    elif shape == "comments":
        for row in rows:
            files.comments[row[0]] = files.comments.get(row[0], "") + row[1]
    else:
        by_entry = files.aliases if shape == "aliases" else files.addresses
        for row in rows:
            by_entry[row[0]].append(row)


def _entry(files: _Files, row: Row) -> ListEntry:
    uid, name, word, tags, title, call_sign, _, _, _, flag, _, remarks = row
    remarks += files.comments.get(uid, "")
    kind = ofac.kind_of(word)
    said = read_remarks(remarks)
    names = [ListedName(name), *(ListedName(alias[3], ALIAS) for alias in files.aliases[uid]), *said.names]
    addresses = tuple(Address(", ".join(filter(None, x[2:5])), x[3], x[4]) for x in files.addresses[uid] if any(x[2:5]))
    identifiers = [*said.identifiers, *([Identifier("call_sign", call_sign, "Call Sign")] if call_sign else ())]
    return ofac.with_registration(
        ListEntry(
            list=ofac.SDN,
            uid=uid,
            kind=kind,
            names=as_printed(names),
            programmes=ofac.programmes(tags.split("] ["), said.features),
            countries=distinct([*(address.country for address in addresses), *said.countries, flag]),
            birth_dates=distinct(said.birth_dates) if kind == PERSON else (),
            birth_places=distinct(said.birth_places),
            identifiers=tuple(identifiers),
            addresses=addresses,
            remarks="; ".join(distinct([title, remarks])),
        )
    )
