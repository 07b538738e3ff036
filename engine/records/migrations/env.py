"""What Alembic runs: the steps that are missing, in the transaction that is handed over."""

from __future__ import annotations

from alembic import context

from carveout.engine.records.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
