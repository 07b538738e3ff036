"""An engine with what is kept on this machine: the official lists and the ownership register of CARVEOUT_HOME."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from carveout.engine.decide.decision import UTC_ZONE, Engine
from carveout.engine.law.clocks import date_in, parse_moment
from carveout.engine.law.ruleset import SHIPPED, RuleSet, load_rules
from carveout.engine.parties.registers.home import StoreFault, earlier_owners, open_owners, status_of
from carveout.engine.parties.registers.register import Register
from carveout.engine.parties.snapshots.model import SnapshotsError
from carveout.engine.parties.snapshots.publications import PublicationsError, read_publications
from carveout.engine.parties.snapshots.speaking import state_of
from carveout.engine.parties.snapshots.store import Snapshots
from carveout.engine.parties.snapshots.telling import snapshot_data
from carveout.engine.parties.watchlist.building import current, earlier
from carveout.engine.parties.watchlist.watchlist import Watchlist, WatchlistError

LISTS = "lists"
"""The folder of official lists, in the home."""
KeptFault = (StoreFault, SnapshotsError, PublicationsError, WatchlistError)
"""What is raised where something kept cannot be used: no decision is made without it."""


def engine_at(
    home: Path,
    rules: Path | RuleSet = SHIPPED,
    before_building: Callable[[], None] = lambda: None,
    threshold: float | None = None,
) -> Engine:
    """An engine for a folder of rules, or a rule set, that asks the lists and the register kept in `home`.

    Where the lists have changed, their names are read anew, which takes a while; `before_building` is called before.

    Raises RuleError, or one of KeptFault, whose message says what to do.
    """
    watchlist = current(home / LISTS, before_building, threshold)
    held = rules if isinstance(rules, RuleSet) else load_rules(rules)
    return Engine(held, watchlist=watchlist, owners=open_owners(home), threshold=threshold)


def lists_as_of(
    home: Path,
    fingerprint: str,
    before_building: Callable[[], None] = lambda: None,
    threshold: float | None = None,
) -> Watchlist | None:
    """The lists kept in `home` in the state that has a fingerprint; where none has it, those of now, if there are any.

    Raises one of KeptFault.
    """
    found = earlier(home / LISTS, fingerprint, before_building, threshold)
    return current(home / LISTS, before_building, threshold) if found is None else found


def owners_as_of(home: Path, fingerprint: str, as_known: str | None = None) -> Register | None:
    """The register kept in `home` in the state that has a fingerprint; where none has it, that of now, if there is one.

    `as_known`: the moment of knowing of the decision that has the fingerprint. Raises StoreFault.
    """
    found = earlier_owners(home, fingerprint, _day(as_known))
    return open_owners(home) if found is None else found


def is_register(register: Register, fingerprint: str, as_known: str | None = None) -> bool:
    """Whether a decision with what was known at a moment and made with this register has that fingerprint."""
    day = _day(as_known)
    return (register if day is None else register.known_at(day)).fingerprint == fingerprint


def snapshots_as_of(home: Path, fingerprint: str) -> list[dict[str, Any]] | None:
    """The manifests of the snapshots kept in `home` in the state that has a fingerprint; None where none has it.

    Raises one of KeptFault.
    """
    folder = home / LISTS
    if not folder.is_dir():
        return None
    known = read_publications(folder)
    with Snapshots(folder).reading() as view:
        state = state_of(view, known, fingerprint)
        return None if state is None else [snapshot_data(snapshot) for snapshot in state.snapshots()]


def imports_as_of(home: Path, fingerprint: str, as_known: str | None = None) -> list[dict[str, Any]] | None:
    """The same of the imports of the ownership register, as `owners_as_of` finds them. Raises StoreFault."""
    register = earlier_owners(home, fingerprint, _day(as_known))
    return None if register is None else status_of(register)["imports"]


def _day(as_known: str | None) -> date | None:
    return None if as_known is None else date_in(parse_moment(as_known, None), UTC_ZONE)
