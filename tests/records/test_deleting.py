"""Nothing goes before its time, by the law of then and by that of today; then it goes whole."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from carveout.engine import Engine
from carveout.engine.law.norms import Duty
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.records import schema
from carveout.engine.records.auditing import verify_store
from carveout.engine.records.canonical import digest
from carveout.engine.records.deleting import delete_expired, expired
from carveout.engine.records.retention import NEVER, longest_years, retain_until
from carveout.engine.records.store import Store
from carveout.engine.records.writes import Key


def with_years(rules: RuleSet, years: int | None) -> RuleSet:
    """The rule set with another retention."""
    norms = {
        id: replace(norm, years=years) if isinstance(norm, Duty) and norm.years is not None else norm
        for id, norm in rules.norms.items()
    }
    return replace(rules, norms=norms)


def contents(store: Store) -> int:
    with store.database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(schema.contents)).scalar_one())


def test_the_longest_of_all_that_asks_for_it(engine: Engine) -> None:
    rules, day = engine.rules, date(2026, 2, 3)

    assert longest_years(rules) == 10
    assert retain_until({"duties": []}, rules, day) == "2036-02-03"
    assert retain_until({"duties": [{"retain_until": "2040-01-01"}, {}]}, rules, day) == "2040-01-01"
    assert retain_until({"acts": [{"duties": []}, {"duties": [{"retain_until": "2041-01-01"}]}]}, rules, day) > "2041"
    assert retain_until({"duties": []}, with_years(rules, None), day) == NEVER


def test_nothing_goes_before_its_time(store: Store, engine: Engine, part: dict[str, Any]) -> None:
    rules = engine.rules
    for _ in range(2):
        kept = store.keep(rules, part, engine.check(part), person="me", key=Key("me", digest(b"k"), "r")).result()
    table = store.table(rules, person="me")
    table.add([1], {**part, "reference": "r"}, engine.check({**part, "reference": "r"}))
    store.finish(table, b"in", b"out")
    before = contents(store)
    last = date.fromisoformat(kept.envelope.retain_until)

    assert delete_expired(store, rules, last, "admin") == 0
    after = date.fromordinal(last.toordinal() + 1)
    assert expired(store, with_years(rules, 15), after) == [], "what was lengthened since is kept to"
    assert delete_expired(store, rules, after, "admin") == 2

    assert store.kept(kept.envelope.id) is None and not store.page().decisions
    assert contents(store) == before - 6, "body, two transactions, what came in, what went out, the rows that failed"
    assert verify_store(store).tail.n >= 6
    with store.database.writing() as connection:
        connection.execute(update(schema.rule_versions).values(files=0))
    assert store.rule_version(store.keep_rules(rules)).rules().fingerprint == rules.fingerprint


@pytest.mark.parametrize("shared", [True, False])
def test_what_another_decision_still_uses_stays(
    store: Store, engine: Engine, part: dict[str, Any], shared: bool
) -> None:
    decision = engine.check(part)
    old, new = (store.keep(engine.rules, part, decision, person="me").result() for _ in range(2))
    if shared:
        with store.database.writing() as connection:
            query = update(schema.decisions).filter_by(id=new.envelope.id).values(retain_until="2999-01-01")
            connection.execute(query)

    assert delete_expired(store, engine.rules, date(2500, 1, 1), "admin") == (1 if shared else 2)

    assert store.kept(old.envelope.id) is None
    assert (store.kept(new.envelope.id) is not None) is shared


def test_keys_of_what_is_neither_decision_nor_table_are_forgotten_in_the_end(
    store: Store, engine: Engine, part: dict[str, Any]
) -> None:
    named, decided = Key("me", digest(b"names"), "r"), Key("me", digest(b"check"), "r")
    store.keep(engine.rules, part, engine.check(part), person="me", key=decided).result()
    store.note_done(None, named, 200, b'{"names": []}')
    entries, today = verify_store(store).tail.n, datetime.now(UTC).date()

    delete_expired(store, engine.rules, today + timedelta(days=29), "me")
    before = contents(store)
    assert store.answered(named) is not None and verify_store(store).tail.n == entries, "it is worth no entry"
    delete_expired(store, engine.rules, today + timedelta(days=32), "me")

    assert store.answered(named) is None and store.answered(decided) is not None
    assert contents(store) == before - 1
