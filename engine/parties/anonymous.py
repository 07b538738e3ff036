"""Names that say nobody: where they find nobody recorded, that is no answer, and who is meant must be asked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from carveout.engine.facts.blanks import FIRST_UNREAD, OVERRIDES, is_written
from carveout.engine.parties.matching.letters import Word, words_of
from carveout.engine.parties.matching.lexicon import PARTICLES, TITLES, lexicon, whole
from carveout.engine.parties.matching.names import without_forms
from carveout.engine.parties.matching.sounds import sound
from carveout.engine.parties.stand_ins import BESIDE, PARTS, STAND_INS

UNWRITTEN = "no letter of a name is in it: ask for the name"
TURNED = "a mark in it turns letters around, so that it is read otherwise than shown: write the name anew"
TOO_LITTLE = (
    "a figure, a title, a country, a word of trade or a legal form alone names nobody: ask for the name, or a number"
)
STANDS_FOR = "it stands where a name should, and is none: ask for the name"
TOO_ROUGH = (
    "its script is read too roughly to say that it is nobody recorded: state the name in Latin letters, or a number"
)

_RARE = 0.6
"""A word that says less than this is borne by too many to say by itself who is meant."""
_NOT_OWN = frozenset(["the", "and", "of", "his", "her"])
_CROSSES = re.compile("xx+")
_SPELLED_OUT = frozenset(["company", "corporation", "compagnie", "gesellschaft", "kompaniia", "kompaniya", "sirketi"])
_EDGE = Word("\0", "\0")


def says_nobody(name: str) -> str:
    """Why a name does not say who is meant, where nobody recorded is the same; empty if it does.

    A legal form makes a name of what stands beside it: `X Corp`, `Major Ltd` and `4711 GmbH` are registered somewhere,
    `Major` and `4711` alone are not. A letter is a name (`Bank F`, `X`): it stands for somebody whom the user knows.
    Words that stand for a name (`various`, `unknown Ltd`, `the customer`) never are one. In a script of which words are
    read roughly (from Armenian on) a listed party is found if it is recorded so, and mostly if not: mostly is not
    enough to say that somebody is nobody recorded. A name in Latin, Greek or Cyrillic letters beside it is: two words,
    or one that few bear.
    """
    if not is_written(name):
        return TURNED if OVERRIDES.intersection(name) else UNWRITTEN
    seen = unicodedata.normalize("NFKC", name)
    read = seen if seen.isascii() else "".join(x if _is_read(x) else " " for x in seen)
    rough = any(x.isalpha() and not _is_read(x) for x in seen)
    words = words_of(read) if any(map(str.isalnum, read)) else []
    why = _of_words(words) or (TOO_LITTLE if rough and _is_common(words) else "")
    return TOO_ROUGH if why and rough else why


def readable_part(name: str) -> str:
    """What of a name in several scripts is written in one that is read well, if that says who is meant; else empty."""
    if name.isascii():
        return ""
    seen = unicodedata.normalize("NFKC", name)
    read = " ".join("".join(x if _is_read(x) else " " for x in seen).split())
    if not any(x.isalpha() and not _is_read(x) for x in seen) or not any(map(str.isalpha, read)):
        return ""
    return "" if _of_words(words_of(read)) else read


def _of_words(words: Sequence[Word]) -> str:
    known = lexicon()
    if len(without_forms([_EDGE, *words])[0]) == 1:  # legal forms, or nothing
        return TOO_LITTLE
    rest, forms = without_forms(list(words))
    own = [word.plain for word in rest if word.plain not in _NOT_OWN]
    if not own:
        return TOO_LITTLE
    if all(word in STAND_INS or word in PARTS or word in BESIDE for word in own):
        if any(word in STAND_INS for word in own):
            return STANDS_FOR
        if any(word in PARTS for word in own) and all(form.plain in _SPELLED_OUT for form in forms):
            return STANDS_FOR
    if forms or any(word.plain == "and" for word in rest[1:-1]):  # AT&T
        return ""
    if _CROSSES.fullmatch("".join(own)):
        return STANDS_FOR
    if all(word.isdigit() or word in TITLES for word in own):
        return TOO_LITTLE
    if tuple(own) in known.places:
        return TOO_LITTLE
    return TOO_LITTLE if len(own) == 1 and (own[0] in PARTICLES or _is_of_trade(own[0])) else ""


def _is_of_trade(plain: str) -> bool:
    """A common word of trade, which by itself finds nobody (Diamond and Sputnik are such words, and rare)."""
    return plain in lexicon().terms and lexicon().weight(sound(plain)) < _RARE


def _is_common(words: Sequence[Word]) -> bool:
    known = lexicon()
    own = [word for word in without_forms(list(words))[0] if word.plain not in _NOT_OWN and len(word.plain) > 1]
    if len(own) > 1:
        return False
    return all(
        known.weight(sound(word.spoken)) < _RARE
        or (word.plain,) in known.places
        or bool(known.group(whole(word.plain)))
        for word in own
    )


@lru_cache(maxsize=16_384)
def _is_read(letter: str) -> bool:
    """Is it of a script that is read well, or no letter, mark or figure at all?"""
    if ord(letter) < FIRST_UNREAD or unicodedata.category(letter)[0] not in "LMN":
        return True
    return unicodedata.name(letter, "").partition(" ")[0] in ("LATIN", "GREEK", "CYRILLIC")
