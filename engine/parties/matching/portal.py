"""The score that OFAC's own Sanctions List Search would show, beside ours and never instead of it.

After FAQ 249 of OFAC (28 April 2021, primary): the whole names are compared by Jaro and Winkler, then each part of the
query with the parts of the listed name; the higher of both is shown. What the FAQ leaves open (how parts are made, that
the bonus for a common beginning has no threshold, and what counts as a candidate) is inferred from scores that the
search has shown: secondary.
"""

from __future__ import annotations

import re

from rapidfuzz.distance import Jaro, Levenshtein

NOT_SHOWN = -1
"""The search would not show the listed name at all."""

_PARTS = re.compile(r"[\s,\-/]+")
_SIGNS = re.compile(r"[^\w\s,\-/]")
_PREFIX, _BONUS = 5, 0.1
_LEAST = 50
_SHORTEST = 3  # parts of fewer letters are not looked at, if there are others


def portal_score(asked: str, listed: str) -> int:
    """From 50 to 100, or NOT_SHOWN. Letters other than Latin are not transliterated, as the search does not either."""
    ours, theirs = _parts(asked), _parts(listed)
    if not ours or not theirs:
        return NOT_SHOWN
    telling = [x for x in ours if len(x) >= _SHORTEST] or ours
    if not any(_near(a, b) for a in telling for b in theirs):
        return NOT_SHOWN
    best = [max(_alike(a, b) for b in theirs) for a in telling]
    by_part = sum(x for x in best if x >= _LEAST / 100) / len(telling)
    whole = _alike(" ".join(ours), " ".join(theirs))
    score = round(100 * max(by_part, whole))
    return score if score >= _LEAST else NOT_SHOWN


def _parts(name: str) -> list[str]:
    return [x for x in _PARTS.split(_SIGNS.sub("", name.casefold())) if x]


def _near(a: str, b: str) -> bool:
    """What is looked at: the same first letter, and at least half the same by edits."""
    return a[0] == b[0] and Levenshtein.normalized_similarity(a, b) >= 0.5


def _alike(a: str, b: str) -> float:
    alike = Jaro.similarity(a, b)
    common = 0
    while common < min(_PREFIX, len(a), len(b)) and a[common] == b[common]:
        common += 1
    return alike + common * _BONUS * (1.0 - alike)
