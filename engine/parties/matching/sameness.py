"""How far two words are one word: by their letters, their sound, their consonants, their meaning."""

from __future__ import annotations

from rapidfuzz.distance import OSA, LCSseq

from carveout.engine.parties.matching.letters import BARE, CONSONANTS, FULL, SYLLABLES
from carveout.engine.parties.matching.lexicon import lexicon
from carveout.engine.parties.matching.names import FORM, INITIAL, NUMBER, PARTICLE, PLACE, TERM, TITLE, WORD, Token
from carveout.engine.parties.matching.sounds import VOWELS, bones, marrow, shape
from carveout.engine.parties.matching.vowelless import same_without_vowels

LEAST = 0.5
"""Words less alike than this are different words."""

_MEANING, _NICKNAME, _INITIAL, _OTHER_SCRIPT, _GENDER = 0.93, 0.86, 0.8, 0.93, 0.75
# What an edit costs that changes the letters alone, the sound too, or the consonants too.
_LETTER, _SOUND, _CONSONANT, _TURNED, _ONE_LESS = 0.12, 0.33, 0.55, 0.6, 0.65
_NO_VOWELS = (0.86, 0.9, 0.93)  # of three, four, five letters and more
_SAME_SHAPE = 0.94
_BACKWARDS = 0.85
_AEIOU = frozenset("aeiou")
_SMALL_SLIP = 0.7  # of an article: ak for al
_STRUCK_BESIDE = 0.75
_NO_AEIOU, _NO_AEIOUY = (str.maketrans("", "", x) for x in ("aeiou", "aeiouy"))
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KEYS = {
    key: {row[x] for x in (i - 1, i + 1) if 0 <= x < len(row)}
    | {
        _ROWS[r][x]
        for r, x in ((n - 1, i), (n - 1, i + 1), (n + 1, i), (n + 1, i - 1))
        if 0 <= r < 3 and 0 <= x < len(_ROWS[r])
    }
    for n, row in enumerate(_ROWS)
    for i, key in enumerate(row)
}
"""The keys beside each, on the keyboard that most of the world types Latin letters on."""
_distance = OSA.distance


def sameness(asked: Token, listed: Token) -> float:
    """From 0, two words, to 1, one and the same."""
    if asked.kind == listed.kind == WORD and asked.tells == listed.tells == FULL:
        return _words(asked, listed)
    if asked.plain == listed.plain and not (asked.tells == listed.tells == SYLLABLES):
        return 1.0
    kinds = asked.kind, listed.kind
    if asked.tells == listed.tells == SYLLABLES:
        return _signs(asked, listed)
    if asked.tells == BARE or listed.tells == BARE:
        short, whole = (asked, listed) if asked.tells == BARE else (listed, asked)
        return same_without_vowels(short.plain, whole.plain) if whole.tells == FULL else 0.0
    if NUMBER in kinds:
        return 0.97 if asked.group and asked.group == listed.group else 0.0
    if INITIAL in kinds:
        return _INITIAL if _initial(asked, listed) else 0.0
    if asked.group and asked.group == listed.group:
        return _MEANING if asked.kind != FORM else 1.0
    if FORM in kinds:
        return 0.0
    if CONSONANTS in (asked.tells, listed.tells) and asked.tells != listed.tells:
        return _without_vowels(asked, listed)
    found = _said_or_written(asked, listed)
    if asked.tells != FULL or listed.tells != FULL:
        found *= _OTHER_SCRIPT
    if PARTICLE in kinds and WORD in kinds and len(asked.plain) == len(listed.plain) == 2:
        return _SMALL_SLIP if _distance(asked.plain, listed.plain) == 1 else 0.0
    if PARTICLE in kinds or TITLE in kinds:
        return found if found > (0.6 if kinds[0] == kinds[1] else 0.75 if TITLE in kinds else 0.85) else 0.0
    found = _as_a_name(found, asked.plain, listed.plain)
    if PLACE in kinds and found < 0.85:
        return 0.0
    if TERM in kinds and found < 0.75:
        return 0.0
    return found if found >= LEAST else 0.0


def _words(asked: Token, listed: Token) -> float:
    """Two words of the names' own, both fully spelled: what is nearly always asked."""
    if asked.plain == listed.plain:
        return 1.0
    found = _as_a_name(_said_or_written(asked, listed), asked.plain, listed.plain)
    return found if found >= LEAST else 0.0


def _said_or_written(asked: Token, listed: Token) -> float:
    found = _spelling(asked.plain, listed.plain, asked.sound, listed.sound)
    if found < 0.95 and (asked.other or listed.other):
        sounds = asked.other or asked.sound, listed.other or listed.sound
        return max(found, _spelling(asked.plain, listed.plain, *sounds))
    return found


def _as_a_name(found: float, asked: str, listed: str) -> float:
    """What is known of the two words as names may bring them nearer: short forms, and words read from the other end."""
    if found >= _NICKNAME:
        return found
    nicknames = lexicon().nicknames
    if asked in nicknames and listed in nicknames and nicknames[asked] & nicknames[listed]:
        return _NICKNAME
    if found < _BACKWARDS and len(asked) > 3 and asked[::-1] == listed:
        return _BACKWARDS
    return found


def _signs(asked: Token, listed: Token) -> float:
    """Words of signs: one sign for another makes another name, though it sounds alike."""
    if asked.group == listed.group:
        return 1.0
    found = 1.0 - 0.9 * _distance(asked.group, listed.group) / max(len(asked.group), len(listed.group))
    return max(found, 0.8 if asked.plain == listed.plain else 0.0)


def _initial(asked: Token, listed: Token) -> bool:
    short, whole = (asked, listed) if asked.kind == INITIAL else (listed, asked)
    return whole.kind not in (TITLE, FORM) and whole.plain[0] == short.plain[0]


def _spelling(a: str, b: str, sound_a: str, sound_b: str) -> float:
    size_a, size_b = len(a), len(b)
    longest = size_a if size_a > size_b else size_b
    if sound_a == sound_b:
        return 1.0 - _LETTER * min(_distance(a, b), 3) / longest
    sounds, said = _distance(sound_a, sound_b), max(len(sound_a), len(sound_b))
    letters = _distance(a, b)
    if letters > 1 + longest / 4 and sounds > 0.5 + said / 5:
        return only_vowels_left_out(a, b) or (_SAME_SHAPE if shape(a) == shape(b) else 0.0)
    if sounds > letters:
        sounds = letters  # what one letter changes is one change
    dry_a, dry_b = bones(sound_a), bones(sound_b)
    consonants = 0 if dry_a == dry_b else min(_distance(dry_a, dry_b), sounds)
    found = 1.0 - _LETTER * letters / longest - 2 * (_SOUND * sounds + _CONSONANT * consonants) / (said + longest)
    if letters == 1:
        if size_a != size_b:  # a letter left out or struck twice: likelier a slip than another name
            found = max(found, 1.0 - _ONE_LESS / longest)
        elif slip := _slip(a, b):
            return max(found, 1.0 - slip / longest)
    if a[0] != b[0] and sound_a[0] != sound_b[0] and not (a[0] in VOWELS and b[0] in VOWELS):
        found -= 0.06
    if found > _GENDER and _other_gender(a, b):
        found = _GENDER
    if found < _NO_VOWELS[-1] and size_a != size_b and (least := only_vowels_left_out(a, b)):
        return max(found, least)
    if found < _SAME_SHAPE and shape(a) == shape(b):
        return _SAME_SHAPE
    return found


def _slip(a: str, b: str) -> float:
    """What it costs that two letters changed places, or that one was struck on the key beside it; 0 if neither."""
    at = 0
    while a[at] == b[at]:
        at += 1
    if a[at + 1 :] != b[at + 1 :]:
        return _TURNED
    return _STRUCK_BESIDE if len(a) > 3 and b[at] in _KEYS.get(a[at], "") else 0.0


def _other_gender(a: str, b: str) -> bool:
    """Luis and Luisa, Mario and Maria are two people."""
    short, long = (a, b) if len(a) < len(b) else (b, a)
    if len(short) < 4 or long[-1] == short[-1] or "a" not in (long[-1], short[-1]):
        return False
    return long[:-1] == short or (
        len(long) == len(short) and long[:-1] == short[:-1] and {long[-1], short[-1]} == {"a", "o"}
    )


def only_vowels_left_out(a: str, b: str) -> float:
    """How sure it is that the one is the other without its vowels, the more letters the surer; 0 if it is not."""
    short, long = (a, b) if len(a) < len(b) else (b, a)
    if len(short) < 3 or len(short) == len(long) or short[0] != long[0]:
        return 0.0
    inner = short[1:-1]
    if not _AEIOU.isdisjoint(inner):
        return 0.0
    if inner not in (long[1:-1].translate(_NO_AEIOU), long[1:-1].translate(_NO_AEIOUY)):
        return 0.0
    return _NO_VOWELS[min(len(short), 5) - 3]


def _without_vowels(asked: Token, listed: Token) -> float:
    """A word in a script that hardly writes vowels beside one that does."""
    dry, full = (asked, listed) if asked.tells == CONSONANTS else (listed, asked)
    if full.kind in (PARTICLE, TITLE) or dry.kind in (PARTICLE, TITLE):
        return 0.0
    said, meant = marrow(dry.plain), marrow(full.plain)
    if not said or not meant:
        return 0.0
    apart = _distance(said, meant)
    if apart * 2 > max(len(said), len(meant)):
        return 0.0
    long_vowels = _classes(dry.plain), _classes(full.plain)
    told = LCSseq.similarity(*long_vowels) / max(1, len(long_vowels[0]))
    # Every long vowel of the one stands in the other; what consonants both have counts more.
    found = 0.55 + 0.38 * told - 1.1 * apart / max(len(said), len(meant), 3) + 0.02 * min(len(said), 4)
    return min(0.95, found) if found >= LEAST else 0.0


_CLASSES = str.maketrans({"o": "u", "v": "u", "w": "u", "e": "i", "y": "i", "z": "s", "c": "k", "q": "k", "g": "k"})


def _classes(sounded: str) -> str:
    return sounded.translate(_CLASSES)
