"""Listed names by their words: built once, stored, and asked without being scanned."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from carveout.engine.parties.matching.names import PARTICLE, PERSON, Name, Token, analyse
from carveout.engine.parties.matching.sounds import hashed
from carveout.engine.parties.matching.storage import Texts, load, packed, save, unpacked
from carveout.engine.parties.matching.vocabulary import Vocabulary

IS_PERSON, IS_WEAK, IS_THING = 1, 2, 4
"""Flags of a name: a person's; rarely used; of a vessel, an aircraft or the like."""

THINGS = frozenset({"vessel", "aircraft", "property", "funds", "place_of_property"})
"""Kinds that are no party."""


_MOST_OF_ONE_KEY = 64


class Entry(NamedTuple):
    """A name to be found: whose it is, of what kind they are, and whether they are rarely called so."""

    owner: int
    text: str
    kind: str
    weak: bool = False


class Index:
    """Names by number."""

    def __init__(
        self,
        texts: Sequence[str],
        columns: dict[str, NDArray[Any]],
        tokens: tuple[Token, ...],
    ) -> None:
        """`columns` as `of` makes them: one value a name, the words of all names one after the other, postings."""
        self.texts, self.tokens, self._columns = texts, tokens, columns
        self.owners, self.flags = columns["owners"], columns["flags"]
        self.offsets, self.words = columns["offsets"], columns["words"]
        self.weights, self.telling = columns["weights"], columns["telling"]
        self.postings, self.starts = columns["postings"], columns["starts"]
        self._letters, self._letters_names = columns["letters"], columns["letters_names"]
        self.vocabulary = Vocabulary(tokens, columns["keys"], columns["numbers"])
        self._own = threading.local()

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def scores(self) -> NDArray[np.float32]:
        """A nought for each name, this thread's own to count in; whoever counts leaves noughts."""
        return self._noughts("scores")

    @property
    def spare(self) -> NDArray[np.float32]:
        """Another such."""
        return self._noughts("spare")

    def _noughts(self, name: str) -> NDArray[np.float32]:
        found: NDArray[np.float32] | None = getattr(self._own, name, None)
        if found is None:
            found = np.zeros(len(self.texts), np.float32)
            setattr(self._own, name, found)
        return found

    @classmethod
    def of(cls, entries: Iterable[Entry], codes: Iterable[tuple[int, str]] = ()) -> Index:
        """An index of these names, and of the codes (an owner and `KIND:CODE` each) that decide who it is."""
        numbers: dict[Token, int] = {}
        texts: list[str] = []
        owners, flags, offsets, words = [], [], [0], []
        posted, posted_in, letters = [], [], []
        for owner, text, kind, weak in entries:
            name = analyse(text, kind)
            found = [numbers.setdefault(token, len(numbers)) for token in name.tokens]
            words += found
            for word in dict.fromkeys([*found, *(numbers.setdefault(x, len(numbers)) for x in name.wholes)]):
                posted.append(word)
                posted_in.append(len(texts))
            letters.append(hashed(_letters(name)))
            texts.append(text)
            owners.append(owner)
            flags.append(IS_PERSON * (kind == PERSON) + IS_WEAK * weak + IS_THING * (kind in THINGS))
            offsets.append(len(words))
        tokens = tuple(numbers)
        telling = np.array([x.weight if x.kind < PARTICLE else 0.0 for x in tokens], np.float32)
        of_words, of_names = np.array(posted, np.int32), np.array(posted_in, np.int32)
        order = np.argsort(of_words, kind="stable")
        keys, of_keys = Vocabulary.keys_of(tokens)
        coded = sorted({(hashed(code), owner) for owner, code in codes})
        by_letters = np.array(letters, np.uint32)
        letters_order = np.argsort(by_letters, kind="stable")
        columns: dict[str, NDArray[Any]] = {
            "codes": np.array([x for x, _ in coded], np.uint32),
            "codes_owners": np.array([x for _, x in coded], np.int32),
            "letters": by_letters[letters_order],
            "letters_names": letters_order.astype(np.int32),
            "owners": np.array(owners, np.int32),
            "flags": np.array(flags, np.uint8),
            "offsets": np.array(offsets, np.int64),
            "words": np.array(words, np.int32),
            "weights": _totals(words, offsets, telling),
            "telling": telling,
            "postings": of_names[order],
            "starts": np.searchsorted(of_words[order], np.arange(len(tokens) + 1)).astype(np.int64),
            "keys": keys,
            "numbers": of_keys,
        }
        return cls(texts, columns, tokens)

    def bearers(self, token: Token) -> int:
        """How many owners have a word in their names."""
        number = self._numbers.get(token)
        if number is None:
            return 0
        return len(set(self.owners[self.postings[self.starts[number] : self.starts[number + 1]]].tolist()))

    @cached_property
    def _numbers(self) -> dict[Token, int]:
        return {token: number for number, token in enumerate(self.tokens)}

    def of_code(self, code: str) -> list[int]:
        """The owners who may have a code (two codes may be one here: compare)."""
        keys, key = self._columns["codes"], np.uint32(hashed(code))
        first, last = np.searchsorted(keys, key, "left"), np.searchsorted(keys, key, "right")
        found: list[int] = self._columns["codes_owners"][first:last].tolist()
        return found

    def of_letters(self, name: Name) -> NDArray[np.int32]:
        """The names that have the very letters of one, in whatever order and however split into words."""
        key = np.uint32(hashed(_letters(name)))
        first, last = np.searchsorted(self._letters, key, "left"), np.searchsorted(self._letters, key, "right")
        found: NDArray[np.int32] = self._letters_names[first:last]
        return found if last - first <= _MOST_OF_ONE_KEY else found[:0]

    def name(self, number: int) -> Name:
        """A name's words."""
        tokens = self.tokens
        words = self.words[self.offsets[number] : self.offsets[number + 1]].tolist()
        return Name(tuple(tokens[x] for x in words), bool(self.flags[number] & IS_PERSON))

    def save(self, folder: Path) -> None:
        """Store it in a folder; whoever reads it meanwhile has the old one whole. Raises OSError."""
        blob, ends = packed(self.texts)
        columns: dict[str, NDArray[Any]] = {**self._columns, "texts": blob, "text_ends": ends}
        for field in ("plain", "sound", "other", "group", "tells"):
            columns[f"token_{field}"], columns[f"token_{field}_ends"] = packed([getattr(x, field) for x in self.tokens])
        columns["token_kind"] = np.array([x.kind for x in self.tokens], np.uint8)
        columns["token_weight"] = np.array([x.weight for x in self.tokens], np.float64)
        save(folder, columns)

    @classmethod
    def load(cls, folder: Path) -> Index:
        """The stored index, its arrays mapped into memory. Raises StaleIndex, OSError."""
        read = load(folder)
        told = {
            field: unpacked(read.pop(f"token_{field}"), read.pop(f"token_{field}_ends"))
            for field in ("plain", "sound", "other", "group", "tells")
        }
        kinds, weights = read.pop("token_kind").tolist(), read.pop("token_weight").tolist()
        tokens = tuple(
            map(Token, told["plain"], told["sound"], told["other"], kinds, weights, told["group"], told["tells"])
        )
        return cls(Texts(read.pop("texts"), read.pop("text_ends")), read, tokens)


def _letters(name: Name) -> str:
    return "*" + "".join(sorted("".join(x.plain for x in name.tokens)))


def _totals(words: Sequence[int], offsets: Sequence[int], telling: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the words of each name weigh, a word said twice counted once."""
    values = telling.tolist()
    return np.array(
        [sum(values[x] for x in dict.fromkeys(words[a:b])) for a, b in pairwise(offsets)],
        np.float32,
    )
