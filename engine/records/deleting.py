"""Deleting what need not be kept any longer; nothing before."""

from __future__ import annotations

import json
from datetime import date, timedelta

from sqlalchemy import delete, select

from carveout.engine.law.ruleset import RuleSet
from carveout.engine.records import schema
from carveout.engine.records.chain import Entry
from carveout.engine.records.proposals import RULES
from carveout.engine.records.retention import at_least
from carveout.engine.records.store import Store
from carveout.engine.records.writes import Write

CHUNK = 500
KEY_DAYS = 30
"""After so many an Idempotency-Key may be forgotten, unless it is that of a decision or a table."""


def expired(store: Store, rules: RuleSet, today: date) -> list[str]:
    """Ids of the decisions that neither their own law nor that of today has kept any longer. Raises StoreFault."""
    table = schema.decisions
    query = select(table.c.id, table.c.time).where(table.c.retain_until < today.isoformat()).order_by(table.c.n)
    with store.database.reading() as connection:
        rows = connection.execute(query).all()
    return [row.id for row in rows if at_least(rules, date.fromisoformat(row.time[:10])) < today.isoformat()]


def delete_expired(store: Store, rules: RuleSet, today: date, by: str) -> int:
    """Delete them, with everything that only they used; how many. Each is an entry of the chain. Raises StoreFault."""
    ids = expired(store, rules, today)
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        entries = [Entry("deleted", id, by, {"on": today.isoformat()}) for id in some]
        deletes = [
            delete(schema.answered).where(schema.answered.c.decision.in_(some)),
            delete(schema.decisions).where(schema.decisions.c.id.in_(some)),
        ]
        store.journal.write(Write(entries=entries, deletes=deletes))
    _delete_unused(store, today)
    return len(ids)


def _delete_unused(store: Store, today: date) -> None:
    """Contents that nothing refers to any more; tables whose time is over go with them."""
    tables, decisions, answered = schema.tables.c, schema.decisions.c, schema.answered
    with store.database.writing() as connection:
        connection.execute(select(schema.chain).with_for_update()).one()  # nobody takes up a content meanwhile
        over = select(tables.answer).where(tables.retain_until < today.isoformat())
        held = select(decisions.table).where(decisions.table.is_not(None))
        gone = tables.retain_until < today.isoformat()
        connection.execute(delete(answered).where(answered.c.content.in_(over)))
        # what else a key was answered with, whom names may be for one, is kept for those who send it again, not longer
        answers = answered.c.content.is_not(None), answered.c.content.not_in(select(tables.answer))
        old = answered.c.time < (today - timedelta(days=KEY_DAYS)).isoformat()
        connection.execute(delete(answered).where(*answers, old))
        connection.execute(delete(schema.tables).where(gone, tables.id.not_in(held)))
        proposals, reports = schema.proposals.c, schema.reports.c
        manifests = [*connection.execute(select(schema.rule_versions.c.digest)).scalars()]
        manifests += connection.execute(select(proposals.content).where(proposals.kind == RULES)).scalars()
        used = [decisions.body, decisions.stated, tables.stated, tables.answer, tables.failed]
        used += [schema.rule_versions.c.digest, schema.list_snapshots.c.digest, answered.c.content]
        used += [schema.adjudications.c.stated, schema.adjudications.c.record]
        used += [proposals.content, reports.digest, schema.portfolio.c.stated]
        kept = {name for column in used for name in connection.execute(select(column).distinct()).scalars() if name}
        for manifest in manifests:
            kept |= set(_files(store, manifest))
        unused = sorted(set(connection.execute(select(schema.contents.c.digest)).scalars()) - kept)
        for start in range(0, len(unused), CHUNK):
            some = unused[start : start + CHUNK]
            connection.execute(delete(schema.contents).where(schema.contents.c.digest.in_(some)))


def _files(store: Store, manifest: str) -> list[str]:
    return list(json.loads(store.content(manifest)).values())
