"""Which listed names a stated name may be: few enough to compare each with care."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from carveout.engine.parties.matching.index import Index
from carveout.engine.parties.matching.letters import FULL
from carveout.engine.parties.matching.names import INITIAL, NUMBER, PARTICLE, WORD, Name, Token
from carveout.engine.parties.matching.sounds import sound
from carveout.engine.parties.matching.vocabulary import Words

MOST = 24
"""No more names than these are compared with care."""

FEW = 20
"""... where only those are wanted that have a score near to the threshold."""

MOST_OF_ONE = 4
"""... and no more of one owner."""

LEAST_SAID = 0.3
"""A name must have this share of the words stated, by weight."""

LIKELY = 50
"""Who asks for scores from here on need not see the names that have them by far not."""

MOST_UNSAID = 0.55
# Another word on both sides takes so much from a score, of another name and of a person's, that no more than
# this share of the names, for each e-th part of the score, can be another.
_A_PERSONS = np.float32(0.55)
_MOST_APART = np.array([1.2, _A_PERSONS], np.float32)
_SPLIT = 0.9


def nearest(index: Index, asked: Name, most: int = MOST, *, least: float = 0.0) -> list[int]:
    """The numbers of the names that share most with the one asked, by the weight of their words.

    Where a score is asked for at `least`, names are passed over that leave too much unsaid to have it.
    """
    scores = index.scores
    touched: list[NDArray[np.int32]] = []
    leads = _leads(index, asked)
    try:
        for weight, words in leads:
            names, values = _postings(index, words, weight)
            # Of several words of one name that are like one of the query, the likest counts: it comes last.
            scores[names] = scores[names] + values
            touched.append(names)
        if not touched:
            return []
        found = np.concatenate(touched)
        reached = scores[found]
    finally:
        for names in touched:
            scores[names] = 0.0
    own = sum(x.weight for x in dict.fromkeys(asked.tokens) if x.kind < PARTICLE) or 1.0
    enough = reached >= LEAST_SAID * own
    found, reached = found[enough], reached[enough]
    if not len(found):
        return []
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
    if len(found) > 12 * most:
        best = np.argpartition(-value, 12 * most)[: 12 * most]
        found, value = found[best], value[best]
    order = np.lexsort((found, -value))
    ranked = list(dict.fromkeys(found[order].tolist()))
    if len(ranked) <= most:
        return ranked
    times: dict[int, int] = {}
    chosen = []
    for number, owner in zip(ranked, index.owners[ranked].tolist(), strict=True):
        times[owner] = times.get(owner, 0) + 1
        if times[owner] <= MOST_OF_ONE:
            chosen.append(number)
            if len(chosen) == most:
                break
    return chosen


def _leads(index: Index, asked: Name) -> list[tuple[float, Words]]:
    """The words of the query and what is found for each; then words joined and split."""
    tokens = asked.tokens
    telling = [x for x in tokens if x.kind < PARTICLE and x.kind != INITIAL] or list(tokens)
    leads: list[tuple[float, Words]] = []
    vocabulary = index.vocabulary
    unsure = []
    for token in dict.fromkeys(telling):
        alike = vocabulary.alike(token)
        leads.append((token.weight, alike))
        if (not alike or alike[0][1] < _SPLIT) and token.kind == WORD and token.tells == FULL:
            unsure.append(token)
    for token in asked.wholes:
        leads.append((token.weight, vocabulary.alike(token)))
    if unsure or len(tokens) != len(telling):
        leads += _joined(index, tokens)
    for token in unsure:
        leads += _split(index, token)
    return leads


def _joined(index: Index, tokens: Sequence[Token]) -> list[tuple[float, Words]]:
    found = []
    for length in (2, 3):
        for i in range(len(tokens) - length + 1):
            parts = tokens[i : i + length]
            if all(x.tells == FULL and x.kind != NUMBER for x in parts):
                plain = "".join(x.plain for x in parts)
                if 4 <= len(plain) <= 24 and (alike := index.vocabulary.joined(plain)):
                    found.append((sum(x.weight for x in parts if x.kind < PARTICLE) or 0.5, alike))
    return found


def _split(index: Index, token: Token) -> list[tuple[float, Words]]:
    plain = token.plain
    if not 6 <= len(plain) <= 30:
        return []
    cuts = range(2, len(plain) - 2)
    parts = [part for cut in cuts for part in (plain[:cut], plain[cut:])]
    exact = index.vocabulary.exact([sound(x) for x in parts])
    found = []
    for at in range(len(cuts)):
        first, second = exact[2 * at], exact[2 * at + 1]
        if first and second:
            share = len(parts[2 * at]) / len(plain)
            for words, weight in ((first, token.weight * share), (second, token.weight * (1 - share))):
                found.append((weight, tuple((n, _SPLIT) for n in words[:16])))
    return found


def _postings(index: Index, words: Words, weight: float) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
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
        return postings[:0], np.zeros(0, np.float32)
    if len(parts) == 1:
        return parts[0], np.full(len(parts[0]), values[0], np.float32)
    return np.concatenate(parts), np.repeat(np.array(values, np.float32), sizes)
