"""Which snapshot speaks for a list on which days, and what that says of each entry (docs/decisions/0008).

A snapshot speaks from the day of its publication until the next one of the same publication. Where several
publications carry a list, the first in precedence that says anything speaks; one further down raises a doubt where it
is younger and says otherwise. Nothing speaks before the first snapshot.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from carveout.engine.parties.lists.entry import ListEntry
from carveout.engine.parties.snapshots.completing import completed
from carveout.engine.parties.snapshots.model import Snapshot
from carveout.engine.parties.snapshots.publications import Publications, read_publications
from carveout.engine.parties.snapshots.view import View

Standing = Literal["listed", "disputed"]
"""`disputed`: the publication that speaks says one thing, a younger copy of the list another."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days on which the same snapshots speak for a list; the last day counts no more, None: until further notice."""

    begins: date
    ends: date | None
    speaks: Snapshot
    own: bool  # by the publication that comes first for this list
    younger: tuple[Snapshot, ...]  # copies published later than the one that speaks


@dataclass(frozen=True, slots=True)
class Spell:
    """Days on which one wording of an entry counts; the last day counts no more, None: until further notice."""

    begins: date
    ends: date | None
    entry: ListEntry  # with what a fuller file said before, where the one that speaks is silent
    standing: Standing
    snapshot: Snapshot  # the first that says so
    fuller: bool  # whether an earlier file completes it


@dataclass(frozen=True, slots=True)
class History:
    """All that was ever said of one entry of a list, in the order of time."""

    list: str
    uid: str
    spells: tuple[Spell, ...]


def lists_of(snapshots: Collection[Snapshot]) -> dict[str, set[str]]:
    """The lists that snapshots hold, and the publications that carry each."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for snapshot in snapshots:
        for name in snapshot.counts:
            found[name].add(snapshot.publication)
    return dict(sorted(found.items()))


def stretches(
    name: str, snapshots: Sequence[Snapshot], known: Publications, until: date | None = None
) -> list[Stretch]:
    """Who speaks for a list when, by what was public by the end of the day `until`."""
    carrying = {x.publication for x in snapshots if name in x.counts}
    order = known.precedence(name, carrying)
    told = sorted(
        (x for x in snapshots if x.publication in carrying and (until is None or x.published <= until)),
        key=lambda x: x.order,
    )
    days = sorted({x.published for x in told})
    newest: dict[str, Snapshot] = {}
    found: list[Stretch] = []
    place = 0
    for number, day in enumerate(days):
        while place < len(told) and told[place].published == day:
            newest[told[place].publication] = told[place]
            place += 1
        first = next(newest[x] for x in order if x in newest)
        younger = tuple(newest[x] for x in order if x in newest and newest[x].published > first.published)
        ends = days[number + 1] if number + 1 < len(days) else None
        found.append(Stretch(day, ends, first, first.publication == order[0], younger))
    return found


def histories(
    view: View,
    known: Publications,
    *,
    lists: Collection[str] | None = None,
    entries: Collection[tuple[str, str]] | None = None,
    until: date | None = None,
) -> Iterator[History]:
    """Every entry that is or was on a list, with the days on which each of its wordings counts.

    `lists` and `entries` (list and number) leave out all others; `until` leaves out what was not yet public by the
    end of that day. Days are those of the authority that publishes.
    """
    snapshots = view.snapshots()
    for name in lists_of(snapshots):
        wanted = None if entries is None else {uid for on, uid in entries if on == name}
        if (lists is None or name in lists) and (wanted is None or wanted):
            yield from _List(view, name, wanted).told(stretches(name, snapshots, known, until))


_Wording = tuple[int, Standing, int]
"""Version, standing, and the version that completes it (0: none)."""


class _List:
    """One list, through time."""

    def __init__(self, view: View, name: str, wanted: Collection[str] | None) -> None:
        self._view, self._name = view, name
        self._places = view.places(name, wanted)  # of the entries that are asked for
        self._members: dict[int, tuple[frozenset[int], frozenset[int]]] = {}
        self._remembered: frozenset[int] = frozenset()
        self._best: dict[str, tuple[int, frozenset[str]]] = {}  # the last fullest version of each entry

    def told(self, stretches: Sequence[Stretch]) -> Iterator[History]:
        open_now: dict[_Wording, tuple[date, Snapshot]] = {}
        closed: list[tuple[_Wording, date, date | None, Snapshot]] = []
        for stretch in stretches:
            now = self._wordings(stretch)
            for wording in open_now.keys() - now.keys():
                begins, snapshot = open_now.pop(wording)
                closed.append((wording, begins, stretch.begins, snapshot))
            for wording in now.keys() - open_now.keys():
                open_now[wording] = (stretch.begins, now[wording])
        closed += [(wording, begins, None, snapshot) for wording, (begins, snapshot) in open_now.items()]
        yield from self._histories(closed)

    def _histories(self, told: list[tuple[_Wording, date, date | None, Snapshot]]) -> Iterator[History]:
        by_entry: defaultdict[str, list[tuple[_Wording, date, date | None, Snapshot]]] = defaultdict(list)
        for one in told:
            by_entry[self._places[one[0][0]]].append(one)
        for uids in _parts(sorted(by_entry)):
            numbers = {x for uid in uids for wording, *_ in by_entry[uid] for x in (wording[0], wording[2]) if x}
            said = self._view.versions(numbers)
            for uid in uids:
                spells = sorted(
                    (_spell(said, *one) for one in by_entry[uid]), key=lambda x: (x.begins, x.standing != "listed")
                )
                yield History(self._name, uid, tuple(spells))

    def _of(self, snapshot: Snapshot) -> frozenset[int]:
        """The versions of this list in a snapshot, of the entries that are asked for."""
        return self._both(snapshot)[0]

    def _both(self, snapshot: Snapshot) -> tuple[frozenset[int], frozenset[int]]:
        found = self._members.get(snapshot.number)
        if found is None:
            everything = frozenset(self._view.members(snapshot))
            found = (everything & self._places.keys(), everything)
            kept = list(self._members)[-4:]
            self._members = {**{key: self._members[key] for key in kept}, snapshot.number: found}
        return found

    def _wordings(self, stretch: Stretch) -> dict[_Wording, Snapshot]:
        """What counts in a stretch, and which snapshot says it."""
        first = self._of(stretch.speaks)
        disputed: dict[int, Snapshot] = {}
        for copy in stretch.younger:
            disputed |= dict.fromkeys(self._differing(stretch.speaks, copy), copy)
        found: dict[_Wording, Snapshot] = {}
        for number in first:
            standing: Standing = "disputed" if number in disputed else "listed"
            found[number, standing, self._fuller(number, stretch.speaks)] = stretch.speaks
        for number, copy in disputed.items():
            if number not in first:
                found[number, "disputed", self._fuller(number, copy)] = copy
        for snapshot in (*stretch.younger, stretch.speaks):
            self._remember(snapshot)
        return found

    def _remember(self, snapshot: Snapshot) -> None:
        members = self._of(snapshot)
        for number in members - self._remembered:
            uid = self._places[number]
            known = self._best.get(uid)
            if known is None or len(snapshot.silent) <= len(known[1]):
                self._best[uid] = (number, snapshot.silent)
        self._remembered = members

    def _fuller(self, number: int, snapshot: Snapshot) -> int:
        if not snapshot.silent:
            return 0
        known = self._best.get(self._places[number])
        return known[0] if known is not None and len(known[1]) < len(snapshot.silent) else 0

    def _differing(self, one: Snapshot, other: Snapshot) -> set[int]:
        """The versions about which a younger copy disagrees: on one side only, or there under a programme more."""
        (first, whole), (copy, whole_copy) = self._both(one), self._both(other)
        uids, copied = ({self._places[x]: x for x in side} for side in (first, copy))
        here = [x for uid, x in uids.items() if uid not in copied]
        there = [x for uid, x in copied.items() if uid not in uids]
        both = [(uids[x], copied[x]) for x in uids.keys() & copied.keys() if uids[x] != copied[x]]
        found = {x for x in here if not self._named_alike(x, whole_copy)}
        found |= {x for x in there if not self._named_alike(x, whole)}
        if both and "programmes" not in one.silent | other.silent:
            said = self._view.versions([x for pair in both for x in pair])
            found |= {y for x, y in both if not set(said[y].programmes) <= set(said[x].programmes)}
        return found

    def _named_alike(self, version: int, others: frozenset[int]) -> bool:
        """Whether the other side has an entry of that name: publications may number a list differently."""
        return any(not others.isdisjoint(self._view.named(x, self._name)) for x in self._view.names_of(version))


def _spell(said: dict[int, ListEntry], wording: _Wording, begins: date, ends: date | None, snapshot: Snapshot) -> Spell:
    number, standing, fuller = wording
    entry = completed(said[number], said[fuller], snapshot.silent) if fuller else said[number]
    return Spell(begins, ends, entry, standing, snapshot, bool(fuller))


def _parts(uids: Sequence[str], size: int = 2_000) -> Iterator[Sequence[str]]:
    for start in range(0, len(uids), size):
        yield uids[start : start + size]


def fingerprint(view: View, known: Publications) -> str:
    """SHA-256 over the state of all snapshots.

    Which there are, in their order; who speaks before whom; how old they may be, where the user has set that.
    """
    return _fingerprint(view.snapshots(), known)


def state_of(view: View, known: Publications, wanted: str) -> View | None:
    """The state of the snapshots, now or at any time before, that has a fingerprint; None where none has.

    None has it too where other publications speak first now than did then, or the user has set other limits of age.
    """
    snapshots = view.snapshots()
    for until in sorted((x.number for x in snapshots), reverse=True):
        if _fingerprint([x for x in snapshots if x.number <= until], known) == wanted:
            return view.when_taken(until)
    return None


def _fingerprint(snapshots: Sequence[Snapshot], known: Publications) -> str:
    lines = [f"{x.publication} {x.published} {x.key}" for x in snapshots]
    lists = lists_of(snapshots)
    lines += [f"{name}: {' '.join(known.precedence(name, carrying))}" for name, carrying in lists.items()]
    for name in sorted({x.publication for x in snapshots}):
        if (limit := known.get(name).stale_after) != _shipped().get(name).stale_after:
            lines.append(f"{name}: stale after {limit}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@cache
def _shipped() -> Publications:
    return read_publications()
