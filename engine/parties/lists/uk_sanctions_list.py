"""The UK Sanctions List of the Foreign, Commonwealth and Development Office: XML, and ODS, XLSX or CSV tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from carveout.engine.parties.lists import uk
from carveout.engine.parties.lists.dates import known_date
from carveout.engine.parties.lists.entry import (
    ALIAS,
    GENERAL,
    PERSON,
    Address,
    Identifier,
    ListedName,
    ListEntry,
    distinct,
    distinct_names,
)
from carveout.engine.parties.lists.guard import Content
from carveout.engine.parties.lists.identifiers import identifier
from carveout.engine.parties.lists.reading import Reading, only
from carveout.engine.parties.lists.spreadsheets import opendocument, workbook
from carveout.engine.parties.lists.tables import Columns, Row, delimited, ends_with_line
from carveout.engine.parties.lists.xml_records import Node, records

NEEDED = ("Unique ID", "Name 6", "Name 1", "Name type", "Regime Name", "Sanctions Imposed", "Date Designated")
_DATED = re.compile(r"(?i)report date:?\s*(.*)")
_REGISTERED = re.compile(r"[0-9A-Z][0-9A-Z/.-]{5,}")

Says = Callable[[str], list[str]]


def read_xml(contents: Sequence[Content]) -> Reading:
    """Reads the XML form whole. Raises ListRefused."""
    content = only(contents)
    published, entries = "", []
    for node in records(content, frozenset({"Designation", "DateGenerated"})):
        if node.tag == "DateGenerated":
            published = known_date(node.say())
        elif node.tag == "Designation":
            entries.append(_from_node(content, node))
    return Reading(uk.LIST, entries, len(entries), published)


def read_csv(contents: Sequence[Content]) -> Reading:
    """Reads the CSV form whole. Raises ListRefused."""
    content = only(contents)
    if not ends_with_line(content):
        raise content.refuse("ends within a line: cut short; fetch it again")
    return _read(content, delimited(content), spreadsheet=False)


def read_ods(contents: Sequence[Content]) -> Reading:
    """Reads the ODS form whole. Raises ListRefused."""
    return _read(only(contents), opendocument(only(contents)), spreadsheet=True)


def read_xlsx(contents: Sequence[Content]) -> Reading:
    """Reads the XLSX form whole. Raises ListRefused."""
    return _read(only(contents), workbook(only(contents)), spreadsheet=True)


def _read(content: Content, rows: Iterator[Row], *, spreadsheet: bool) -> Reading:
    first, published = next(rows, []), ""
    while first and "Unique ID" not in [cell.strip() for cell in first]:
        if dated := _DATED.match(" ".join(first).strip()):
            published = known_date(dated[1])
        first = next(rows, [])
    columns = Columns(content, first, NEEDED)
    groups: dict[str, list[Row]] = {}
    count = 0
    for line, row in enumerate(rows, 3):
        if any(cell.strip() for cell in row):
            row = columns.whole(row, line) if spreadsheet else columns.exact(row, line)
            uid = columns.cell(row, "Unique ID")
            if not uid or not (uk.name_of(partial(columns.cell, row))):
                raise content.refuse(f"row {line} has no name or unique id (`{uid}`): cut short or edited")
            groups.setdefault(uid, []).append(row)
            count += 1
    return Reading(uk.LIST, [_from_rows(columns, uid, group) for uid, group in groups.items()], count, published)


def _from_rows(columns: Columns, uid: str, rows: Sequence[Row]) -> ListEntry:
    def say(name: str) -> list[str]:
        found = [text for row in rows if (text := columns.cell(row, name))]
        # The column had another name before 2025.
        return found or (say("Individual, Entity, Ship") if name == "Designation Type" else [])

    names: list[ListedName] = []
    addresses: list[Address] = []
    for row in rows:
        kind = uk.name_kind(columns.cell(row, "Name type"), columns.cell(row, "Alias strength"))
        names.append(ListedName(uk.name_of(partial(columns.cell, row)), kind))
        language = columns.cell(row, "Non-latin script language").casefold()
        script = columns.cell(row, "Non-latin script type")
        names.append(ListedName(columns.cell(row, "Name non-latin script"), ALIAS, language, script))
        lines = (columns.cell(row, f"Address Line {line}") for line in range(1, 7))
        addresses += uk.address_of(
            lines, columns.cell(row, "Address Postal Code"), columns.cell(row, "Address Country")
        )
    return _entry(uid, say, names, addresses)


def _from_node(content: Content, node: Node) -> ListEntry:
    def say(name: str) -> list[str]:
        return node.says(*uk.XML_PATHS[name])

    names = [
        ListedName(
            uk.name_of(partial(_part, x)),
            uk.name_kind(x.say("NameType"), x.say("AliasStrength")),
        )
        for x in node.all("Names", "Name")
    ]
    uid = node.say("UniqueID")
    if not uid or not any(name.name for name in names):
        raise content.refuse(f"has a designation without unique id or name (`{uid}`); fetch it again")
    names += [
        ListedName(
            x.say("NameNonLatinScript"),
            ALIAS,
            x.say("NonLatinScriptLanguage").casefold(),
            x.say("NonLatinScriptType"),
        )
        for x in node.all("NonLatinNames", "NonLatinName")
    ]
    addresses = [
        address
        for x in node.all("Addresses", "Address")
        for address in uk.address_of(
            [x.say(f"AddressLine{line}") for line in range(1, 7)], x.say("AddressPostalCode"), x.say("AddressCountry")
        )
    ]
    return _entry(uid, say, names, addresses)


def _part(name: Node, part: str) -> str:
    return name.say(part.replace(" ", ""))


def _entry(uid: str, say: Says, names: Iterable[ListedName], addresses: Iterable[Address]) -> ListEntry:
    kind = uk.kind_of(next(iter(say("Designation Type")), ""))
    places = tuple(dict.fromkeys(addresses))
    nations = [nation for cell in say("Nationality(/ies)") for nation in uk.counted(cell)]
    told = {
        "regime": "; ".join(distinct(say("Regime Name"))),
        "ofsi_group": "; ".join(distinct(say("OFSI Group ID"))),
        "un_number": "; ".join(distinct(say("UN Reference Number"))),
    }
    return ListEntry(
        list=uk.LIST,
        uid=uid,
        kind=kind,
        names=distinct_names(uk.primary_first(names)),
        programmes=uk.measures("|".join(say("Sanctions Imposed"))) or (GENERAL,),
        countries=distinct([*nations, *(x.country for x in places), *say("Current believed flag of ship")]),
        birth_dates=distinct(map(_birth, say("D.O.B"))) if kind == PERSON else (),
        birth_places=distinct([*say("Town of birth"), *say("Country of birth")]),
        identifiers=tuple(dict.fromkeys(_numbers(say))),
        addresses=places,
        listed_on=min(map(known_date, say("Date Designated")), default=""),
        updated_on=max(map(known_date, say("Last Updated")), default=""),
        remarks="; ".join(distinct([*say("Position"), *say("Other Information")])),
        details={key: text for key, text in told.items() if text},
    )


def _birth(text: str) -> str:
    return known_date(text.casefold())


def _numbers(say: Says) -> Iterator[Identifier]:
    for column, label in (
        ("Passport number", "Passport"),
        ("National Identifier number", "National ID No."),
        ("IMO number", "IMO number"),
    ):
        for cell in say(column):
            yield from filter(None, (identifier(label, number) for number in uk.counted(cell)))
    for cell in say("Business registration number (s)"):
        numbers = (x for x in _REGISTERED.findall(cell) if any(map(str.isdigit, x)))
        yield from filter(None, (identifier("Registration number", number) for number in numbers))
