"""From the kept snapshots to the watchlist: everybody who is or was on a list, in one file made to be read fast."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from carveout.engine.parties.snapshots import speaking
from carveout.engine.parties.snapshots.publications import Publications, read_publications
from carveout.engine.parties.snapshots.store import Snapshots
from carveout.engine.parties.snapshots.view import View
from carveout.engine.parties.watchlist.history import Edition, Editions, History, Spell
from carveout.engine.parties.watchlist.stored import write
from carveout.engine.parties.watchlist.watchlist import FILE, Watchlist, WatchlistError, store_names

FOLDER = "watchlist"
"""Below the folder of the snapshots."""
EARLIER = "watchlist-earlier"
"""Beside it: states that a recorded decision was made with and that are asked no more."""


def current(
    folder: Path, before_building: Callable[[], None] = lambda: None, threshold: float | None = None
) -> Watchlist | None:
    """The watchlist of the snapshots kept in a folder, built anew where they have changed; none without snapshots.

    That takes a minute for all lists together; `before_building` is called before.

    Raises SnapshotsError, PublicationsError, or WatchlistError.
    """
    store = Snapshots(folder)
    if not folder.is_dir():
        return None
    known = read_publications(folder)
    with store.reading() as view:
        if not view.snapshots():
            return None
        wanted = speaking.fingerprint(view, known)
        target = folder / FOLDER / wanted[:16]
        try:
            return Watchlist(target, threshold)
        except WatchlistError:
            pass  # there is none yet, or it is damaged: it is made of the snapshots, which are whole
        before_building()
        build(view, known, target, wanted)
    return Watchlist(target, threshold)


def earlier(
    folder: Path,
    fingerprint: str,
    before_building: Callable[[], None] = lambda: None,
    threshold: float | None = None,
) -> Watchlist | None:
    """The watchlist of the state of the snapshots that had a fingerprint, of now or before; None where none had it.

    A state of before is made anew of the snapshots, which takes a minute for all lists together.

    Raises SnapshotsError, PublicationsError, or WatchlistError.
    """
    if not folder.is_dir():
        return None
    for place in (FOLDER, EARLIER):
        try:
            found = Watchlist(folder / place / fingerprint[:16], threshold)
        except WatchlistError:
            continue
        if found.fingerprint == fingerprint:
            return found
    known = read_publications(folder)
    target = folder / EARLIER / fingerprint[:16]
    with Snapshots(folder).reading() as view:
        state = speaking.state_of(view, known, fingerprint)
        if state is None:
            return None
        before_building()
        build(state, known, target, fingerprint)
    return Watchlist(target, threshold)


def build(view: View, known: Publications, folder: Path, fingerprint: str) -> None:
    """Writes the watchlist of a state of the snapshots into a folder of its own: whole, or not at all.

    The states before the last two are removed: nothing is in them that the snapshots do not say.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as name:
        draft = Path(name) / "watchlist"
        write(draft / FILE, _histories(view, known), editions(view, known), fingerprint)
        store_names(draft)
        if folder.exists():
            folder.rename(Path(name) / "damaged")
        try:
            draft.rename(folder)
        except OSError:
            if not folder.exists():  # else another process has just built the same
                raise
    kept = sorted((f for f in folder.parent.iterdir() if f.is_dir() and not f.name.startswith(".")), key=_made_at)
    for old in kept[:-2]:
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)


def _made_at(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def editions(view: View, known: Publications) -> Editions:
    """The days from which a snapshot speaks for each list."""
    snapshots = view.snapshots()
    return Editions(
        (
            name,
            [
                Edition(
                    stretch.begins,
                    stretch.speaks.publication,
                    stretch.speaks.key,
                    math.ceil(known.get(stretch.speaks.publication).stale_after / timedelta(days=1)),
                )
                for stretch in speaking.stretches(name, snapshots, known)
            ],
        )
        for name in speaking.lists_of(snapshots)
    )


def _histories(view: View, known: Publications) -> Iterator[History]:
    for found in speaking.histories(view, known):
        spells = (Spell(s.entry, s.begins, s.ends, s.standing == "disputed") for s in found.spells)
        yield History(found.list, found.uid, tuple(spells))
