"""The journal: whatever is written, from however many threads, processes and machines, as one chain (group commit)."""

from __future__ import annotations

import queue
import threading
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Delete, Insert, Table, Update, select, tuple_, update
from sqlalchemy.exc import SQLAlchemyError

from carveout.engine.records import schema
from carveout.engine.records.canonical import digest
from carveout.engine.records.chain import Entry, Tail
from carveout.engine.records.database import Database, Gone, StoreFault
from carveout.engine.records.ids import new_id, now
from carveout.engine.records.signing import Signer

MOST_AT_ONCE = 256
MOST_WAITING = 20_000


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


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a write: the numbers of its entries, or the answer that its key already has."""

    numbers: Sequence[int]
    before: Mapping[str, Any] | None = None
    refused: bool = False


class Journal:
    """Appends writes. Safe to use from several threads; the order of the chain is that of the commits."""

    def __init__(self, database: Database, signer: Signer) -> None:
        self._database = database
        self._signer = signer
        self._waiting: queue.Queue[tuple[Write, Future[Written]] | None] = queue.Queue(MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closed = False

    def submit(self, write: Write) -> Future[Written]:
        """What will become of a write, once it is committed; the future raises StoreFault."""
        future: Future[Written] = Future()
        with self._lock:
            if self._closed:
                raise StoreFault("the store is closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="carveout-journal", daemon=True)
                self._thread.start()
            try:
                self._waiting.put_nowait((write, future))
            except queue.Full:
                raise Gone("too much is waiting to be stored") from None
        return future

    def write(self, write: Write) -> Written:
        """Write, and wait until it is committed. Raises StoreFault."""
        return self.submit(write).result()

    def close(self) -> None:
        """Write what is waiting, and end."""
        with self._lock:
            self._closed = True
            thread = self._thread
        if thread is not None:
            self._waiting.put(None)
            thread.join()

    def begin(self) -> Tail:
        """The end of the chain, which is begun if there is none. Raises StoreFault."""
        with self._database.reading() as connection:
            found = connection.execute(select(schema.chain)).first()
        if found is None:
            with self._database.writing() as connection:
                first = Tail(new_id())
                head = self._signer.head(first, now()).text()
                values = {"one": 1, "id": first.chain, "n": 0, "hash": first.hash, "head": head}
                connection.execute(self._database.insert_new(schema.chain), values)
                found = connection.execute(select(schema.chain)).one()
        return Tail(found.id, found.n, found.hash)

    def _run(self) -> None:
        while True:
            batch, last = self._gathered()
            if batch:
                self._commit(batch)
            if last:
                return

    def _gathered(self) -> tuple[list[tuple[Write, Future[Written]]], bool]:
        """The next writes, as many as are waiting; and whether those are the last."""
        found = []
        item = self._waiting.get()
        while item is not None:
            found.append(item)
            if len(found) == MOST_AT_ONCE:
                return found, False
            try:
                item = self._waiting.get_nowait()
            except queue.Empty:
                return found, False
        return found, True

    def _commit(self, batch: list[tuple[Write, Future[Written]]]) -> None:
        try:
            with self._database.writing() as connection:
                results = _Group(self._database, connection, self._signer).write([write for write, _ in batch])
        except BaseException as error:
            if len(batch) > 1 and not isinstance(error, Gone):
                for one in batch:  # one that cannot be written must not take the others with it
                    self._commit([one])
                return
            fault = error if isinstance(error, StoreFault) else StoreFault(f"cannot be stored: {_named(error)}")
            if fault is not error:
                fault.__cause__ = error
            for _, future in batch:
                future.set_exception(fault)
            return
        for (_, future), result in zip(batch, results, strict=True):
            future.set_result(result)


class _Group:
    """Several writes in one transaction."""

    def __init__(self, database: Database, connection: Connection, signer: Signer) -> None:
        self.database, self.connection, self.signer = database, connection, signer
        self.at = now()
        self.rows: dict[str, tuple[Table, list[dict[str, Any]]]] = {}
        self.contents: dict[str, Content] = {}
        self.lines: list[dict[str, Any]] = []
        self.keys: dict[tuple[str, str], Mapping[str, Any]] = {}
        self.fresh_keys: list[Mapping[str, Any]] = []
        self.deletes: list[Delete] = []

    def write(self, writes: Sequence[Write]) -> list[Written]:
        """Lock the chain, put everything in, and write its new end."""
        found = self.connection.execute(select(schema.chain).with_for_update()).one()
        self.tail = Tail(found.id, found.n, found.hash)
        self._look_up([write.key for write in writes if write.key])
        results = [self._gather(write) for write in writes]
        if self.tail.n == found.n:
            return results
        self._insert()
        head = self.signer.head(self.tail, self.at).text()
        values = {"n": self.tail.n, "hash": self.tail.hash, "head": head}
        self.connection.execute(update(schema.chain).values(values))
        return results

    def _look_up(self, keys: Sequence[Key]) -> None:
        table = schema.answered
        if keys:
            wanted = [(key.person, key.key) for key in keys]
            rows = self.connection.execute(select(table).where(tuple_(table.c.person, table.c.key).in_(wanted)))
            self.keys = {(row.person, row.key): dict(row._mapping) for row in rows}

    def _gather(self, write: Write) -> Written:
        if write.key is not None:
            before = self.keys.get((write.key.person, write.key.key))
            if before is not None:
                return Written((), before)
            answer = {
                "person": write.key.person, "key": write.key.key, "request": write.key.request, "time": self.at,
                "status": 200, "decision": None, "content": None, **write.answer,
            }  # fmt: skip
            self.keys[write.key.person, write.key.key] = answer
            self.fresh_keys.append(answer)
        if write.only_if is not None:
            counting = {"preserve_rowcount": True}  # else it is not known of an insert
            if self.connection.execute(write.only_if, execution_options=counting).rowcount != 1:
                return Written((), refused=True)
        for statement in write.also:
            self.connection.execute(statement)
        self.contents.update((content.digest, content) for content in write.contents)
        numbers = []
        for row in write.rows:
            if row.once and self._is_there(row):
                continue
            numbers.append(self._append(row.entry))
            self.rows.setdefault(row.table.name, (row.table, []))[1].append({**row.values, "n": self.tail.n})
        self.deletes += write.deletes
        numbers += [self._append(entry) for entry in write.entries]
        return Written(numbers)

    def _is_there(self, row: Row) -> bool:
        wanted = row.values["digest"]
        if any(other["digest"] == wanted for other in self.rows.get(row.table.name, (row.table, []))[1]):
            return True
        return self.connection.execute(select(row.table.c.digest).filter_by(digest=wanted)).first() is not None

    def _append(self, entry: Entry) -> int:
        self.tail, line = self.tail.follow(entry, self.at)
        self.lines.append({"n": self.tail.n, "line": line, "hash": self.tail.hash, "kind": entry.kind, "of": entry.of})
        return self.tail.n

    def _insert(self) -> None:
        execute = self.connection.execute
        if self.contents:
            rows = [{"digest": c.digest, "size": c.size, "data": c.packed} for c in self.contents.values()]
            execute(self.database.insert_new(schema.contents), rows)
        for table in (schema.rule_versions, schema.list_snapshots, schema.tables, schema.decisions):
            if table.name in self.rows:
                execute(table.insert(), self.rows[table.name][1])
        if self.fresh_keys:
            execute(schema.answered.insert(), self.fresh_keys)
        execute(schema.audit.insert(), self.lines)
        for statement in self.deletes:
            execute(statement)


def _named(error: BaseException) -> str:
    """The kind of fault; never the statement, which holds what was to be stored."""
    orig = getattr(error, "orig", None) if isinstance(error, SQLAlchemyError) else None
    return f"{type(orig or error).__name__}"
