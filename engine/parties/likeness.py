"""How near a name is to the recorded ones: words weighed by rarity, each compared by letter and by sound."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from carveout.engine.parties.names import heard
from carveout.engine.parties.trade_words import GENERIC, SMALL

NEAR = 0.8
"""Words that differ in more than one letter of five are different words."""

SOUNDS_ALIKE = 0.97
JOINED = 0.95
RELATED = 0.9  # one common word and its adjective
SLIGHT = 0.1  # the weight of a common word; another has up to 1
_DIGITS_FOR_LETTERS = str.maketrans("0134578", "oieastb")


class Likeness(NamedTuple):
    """How much of a recorded name is in a query, how much of the query that explains, and by which words."""

    covered: float
    explained: float
    distinctive: bool
    joined: bool
    pairs: tuple[tuple[str, str], ...]  # (word of the query, word of the recorded name)
    left: tuple[str, ...]  # words of the query that are not in the name


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the query, or two written apart, and the recorded words it may stand for."""

    text: str
    places: tuple[int, ...]
    meant: dict[str, float]


class Lexicon:
    """The words of all recorded names, with how many owners each has."""

    def __init__(self, names: Iterable[tuple[str, Sequence[str]]], common: Iterable[str] = ()) -> None:
        """`names` are pairs of an owner and the words of one of its names; `common` words say little."""
        self._common = GENERIC | SMALL | frozenset(common)
        self._stems = tuple(word for word in self._common - GENERIC if len(word) >= 4)
        owners: defaultdict[str, set[str]] = defaultdict(set)
        self._names: list[tuple[str, ...]] = []
        self._holders: defaultdict[str, list[int]] = defaultdict(list)
        for number, (owner, found) in enumerate(names):
            told = told_apart(found)
            self._names.append(told)
            for word in told:
                owners[word].add(owner)
                self._holders[word].append(number)
        many = max(6, len(set().union(*owners.values())) // 20)
        self._common |= {word for word, who in owners.items() if len(who) >= many}
        self._weights = {word: self._weight(word, len(who)) for word, who in owners.items()}
        self._sounds: defaultdict[str, list[str]] = defaultdict(list)
        for word in sorted(owners):
            self._sounds[heard(word)].append(word)
        self._derived = {stem: [word for word in sorted(owners) if _made_of(stem, word)] for stem in self._stems}
        self._by_length: defaultdict[int, list[str]] = defaultdict(list)
        for sound in self._sounds:
            self._by_length[len(sound)].append(sound)
        self._meant = lru_cache(maxsize=8192)(self._find_meant)

    def near(self, words: Sequence[str]) -> dict[int, Likeness]:
        """The recorded names, by number, that share a word, or one near to it, with the query."""
        asked = told_apart(words)
        found = self._meanings(asked)
        hits = {number for word in found for meant in word.meant for number in self._holders[meant]}
        weights = [self._asked_weight(text, word.meant) for text, word in zip(asked, found, strict=False)]
        return {number: self._likeness(self._names[number], asked, found, weights) for number in sorted(hits)}

    def _meanings(self, asked: tuple[str, ...]) -> list[_Word]:
        singles = [_Word(text, (place,), self._meant(text)) for place, text in enumerate(asked)]
        pairs = [
            _Word(asked[place] + asked[place + 1], (place, place + 1), {})
            for place in range(len(asked) - 1)
            if len(asked[place]) + len(asked[place + 1]) <= 40
        ]
        exact = [_Word(x.text, x.places, {m: JOINED for m in self._sounds.get(heard(x.text), ())}) for x in pairs]
        return singles + [word for word in exact if word.meant]

    def _find_meant(self, text: str) -> dict[str, float]:
        sound = heard(text)
        meant = {word: SOUNDS_ALIKE for word in self._sounds.get(sound, ())}
        if text in self._weights:
            meant[text] = 1.0
        for stem in self._stems:
            if _made_of(stem, text):
                meant.update({word: RELATED for word in self._derived[stem] if word not in meant})
        if any(letter.isdigit() for letter in text):
            if text.isdigit():
                return meant  # a number is that number or another
            sound = heard(text.translate(_DIGITS_FOR_LETTERS))
            meant.update({word: 0.9 for word in self._sounds.get(sound, ()) if word not in meant})
        for length in range(math.ceil(len(sound) * NEAR), math.floor(len(sound) / NEAR) + 1):
            for near, likeness, _ in process.extract_iter(
                sound, self._by_length.get(length, ()), scorer=OSA.normalized_similarity, score_cutoff=NEAR
            ):
                for word in self._sounds[near]:
                    if not any(letter.isdigit() for letter in word):
                        meant[word] = max(meant.get(word, 0.0), likeness * SOUNDS_ALIKE)
        return meant

    def _weight(self, word: str, owners: int) -> float:
        if len(word) == 1 or word in self._common or any(_made_of(stem, word) for stem in self._stems):
            return SLIGHT
        rare = 1 / (1 + math.log(owners))
        return rare / 2 if word.isdigit() else rare

    def _asked_weight(self, text: str, meant: dict[str, float]) -> float:
        if any(letter.isdigit() for letter in text) and not meant:
            return SLIGHT  # of an address
        known = max(meant, key=lambda word: (meant[word], word), default="")
        return self._weights[known] if known else self._weight(text, 1)

    def _likeness(
        self, name: tuple[str, ...], asked: tuple[str, ...], found: list[_Word], weights: list[float]
    ) -> Likeness:
        covered = 0.0
        distinctive = joined = False
        pairs = []
        places = [0.0] * len(asked)
        for word in name:
            best = max(found, key=lambda x: x.meant.get(word, 0.0))
            likeness = best.meant.get(word, 0.0)
            if not likeness:
                continue
            covered += likeness * self._weights[word]
            distinctive |= self._weights[word] > SLIGHT
            joined |= len(best.places) > 1
            pairs.append((best.text, word))
            for place in best.places:
                places[place] = max(places[place], likeness)
        whole = sum(self._weights[word] for word in name)
        told = sum(likeness * weight for likeness, weight in zip(places, weights, strict=True))
        left = tuple(text for text, likeness in zip(asked, places, strict=True) if not likeness)
        return Likeness(covered / whole, told / sum(weights), distinctive, joined, tuple(pairs), left)


def score_of(likeness: Likeness, length: int, *, person: bool, strangers: bool) -> float:
    """The score, 0 to 100, of a likeness to a person's or other name of so many words; `strangers` differ in kind."""
    covered, explained = likeness.covered, likeness.explained
    if likeness.joined and explained < 0.55:
        return 0.0  # two words of a longer name that run together by chance
    if not likeness.distinctive and not _wholly_generic_but_near(likeness, length):
        return 0.0
    within = 100 * covered * (0.75 + 0.25 * explained) if covered >= 0.8 else 0.0
    enough = 0.3 if person else 0.5  # of a person often the family name alone is said
    part = 100 * explained * (0.65 + 0.35 * covered) if explained >= 0.85 and covered >= enough else 0.0
    if strangers:
        return within if explained >= 0.5 else 0.0
    return max(within, part)


def _wholly_generic_but_near(likeness: Likeness, length: int) -> bool:
    if likeness.covered >= 0.9:
        return likeness.explained >= 0.9 or length >= 3
    said = likeness.covered >= 0.65 and likeness.explained >= 0.85
    return said and length >= 3 and len(likeness.pairs) >= 2


def told_apart(words: Sequence[str]) -> tuple[str, ...]:
    """The words of a name that can tell it from another, each once; all of them where there is none."""
    telling = tuple(dict.fromkeys(word for word in words if word not in SMALL))
    return telling or tuple(dict.fromkeys(words))


def _made_of(stem: str, word: str) -> bool:
    return word.startswith(stem) and len(word) - len(stem) <= 4
