"""The statements of every commit, made ready once for a database: what SQLAlchemy works out anew each time costs more
than the insert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Executable, Table, select, update

from carveout.engine.records import schema
from carveout.engine.records.database import Database

Values = Mapping[str, Any]


class Ready:
    """One statement as text, with the order of its parameters."""

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        self.text = str(compiled)
        self._order: Sequence[str] | None = compiled.positiontup
        self._names = tuple(compiled.params)

    def run(self, connection: Connection, rows: Sequence[Values] = ()) -> Any:
        """Execute it, once for each row of values; each has all of them."""
        if not rows:
            return connection.exec_driver_sql(self.text)
        if self._order is None:
            return connection.exec_driver_sql(self.text, [{name: row[name] for name in self._names} for row in rows])
        return connection.exec_driver_sql(self.text, [tuple(row[name] for name in self._order) for row in rows])


class Statements:
    """All of them, for one kind of database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._dialect = dialect = database.engine.dialect
        self.end = Ready(select(schema.chain.c.id, schema.chain.c.n, schema.chain.c.hash).with_for_update(), dialect)
        """The end of the chain, locked until the commit."""
        self.contents = Ready(database.insert_new(schema.contents), dialect)
        self.move = Ready(update(schema.chain).values(n=None, hash=None, head=None), dialect)
        """Writes the chain's new end."""
        self._inserts: dict[str, Ready] = {}

    def insert(self, table: Table) -> Ready:
        """The insert of whole rows of a table."""
        if table.name not in self._inserts:
            self._inserts[table.name] = Ready(table.insert(), self._dialect)
        return self._inserts[table.name]
