"""The audit chain as bytes: what a line is, and what is wrong with lines that were changed. Knows no database.

A line is the canonical JSON of one entry and a line feed. Its `hash` is the SHA-256 of the canonical JSON of the entry
without `hash`, and the entry holds the hash of the one before. So the bytes of each line follow from what it says, and
what each says hangs on all before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from carveout.engine.records.canonical import canonical_json

FORMAT = 1
ORIGIN = "0" * 64
"""What stands as the hash before the first entry."""
KEYS = frozenset({"at", "by", "chain", "data", "format", "hash", "kind", "n", "of", "previous"})
LONGEST_LINE = 1 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be remembered: `kind` of event, `of` what (an id or digest), `by` whom; no personal data in `data`."""

    kind: str
    of: str | None
    by: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a chain: how many entries, and the hash of the last."""

    chain: str
    n: int = 0
    hash: str = ORIGIN

    def follow(self, entry: Entry, at: str) -> tuple[Tail, bytes]:
        """The tail after one more entry, and its line."""
        # `hash` stands between `format` and `kind`: in two halves the entry is made into bytes once, not twice.
        before = {"at": at, "by": entry.by, "chain": self.chain, "data": entry.data, "format": FORMAT}
        after = {"kind": entry.kind, "n": self.n + 1, "of": entry.of, "previous": self.hash}
        first, last = canonical_json(before)[:-1], canonical_json(after)[1:]
        hash_ = hashlib.sha256(first + b"," + last).hexdigest()
        line = first + b',"hash":"' + hash_.encode() + b'",' + last + b"\n"
        return Tail(self.chain, self.n + 1, hash_), line


class Broken(Exception):
    """The chain was changed; says at which line (from 1) and how."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        super().__init__(f"line {line}: {message}")


def hash_of(entry: dict[str, Any]) -> str:
    """The hash of an entry (with or without its `hash`)."""
    return hashlib.sha256(canonical_json({k: v for k, v in entry.items() if k != "hash"})).hexdigest()


def line_of(entry: dict[str, Any]) -> bytes:
    """The bytes of an entry's line."""
    return canonical_json(entry) + b"\n"


def follow_lines(lines: Iterable[bytes], start: Tail | None = None) -> Iterator[tuple[Tail, dict[str, Any]]]:
    """Each entry of a chain with the tail at it, checked to the byte. Raises Broken.

    `start`: where the chain is taken up; left out, it must begin with its first entry.
    """
    tail = start
    for number, line in enumerate(lines, 1):
        entry = read_line(line, number)
        if tail is None:
            tail = Tail(entry["chain"])
        if entry["chain"] != tail.chain:
            raise Broken(number, f"is of another chain ({entry['chain']}, not {tail.chain})")
        if entry["n"] != tail.n + 1:
            raise Broken(number, f"is entry {entry['n']} where entry {tail.n + 1} belongs: entries are gone or moved")
        if entry["previous"] != tail.hash:
            raise Broken(number, f"does not follow entry {tail.n}: that entry is not what it was")
        tail = Tail(tail.chain, entry["n"], entry["hash"])
        yield tail, entry


def read_line(line: bytes, number: int) -> dict[str, Any]:
    """The entry of one line, whose bytes and hash are right. Raises Broken."""
    if len(line) > LONGEST_LINE:
        raise Broken(number, "is longer than any entry")
    if not line.endswith(b"\n"):
        raise Broken(number, "is cut off: it ends without a line feed")
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise Broken(number, "is no JSON in UTF-8") from None
    if not isinstance(entry, dict) or set(entry) != KEYS or not _typed(entry):
        raise Broken(number, "is no entry of an audit chain (of this format)")
    try:
        same = line_of(entry) == line
    except (ValueError, RecursionError):
        same = False
    if not same:
        raise Broken(number, "says the same in other bytes than it was written with")
    if hash_of(entry) != entry["hash"]:
        raise Broken(number, f"entry {entry['n']} was changed: its hash is another")
    return entry


def _typed(entry: dict[str, Any]) -> bool:
    texts = ("at", "by", "chain", "hash", "kind", "previous")
    return (
        all(isinstance(entry[key], str) for key in texts)
        and type(entry["n"]) is int
        and entry["n"] > 0
        and entry["format"] == FORMAT
        and type(entry["format"]) is int
        and isinstance(entry["data"], dict)
        and isinstance(entry["of"], str | None)
    )
