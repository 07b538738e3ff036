"""Our own recipe for names written otherwise: what happens to names on forms, in haste and in other romanisations."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

ROMANISATIONS = (
    ("kh", "h"), ("gh", "g"), ("ou", "u"), ("u", "ou"), ("oo", "u"), ("ee", "i"), ("i", "ee"), ("y", "i"), ("i", "y"),
    ("q", "k"), ("k", "q"), ("dh", "d"), ("th", "t"), ("sh", "ch"), ("zh", "j"), ("j", "dj"), ("v", "w"), ("w", "v"),
    ("ph", "f"), ("ei", "ey"), ("ai", "ay"), ("ya", "ia"), ("yu", "iu"), ("aa", "a"), ("mohammad", "muhammed"),
    ("mohammed", "muhamad"), ("muhammad", "mohamed"), ("ahmad", "ahmed"), ("hussein", "husayn"), ("hussain", "husein"),
    ("abdul ", "abd al-"), ("abdul ", "abdel "), ("allah", "ullah"), (" al-", " el-"), (" al ", " el "), ("ev", "yev"),
)  # fmt: skip


def _letters(word: str) -> bool:
    return len(word) >= 4 and word.isalpha()


def _in_a_word(text: str, chance: random.Random, change: Callable[[str, int], str]) -> str:
    words = text.split(" ")
    places = [i for i, word in enumerate(words) if _letters(word)]
    if not places:
        return text
    at = chance.choice(places)
    words[at] = change(words[at], chance.randrange(1, len(words[at]) - 1))
    return " ".join(words)


def transposed(text: str, chance: random.Random) -> str:
    """Two letters of a word change places."""
    return _in_a_word(text, chance, lambda x, i: x[:i] + x[i + 1] + x[i] + x[i + 2 :])


def dropped(text: str, chance: random.Random) -> str:
    """A letter of a word is left out."""
    return _in_a_word(text, chance, lambda x, i: x[:i] + x[i + 1 :])


def doubled(text: str, chance: random.Random) -> str:
    """A letter of a word is written twice."""
    return _in_a_word(text, chance, lambda x, i: x[:i] + x[i] + x[i:])


def swapped(text: str, chance: random.Random) -> str:
    """Two words change places."""
    words = text.split()
    if len(words) < 2:
        return text
    i, j = chance.sample(range(len(words)), 2)
    words[i], words[j] = words[j], words[i]
    return " ".join(words)


def romanised(text: str, chance: random.Random) -> str:
    """One sound is spelled as another romanisation spells it."""
    low = text.lower()
    fitting = [(old, new) for old, new in ROMANISATIONS if old in low[1:]]
    if not fitting:
        return text
    old, new = chance.choice(fitting)
    return low[0] + re.sub(re.escape(old), new, low[1:], count=1)


RECIPE = {x.__name__: x for x in (transposed, dropped, doubled, swapped, romanised)}
