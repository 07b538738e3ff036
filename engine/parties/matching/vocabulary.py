"""The words of all listed names, found by their sounds and consonants without looking at each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from carveout.engine.parties.matching.letters import BARE, CONSONANTS, FULL, SYLLABLES
from carveout.engine.parties.matching.lexicon import lexicon
from carveout.engine.parties.matching.names import INITIAL, PARTICLE, PLACE, TERM, WORD, Token
from carveout.engine.parties.matching.sameness import sameness
from carveout.engine.parties.matching.sounds import bones, hashed, keys_of, marrow, sound
from carveout.engine.parties.matching.vowelless import key as key_without_vowels

ENOUGH = 0.6
"""Words less alike than this do not lead to a name."""

MOST_ALIKE = 40
_MOST_WITHOUT_VOWELS = 200  # more words have the same consonants
_CACHED = 4_000

Words = tuple[tuple[int, float], ...]


class Vocabulary:
    """Words by number."""

    def __init__(self, tokens: Sequence[Token], keys: NDArray[np.uint32], words: NDArray[np.int32]) -> None:
        """`keys` are hashes in order, `words` the word of each."""
        self.tokens, self.keys, self.words = tokens, keys, words
        self._alike: dict[Token, Words] = {}

    @staticmethod
    def keys_of(tokens: Sequence[Token]) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
        """The hashes under which words are found, in order, and the word of each."""
        keys, words = [], []
        for number, token in enumerate(tokens):
            for key in _keys(token):
                keys.append(hashed(key))
                words.append(number)
        made, of = np.array(keys, np.uint32), np.array(words, np.int32)
        order = np.lexsort((of, made))
        return made[order], of[order]

    def alike(self, asked: Token) -> Words:
        """The words that one may be, with how like they are; the same words first."""
        found = self._alike.get(asked)
        if found is None:
            if len(self._alike) >= _CACHED:
                self._alike.clear()
            found = self._alike[asked] = self._find(asked)
        return found

    def exact(self, sounds: Sequence[str]) -> list[list[int]]:
        """For each sound the words that have it."""
        found = self._under([hashed(x) for x in sounds])
        return [[n for n in numbers if self.tokens[n].sound == x] for x, numbers in zip(sounds, found, strict=True)]

    def joined(self, plain: str) -> Words:
        """The words that letters of several words run together may be."""
        token = Token(plain, sound(plain), "", WORD, 1.0)
        keys = [hashed(token.sound), hashed("=" + bones(token.sound)), *map(hashed, _less(token.sound))]
        numbers = dict.fromkeys(n for found in self._under(keys) for n in found)
        alike = ((n, sameness(token, self.tokens[n])) for n in numbers if self.tokens[n].kind < PARTICLE)
        return tuple((n, same) for n, same in alike if same >= 0.88)

    def _find(self, asked: Token) -> Words:
        numbers = dict.fromkeys(n for found in self._under([hashed(x) for x in _asked_keys(asked)]) for n in found)
        tokens = self.tokens
        alike = [(n, same) for n in numbers if (same := sameness(asked, tokens[n])) >= ENOUGH]
        alike.sort(key=lambda x: (-x[1], x[0]))
        return tuple(alike[: _MOST_WITHOUT_VOWELS if asked.tells in (BARE, CONSONANTS) else MOST_ALIKE])

    def _under(self, keys: Sequence[int]) -> Iterable[list[int]]:
        wanted = np.array(keys, np.uint32)
        first = np.searchsorted(self.keys, wanted, "left")
        last = np.searchsorted(self.keys, wanted, "right")
        words = self.words
        return [words[a:b].tolist() if a < b else [] for a, b in zip(first.tolist(), last.tolist(), strict=True)]


def _less(sounded: str) -> set[str]:
    return keys_of(sounded) if len(sounded) >= 7 else set()


def _keys(token: Token) -> set[str]:
    if token.kind == INITIAL:
        return set()
    if token.kind > PARTICLE:
        return {token.sound}
    found = keys_of(token.sound, token.plain) | (keys_of(token.other) if token.other else set())
    if token.tells == FULL and len(bones := key_without_vowels(token.plain)) > 1:
        found.add("^" + bones)
    return found | _meanings(token)


def _asked_keys(token: Token) -> list[str]:
    if token.tells == BARE:
        return ["^" + key_without_vowels(token.plain), token.plain]
    if token.tells == CONSONANTS:
        core = marrow(token.plain)
        more = {"~" + core[:i] + core[i + 1 :] for i in range(len(core))} if len(core) >= 4 else set()
        found = {token.sound, "~" + core} | more
    else:
        found = {x for x in keys_of(token.sound, token.plain) if x[0] != "~"}
        if token.other:
            found |= keys_of(token.other)
        if token.tells == FULL:
            found |= {"|" + marrow(token.plain)}
    return sorted(found | _meanings(token))


def _meanings(token: Token) -> set[str]:
    found: set[str] = set()
    if token.kind in (TERM, PLACE) or token.tells == SYLLABLES:
        found.add("#" + token.group)
    if nick := lexicon().nicknames.get(token.plain):
        found |= {"%" + x for x in nick}
    if token.tells == CONSONANTS and token.kind == WORD:
        found.add("|" + marrow(token.plain))
    return found
