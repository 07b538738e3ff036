"""Words of a name in plain Latin letters, whatever script it was written in, and what was lost on the way."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from anyascii import anyascii

from carveout.engine.parties.alphabets import looked, seen, spelled

LONGEST = 1_000
"""No more letters of a name than these are read."""

FULL, CONSONANTS, SYLLABLES, BARE = "full", "consonants", "syllables", "bare"
"""What a script tells: all sounds; hardly a vowel (Arabic, Hebrew, Thai ...); syllables that many words share. Bare is
a word whose vowels the writer left out."""


class Word(NamedTuple):
    """A word in plain letters, as it is spoken, and what its script tells."""

    plain: str
    spoken: str
    tells: str = FULL
    signs: str = ""  # as it is written, where a sign is a syllable


_APOSTROPHES = re.compile("['’‘ʼʹʻʾʿ`´′ˈʺ]+")
_ABBREVIATION = re.compile(r"(?<!\w)(?:[^\W\d_]\.){2,}[^\W\d_]?(?!\w)")
_BREAKS = re.compile("[^0-9A-Za-z]+")
_CODES = {"&": " and ", "№": " ", "@": "a", "$": "s"}
_SIGNS = str.maketrans(_CODES)
_SPOKEN = {"č": "ch", "ć": "ch", "š": "sh", "ś": "sh", "ş": "sh", "ș": "sh", "ž": "zh", "ż": "zh", "ź": "z",
           "ý": "y", "ñ": "n", "ç": "ch", "ţ": "ts", "ț": "ts", "ř": "rzh",
           "ď": "d", "ť": "t", "ň": "n", "ğ": "g", "ł": "l"}  # fmt: skip
_BY_SOUND = str.maketrans(_SPOKEN)
_ARABIC = {
    "ا": "a", "أ": "a", "إ": "i", "آ": "a", "ٱ": "a", "ب": "b", "ت": "t", "ث": "th", "ج": "j", "ح": "h", "خ": "kh",
    "د": "d", "ذ": "dh", "ر": "r", "ز": "z", "س": "s", "ش": "sh", "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "ع": "",
    "غ": "gh", "ف": "f", "ق": "q", "ك": "k", "ک": "k", "ل": "l", "م": "m", "ن": "n", "ه": "h", "ھ": "h", "ہ": "h",
    "ة": "a", "ۃ": "a", "و": "w", "ؤ": "w", "ي": "y", "ی": "y", "ے": "y", "ى": "a", "ئ": "y", "ء": "", "پ": "p",
    "چ": "ch", "ژ": "zh", "گ": "g", "ٹ": "t", "ڈ": "d", "ڑ": "r", "ں": "n", "ڤ": "v", "ـ": "",
}  # fmt: skip
_FROM_ARABIC = str.maketrans(_ARABIC)
_SYLLABIC = ("CJK", "HANGUL", "HIRAGANA", "KATAKANA", "BOPOMOFO", "YI")
_FULLY_SPELLED = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "GEORGIAN", "ETHIOPIC", "FULLWIDTH")
# The family names that nearly half of Korea bears, as they are romanised abroad.
_KOREAN = {"gim": "kim", "i": "ri", "bak": "pak", "choe": "choe", "jeong": "jong", "jo": "cho", "gang": "kang",
           "jang": "jang", "im": "rim", "no": "ro", "yu": "ryu", "yang": "ryang", "gwon": "kwon"}  # fmt: skip


def words_of(name: str, *, by_looks: bool = False) -> list[Word]:
    """The words of a name, in their order; `by_looks` reads a word that could be Latin by its looks as Latin."""
    text = name if name.isascii() and name.isprintable() else _seen(name)
    text = _ABBREVIATION.sub(_run_together, text[:LONGEST].translate(_SIGNS))
    found: list[Word] = []
    text = _APOSTROPHES.sub("", text)
    for run in _BREAKS.split(text) if text.isascii() else _runs(text):
        if not run:
            continue
        if run.isascii():
            run = run.lower()
            found.append(Word(run, run))
        else:
            found.extend(_read(run, by_looks))
    if not found and (signs := "".join(text.casefold().split())):
        found.append(Word(signs, signs))  # a name that cannot be read is its signs
    return found


def _runs(text: str) -> list[str]:
    return "".join(x if x.isalnum() or unicodedata.category(x)[0] == "M" else " " for x in text).split()


def _seen(name: str) -> str:
    text = unicodedata.normalize("NFKC", seen(name))
    return "".join(x for x in text if x != "\u0640")


def _run_together(found: re.Match[str]) -> str:
    return found[0].replace(".", "")


@lru_cache(maxsize=65_536)
def _read(run: str, by_looks: bool) -> tuple[Word, ...]:
    alphabet = _alphabet(run)
    if alphabet == "ARABIC":
        return _arabic(run)
    if alphabet in _SYLLABIC:
        return _syllables(run, alphabet)
    plain = _letters(looked(run) if by_looks else spelled(run))
    if alphabet in ("LATIN", "CYRILLIC"):
        spoken = _letters(spelled(run.lower().translate(_BY_SOUND))) if alphabet == "LATIN" else plain
        return (Word(plain, spoken),) if plain else ()
    if not plain.isascii() or not plain:
        return ()
    return (Word(plain, plain, FULL if alphabet in _FULLY_SPELLED else CONSONANTS),)


def _letters(text: str) -> str:
    if text.isascii():
        return text
    return "".join(x for x in anyascii(text).lower() if x.isalnum())


@lru_cache(maxsize=16_384)
def _alphabet_of(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _alphabet(run: str) -> str:
    names = [_alphabet_of(x) for x in run if x.isalpha()]
    if "LATIN" in names:
        return "LATIN"
    return names[0] if names else ""


def _arabic(run: str) -> tuple[Word, ...]:
    bare = "".join(x for x in run if not unicodedata.combining(x))
    if bare.startswith("ع"):
        bare = "ا" + bare[1:]
    parts = ("ال", bare[2:]) if bare.startswith("ال") and len(bare) > 4 else (bare,)
    read = (_letters(part.translate(_FROM_ARABIC)) for part in parts)
    return tuple(Word(word, word, CONSONANTS) for word in read if word)


def _syllables(run: str, alphabet: str) -> tuple[Word, ...]:
    read = [(sign, said) for sign in run if (said := _letters(sign))]
    if not read:
        return ()
    parts = [read]
    if alphabet in ("HANGUL", "CJK") and 2 <= len(read) <= 4:  # a family name of one sign, and a given name
        parts = [read[:1], read[1:]]
        if alphabet == "HANGUL":
            parts[0] = [(read[0][0], _KOREAN.get(read[0][1], read[0][1]))]
    elif alphabet in ("HANGUL", "CJK"):
        parts = [[pair] for pair in read]
    joined = (("".join(x for x, _ in part), "".join(x for _, x in part)) for part in parts)
    return tuple(Word(said, said, SYLLABLES, signs) for signs, said in joined)
