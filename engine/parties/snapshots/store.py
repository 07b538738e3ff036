"""The kept snapshots: one SQLite file, and the original bytes beside it.

An entry is kept once, however many snapshots hold it. All of an import is one transaction: a process that dies in the
middle leaves the old state, and a second importer waits for the first. Nothing is ever removed: triggers refuse it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from carveout.engine.parties.snapshots.model import SnapshotsError
from carveout.engine.parties.snapshots.view import Change, View
from carveout.engine.writing_ahead import write_ahead

FILE = "snapshots.sqlite"
WAIT_SECONDS = 300.0
"""How long an importer waits for another one."""
_VERSION = 1
_SCHEMA = """
CREATE TABLE snapshot (
  number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, publication TEXT NOT NULL, published TEXT NOT NULL,
  manifest TEXT NOT NULL,  -- JSON: the other fields of model.Snapshot
  members BLOB NOT NULL    -- numbers of its versions in the order of the file, 4 bytes each, deflated
) STRICT;
CREATE INDEX snapshot_in_time ON snapshot (publication, published, number);
CREATE TABLE version (     -- what an entry said, each wording once
  number INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, list TEXT NOT NULL, uid TEXT NOT NULL, content TEXT NOT NULL
) STRICT;
CREATE INDEX version_by_uid ON version (uid, list);
CREATE TABLE name (folded TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (folded, version)) STRICT, WITHOUT ROWID;
CREATE INDEX name_of_version ON name (version);
CREATE TABLE visit (       -- each time somebody looked at a publication: taken, unchanged, refused, failed
  number INTEGER PRIMARY KEY, publication TEXT NOT NULL, at TEXT NOT NULL, outcome TEXT NOT NULL,
  current INTEGER NOT NULL, -- 1: what is in force was seen to be what the authority shows at that time
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX visit_in_time ON visit (publication, number);
CREATE TABLE validator (address TEXT PRIMARY KEY, etag TEXT NOT NULL, modified TEXT NOT NULL) STRICT;
""" + "".join(
    f"CREATE TRIGGER {table}_no_{word.lower()} BEFORE {word} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, 'snapshots are never changed or removed'); END;\n"
    for table in ("snapshot", "version", "name", "visit")
    for word in ("UPDATE", "DELETE")
)


class Snapshots:
    """The snapshots kept in a folder; the folder comes into being with the first one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def reading(self) -> Iterator[View]:
        """One consistent state, for as long as it is looked at. Raises SnapshotsError."""
        path = self.folder / FILE
        with self._open(path if path.exists() else None) as connection:
            connection.execute("BEGIN")
            yield View(connection)

    @contextmanager
    def writing(self) -> Iterator[Change]:
        """A change: kept whole at the end, or not at all. Others wait. Raises SnapshotsError."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SnapshotsError(
                f"{self.folder} cannot be made: {error.strerror or error} (set CARVEOUT_HOME)"
            ) from None
        with self._open(self.folder / FILE) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Change(connection)
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def _open(self, path: Path | None) -> Iterator[sqlite3.Connection]:
        connection = None
        try:
            connection = sqlite3.connect(path or ":memory:", timeout=WAIT_SECONDS, isolation_level=None)
            _prepare(connection)
            yield connection
        except sqlite3.Error as error:
            raise SnapshotsError(f"{self.folder / FILE}: {error}; {_remedy(error)}") from None
        finally:
            if connection is not None:
                connection.close()


def _remedy(error: sqlite3.Error) -> str:
    if isinstance(error, sqlite3.OperationalError):
        return "see that the disk has room, that the folder can be written to and that no other import hangs"
    return "the file is damaged: put back a copy of it"


def _prepare(connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA user_version").fetchone()[0] == _VERSION:
        connection.execute("PRAGMA synchronous=FULL")
        return
    write_ahead(connection, WAIT_SECONDS)
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        if found == 0:  # another process may have been first
            for statement in _statements(_SCHEMA):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={_VERSION}")
        elif found != _VERSION:
            raise SnapshotsError(f"the snapshots were kept by a newer version of Carveout (form {found}); use that one")
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _statements(script: str) -> Iterator[str]:
    gathered = ""
    for line in script.splitlines(keepends=True):
        gathered += line
        if sqlite3.complete_statement(gathered):
            yield gathered
            gathered = ""
