"""What an alignment of two names says, in a handful of numbers."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import OSA, Indel

from carveout.engine.parties.matching.aligning import Alignment
from carveout.engine.parties.matching.names import FORM, INITIAL, NUMBER, PARTICLE, PLACE, WORD, Name, Token

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
    "joined",  # words are written as one, or apart
    "whole",  # how much the names differ as one text
    "common",  # no word of the names' own agrees
    "edits",  # letters that differ in the words that stand for each other, up to four
    "most_edits",  # the same in one word
    "lossy",  # how much of what agrees was read from a script that tells little
    "lossy_common",  # the same, where what agrees is common
    "damage_common", "instead_common", "more_common",  # the same as above, where what agrees is common
    "person_damage", "person_instead", "person_more_listed", "person_more_asked",
)  # fmt: skip


def features(asked: Name, listed: Name, found: Alignment) -> list[float]:
    """The numbers of FEATURES."""
    ours, theirs = asked.tokens, listed.tokens
    weight_a, weight_b = _weight(ours, range(len(ours))), _weight(theirs, range(len(theirs)))
    total = max(0.1, (weight_a + weight_b) / 2)
    damage = worst = own = lossy = 0.0
    words = initials = joined = edits = most_edits = 0
    for places_a, places_b, same in found.pairs:
        a = _weight(ours, places_a)
        b = _weight(theirs, places_b)
        weight = (a + b) / 2
        if not weight:
            continue
        damage += weight * (1.0 - same)
        if ours[places_a[0]].tells != theirs[places_b[0]].tells:
            lossy += weight
        first = ours[places_a[0]], theirs[places_b[0]]
        if INITIAL in (first[0].kind, first[1].kind) and first[0].kind != first[1].kind:
            initials += 1
            continue
        worst = max(worst, (1.0 - same) * min(1.0, weight * 1.5))
        if any(ours[i].kind == WORD for i in places_a) and any(theirs[j].kind == WORD for j in places_b):
            own += weight * max(0.0, 2.0 * same - 1.0)
            words += max(len(places_a), len(places_b))
        if (
            len(places_a) == len(places_b) == 1
            and first[0].sound != first[1].sound
            and first[0].tells == first[1].tells
        ):
            here = OSA.distance(first[0].plain, first[1].plain)
            edits, most_edits = edits + here, max(most_edits, here)
        joined += len(places_a) != len(places_b)
    left_a, left_b = _weight(ours, found.asked_left), _weight(theirs, found.listed_left)
    instead = min(left_a, left_b) / total
    more_b = max(0.0, left_b - left_a) / max(0.1, weight_b)
    more_a = max(0.0, left_a - left_b) / max(0.1, weight_a)
    damage /= total
    lossy /= total
    own = min(own, 3.0) / 3.0
    common = 1.0 - own
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
        1.0 if joined else 0.0,
        1.0 - Indel.normalized_similarity(_text(ours), _text(theirs)),
        1.0 if own < 0.07 else 0.0,
        min(edits, 4) / 4.0,
        min(most_edits, 4) / 4.0,
        lossy,
        lossy * common,
        damage * common,
        instead * common,
        (more_b + more_a) * common,
        person * damage,
        person * instead,
        person * more_b,
        person * more_a,
    ]


def _weight(tokens: Sequence[Token], places: Sequence[int]) -> float:
    return sum(tokens[i].weight for i in places if tokens[i].kind < PARTICLE)


def _differ(ours: Sequence[Token], theirs: Sequence[Token], found: Alignment, kind: int) -> float:
    here = any(ours[i].kind == kind for i in found.asked_left)
    there = any(theirs[j].kind == kind for j in found.listed_left)
    return 1.0 if here and there else 0.5 if (here or there) and kind == NUMBER else 0.0


def _text(tokens: Sequence[Token]) -> str:
    return " ".join(sorted(x.plain for x in tokens if x.kind < PARTICLE))
