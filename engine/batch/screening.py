"""A table decided row by row: rows that state the same share one decision, and the order is kept."""

from __future__ import annotations

import csv
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from carveout.engine.batch.answers import Answer, answer_columns, answered, failed, harmless
from carveout.engine.batch.limits import LARGEST_TABLE, in_words
from carveout.engine.batch.rows import Row, facts_key
from carveout.engine.batch.tables import Table, TableError, read_table
from carveout.engine.decide.decision import Decision, Engine
from carveout.engine.facts.problems import Problem, StatementError

Progress = Callable[[int, int], None]
"""Told how many rows are done, of how many."""
Keep = Callable[[list[int], Any, Decision | list[Problem]], None]
"""Told of each decision: numbers of its rows (from 1), what they state (None if unreadable), what came of it."""
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of a table."""

    rows: int
    distinct: int
    """How many decisions it took."""
    proceed: int
    review: int
    stop: int
    errors: int
    """Rows that could not be decided; they are among those to review."""
    encoding: str
    delimiter: str

    @property
    def outcome(self) -> str:
        """The strictest of all rows."""
        return "stop" if self.stop else "review" if self.review else "proceed"


def screen_csv(
    engine: Engine,
    source: Path,
    target: Path,
    progress: Progress | None = None,
    *,
    encoding: str | None = None,
    keep: Keep | None = None,
    kept: Callable[[bytes, bytes], bytes] | None = None,
) -> Summary:
    """Decide every row of one file into another. Raises TableError before any work, and OSError.

    The answer is written beside its place and then put there: never half of it. `kept`
    is told what came in and what would go out, and says what goes.
    """
    if source.stat().st_size > LARGEST_TABLE:
        raise TableError([f"the file is larger than {in_words(LARGEST_TABLE)}: split it"])
    data = source.read_bytes()
    answer, summary = screen_bytes(engine, data, progress, encoding=encoding, keep=keep)
    write_whole(target, kept(data, answer) if kept else answer)
    return summary


def screen_bytes(
    engine: Engine,
    data: bytes,
    progress: Progress | None = None,
    *,
    encoding: str | None = None,
    keep: Keep | None = None,
) -> tuple[bytes, Summary]:
    """The same in memory: the bytes of a CSV file in, those of the answer out. Raises TableError."""
    table = read_table(data, engine.rules, encoding=encoding)
    answers: dict[int, Answer] = {}
    distinct = done = 0
    if progress:
        progress(0, len(table.rows))
    for numbers, decision in decided(engine, table):
        answer = answered(decision.body) if isinstance(decision, Decision) else failed(decision)
        if keep:
            keep([number + 1 for number in numbers], _stated(table, numbers[0]), decision)
        answers.update(dict.fromkeys(numbers, answer))
        distinct += 1
        done += len(numbers)
        if progress:
            progress(done, len(table.rows))
    in_order = [answers[number] for number in range(len(table.rows))]
    count = {word: sum(answer.outcome == word for answer in in_order) for word in ("proceed", "review", "stop")}
    summary = Summary(
        rows=len(in_order), distinct=distinct, errors=sum(bool(answer.error) for answer in in_order),
        encoding=table.encoding, delimiter=table.delimiter, **count,
    )  # fmt: skip
    return _written(table, in_order, sorted(engine.rules.authorities)), summary


def decided(engine: Engine, table: Table) -> Iterator[tuple[list[int], Decision | list[Problem]]]:
    """For each distinct set of facts the numbers of its rows, and the decision or what is wrong with it."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for number, cells in enumerate(table.rows):
        groups.setdefault(facts_key(table, cells), []).append(number)
    for numbers in groups.values():
        yield numbers, _decide(engine, table, numbers[0])


def _decide(engine: Engine, table: Table, number: int) -> Decision | list[Problem]:
    row: Row | None = None
    try:
        row = Row(table, table.rows[number])
        return engine.check(row.transaction)
    except StatementError as error:
        return row.named(error) if row else error.problems
    except Exception as error:  # one row that the engine cannot decide must not take the others with it
        _log.exception("row %d could not be decided", number + 1)
        return [Problem("row", f"could not be decided: {type(error).__name__}: {str(error)[:200]}")]


def _stated(table: Table, number: int) -> Any:
    try:
        return Row(table, table.rows[number]).transaction
    except StatementError:
        return None


def _written(table: Table, answers: list[Answer], authorities: list[str]) -> bytes:
    width = len(table.header)
    rows = [
        [harmless(cell) for cell in [*cells[:width], *[""] * (width - len(cells)), *answer.cells(authorities)]]
        for cells, answer in zip(table.rows, answers, strict=True)
    ]
    header = [*(harmless(heading) for heading in table.header), *answer_columns(authorities)]
    frame = pd.DataFrame(rows, columns=header, dtype=object)
    # the writer leaves a bare carriage return unquoted, and readers take it for the end of the row
    bare = any("\r" in cell for row in [*rows, header] for cell in row)
    quoting: Final = csv.QUOTE_ALL if bare else csv.QUOTE_MINIMAL
    text = frame.to_csv(index=False, sep=table.delimiter, lineterminator="\n", quoting=quoting)
    return text.encode("utf-8-sig" if table.marked else "utf-8")


def write_whole(target: Path, content: bytes) -> None:
    """Write a file beside its place and put it there in one step. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as part:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        os.chmod(name, mode)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
