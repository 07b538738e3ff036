"""Decisions as a whole, under an invented law: manners, duties, deals, permits held, who it may be, what was known."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from carveout.engine import Engine, StatementError
from carveout.engine.decide import decision
from carveout.engine.decide.duties import business_days_after, years_after
from carveout.engine.law.clocks import parse_date
from carveout.engine.law.ruleset import build_rules

from ..law.small import FILES, documents, small_engine

ALPHA = "Alpha Tractor Works"


def act(
    activity: str = "contract", other: str = ALPHA, at: str = "2023-06-01T12:00:00-04:00", **changed: Any
) -> dict[str, Any]:
    return {
        "activity": activity,
        "at": at,
        "parties": [
            {"name": "Ohio Jet Parts", "roles": ["actor"], "country": ["US", "DE"], "owners": []},
            {"name": other, "roles": ["counterparty"]},
        ],
        "none": ["bank"],
        **changed,
    }


def body(statement: dict[str, Any], **how: Any) -> dict[str, Any]:
    return small_engine().check(statement, **how).body


def ruling(statement: dict[str, Any], authority: str = "xx.office", **how: Any) -> dict[str, Any]:
    return next(a for a in body(statement, **how)["authorities"] if a["authority"] == authority)


def test_block_and_reject() -> None:
    assert ruling(act("payment"))["manner"] == "block"
    assert ruling(act("contract"))["manner"] == "reject"
    assert ruling(act("service"))["manner"] is None


def test_no_nexus_is_not_no_prohibition() -> None:
    statement = act()
    statement["parties"][0]["country"] = "TR"
    statement["parties"][1]["country"] = "TR"
    assert ruling(statement)["verdict"] == "no_nexus"
    assert ruling(statement | {"grounds": ["xx.office.person"]})["verdict"] == "prohibited"


@pytest.mark.parametrize("at", ["2024-01-01T12:00:00-05:00", "2024-07-01T00:00:59-04:00"])
def test_a_licence_from_its_first_to_before_its_last_moment(at: str) -> None:
    assert ruling(act(at=at))["verdict"] == "authorized"


@pytest.mark.parametrize("at", ["2024-01-01T11:59:59-05:00", "2024-07-01T00:01:00-04:00", "2024-07-01T06:02:00+02:00"])
def test_a_licence_before_and_after(at: str) -> None:
    assert ruling(act(at=at))["verdict"] == "prohibited"


def test_a_bare_date_joins_its_moments() -> None:
    found = ruling(act(at="2024-07-01"))
    assert (found["best"], found["worst"], found["verdict"]) == ("authorized", "prohibited", "review")
    assert ruling(act(at="2024-07-02", zone="America/New_York"))["verdict"] == "prohibited"
    assert ruling(act(at="2024-06-28"))["verdict"] == "authorized"


def test_the_time_is_asked_where_it_matters() -> None:
    asked = [q["fact"] for q in body(act(at="2024-07-01"))["questions"]]
    assert asked == ["act.at"]
    assert body(act(at="2024-06-28"))["questions"] == []


# ---- duties


def test_a_report_is_due_in_business_days_of_the_authority() -> None:
    duties = {d["norm"]: d for d in body(act("payment", at="2023-06-15T23:30:00-04:00"))["duties"]}
    # 19 June and 4 July are holidays; the day itself does not count, and it is still the 15th in New York
    assert duties["xx.office.blocked"]["due"] == "2023-06-30"
    assert duties["xx.office.blocked"]["after"] == "xx.office.blocking"
    assert "xx.office.blocked" not in {d["norm"] for d in body(act("contract"))["duties"]}


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2023-12-20", 10, "2024-01-05"),
        ("2024-07-03", 1, "2024-07-05"),
        ("2024-03-01", 0, "2024-03-01"),
        ("2023-06-16", 1, "2023-06-20"),
    ],
)
def test_business_days(start: str, days: int, due: str) -> None:
    assert business_days_after("US", parse_date(start), days).isoformat() == due


def test_a_year_after_a_leap_day() -> None:
    assert years_after(parse_date("2024-02-29"), 10).isoformat() == "2034-03-01"
    assert years_after(parse_date("2024-02-29"), 4).isoformat() == "2028-02-29"


@pytest.mark.parametrize(
    ("asked_on", "norm", "until"),
    [
        ("2025-03-11", "xx.office.old-records", "2028-06-01"),
        ("2025-03-12", "xx.office.records", "2033-06-01"),
        (None, "xx.office.records", "2033-06-01"),
    ],
)
def test_retention_follows_the_law_of_the_day_of_asking(asked_on: str | None, norm: str, until: str) -> None:
    kept = {d["norm"]: d["retain_until"] for d in body(act(asked_on=asked_on))["duties"] if d["duty"] == "record"}
    assert kept == {norm: until}


# ---- permits


def held(**more: Any) -> dict[str, Any]:
    return {"issuer": "xx.office", "reference": "X-1", "lifts": ["xx.office.blocking"], **more}


def test_an_authorisation_held_lifts_what_it_names() -> None:
    found = body(act(authorisations=[held()]))
    assert ruling(act(authorisations=[held()]))["verdict"] == "authorized"
    shield = found["findings"][0]["shields"][0]
    assert shield["title"] == "authorisation X-1 of xx.office, relied on, not seen"


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({"from": "2023-06-01T12:00:00-04:00"}, "authorized"),
        ({"from": "2023-06-01T12:00:01-04:00"}, "prohibited"),
        ({"until": "2023-06-01T12:00:00-04:00"}, "prohibited"),
        ({"until": "2023-06-01"}, "authorized"),
        ({"until": "2023-05-30"}, "prohibited"),
        ({"things": [ALPHA]}, "authorized"),
        ({"things": ["Ohio Jet Parts"]}, "prohibited"),
        ({"issuer": "yy.ministry"}, "prohibited"),
        ({"lifts": ["xx.office.goods"]}, "prohibited"),
    ],
)
def test_an_authorisation_only_within_its_bounds(more: dict[str, Any], verdict: str) -> None:
    assert ruling(act(authorisations=[{**held(), **more}]))["verdict"] == verdict


def test_a_derogation_that_is_not_granted_needs_a_licence() -> None:
    assert ruling(act("payment"), "yy.ministry")["verdict"] == "license_required"
    permit = {"issuer": "yy.ministry", "reference": "Y-1", "grants": "yy.ministry.permit"}
    assert ruling(act("payment", authorisations=[permit]), "yy.ministry")["verdict"] == "authorized"
    assert ruling(act("contract", authorisations=[permit]), "yy.ministry")["verdict"] == "prohibited"


def test_a_text_not_looked_at_for_long_is_not_trusted() -> None:
    path = "xx/office/licence-1.exemption.yaml"
    old = FILES[path].replace("checked: 2026-01-01", "checked: 2024-01-02\nstale_after: 30 days")
    engine = Engine(build_rules(documents({path: old})))
    assert engine.check(act(at="2024-01-31T12:00:00Z")).verdict("xx.office") == "authorized"
    late = engine.check(act(at="2024-02-01T12:00:00Z"))
    assert late.verdict("xx.office") == "review"
    asked = [
        (q["question"], q["authorities"]) for q in late.body["questions"] if q["of"]["name"] == "xx.office.licence-1"
    ]
    assert asked == [("Licence 1: last looked at on 2024-01-02, not since. Is it still in force?", ["xx.office"])]
    stops = engine.check(
        act(activity="payment", at="2024-02-01T12:00:00Z")
    ).body  # not covered: the doubt changes nothing
    assert not [q for q in stops["questions"] if q["fact"] == "norm.checked"]


GOODS_LICENCE = """
title: Licence for goods
authority: xx.office
citation: {instrument: Licence 1, source: invented, sure: primary}
effective: {since_unknown: true}
checked: 2024-01-02
stale_after: 30 days
lifts_as: authorized
shields: [xx.office.goods]
covers:
  item: {fact: item.hs, is: '8807'}
unresolved:
  - {question: Does it cover gifts?, readings: ['yes', 'no'], sources: [invented], lifts: true}
"""
LAW_OPEN = """unresolved:
  - {question: Are these goods of X?, readings: ['yes', 'no'], sources: [invented]}
"""


@pytest.mark.parametrize(
    ("item", "prohibition", "of_the_licence", "asked"),
    [
        ({}, "", False, True),  # what is it, and where does it go? Nobody knows yet that there is anything to lift
        ({"destination": "BY"}, "", True, False),  # stale or not read for sure, whatever the goods are
        ({"hs": "8807"}, "", True, True),  # the licence would cover it
        ({"hs": "8467", "destination": "BY"}, LAW_OPEN, True, False),  # law alone leaves it open
        ({"hs": "8467", "destination": "TR"}, "", False, False),
    ],
)
def test_facts_are_asked_before_the_text_of_a_licence(
    item: dict[str, Any], prohibition: str, of_the_licence: bool, asked: bool
) -> None:
    goods = "xx/office/goods.prohibition.yaml"
    changed = {goods: FILES[goods] + prohibition, "xx/office/licence-2.exemption.yaml": GOODS_LICENCE}
    engine = Engine(build_rules(documents(changed)))
    statement = act("sale", "Somebody", "2024-06-01T12:00:00-04:00", items=[{"name": "part", "origin": "US", **item}])
    found = engine.check(statement).body
    norms = {entry["norm"] for entry in found["unresolved"]}
    norms |= {entry["of"]["name"] for entry in found["questions"] if entry["fact"] == "norm.checked"}
    assert ("xx.office.licence-2" in norms) == of_the_licence
    assert any(entry["of"]["name"] == "part" for entry in found["questions"]) == asked


BETA = "Beta Mineral Water"


def two_blocked(**authorisation: Any) -> dict[str, Any]:
    statement = act(authorisations=[{**held(), **authorisation}])
    statement["parties"][0]["country"] = "US"
    statement["parties"].append({"name": BETA, "roles": ["intermediary"], "country": "BY"})
    return statement


def test_an_authorisation_that_names_nobody_is_not_for_everybody() -> None:
    found = body(two_blocked())
    assert found["outcome"] == "review"
    mine = [f for f in found["findings"] if f["authority"] == "xx.office"]
    assert [(f["thing"]["name"], f["best"], f["worst"]) for f in mine] == [
        (ALPHA, "authorized", "prohibited"),
        (BETA, "authorized", "prohibited"),
    ]
    assert [s["truth"] for f in mine for s in f["shields"]] == ["unknown", "unknown"]
    assert [q["question"] for q in found["questions"]] == [
        "For whom or what was the authorisation X-1 of xx.office given (state its `things`)?"
    ]


def test_an_authorisation_for_one_of_two_leaves_the_other_standing() -> None:
    assert ruling(two_blocked(things=[ALPHA]))["verdict"] == "prohibited"
    assert ruling(two_blocked(things=[ALPHA, BETA]))["verdict"] == "authorized"


def test_two_authorisations_that_name_nobody_are_no_better() -> None:
    statement = two_blocked()
    statement["authorisations"].append({**held(), "reference": "X-2"})
    found = body(statement)
    assert found["outcome"] == "review" and len(found["questions"]) == 2


def test_one_party_under_two_programmes_is_one_party() -> None:
    statement = act(other="Holding One", authorisations=[held()])
    statement["parties"][1]["owners"] = [{"party": ALPHA, "percent": "30"}, {"party": BETA, "percent": "30"}]
    assert len([f for f in body(statement)["findings"] if f["authority"] == "xx.office"]) == 2
    assert ruling(statement)["verdict"] == "authorized"


def test_a_derogation_granted_to_nobody_named_is_asked_about() -> None:
    permit: dict[str, Any] = {"issuer": "yy.ministry", "reference": "Y-1", "grants": "yy.ministry.permit"}
    statement = act("payment", authorisations=[permit])
    statement["parties"].append({"name": "Delta", "roles": ["bank"], "listed": ["yy.ministry.list"]})
    statement["parties"][2]["listed"] = ["yy.ministry.list/general"]
    found = ruling(statement, "yy.ministry")
    assert (found["best"], found["worst"], found["verdict"]) == ("authorized", "license_required", "review")
    assert any(q["fact"] == "act.authorisations:Y-1" for q in body(statement)["questions"])
    permit["things"] = ["Delta", ALPHA]
    assert ruling(statement, "yy.ministry")["verdict"] == "authorized"


# ---- who it is


def test_a_weak_name_is_possible_and_asked() -> None:
    found = body(act(other="Alfa"))
    assert found["outcome"] == "review"
    assert ruling(act(other="Alfa"))["best"] == "not_prohibited"
    assert [q["question"] for q in found["questions"]] == ["Is Alfa the recorded Alpha Tractor Works?"]


def test_the_answer_of_a_person_settles_it() -> None:
    same, different = act(other="Alfa"), act(other="Alfa")
    same["parties"][1]["subject"] = "zz.alpha"
    different["parties"][1]["not_subject"] = ["zz.alpha"]
    assert ruling(same)["verdict"] == "prohibited"
    assert ruling(different)["verdict"] == "not_prohibited" and body(different)["questions"] == []


def test_a_possible_identity_that_changes_nothing_is_no_review() -> None:
    statement = act(other="Alfa", activity="recordkeeping")
    assert ruling(statement)["verdict"] == "not_prohibited"
    assert ruling(statement, "yy.ministry")["verdict"] == "review"
    assert [q["authorities"] for q in body(statement)["questions"]] == [["yy.ministry"]]


# ---- what was known


def test_as_known_leaves_out_what_nobody_could_know() -> None:
    statement = act(at="2024-01-15T12:00:00Z")
    assert ruling(statement)["verdict"] == "authorized"
    assert ruling(statement, as_known="2024-01-31T00:00:00Z")["verdict"] == "prohibited"
    assert ruling(statement, as_known="2024-02-02T00:00:00Z")["verdict"] == "authorized"


def test_as_known_does_not_know_of_an_end_yet() -> None:
    statement = act(at="2024-08-01T12:00:00Z")
    assert ruling(statement)["verdict"] == "prohibited"
    assert ruling(statement, as_known="2024-05-01T00:00:00Z")["verdict"] == "authorized"


def test_what_it_was_made_with_is_said() -> None:
    made = body(act())["made_with"]["rules"]
    assert made == small_engine().rules.fingerprint
    assert body(act(), as_known="2024-05-01T00:00:00Z")["made_with"]["rules"].startswith(made + "@")


# ---- deals


def test_a_deal_is_as_strict_as_its_strictest_act() -> None:
    silent = {key: value for key, value in act().items() if key in ("at", "parties", "none")}
    deal = body({**silent, "acts": [{"activity": "recordkeeping"}, {"activity": "contract"}, {"activity": "payment"}]})
    assert deal["outcome"] == "stop"
    assert [a["outcome"] for a in deal["acts"]][1:] == ["stop", "stop"]
    strictest = {a["authority"]: (a["verdict"], a["manner"]) for a in deal["authorities"]}
    assert strictest["xx.office"] == ("prohibited", "block")  # block goes before reject


def test_the_reference_is_no_part_of_the_decision() -> None:
    one, other = small_engine().check(act(reference="A-1")), small_engine().check(act(reference="A-2"))
    assert (one.reference, other.reference) == ("A-1", "A-2") and one.canonical() == other.canonical()


def test_each_thing_stands_by_itself() -> None:
    goods = [
        {"name": name, "origin": origin, "destination": "BY", "end_user": "Buyer"}
        for name, origin in (("from X", "US"), ("from elsewhere", "TR"))
    ]
    statement = {
        "activity": "sale",
        "at": "2023-06-01T12:00:00Z",
        "items": goods,
        "assets": [],
        "parties": [
            {"name": "Seller", "roles": ["seller"], "country": "TR"},
            {"name": "Buyer", "roles": ["buyer"], "country": "BY"},
        ],
    }
    assert [f["thing"]["name"] for f in body(statement)["findings"]] == ["from X"]
    assert ruling(statement)["verdict"] == "license_required"


# ---- limits


def consignment(items: int, **changed: Any) -> dict[str, Any]:
    goods = [{"name": f"part {n}", "origin": "US", "destination": "BY", "end_user": "Buyer"} for n in range(items)]
    parties = [
        {"name": "Seller", "roles": ["seller"], "country": "TR"},
        {"name": "Buyer", "roles": ["buyer"], "country": "BY"},
    ]
    return {"at": "2023-06-01T12:00:00Z", "items": goods, "assets": [], "parties": parties, **changed}


def test_what_is_too_large_for_one_answer_is_refused_and_not_answered_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision, "MOST_FINDINGS", 6)
    assert len(body(consignment(6, activity="sale"))["findings"]) == 6
    with pytest.raises(StatementError, match="split it"):
        body(consignment(7, activity="sale"))
    with pytest.raises(StatementError, match="split it"):
        body(consignment(4, acts=[{"activity": "sale"}, {"activity": "export"}]))
    monkeypatch.setattr(decision, "MOST_TRIED", 2)
    with pytest.raises(StatementError, match="split it"):
        body(consignment(3, activity="sale"))


def test_a_long_chain_of_owners_is_followed_to_its_end() -> None:
    names = [ALPHA, *(f"Holding {n}" for n in range(400))]
    chain = [
        {"name": held, "owners": [{"party": holder, "percent": "60"}]} for holder, held in itertools.pairwise(names)
    ]
    chain[-1]["roles"] = ["counterparty"]
    statement = act()
    statement["parties"] = [statement["parties"][0], *chain]
    found = body(statement)
    assert found["outcome"] == "stop"
    path = next(f["because"][0]["path"] for f in found["findings"] if f["authority"] == "xx.office")
    assert path[-1] == "Holding 398 60 % -> Holding 399" and len(path) <= 13
