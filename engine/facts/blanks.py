"""What people and spreadsheets write where they have no name to write: one list, for every way of asking."""

from __future__ import annotations

import unicodedata

_WORDS = """
na nan none null nil unknown unbekannt tbd tba tbc notknown notstated notapplicable undisclosed tobeadvised
tobeconfirmed ref xxx 0 00 000 нд бн
"""
BLANK_WORDS = frozenset(_WORDS.split())
"""In small letters and without signs: `N/A`, `n.a.` and `NA` are all `na`."""
OVERRIDES = frozenset("\u202d\u202e")
"""Marks that turn the order of letters around: what is shown is not what is read."""
FIRST_UNREAD = 0x530
"""From here on (Armenian and beyond) are scripts of which too many letters have no one reading in Latin ones: who is
written in them alone is looked for, but is an unknown party where nobody recorded is the same."""


def is_blank(name: str) -> bool:
    """Does the text stand where a name is asked and give none: signs alone, or a word such as `tbd`?"""
    plain = _plain(name)
    return not plain or plain in BLANK_WORDS


def says_something(name: str) -> bool:
    """Can the text be compared with the names of the law at all?"""
    if not is_written(name):
        return False
    return any(ord(character) < FIRST_UNREAD or character.isdigit() for character in _plain(name))


def is_written(name: str) -> bool:
    """Is there a letter or a figure of a name, in whatever script, that stands where it is read?"""
    return not is_blank(name) and not OVERRIDES.intersection(name)


def _plain(name: str) -> str:
    text = name if name.isascii() else "".join(map(_plain_sign, name))
    return "".join(character for character in text.casefold() if character.isalnum())


def _plain_sign(sign: str) -> str:
    """A full-width or ornamental letter as a plain one; a sign that is short for several (`№`) stays that sign."""
    plain = unicodedata.normalize("NFKC", sign)
    return plain if len(plain) == 1 else sign
