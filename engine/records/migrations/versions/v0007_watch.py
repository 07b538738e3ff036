"""A portfolio that is kept, what was answered about it, and alerts; webhooks and what is on its way to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

ID, DIGEST, TIME, PERSON = sa.String(36), sa.String(64), sa.String(32), sa.String(200)
KEPT = {
    "portfolio": ["id"], "portfolio_events": ["id", "entry"], "portfolio_answers": ["entry", "seq"], "alerts": ["id"],
    "alert_events": ["id"], "rounds": ["id"],
}  # fmt: skip
"""Tables that are only ever added to, with the columns by which a row could be put in the place of another."""


def upgrade() -> None:
    """Make the tables, and what they refuse."""
    op.create_table(
        "portfolio",
        sa.Column("id", ID, primary_key=True),
        sa.Column("time", TIME, nullable=False),
        sa.Column("person", PERSON, nullable=False),
        sa.Column("reference", sa.String(200), nullable=False, index=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("stated", DIGEST, nullable=False),
        sa.Column("owner", PERSON, nullable=False),
    )
    op.create_table(
        "portfolio_events",
        sa.Column("id", ID, primary_key=True),
        sa.Column("time", TIME, nullable=False),
        sa.Column("person", PERSON, nullable=False),
        sa.Column("entry", ID, sa.ForeignKey("portfolio.id"), nullable=False, unique=True),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_table(
        "portfolio_answers",
        sa.Column("entry", ID, sa.ForeignKey("portfolio.id"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("time", TIME, nullable=False),
        sa.Column("moment", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("decision", ID),
    )
    op.create_table(
        "alerts",
        sa.Column("id", ID, primary_key=True),
        sa.Column("time", TIME, nullable=False),
        sa.Column("entry", ID, nullable=False, index=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("direction", sa.String(20), nullable=False),
        sa.Column("changed", sa.Text, nullable=False),
        sa.Column("causes", sa.Text, nullable=False),
        sa.Column("owner", PERSON, nullable=False),
        sa.UniqueConstraint("entry", "seq", name="uq_alerts_answer"),
    )
    op.create_table(
        "alert_events",
        sa.Column("id", ID, primary_key=True),
        sa.Column("time", TIME, nullable=False),
        sa.Column("person", PERSON, nullable=False),
        sa.Column("alert", ID, sa.ForeignKey("alerts.id"), nullable=False, index=True),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("owner", PERSON),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_table(
        "rounds",
        sa.Column("id", ID, primary_key=True),
        sa.Column("time", TIME, nullable=False),
        sa.Column("moment", sa.BigInteger, nullable=False),
        sa.Column("after", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("changed", sa.Integer, nullable=False),
    )
    op.create_table(
        "turns",
        sa.Column("what", sa.String(20), primary_key=True),
        sa.Column("holder", ID, nullable=False),
        sa.Column("until", TIME, nullable=False),
    )
    op.create_table(
        "hooks",
        sa.Column("id", ID, primary_key=True),
        sa.Column("time", TIME, nullable=False),
        sa.Column("person", PERSON, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("ended", TIME),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", ID, primary_key=True),
        sa.Column("hook", ID, sa.ForeignKey("hooks.id"), nullable=False),
        sa.Column("alert", ID, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next", TIME, index=True),
        sa.Column("said", sa.Text, nullable=False),
    )
    for what in ("watch", "deliver"):
        op.execute(f"INSERT INTO turns (what, holder, until) VALUES ('{what}', '', '')")
    for table, columns in KEPT.items():
        _append_only(table, columns)


def _append_only(table: str, columns: list[str]) -> None:
    """Refuse to change a row or to take it away."""
    message = f"{table} are only ever added to"
    if op.get_bind().dialect.name == "sqlite":
        # `INSERT OR REPLACE` takes a row away without asking the trigger on DELETE
        singly = [["entry", "seq"]] if columns == ["entry", "seq"] else [[column] for column in columns]
        if table == "alerts":
            singly.append(["entry", "seq"])
        there = " OR ".join(" AND ".join(f"{table}.{name} = NEW.{name}" for name in names) for names in singly)
        op.execute(
            f"CREATE TRIGGER {table}_once BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {there}) "
            f"BEGIN SELECT RAISE(ABORT, 'a row of {table} is written once'); END"
        )
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        return
    op.execute(
        f"CREATE OR REPLACE FUNCTION carveout_{table}_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{message}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION carveout_{table}_only()"
    )
