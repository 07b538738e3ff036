"""Letters: Cyrillic written in Latin, letters that look like others, and signs that nobody sees."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# The romanisation of passports (ICAO 9303), without soft and hard signs, over the Cyrillic alphabets
# of Europe and Central Asia.
_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "ѓ": "g", "д": "d", "ђ": "d", "е": "e", "ё": "e",
    "є": "ie", "ж": "zh", "з": "z", "ѕ": "dz", "и": "i", "і": "i", "ї": "i", "й": "i", "ј": "j", "к": "k",
    "ќ": "k", "л": "l", "љ": "lj", "м": "m", "н": "n", "њ": "nj", "о": "o", "п": "p", "р": "r", "с": "s",
    "т": "t", "ћ": "c", "у": "u", "ў": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "џ": "dz", "ш": "sh",
    "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "iu", "я": "ia", "ә": "a", "ғ": "g", "қ": "k",
    "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "һ": "h", "җ": "j", "ҷ": "j", "ҳ": "h", "ӣ": "i", "ӯ": "u",
    "ѣ": "e", "ѳ": "f", "ѵ": "i", "ӏ": "",
}  # fmt: skip
# Latin letters that do not come apart into a letter and a mark.
_LATIN = {
    "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss", "ı": "i", "ħ": "h",
    "ŋ": "n", "ə": "a", "ɑ": "a", "ɡ": "g", "ĸ": "k", "ŧ": "t", "ƒ": "f", "ɩ": "i", "ʀ": "r", "ʙ": "b",
    "ɴ": "n", "ʜ": "h", "ɪ": "i", "ʟ": "l", "ʏ": "y", "ᴀ": "a", "ᴄ": "c", "ᴅ": "d", "ᴇ": "e", "ᴊ": "j",
    "ᴋ": "k", "ᴍ": "m", "ᴏ": "o", "ᴘ": "p", "ᴛ": "t", "ᴜ": "u", "ᴠ": "v", "ᴡ": "w", "ᴢ": "z",
}  # fmt: skip
_SOUNDS = str.maketrans(_CYRILLIC | _LATIN)
# `ия`, `ія` are written ia in most romanisations, and by everyone in the names of firms.
_SOFT = re.compile("(?<=[иіїй])[яює]")
_SOFTENED = {"я": "a", "ю": "u", "є": "e"}

# Letters of other alphabets that pass for a Latin one, each before the one it passes for; a capital is here
# by itself where it looks like another letter than the small one does.
_PASSING = (
    "Аa Вb Сc Еe Нh Іi Јj Кk Мm Оo Рp Ѕs Тt Уy Хx Ԛq Ԝw Ԍg аa сc еe һh іi јj кk мm оo рp ѕs тt уy хx ԁd ԛq "
    "ԝw ѵv Ӏl ӏl ғf ьb Зz ҽe "
    "Αa Βb Εe Ζz Ηh Ιi Κk Μm Νn Οo Ρp Τt Υy Χx αa εe ιi κk νv οo ρp τt υu χx ϲc ϳj Ϲc "
    "օo ոn սu հh ցg զq յj Օo Տs Լl Ոn Ⴝs ꓐb ꓚc ꓓd ꓰe ꓖg ꓧh ꓲi ꓙj ꓗk ꓡl ꓟm ꓠn ꓳo ꓑp ꓢs ꓔt ꓴu ꓦv ꓪw ꓫx ꓬy ꓜz "
    "Ꭺa Ᏼb Ꮯc Ꭰd Ꭼe Ꮐg Ꮋh Ꭵi Ꭻj Ꮶk Ꮮl Ꮇm Ꮲp Ꮪs Ꭲt Ꮩv Ꮃw Ꮓz"
)
_LOOKS = {pair[0]: pair[1] for pair in _PASSING.split()}

_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_MANY_MARKS = re.compile(f"([{_MARKS}]{{2}})[{_MARKS}]+")
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef"
_UNSEEN = re.compile(
    f"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    f"\u2060-\u206f\ufeff\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e007f{_FILLERS}]+"
)
_BLANKS = re.compile(r"\s+")
_FAR = 100_000


def seen(name: str) -> str:
    """What a reader sees of a name: nothing invisible, blanks and heaps of accents thinned out."""
    thinned = _MANY_MARKS.sub(r"\1", _UNSEEN.sub("", name[:_FAR]))
    return _BLANKS.sub(" ", thinned).strip()


def spelled(word: str) -> str:
    """A word in plain small letters: Cyrillic by its sounds, mixed alphabets by its looks, no accents."""
    return _unmixed(_plain(_unmixed(word)))  # once more, for letters whose sound is not known


def looked(word: str) -> str:
    """A word by its looks alone, where every letter could be a Latin one; else as `spelled`."""
    letters = [letter for letter in word if letter.isalpha()]
    if any(map(_passes, letters)) and all(_alphabet(x) == "LATIN" or _passes(x) for x in letters):
        return _plain("".join(_look(letter) for letter in word))
    return spelled(word)


def latin_code(code: str) -> str:
    """A registration or number in capital Latin letters and digits, whatever alphabet it was typed in."""
    text = unicodedata.normalize("NFKC", seen(code))
    plain = _plain("".join(_look(letter) for letter in text))
    return "".join(letter for letter in plain if letter.isalnum()).upper()


@lru_cache(maxsize=4096)
def _look(letter: str) -> str:
    """The Latin letter that a letter passes for, with or without its accents; the letter itself if it does not."""
    bare = unicodedata.normalize("NFD", letter)[0]
    return next((_LOOKS[form] for form in (letter, bare, bare.lower()) if form in _LOOKS), letter)


def _passes(letter: str) -> bool:
    return _look(letter) != letter


@lru_cache(maxsize=4096)
def _alphabet(letter: str) -> str:
    return "LATIN" if letter.isascii() else unicodedata.name(letter, "").partition(" ")[0]


def _unmixed(word: str) -> str:
    if word.isascii() or len({_alphabet(letter) for letter in word if letter.isalpha()}) < 2:
        return word
    return "".join(_look(letter) for letter in word)


def _plain(word: str) -> str:
    if word.isascii():
        return word.lower()
    sounded = _SOFT.sub(lambda found: _SOFTENED[found[0]], word.casefold()).translate(_SOUNDS)
    bare = "".join(x for x in unicodedata.normalize("NFD", sounded) if not unicodedata.combining(x))
    return unicodedata.normalize("NFC", bare).translate(_SOUNDS)
