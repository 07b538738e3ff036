"""What is handed to the journal: contents, rows, entries, keys; and what became of it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Delete, Insert, Table, Update

from carveout.engine.records.canonical import digest
from carveout.engine.records.chain import Entry


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes to be kept by their digest."""

    digest: str
    size: int
    packed: bytes

    @classmethod
    def of(cls, data: bytes) -> Content:
        """Bytes, compressed."""
        return cls(digest(data), len(data), zlib.compress(data, 1))


@dataclass(frozen=True, slots=True)
class Key:
    """An Idempotency-Key: of whom, and the digests of key and request."""

    person: str
    key: str
    request: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row with an entry of the chain of its own, whose number it gets in the column `n`."""

    table: Table
    values: Mapping[str, Any]
    entry: Entry
    once: bool = False
    """Passed over if a row of the same `digest` is there."""


@dataclass(frozen=True, slots=True)
class Write:
    """What is written together or not at all."""

    contents: Sequence[Content] = ()
    rows: Sequence[Row] = ()
    entries: Sequence[Entry] = ()
    key: Key | None = None
    answer: Mapping[str, Any] = field(default_factory=dict)
    """With a key: what is answered to it (columns of `answered`)."""
    deletes: Sequence[Delete] = ()
    """What is taken away; that it was is for `entries` to say."""
    only_if: Insert | Update | None = None
    """A statement that changes exactly one row; if it would change none, nothing of this is written (`refused`)."""
    also: Sequence[Insert | Update] = ()
    """What else is put in or changed, after `only_if`."""
    holds: Callable[[], bool] | None = None
    """Asked before anything is done; if it says no, nothing of this is written (`moved`). Here and in `tell`,
    `Database.reading` shows the transaction as it is."""
    tell: Callable[[], tuple[int, bytes]] | None = None
    """Status and bytes of what is answered, asked once `only_if` and `also` are done; kept where there is a key."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a write: the numbers of its entries, or the answer that its key already has."""

    numbers: Sequence[int]
    before: Mapping[str, Any] | None = None
    refused: bool = False
    moved: bool = False
    told: tuple[int, bytes] | None = None
