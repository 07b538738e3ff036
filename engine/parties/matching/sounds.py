"""Rough sounds of a word: one spelling for its romanisations, and its consonants alone."""

from __future__ import annotations

import re
import zlib
from functools import lru_cache

_FOLDS = {
    "shch": "S", "schtsch": "S", "tsch": "C", "tch": "C", "sch": "S", "sh": "S", "ch": "C", "cz": "C", "dzh": "J",
    "dj": "J", "zh": "Z", "kh": "h", "gh": "g", "ph": "f", "th": "t", "dh": "d", "ck": "k", "cq": "k", "tz": "c",
    "ts": "c", "x": "ks", "hs": "S", "ou": "u", "oo": "u", "ee": "i", "ei": "e", "ie": "e", "ae": "a", "oe": "o",
    "ue": "u",
    "ai": "e", "ay": "e", "ey": "e", "iy": "i", "yi": "i", "iu": "u", "you": "u", "iou": "u", "jou": "u",
    "yu": "u", "ia": "a", "ya": "a", "ye": "e",
    "yo": "o", "ij": "i", "ja": "a", "je": "e", "ju": "u", "jo": "o", "y": "i", "j": "i", "w": "v", "q": "k",
    "ce": "se", "ci": "si", "cy": "si", "c": "k",
}  # fmt: skip
_FOLD = re.compile("|".join(sorted(_FOLDS, key=lambda x: (-len(x), x))))
_FIRST_J = re.compile("^j(?=[aeiouy])")
_FIRST_X = re.compile("^x(?=[aeiou])")
_DOUBLED = re.compile(r"([^\d])\1+")
_ALLAH = re.compile("(?<=.)[aou]l+a[h]?$")
_TWICE = re.compile(r"([bcdghjklmnpqrstvwxz])\1+")
_LAST_H = re.compile("(?<=[aeiou])h$")
_LAST_FF = re.compile("(?<=[aeiou])ff$")
_BONES = str.maketrans({x: None for x in "aeiouy"} | {"z": "s", "Z": "s", "S": "s", "c": "s", "J": "j", "C": "s",
                       "v": "f", "q": "k", "x": "k"})  # fmt: skip
_MARROWS = {"kh": "h", "gh": "k", "sh": "s", "ch": "s", "zh": "s", "ph": "f", "th": "t", "dh": "d", "ck": "k",
            "dj": "j", "q": "k", "c": "k", "g": "k", "x": "ks", "z": "s",
            "p": "b", "tch": "s", "tsch": "s"}  # fmt: skip
_MARROW = re.compile("|".join(sorted(_MARROWS, key=lambda x: (-len(x), x))))
_WEAK = str.maketrans({x: None for x in "aeiouywv"})
_SHAPES = {"rn": "m", "cl": "d", "vv": "w", "ii": "u"}
_SHAPE = re.compile("|".join(_SHAPES))
_ONE_SHAPE = str.maketrans("l105826", "iiosbzb")
VOWELS = frozenset("aeiouy")


@lru_cache(maxsize=262_144)
def sound(word: str) -> str:
    """A word by its rough sound: other romanisations of it come out alike, or nearly."""
    text = _TWICE.sub(r"\1", word)
    text = _LAST_FF.sub("v", _LAST_H.sub("", _ALLAH.sub("ula", text)))
    text = _FIRST_X.sub("S", _FIRST_J.sub("J", text))
    return _DOUBLED.sub(r"\1", _FOLD.sub(lambda found: _FOLDS[found[0]], text)) or word


@lru_cache(maxsize=262_144)
def bones(sounded: str) -> str:
    """The consonants of a sound, classes of them that are often confused as one."""
    return _DOUBLED.sub(r"\1", sounded.translate(_BONES)) or sounded


@lru_cache(maxsize=131_072)
def marrow(plain: str) -> str:
    """The consonants of a word that even scripts without vowels write: no v, w or y but at the beginning."""
    text = _MARROW.sub(lambda found: _MARROWS[found[0]], plain)
    first = "" if text[:1] in VOWELS and text[:1] != "y" else text[:1].replace("v", "w")
    found = _DOUBLED.sub(r"\1", first + text[1:].translate(_WEAK))
    return found[:-1] if len(found) > 2 and found[-1] == "h" else found


@lru_cache(maxsize=131_072)
def shape(plain: str) -> str:
    """A word by the shape of its letters: those that machines misread for each other are one."""
    return _SHAPE.sub(lambda found: _SHAPES[found[0]], plain).translate(_ONE_SHAPE)


def hashed(key: str) -> int:
    """A number for a key, the same in every run."""
    return zlib.crc32(key.encode())


def one_less(text: str) -> list[str]:
    """A text with each letter left out in turn."""
    return [text[:i] + text[i + 1 :] for i in range(len(text))]


def keys_of(sounded: str, plain: str = "") -> set[str]:
    """The keys under which a word is found; two words with one in common may be one word."""
    if sounded.isdigit():
        return {sounded}
    found = {sounded}
    dry = bones(sounded)
    if len(sounded) >= 4:
        found.update(one_less(sounded))
    if len(dry) >= 3:
        found.add("=" + dry)
    if len(dry) >= 5:
        found.update("=" + x for x in one_less(dry))
    if sounded != plain and 3 <= len(plain) <= 12:
        found.update((plain, *one_less(plain)))
    if plain and (core := marrow(plain)):
        found.add("~" + core)
    if len(plain) >= 3:
        found.add("/" + shape(plain))
    return found
