"""Engines that ask real official lists (CARVEOUT_REALDATA names their folder)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from carveout.engine import Engine
from carveout.engine.decide.kept import LISTS, engine_at
from carveout.engine.parties.snapshots.store import Snapshots

from ..parties.snapshots.test_real_snapshots import FILES, REAL, taken

__all__ = ["REAL", "everything", "with_lists"]


def with_lists(home: Path, names: Iterable[str]) -> Engine:
    """An engine that asks some lists; a case calls a file by its path without the endings."""
    wanted = set(names)
    return _engine(home, [paths for paths in FILES if {path.split(".")[0] for path in paths} & wanted], len(wanted))


def everything(home: Path) -> Engine:
    """An engine that asks all lists, of all days."""
    return _engine(home, list(FILES), len(FILES))


def _engine(home: Path, files: list[tuple[str, ...]], expected: int) -> Engine:
    assert len(files) == expected, f"unknown list file among {files}"
    store = Snapshots(home / LISTS)
    for paths in files:
        taken(store, paths, confirmed="another vintage, or another form of it")
    return engine_at(home)
