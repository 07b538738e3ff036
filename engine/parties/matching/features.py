"""What an alignment of two names says, in a handful of numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import Indel

from carveout.engine.parties.matching.aligning import Alignment
from carveout.engine.parties.matching.letters import BARE
from carveout.engine.parties.matching.names import FORM, INITIAL, NUMBER, PARTICLE, PLACE, WORD, Name, Token
from carveout.engine.parties.matching.vowelless import skeleton

FEATURES = (
    "damage",  # how much the words that stand for each other differ, by weight
    "worst",  # how much the worst of them does
    "instead",  # other words stand on both sides
    "more_listed",  # words of the listed name are not said
    "more_asked",  # words are said that the listed name has not
    "own",  # how much short of three rare words of the names' own agree
    "few",  # one word alone agrees
    "numbers",  # numbers differ
    "forms",  # legal forms differ
    "places",  # places differ
    "initials",  # words stand as a letter
    "whole",  # how much the names differ as one text
    "common",  # no word of the names' own agrees
    "particles",  # servant of, father of ... stands on one side alone
    "lossy_common",  # how much was read from a script that tells little, where what agrees is common
    "damage_common", "more_common",  # the same as above, where what agrees is common
    "damage_very_common", "more_very_common",
    "person_instead", "person_more_listed",
)  # fmt: skip
_PART_OF_A_NAME = frozenset(["abdul", "abu", "abou", "umm", "bint", "din"])
_FATHER = re.compile("(?:[aoeiy]v?i[ct]s?h|[oe]vy?t?ch|[oe]vn[ay]|ivna|[au][uw]na|[oe]vi[ctz]|owicz|[oe]vyt?ch)$")


def features(asked: Name, listed: Name, found: Alignment) -> list[float]:
    """The numbers of FEATURES."""
    ours, theirs = asked.tokens, listed.tokens
    own_a = [x.weight if x.kind < PARTICLE else 0.0 for x in ours]
    own_b = [x.weight if x.kind < PARTICLE else 0.0 for x in theirs]
    weight_a, weight_b = sum(own_a), sum(own_b)
    total = max(0.1, (weight_a + weight_b) / 2)
    damage = worst = own = lossy = 0.0
    words = initials = 0
    for places_a, places_b, same in found.pairs:
        single = len(places_a) == len(places_b) == 1
        i, j = places_a[0], places_b[0]
        weight = (own_a[i] + own_b[j]) / 2
        if not single:
            weight = (sum([own_a[k] for k in places_a]) + sum([own_b[k] for k in places_b])) / 2
        if not weight:
            continue
        damage += weight * (1.0 - same)
        if ours[i].tells != theirs[j].tells and ours[i].tells != BARE:
            lossy += weight
        if ours[i].kind != theirs[j].kind and INITIAL in (ours[i].kind, theirs[j].kind):
            initials += 1
            continue
        worst = max(worst, (1.0 - same) * min(1.0, weight * 1.5))
        if any([ours[k].kind == WORD for k in places_a]) and any([theirs[k].kind == WORD for k in places_b]):
            own += weight * weight / max(1, len(places_a), len(places_b)) * max(0.0, 2.0 * same - 1.0)
            words += max(len(places_a), len(places_b))
    left_a, left_b = sum([own_a[i] for i in found.asked_left]), sum([own_b[j] for j in found.listed_left])
    if bool(left_a) != bool(left_b):  # a father's name is often left out
        left_a -= 0.7 * sum([own_a[i] for i in found.asked_left if _FATHER.search(ours[i].plain)])
        left_b -= 0.7 * sum([own_b[j] for j in found.listed_left if _FATHER.search(theirs[j].plain)])
    instead = min(left_a, left_b) / total
    more_b = max(0.0, left_b - left_a) / max(0.1, weight_b)
    more_a = max(0.0, left_a - left_b) / max(0.1, weight_a)
    damage /= total
    lossy /= total
    own = min(own, 3.0) / 3.0
    common = 1.0 - own
    bare = any([x.tells == BARE for x in ours])
    person = 1.0 if asked.person or listed.person else 0.0
    return [
        damage,
        worst,
        instead,
        more_b,
        more_a,
        common,
        1.0 if words == 1 and len(found.asked_left) + len(found.listed_left) else 0.0,
        _differ(ours, theirs, found, NUMBER),
        _differ(ours, theirs, found, FORM),
        _differ(ours, theirs, found, PLACE),
        min(initials, 2) / 2.0,
        # what was written without vowels cannot be like the whole text of what has them
        (1.0 - Indel.normalized_similarity(_text(ours, bare), _text(theirs, bare))) * max(0.0, 1.0 - lossy),
        1.0 if own < 0.07 else 0.0,
        person * _particles(ours, theirs, found),
        lossy * common,
        damage * common,
        (more_b + more_a) * common,
        damage * common**3,
        (more_b + more_a) * common**3,
        person * instead,
        person * more_b,
    ]


def _differ(ours: Sequence[Token], theirs: Sequence[Token], found: Alignment, kind: int) -> float:
    if not (found.asked_left or found.listed_left):
        return 0.0
    here = any(ours[i].kind == kind for i in found.asked_left)
    there = any(theirs[j].kind == kind for j in found.listed_left)
    return 1.0 if here and there else 0.5 if (here or there) and kind == NUMBER else 0.0


def _particles(ours: Sequence[Token], theirs: Sequence[Token], found: Alignment) -> float:
    left = [ours[i].plain for i in found.asked_left] + [theirs[j].plain for j in found.listed_left]
    return 1.0 if any(x in _PART_OF_A_NAME for x in left) else 0.0


def _text(tokens: Sequence[Token], bare: bool) -> str:
    told = (x.plain for x in tokens if x.kind < PARTICLE)
    return " ".join(sorted(map(skeleton, told) if bare else told))
