"""Reading a table as spreadsheets write it: encodings, delimiters, and what cannot be told apart is refused."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from carveout.engine.batch.columns import Column, column_named, columns_of, read_header, spelled
from carveout.engine.batch.limits import LARGEST_TABLE, in_words
from carveout.engine.law.ruleset import RuleSet

MOST_ROWS = 1_000_000
DELIMITERS = (",", ";", "\t", "|")
_NOT_WESTERN = re.compile(rb"[\xc0-\xff]{3}")
"""Three such letters in a row do not happen in western Europe: another alphabet, or broken UTF-8."""


class TableError(Exception):
    """A table that is refused before any work; carries every fault found."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


@dataclass(frozen=True, slots=True)
class Table:
    """A table with known columns; rows are as long as they were written."""

    header: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: list[list[str]]
    delimiter: str
    encoding: str
    marked: bool
    """True where a spreadsheet needs a mark of the encoding to read the answer."""


def read_table(data: bytes, rules: RuleSet, *, encoding: str | None = None) -> Table:
    """The table in the bytes of a CSV file. Raises TableError naming all that is wrong with it."""
    if len(data) > LARGEST_TABLE:
        raise TableError([f"the file is larger than {in_words(LARGEST_TABLE)}: split it"])
    text, used, marked = _decoded(data, encoding)
    at = text.find("\0")
    if at >= 0:
        raise TableError([f"line {text.count(chr(10), 0, at) + 1}: the file holds a NUL character: not a CSV file"])
    if not text.strip():
        raise TableError(["the file is empty: a header and at least one row are needed"])
    first, _, rest = text.partition("\n")
    declared = re.fullmatch(r"sep=(.)\r?", first)  # a first line of Excel's own
    if declared:
        text = rest
    delimiter = declared[1] if declared else _delimiter(text, rules)
    header, rows = _records(text, delimiter, 2 if declared else 1)
    columns, faults = read_header(header, rules)
    for number, (heading, column) in enumerate(zip(header, columns, strict=False)):
        if not heading.strip() and column.thing == "carried":
            line = next((i for i, row in enumerate(rows, 1) if number < len(row) and row[number].strip()), None)
            if line is not None:
                faults.append(f"column {number + 1} has no name, and row {line} has something in it")
    if faults:
        raise TableError(faults)
    if not rows:
        raise TableError(["the table has a header and no row"])
    return Table(tuple(header), tuple(columns), rows, delimiter, used, marked)


def _decoded(data: bytes, encoding: str | None) -> tuple[str, str, bool]:
    if encoding is not None:
        try:
            return data.decode(encoding).removeprefix("\ufeff"), encoding, True
        except LookupError:
            raise TableError([f"`{encoding[:40]}` is no encoding (utf-8, cp1252, cp1251, utf-16 ...)"]) from None
        except UnicodeError as error:
            raise TableError([f"the file is not {encoding[:40]}: {str(error)[:120]}"]) from None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16"), "utf-16", True
        except UnicodeDecodeError as error:
            raise TableError([f"the file is not the UTF-16 that it says it is (byte {error.start})"]) from None
    try:
        return data.decode("utf-8-sig"), "utf-8", data.startswith(b"\xef\xbb\xbf")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = "save it as UTF-8, or say its encoding"
        if _some_utf8(data):
            raise TableError([f"line {line}: broken UTF-8 (byte {error.start}): {hint}"]) from None
        if _NOT_WESTERN.search(data):
            raise TableError([f"line {line}: neither UTF-8 nor Windows-1252 (byte {error.start}): {hint}"]) from None
    try:
        return data.decode("cp1252"), "cp1252", True
    except UnicodeDecodeError:
        raise TableError([f"line {line}: neither UTF-8 nor Windows-1252: {hint}"]) from None


def _some_utf8(data: bytes) -> bool:
    """Is some of what is not ASCII good UTF-8? Then the rest is damage and not another encoding."""
    text = data.decode("utf-8", "surrogateescape")
    return any(character > "\x7f" and not "\udc80" <= character <= "\udcff" for character in text)


def _delimiter(text: str, rules: RuleSet) -> str:
    """The delimiter with which the most of the first line are columns."""
    line = text.lstrip("\r\n").partition("\n")[0][:100_000]
    known = columns_of(rules)

    def meant(delimiter: str) -> int:
        cells = line.replace('"', "").split(delimiter)
        return sum(column_named(spelled(cell), known) is not None for cell in cells[:2_000])

    return max(DELIMITERS, key=meant)


def _records(text: str, delimiter: str, line: int) -> tuple[list[str], list[list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    rows: list[list[str]] = []
    started = 0
    try:
        for record in reader:
            started = reader.line_num
            if not record:
                continue  # a blank line is no row
            if header is None:
                header = record
            elif len(rows) == MOST_ROWS:
                raise TableError([f"the table has more than {MOST_ROWS:,} rows: split it"])
            else:
                rows.append(record)
    except csv.Error as error:
        problem = str(error)
        if "unexpected end" in problem:
            problem = "a quote is opened and never closed"
        elif "field limit" in problem:
            problem = f"a cell is longer than {csv.field_size_limit():,} characters"
        elif "expected after" in problem:
            problem = "a quote is closed in the middle of a cell"
        raise TableError([f"line {started + line}: {problem}"]) from None
    return header or [], rows
