"""How the tables came to be, step by step (Alembic)."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the tables to the present, or to an earlier revision of it, in the transaction of this connection."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).resolve().parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
