"""The journal: whatever is written, from however many threads, processes and machines, as one chain (group commit)."""

from __future__ import annotations

import queue
import threading
import time
from concurrent.futures import Future

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from carveout.engine.records import schema
from carveout.engine.records.chain import Tail
from carveout.engine.records.database import Database, Gone, StoreFault
from carveout.engine.records.grouping import Group
from carveout.engine.records.ids import new_id, now
from carveout.engine.records.signing import Signer
from carveout.engine.records.statements import Statements
from carveout.engine.records.writes import Write, Written

MOST_AT_ONCE = 256
WAIT_SECONDS = 0.01
"""How long what is waiting is held back for what is announced: fewer commits, and the same number of answers sooner."""
MOST_WAITING = 20_000


class Coming:
    """A write that is announced to the journal; it is no longer expected when it has come, or will not come."""

    def __init__(self, journal: Journal) -> None:
        self._journal: Journal | None = journal

    def over(self) -> None:
        """It has come, or it will not."""
        journal, self._journal = self._journal, None
        if journal is not None:
            journal.expect(-1)


class Journal:
    """Appends writes. Safe to use from several threads; the order of the chain is that of the commits."""

    def __init__(self, database: Database, signer: Signer) -> None:
        self._database = database
        self._signer = signer
        self._statements = Statements(database)
        self._waiting: queue.Queue[tuple[Write, Future[Written]] | None] = queue.Queue(MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._coming = 0

    def announce(self) -> Coming:
        """Say that a write is on its way: those that are waiting are committed with it, if it does not take long."""
        self.expect(1)
        return Coming(self)

    def expect(self, more: int) -> None:
        """Count what is announced."""
        with self._lock:
            self._coming += more

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
        until = time.monotonic() + WAIT_SECONDS
        while item is not None:
            found.append(item)
            if len(found) == MOST_AT_ONCE:
                return found, False
            left = until - time.monotonic() if self._coming > len(found) else 0.0
            try:
                item = self._waiting.get(timeout=left) if left > 0 else self._waiting.get_nowait()
            except queue.Empty:
                return found, False
        return found, True

    def _commit(self, batch: list[tuple[Write, Future[Written]]]) -> None:
        try:
            with self._database.writing() as connection:
                group = Group(self._statements, connection, self._signer)
                results = group.take([write for write, _ in batch])
                with self._database.in_one_go(connection):
                    group.put()
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


def _named(error: BaseException) -> str:
    """The kind of fault; never the statement, which holds what was to be stored."""
    orig = getattr(error, "orig", None) if isinstance(error, SQLAlchemyError) else None
    return f"{type(orig or error).__name__}"
