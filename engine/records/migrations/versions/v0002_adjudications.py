"""The answers of people to who a party is, and what became of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ID, DIGEST, TIME, PERSON = sa.String(36), sa.String(64), sa.String(32), sa.String(200)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "adjudications",
        sa.Column("id", ID, primary_key=True),
        sa.Column("n", sa.BigInteger, nullable=False, unique=True),
        sa.Column("time", TIME, nullable=False),
        sa.Column("person", PERSON, nullable=False),
        sa.Column("subject", sa.String(300), nullable=False, index=True),
        sa.Column("stated", DIGEST, nullable=False, index=True),
        sa.Column("record", DIGEST, nullable=False),
        sa.Column("answer", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("until", sa.String(10), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("decision", ID),
    )
    op.create_table(
        "adjudication_events",
        sa.Column("id", ID, primary_key=True),
        sa.Column("n", sa.BigInteger, nullable=False, unique=True),
        sa.Column("time", TIME, nullable=False),
        sa.Column("person", PERSON, nullable=False),
        sa.Column("adjudication", ID, sa.ForeignKey("adjudications.id"), nullable=False, index=True),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
