"""A store made by an earlier version is brought to the present, on SQLite and PostgreSQL."""

from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, make_url

from carveout.engine.records import schema
from carveout.engine.records.migrations import __file__ as migrations
from carveout.engine.records.migrations import migrate
from carveout.engine.records.people import People
from carveout.engine.records.store import Store

_CONFIG = Config()
_CONFIG.set_main_option("script_location", str(Path(migrations).parent).replace("%", "%%"))
REVISIONS = sorted(step.revision for step in ScriptDirectory.from_config(_CONFIG).walk_revisions())


LAST_WITH_TABLES = "0007"
"""The last step that makes tables; those after it make triggers only."""


def test_the_newest_step_is_the_version_that_the_store_asks_for() -> None:
    assert REVISIONS[-1] == schema.VERSION


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_store_of_any_version_before_gets_the_tables_of_today(revision: str, url: str, tmp_path: Path) -> None:
    plain = make_url(url)
    if plain.drivername.startswith("postgresql"):
        plain = plain.set(drivername="postgresql+psycopg")
    engine = create_engine(plain)
    with engine.begin() as connection:
        migrate(connection, revision)
    missing = set(schema.metadata.tables) - set(inspect(engine).get_table_names())
    assert bool(missing) == (revision < LAST_WITH_TABLES)

    store = Store.open(tmp_path / "home", url)

    assert not People(store).anybody() and People(store).add("ann", "Ann", [], "x").id == "ann"
    store.close()
    assert set(schema.metadata.tables) <= set(inspect(engine).get_table_names())
    engine.dispose()
