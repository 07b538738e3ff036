"""SQLite's write-ahead log, switched on without falling over others who do the same."""

from __future__ import annotations

import sqlite3
import time

_PAUSE_SECONDS = 0.02


def write_ahead(connection: sqlite3.Connection, wait_seconds: float) -> None:
    """Puts a database file into the mode in which readers and one writer go on beside each other.

    The first to open a file changes its form, and for that SQLite does not wait as it does elsewhere: whoever comes in
    the same moment is told at once that it is locked. Raises sqlite3.OperationalError when `wait_seconds` have passed.
    """
    until = time.monotonic() + wait_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(_PAUSE_SECONDS)
