"""Which listed names a stated name may be: few enough to compare each with care."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from carveout.engine.parties.matching.index import Index
from carveout.engine.parties.matching.letters import FULL
from carveout.engine.parties.matching.names import INITIAL, NUMBER, PARTICLE, WORD, Name, Token
from carveout.engine.parties.matching.sounds import sound
from carveout.engine.parties.matching.vocabulary import Words

MOST = 24
"""No more names than these are compared with care."""

FEW = 14
"""... where only those are wanted that have a score near to the threshold. Of 2,522 altered names, asked of seven lists
together, 14 find 98.53 %, 20 find 98.61 % and 60 find 98.65 %, at 6 and 20 % of the speed."""

MOST_OF_ONE = 4
"""... and no more of one owner."""

LEAST_SAID = 0.3
"""A name must have this share of the words stated, by weight."""

LIKELY = 50
"""Who asks for scores from here on need not see the names that have them by far not."""

MOST_UNSAID = 0.55

MOST_WITHIN = 12
"""No more names that are said within a longer text are looked at."""

_SAID, _SAYS_ENOUGH = 0.8, 0.6
# Another word on both sides takes so much from a score, of another name and of a person's, that no more than
# this share of the names, for each e-th part of the score, can be another.
_A_PERSONS = np.float32(0.55)
_MOST_APART = np.array([0.9, _A_PERSONS], np.float32)
_SPLIT = 0.9
_SHORT = 3  # a word of so few letters may be a part of one


def nearest(index: Index, asked: Name, most: int = MOST, *, least: float = 0.0, within: bool = False) -> list[int]:
    """The numbers of the names that share most with the one asked, by the weight of their words.

    Where a score is asked for at `least`, names are passed over that leave too much unsaid to have it. With `within`
    come those that are said whole, whatever else is said (`payment to ... for landing gear`).
    """
    scores = index.scores
    touched: list[NDArray[np.int32]] = []
    single, several = _leads(index, asked)
    try:
        for lead in single.values():
            # Of several words of one name that are like one of the query, the likest counts: it comes last.
            scores[lead.names] = scores[lead.names] + lead.values
            touched.append(lead.names)
        for tokens, lead in several:
            if len(lead.names):
                worth = lead.values - _already(index, lead.names, [single[x] for x in tokens if x in single])
                scores[lead.names] = scores[lead.names] + np.maximum(worth, 0)
                touched.append(lead.names)
        if len(alike := index.of_letters(asked)):
            scores[alike] = np.float32(sum(x.weight for x in asked.tokens))
            touched.append(alike)
        if not touched:
            return []
        found = np.concatenate(touched)
        reached = scores[found]
    finally:
        for names in touched:
            scores[names] = 0.0
    own = sum(x.weight for x in dict.fromkeys(asked.tokens) if x.kind < PARTICLE) or 1.0
    inner = _within(index, found, reached) if within else []
    enough = reached >= LEAST_SAID * own
    found, reached = found[enough], reached[enough]
    if not len(found):
        return inner
    # What is said of the name, and what of the name is said.
    reached = np.minimum(reached, own)
    if least > LIKELY:
        apart = -math.log(least / 100)
        whole = np.maximum(index.weights[found], 0.3)
        unsaid = np.minimum(own - reached, np.maximum(whole - reached, 0.0)) * 2 / (own + whole)
        strict = np.full(len(found), _A_PERSONS) if asked.person else _MOST_APART[index.flags[found] & 1]
        near = (unsaid <= strict * apart + 0.08) & (own - reached <= MOST_UNSAID * own)
        found, reached = found[near], reached[near]
    value = 1.5 * reached / own + np.minimum(reached / np.maximum(index.weights[found], 0.3), 1.0)
    if len(alike):  # many may have all that is said, by words that are like one another; these have the very letters
        value[np.isin(found, alike)] += 1.0
    if len(found) > 12 * most:
        best = np.argpartition(-value, 12 * most)[: 12 * most]
        found, value = found[best], value[best]
    order = np.lexsort((found, -value))
    ranked = list(dict.fromkeys(found[order].tolist()))
    if len(ranked) <= most:
        return list(dict.fromkeys([*ranked, *inner]))
    times: dict[int, int] = {}
    chosen = []
    for number, owner in zip(ranked, index.owners[ranked].tolist(), strict=True):
        times[owner] = times.get(owner, 0) + 1
        if times[owner] <= MOST_OF_ONE:
            chosen.append(number)
            if len(chosen) == most:
                break
    return list(dict.fromkeys([*chosen, *inner]))


def _within(index: Index, found: NDArray[np.int32], reached: NDArray[np.float32]) -> list[int]:
    """The names that are said whole, those with the most to say first."""
    weights = index.weights[found]
    said = (reached >= _SAID * weights) & (weights >= _SAYS_ENOUGH)
    numbers, weights = found[said], weights[said]
    return list(dict.fromkeys(numbers[np.lexsort((numbers, -weights))].tolist()))[:MOST_WITHIN]


class _Lead(NamedTuple):
    """Names to which words of the query lead, and how much of its weight they bring; the best last of one twice."""

    names: NDArray[np.int32]
    values: NDArray[np.float32]


def _already(index: Index, names: NDArray[np.int32], leads: Sequence[_Lead]) -> NDArray[np.float32]:
    """What the names have from those leads."""
    found = np.zeros(len(names), np.float32)
    spare = index.spare
    for lead in leads:
        spare[lead.names] = lead.values
        found += spare[names]
        spare[lead.names] = 0.0
    return found


def _leads(index: Index, asked: Name) -> tuple[dict[Token, _Lead], list[tuple[tuple[Token, ...], _Lead]]]:
    """What is found for each word of the query; then for words joined or split, with the words that they stand for."""
    tokens = asked.tokens
    telling = [x for x in tokens if x.kind < PARTICLE and x.kind != INITIAL] or list(tokens)
    vocabulary = index.vocabulary
    single: dict[Token, _Lead] = {}
    unsure = []
    for token in dict.fromkeys(telling):
        alike = vocabulary.alike(token)
        single[token] = _postings(index, alike, token.weight)
        if (not alike or alike[0][1] < _SPLIT) and token.kind == WORD and token.tells == FULL:
            unsure.append(token)
    several: list[tuple[tuple[Token, ...], _Lead]] = []
    for token in asked.wholes:
        parts = tuple(x for x in tokens if x.plain in token.plain)
        weight = max(token.weight, sum(x.weight for x in parts if x.kind < PARTICLE))
        several.append((parts, _postings(index, vocabulary.alike(token), weight)))
    if len(tokens) > 1 and (unsure or any(len(x.plain) <= _SHORT for x in tokens)):
        several += _joined(index, tokens, everywhere=bool(unsure))
    for token in unsure:
        several += _split(index, token)
    return single, several


def _joined(index: Index, tokens: Sequence[Token], *, everywhere: bool) -> list[tuple[tuple[Token, ...], _Lead]]:
    found = []
    for length in (2, 3):
        for i in range(len(tokens) - length + 1):
            parts = tuple(tokens[i : i + length])
            if not everywhere and all(len(x.plain) > _SHORT for x in parts):
                continue
            if all(x.tells == FULL and x.kind != NUMBER for x in parts):
                plain = "".join(x.plain for x in parts)
                if 3 <= len(plain) <= 24 and (alike := index.vocabulary.joined(plain)):
                    weight = sum(x.weight for x in parts if x.kind < PARTICLE) or 0.5
                    found.append((parts, _postings(index, alike, weight)))
    return found


def _split(index: Index, token: Token) -> list[tuple[tuple[Token, ...], _Lead]]:
    plain = token.plain
    if not 6 <= len(plain) <= 30:
        return []
    cuts = range(2, len(plain) - 2)
    parts = [part for cut in cuts for part in (plain[:cut], plain[cut:])]
    exact = index.vocabulary.exact([sound(x) for x in parts])
    found: list[tuple[tuple[Token, ...], _Lead]] = []
    for at in range(len(cuts)):
        first, second = exact[2 * at], exact[2 * at + 1]
        if first and second:
            share = len(parts[2 * at]) / len(plain)
            for words, weight in ((first, token.weight * share), (second, token.weight * (1 - share))):
                found.append(((token,), _postings(index, tuple((n, _SPLIT) for n in words[:16]), weight)))
    return found


def _postings(index: Index, words: Words, weight: float) -> _Lead:
    parts, sizes, values = [], [], []
    telling, starts, postings = index.telling, index.starts, index.postings
    for number, same in reversed(words):
        if not telling[number]:
            continue
        first, last = starts[number], starts[number + 1]
        parts.append(postings[first:last])
        sizes.append(last - first)
        values.append(same * weight)
    if not parts:
        return _Lead(np.zeros(0, np.int32), np.zeros(0, np.float32))
    if len(parts) == 1:
        return _Lead(parts[0], np.full(len(parts[0]), values[0], np.float32))
    return _Lead(np.concatenate(parts), np.repeat(np.array(values, np.float32), sizes))
