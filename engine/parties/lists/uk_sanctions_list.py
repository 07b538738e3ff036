"""The UK Sanctions List of the Foreign, Commonwealth and Development Office: XML, and ODS, XLSX or CSV tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from carveout.engine.parties.lists import uk
from carveout.engine.parties.lists.dates import known_date
from carveout.engine.parties.lists.entry import (
    ALIAS,
    GENERAL,
    PERSON,
    Identifier,
    ListedName,
    ListEntry,
    distinct,
    distinct_names,
)
from carveout.engine.parties.lists.guard import Content
from carveout.engine.parties.lists.identifiers import identifier
from carveout.engine.parties.lists.reading import Reading, only
from carveout.engine.parties.lists.tables import Columns, Row, delimited, ends_with_line, opendocument, workbook
from carveout.engine.parties.lists.xml_records import Node, records

NEEDED = ("Unique ID", "Name 6", "Name 1", "Name type", "Regime Name", "Sanctions Imposed", "Date Designated")
_DATED = re.compile(r"(?i)report date:?\s*(.*)")
_KIND = ("Designation Type", "Individual, Entity, Ship")  # the column had another name before 2025
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
    return _read(content, delimited(content))


def read_ods(contents: Sequence[Content]) -> Reading:
    """Reads the ODS form whole. Raises ListRefused."""
    return _read(only(contents), opendocument(only(contents)))


def read_xlsx(contents: Sequence[Content]) -> Reading:
    """Reads the XLSX form whole. Raises ListRefused."""
    return _read(only(contents), workbook(only(contents)))


def _read(content: Content, rows: Iterator[Row]) -> Reading:
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
            row = columns.whole(row, line)
            uid = columns.cell(row, "Unique ID")
            if not uid or not (uk.name_of(lambda name, row=row: columns.cell(row, name))):
                raise content.refuse(f"row {line} has no name or unique id (`{uid}`): cut short or edited")
            groups.setdefault(uid, []).append(row)
            count += 1
    return Reading(uk.LIST, [_from_rows(columns, uid, group) for uid, group in groups.items()], count, published)
