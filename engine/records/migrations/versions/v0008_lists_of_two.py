"""Lists that are not believed are held to two pairs of eyes; answers are only ever added to; no row is put in place of
another by its hidden number."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"

_ENTERED = (
    "EXISTS (SELECT 1 FROM people WHERE people.id = NEW.person AND people.disabled IS NULL"
    " AND ' ' || people.roles || ' ' LIKE '% {role} %')"
)
_FIRST = (
    "NEW.person = 'system' AND NEW.kind = 'rules' AND NEW.base IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM proposals WHERE proposals.kind = 'rules')"
)
_AUTHOR, _ANALYST = _ENTERED.format(role="author"), _ENTERED.format(role="analyst")
REFUSALS = [
    (
        "proposals", "by_a_person", "rules are proposed by a person who is entered and has the role author,"
        " anything else by one with the role analyst",
        f"NOT ((NEW.kind = 'rules' AND {_AUTHOR}) OR (NEW.kind <> 'rules' AND {_ANALYST}) OR ({_FIRST}))",
    ),
    (
        "withdrawals", "not_approved", "what was approved, and is no change of rules, is not withdrawn",
        "EXISTS (SELECT 1 FROM approvals JOIN proposals ON proposals.id = approvals.proposal"
        " WHERE approvals.proposal = NEW.proposal AND proposals.kind <> 'rules')",
    ),
]  # fmt: skip
ADDED_TO = (
    "proposals", "reports", "approvals", "withdrawals", "activations", "adjudications", "adjudication_events",
    "portfolio", "portfolio_events", "portfolio_answers", "alerts", "alert_events", "rounds",
)  # fmt: skip


def upgrade() -> None:
    """Make what is refused."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(f"DROP TRIGGER proposals_by_a_person{'' if sqlite else ' ON proposals'}")
    for table, name, message, condition in REFUSALS:
        _refuse(f"{table}_{name}", table, message, condition)
    _append_only("adjudications")
    for table in ADDED_TO if sqlite else ():
        # `INSERT OR REPLACE` with a rowid takes the row of that number away and asks no trigger on DELETE; a row that
        # names none has -1 there
        _refuse(
            f"{table}_no_number", table, f"a row of {table} is written once",
            f"EXISTS (SELECT 1 FROM {table} WHERE {table}.rowid = NEW.rowid)",
        )  # fmt: skip


def _refuse(trigger: str, table: str, message: str, condition: str) -> None:
    """Refuse new rows of which a condition holds."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {trigger} BEFORE INSERT ON {table} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )
        return
    op.execute(
        f"CREATE OR REPLACE FUNCTION carveout_{trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {condition} THEN RAISE EXCEPTION '{message}'; END IF; RETURN NEW; END $$"
    )
    op.execute(f"CREATE TRIGGER {trigger} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION carveout_{trigger}()")


def _append_only(table: str) -> None:
    """Refuse to change a row or to take it away."""
    message = f"{table} are only ever added to"
    if op.get_bind().dialect.name == "sqlite":
        there = f"EXISTS (SELECT 1 FROM {table} WHERE {table}.id = NEW.id OR {table}.n = NEW.n)"
        _refuse(f"{table}_once", table, f"a row of {table} is written once", there)
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
