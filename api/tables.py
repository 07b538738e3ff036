"""A CSV in memory through the engine's batch, with its refusals as problems."""

from __future__ import annotations

from carveout.engine import Engine


def screened(engine: Engine, raw: bytes) -> bytes:
    """The screened CSV. Raises Problem."""
    raise NotImplementedError
