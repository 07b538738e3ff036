"""What the command line decides is stored too, unless it is told `--dry`."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from carveout.engine import Decision, Engine
from carveout.engine.cli.look import FAULT, refuse
from carveout.engine.cli.reading import settings
from carveout.engine.facts.problems import Problem

if TYPE_CHECKING:
    from carveout.engine.records.making import TableWrite
    from carveout.engine.records.store import Store

DryOption = Annotated[bool, typer.Option("--dry", help="Decide only; store nothing.")]


def person() -> str:
    """Who sits at the command line, as the operating system knows them."""
    try:
        return f"os:{getpass.getuser()}"
    except (KeyError, OSError):
        return "os:unknown"


@contextmanager
def open_store(*, or_dry: bool = False) -> Iterator[Store]:
    """The store of the settings; leaves saying what is wrong with it. `or_dry`: the command has `--dry`."""
    from carveout.engine.records.database import StoreFault  # the database layer takes a fifth of a second to load
    from carveout.engine.records.store import Store

    now = settings()
    hint = "; with --dry nothing is stored" if or_dry else ""
    try:
        store = Store.open(now.home, now.database)
        try:
            yield store
        finally:
            store.close()
    except StoreFault as fault:
        refuse([f"the store: {fault}{hint}"], FAULT)


def keep(engine: Engine, transaction: Any, decision: Decision, as_known: str | None) -> str:
    """Store a decision; its id."""
    with open_store(or_dry=True) as store:
        kept = store.keep(engine.rules, transaction, decision, person=person(), as_known=as_known).result()
        return kept.envelope.id


class TableKeeping:
    """Gathers the decisions of a table, and stores all of them before the answer is written."""

    def __init__(self, engine: Engine, store: Store) -> None:
        self._store = store
        self._table: TableWrite = store.table(engine.rules, person=person())

    def keep(self, rows: list[int], transaction: Any, result: Decision | list[Problem]) -> None:
        """One decision of the table, or why there is none."""
        if isinstance(result, Decision):
            self._table.add(rows, transaction, result)
        else:
            self._table.add_failed(rows, [f"{problem.field}: {problem.message}" for problem in result])

    def kept(self, data: bytes, answer: bytes) -> bytes:
        """Store it all; the answer."""
        return self._store.finish(self._table, data, answer)
