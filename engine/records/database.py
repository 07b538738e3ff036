"""The database under the store: SQLite without set-up, PostgreSQL by one setting; its tables brought to the present."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    DisconnectionError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.sql.dml import Insert
from sqlalchemy.sql.schema import Table

from carveout.engine.records.schema import VERSION
from carveout.engine.writing_ahead import write_ahead

FILE = "carveout.db"
WAIT_SECONDS = 15
"""How long one waits for others that write."""
FRESH_SECONDS = 1.0
"""A connection that was used so lately is not asked whether it is still there."""
_MIGRATING = 0x_CA_5E_0E


class StoreFault(Exception):
    """The store cannot be used, now or at all; the message says what to do."""


class Gone(StoreFault):
    """The database cannot be reached, is full, or did not answer in time: trying again later may help."""


class Database:
    """Connections to one database, with transactions that either lock it for writing or only read."""

    def __init__(self, url: str) -> None:
        """Raises StoreFault for an address that is none."""
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise StoreFault("CARVEOUT_DATABASE: is no address of a database (postgresql://user@host/name)") from None
        if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
            self.engine = _postgresql(parsed.set(drivername="postgresql+psycopg"))
        elif parsed.drivername in ("sqlite", "sqlite+pysqlite") and parsed.database not in (None, "", ":memory:"):
            self.engine = _sqlite(parsed.set(drivername="sqlite+pysqlite"))
        else:
            raise StoreFault("CARVEOUT_DATABASE: only postgresql://... and sqlite:///FILE can be used")
        self.kind = self.engine.dialect.name
        self._shown = threading.local()

    @classmethod
    def at(cls, home: Path, url: str | None = None) -> Database:
        """The database of a setting, else the file in the folder of state. Raises StoreFault."""
        if url:
            return cls(url)
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Gone(f"{home} cannot be made: {error.strerror} (set CARVEOUT_HOME)") from None
        return cls(f"sqlite:///{home / FILE}")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of everything. Raises Gone."""
        shown: Connection | None = getattr(self._shown, "connection", None)
        if shown is not None:
            yield shown
            return
        with _as_gone(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, committed at the end or not at all. Raises Gone."""
        with _as_gone(), self.engine.connect() as plain:
            connection = plain.execution_options(carveout_writes=True)
            with connection.begin():
                yield connection

    @contextmanager
    def seeing(self, connection: Connection) -> Iterator[None]:
        """As long as this lasts, what this thread reads is what a transaction under way has done so far."""
        self._shown.connection = connection
        try:
            yield
        finally:
            self._shown.connection = None

    @contextmanager
    def in_one_go(self, connection: Connection) -> Iterator[None]:
        """The end of a transaction that only writes from here on: PostgreSQL gets it all, with the commit, at once.

        The commit waits for what was written, and raises what is wrong with any of it.
        """
        raw: Any = connection.connection.driver_connection
        try:
            with raw.pipeline() if self.kind == "postgresql" else nullcontext():
                yield
                connection.commit()
        except BaseException:
            connection.invalidate()  # SQLAlchemy takes the commit for done, and would hand it on as it is
            raise

    def insert_new(self, table: Table) -> Insert:
        """An insert that passes over what is there already."""
        if self.kind == "sqlite":
            return sqlite.insert(table).on_conflict_do_nothing()
        return postgresql.insert(table).on_conflict_do_nothing()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def bring_up(self) -> None:
        """Make the tables, or bring those of an older version to the present. Raises StoreFault."""
        with self.reading() as connection:
            found = self._version(connection)
        if found == VERSION:
            return
        with self.writing() as connection:
            if self.kind == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATING})"))
            found = self._version(connection)  # somebody else may just have done it
            if found == VERSION:
                return
            if found is not None and found > VERSION:
                raise StoreFault(
                    f"the store was made by a newer carveout (tables {found}, known here are {VERSION}): use that one"
                )
            from carveout.engine.records.migrations import migrate

            migrate(connection)

    def _version(self, connection: Connection) -> str | None:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found


@contextmanager
def _as_gone() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise Gone(_said(error)) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Gone(_said(error)) from error
        raise
    except SQLAlchemyError as error:  # no connection of the pool became free, for one
        raise Gone(f"the database: {type(error).__name__}") from error


def _said(error: DBAPIError) -> str:
    """The first line of what the database says; never the statement, which holds what was to be stored."""
    return f"the database: {(str(error.orig).splitlines() or [''])[0][:200]}"


def _sqlite(url: Any) -> Engine:
    engine = create_engine(url, connect_args={"timeout": WAIT_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions are begun below and not by the driver
        write_ahead(connection, WAIT_SECONDS)
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("carveout_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: Any) -> Engine:
    engine = create_engine(
        url,
        pool_timeout=WAIT_SECONDS,
        isolation_level="READ COMMITTED",
        connect_args={
            "connect_timeout": WAIT_SECONDS,
            # a machine that is gone without a word is noticed, and nobody waits for it for hours
            "keepalives_idle": WAIT_SECONDS,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 2 * WAIT_SECONDS * 1_000,
            "options": f"-c statement_timeout={WAIT_SECONDS * 4_000} -c lock_timeout={WAIT_SECONDS * 1_000}",
        },
    )

    @event.listens_for(engine, "checkin")
    def _put_back(_: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _taken(connection: Any, record: Any, _: Any) -> None:
        if time.monotonic() - record.info.get("used", math.inf) < FRESH_SECONDS:
            return  # asked at every commit it would cost one more round trip
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool takes another one, or says that there is none

    return engine
