"""What is put away is found again, whole, once, and with what it was made of."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from carveout.engine import Engine
from carveout.engine.records import schema
from carveout.engine.records.canonical import canonical_json, digest, read_back
from carveout.engine.records.chain import follow_lines
from carveout.engine.records.database import Database, StoreFault
from carveout.engine.records.store import Answered, KeyUsed, Store
from carveout.engine.records.writes import Key, Row, Write

from .conftest import Open


def key_of(name: str, request: str = "a") -> Key:
    return Key("me", digest(name.encode()), digest(request.encode()))


def count(store: Store, table: Any) -> int:
    with store.database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def entries(store: Store) -> list[dict[str, Any]]:
    with store.database.reading() as connection:
        lines = list(connection.execute(select(schema.audit.c.line).order_by(schema.audit.c.n)).scalars())
    return [entry for _, entry in follow_lines(lines)]


def test_a_decision_is_found_again_with_all_it_was_made_of(store: Store, engine: Engine, part: dict[str, Any]) -> None:
    decision = engine.check({**part, "reference": "Ю-1"})

    kept = store.keep(engine.rules, {**part, "reference": "Ю-1"}, decision, person="me").result()

    assert store.kept(kept.envelope.id) == kept
    assert kept.body == decision.canonical()
    assert read_back(store.content(kept.envelope.stated)) == {**part, "reference": "Ю-1"}
    assert kept.envelope.reference == "Ю-1" and kept.envelope.person == "me"
    assert store.rule_version(kept.envelope.rules).rules().fingerprint == engine.rules.fingerprint
    entry = entries(store)[kept.n - 1]
    assert (entry["kind"], entry["of"], entry["by"]) == ("decision", kept.envelope.id, "me")
    assert entry["data"]["body"] == digest(kept.body) and entry["data"]["envelope"] == kept.envelope.digest()


def test_it_is_there_when_the_store_is_opened_again(open_store: Open, engine: Engine, part: dict[str, Any]) -> None:
    first = open_store()
    kept = first.keep(engine.rules, part, engine.check(part), person="me").result()
    first.close()

    again = open_store()

    assert again.kept(kept.envelope.id) == kept
    again.keep(engine.rules, part, engine.check(part), person="me").result()
    assert [entry["kind"] for entry in entries(again)] == ["key", "rules", "decision", "decision"]


def test_rule_files_are_kept_as_they_stood(store: Store, engine: Engine) -> None:
    version = store.rule_version(store.keep_rules(engine.rules))

    folder = Path(__file__).resolve().parents[2] / "rules"
    assert set(version.files) == {
        path.relative_to(folder).as_posix() for path in folder.rglob("*.yaml") if not path.name.endswith(".cases.yaml")
    }
    assert all((folder / path).read_bytes() == data for path, data in version.files.items())


def test_a_key_is_used_once_whoever_is_first(open_store: Open, engine: Engine, part: dict[str, Any]) -> None:
    stores = [open_store(), open_store()]  # as two processes would
    decision = engine.check(part)

    def keep(number: int) -> str:
        store = stores[number % 2]
        return store.keep(engine.rules, part, decision, person="me", key=key_of("k")).result().envelope.id

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(keep, range(24)))

    assert len(ids) == 1
    assert count(stores[0], schema.decisions) == 1
    with pytest.raises(KeyUsed):
        stores[0].keep(engine.rules, part, decision, person="me", key=key_of("k", "another")).result()
    with pytest.raises(KeyUsed):
        stores[1].answered(key_of("k", "another"))
    assert stores[0].answered(key_of("unused")) is None
    other = Key("you", key_of("k").key, key_of("k").request)
    assert stores[0].keep(engine.rules, part, decision, person="you", key=other).result().envelope.id not in ids


def test_many_writers_make_one_chain(open_store: Open, engine: Engine, part: dict[str, Any]) -> None:
    stores = [open_store() for _ in range(3)]
    decision = engine.check(part)

    def keep(number: int) -> int:
        stated = {**part, "reference": str(number)}
        return stores[number % 3].keep(engine.rules, stated, decision, person=f"p{number}").result().n

    with ThreadPoolExecutor(12) as pool:
        numbers = list(pool.map(keep, range(120)))

    assert len(set(numbers)) == 120
    found = entries(stores[0])
    assert sorted(entry["by"] for entry in found if entry["kind"] == "decision") == sorted(f"p{i}" for i in range(120))
    assert [entry["kind"] for entry in found].count("rules") == 1


def test_pages_go_back_in_time_and_leave_nothing_out(store: Store, engine: Engine, part: dict[str, Any]) -> None:
    decision = engine.check(part)
    made = [store.keep(engine.rules, part, decision, person="me").result().envelope.id for _ in range(7)]

    seen, before = [], None
    while True:
        page = store.page(before, 3)
        seen += [envelope.id for _, envelope in page.decisions]
        store.keep(engine.rules, part, decision, person="me").result()  # what comes meanwhile does not shift pages
        before = page.next
        if before is None:
            break

    assert seen == made[::-1]
    assert not store.page(outcome="review").decisions and len(store.page(outcome="proceed").decisions) > 7


def test_a_table_is_kept_whole_with_its_decisions(store: Store, engine: Engine, part: dict[str, Any]) -> None:
    def screen() -> bytes:
        table = store.table(engine.rules, person="me", key=key_of("t"))
        table.add([1, 3], part, engine.check(part))
        table.add([2], {**part, "place": "DE"}, engine.check(part))
        table.add_failed([4], ["is wrong"])
        return store.finish(table, b"in", b"out")

    assert {screen(), screen()} == {b"out"}
    assert count(store, schema.tables) == 1 and count(store, schema.decisions) == 2
    assert [e.rows for _, e in store.page().decisions] == ["[2]", "[1, 3]"]
    answered = store.answered(key_of("t"))
    assert isinstance(answered, Answered) and answered.content == b"out"


def test_what_cannot_be_written_takes_nothing_else_with_it(store: Store, engine: Engine, part: dict[str, Any]) -> None:
    decision = engine.check(part)
    first = store.keep(engine.rules, part, decision, person="me").result()
    twice = Write(rows=[Row(schema.decisions, first.envelope.values(), first.envelope.entry())])

    with store.database.writing() as connection:  # nobody else can write, so all three wait for one commit
        connection.execute(select(schema.chain).with_for_update()).one()
        good, bad, also = (
            store.keep(engine.rules, part, decision, person="me"),
            store.journal.submit(twice),
            store.keep(engine.rules, part, decision, person="me"),
        )

    with pytest.raises(StoreFault, match="cannot be stored"):
        bad.result()
    assert [good.result().n, also.result().n] == [4, 5]
    assert len(entries(store)) == 5


def test_damaged_content_is_never_handed_out(store: Store, engine: Engine, part: dict[str, Any]) -> None:
    kept = store.keep(engine.rules, part, engine.check(part), person="me").result()
    with store.database.writing() as connection:
        other = connection.execute(select(schema.contents.c.data).filter_by(digest=kept.envelope.stated)).scalar_one()
        connection.execute(update(schema.contents).filter_by(digest=kept.envelope.body).values(data=other))

    with pytest.raises(StoreFault, match="damaged"):
        store.kept(kept.envelope.id)


@pytest.mark.parametrize("change", ["DELETE FROM audit", "UPDATE audit SET kind = 'other'"])
def test_the_database_itself_refuses_to_bend_the_chain(store: Store, change: str) -> None:
    with pytest.raises(DBAPIError, match="only ever appended"), store.database.writing() as connection:
        connection.execute(text(change))


def test_the_tables_are_those_that_the_code_knows(store: Store) -> None:
    with store.database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []


def test_a_store_of_a_newer_carveout_is_refused(open_store: Open) -> None:
    with open_store().database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StoreFault, match="newer carveout"):
        open_store()


@pytest.mark.parametrize("url", ["mysql://x/y", "nothing", "sqlite://", "sqlite:///:memory:"])
def test_an_address_that_cannot_be_used_is_said(url: str) -> None:
    with pytest.raises(StoreFault, match="CARVEOUT_DATABASE"):
        Database(url)


def test_numbers_are_kept_as_they_were_written() -> None:
    stated = {"b": Decimal("0.10"), "a": [1, Decimal("1E+2"), {"ж": None}], "c": 0.5}

    assert canonical_json(stated) == '{"a":[1,1E+2,{"ж":null}],"b":0.10,"c":0.5}'.encode()
    assert canonical_json(read_back(canonical_json(stated))) == canonical_json(stated)
    with pytest.raises(ValueError):
        canonical_json({"a": Decimal("NaN")})
