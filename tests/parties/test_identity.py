"""Recorded subjects on the things of an act: what a record gives, what the user's word wins, and how many may-bes."""

from __future__ import annotations

from typing import Any

import pytest

from carveout.engine import Engine
from carveout.engine.facts.things import Act, Thing
from carveout.engine.law.ruleset import build_rules
from carveout.engine.law.truth import TRUE
from carveout.engine.parties.identity import MOST_HYPOTHESES
from carveout.engine.parties.screening import Candidate

from ..law.small import FILES, documents, small_engine


def read(**party: Any) -> Act:
    statement = {
        "activity": "contract",
        "at": "2023-06-01T12:00:00Z",
        "parties": [{"roles": ["actor"], **party}],
        "none": ["counterparty"],
    }
    act = small_engine().reader.read(statement).acts[0]
    small_engine().identifier.screen(act)
    return act


NUMBERED = FILES["subjects/zz/alpha.subject.yaml"] + 'identifiers: {tax: "111222333", born: "1965"}\n'


def by(party: dict[str, Any], activity: str = "contract") -> dict[str, Any]:
    return {
        "activity": activity,
        "at": "2023-06-01T12:00:00Z",
        "parties": [
            {"name": "Ohio Jet Parts Two", "roles": ["actor"], "country": "US"},
            {"roles": ["counterparty"]} | party,
        ],
    }


def who(act: Act) -> list[list[str | None]]:
    found = small_engine().identifier.hypotheses(act)
    return [[next(iter(subjects), None) for subjects in hypothesis.values()] for hypothesis in found]


def assumed(act: Act) -> Thing:
    identifier = small_engine().identifier
    identifier.assume(act, next(iter(identifier.hypotheses(act))))
    return act.parties[0]


def test_a_recorded_name_is_the_same() -> None:
    act = read(name="ALPHA TRACTOR WORKS")
    assert who(act) == [[]]
    assert assumed(act).facts["subject"] == {"zz.alpha": TRUE}


def test_a_weak_name_is_two_hypotheses() -> None:
    assert who(read(name="Alfa")) == [["zz.alpha"], [None]]


def test_a_stranger_is_nobody() -> None:
    act = read(name="Quill and Daughters")
    assert who(act) == [[]] and assumed(act).facts["subject"] == {}


def test_who_it_is_by_the_users_word() -> None:
    act = read(name="Quill and Daughters", subject="zz.beta")
    assert act.parties[0].candidates == () and assumed(act).facts["subject"] == {"zz.beta": TRUE}
    assert who(read(name="Alfa", not_subject=["zz.alpha"])) == [[]]


def test_the_same_name_is_not_denied_by_word_alone() -> None:
    act = read(name="Alpha Tractor Works", not_subject=["zz.alpha"])
    assert who(act) == [["zz.alpha"], [None]] and act.parties[0].denied == ()
    assert act.parties[0].candidates[0].reason.endswith("needs more than the transaction's word")


def test_the_same_name_is_denied_where_the_record_is_contradicted() -> None:
    engine = Engine(build_rules(documents({"subjects/zz/alpha.subject.yaml": NUMBERED})))
    for identifiers, denied in (
        ({"tax": "999 888 777"}, True),
        ({"Tax ": "111222333"}, False),
        ({"registry": "111-222-333"}, False),  # the same number under another heading
        ({"iata": "ZZ"}, False),  # says nothing of what is recorded
        ({"born": "1965-03-02"}, False),  # the record knows the year only, and it agrees
        ({"born": "1971-03-02"}, True),
    ):
        party = {"name": "Alpha Tractor Works", "identifiers": identifiers, "not_subject": ["zz.alpha"]}
        act = engine.reader.read(by(party)).acts[0]
        engine.identifier.screen(act)
        assert bool(act.parties[1].denied) is denied, identifiers
        assert bool(act.parties[1].candidates) is not denied


def test_a_number_is_not_denied_under_another_name() -> None:
    engine = Engine(build_rules(documents({"subjects/zz/alpha.subject.yaml": NUMBERED})))
    for heading in ("tax", "registry"):
        party = {"name": "Quill and Daughters", "identifiers": {heading: "111222333"}, "not_subject": ["zz.alpha"]}
        body = engine.check(by(party)).body
        assert body["outcome"] == "review"
        asked = [q["question"] for q in body["questions"] if q["fact"] == "party.subject"]
        assert asked == ["Is Quill and Daughters the recorded Alpha Tractor Works?"]


def test_a_registration_is_not_denied() -> None:
    statement = by({"name": "Ohio Jet Parts"}, activity="service")
    statement["assets"] = [{"registration": "ZZ-ABC", "not_subject": ["zz.plane"]}]
    act = small_engine().reader.read(statement).acts[0]
    small_engine().identifier.screen(act)
    assert who(act) == [["zz.plane"], [None]]


def test_a_record_gives_what_the_user_did_not_state() -> None:
    assert assumed(read(name="Alpha Tractor Works")).facts["country"] == ("BY",)
    assert assumed(read(name="Alpha Tractor Works", country="TR", subject="zz.alpha")).facts["country"] == ("TR",)


def test_a_party_is_never_an_aircraft() -> None:
    assert who(read(name="ZZ-ABC")) == [[]]


def test_a_link_of_a_record_leads_to_the_party_of_the_act() -> None:
    statement = {
        "activity": "service",
        "at": "2023-06-01T12:00:00Z",
        "parties": [{"name": "Alpha Tractor Works", "roles": ["customer"]}, {"name": "Somebody", "roles": ["actor"]}],
        "assets": [{"registration": "ZZ-ABC"}],
    }
    identifier = small_engine().identifier
    act = small_engine().reader.read(statement).acts[0]
    identifier.screen(act)
    identifier.assume(act, next(iter(identifier.hypotheses(act))))
    assert act.assets[0].facts["operator"] is act.parties[0]


def test_what_one_hypothesis_brought_in_is_gone_in_the_next() -> None:
    identifier = small_engine().identifier
    act = read(name="Alfa")
    seen = []
    for hypothesis in identifier.hypotheses(act):
        identifier.assume(act, hypothesis)
        seen.append((act.parties[0].facts.get("country"), len(act.things)))
    assert seen == [(("BY",), 1), (None, 1)]


def test_too_many_hypotheses_become_one_that_says_unknown() -> None:
    parties = [{"name": "Alfa", "id": f"party {i}", "roles": ["actor"]} for i in range(8)]
    names = [{**party, "name": f"{party['name']}"} for party in parties]
    statement = {"activity": "contract", "at": "2023-06-01T12:00:00Z", "parties": names[:1], "none": ["counterparty"]}
    act = small_engine().reader.read(statement).acts[0]
    may_be = Candidate("zz.alpha", "possible", 80, "a weak alias")
    for i in range(8):
        thing = Thing("party", 100 + i, f"may be {i}", f"may be {i}")
        thing.candidates = (may_be,)
        act.things.append(thing)
    found = who(act)
    assert MOST_HYPOTHESES < 2**8
    assert found == [["?"] * 8]


FREE = "kind: organisation\nnames: [{name: Free Trade House, kind: primary}]\n"
FREE += "citation: {instrument: register, source: invented, sure: primary}\nfacts: {country: BY}\n"


@pytest.mark.parametrize(
    ("party", "said"),
    [
        ({"name": "Alpha Tractor Works"}, "prohibited"),
        ({"name": "Free Trade House", "subject": "zz.alpha"}, "prohibited"),
        ({"subject": "zz.free"}, "not_prohibited"),
        ({"name": "Free Trade House", "subject": "zz.free"}, "not_prohibited"),
        ({"name": "Our man in X", "subject": "zz.free"}, "not_prohibited"),
        ({"name": "Alpha Tractor Works", "subject": "zz.free"}, "review"),  # one of the two is wrong
        ({"name": "Our man in X", "subject": "zz.free", "identifiers": {"tax": "111222333"}}, "review"),
    ],
)
def test_whom_it_is_stated_to_be_does_not_hide_whose_name_it_bears(party: dict[str, Any], said: str) -> None:
    files = {"subjects/zz/alpha.subject.yaml": NUMBERED, "subjects/zz/free.subject.yaml": FREE}
    decision = Engine(build_rules(documents(files))).check(by({"owners": []} | party))
    assert decision.verdict("xx.office") == said
    if said == "review":
        assert any("Alpha Tractor Works" in question["question"] for question in decision.body["questions"])


def test_of_two_who_bear_a_name_the_statement_may_say_which() -> None:
    namesake = FREE.replace("Free Trade House", "Alpha Tractor Works")
    engine = Engine(build_rules(documents({"subjects/zz/free.subject.yaml": namesake})))
    said = [
        engine.check(by({"name": "Alpha Tractor Works", "owners": []} | which)).verdict("xx.office")
        for which in ({}, {"subject": "zz.free"}, {"subject": "zz.alpha"})
    ]
    assert said == ["review", "not_prohibited", "prohibited"]
