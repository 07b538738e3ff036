"""A CSV in memory through the engine's batch, with its refusals as problems."""

from __future__ import annotations

from typing import Any

from carveout.api import metrics
from carveout.api.problems import Problem
from carveout.api.store_keeping import Asking, Keeper
from carveout.engine import Decision, Engine
from carveout.engine.batch.screening import screen_bytes
from carveout.engine.batch.tables import TableError
from carveout.engine.facts.problems import Problem as FieldProblem


def screened(engine: Engine, raw: bytes, keeper: Keeper, asking: Asking) -> bytes:
    """The screened CSV, stored with all its decisions. Raises Problem."""
    keeper.in_step()
    engine = engine.pinned()
    table = keeper.ask_now(lambda store: store.table(engine.rules, person=asking.person, key=asking.key))

    def keep(rows: list[int], transaction: Any, result: Decision | list[FieldProblem]) -> None:
        if isinstance(result, Decision):
            metrics.decided(result.outcome)
            table.add(rows, transaction, result)
        else:
            table.add_failed(rows, [f"{problem.field}: {problem.message}" for problem in result])

    try:
        answer = screen_bytes(engine, raw, keep=keep)[0]
    except TableError as error:
        raise Problem(
            422,
            "bad-csv",
            "The table was refused before any row was decided.",
            [("file", str(fault)) for fault in error.faults],
        ) from None
    return keeper.ask_now(lambda store: store.finish(table, raw, answer))
