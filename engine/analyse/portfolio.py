"""A portfolio that somebody uploads: transactions as JSON lines or as a CSV, each by its line or row."""

from __future__ import annotations

from typing import Any

from carveout.engine.analyse.reports import Portfolio
from carveout.engine.batch.limits import LARGEST_TABLE, LARGEST_TRANSACTION, in_words
from carveout.engine.batch.rows import Row
from carveout.engine.batch.stated import MOST_DEPTH, read_json
from carveout.engine.batch.tables import TableError, read_table
from carveout.engine.facts.problems import StatementError
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.records.canonical import canonical_json, digest

MOST_FAULTS = 50
MOST_LINES = 1_000_000


class PortfolioFault(ValueError):
    """A portfolio that cannot be read; carries what is wrong, line by line."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults[:MOST_FAULTS])
        super().__init__("; ".join(self.faults))


def read_portfolio(data: bytes, rules: RuleSet) -> Portfolio:
    """The transactions of a file; text that begins with `{` is JSON lines. Raises PortfolioFault: all or nothing."""
    if len(data) > LARGEST_TABLE:
        raise PortfolioFault([f"the file is larger than {in_words(LARGEST_TABLE)}: split it"])
    found = _lines(data) if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else _rows(data, rules)
    return Portfolio(digest(data), found)


def _lines(data: bytes) -> list[tuple[str, Any]]:
    found, faults = [], []
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if len(lines) > MOST_LINES:
        raise PortfolioFault([f"more than {MOST_LINES:,} lines: split it"])
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        name = f"line {number}"
        try:
            if len(line) > LARGEST_TRANSACTION:
                raise ValueError(f"is larger than {in_words(LARGEST_TRANSACTION)}")
            stated = read_json(line.decode())
            if not isinstance(stated, dict):
                raise ValueError("must be a JSON object")
            _can_be_said(line, stated)
        except StatementError as error:
            faults += [f"{name}: {problem.message}" for problem in error.problems]
        except UnicodeDecodeError:
            faults.append(f"{name}: is not UTF-8")
        except ValueError as error:
            faults.append(f"{name}: {error}")
        else:
            found.append((name, stated))
    if faults:
        raise PortfolioFault(faults)
    return found


def _can_be_said(line: bytes, stated: Any) -> None:
    """That it can be told from others by its bytes. Raises ValueError for half a character, or endless depth."""
    if b"\\u" not in line and line.count(b"{") + line.count(b"[") <= MOST_DEPTH:
        return
    try:
        canonical_json(stated)
    except UnicodeEncodeError:
        raise ValueError("text is not valid Unicode") from None
    except RecursionError:
        raise ValueError("is nested too deep") from None


def _rows(data: bytes, rules: RuleSet) -> list[tuple[str, Any]]:
    try:
        table = read_table(data, rules)
    except TableError as error:
        raise PortfolioFault([str(fault) for fault in error.faults]) from None
    found, faults = [], []
    for number, cells in enumerate(table.rows, 1):
        try:
            found.append((f"row {number}", Row(table, cells).transaction))
        except StatementError as error:
            faults += [f"row {number}: {problem.field}: {problem.message}" for problem in error.problems]
    if faults:
        raise PortfolioFault(faults)
    return found
