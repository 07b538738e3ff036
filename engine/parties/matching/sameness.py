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
_LETTER, _SOUND, _CONSONANT, _TURNED, _ONE_LESS = 0.12, 0.33, 0.55, 0.6, 0.8
_NO_VOWELS = (0.86, 0.9, 0.93)  # of three, four, five letters and more
_SAME_SHAPE = 0.94
_AEIOU = frozenset("aeiou")
_SMALL_SLIP = 0.7  # of an article: ak for al
_STRUCK_BESIDE = 0.85
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
    found = _spelling(asked.plain, listed.plain, asked.sound, listed.sound)
    if found < 0.95 and (asked.other or listed.other):
        found = max(
            found, _spelling(asked.plain, listed.plain, asked.other or asked.sound, listed.other or listed.sound)
        )
    if asked.tells != FULL or listed.tells != FULL:
        found *= _OTHER_SCRIPT
    if PARTICLE in kinds and WORD in kinds and len(asked.plain) == len(listed.plain) == 2:
        return _SMALL_SLIP if _distance(asked.plain, listed.plain) == 1 else 0.0
    if PARTICLE in kinds or TITLE in kinds:
        return found if found > (0.6 if kinds[0] == kinds[1] else 0.75 if TITLE in kinds else 0.85) else 0.0
    if found < _NICKNAME and (nick := lexicon().nicknames.get(asked.plain)):  # noqa: SIM102
        if nick & lexicon().nicknames.get(listed.plain, frozenset()):
            return _NICKNAME
    if PLACE in kinds and found < 0.85:
        return 0.0
    if TERM in kinds and found < 0.75:
        return 0.0
    if found < 0.85 and len(asked.plain) > 3 and asked.plain[::-1] == listed.plain:
        return 0.85
    return found if found >= LEAST else 0.0


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
    longest = max(len(a), len(b))
    if sound_a == sound_b:
        return 1.0 - _LETTER * min(_distance(a, b), 3) / longest
    said = max(len(sound_a), len(sound_b))
    if abs(len(a) - len(b)) > 1 + longest / 4 and abs(len(sound_a) - len(sound_b)) > 0.5 + said / 5:
        return only_vowels_left_out(a, b) or (_SAME_SHAPE if shape(a) == shape(b) else 0.0)
    letters = _distance(a, b)
    dry_a, dry_b = bones(sound_a), bones(sound_b)
    sounds = _distance(sound_a, sound_b)
    if letters > 1 + longest / 4 and sounds > 0.5 + said / 5 and (dry_a != dry_b or not only_vowels_left_out(a, b)):
        return only_vowels_left_out(a, b) or (_SAME_SHAPE if shape(a) == shape(b) else 0.0)
    consonants = 0 if dry_a == dry_b else _distance(dry_a, dry_b)
    sounds = min(sounds, letters)  # what one letter changes is one change
    found = (
        1.0
        - _LETTER * letters / longest
        - 2 * (_SOUND * sounds + _CONSONANT * min(consonants, sounds)) / (said + longest)
    )
    if letters == 1 and len(a) == len(b) and sorted(a) == sorted(b):
        return max(found, 1.0 - _TURNED / longest)  # two letters that changed places: a slip, hardly another name
    if letters == 1 and len(a) != len(b):
        found = max(found, 1.0 - _ONE_LESS / longest)  # a letter left out or struck twice: likelier a slip than another
    if letters == 1 and len(a) == len(b) and longest > 3 and _beside(a, b):
        return max(found, 1.0 - _STRUCK_BESIDE / longest)
    if a[0] != b[0] and sound_a[0] != sound_b[0] and not (a[0] in VOWELS and b[0] in VOWELS):
        found -= 0.06
    if _other_gender(a, b):
        found = min(found, _GENDER)
    if found < _NO_VOWELS[-1] and (least := only_vowels_left_out(a, b)):
        return max(found, least)
    if found < _SAME_SHAPE and shape(a) == shape(b):
        return _SAME_SHAPE
    return found


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


def _beside(a: str, b: str) -> bool:
    """Whether one letter was struck on the key beside it."""
    differ = [(x, y) for x, y in zip(a, b, strict=True) if x != y]
    return len(differ) == 1 and differ[0][1] in _KEYS.get(differ[0][0], "")


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
