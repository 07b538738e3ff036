"""Names written without their vowels (`Vldmr Ptn`): a reading of its own, in which consonants alone are compared."""

from __future__ import annotations

import re

from carveout.engine.parties.matching.letters import BARE, FULL, Word

_LEAST_WORDS, _LEAST_CONSONANTS = 2, 5
"""Fewer say too little: half of all short names would be meant."""

_STAYS_WHOLE = 3  # a word of so few letters has nothing to leave out
_SAME = (0.0, 0.75, 0.9)  # of one and two consonants; more are as good as
_SAME_OF_MORE = 0.96
_OTHER_END, _Y_LEFT_OUT = 0.05, 0.04
_DOUBLED = re.compile(r"(.)\1+")
_NO_VOWELS = str.maketrans("", "", "aeiou")
_VOWELS = frozenset("aeiou")


def skeleton(plain: str) -> str:
    """The consonants of a word, doubled ones once; y is one of them."""
    return _DOUBLED.sub(r"\1", plain.translate(_NO_VOWELS))


def key(plain: str) -> str:
    """What is the same for a word and for the same without its vowels, whether y was left out or not."""
    bones = skeleton(plain)
    return _DOUBLED.sub(r"\1", bones[:1] + bones[1:].replace("y", ""))


def without_vowels(plain: str) -> bool:
    """Whether a word has no vowel but at its ends."""
    return _VOWELS.isdisjoint(plain[1:-1])


def bare(words: list[Word]) -> list[Word] | None:
    """The words of a name whose vowels somebody left out, as such; none if they are all there."""
    if any(word.tells != FULL or not word.plain.isalpha() for word in words):
        return None
    told = [word for word in words if without_vowels(word.plain)]
    if any(len(word.plain) > _STAYS_WHOLE and word not in told for word in words):
        return None
    said = [dry for word in told if len(dry := word.plain.translate(_NO_VOWELS)) >= 2]
    if len(said) < _LEAST_WORDS or sum(map(len, said)) < _LEAST_CONSONANTS:
        return None
    return [word._replace(tells=BARE) if word in told and len(word.plain) > 1 else word for word in words]


def same_without_vowels(asked: str, listed: str) -> float:
    """From 0 to 1: how sure it is that the first is the second with its vowels left out."""
    said, meant = skeleton(asked), skeleton(listed)
    if len(asked) > len(listed) or not said:
        return 0.0
    found = _SAME[len(said)] if len(said) < len(_SAME) else _SAME_OF_MORE
    if said != meant:
        if "y" in said[1:] or key(listed) != said:
            return 0.0
        found -= _Y_LEFT_OUT
    for here, there in ((asked[0], listed[0]), (asked[-1], listed[-1])):
        if here in _VOWELS and here != there:
            return 0.0 if there not in _VOWELS else found - 2 * _OTHER_END
        if here not in _VOWELS and there in _VOWELS:
            found -= _OTHER_END
    return found
