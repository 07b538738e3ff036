"""Listed names by their words: built once, stored, and asked without being scanned."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from carveout.engine.parties.matching.names import PARTICLE, PERSON, Name, Token, analyse
from carveout.engine.parties.matching.vocabulary import Vocabulary

VERSION = 1
"""Of the stored form, and of all that decides which words a name has."""


class Entry(NamedTuple):
    """A name to be found: whose it is, of what kind they are, and whether they are rarely called so."""

    owner: int
    text: str
    kind: str
    weak: bool = False


class StaleIndex(ValueError):
    """A stored index is of another version, or not whole."""


class Index:
    """Names by number."""

    def __init__(
        self,
        texts: Sequence[str],
        owners: NDArray[np.int32],
        flags: NDArray[np.uint8],
        offsets: NDArray[np.int64],
        words: NDArray[np.int32],
        vocabulary: Vocabulary,
    ) -> None:
        """`words` are those of all names, one name's from offset to offset; flags: 1 a person, 2 a weak alias."""
        self.texts, self.owners, self.flags = texts, owners, flags
        self.offsets, self.words, self.vocabulary = offsets, words, vocabulary
        tokens = vocabulary.tokens
        telling = np.array([x.weight if x.kind < PARTICLE else 0.0 for x in tokens], np.float32)
        totals = np.add.reduceat(np.append(telling[words], np.float32(0)), offsets[:-1]) if len(texts) else telling[:0]
        self.weights = np.where(np.diff(offsets) > 0, totals, 0).astype(np.float32)
        self.telling = telling
        order = np.argsort(words, kind="stable")
        names = np.repeat(np.arange(len(texts), dtype=np.int32), np.diff(offsets))
        self.postings = names[order]
        self.starts = np.searchsorted(words[order], np.arange(len(tokens) + 1)).astype(np.int64)
        self.scores = np.zeros(len(texts), np.float32)

    def __len__(self) -> int:
        return len(self.texts)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Index:
        """An index of these names."""
        numbers: dict[Token, int] = {}
        texts, owners, flags, offsets, words = [], [], [], [0], []
        for owner, text, kind, weak in entries:
            name = analyse(text, kind)
            words += [numbers.setdefault(token, len(numbers)) for token in name.tokens]
            texts.append(text)
            owners.append(owner)
            flags.append((kind == PERSON) + 2 * weak)
            offsets.append(len(words))
        return cls(
            texts,
            np.array(owners, np.int32),
            np.array(flags, np.uint8),
            np.array(offsets, np.int64),
            np.array(words, np.int32),
            Vocabulary.of(tuple(numbers)),
        )

    def name(self, number: int) -> Name:
        """A name's words."""
        tokens = self.vocabulary.tokens
        words = self.words[self.offsets[number] : self.offsets[number + 1]].tolist()
        return Name(tuple(tokens[x] for x in words), bool(self.flags[number] & 1))

    def save(self, file: Path) -> None:
        """Store it; whoever reads it meanwhile has the old one whole."""
        made = io.BytesIO()
        columns = zip(*self.vocabulary.tokens, strict=True) if self.vocabulary.tokens else [()] * len(Token._fields)
        stored = {
            field: _packed(column) if field not in ("kind", "weight") else np.array(column, np.float64)
            for field, column in zip(Token._fields, columns, strict=True)
        }
        np.savez(
            made, version=np.array([VERSION]), texts=_packed(self.texts), owners=self.owners, flags=self.flags,
            offsets=self.offsets, words=self.words, keys=self.vocabulary.keys, numbers=self.vocabulary.words,
            allow_pickle=False,
            **{f"token_{field}": column for field, column in stored.items()},
        )  # fmt: skip
        beside = file.with_name(file.name + ".new")
        beside.write_bytes(made.getvalue())
        beside.replace(file)

    @classmethod
    def load(cls, file: Path) -> Index:
        """The stored index. Raises StaleIndex, OSError."""
        try:
            with np.load(file, allow_pickle=False) as stored:
                if stored["version"].tolist() != [VERSION]:
                    raise StaleIndex(f"{file}: stored by another version; build the index again")
                read = dict(stored)
        except (ValueError, KeyError, EOFError) as wrong:
            raise (
                wrong if isinstance(wrong, StaleIndex) else StaleIndex(f"{file}: not whole; build it again")
            ) from wrong
        columns = {
            field: _unpacked(read[f"token_{field}"]) for field in Token._fields if field not in ("kind", "weight")
        }
        kinds = read["token_kind"].astype(int).tolist()
        weights = read["token_weight"].tolist()
        tokens = tuple(
            map(
                Token,
                columns["plain"],
                columns["sound"],
                columns["other"],
                kinds,
                weights,
                columns["group"],
                columns["tells"],
            )
        )
        vocabulary = Vocabulary(tokens, read["keys"], read["numbers"])
        texts = _unpacked(read["texts"])
        return cls(texts, read["owners"], read["flags"], read["offsets"], read["words"], vocabulary)


def _packed(texts: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\0".join(x.replace("\0", " ") for x in texts).encode("utf-8", "replace"), np.uint8)


def _unpacked(stored: NDArray[np.uint8]) -> list[str]:
    return stored.tobytes().decode().split("\0")
