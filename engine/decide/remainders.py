"""What is not known of who owns a party: bounds of the share that counts, and whom to ask for which rest."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from carveout.engine.parties.ownership import Reached, Stake
from carveout.engine.parties.registers.shown import percent_text
from carveout.engine.parties.shares import NOUGHT, total

MOST_ASKED: Final = 5
"""Rests that one question asks for, those nearest to the party."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A share of `held` that is not known to be anybody's (`owner` is None), or that `owner` perhaps has."""

    held: str
    owner: str | None
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which shares the part of a party lies that counts, because of these rests."""

    low: Decimal
    high: Decimal
    rests: tuple[Rest, ...]


def bounds_of(
    reached: Reached, node: str, above: Mapping[str, Sequence[Stake]], day: date, counts: Callable[[str], bool]
) -> Bounds | None:
    """The bounds of what counts in a party, None where no rest leaves them open. `above`: the stakes in each party."""
    rests = tuple(_rests(node, above, day, counts))
    return Bounds(reached.low, reached.high, rests) if rests and reached.low < reached.high else None


def _rests(node: str, above: Mapping[str, Sequence[Stake]], day: date, counts: Callable[[str], bool]) -> Iterator[Rest]:
    """Breadth first; a perhaps-owner is worth asking about only if it would count."""
    seen, todo, found = {node}, deque([node]), 0
    while todo and found < MOST_ASKED:
        held = todo.popleft()
        unknown = NOUGHT
        for stake in above.get(held, ()):
            if (stake.since is not None and day < stake.since) or (stake.until is not None and day >= stake.until):
                continue
            if stake.owner is None:
                unknown = total(unknown, stake.percent)
                continue
            if not stake.sure and counts(stake.owner):
                yield Rest(held, stake.owner, stake.percent)
                found += 1
            if stake.owner not in seen:
                seen.add(stake.owner)
                todo.append(stake.owner)
        if unknown:
            yield Rest(held, None, unknown)
            found += 1


def in_words(bounds: Bounds, party: str, name: Callable[[str], str]) -> str:
    """What is known, and what to ask."""
    asked = [_asked(rest, name) for rest in bounds.rests[:MOST_ASKED]]
    low, high = percent_text(bounds.low), percent_text(bounds.high)
    return f"Listed owners count for between {low} and {high} percent of {party}: ask {'; '.join(asked)}."


def _asked(rest: Rest, name: Callable[[str], str]) -> str:
    percent = percent_text(rest.percent)
    if rest.owner is None:
        return f"for the owners of the remaining {percent} percent of {name(rest.held)}"
    return f"whether {name(rest.owner)} has up to {percent} percent (more) of {name(rest.held)}"
