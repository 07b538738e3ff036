"""How old the lists are, how much they hold, and when somebody last looked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from carveout.engine.parties.snapshots.model import Snapshot
from carveout.engine.parties.snapshots.publications import Publication, Publications
from carveout.engine.parties.snapshots.speaking import lists_of, stretches
from carveout.engine.parties.snapshots.view import View, Visit

State = Literal["current", "stale", "superseded", "not_held"]
"""`superseded`: each of its lists is spoken for by another publication with younger snapshots."""


@dataclass(frozen=True, slots=True)
class Status:
    """How one publication stands."""

    publication: str
    about: Publication
    state: State
    newest: Snapshot | None
    snapshots: int
    age: timedelta | None  # since it was last known to be what the authority shows
    visits: tuple[Visit, ...]  # newest first

    @property
    def last(self) -> Visit | None:
        """When somebody last looked."""
        return self.visits[0] if self.visits else None


def status(view: View, known: Publications, now: datetime) -> Iterator[Status]:
    """All publications that are held or known of; `now` in UTC."""
    held: dict[str, list[Snapshot]] = {}
    for snapshot in view.snapshots():
        held.setdefault(snapshot.publication, []).append(snapshot)
    superseded = _superseded(view, known)
    for name in sorted({*held, *known.of}):
        about, own = known.get(name), held.get(name, [])
        visits = tuple(view.visits(name))
        newest = own[-1] if own else None
        age = _age(newest, view.seen_current(name), about, now) if newest else None
        state: State = "not_held" if age is None else "stale" if age > about.stale_after else "current"
        if state == "stale" and name in superseded:
            state = "superseded"
        yield Status(name, about, state, newest, len(own), age, visits)


def _age(newest: Snapshot, seen: datetime | None, about: Publication, now: datetime) -> timedelta:
    """Since the end of the day of publication, or since the authority was last seen to show the same."""
    ended = datetime.combine(newest.published, time.max, about.zone).astimezone(UTC)
    return max(timedelta(0), now - max(ended, seen or ended))


def _superseded(view: View, known: Publications) -> set[str]:
    """Publications that no list needs any more: what comes before them speaks, from a later day."""
    snapshots = view.snapshots()
    needed: set[str] = set()
    carrying = lists_of(snapshots)
    for name in carrying:
        told = stretches(name, snapshots, known)
        if told:
            needed |= {told[-1].speaks.publication, *(x.publication for x in told[-1].younger)}
    return {x.publication for x in snapshots} - needed


@dataclass(frozen=True, slots=True)
class ListAge:
    """How one list stands: by the snapshot that speaks for it now."""

    list: str
    speaks: Snapshot
    entries: int
    age: timedelta  # since it was last known to be what the authority shows
    limit: timedelta
    disputed_by: tuple[str, ...]  # publications with a younger copy, which may say otherwise

    @property
    def stale(self) -> bool:
        """Whether it is older than its limit allows."""
        return self.age > self.limit


def ages(view: View, known: Publications, now: datetime) -> Iterator[ListAge]:
    """Every list that is held, by the snapshot that speaks for it; `now` in UTC."""
    snapshots = view.snapshots()
    for name in lists_of(snapshots):
        last = stretches(name, snapshots, known)[-1]
        about = known.get(last.speaks.publication)
        yield ListAge(
            name,
            last.speaks,
            last.speaks.counts.get(name, 0),
            _age(last.speaks, view.seen_current(last.speaks.publication), about, now),
            about.stale_after,
            tuple(x.publication for x in last.younger),
        )
