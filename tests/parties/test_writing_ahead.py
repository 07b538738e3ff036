"""A new file of SQLite that several open in the same moment."""

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from carveout.engine.writing_ahead import write_ahead

ROUNDS = 40
OPENER = """
import sqlite3, sys, time
from carveout.engine.writing_ahead import write_ahead
folder, rounds, start = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
for number in range(rounds):
    while time.time() < start + number * 0.04:
        pass  # awake, so that all come in the same moment
    connection = sqlite3.connect(f"{folder}/{number}.sqlite", timeout=30, isolation_level=None)
    connection.execute("PRAGMA user_version").fetchone()  # now a reader, whom SQLite does not let wait
    write_ahead(connection, 30)
    connection.execute("CREATE TABLE IF NOT EXISTS t (x)")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
"""


def test_those_who_open_a_new_file_at_once_wait_for_each_other(tmp_path: Path) -> None:
    # Processes and not threads: within one process the locks of a file behave otherwise, and nothing goes wrong.
    arguments = [sys.executable, "-c", OPENER, str(tmp_path), str(ROUNDS), str(time.time() + 2)]
    openers = [subprocess.Popen(arguments, stderr=subprocess.PIPE) for _ in range(3)]
    assert [x.communicate()[1] for x in openers] == [b"", b"", b""]


def test_the_wait_has_an_end(tmp_path: Path) -> None:
    path = tmp_path / "held.sqlite"
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as holder,
        closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other,
    ):
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            write_ahead(other, 0.1)
