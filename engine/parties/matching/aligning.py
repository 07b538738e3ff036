"""Which word of one name stands for which of another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import OSA

from carveout.engine.parties.matching.letters import BARE, FULL
from carveout.engine.parties.matching.names import INITIAL, NUMBER, PARTICLE, WORD, Name, Token
from carveout.engine.parties.matching.sameness import sameness
from carveout.engine.parties.matching.sounds import sound

JOINED = 0.9
"""Words written as one, or apart, must be as like as this."""

_SURE = 0.94
_WITH_PARTICLE = 0.8  # where they belong together, as abdul and a name do

_ACRONYM = 0.8

Sameness = Callable[[Token, Token], float]


class Pair(NamedTuple):
    """Words of the one name (more than one where they are joined) that stand for words of the other."""

    asked: tuple[int, ...]
    listed: tuple[int, ...]
    same: float


class Alignment(NamedTuple):
    """Words that stand for each other, and those left over, by their places."""

    pairs: tuple[Pair, ...]
    asked_left: tuple[int, ...]
    listed_left: tuple[int, ...]


def align(asked: Name, listed: Name, same: Sameness = sameness) -> Alignment:
    """The best words for each other: the likest and weightiest first, then words joined or split."""
    ours, theirs = asked.tokens, listed.tokens
    free_a, free_b = set(range(len(ours))), set(range(len(theirs)))
    pairs = _equal(ours, theirs, free_a, free_b)
    likely = []
    for i in free_a:
        a = ours[i]
        for j in free_b:
            found = same(a, theirs[j])
            if found:
                # of two that are equally like, the one that stands at the same place
                likely.append((-found * (a.weight + theirs[j].weight), -found, abs(i - j), i, j))
    likely.sort()
    for _, found, _, i, j in likely:
        if i in free_a and j in free_b:
            free_a.discard(i)
            free_b.discard(j)
            pairs.append(Pair((i,), (j,), -found))
    if free_a or free_b:
        pairs = _joined(pairs, ours, theirs, free_a, free_b, asked.person)
        pairs = [
            Pair(b, a, s)
            for a, b, s in _joined([Pair(b, a, s) for a, b, s in pairs], theirs, ours, free_b, free_a, asked.person)
        ]
        pairs = _rest(pairs, ours, theirs, free_a, free_b)
        if free_a and free_b and not asked.person:
            _acronym(pairs, ours, theirs, free_a, free_b)
    for i in sorted(free_a):  # a word said twice is said once
        if any(ours[i].plain == ours[k].plain for k in range(len(ours)) if k not in free_a):
            free_a.discard(i)
    return Alignment(tuple(pairs), tuple(sorted(free_a)), tuple(sorted(free_b)))


def _equal(ours: Sequence[Token], theirs: Sequence[Token], free_a: set[int], free_b: set[int]) -> list[Pair]:
    """The words that both names have."""
    places: dict[Token, list[int]] = {}
    for j in range(len(theirs) - 1, -1, -1):
        places.setdefault(theirs[j], []).append(j)
    pairs = []
    for i, token in enumerate(ours):
        if found := places.get(token):
            j = found.pop()
            pairs.append(Pair((i,), (j,), 1.0))
            free_a.discard(i)
            free_b.discard(j)
    return pairs


def _joined(
    pairs: list[Pair],
    parts: Sequence[Token],
    wholes: Sequence[Token],
    free_parts: set[int],
    free_wholes: set[int],
    person: bool,
) -> list[Pair]:
    """Words of the one that together are a word of the other, which is free or badly matched."""
    if not free_parts or len(parts) < 2:
        return pairs
    known = {j: p for p in pairs for j in p.listed}
    loose = [j for j, whole in enumerate(wholes) if _may_be_several(whole, known.get(j))]
    if not loose:
        return pairs
    lengths = [len(x.plain) if x.tells == FULL else 99 for x in parts]
    shortest = min(a + b for a, b in pairwise(lengths))
    for j in loose:
        whole = wholes[j]
        now = known.get(j)
        size = len(whole.plain)
        most = 2 * size if whole.tells == BARE else size + 2
        if most < shortest or (now and now.same > _SURE):
            continue
        best: tuple[float, tuple[int, ...]] = (0.0, ())
        least = (now.same if now else 0.0) + 0.05
        for i in range(len(parts) - 1):
            letters = lengths[i]
            for last in range(i + 1, min(i + 4, len(parts))):
                letters += lengths[last]
                if letters > most:
                    break
                if letters < size - 2:
                    continue
                places = tuple(range(i, last + 1))
                if not free_parts.intersection(places) or any(_taken(pairs, k, j) for k in places):
                    continue
                for order in (places, places[::-1]) if person and len(places) == 2 else (places,):
                    plain = "".join(parts[k].plain for k in order)
                    found = sameness(Token(plain, sound(plain), "", WORD, 1.0), whole._replace(kind=WORD, group=""))
                    needed = _WITH_PARTICLE if any(parts[k].kind == PARTICLE for k in places) else JOINED
                    if found > best[0] and found >= max(needed, least):
                        best = found, places
        if best[1]:
            pairs = [p for p in pairs if p.listed != (j,) and not set(p.asked) & set(best[1])]
            pairs.append(Pair(best[1], (j,), best[0] - 0.02))
            known = {at: p for p in pairs for at in p.listed}
            free_parts.difference_update(best[1])
            free_wholes.discard(j)
            if now:
                free_parts.update(set(now.asked) - set(best[1]))
    return pairs


def _may_be_several(whole: Token, now: Pair | None) -> bool:
    """Whether a word is free or badly matched, and one that several others can make."""
    if len(whole.plain) < 3 or whole.kind in (NUMBER, INITIAL):
        return False
    return now is None or (now.same <= _SURE and len(now.listed) == 1)


def _rest(
    pairs: list[Pair], ours: Sequence[Token], theirs: Sequence[Token], free_a: set[int], free_b: set[int]
) -> list[Pair]:
    """What is left over and what fits badly, taken together: the same letters, split into words elsewhere."""
    loose = [p for p in pairs if p.same < JOINED]
    at_a = sorted({*free_a, *(i for p in loose for i in p.asked)})
    at_b = sorted({*free_b, *(j for p in loose for j in p.listed)})
    if not at_a or not at_b or len(at_a) + len(at_b) < 3:
        return pairs
    if any(x.tells != FULL or x.kind == NUMBER for x in (*(ours[i] for i in at_a), *(theirs[j] for j in at_b))):
        return pairs
    one, other = "".join(ours[i].plain for i in at_a), "".join(theirs[j].plain for j in at_b)
    if min(len(one), len(other)) < 4 or OSA.distance(one, other, score_cutoff=1) > (len(one) > 5):
        return pairs
    free_a.difference_update(at_a)
    free_b.difference_update(at_b)
    same = 0.98 if one == other else 1.0 - 0.8 / len(one)
    return [*(p for p in pairs if p not in loose), Pair(tuple(at_a), tuple(at_b), same)]


def _taken(pairs: list[Pair], part: int, whole: int) -> bool:
    """Whether a word is well used elsewhere."""
    return any(part in p.asked and p.listed != (whole,) and p.same > 0.8 for p in pairs)


def _acronym(
    pairs: list[Pair], ours: Sequence[Token], theirs: Sequence[Token], free_a: set[int], free_b: set[int]
) -> None:
    for short, long, free_short, free_long, turned in (
        (ours, theirs, free_a, free_b, False), (theirs, ours, free_b, free_a, True),
    ):  # fmt: skip
        places = [j for j in sorted(free_long) if long[j].kind < PARTICLE]
        first = "".join(long[j].plain[0] for j in places)
        for i in sorted(free_short):
            if len(first) >= 3 and short[i].kind == WORD and short[i].plain == first:
                whole = tuple(places)
                pairs.append(Pair(whole, (i,), _ACRONYM) if turned else Pair((i,), whole, _ACRONYM))
                free_short.discard(i)
                free_long.difference_update(places)
                break
