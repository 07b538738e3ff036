"""A name as it is looked up by: kept with the snapshots, so it must not change with the matcher."""

from __future__ import annotations

import unicodedata

LONGEST = 400


def folded(name: str) -> str:
    """The words of a name in small letters without accents and signs, in the order of the alphabet.

    `LUKASHENKA, Alyaksandr` and `Alyaksandr Lukashenka` are one; other spellings and alphabets are not. Empty for a
    name without letters and digits.
    """
    plain = unicodedata.normalize("NFKD", name).casefold()
    text = "".join(x if x.isalnum() else "" if unicodedata.combining(x) or x in "'’‘`´." else " " for x in plain)
    return " ".join(sorted(text.split()))[:LONGEST]
