"""Names written otherwise: what happens to names on forms, in haste, in other letters, and on purpose. A recipe."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from anyascii import anyascii

Change = Callable[[str, random.Random], str]
ROMANISATIONS = (
    ("kh", "h"), ("gh", "g"), ("ou", "u"), ("u", "ou"), ("oo", "u"), ("ee", "i"), ("i", "ee"), ("y", "i"), ("i", "y"),
    ("q", "k"), ("k", "q"), ("dh", "d"), ("th", "t"), ("sh", "ch"), ("zh", "j"), ("j", "dj"), ("v", "w"), ("w", "v"),
    ("ph", "f"), ("ei", "ey"), ("ai", "ay"), ("ya", "ia"), ("yu", "iu"), ("aa", "a"), ("mohammad", "muhammed"),
    ("mohammed", "muhamad"), ("muhammad", "mohamed"), ("ahmad", "ahmed"), ("hussein", "husayn"), ("hussain", "husein"),
    ("abdul ", "abd al-"), ("abdul ", "abdel "), ("allah", "ullah"), (" al-", " el-"), (" al ", " el "), ("ev", "yev"),
)  # fmt: skip
_LOOKALIKES = dict(zip("aceopxyijsABCEHKMOPTXIJS", "асеорхуіјѕАВСЕНКМОРТХІЈЅ", strict=True))
_UNSEEN = ("\u200b", "\u200c", "\u200d", "\u2060", "\u00ad", "\ufeff")
_MISREAD = (("rn", "m"), ("m", "rn"), ("l", "1"), ("I", "l"), ("i", "l"), ("o", "0"), ("O", "0"), ("cl", "d"),
            ("d", "cl"), ("vv", "w"), ("w", "vv"), ("s", "5"), ("S", "5"), ("B", "8"), ("g", "9"),
            ("e", "c"))  # fmt: skip
_ACCENTS = {"a": "á", "e": "é", "i": "í", "o": "ö", "u": "ü", "n": "ñ", "c": "ç", "s": "š", "z": "ž"}
_CYRILLIC = (
    ("shch", "щ"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("ch", "ч"), ("sh", "ш"), ("yu", "ю"), ("ya", "я"),
    ("ia", "ия"), ("iu", "ию"), ("yo", "ё"), ("ye", "е"), ("a", "а"), ("b", "б"), ("c", "к"), ("d", "д"), ("e", "е"),
    ("f", "ф"), ("g", "г"), ("h", "х"), ("i", "и"), ("j", "дж"), ("k", "к"), ("l", "л"), ("m", "м"), ("n", "н"),
    ("o", "о"), ("p", "п"), ("q", "к"), ("r", "р"), ("s", "с"), ("t", "т"), ("u", "у"), ("v", "в"), ("w", "в"),
    ("x", "кс"), ("y", "й"), ("z", "з"),
)  # fmt: skip
_TO_CYRILLIC = dict(_CYRILLIC)
_CYRILLIC_PARTS = re.compile("|".join(latin for latin, _ in _CYRILLIC))


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
    """two letters within a word change places"""
    return _in_a_word(text, chance, lambda x, i: x[:i] + x[i + 1] + x[i] + x[i + 2 :])


def dropped(text: str, chance: random.Random) -> str:
    """a letter within a word is left out"""
    return _in_a_word(text, chance, lambda x, i: x[:i] + x[i + 1 :])


def doubled(text: str, chance: random.Random) -> str:
    """a letter within a word is written twice"""
    return _in_a_word(text, chance, lambda x, i: x[:i] + x[i] + x[i:])


def swapped(text: str, chance: random.Random) -> str:
    """two words change places"""
    words = text.split()
    if len(words) < 2:
        return text
    i, j = chance.sample(range(len(words)), 2)
    words[i], words[j] = words[j], words[i]
    return " ".join(words)


def romanised(text: str, chance: random.Random) -> str:
    """one sound is spelled as another romanisation spells it (kh for h, mohamed for muhammad, el- for al-)"""
    low = text.lower()
    fitting = [(old, new) for old, new in ROMANISATIONS if old in low[1:]]
    if not fitting:
        return text
    old, new = chance.choice(fitting)
    return low[0] + re.sub(re.escape(old), new, low[1:], count=1)


def replaced(text: str, chance: random.Random) -> str:
    """a letter within a word is another one"""

    def other(word: str, i: int) -> str:
        if not word.isascii():
            return word
        return (
            word[:i] + chance.choice([x for x in "abcdefghijklmnopqrstuvwxyz" if x != word[i].lower()]) + word[i + 1 :]
        )

    return _in_a_word(text, chance, other)


def homoglyph(text: str, chance: random.Random) -> str:
    """one to three Latin letters are Cyrillic ones that look the same"""
    places = [i for i, letter in enumerate(text) if letter in _LOOKALIKES]
    letters = list(text)
    for i in chance.sample(places, min(len(places), chance.randint(1, 3))):
        letters[i] = _LOOKALIKES[letters[i]]
    return "".join(letters)


def invisible(text: str, chance: random.Random) -> str:
    """a sign that nobody sees stands within a word (zero-width space or joiner, soft hyphen ...)"""
    return _in_a_word(text, chance, lambda x, i: x[:i] + chance.choice(_UNSEEN) + x[i:])


def split(text: str, chance: random.Random) -> str:
    """a word is written as two"""
    words = text.split(" ")
    places = [i for i, word in enumerate(words) if len(word) >= 6 and word.isalpha()]
    if not places:
        return text
    at = chance.choice(places)
    cut = chance.randrange(3, len(words[at]) - 2)
    words[at] = f"{words[at][:cut]} {words[at][cut:]}"
    return " ".join(words)


def joined(text: str, chance: random.Random) -> str:
    """two neighbouring words are written as one"""
    words = text.split(" ")
    places = [i for i in range(len(words) - 1) if words[i].isalpha() and words[i + 1].isalpha()]
    if not places:
        return text
    at = chance.choice(places)
    return " ".join([*words[:at], words[at] + words[at + 1], *words[at + 2 :]])


def misread(text: str, chance: random.Random) -> str:
    """a machine reads a letter as another (rn for m, 0 for o, 1 for l ...)"""
    fitting = [(old, new) for old, new in _MISREAD if old in text]
    if not fitting:
        return text
    old, new = chance.choice(fitting)
    at = chance.choice([found.start() for found in re.finditer(re.escape(old), text)])
    return text[:at] + new + text[at + len(old) :]


def accented(text: str, chance: random.Random) -> str:
    """a letter bears an accent that it should not"""
    places = [i for i, letter in enumerate(text) if letter.lower() in _ACCENTS]
    if not places:
        return text
    i = chance.choice(places)
    mark = _ACCENTS[text[i].lower()]
    return text[:i] + (mark.upper() if text[i].isupper() else mark) + text[i + 1 :]


def punctuated(text: str, chance: random.Random) -> str:
    """a hyphen, a point or a comma stands where a blank was"""
    places = [i for i, letter in enumerate(text) if letter == " "]
    if not places:
        return text
    i = chance.choice(places)
    return text[:i] + chance.choice(["-", ".", ", "]) + text[i + 1 :]


def other_letters(text: str, chance: random.Random) -> str:
    """the whole name in other letters: Latin ones in Cyrillic, any others in plain Latin"""
    if not text.isascii():
        return anyascii(text).strip() or text
    return _CYRILLIC_PARTS.sub(lambda found: _TO_CYRILLIC[found[0]], text.lower()).title()


def vowels_dropped(text: str, chance: random.Random) -> str:
    """the longest word loses its vowels but the first letter"""
    words = text.split(" ")
    at = max(range(len(words)), key=lambda i: len(words[i]))
    words[at] = words[at][:1] + re.sub("[aeiouAEIOU]", "", words[at][1:])
    return " ".join(words)


def truncated(text: str, chance: random.Random) -> str:
    """the end is cut off, as a narrow field does: a fifth to a third of the letters"""
    if len(text) < 10:
        return text
    return text[: len(text) - round(len(text) * chance.uniform(0.2, 0.33))].rstrip()


def word_dropped(text: str, chance: random.Random) -> str:
    """of three words or more one is left out"""
    words = text.split()
    if len(words) < 3:
        return text
    del words[chance.randrange(len(words))]
    return " ".join(words)


def initialed(text: str, chance: random.Random) -> str:
    """of three words or more one but the first is its initial"""
    words = text.split()
    places = [i for i, word in enumerate(words) if i and _letters(word)]
    if len(words) < 3 or not places:
        return text
    i = chance.choice(places)
    words[i] = f"{words[i][0]}."
    return " ".join(words)


def two_slips(text: str, chance: random.Random) -> str:
    """two of: transposed, dropped, doubled, romanised"""
    for change in chance.sample([transposed, dropped, doubled, romanised], 2):
        text = change(text, chance)
    return text


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of change: what it does, in words, and whether it takes away what says who it is."""

    name: str
    change: Change
    loses: bool = False

    @property
    def says(self) -> str:
        """What happens to the name."""
        return " ".join((self.change.__doc__ or "").split())


RECIPE: dict[str, Change] = {x.__name__: x for x in (transposed, dropped, doubled, swapped, romanised)}
"""The five that the weights were learnt and the threshold was set with (docs/decisions/0007)."""
KINDS = (
    *(Kind(name, change) for name, change in RECIPE.items()),
    *(Kind(x.__name__, x) for x in (replaced, homoglyph, invisible, split, joined, misread, accented, punctuated)),
    *(Kind(x.__name__, x) for x in (other_letters, two_slips)),
    *(Kind(x.__name__, x, True) for x in (vowels_dropped, truncated, word_dropped, initialed)),
)
"""All kinds that a validation tries."""
