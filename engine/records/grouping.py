"""Several writes in one transaction: the chain is locked, all is put in, and the chain's new end is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Delete, select, tuple_

from carveout.engine.records import schema
from carveout.engine.records.chain import Entry, Tail
from carveout.engine.records.ids import now
from carveout.engine.records.signing import Signer
from carveout.engine.records.statements import Statements
from carveout.engine.records.writes import Content, Key, Row, Write, Written

IN_ORDER = schema.metadata.sorted_tables
"""A table after those that it refers to."""


class Group:
    """Several writes in one transaction."""

    def __init__(self, statements: Statements, connection: Connection, signer: Signer) -> None:
        self.statements, self.connection, self.signer = statements, connection, signer
        self.at = now()
        self.rows: dict[str, list[Mapping[str, Any]]] = {}
        self.contents: dict[str, Content] = {}
        self.lines: list[dict[str, Any]] = []
        self.keys: dict[tuple[str, str], Mapping[str, Any]] = {}
        self.fresh_keys: list[Mapping[str, Any]] = []
        self.deletes: list[Delete] = []

    def take(self, writes: Sequence[Write]) -> list[Written]:
        """Lock the chain, and say what becomes of each write once all is put in."""
        found = self.statements.end.run(self.connection).one()
        self.tail = Tail(found.id, found.n, found.hash)
        self._look_up([write.key for write in writes if write.key])
        return [self._gather(write) for write in writes]

    def put(self) -> None:
        """Put everything in, and write the chain's new end; nothing is asked of the database."""
        if self.lines or self.fresh_keys:
            self._insert()
        if not self.lines:
            return
        head = self.signer.head(self.tail, self.at).text()
        self.statements.move.run(self.connection, [{"n": self.tail.n, "hash": self.tail.hash, "head": head}])

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
        if write.holds is not None:
            with self.statements.database.seeing(self.connection):
                if not write.holds():
                    return Written((), moved=True)
        if write.only_if is not None:
            counting = {"preserve_rowcount": True}  # else it is not known of an insert
            if self.connection.execute(write.only_if, execution_options=counting).rowcount != 1:
                return Written((), refused=True)
        for statement in write.also:
            self.connection.execute(statement)
        told, answered = None, write.answer
        if write.tell is not None:
            with self.statements.database.seeing(self.connection):
                told = write.tell()
            if write.key is not None:
                said = Content.of(told[1])
                self.contents[said.digest] = said
                answered = {"status": told[0], "content": said.digest}
        if write.key is not None:
            answer = {
                "person": write.key.person, "key": write.key.key, "request": write.key.request, "time": self.at,
                "status": 200, "decision": None, "content": None, **answered,
            }  # fmt: skip
            self.keys[write.key.person, write.key.key] = answer
            self.fresh_keys.append(answer)
        self.contents.update((content.digest, content) for content in write.contents)
        numbers = []
        for row in write.rows:
            if row.once and self._is_there(row):
                continue
            numbers.append(self._append(row.entry))
            self.rows.setdefault(row.table.name, []).append({**row.values, "n": self.tail.n})
        self.deletes += write.deletes
        numbers += [self._append(entry) for entry in write.entries]
        return Written(numbers, told=told)

    def _is_there(self, row: Row) -> bool:
        wanted = row.values["digest"]
        if any(other["digest"] == wanted for other in self.rows.get(row.table.name, ())):
            return True
        return self.connection.execute(select(row.table.c.digest).filter_by(digest=wanted)).first() is not None

    def _append(self, entry: Entry) -> int:
        self.tail, line = self.tail.follow(entry, self.at)
        self.lines.append({"n": self.tail.n, "line": line, "hash": self.tail.hash, "kind": entry.kind, "of": entry.of})
        return self.tail.n

    def _insert(self) -> None:
        connection, insert = self.connection, self.statements.insert
        if self.contents:
            rows = [{"digest": c.digest, "size": c.size, "data": c.packed} for c in self.contents.values()]
            self.statements.contents.run(connection, rows)
        for table in IN_ORDER:
            if table.name in self.rows:
                insert(table).run(connection, self.rows[table.name])
        if self.fresh_keys:
            insert(schema.answered).run(connection, self.fresh_keys)
        if self.lines:
            insert(schema.audit).run(connection, self.lines)
        for statement in self.deletes:
            connection.execute(statement)
