"""Answers that let things proceed are held to two pairs of eyes, by the rows and triggers that hold rules to them."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0004"

_ENTERED = (
    "EXISTS (SELECT 1 FROM people WHERE people.id = NEW.person AND people.disabled IS NULL"
    " AND ' ' || people.roles || ' ' LIKE '% {role} %')"
)
_ANSWER = "EXISTS (SELECT 1 FROM proposals WHERE proposals.id = NEW.proposal AND proposals.kind = 'answer')"
_GIVEN = (
    "EXISTS (SELECT 1 FROM proposals JOIN adjudications ON adjudications.id = proposals.id"
    " AND adjudications.person = proposals.person WHERE proposals.id = NEW.proposal)"
)
_TAKEN_BACK = (
    "EXISTS (SELECT 1 FROM adjudication_events WHERE adjudication_events.adjudication = NEW.proposal"
    " AND adjudication_events.event = 'withdrawn')"
)
AUTHOR, ANALYST = _ENTERED.format(role="author"), _ENTERED.format(role="analyst")
FIRST = (
    "NEW.person = 'system' AND NEW.kind = 'rules' AND NEW.base IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM proposals WHERE proposals.kind = 'rules')"
)
REFUSALS = [
    (
        "proposals", "by_a_person", "a proposal is made by a person who is entered and has the role author or analyst",
        f"NOT ((NEW.kind <> 'answer' AND {AUTHOR}) OR (NEW.kind <> 'rules' AND {ANALYST}) OR ({FIRST}))",
    ),
    (
        "approvals", "of_an_answer", "an answer that was not given so, or was taken back, is not approved",
        f"{_ANSWER} AND (NOT {_GIVEN} OR {_TAKEN_BACK})",
    ),
]  # fmt: skip


def upgrade() -> None:
    """Make what is refused."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER proposals_by_a_person")
    else:
        op.execute("DROP TRIGGER proposals_by_a_person ON proposals")
    for table, name, message, condition in REFUSALS:
        _refuse(f"{table}_{name}", table, message, condition)
    _append_only("adjudication_events")


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
    """Refuse to change a row or to take it away: an answer that was taken back stays so."""
    message = f"{table} are only ever added to"
    if op.get_bind().dialect.name == "sqlite":
        # `INSERT OR REPLACE` takes a row away without asking the trigger on DELETE, by any unique column
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
