"""Taking the audit chain out, and finding what was changed in it: in a file without a store, or in the store itself."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from sqlalchemy import Table, func, select

from carveout.engine.records import schema
from carveout.engine.records.adjudications import EVENT, KIND, entry_of, event_entry_of
from carveout.engine.records.canonical import digest
from carveout.engine.records.chain import LONGEST_LINE, Broken, Entry, Tail, follow_lines
from carveout.engine.records.decisions import Envelope
from carveout.engine.records.signing import Head, KeyFault, key_name, read_head, verify
from carveout.engine.records.store import Store

CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Verified:
    """A chain that is whole: how long, from when until when, and which head vouches for its end (None: nobody does)."""

    tail: Tail
    first: str
    last: str
    head: Head | None


def read_lines(file: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a file with their line feeds; one without end is given in bounded pieces."""
    readline = getattr(file, "readline", None)
    if readline is None:
        yield from file
        return
    while line := readline(LONGEST_LINE + 1):
        yield line


def verify_lines(lines: Iterable[bytes], head: Head | None = None) -> Verified:
    """Check a whole chain, from its first entry, against a kept head if there is one. Raises Broken."""
    tail: Tail | None = None
    first = last = ""
    keys: dict[str, str] = {}
    at_head: str | None = None
    for tail, entry in follow_lines(read_lines(lines)):
        first, last = first or entry["at"], entry["at"]
        if entry["kind"] == "key":
            _read_key(entry, keys)
        if head is not None and tail.n == head.tail.n:
            at_head = tail.hash
    if tail is None:
        raise Broken(1, "there is no entry at all")
    if head is not None:
        if head.tail.chain != tail.chain:
            raise Broken(1, f"is of another chain than the head ({tail.chain}, not {head.tail.chain})")
        if tail.n < head.tail.n:
            raise Broken(tail.n, f"is the last, but the head vouches for {head.tail.n} entries: the rest is gone")
        if at_head != head.tail.hash and head.tail.n > 0:
            raise Broken(head.tail.n, "is not the entry that the head vouches for")
        if head.key not in keys:
            raise Broken(tail.n, f"the head was signed with the key {head.key}, which the chain does not name")
    return Verified(tail, first, last, head)


def _read_key(entry: dict[str, Any], keys: dict[str, str]) -> None:
    """A key that the chain names; one that takes the place of another is signed by that."""
    data = entry["data"]
    try:
        if key_name(data["public"]) != entry["of"]:
            raise ValueError("its name is another")
        if "after" in data:
            signed = {"after": data["after"], "chain": entry["chain"], "public": data["public"]}
            verify(keys[data["after"]], signed, data["signature"])
    except (KeyError, TypeError, ValueError, InvalidSignature) as error:
        raise Broken(entry["n"], f"names a key that cannot be trusted: {error or type(error).__name__}") from None
    keys[entry["of"]] = data["public"]


def lines_of(store: Store, after: int = 0, until: int | None = None) -> Iterator[bytes]:
    """The lines of a store's chain, after one entry until another. Raises StoreFault."""
    table = schema.audit
    while True:
        query = select(table.c.n, table.c.line).where(table.c.n > after).order_by(table.c.n).limit(CHUNK)
        if until is not None:
            query = query.where(table.c.n <= until)
        with store.database.reading() as connection:
            rows = connection.execute(query).all()
        if not rows:
            return
        yield from (row.line for row in rows)
        after = rows[-1].n


def head_of(store: Store) -> str:
    """The newest signed head of a store, as one line of JSON. Raises StoreFault."""
    with store.database.reading() as connection:
        return str(connection.execute(select(schema.chain.c.head)).scalar_one())


def exported(store: Store, by: str) -> Iterator[bytes]:
    """The whole chain, at the end of it the entry of this export. Raises StoreFault."""
    last = store.note("export", None, by, {"what": "audit"})
    yield from lines_of(store, until=last)


def verify_store(store: Store) -> Verified:
    """Check a store: its chain, and that every decision is still what its entry says. Raises Broken, StoreFault."""
    try:
        head = read_head(head_of(store))
    except KeyFault as fault:
        raise Broken(0, str(fault)) from None
    kinds = {"decision": 0, "deleted": 0, KIND: 0, EVENT: 0}

    def counted() -> Iterator[bytes]:
        for line in lines_of(store, until=head.tail.n):
            kind = json.loads(line).get("kind")
            if kind in kinds:
                kinds[kind] += 1
            yield line

    found = verify_lines(counted(), head)
    held = _verify_decisions(store, head.tail.n)
    if held != kinds["decision"] - kinds["deleted"]:
        gone = kinds["decision"] - kinds["deleted"] - held
        raise Broken(0, f"{gone} decisions of the chain are not in the store, and no entry says that they were deleted")
    for kind, table, entered in (
        (KIND, schema.adjudications, entry_of),
        (EVENT, schema.adjudication_events, event_entry_of),
    ):
        if _verify_rows(store, table, entered, head.tail.n) != kinds[kind]:
            raise Broken(0, f"rows of {table.name} are gone from the store that the chain has")
    _verify_contents(store)
    return found


def _verify_rows(store: Store, table: Table, entered: Callable[[Mapping[str, Any]], Entry], until: int) -> int:
    """Check that the rows of a table are what their entries say; how many there are. Raises Broken."""
    query = select(table, schema.audit.c.line).join_from(table, schema.audit, table.c.n == schema.audit.c.n)
    with store.database.reading() as connection:
        rows = [dict(row) for row in connection.execute(query.where(table.c.n <= until)).mappings()]
    for row in rows:
        entry = json.loads(row.pop("line"))
        wanted = entered(row)
        if (entry["kind"], entry["of"], entry["by"], entry["data"]) != (wanted.kind, wanted.of, wanted.by, wanted.data):
            raise Broken(row["n"], f"row {row['id']} of {table.name} is not what was entered")
    return len(rows)


def _verify_decisions(store: Store, until: int) -> int:
    table, count, after = schema.decisions, 0, 0
    while True:
        query = (
            select(table, schema.audit.c.line)
            .join_from(table, schema.audit, table.c.n == schema.audit.c.n, isouter=True)
            .where(table.c.n > after, table.c.n <= until)
            .order_by(table.c.n)
            .limit(CHUNK)
        )
        with store.database.reading() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        if not rows:
            return count
        for row in rows:
            entry = json.loads(row["line"]) if row["line"] else {}
            envelope = Envelope.of(row)
            if entry.get("data") != envelope.entry().data or entry.get("of") != envelope.id:
                raise Broken(row["n"], f"decision {envelope.id} is not what was entered: its envelope was changed")
        count, after = count + len(rows), rows[-1]["n"]


def _verify_contents(store: Store) -> None:
    table, after = schema.contents, ""
    while True:
        query = select(table).where(table.c.digest > after).order_by(table.c.digest).limit(CHUNK)
        with store.database.reading() as connection:
            rows = connection.execute(query).all()
        if not rows:
            break
        for row in rows:
            try:
                data = zlib.decompress(row.data)
            except zlib.error:
                data = b""
            if digest(data) != row.digest:
                raise Broken(0, f"content {row.digest} was changed")
        after = rows[-1].digest
    answers = schema.adjudications.c
    named = (schema.decisions.c.body, schema.decisions.c.stated, schema.decisions.c.rules)
    for column in (*named, answers.stated, answers.record):
        query = select(func.min(column)).where(column.not_in(select(table.c.digest)))
        with store.database.reading() as connection:
            gone = connection.execute(query).scalar()
        if gone:
            raise Broken(0, f"content {gone} is gone")
