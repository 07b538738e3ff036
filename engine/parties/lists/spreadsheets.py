"""XLSX and ODS tables read as a stream of rows, every cell as the text that it shows.

Read here and not by a library because each part is XML from outside: one hardened parser with its limits reads all.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

from carveout.engine.parties.lists.guard import DAMAGE, Content, ListRefused
from carveout.engine.parties.lists.tables import Row
from carveout.engine.parties.lists.xml_records import Node, records

_WIDEST, _BLANK_ROWS = 1_024, 50_000
_INLINE = {"s": " ", "tab": " ", "line-break": "\n", "span": "", "a": ""}
_PLACE = re.compile(r"([A-Z]{1,3})\d+$")
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})  # ECMA-376 part 1, 18.8.30
_DATED = re.compile(r"[dmyhs]", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_LAST_DAY = 2_958_465  # 9999-12-31


def members(content: Content) -> frozenset[str]:
    """The parts of an archive. Raises ListRefused."""
    with _damage_refused(content), zipfile.ZipFile(content.path) as archive:
        return frozenset(archive.namelist())


def opendocument(content: Content) -> Iterator[Row]:
    """The rows of an ODS file. Raises ListRefused, also at its end."""
    with _damage_refused(content):
        for node in records(_part(content, "content.xml"), frozenset({"table-row"}), _INLINE):
            if node.tag == "table-row" and any(row := _open_cells(node)):
                yield from [row] * min(int(node.get("number-rows-repeated") or 1), _WIDEST)


def _open_cells(row: Node) -> Row:
    shown: Row = []
    for cell in row.children:
        if cell.tag in ("table-cell", "covered-table-cell"):
            text = "\n".join(paragraph.text for paragraph in cell.all("p")).strip()
            if cell.get("value-type") == "date" and (day := cell.get("date-value")[:10]):
                text = "/".join(reversed(day.split("-")))
            shown += [text] * min(int(cell.get("number-columns-repeated") or 1), _WIDEST - len(shown))
    return _trimmed(shown)


def workbook(content: Content) -> Iterator[Row]:
    """The rows of the first sheet of an XLSX file. Raises ListRefused, also at its end."""
    parts = members(content)
    with _damage_refused(content):
        book = _Book(content, parts)
        blank = 0
        for node in records(_part(content, book.sheet), frozenset({"row"})):
            row = book.cells(node) if node.tag == "row" else []
            blank = 0 if row else blank + 1
            if blank > _BLANK_ROWS:
                raise content.refuse(f"has more than {_BLANK_ROWS:,} empty rows; do not use it")
            if row:
                yield row


class _Book:
    """What the cells of a sheet refer to."""

    def __init__(self, content: Content, parts: frozenset[str]) -> None:
        sheets, self._epoch = [], date(1899, 12, 30)
        for node in records(_part(content, "xl/workbook.xml"), frozenset({"sheet", "workbookPr"})):
            if node.tag == "sheet":
                sheets.append(node.get("id"))
            elif node.get("date1904") in ("1", "true"):
                self._epoch = date(1904, 1, 1)
        targets = {
            node.get("Id"): node.get("Target")
            for node in records(_part(content, "xl/_rels/workbook.xml.rels"), frozenset({"Relationship"}))
        }
        target = targets[sheets[0]]
        self.sheet = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        self._strings: list[str] = []
        if "xl/sharedStrings.xml" in parts:
            strings = records(_part(content, "xl/sharedStrings.xml"), frozenset({"si"}))
            self._strings = [_said(node) for node in strings if node.tag == "si"]
        self._dated: list[bool] = []
        if "xl/styles.xml" in parts:
            self._dated = _date_styles(records(_part(content, "xl/styles.xml"), frozenset({"numFmts", "cellXfs"})))

    def cells(self, row: Node) -> Row:
        """The texts of a row, gaps filled."""
        shown: Row = []
        for cell in row.all("c"):
            place = _column(cell.get("r"), len(shown))
            if place < _WIDEST:
                shown += [""] * (place - len(shown))
                shown[place:] = [self._shown(cell)]
        return _trimmed(shown)

    def _shown(self, cell: Node) -> str:
        kind, value = cell.get("t"), cell.say("v")
        if kind == "s":
            return self._strings[int(value)].strip()
        if kind == "inlineStr":
            return "".join(_said(node) for node in cell.all("is")).strip()
        if kind in ("", "n") and value:
            number, style = float(value), cell.get("s")
            if style.isdecimal() and int(style) < len(self._dated) and self._dated[int(style)]:
                return self._day(number)
            return str(int(number)) if number.is_integer() else value
        return "/".join(reversed(value[:10].split("-"))) if kind == "d" else value

    def _day(self, number: float) -> str:
        return (self._epoch + timedelta(days=min(max(int(number), 0), _LAST_DAY))).strftime("%d/%m/%Y")


def _said(node: Node) -> str:
    """A text, in one piece or in runs; how it is pronounced is left out."""
    return "".join(x.text for x in node.all("t")) + "".join(x.text for x in node.all("r", "t"))


def _date_styles(nodes: Iterator[Node]) -> list[bool]:
    formats: dict[int, bool] = {}
    styles: list[int] = []
    for node in nodes:
        for x in node.all("numFmt"):
            formats[int(x.get("numFmtId"))] = bool(_DATED.search(_QUOTED.sub("", x.get("formatCode"))))
        if node.tag == "cellXfs":
            styles = [int(x.get("numFmtId") or 0) for x in node.all("xf")]
    return [formats.get(number, number in _DATE_FORMATS) for number in styles]


def _column(place: str, otherwise: int) -> int:
    found = _PLACE.match(place)
    if not found:
        return otherwise
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - 64
    return max(number - 1, otherwise)


def _trimmed(row: Row) -> Row:
    while row and not row[-1]:
        row.pop()
    return row


def _part(content: Content, name: str) -> Content:
    return replace(content, member=name, encoding="utf-8")


@contextmanager
def _damage_refused(content: Content) -> Iterator[None]:
    try:
        yield
    except ListRefused:
        raise
    except (*DAMAGE, ValueError, LookupError, OverflowError) as error:
        raise content.refuse(f"is no whole spreadsheet ({error}); fetch it again") from None
