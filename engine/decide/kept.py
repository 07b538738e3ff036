"""An engine with what is kept on this machine: the official lists and the ownership register of CARVEOUT_HOME."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from carveout.engine.decide.decision import Engine
from carveout.engine.law.ruleset import SHIPPED
from carveout.engine.parties.registers.home import StoreFault, open_owners
from carveout.engine.parties.snapshots.model import SnapshotsError
from carveout.engine.parties.snapshots.publications import PublicationsError
from carveout.engine.parties.watchlist.building import current
from carveout.engine.parties.watchlist.watchlist import WatchlistError

LISTS = "lists"
"""The folder of official lists, in the home."""
KeptFault = (StoreFault, SnapshotsError, PublicationsError, WatchlistError)
"""What is raised where something kept cannot be used: no decision is made without it."""


def engine_at(
    home: Path,
    rules: Path = SHIPPED,
    before_building: Callable[[], None] = lambda: None,
    threshold: float | None = None,
) -> Engine:
    """An engine for a folder of rules that asks the lists and the register kept in `home`.

    Where the lists have changed, their names are read anew, which takes a while; `before_building` is called before.

    Raises RuleError, or one of KeptFault, whose message says what to do.
    """
    watchlist = current(home / LISTS, before_building, threshold)
    return Engine.load(rules, watchlist=watchlist, owners=open_owners(home), threshold=threshold)
