"""Delimited text read as a stream of rows, and rows of any table by the names of their columns."""

from __future__ import annotations

import csv
import re
import threading
from collections.abc import Iterable, Iterator
from typing import IO

from carveout.engine.parties.lists.guard import Content

Row = list[str]

_LIMIT = threading.Lock()
_BLANKS = re.compile(r"\s+")


def delimited(content: Content, delimiter: str = ",") -> Iterator[Row]:
    """The rows of a delimited text. Raises ListRefused, also at its end: read all before believing any."""
    with _LIMIT:  # the limit is of the whole process: other tables keep theirs
        before = csv.field_size_limit(max(csv.field_size_limit(), content.limits.text))
        try:
            with content.text() as stream:
                rows = list(csv.reader(lines(content, stream), delimiter=delimiter, strict=True))
        except csv.Error as error:
            raise content.refuse(f"a row cannot be read ({error}): cut short or edited; fetch it again") from None
        finally:
            csv.field_size_limit(before)
    yield from rows


def lines(content: Content, stream: IO[str]) -> Iterator[str]:
    """The lines of a text, of bounded length and number. Raises ListRefused."""
    count, longest = 0, 4 * content.limits.text
    while line := stream.readline(longest + 1):
        count += 1
        if len(line) > longest or count > content.limits.entries:
            raise content.refuse(f"has more than {content.limits.entries:,} lines or one of {longest:,} letters")
        if "\0" in line:
            raise content.refuse("has NUL characters: damaged or in another encoding; fetch it again")
        yield line


def ends_with_line(content: Content) -> bool:
    """Whether the text ends with the end of a line, as it does unless it was cut short within one."""
    last = ""
    with content.text() as stream:
        while chunk := stream.read(1 << 20):
            last = chunk[-1]
    return last in ("\n", "\r")


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
