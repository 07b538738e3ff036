"""A name as it is compared: its words, what kind of word each is, and how much it tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import OSA

from carveout.engine.parties.matching.letters import BARE, CONSONANTS, FULL, SYLLABLES, Word, words_of
from carveout.engine.parties.matching.lexicon import (
    NUMBERS,
    PARTICLES,
    SILENT,
    TITLES,
    lexicon,
    whole,
)
from carveout.engine.parties.matching.sounds import sound
from carveout.engine.parties.matching.vowelless import bare, skeleton

WORD, TERM, PLACE, NUMBER, INITIAL, PARTICLE, TITLE, FORM = range(8)
"""Kinds of word: a name's own, of trade, of place, a number, one letter, then those that nobody need say."""

KINDS = ("word", "trade", "place", "number", "initial", "particle", "title", "form")
MOST_WORDS = 500
PERSON = "person"


class Token(NamedTuple):
    """A word of a name."""

    plain: str
    sound: str
    other: str  # the sound of the letters without their accents, where that differs
    kind: int
    weight: float
    group: str = ""  # the term, place, form or number that it stands for, or its signs
    tells: str = FULL


class Name(NamedTuple):
    """The words of a name, and whether it is a person's."""

    tokens: tuple[Token, ...]
    person: bool
    wholes: tuple[Token, ...] = ()  # words that are taken apart (Abdurrahman, Nuruddin), as they are written


_ABD = re.compile(r"^abd(?:[aeiou]{1,2}(?:[lrnsdtz](?=[^aeiou])|l))(?=[^aeiou]?[aeiou]?)(.{3,})$")
_ABD_BARE = re.compile(r"^abd(?:al|ul|el)?([^aeiouw].{2,})$")
_SERVANT = "abdul"  # of: abd, abdel, abd al ... with what comes after it
_ARTICLES = frozenset(["al", "el", "ul"])
_SERVANTS = ("abdul", "abdur")
_BARE_SERVANTS = ("bd", "bdl", "bdr")
_BARE_WEIGHT = 0.7  # nobody knows how common what is meant may be
_ALLAH = re.compile("^.{3,6}l+a+h*$")
_DIN = re.compile("^(.{3,}?)(?:[aeu]|ou)l?d+[eiy]{1,2}n+e*$")
_MIXED = re.compile(r"(?=.*\d)(?=.*[^\W\d_])")
_LETTERS = {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g", "2": "z", "6": "b"}


def analyse(text: str, kind: str | None = None, *, by_looks: bool = False) -> Name:
    """The words of a name of a thing of that kind, or of whatever it may be."""
    return _analyse(text, kind, by_looks)


def analyse_bare(text: str, kind: str | None = None) -> Name | None:
    """The words of a name written without its vowels; none if it has them."""
    words = bare(words_of(text)[:MOST_WORDS])
    return Name(tuple(map(_bare, words)), kind == PERSON) if words else None


def _bare(word: Word) -> Token:
    plain = word.plain
    if plain in PARTICLES or (word.tells == FULL and plain != "l"):
        return _tokens(word, person=True, trade=False, last=False, first=False)[0]
    if plain[0] in "ab" and skeleton(plain) in _BARE_SERVANTS:
        return _token(_SERVANT, sound(_SERVANT), PARTICLE)
    if plain == "l":
        return _token("al", sound("al"), PARTICLE)
    return Token(plain, plain, "", WORD, _BARE_WEIGHT, "", BARE)


@lru_cache(maxsize=4_096)
def _analyse(text: str, kind: str | None, by_looks: bool) -> Name:
    person = kind == PERSON
    words = words_of(text, by_looks=by_looks)[:MOST_WORDS]
    tokens: list[Token] = []
    if not person:
        words, forms = without_forms(words)
        tokens += forms
    tokens = _own(words, person=person, trade=kind != PERSON) + tokens
    if all(x.kind >= PARTICLE for x in tokens):  # a name of nothing else is those words
        tokens = [_token(x.plain, x.plain, WORD, tells=x.tells) if x.kind != FORM else x for x in tokens]
    return Name(tuple(tokens), person, _wholes(words))


def _own(words: Sequence[Word], *, person: bool, trade: bool) -> list[Token]:
    found: list[Token] = []
    place = 0
    while place < len(words):
        word = words[place]
        if trade and (taken := _place(words, place, found)):
            place += taken
            continue
        found += _tokens(word, person, trade, last=place == len(words) - 1, first=place == 0)
        place += 1
    return _with_whole_numbers(found) if trade else found


def _tokens(word: Word, person: bool, trade: bool, *, last: bool, first: bool) -> list[Token]:
    plain, spoken, tells, signs = word
    if signs:
        return [_token(plain, sound(spoken), WORD, signs, tells)]
    if plain.isdigit():
        value = plain.lstrip("0") or "0"
        return [_token(value, value, NUMBER, value)]
    if plain not in NUMBERS and _MIXED.match(plain) and (person or not plain[-1].isdigit()):
        plain = spoken = _without_digits(plain)
    if trade and plain in NUMBERS and (len(plain) > 1 or (last and not first)):
        return [_token(plain, plain, NUMBER, NUMBERS[plain])]
    if len(plain) == 1 and tells == FULL:
        return [_token(plain, plain, INITIAL)]
    if (
        plain in TITLES
        and (person or not trade)
        and (len(plain) > 3 or first or (last and plain in ("jr", "sr", "phd", "esq")))
    ):
        return [_token(plain, sound(spoken), TITLE)]
    if plain in PARTICLES or (person and _servant(plain)):
        servant = plain not in PARTICLES or plain.startswith("abd")
        return [_token(_SERVANT if servant else plain, sound(spoken), PARTICLE)]
    if trade:
        if plain in SILENT:
            return [_token(plain, plain, PARTICLE)]
        plain_whole = whole(plain)
        if group := lexicon().group(plain_whole):
            return [_token(plain_whole, sound(plain_whole), TERM, group, tells)]
    return [_token(part, sound(said), kind, "", tells) for part, said, kind in _parts(plain, spoken, tells)]


def _wholes(words: Sequence[Word]) -> tuple[Token, ...]:
    apart = (x for x in words if not x.signs and len(x.plain) > 4 and len(_parts(x.plain, x.spoken, x.tells)) > 1)
    wholes = [(x.plain, x.spoken, x.tells) for x in apart]
    for first, second in pairwise(words):  # al and a name are often written as one
        if first.plain in _ARTICLES and first.tells == second.tells == FULL and len(second.plain) > 2:
            wholes.append((first.plain + second.plain, first.spoken + second.spoken, FULL))
    return tuple(_token(plain, sound(spoken), WORD, "", tells) for plain, spoken, tells in wholes)


def _parts(plain: str, spoken: str, tells: str) -> list[tuple[str, str, int]]:
    """A word and its parts: Abdurrahman is abd and rahman, Nuruddin is nur and din."""
    if plain.startswith("abd") and len(plain) > 5:
        found = _ABD.match(plain) or _ABD_BARE.match(plain)
        if found and not _ALLAH.search(plain):
            return [(_SERVANT, _SERVANT, PARTICLE), (found[1], found[1], WORD)]
    if "d" in plain[3:] and tells == FULL and (found := _DIN.match(plain)):
        return [(found[1], found[1], WORD), ("din", "din", PARTICLE)]
    return [(plain, spoken, WORD)]


def _servant(plain: str) -> bool:
    """Abdul, abdel, abdour and what a slip of the pen makes of them."""
    if not 4 <= len(plain) <= 7:
        return False
    said = sound(plain)
    return any(OSA.distance(x, y, score_cutoff=1) <= 1 for x in {plain, said} for y in _SERVANTS)


def _without_digits(plain: str) -> str:
    out = ""
    for at, letter in enumerate(plain):
        if letter == "1":
            beside = plain[max(0, at - 1) : at] + plain[at + 1 : at + 2]
            letter = "l" if any(x in "aeiouy" for x in beside) else "i"
        out += _LETTERS.get(letter, letter)
    return out


@lru_cache(maxsize=262_144)
def _token(plain: str, sounded: str, kind: int, group: str = "", tells: str = FULL) -> Token:
    other = sound(plain)
    return Token(
        plain, sounded, other if other != sounded else "", kind, _weight(sounded, kind, plain, tells), group, tells
    )


def _weight(sounded: str, kind: int, plain: str, tells: str) -> float:
    told = lexicon().weight(sounded)
    if kind == WORD:
        if tells == SYLLABLES and len(plain) < 6:
            told = min(told, 0.5)
        return 0.25 + 0.75 * told
    if kind == TERM:
        return 0.12 + 0.35 * told
    return {PLACE: 0.4, NUMBER: 0.45, INITIAL: 0.3, PARTICLE: 0.3 if plain in ("abu", "abou") else 0.1}.get(kind, 0.08)


def _place(words: Sequence[Word], at: int, found: list[Token]) -> int:
    known = lexicon()
    for length in range(min(5, len(words) - at), 0, -1):
        code = known.places.get(tuple(x.plain for x in words[at : at + length]))
        if code:
            plain = "".join(x.plain for x in words[at : at + length])
            found.append(_token(plain, sound(plain), PLACE, code, words[at].tells))
            return length
    return 0


def without_forms(words: list[Word]) -> tuple[list[Word], list[Token]]:
    """The words of a name without the legal forms at its ends, and those; one word always stays."""
    known = lexicon()
    forms: list[Token] = []
    while True:
        for length in range(min(known.longest, len(words) - 1), 0, -1):
            for part, rest in ((words[-length:], words[:-length]), (words[:length], words[length:])):
                plain = tuple(x.plain for x in part)
                group = known.forms.get(plain)
                if group and not (len(plain) == 1 and plain[0] in NUMBERS):
                    forms.append(_token("".join(plain), "".join(plain), FORM, group))
                    words = rest
                    break
            else:
                continue
            break
        else:
            return words, forms


def _with_whole_numbers(tokens: list[Token]) -> list[Token]:
    """Forty and four are 44."""
    found: list[Token] = []
    for token in tokens:
        before = found[-1] if found else None
        if token.kind == NUMBER and before and before.kind == NUMBER:
            tens = before.group
            if len(tens) == 2 and tens[1] == "0" and len(token.group) == 1 and not before.plain.isdigit():
                value = tens[0] + token.group
                found[-1] = _token(value, value, NUMBER, value)
                continue
        found.append(token)
    return found


__all__ = ["CONSONANTS", "FORM", "INITIAL", "KINDS", "NUMBER", "PARTICLE", "PERSON", "PLACE", "SYLLABLES", "TERM",
           "TITLE", "WORD", "Name", "Token", "analyse", "without_forms"]  # fmt: skip
