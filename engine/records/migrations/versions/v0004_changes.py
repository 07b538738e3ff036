"""Proposals, reports, approvals, withdrawals and activations; the database itself holds them to two pairs of eyes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ID, DIGEST, TIME, NAME = sa.String(36), sa.String(64), sa.String(32), sa.String(64)
KEPT = {"proposals": "id", "reports": "id", "approvals": "proposal", "withdrawals": "proposal", "activations": "id"}
"""Tables that are only ever added to, with the column of their key."""

_ENTERED = (
    "EXISTS (SELECT 1 FROM people WHERE people.id = NEW.person AND people.disabled IS NULL"
    " AND ' ' || people.roles || ' ' LIKE '% {role} %')"
)
_SAME = "proposals.id = NEW.proposal"
_WITHDRAWN = "EXISTS (SELECT 1 FROM withdrawals WHERE withdrawals.proposal = NEW.proposal)"
_REPORTED = (
    "EXISTS (SELECT 1 FROM reports WHERE reports.proposal = NEW.proposal AND reports.content = proposals.content"
    " AND reports.base = proposals.base AND reports.faults = 0{more})"
)
REFUSALS: list[tuple[str, str, str, str]] = [
    (
        "proposals", "by_a_person", "a proposal is made by a person who is entered and has the role author",
        "NOT (" + _ENTERED.format(role="author") + " OR (NEW.person = 'system' AND NEW.kind = 'rules'"
        " AND NEW.base IS NULL AND NOT EXISTS (SELECT 1 FROM proposals WHERE proposals.kind = 'rules')))",
    ),
    (
        "approvals", "by_another", "who proposed may not approve",
        f"NOT EXISTS (SELECT 1 FROM proposals WHERE {_SAME} AND proposals.person <> NEW.person)",
    ),
    (
        "approvals", "by_an_approver", "an approval is given by a person who is entered and has the role approver",
        "NOT " + _ENTERED.format(role="approver"),
    ),
    (
        "approvals", "of_the_same", "what is approved is not what was proposed",
        f"NOT EXISTS (SELECT 1 FROM proposals WHERE {_SAME} AND proposals.content = NEW.content)",
    ),
    ("approvals", "not_withdrawn", "what was withdrawn is not approved", _WITHDRAWN),
    (
        "approvals", "on_a_report", "rules are approved on a report of exactly what is proposed",
        f"NOT EXISTS (SELECT 1 FROM proposals WHERE {_SAME} AND (proposals.kind <> 'rules' OR "
        + _REPORTED.format(more=" AND reports.id = NEW.report") + "))",
    ),
    (
        "withdrawals", "not_in_force", "what was in force is not withdrawn: activate an earlier one",
        "EXISTS (SELECT 1 FROM activations WHERE activations.proposal = NEW.proposal AND {now} >= activations.at)",
    ),
    ("activations", "not_withdrawn", "what was withdrawn is not activated", _WITHDRAWN),
    (
        "activations", "of_the_same", "what is activated is not what was proposed",
        f"NOT EXISTS (SELECT 1 FROM proposals WHERE {_SAME} AND proposals.kind = 'rules'"
        " AND proposals.version = NEW.version)",
    ),
    (
        "activations", "approved", "what was not approved is not activated",
        f"NOT (EXISTS (SELECT 1 FROM approvals WHERE approvals.proposal = NEW.proposal)"
        f" OR EXISTS (SELECT 1 FROM proposals WHERE {_SAME} AND (proposals.person = 'system' OR"
        " (proposals.emergency = 1 AND " + _REPORTED.format(more=" AND reports.laxer = 0") + "))))",
    ),
]  # fmt: skip


def upgrade() -> None:
    """Make the tables, and what they refuse."""
    op.create_table(
        "proposals",
        sa.Column("id", ID, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("content", DIGEST, nullable=False),
        sa.Column("base", DIGEST),
        sa.Column("version", DIGEST),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("emergency", sa.Integer, nullable=False),
        sa.Column("person", NAME, nullable=False),
        sa.Column("time", TIME, nullable=False),
    )
    op.create_table(
        "reports",
        sa.Column("id", ID, primary_key=True),
        sa.Column("proposal", ID, sa.ForeignKey("proposals.id"), nullable=False, index=True),
        sa.Column("content", DIGEST, nullable=False),
        sa.Column("base", DIGEST, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("decisions", sa.Integer, nullable=False),
        sa.Column("flips", sa.Integer, nullable=False),
        sa.Column("laxer", sa.Integer, nullable=False),
        sa.Column("faults", sa.Integer, nullable=False),
        sa.Column("digest", DIGEST, nullable=False),
        sa.Column("person", NAME, nullable=False),
        sa.Column("time", TIME, nullable=False),
    )
    op.create_table(
        "approvals",
        sa.Column("proposal", ID, sa.ForeignKey("proposals.id"), primary_key=True),
        sa.Column("content", DIGEST, nullable=False),
        sa.Column("report", ID, sa.ForeignKey("reports.id")),
        sa.Column("person", NAME, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("time", TIME, nullable=False),
    )
    op.create_table(
        "withdrawals",
        sa.Column("proposal", ID, sa.ForeignKey("proposals.id"), primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("person", NAME, nullable=False),
        sa.Column("time", TIME, nullable=False),
    )
    op.create_table(
        "activations",
        sa.Column("id", ID, primary_key=True),
        sa.Column("proposal", ID, sa.ForeignKey("proposals.id"), nullable=False, index=True),
        sa.Column("version", DIGEST, sa.ForeignKey("rule_versions.digest"), nullable=False),
        sa.Column("at", TIME, nullable=False, index=True),
        sa.Column("person", NAME, nullable=False),
        sa.Column("time", TIME, nullable=False),
    )
    for table, key in KEPT.items():
        # on SQLite `INSERT OR REPLACE` takes a row away without asking the trigger on DELETE
        there = f"EXISTS (SELECT 1 FROM {table} WHERE {table}.{key} = NEW.{key})"
        _refuse(table, "once", f"a row of {table} is written once", there)
        _append_only(table)
    for table, name, message, condition in REFUSALS:
        _refuse(table, name, message, condition)


def _refuse(table: str, name: str, message: str, condition: str) -> None:
    """Refuse new rows of which a condition holds."""
    trigger = f"{table}_{name}"
    if op.get_bind().dialect.name == "sqlite":
        condition = condition.replace("{now}", "strftime('%Y-%m-%dT%H:%M:%f', 'now')")
        op.execute(
            f"CREATE TRIGGER {trigger} BEFORE INSERT ON {table} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )
        return
    now = "to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24\\:MI\\:SS.MS')"
    condition = condition.replace("{now}", now)
    op.execute(
        f"CREATE OR REPLACE FUNCTION carveout_{trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {condition} THEN RAISE EXCEPTION '{message}'; END IF; RETURN NEW; END $$"
    )
    op.execute(f"CREATE TRIGGER {trigger} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION carveout_{trigger}()")


def _append_only(table: str) -> None:
    """Refuse to change a row or to take it away."""
    message = f"{table} are only ever added to"
    if op.get_bind().dialect.name == "sqlite":
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
