"""Names as they are compared: one spelling for all the ways in which a name is written."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from carveout.engine.parties.alphabets import looked, seen, spelled
from carveout.engine.parties.trade_words import without_forms

LONGEST = 1_000
"""No more letters of a name than these are read."""

_APOSTROPHES = re.compile("(?<=\\w)['’‘ʼʹʻʾʿ`´′ˈ]+(?=\\w)")
_ABBREVIATION = re.compile(r"(?<!\w)(?:[^\W\d_]\.){2,}[^\W\d_]?(?!\w)")
_AND = re.compile("[&＆]")
_ARTICLES = frozenset({"the"})
_WHOLE = {"co": "company", "corp": "corporation", "intl": "international", "mfg": "manufacturing", "bros": "brothers"}
_FOLDS = (
    ("shch", "sh"), ("tch", "ch"), ("sch", "sh"), ("kh", "h"), ("gh", "g"), ("ph", "f"), ("ck", "k"),
    ("ts", "c"), ("tz", "c"), ("x", "ks"), ("q", "k"), ("w", "v"), ("j", "i"), ("y", "i"),
    ("ie", "e"), ("iu", "u"),
)  # fmt: skip
_DOUBLED = re.compile(r"([^\W\d_])\1+")


def clipped(name: str) -> tuple[str, bool]:
    """The readable part of a name, and whether it is less than the whole."""
    text = seen(name)
    return text[:LONGEST], len(text) > LONGEST or len(name) > 100 * LONGEST


@lru_cache(maxsize=65_536)
def _words(text: str, by_looks: bool) -> tuple[str, ...]:
    # Accents that no letter took up are left out; the vowel signs of Indian scripts are marks too, and stay.
    # signs such as ™ and № are no letters of the name, to which NFKC would glue them
    text = "".join(
        " " if unicodedata.category(x)[0] == "S" and len(unicodedata.normalize("NFKC", x)) > 1 else x for x in text
    )
    text = "".join(x for x in unicodedata.normalize("NFKC", text) if not unicodedata.combining(x))
    text = seen(text)[: 4 * LONGEST]
    text = _AND.sub(" and ", _ABBREVIATION.sub(lambda found: found[0].replace(".", ""), text))
    write = looked if by_looks else spelled
    words = [word for part in _parts(_APOSTROPHES.sub("", text)) for word in _parts(write(part))]
    words = [_WHOLE.get(word, word) for word in words]
    # A name of signs alone is its signs.
    return tuple(word for word in words if word not in _ARTICLES) or tuple(words) or ((text,) if text else ())


def _parts(text: str) -> list[str]:
    return "".join(x if x.isalnum() or unicodedata.category(x)[0] == "M" else " " for x in text).split()


def words(name: str, *, by_looks: bool = False) -> tuple[str, ...]:
    """The words of a name in plain letters, in their order, legal forms and all.

    `by_looks` reads a word whose every letter passes for a Latin one as Latin (`РАО` as pao, not rao).
    """
    return _words(clipped(name)[0], by_looks)


def normalise(name: str) -> str:
    """The one spelling of a name: plain letters and digits, no accents, signs or legal forms."""
    return " ".join(without_forms(words(name)))


@lru_cache(maxsize=65_536)
def heard(word: str) -> str:
    """A word by its rough sound, so that other romanisations of it (Belavija, Belaviya) come out alike."""
    for written, sound in _FOLDS:
        word = word.replace(written, sound)
    return _DOUBLED.sub(r"\1", word)
