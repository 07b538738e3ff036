"""People with their roles, API keys, sessions of the pages and one-time links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

DIGEST, TIME, NAME, TOKEN = sa.String(64), sa.String(32), sa.String(64), sa.String(16)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "people",
        sa.Column("id", NAME, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("disabled", TIME),
        sa.Column("issuer", sa.String(500)),
        sa.Column("subject", sa.String(500)),
        sa.UniqueConstraint("issuer", "subject", name="uq_people_subject"),
    )
    op.create_table(
        "keys",
        sa.Column("id", TOKEN, primary_key=True),
        sa.Column("person", NAME, sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("hash", DIGEST, nullable=False),
        sa.Column("sealed", TOKEN, nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("expires", TIME, nullable=False),
        sa.Column("revoked", TIME),
        sa.Column("used", TIME),
    )
    op.create_table(
        "sessions",
        sa.Column("id", TOKEN, primary_key=True),
        sa.Column("person", NAME, sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("hash", DIGEST, nullable=False),
        sa.Column("sealed", TOKEN, nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("seen", TIME, nullable=False),
        sa.Column("expires", TIME, nullable=False),
        sa.Column("ended", TIME),
        sa.Column("how", sa.String(10), nullable=False),
        sa.Column("key", TOKEN, sa.ForeignKey("keys.id"), index=True),
        sa.Column("bound", DIGEST, nullable=False),
    )
    op.create_table(
        "links",
        sa.Column("id", TOKEN, primary_key=True),
        sa.Column("person", NAME, sa.ForeignKey("people.id"), index=True),
        sa.Column("hash", DIGEST, nullable=False),
        sa.Column("sealed", TOKEN, nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("expires", TIME, nullable=False),
        sa.Column("used", TIME),
    )
