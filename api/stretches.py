"""When a norm is in force, suspended, or not known to be, as stretches of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from carveout.engine.law.clocks import FOREVER
from carveout.engine.law.norms import Exemption, Norm
from carveout.engine.law.truth import FALSE, TRUE, UNKNOWN


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one moment until another; `sure` is False where the law is unresolved or a boundary not known."""

    start: int
    end: int
    sure: bool


@dataclass(slots=True)
class Row:
    """What is forbidden, and the exemptions over it."""

    norm: Norm
    stretches: list[Stretch]
    while_listed: bool = False
    """It reaches the subject through a list, and so only while that listing stands."""
    exemptions: list[tuple[Exemption, list[Stretch]]] = field(default_factory=list)


def stretches(norm: Norm) -> list[Stretch]:
    """When a norm is in force, or may be."""
    whole = [q for q in norm.unresolved if q.when is None]
    edges = {-FOREVER, FOREVER, *norm.effective.edges()}
    edges |= {edge for q in whole for b in (q.begins, q.ends) for edge in (b.after, b.by)}
    stale_from = norm.stale_from if isinstance(norm, Exemption) else FOREVER
    found: list[Stretch] = []
    for start, end in pairwise(sorted(edges | {stale_from})):
        force = norm.effective.in_force(start)
        for question in whole:
            if question.bears(start) != FALSE:
                force = force | UNKNOWN if question.lifts else force
                force &= UNKNOWN
        if start >= stale_from:
            force &= UNKNOWN
        if force != FALSE:
            _append(found, Stretch(start, end, force == TRUE))
    return found


def _append(found: list[Stretch], new: Stretch) -> None:
    if found and found[-1].end == new.start and found[-1].sure == new.sure:
        found[-1] = Stretch(found[-1].start, new.end, new.sure)
    else:
        found.append(new)


def both(some: Iterable[Stretch], others: Iterable[Stretch]) -> list[Stretch]:
    """Where two lists of stretches overlap."""
    others = list(others)
    met = [
        Stretch(max(a.start, b.start), min(a.end, b.end), a.sure and b.sure)
        for a in some
        for b in others
        if max(a.start, b.start) < min(a.end, b.end)
    ]
    return sorted(met, key=lambda s: s.start)
