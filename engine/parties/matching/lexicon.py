"""What is known of words before any list is read: legal forms, words of trade in many languages, places, titles."""

from __future__ import annotations

import gzip
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from carveout.engine.parties.matching.letters import words_of
from carveout.engine.parties.matching.sounds import sound

DATA = Path(__file__).resolve().parent / "data"

NUMBERS = {
    word: str(number)
    for number, words in {
        0: "zero", 1: "one first 1st i", 2: "two second 2nd ii", 3: "three third 3rd iii", 4: "four fourth 4th iv",
        5: "five fifth 5th v", 6: "six sixth 6th vi", 7: "seven seventh 7th vii", 8: "eight eighth 8th viii",
        9: "nine ninth 9th ix", 10: "ten tenth 10th x", 11: "eleven eleventh 11th xi", 12: "twelve twelfth 12th xii",
        13: "thirteen xiii", 14: "fourteen xiv", 15: "fifteen xv", 16: "sixteen xvi", 17: "seventeen xvii",
        18: "eighteen xviii", 19: "nineteen xix", 20: "twenty xx", 30: "thirty", 40: "forty fourty", 50: "fifty",
        60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety", 100: "hundred",
    }.items()
    for word in words.split()
}  # fmt: skip
_SHORT = {"intl": "international", "mfg": "manufacturing", "govt": "government", "univ": "university",
          "bros": "brothers", "assn": "association", "dept": "department", "natl": "national", "org": "organization",
          "ltd": "limited"}  # fmt: skip

_LANDS = {"us": "us", "usa": "us", "uk": "gb", "uae": "ae", "prc": "cn", "dprk": "kp", "drc": "cd", "ussr": "ru"}


@dataclass(slots=True)
class Lexicon:
    """Phrases by their words in plain letters, and how common a sound is in lists."""

    forms: dict[tuple[str, ...], str] = field(default_factory=dict)
    terms: dict[str, str] = field(default_factory=dict)
    stems: dict[str, str] = field(default_factory=dict)
    places: dict[tuple[str, ...], str] = field(default_factory=dict)
    nicknames: dict[str, frozenset[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    longest: int = 1

    def weight(self, sounded: str) -> float:
        """How much a word tells, from 0.15 for the commonest to 1."""
        count = self.counts.get(sounded, 0)
        return max(0.15, 1.0 - 0.095 * math.log1p(count)) if count else 1.0

    def group(self, plain: str) -> str:
        """The term of trade that a word is, in whatever language; empty if none."""
        found = self.terms.get(plain)
        if found is not None:
            return found
        for length in range(len(plain), 3, -1):
            found = self.stems.get(plain[:length])
            if found is not None:
                return found
        return ""


def _rows(name: str) -> Iterator[tuple[str, list[str]]]:
    for line in (DATA / name).read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        group, _, found = line.partition("\t")
        yield group, found.split("|")


_SMALL_WORDS = {group: frozenset(words) for group, words in _rows("small.tsv")}
TITLES, PARTICLES = _SMALL_WORDS["titles"], _SMALL_WORDS["particles"]
SILENT, OF_AN_ADDRESS = _SMALL_WORDS["silent"], _SMALL_WORDS["address"]


def _plain(phrase: str) -> tuple[str, ...]:
    return tuple(word.plain for word in words_of(phrase))


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The tables that are shipped, read once."""
    found = Lexicon()
    for group, phrases in _rows("forms.tsv"):
        for phrase in map(_plain, phrases):
            if phrase and not (len(phrase) == 1 and len(phrase[0]) < 2):
                found.forms.setdefault(phrase, group)
    for group, phrases in _rows("places.tsv"):
        for phrase in map(_plain, phrases):
            if phrase and len("".join(phrase)) > 3:
                found.places.setdefault(phrase, group)
    found.places.update({(short,): code for short, code in _LANDS.items()})
    for group, phrases in _rows("terms.tsv"):
        for text in phrases:
            words = _plain(text.rstrip("*"))
            if len(words) != 1:
                continue
            if text.endswith("*") and len(words[0]) > 3:
                found.stems.setdefault(words[0], group)
            else:
                found.terms.setdefault(words[0], group)
    nicks: dict[str, set[str]] = {}
    for group, phrases in _rows("namesakes.tsv"):
        for phrase in map(_plain, phrases):
            nicks.setdefault(phrase[0], set()).add(group)
    found.nicknames = {word: frozenset(groups) for word, groups in nicks.items()}
    if (DATA / "counts.tsv.gz").exists():
        for line in gzip.decompress((DATA / "counts.tsv.gz").read_bytes()).decode().splitlines():
            number, _, sounds = line.partition("\t")
            found.counts.update(dict.fromkeys(sounds.split(), int(number)))
    found.longest = max(map(len, (*found.forms, *found.places)))
    return found


def whole(plain: str) -> str:
    """A usual abbreviation written out."""
    return _SHORT.get(plain, plain)


__all__ = ["DATA", "NUMBERS", "PARTICLES", "SILENT", "TITLES", "Lexicon", "lexicon", "sound", "whole"]
