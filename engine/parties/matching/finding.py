"""Which listed names a stated name may be: few enough to compare each with care."""

from __future__ import annotations

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

LEAST_SAID = 0.3
"""A name must have this share of the words stated, by weight."""

_SPLIT = 0.9


def nearest(index: Index, asked: Name, most: int = MOST) -> NDArray[np.int32]:
    """The numbers of the names that share most with the one asked, by the weight of their words."""
    scores = index.scores
    touched: list[NDArray[np.int32]] = []
    for weight, words in _leads(index, asked):
        names, values = _postings(index, words, weight)
        # Of several words of one name that are like one of the query, the likest counts: it comes last.
        scores[names] = scores[names] + values
        touched.append(names)
    if not touched:
        return np.zeros(0, np.int32)
    found = np.concatenate(touched)
    reached = scores[found]
    scores[found] = 0.0
    own = sum(x.weight for x in asked.tokens if x.kind < PARTICLE) or 1.0
    enough = reached >= LEAST_SAID * own
    found, reached = found[enough], reached[enough]
    if not len(found):
        return found
    # What is said of the name, and what of the name is said.
    value = reached / own + reached / np.maximum(index.weights[found], 0.3)
    if len(found) > 4 * most:
        best = np.argpartition(-value, 4 * most)[: 4 * most]
        found, value = found[best], value[best]
    order = np.lexsort((found, -value))
    return np.array(list(dict.fromkeys(found[order].tolist()))[:most], np.int32)


def _leads(index: Index, asked: Name) -> list[tuple[float, Words]]:
    """The words of the query and what is found for each; then words joined and split."""
    tokens = asked.tokens
    telling = [x for x in tokens if x.kind < PARTICLE and x.kind != INITIAL] or list(tokens)
    leads: list[tuple[float, Words]] = []
    vocabulary = index.vocabulary
    unsure = []
    for token in telling:
        alike = vocabulary.alike(token)
        leads.append((token.weight, alike))
        if (not alike or alike[0][1] < _SPLIT) and token.kind == WORD and token.tells == FULL:
            unsure.append(token)
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
