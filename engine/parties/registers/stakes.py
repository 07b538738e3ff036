"""The shares of one party, by stretches of time: what its owners have at least, and what nobody is known to hold."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from carveout.engine.parties.registers.holdings import Holding
from carveout.engine.parties.shares import NOUGHT, WHOLE, total

MOST_STRETCHES: Final = 1_000
_OWNED: Final = ("share", "perhaps", "open")
Owner = Hashable
"""Whoever the caller says an owner is: equal ones are one."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a party that an owner (None: nobody known) holds, for certain or perhaps, for a time."""

    owner: Any
    percent: Decimal
    since: date | None
    until: date | None
    sure: bool


@dataclass(frozen=True, slots=True)
class Hold:
    """That somebody controls a party, for certain or perhaps, for a time."""

    owner: Any
    since: date | None
    until: date | None
    sure: bool


def parts_of(holdings: Sequence[tuple[Owner | None, Holding]], *, together: bool = False) -> list[Part]:
    """The parts of one party: for each stretch of time what each owner has at least, and the remainder.

    What an owner may have beyond that lies within the remainder, which is counted as held by nobody known. Where no
    share is stated at all, there is no remainder, and each perhaps-owner may have everything. `together`: the party is
    an arrangement, whose members hold together what it holds.
    """
    shares = [(o, h) for o, h in holdings if h.what in _OWNED or (o is None and h.what != "silent")]
    found: list[Part] = []
    for since, until in _stretches([h for _, h in shares]):
        now = [(o, h) for o, h in shares if _covers(h, since, until)]
        found += (Part(o, percent, since, until, sure) for o, percent, sure in _at_once(now, together))
    return _joined(found)


def holds_of(holdings: Sequence[tuple[Owner | None, Holding]]) -> list[Hold]:
    """Who controls one party."""
    return [
        Hold(owner, h.since, h.until, h.sure and h.what == "control")
        for owner, h in holdings
        if h.what in ("control", "perhaps_control") and owner is not None
    ]


def _stretches(holdings: Sequence[Holding]) -> Iterator[tuple[date | None, date | None]]:
    """Stretches of time in which nothing changes; of too many, the oldest are taken as one."""
    if not holdings:
        return
    edges = sorted({day for h in holdings for day in (h.since, h.until) if day is not None})[-MOST_STRETCHES:]
    bounds: list[date | None] = [None, *edges, None]
    yield from pairwise(bounds)


def _covers(holding: Holding, since: date | None, until: date | None) -> bool:
    begun = holding.since is None or (since is not None and holding.since <= since)
    return begun and (holding.until is None or (until is not None and until <= holding.until))


def _at_once(
    now: Sequence[tuple[Owner | None, Holding]], together: bool
) -> Iterator[tuple[Owner | None, Decimal, bool]]:
    least: dict[Owner, Decimal] = {}
    most: dict[Owner, Decimal] = {}
    stated = False
    for owner, holding in now:
        stated = stated or (holding.sure and (owner is None or holding.what == "share"))
        if owner is None:
            continue
        certain = holding.low if holding.sure and holding.what == "share" else NOUGHT
        least[owner] = total(least.get(owner, NOUGHT), certain)
        most[owner] = min(WHOLE, total(most.get(owner, NOUGHT), holding.high))
    known = total(*least.values())
    if known > WHOLE:  # the statements contradict each other: no share is certain
        for owner in least:
            yield owner, most[owner], False
        return
    for owner, percent in least.items():
        if percent:
            yield owner, percent, True
    rest = total(WHOLE, known.copy_negate())
    if stated and rest:
        yield None, rest, True
    for owner in least:
        beyond = total(most[owner], least[owner].copy_negate())
        if together:
            beyond = total(WHOLE, least[owner].copy_negate())
        elif stated:
            continue  # it lies within the remainder
        if beyond > 0:
            yield owner, beyond, False


def contradicts(holdings: Sequence[tuple[Owner | None, Holding]], day: date) -> Decimal | None:
    """What the certain shares come to on a day, where that is more than the whole."""
    in_force = [
        h.low
        for owner, h in holdings
        if owner is not None
        and h.what == "share"
        and h.sure
        and (h.since is None or h.since <= day)
        and (h.until is None or day < h.until)
    ]
    come_to = total(*in_force)
    return come_to if come_to > WHOLE else None


def _joined(parts: Sequence[Part]) -> list[Part]:
    """Parts that follow each other unchanged as one."""
    done: list[Part] = []
    last: dict[tuple[Any, Decimal, bool], int] = {}
    for part in parts:
        key = part.owner, part.percent, part.sure
        at = last.get(key)
        if at is not None and done[at].until == part.since and part.since is not None:
            done[at] = Part(part.owner, part.percent, done[at].since, part.until, part.sure)
        else:
            last[key] = len(done)
            done.append(part)
    return done
