"""Was this party listed on that day, as it was known then?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal

from carveout.engine.parties.snapshots.model import Snapshot
from carveout.engine.parties.snapshots.publications import Publications
from carveout.engine.parties.snapshots.speaking import History, Spell, Stretch, histories, lists_of, stretches
from carveout.engine.parties.snapshots.view import View

Listed = Literal["yes", "no", "disputed", "unknown"]
"""`disputed`: a younger copy of the list says otherwise; `unknown`: no snapshot speaks for that day."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the snapshots say of one entry on one day."""

    list: str
    uid: str
    listed: Listed
    spell: Spell | None  # the wording that counts on that day
    speaks: Snapshot | None  # the snapshot whose word it is
    history: History  # all that was known by then


def find(view: View, text: str, lists: Collection[str] | None = None) -> set[tuple[str, str]]:
    """List and number of the entries that have this number, or ever had this name.

    A name is found by its words, whatever their order, case, accents and signs; not by another spelling.
    """
    return {(on, uid) for on, uid in view.found(text) if lists is None or on in lists}


def listed_on(
    view: View, known: Publications, entries: Collection[tuple[str, str]], on: date, until: date | None = None
) -> list[Answer]:
    """What the snapshots say of entries on the day `on` (law), by what was published by the end of `until` (knowledge).

    Knowledge goes by the day of publication, not by the day of import: the law was known to the public. An entry that
    was not yet in any snapshot published by then is answered too: `no`, or `unknown` if nothing spoke.
    """
    told = {(x.list, x.uid): x for x in histories(view, known, entries=entries, until=until)}
    snapshots = view.snapshots()
    carrying = lists_of(snapshots)
    found = []
    for name, uid in sorted(entries):
        if name not in carrying:
            continue
        history = told.get((name, uid)) or History(name, uid, ())
        speaks = _speaking(stretches(name, snapshots, known, until), on)
        counting = [x for x in history.spells if x.begins <= on and (x.ends is None or on < x.ends)]
        spell = next((x for x in counting if x.standing == "listed"), counting[0] if counting else None)
        listed: Listed = "unknown" if speaks is None else "no" if spell is None else "yes"
        if speaks is not None and spell is not None and spell.standing == "disputed":
            listed = "disputed"
        found.append(Answer(name, uid, listed, spell, speaks.speaks if speaks else None, history))
    return found


def _speaking(told: list[Stretch], on: date) -> Stretch | None:
    return next((x for x in told if x.begins <= on and (x.ends is None or on < x.ends)), None)
