"""Answers of people are stored whole, audited, never lost; and a decision that used them replays to the byte."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text, update
from sqlalchemy.exc import DBAPIError

from carveout.engine import Engine
from carveout.engine.decide.kept import LISTS, engine_at
from carveout.engine.parties.adjudications.model import Adjudications
from carveout.engine.parties.snapshots.publications import Publications
from carveout.engine.parties.snapshots.store import Snapshots
from carveout.engine.parties.snapshots.taking import Offer, take
from carveout.engine.records import schema
from carveout.engine.records.adjudications import NoSuchAnswer, confirm, kept_answers, mark, named_in, read, withdraw
from carveout.engine.records.answering import Answer, AnswerRefused, answer_of
from carveout.engine.records.auditing import lines_of, verify_store
from carveout.engine.records.chain import Broken
from carveout.engine.records.deleting import delete_expired
from carveout.engine.records.ids import now
from carveout.engine.records.people import People, Role
from carveout.engine.records.proposals import ChangeFault
from carveout.engine.records.recorded import Home
from carveout.engine.records.replaying import replay
from carveout.engine.records.store import Store

from ..law.small import small_engine
from ..parties.snapshots.samples import sdn_xml, several

NEAR = "Alpha Traktor Works"
SAID = Answer(NEAR, "zz.alpha", "different", "another register number")


def payment(name: str = NEAR, **more: Any) -> dict[str, Any]:
    parties = [
        {"name": "Ohio Tools", "roles": ["payer"], "country": "US"},
        {"name": name, "roles": ["payee"], **more},
        {"name": "Erie Mutual", "roles": ["bank"], "country": "US"},
    ]
    return {"activity": "payment", "at": "2024-02-10T12:00:00Z", "currency": "EUR", "parties": parties}


def as_owner(connection: Connection, statement: Any) -> None:
    """Change answers as whoever owns the tables can, past the triggers: also so nobody is freed, and it is found."""
    if connection.dialect.name == "sqlite":
        for what in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER adjudications_no_{what}"))
    else:
        connection.execute(text("DROP TRIGGER adjudications_only ON adjudications"))
    connection.execute(statement)


@pytest.fixture
def small() -> Engine:
    """An engine of its own, whose answers no other test sees."""
    return Engine(small_engine().rules)


def house(store: Store) -> None:
    """Mila, jan and una answer; jan and bob confirm."""
    people = People(store)
    if not people.anybody():
        people.add("mila", "Mila", [Role.ANALYST, Role.APPROVER], "system")
        people.add("jan", "Jan", [Role.ANALYST, Role.APPROVER], "system")
        people.add("una", "Una", [Role.ANALYST], "system")
        people.add("bob", "Bob", [Role.APPROVER], "system")


def answered(store: Store, engine: Engine, said: Answer = SAID, second: bool = True, **more: Any) -> str:
    """The id of an answer, which the engine asks from now on."""
    house(store)
    given, *_ = answer_of(store, engine.now, said, "mila", 365, **({"transaction": payment()} | more))
    if second and said.answer == "different":
        confirm(store, given.id, "bob")
    engine.use_answers(read(store))
    return given.id


def test_an_answer_is_read_back_as_it_was_given_and_is_an_entry_of_the_chain(store: Store, small: Engine) -> None:
    before = mark(store)
    id = answered(store, small)
    (found,) = read(store)
    assert (found.id, found.subject, found.answer, found.person) == (id, "zz.alpha", "different", "mila")
    assert found.stated["name"] == NEAR and found.state == "in_force" and found.withdrawn is None
    assert mark(store) != before
    lines = b"".join(lines_of(store))
    assert b'"kind":"adjudication"' in lines and NEAR.encode() not in lines and b"another register" not in lines
    verify_store(store)


def test_a_decision_with_an_answer_replays_to_the_byte_also_when_it_was_withdrawn(store: Store, small: Engine) -> None:
    open_ = store.keep(small.rules, payment(), small.check(payment()), person="me").result()
    id = answered(store, small)
    decision = small.check(payment())
    assert decision.outcome == "proceed" and set(named_in(decision.body)) == {id}
    kept = store.keep(small.rules, payment(), decision, person="me").result()

    withdraw(store, id, "it was the wrong firm", "jan")
    small.use_answers(read(store))
    later = store.keep(small.rules, payment(), small.check(payment()), person="me").result()

    assert [one.envelope.outcome for one in (open_, kept, later)] == ["review", "proceed", "review"]
    for one in (open_, kept, later):
        found, body = replay(store, one)
        assert body == one.body and found.same and not found.others
    today, _ = replay(store, kept, small)
    assert today.now["outcome"] == "review" and not today.same


def test_a_deal_replays_too(store: Store, small: Engine) -> None:
    answered(store, small)
    deal = {"acts": [payment(), payment("Nobody Known")]}
    kept = store.keep(small.rules, deal, small.check(deal), person="me").result()
    assert replay(store, kept)[0].same_bytes


def test_what_was_known_then_can_be_asked_of_a_decision(store: Store, small: Engine) -> None:
    id = answered(store, small)
    kept = store.keep(small.rules, payment(), small.check(payment()), person="me").result()
    made = read(store)
    (answer,) = [one for one in made if one.id == id]
    assert answer.confirmed is not None
    early, after = "2024-05-01T00:00:00Z", f"{answer.confirmed[:19]}Z"
    assert replay(store, kept, None, early)[0].now["outcome"] == "review"
    assert replay(store, kept, None, after)[0].now["outcome"] == "proceed"

    known = small.check(payment(), as_known=early)
    then = store.keep(small.rules, payment(), known, person="me", as_known=early).result()
    assert then.envelope.outcome == "review" and replay(store, then)[0].same_bytes


def test_an_answer_that_is_gone_from_the_store_is_said(store: Store, small: Engine, url: str) -> None:
    answered(store, small, second=False)
    kept = store.keep(small.rules, payment(), small.check(payment()), person="me").result()
    with store.database.writing() as connection:
        as_owner(connection, text("DELETE FROM adjudications"))
    found, _ = replay(store, kept)
    assert not found.same and any("answers" in other for other in found.others)
    with pytest.raises(Broken, match="adjudications"):
        verify_store(store)


@pytest.mark.parametrize("column", ["answer", "until", "reason", "person", "stated"])
def test_a_changed_answer_is_found(store: Store, small: Engine, column: str) -> None:
    answered(store, small)
    other = {"answer": "same", "until": "2999-01-01", "stated": "0" * 64}.get(column, "x")
    with store.database.writing() as connection:
        as_owner(connection, update(schema.adjudications).values({column: other}))
    with pytest.raises(Broken):
        verify_store(store)


def test_withdrawn_is_withdrawn_once_and_stays(store: Store, small: Engine) -> None:
    id = answered(store, small)
    assert withdraw(store, id, "wrong", "jan")[0].withdrawn is not None
    for unknown in (id, "00000000-0000-7000-8000-000000000000"):
        with pytest.raises(NoSuchAnswer):
            withdraw(store, unknown, "again", "jan")
    assert len(read(store)) == 1 and not read(store)
    verify_store(store)


def test_deleting_what_is_past_its_time_leaves_the_answers(store: Store, small: Engine) -> None:
    answered(store, small)
    delete_expired(store, small.rules, date(2999, 1, 1), "me")
    assert len(read(store)) == 1
    verify_store(store)


def told_of(engine: Engine) -> dict[str, Any]:
    """What the check tells of its one answer."""
    body = engine.check(payment()).body
    told: dict[str, Any] = next(one for one in body["identity"] if one["party"] == NEAR)["answers"][0]
    return told


def test_an_answer_that_frees_settles_nothing_until_a_second_person_confirmed_it(store: Store, small: Engine) -> None:
    id = answered(store, small, second=False)
    waiting = small.check(payment())
    first = store.keep(small.rules, payment(), waiting, person="me").result()
    assert waiting.outcome == "review" and any("a second person must confirm it" in w for w in waiting.body["words"])
    assert told_of(small)["state"] == "proposed" and not told_of(small)["holds"]
    for person, words in (("mila", "who answered"), ("una", "role approver"), ("mallory", "no person of this store")):
        with pytest.raises(ChangeFault, match=words):
            confirm(store, id, person)
    assert not read(store).about("zz.alpha")[0].confirmed

    seen = mark(store)
    assert confirm(store, id, "bob")[0].state == "in_force" and mark(store) != seen
    small.use_answers(read(store))
    then = small.check(payment())
    second = store.keep(small.rules, payment(), then, person="me").result()
    assert then.outcome == "proceed" and told_of(small)["confirmed_by"] == "bob"
    with pytest.raises(ChangeFault, match="already"):
        confirm(store, id, "jan")
    for kept in (first, second):
        assert replay(store, kept)[0].same_bytes
    withdraw(store, id, "wrong", "jan")
    for kept in (first, second):
        assert replay(store, kept)[0].same_bytes
    assert first.envelope.outcome == "review"
    verify_store(store)


def test_the_stricter_answer_counts_at_once_and_needs_nobody(store: Store, small: Engine) -> None:
    id = answered(store, small, Answer(NEAR, "zz.alpha", "same", "r"))
    assert small.check(payment()).outcome == "stop"
    with pytest.raises(ChangeFault, match="counts already"):
        confirm(store, id, "bob")


def test_what_is_withdrawn_or_of_nobody_entered_is_not_confirmed(store: Store, small: Engine) -> None:
    id = answered(store, small, second=False)
    withdraw(store, id, "wrong", "mila")
    with pytest.raises(ChangeFault, match="withdrawn"):
        confirm(store, id, "bob")
    given, *_ = answer_of(store, small.now, SAID, "os:mila", 365, transaction=payment())
    with pytest.raises(ChangeFault, match="no analyst of this store"):
        confirm(store, given.id, "bob")
    small.use_answers(read(store))
    assert given.state == "proposed" and small.check(payment()).outcome == "review"


def test_the_database_refuses_it_to_the_credentials_of_the_application(store: Store, small: Engine, url: str) -> None:
    id = answered(store, small, second=False)
    content = read(store).about("zz.alpha")[0].digest
    approve = "INSERT INTO approvals (proposal, content, person, time) VALUES (:p, :c, :who, :t)"
    values = {"p": id, "c": content, "who": "bob", "t": now()}

    def refused(statement: str, words: str, **given: Any) -> None:
        with pytest.raises(DBAPIError, match=words), store.database.engine.begin() as connection:
            connection.execute(text(statement), given)

    refused(approve, "who proposed may not approve", **{**values, "who": "mila"})
    refused(approve, "role approver", **{**values, "who": "una"})
    refused(approve, "not what was proposed", **{**values, "c": "0" * 64})
    propose = (
        "INSERT INTO proposals (id, kind, content, title, reason, emergency, person, time) "
        "VALUES (:i, 'answer', :c, 'x', '', 0, :who, :t)"
    )
    refused(propose, "role analyst", i="x", c=content, who="bob", t=now())
    with store.database.engine.begin() as connection:  # of an answer that nobody gave
        connection.execute(text(propose), {"i": "x", "c": content, "who": "una", "t": now()})
    refused(approve, "not given so", **{**values, "p": "x"})
    withdraw(store, id, "wrong", "mila")
    refused(approve, "taken back", **values)
    refused("DELETE FROM adjudication_events", "only ever added to")
    refused("UPDATE adjudication_events SET event = 'confirmed'", "only ever added to")


@pytest.mark.parametrize("what", ["state = 'in_force'", "answer = 'different', state = 'in_force'"])
def test_a_row_that_says_of_itself_that_it_counts_is_not_believed(store: Store, small: Engine, what: str) -> None:
    """So it is with answers of stores that were made before a second person was asked for."""
    answered(store, small, Answer(NEAR, "zz.alpha", "same", "r") if "answer" in what else SAID, second=False)
    with store.database.engine.begin() as connection:
        as_owner(connection, text(f"UPDATE adjudications SET {what}"))
    small.use_answers(read(store))
    assert small.check(payment()).outcome == "review"


@pytest.mark.parametrize("column", ["subject", "record", "person", "until", "reason"])
def test_a_confirmed_answer_that_was_changed_counts_no_longer(store: Store, small: Engine, column: str) -> None:
    answered(store, small)
    with store.database.engine.begin() as connection:
        as_owner(connection, text(f"UPDATE adjudications SET {column} = 'jan'"))
    (found,) = read(store)
    assert found.state == "proposed" and found.confirmed is None


def test_a_decision_of_before_a_second_person_was_asked_for_replays_to_the_byte(store: Store, small: Engine) -> None:
    house(store)
    given, *_ = answer_of(store, small.now, SAID, "os:mila", 365, transaction=payment())
    small.use_answers(Adjudications([replace(given, state="in_force")]))
    kept = store.keep(small.rules, payment(), small.check(payment()), person="me").result()
    with store.database.engine.begin() as connection:
        as_owner(connection, text("UPDATE adjudications SET state = 'in_force'"))
    assert kept.envelope.outcome == "proceed" and replay(store, kept)[0].same_bytes


REFUSED: dict[str, tuple[Answer, dict[str, Any], str]] = {
    "nobody of that name": (Answer("Beta", "zz.alpha", "different", "r"), {}, "party: .*no named party"),
    "no candidate": (Answer(NEAR, "zz.beta", "different", "r"), {}, "subject: .*`zz.alpha`"),
    "unknown subject": (Answer(NEAR, "zz.nobody", "different", "r"), {}, "subject"),
    "neither": (Answer(NEAR, "zz.alpha", "perhaps", "r"), {}, "answer: .*neither"),
    "no reason": (Answer(NEAR, "zz.alpha", "different", "  "), {}, "reason: is missing"),
    "long": (Answer(NEAR, "zz.alpha", "different", "r" * 2_001), {}, "reason"),
    "no date": (Answer(NEAR, "zz.alpha", "different", "r", "soon"), {}, "until: .*YYYY"),
    "past": (Answer(NEAR, "zz.alpha", "different", "r", "2024-01-01"), {}, "until: .*not after today"),
    "too late": (Answer(NEAR, "zz.alpha", "different", "r", "2999-01-01"), {}, "until: .*365 days at most"),
    "no decision": (SAID, {"decision": "no-such"}, "decision: no decision"),
}


def test_the_very_name_alone_is_not_enough(store: Store, small: Engine) -> None:
    name = "Alpha Tractor Works"
    said = Answer(name, "zz.alpha", "different", "another tax number")
    with pytest.raises(AnswerRefused, match="nothing is stated beside"):
        answered(store, small, said, transaction=payment(name))
    stated = payment(name, identifiers={"tax": "999888777"})
    answered(store, small, said, transaction=stated)
    assert small.check(stated).outcome == "proceed" and small.check(payment(name)).outcome == "stop"


@pytest.mark.parametrize(("said", "more", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_an_answer_is_refused_and_not_stored(
    store: Store, small: Engine, said: Answer, more: dict[str, Any], words: str
) -> None:
    with pytest.raises(AnswerRefused, match=words):
        answered(store, small, said, **more)
    assert not len(read(store))


def test_the_question_of_a_stored_decision_is_answered(store: Store, small: Engine) -> None:
    asked = store.keep(small.rules, payment(), small.check(payment()), person="me").result()
    answered(store, small, transaction=None, decision=asked.envelope.id)
    assert small.check(payment()).outcome == "proceed"


def test_the_opposite_needs_the_first_withdrawn_and_the_same_may_be_renewed(store: Store, small: Engine) -> None:
    first = answered(store, small)
    opposite = Answer(NEAR, "zz.alpha", "same", "r")
    with pytest.raises(AnswerRefused, match=f"withdraw that answer first.*{first}"):
        answered(store, small, opposite)
    second = answered(store, small)
    assert set(named_in(small.check(payment()).body)) in ({first}, {second})
    for id in (first, second):
        withdraw(store, id, "wrong", "mila")
    answered(store, small, opposite)
    assert small.check(payment()).outcome == "stop"


def test_a_party_stated_in_two_ways_in_a_deal_is_refused(store: Store, small: Engine) -> None:
    deal = {"acts": [payment(), payment(country="DE")]}
    with pytest.raises(AnswerRefused, match="several ways"):
        answered(store, small, transaction=deal)


def test_a_store_without_answers_has_none(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    assert not len(read(store))
    store.close()
    assert not len(kept_answers(tmp_path, None)) and not len(kept_answers(tmp_path / "nowhere", None))
    assert not (tmp_path / "nowhere").exists()


def test_with_official_lists_it_falls_away_with_the_entry_and_the_old_decision_replays(tmp_path: Path) -> None:
    home, near = tmp_path / "home", "Zubrovka Lifting Geer"
    snapshots = Snapshots(home / LISTS)
    known = Publications(lists={"us.ofac.sdn": ["us.ofac.sdn"]})

    def published(day: date, *aliases: str) -> Engine:
        rows = {**several(20, "BELARUS-EO14038"), "990001": ("ZUBROVKA LIFTING GEAR", "BELARUS-EO14038", *aliases)}
        file = tmp_path / f"{day}.xml"
        file.write_text(sdn_xml(day, rows))
        take(snapshots, known, Offer([file]), now=datetime(2027, 1, 1, tzinfo=UTC))
        engine = engine_at(home)
        engine.use_answers(read(store))
        return engine

    store = Store.open(home)
    today = datetime.now(UTC).date()
    engine = published(today - timedelta(days=3))
    stated = {**payment(near), "at": f"{today - timedelta(days=1)}T12:00:00Z"}
    said = Answer(near, "us.ofac.sdn:990001", "different", "another firm")
    asked = store.keep(engine.rules, stated, engine.check(stated), person="me").result()
    answered(store, engine, said, transaction=None, decision=asked.envelope.id)
    kept = store.keep(engine.rules, stated, engine.check(stated), person="me").result()
    assert (asked.envelope.outcome, kept.envelope.outcome) == ("review", "proceed")

    later = published(today, "Bison Hoists")
    body = later.check(stated).body
    told = next(one for one in body["identity"] if one["party"] == near)["answers"][0]
    assert body["outcome"] == "review" and told["why"] == f"the list entry changed on {today}"
    with pytest.raises(AnswerRefused, match="decide again"):  # whoever read that decision saw another record
        answered(store, later, said, transaction=None, decision=kept.envelope.id)
    fell = store.keep(later.rules, stated, later.check(stated), person="me").result()
    for one in (asked, kept, fell):
        found, _ = replay(store, one, None, None, Home(home))
        assert found.same_bytes, found.differences
    store.close()


def test_an_answer_is_never_changed_or_taken_away_in_the_database(store: Store, small: Engine) -> None:
    id = answered(store, small, second=False)
    for statement in (
        "UPDATE adjudications SET state = 'in_force'",
        "UPDATE adjudications SET until = '2999-01-01'",
        "DELETE FROM adjudications",
        *(
            ["INSERT OR REPLACE INTO adjudications SELECT * FROM adjudications"]
            if store.database.kind == "sqlite"
            else ["TRUNCATE adjudications CASCADE"]
        ),
    ):
        with (
            pytest.raises(DBAPIError, match=r"only ever added to|written once"),
            store.database.engine.begin() as connection,
        ):
            connection.execute(text(statement))
    assert [answer.id for answer in read(store)] == [id]
