"""A CSV in memory through the engine's batch, with its refusals as problems."""

from __future__ import annotations

from carveout.api.problems import Problem
from carveout.engine import Engine
from carveout.engine.batch.screening import screen_bytes
from carveout.engine.batch.tables import TableError


def screened(engine: Engine, raw: bytes) -> bytes:
    """The screened CSV. Raises Problem."""
    try:
        return screen_bytes(engine, raw)[0]
    except TableError as error:
        raise Problem(
            422,
            "bad-csv",
            "The table was refused before any row was decided.",
            [("file", str(fault)) for fault in error.faults],
        ) from None
