"""From the kept snapshots to the watchlist: everybody who is or was on a list, in one file made to be read fast."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from carveout.engine.parties.snapshots import speaking
from carveout.engine.parties.snapshots.publications import Publications, read_publications
from carveout.engine.parties.snapshots.store import Snapshots, View
from carveout.engine.parties.watchlist.history import Edition, Editions, History, Spell
from carveout.engine.parties.watchlist.stored import write
from carveout.engine.parties.watchlist.watchlist import FILE, Watchlist, WatchlistError

FOLDER = "watchlist"
"""Below the folder of the snapshots."""


def current(folder: Path) -> Watchlist | None:
    """The watchlist of the snapshots kept in a folder, built anew where they have changed; none without snapshots.

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
        try:
            found = Watchlist(folder / FOLDER)
            if found.fingerprint == wanted:
                return found
        except WatchlistError:
            pass  # there is none yet, or it is damaged: it is made of the snapshots, which are whole
        build(view, known, folder / FOLDER, wanted)
    return Watchlist(folder / FOLDER)


def build(view: View, known: Publications, folder: Path, fingerprint: str) -> None:
    """Writes the watchlist of a state of the snapshots into a folder."""
    write(folder / FILE, _histories(view, known), editions(view, known), fingerprint)


def editions(view: View, known: Publications) -> Editions:
    """The days from which a snapshot speaks for each list."""
    snapshots = view.snapshots()
    return Editions(
        (
            name,
            [
                Edition(stretch.begins, stretch.speaks.publication, stretch.speaks.key)
                for stretch in speaking.stretches(name, snapshots, known)
            ],
        )
        for name in speaking.lists_of(snapshots)
    )


def _histories(view: View, known: Publications) -> Iterator[History]:
    for found in speaking.histories(view, known):
        spells = (Spell(s.entry, s.begins, s.ends, s.standing == "disputed") for s in found.spells)
        yield History(found.list, found.uid, tuple(spells))
