"""What people and spreadsheets write where they have no name to write: one list, for every way of asking."""

from __future__ import annotations

_WORDS = """
na nan none null nil unknown unbekannt tbd tba tbc notknown notstated notapplicable undisclosed tobeadvised
tobeconfirmed ref xxx 0 00 000
"""
BLANK_WORDS = frozenset(_WORDS.split())
"""In small letters and without signs: `N/A`, `n.a.` and `NA` are all `na`."""
OVERRIDES = frozenset("\u202d\u202e")
"""Marks that turn the order of letters around: what is shown is not what is read."""
FIRST_UNREAD = 0x530
"""Letters from here on (Armenian and beyond) cannot be compared yet; a name of them alone names nobody known."""


def is_blank(name: str) -> bool:
    """Does the text stand where a name is asked and give none: signs alone, or a word such as `tbd`?"""
    plain = _plain(name)
    return not plain or plain in BLANK_WORDS


def says_something(name: str) -> bool:
    """Can the text be compared with the names of the law at all?"""
    if is_blank(name) or OVERRIDES.intersection(name):
        return False
    return any(ord(character) < FIRST_UNREAD or character.isdigit() for character in _plain(name))


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
