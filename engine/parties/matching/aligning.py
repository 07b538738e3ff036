"""Which word of one name stands for which of another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from carveout.engine.parties.matching.letters import FULL
from carveout.engine.parties.matching.names import INITIAL, NUMBER, PARTICLE, WORD, Name, Token
from carveout.engine.parties.matching.sameness import sameness
from carveout.engine.parties.matching.sounds import sound

JOINED = 0.86
"""Words written as one, or apart, must be as like as this."""

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
    likely = []
    for i, a in enumerate(ours):
        for j, b in enumerate(theirs):
            found = same(a, b)
            if found:
                # of two that are equally like, the one that stands at the same place
                likely.append((-found * (a.weight + b.weight), -found, abs(i - j), i, j))
    likely.sort()
    free_a, free_b = set(range(len(ours))), set(range(len(theirs)))
    pairs: list[Pair] = []
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
        if free_a and free_b and not asked.person:
            _acronym(pairs, ours, theirs, free_a, free_b)
    for i in sorted(free_a):  # a word said twice is said once
        if any(ours[i].plain == ours[k].plain for k in range(len(ours)) if k not in free_a):
            free_a.discard(i)
    return Alignment(tuple(pairs), tuple(sorted(free_a)), tuple(sorted(free_b)))


def _joined(
    pairs: list[Pair],
    parts: Sequence[Token],
    wholes: Sequence[Token],
    free_parts: set[int],
    free_wholes: set[int],
    person: bool,
) -> list[Pair]:
    """Words of the one that together are a word of the other, which is free or badly matched."""
    for j, whole in enumerate(wholes):
        now = next((p for p in pairs if p.listed == (j,)), None)
        if len(whole.plain) < 4 or whole.kind in (NUMBER, INITIAL) or (now and now.same > JOINED):
            continue
        best: tuple[float, tuple[int, ...]] = (max(JOINED, (now.same if now else 0.0) + 0.05), ())
        for length in (2, 3, 4):
            for i in range(len(parts) - length + 1):
                places = tuple(range(i, i + length))
                letters = sum(len(parts[k].plain) for k in places)
                if abs(letters - len(whole.plain)) > 2 or any(parts[k].tells != FULL for k in places):
                    continue
                if not any(k in free_parts for k in places) or any(_taken(pairs, k, j) for k in places):
                    continue
                for order in (places, places[::-1]) if person and length == 2 else (places,):
                    plain = "".join(parts[k].plain for k in order)
                    found = sameness(Token(plain, sound(plain), "", WORD, 1.0), whole._replace(kind=WORD, group=""))
                    if found > best[0]:
                        best = found, places
        if best[1]:
            pairs = [p for p in pairs if p.listed != (j,) and not set(p.asked) & set(best[1])]
            pairs.append(Pair(best[1], (j,), best[0] - 0.02))
            free_parts.difference_update(best[1])
            free_wholes.discard(j)
            if now:
                free_parts.update(set(now.asked) - set(best[1]))
    return pairs


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
                pair = (i,), tuple(places)
                pairs.append(Pair(*(reversed(pair) if turned else pair), _ACRONYM))
                free_short.discard(i)
                free_long.difference_update(places)
                break
