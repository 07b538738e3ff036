"""The consolidated list of asset freeze targets of the Office of Financial Sanctions Implementation, CSV and XLSX."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from carveout.engine.parties.lists import uk
from carveout.engine.parties.lists.dates import known_date
from carveout.engine.parties.lists.entry import (
    ALIAS,
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
from carveout.engine.parties.lists.spreadsheets import workbook
from carveout.engine.parties.lists.tables import Columns, Row, delimited, ends_with_line

NEEDED = ("Name 6", "Name 1", "Group Type", "Alias Type", "Regime", "Listed On", "Group ID")
_DATED = "last updated"
_BARE = re.compile(r"(?<![\w/.-])[A-Z]{0,3}\d{5,14}[A-Z]?(?![\w/])")
_TOLD = re.compile(r"\(?(Business Reg No|IMO number|IMO|MMSI)\)?: ?(.+?)(?=\. [A-Z(]| \([A-Z][^()]{2,60}\):|\.?$)")
_REFERENCE = re.compile(r"\(UK Sanctions List Ref\): ?([A-Z]{3}\d{4})")


def read_csv(contents: Sequence[Content]) -> Reading:
    """Reads the CSV form whole. Raises ListRefused."""
    content = only(contents)
    if not ends_with_line(content):
        raise content.refuse("ends within a line: cut short; fetch it again")
    return _read(content, delimited(content), spreadsheet=False)


def read_xlsx(contents: Sequence[Content]) -> Reading:
    """Reads the XLSX form whole. Raises ListRefused."""
    content = only(contents)
    return _read(content, workbook(content), spreadsheet=True)


def _read(content: Content, rows: Iterator[Row], *, spreadsheet: bool) -> Reading:
    first = next(rows, [])
    published = ""
    if first and first[0].strip().casefold() == _DATED and "Group ID" not in first:
        published = known_date(first[1] if len(first) > 1 else "")
        first = next(rows, [])
    columns = Columns(content, first, NEEDED)
    groups: dict[str, list[Row]] = {}
    count = 0
    for line, row in enumerate(rows, 3):
        if any(cell.strip() for cell in row):
            row = columns.whole(row, line) if spreadsheet else columns.exact(row, line)
            number = columns.cell(row, "Group ID")
            if not number.isdecimal() or not uk.name_of(partial(columns.cell, row)):
                raise content.refuse(f"row {line} has no name or group number (`{number}`): cut short or edited")
            groups.setdefault(number, []).append(row)
            count += 1
    entries = [_entry(columns, number, group) for number, group in groups.items()]
    return Reading("uk.ofsi", entries, count, published)


def _entry(columns: Columns, number: str, rows: Sequence[Row]) -> ListEntry:
    def say(name: str) -> list[str]:
        return [text for row in rows if (text := columns.cell(row, name))]

    kind = uk.kind_of(next(iter(say("Group Type")), ""))
    names = [name for row in rows for name in _names(columns, row)]
    addresses = dict.fromkeys(address for row in rows for address in _address(columns, row))
    nations = [nation for cell in say("Nationality") for nation in uk.counted(cell)]
    told = {"regime": "; ".join(distinct(say("Regime"))), "uk_sanctions_list": _reference(say)}
    return ListEntry(
        list=uk.LIST,
        uid=f"ofsi-{number}",
        kind=kind,
        names=distinct_names(uk.primary_first(names)),
        programmes=(uk.FREEZE,),
        countries=distinct(
            [*nations, *say("Country"), *(x for cell in say("Country of Birth") for x in uk.counted(cell))]
        ),
        birth_dates=distinct(map(known_date, say("DOB"))) if kind == PERSON else (),
        birth_places=distinct(say("Town of Birth")),
        identifiers=tuple(dict.fromkeys(_numbers(say))),
        addresses=tuple(addresses),
        listed_on=min(map(known_date, say("Listed On")), default=""),
        updated_on=max(map(known_date, say("Last Updated")), default=""),
        remarks="; ".join(distinct([*say("Position"), *say("Other Information")])),
        details={key: text for key, text in told.items() if text},
    )


def _names(columns: Columns, row: Row) -> Iterator[ListedName]:
    kind = uk.name_kind(columns.cell(row, "Alias Type"), columns.cell(row, "Alias Quality"))
    yield ListedName(uk.name_of(partial(columns.cell, row)), kind)
    if script := columns.cell(row, "Name Non-Latin Script"):
        language = columns.cell(row, "Non-Latin Script Language").casefold()
        yield ListedName(script, ALIAS, language, columns.cell(row, "Non-Latin Script Type"))


def _address(columns: Columns, row: Row) -> tuple[Address, ...]:
    lines = (columns.cell(row, f"Address {line}") for line in range(1, 7))
    return uk.address_of(lines, columns.cell(row, "Post/Zip Code"), columns.cell(row, "Country"))


def _numbers(say: Callable[[str], list[str]]) -> Iterator[Identifier]:
    given = [
        *(("Passport", number) for cell in say("Passport Number") for number in uk.counted(cell)),
        *(("National ID No.", number) for cell in say("National Identification Number") for number in uk.counted(cell)),
    ]
    if not given:  # before 2022 the numbers stood in sentences
        given = [
            *(("Passport", number) for cell in say("Passport Details") for number in _BARE.findall(cell)),
            *(("National ID No.", number) for cell in say("NI Number") for number in _BARE.findall(cell)),
        ]
    for text in say("Other Information"):
        told = _TOLD.findall(text)
        given += [(label, number) for label, cell in told for number in uk.counted(cell)]
    return (found for label, number in given if (found := identifier(label, number.split(" (")[0])))


def _reference(say: Callable[[str], list[str]]) -> str:
    found = (_REFERENCE.search(text) for text in say("Other Information"))
    return next((match[1] for match in found if match), "")
