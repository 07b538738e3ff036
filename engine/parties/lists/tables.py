"""Tables read as a stream of rows: delimited text, XLSX and ODS, every cell as the text that it shows."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime

import openpyxl
from openpyxl import DEFUSEDXML
from openpyxl.utils.exceptions import InvalidFileException

from carveout.engine.parties.lists.guard import Content, ListRefused
from carveout.engine.parties.lists.xml_records import Node, records

Row = list[str]

# A document type in a workbook is refused by defusedxml, which openpyxl uses where it is installed.
assert DEFUSEDXML, "the package defusedxml is missing: pip install defusedxml"

_WIDEST, _BLANK_ROWS = 1_024, 50_000
_INLINE = {"s": " ", "tab": " ", "line-break": "\n", "span": "", "a": ""}
_BLANKS = re.compile(r"\s+")


def delimited(content: Content, delimiter: str = ",") -> Iterator[Row]:
    """The rows of a delimited text. Raises ListRefused, also at its end: read all before believing any."""
    csv.field_size_limit(max(csv.field_size_limit(), content.limits.text))
    try:
        with content.text() as lines:
            yield from csv.reader(_without_nul(lines, content), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise content.refuse(f"a row cannot be read ({error}): cut short or edited; fetch it again") from None
    except (UnicodeError, EOFError, OSError) as error:
        raise content.refuse(f"cannot be read ({error}); fetch it again") from None


def _without_nul(lines: Iterable[str], content: Content) -> Iterator[str]:
    for line in lines:
        if "\0" in line:
            raise content.refuse("has NUL characters: damaged or in another encoding; fetch it again")
        yield line


def ends_with_line(content: Content) -> bool:
    """Whether the text ends with the end of a line, as it does unless it was cut short within one."""
    last = ""
    try:
        with content.text() as stream:
            while chunk := stream.read(1 << 20):
                last = chunk[-1]
    except (UnicodeError, EOFError, OSError) as error:
        raise content.refuse(f"cannot be read ({error}); fetch it again") from None
    return last in ("\n", "\r")


def workbook(content: Content) -> Iterator[Row]:
    """The rows of the first sheet of an XLSX file. Raises ListRefused, also at its end."""
    try:
        with content.open() as stream:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file says of its size may be wrong
            blank = 0
            for row in sheet.iter_rows(max_col=_WIDEST, values_only=True):
                shown = _shown(row)
                blank = 0 if shown else blank + 1
                if blank > _BLANK_ROWS:
                    raise content.refuse(f"has more than {_BLANK_ROWS:,} empty rows; do not use it")
                if shown:
                    yield shown
            book.close()
    except ListRefused:
        raise
    except (zipfile.BadZipFile, InvalidFileException, EOFError, OSError) as error:
        raise content.refuse(f"is no whole spreadsheet ({error}); fetch it again") from None
    except (ValueError, KeyError, IndexError, TypeError, SyntaxError, AttributeError) as error:
        raise content.refuse(f"is no spreadsheet that can be trusted ({error!r}); fetch it again") from None


def _shown(row: tuple[object, ...]) -> Row:
    shown = [_cell(value) for value in row] if any(row) else []
    while shown and not shown[-1]:
        shown.pop()
    return shown


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.strftime("%d/%m/%Y")  # as the authorities write it where the cell is text
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def opendocument(content: Content) -> Iterator[Row]:
    """The rows of an ODS file. Raises ListRefused, also at its end."""
    sheet = replace(content, member="content.xml", encoding="utf-8")
    try:
        for node in records(sheet, frozenset({"table-row"}), _INLINE):
            if node.tag == "table-row" and any(row := _cells(node)):
                yield from [row] * min(int(node.get("number-rows-repeated") or 1), _WIDEST)
    except ListRefused:
        raise
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise content.refuse(f"is no whole spreadsheet ({error}); fetch it again") from None


def _cells(row: Node) -> Row:
    shown: Row = []
    for cell in row.children:
        if cell.tag in ("table-cell", "covered-table-cell"):
            text = "\n".join(paragraph.text for paragraph in cell.all("p")).strip()
            if cell.get("value-type") == "date" and (day := cell.get("date-value")[:10]):
                text = "/".join(reversed(day.split("-")))
            shown += [text] * min(int(cell.get("number-columns-repeated") or 1), _WIDEST - len(shown))
    while shown and not shown[-1]:
        shown.pop()
    return shown


class Columns:
    """Rows by the names of their columns, whatever their order."""

    def __init__(self, content: Content, header: Row, needed: Iterable[str]) -> None:
        """Raises ListRefused where a needed column is missing or a name stands twice."""
        names = [_folded(name) for name in header]
        while names and not names[-1]:
            names.pop()
        twice = {name for name in names if names.count(name) > 1}
        missing = [name for name in needed if _folded(name) not in names]
        if twice or missing:
            what = f"has no column `{missing[0]}`" if missing else f"has the column `{min(twice)}` twice"
            raise content.refuse(f"{what}; fetch the official file again")
        self._content = content
        self._places = {name: place for place, name in enumerate(names)}
        self._width = len(names)
        self.names = [name.strip() for name in header[: self._width]]

    def whole(self, row: Row, line: int) -> Row:
        """The row, filled up where a spreadsheet left out empty cells at its end. Raises ListRefused if too long."""
        if any(row[self._width :]):
            raise self._content.refuse(f"row {line} has {len(row)} cells for {self._width} columns; fetch it again")
        return row[: self._width] + [""] * (self._width - len(row))

    def exact(self, row: Row, line: int) -> Row:
        """The row, which must have a cell for each column. Raises ListRefused."""
        if len(row) != self._width:
            raise self._content.refuse(
                f"row {line} has {len(row)} cells for {self._width} columns: cut short or edited"
            )
        return row

    def cell(self, row: Row, name: str) -> str:
        """The trimmed text in a column, empty where the file has no such column."""
        place = self._places.get(_folded(name))
        return row[place].strip() if place is not None else ""


def _folded(name: str) -> str:
    return _BLANKS.sub(" ", name).strip().casefold()
