"""Listed parties that a stated name may be, with a score that says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from carveout.engine.parties.matching.aligning import Alignment, align
from carveout.engine.parties.matching.features import features
from carveout.engine.parties.matching.finding import FEW, LIKELY, MOST, nearest
from carveout.engine.parties.matching.index import Index
from carveout.engine.parties.matching.model import Model, model
from carveout.engine.parties.matching.names import Name, Token, analyse
from carveout.engine.parties.matching.sameness import sameness


class Hit(NamedTuple):
    """A listed name that the stated one may be."""

    owner: int
    number: int  # of the listed name
    score: float
    asked: Name
    listed: Name
    alignment: Alignment
    features: list[float]

    @property
    def words(self) -> tuple[tuple[str, str, float], ...]:
        """Which words were taken for each other, and how like they are."""
        return tuple(
            (
                " ".join(self.asked.tokens[i].plain for i in pair.asked),
                " ".join(self.listed.tokens[j].plain for j in pair.listed),
                round(pair.same, 2),
            )
            for pair in sorted(self.alignment.pairs, key=lambda x: x.asked)
        )


def readings(text: str, kind: str | None) -> list[Name]:
    """A name as it is spelled and, where that differs, as it looks."""
    spelled = analyse(text, kind)
    if text.isascii():
        return [spelled]
    looks = analyse(text, kind, by_looks=True)
    return [spelled] if looks == spelled else [spelled, looks]


def compare(asked: str, listed: str, kind: str | None = None, judge: Model | None = None) -> Hit:
    """Two names beside each other, without a list."""
    judge = judge or model()
    name = analyse(listed, kind)
    return max((_hit(reading, name, 0, 0, judge, sameness) for reading in readings(asked, kind)), key=lambda x: x.score)


def find(
    index: Index, text: str, kind: str | None = None, *, least: float = 0.0, judge: Model | None = None
) -> list[Hit]:
    """The listed names that a stated one may be, the best of each owner, best first."""
    judge = judge or model()
    best: dict[int, Hit] = {}
    for asked in readings(text, kind):
        same = _remembered()
        seen: set[tuple[int, tuple[Token, ...]]] = set()
        for number in nearest(index, asked, MOST if least < LIKELY else FEW, least=least):
            owner, listed = int(index.owners[number]), index.name(number)
            if (owner, listed.tokens) in seen:
                continue
            seen.add((owner, listed.tokens))
            hit = _hit(asked, listed, owner, number, judge, same)
            known = best.get(hit.owner)
            if hit.score >= least and (known is None or hit.score > known.score):
                best[hit.owner] = hit
    return sorted(best.values(), key=lambda x: (-x.score, x.owner))


def _hit(
    asked: Name, listed: Name, owner: int, number: int, judge: Model, same: Callable[[Token, Token], float]
) -> Hit:
    alignment = align(asked, listed, same)
    found = features(asked, listed, alignment)
    return Hit(owner, number, judge.score(found), asked, listed, alignment, found)


def _remembered() -> Callable[[Token, Token], float]:
    known: dict[tuple[int, int], float] = {}

    def same(asked: Token, listed: Token) -> float:
        key = id(asked), id(listed)
        found = known.get(key)
        if found is None:
            found = known[key] = sameness(asked, listed)
        return found

    return same
