"""A full disk and a database that goes away: said clearly, nothing half-written, and it goes on when they are back."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from carveout.engine import Engine
from carveout.engine.records.auditing import verify_store
from carveout.engine.records.database import Gone
from carveout.engine.records.store import Store


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = os.name == "posix" and os.geteuid() == 0
    if mounted:
        command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    if not mounted:
        pytest.skip("only root on Linux can mount a small tmpfs; the full database of tests/api/test_store.py is tried")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk(small_disk: Path, engine: Engine, part: dict[str, Any], tmp_path: Path) -> None:
    store = Store.open(tmp_path / "home", f"sqlite:///{small_disk / 'store.db'}")
    try:
        kept = 0
        with pytest.raises(Gone, match=r"full|disk"):
            for number in range(5_000):
                stated = {**part, "reference": os.urandom(900).hex() + str(number)}
                store.keep(engine.rules, stated, engine.check(stated), person="me").result()
                kept += 1
        assert verify_store(store).tail.n == kept + 2
        with pytest.raises(Gone):
            store.keep(engine.rules, stated, engine.check(stated), person="me").result()
        subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)

        store.keep(engine.rules, stated, engine.check(stated), person="me").result()

        assert verify_store(store).tail.n == kept + 3
    finally:
        store.close()


def test_a_database_that_goes_away(
    postgresql: str, url: str, open_store: Any, engine: Engine, part: dict[str, Any]
) -> None:
    if url.startswith("sqlite"):
        pytest.skip("a file does not go away")
    store = open_store()
    decision = engine.check(part)
    store.keep(engine.rules, part, decision, person="me").result()
    name = make_url(url).database
    admin = create_engine(
        make_url(postgresql).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    ).connect()

    def cut(allow: bool) -> None:
        admin.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {allow}"))
        admin.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"))

    cut(False)
    with pytest.raises(Gone):
        store.keep(engine.rules, part, decision, person="me").result()
    with pytest.raises(Gone):
        store.page()
    cut(True)  # all connections that it had are dead
    store.keep(engine.rules, part, decision, person="me").result()
    admin.close()
    admin.engine.dispose()

    assert len(store.page().decisions) == 2 and verify_store(store).tail.n == 4


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Gone):
        Store.open(tmp_path, f"postgresql://nobody@/nothing?host={tmp_path}")
