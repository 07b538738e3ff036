"""Decisions with all they were made of, and the audit chain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID, DIGEST, TIME, PERSON = sa.String(36), sa.String(64), sa.String(32), sa.String(200)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "contents",
        sa.Column("digest", DIGEST, primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "rule_versions",
        sa.Column("digest", DIGEST, primary_key=True),
        sa.Column("fingerprint", DIGEST, nullable=False, index=True),
        sa.Column("time", TIME, nullable=False),
        sa.Column("files", sa.Integer, nullable=False),
        sa.Column("n", sa.BigInteger, nullable=False, unique=True),
    )
    op.create_table(
        "list_snapshots",
        sa.Column("digest", DIGEST, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False, index=True),
        sa.Column("time", TIME, nullable=False),
        sa.Column("n", sa.BigInteger, nullable=False, unique=True),
    )
    op.create_table(
        "decisions",
        sa.Column("id", ID, primary_key=True),
        sa.Column("n", sa.BigInteger, nullable=False, unique=True),
        sa.Column("time", TIME, nullable=False),
        sa.Column("person", PERSON, nullable=False),
        sa.Column("reference", sa.Text, index=True),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("body", DIGEST, nullable=False, index=True),
        sa.Column("stated", DIGEST, nullable=False, index=True),
        sa.Column("rules", DIGEST, sa.ForeignKey("rule_versions.digest"), nullable=False),
        sa.Column("fingerprint", sa.String(100), nullable=False),
        sa.Column("lists", sa.String(100)),
        sa.Column("format", sa.Integer, nullable=False),
        sa.Column("engine", sa.String(40), nullable=False),
        sa.Column("threshold", sa.String(20)),
        sa.Column("as_known", sa.String(64)),
        sa.Column("table", ID, index=True),
        sa.Column("rows", sa.Text),
        sa.Column("retain_until", sa.String(10), nullable=False, index=True),
    )
    op.create_table(
        "tables",
        sa.Column("id", ID, primary_key=True),
        sa.Column("n", sa.BigInteger, nullable=False, unique=True),
        sa.Column("time", TIME, nullable=False),
        sa.Column("person", PERSON, nullable=False),
        sa.Column("stated", DIGEST, nullable=False),
        sa.Column("answer", DIGEST, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("distinct", sa.Integer, nullable=False),
        sa.Column("failed", DIGEST, nullable=False),
        sa.Column("retain_until", sa.String(10), nullable=False),
    )
    op.create_table(
        "answered",
        sa.Column("person", PERSON, primary_key=True),
        sa.Column("key", DIGEST, primary_key=True),
        sa.Column("request", DIGEST, nullable=False),
        sa.Column("time", TIME, nullable=False, index=True),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("decision", ID),
        sa.Column("content", DIGEST),
    )
    op.create_table(
        "audit",
        sa.Column("n", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("line", sa.LargeBinary, nullable=False),
        sa.Column("hash", DIGEST, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("of", sa.String(64), index=True),
    )
    op.create_table(
        "chain",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.Column("hash", DIGEST, nullable=False),
        sa.Column("head", sa.Text, nullable=False),
    )
    _append_only()


def _append_only() -> None:
    """The database itself refuses to change or take away an entry of the chain."""
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{what.lower()} BEFORE {what} ON audit BEGIN "
                "SELECT RAISE(ABORT, 'the audit chain is only ever appended to'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION carveout_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'the audit chain is only ever appended to'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION carveout_append_only()"
        )
