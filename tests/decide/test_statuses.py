"""Who has which status in whose eyes: by a listing, by ownership, by earlier blocking; and what a user adds."""

from __future__ import annotations

from typing import Any

import pytest

from carveout.engine import Engine
from carveout.engine.law.ruleset import build_rules

from ..law.small import CITED, FILES, documents, small_engine

AT = "2023-06-01T12:00:00-04:00"


def contract(counterparty: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {
        "activity": "contract",
        "at": AT,
        "parties": [
            {"name": "Ohio Jet Parts", "roles": ["actor"], "country": ["US", "DE"], "owners": []},
            {"name": "Holding One", "roles": ["counterparty"], **counterparty},
        ],
        **changed,
    }


def verdicts(statement: dict[str, Any], engine: Engine | None = None) -> tuple[str, str]:
    decision = (engine or small_engine()).check(statement)
    return decision.verdict("xx.office"), decision.verdict("yy.ministry")


def owned(*shares: tuple[str, str], **more: Any) -> dict[str, Any]:
    return contract({"owners": [{"party": name, "percent": percent, **more} for name, percent in shares]})


ALPHA, BETA = "Alpha Tractor Works", "Beta Mineral Water"


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ([(ALPHA, "49.99")], ("not_prohibited", "not_prohibited")),
        ([(ALPHA, "50")], ("prohibited", "not_prohibited")),  # at least 50 there, more than 50 here
        ([(ALPHA, "50.01")], ("prohibited", "prohibited")),
        ([(ALPHA, "25"), (BETA, "25")], ("prohibited", "not_prohibited")),  # added up; Y lists only one of them
        ([(BETA, "100")], ("prohibited", "not_prohibited")),
    ],
)
def test_each_authority_by_its_own_threshold(shares: list[tuple[str, str]], said: tuple[str, str]) -> None:
    assert verdicts(owned(*shares)) == said


def test_control_passes_on_where_the_authority_says_so() -> None:
    assert verdicts(contract({"owners": [], "controlled_by": [ALPHA]})) == ("not_prohibited", "prohibited")


def test_dated_shares_count_on_their_days() -> None:
    assert verdicts(owned((ALPHA, "60"), until="2023-06-01")) == ("not_prohibited", "not_prohibited")
    assert verdicts(owned((ALPHA, "60"), **{"from": "2023-06-01"})) == ("prohibited", "prohibited")


def test_an_unknown_holder_leaves_it_open() -> None:
    statement = contract({"owners": [{"unknown": "yes", "percent": "50"}]})
    assert verdicts(statement) == ("review", "not_prohibited")
    questions = small_engine().check(statement).body["questions"]
    assert [q["question"] for q in questions] == [
        "Who owns Holding One, and how many percent each? Listed owners count for between 0 and 50 percent of "
        "Holding One: ask for the owners of the remaining 50 percent of Holding One."
    ]


def test_recorded_owners_count_where_none_are_stated() -> None:
    assert verdicts(contract({"name": "Gamma Optical Instruments"})) == ("prohibited", "prohibited")
    assert verdicts(contract({"name": "Gamma Optical Instruments", "owners": []})) == (
        "not_prohibited",
        "not_prohibited",
    )


def test_the_path_is_shown() -> None:
    body = small_engine().check(owned((ALPHA, "60"))).body
    because = next(f["because"] for f in body["findings"] if f["authority"] == "xx.office")
    assert because[0]["path"] == ["Alpha Tractor Works 60 % -> Holding One"]
    assert because[0]["ownership"]["id"] == "xx.office.fifty"


def test_each_programme_is_an_engagement_of_its_own() -> None:
    body = small_engine().check(owned((ALPHA, "30"), (BETA, "30"))).body
    found = [(f["programme"], f["best"]) for f in body["findings"] if f["authority"] == "xx.office"]
    assert found == [("xx.office.list/RED", "prohibited"), ("xx.office.list/BLUE", "prohibited")]


def test_a_licence_for_one_programme_is_none_for_another() -> None:
    both = owned((ALPHA, "30"), (BETA, "30")) | {"at": "2024-03-01T12:00:00Z"}
    found = small_engine().check(both).body["findings"]
    assert {f["programme"]: f["best"] for f in found if f["authority"] == "xx.office"} == {
        "xx.office.list/RED": "authorized",
        "xx.office.list/BLUE": "prohibited",
    }
    assert verdicts(owned((ALPHA, "60")) | {"at": "2024-03-01T12:00:00Z"})[0] == "authorized"


def test_a_status_the_user_knows_of() -> None:
    assert verdicts(contract({"listed": ["xx.office.list/BLUE"]})) == ("prohibited", "not_prohibited")


def test_a_programme_no_prohibition_asks_for_is_other() -> None:
    grey = documents(
        {
            "xx/office/other.prohibition.yaml": f"""
title: Other programmes
authority: xx.office
{CITED}
for_each: party
grounds: [person]
programmes: [xx.office.list/other]
effect: review
"""
        }
    )
    statement = contract({"listed": ["xx.office.list/GREY"]})
    assert verdicts(statement)[0] == "not_prohibited"
    assert verdicts(statement, Engine(build_rules(grey)))[0] == "review"


def test_an_hour_that_is_not_known_leaves_a_listing_open() -> None:
    path = "xx/office/beta.listing.yaml"
    vague = FILES[path].replace("{from: 2023-01-01}", "{from: {some_time_on: 2023-06-01}}")
    engine = Engine(build_rules(documents({path: vague})))
    assert verdicts(contract({"name": BETA}), engine)[0] == "review"
    assert verdicts(contract({"name": BETA}, at="2023-06-02T12:00:00Z"), engine)[0] == "prohibited"


# ---- property blocked earlier


def release(**asset: Any) -> dict[str, Any]:
    return {
        "activity": "release_blocked_property",
        "at": "2024-03-01T12:00:00-05:00",
        "parties": [{"name": "Erie Savings Bank", "roles": ["actor", "bank"], "country": "US"}],
        "assets": [{"id": "account", "kind": "funds", **asset}],
    }


def test_what_was_blocked_stays_blocked_while_its_cause_stands() -> None:
    assert verdicts(release(blocked_since="2023-02-01", interest_of=[ALPHA]))[0] == "prohibited"
    assert verdicts(release(blocked_since="2022-02-01", interest_of=[ALPHA]))[0] == "not_prohibited"  # not listed then


def test_a_delisting_frees_it() -> None:
    path = "xx/office/alpha.listing.yaml"
    ended = FILES[path].replace("{from: 2023-01-01}", "{from: 2023-01-01, until: 2024-01-01}")
    engine = Engine(build_rules(documents({path: ended})))
    assert verdicts(release(blocked_since="2023-02-01", interest_of=[ALPHA]), engine)[0] == "not_prohibited"


def test_a_holder_who_sold_since_leaves_it_blocked() -> None:
    shares = [{"party": ALPHA, "percent": "60", "until": "2023-06-01"}]
    statement = release(blocked_since="2023-02-01", interest_of=["Sold Ltd"])
    statement["parties"].append({"name": "Sold Ltd", "roles": ["beneficiary"], "owners": shares})
    assert verdicts(statement)[0] == "prohibited"


def test_blocked_for_whom_and_since_when_is_asked() -> None:
    body = small_engine().check(release()).body
    assert body["outcome"] == "review"
    assert {q["of"]["name"] for q in body["questions"]} == {"account"}


HALF_OF_A = f"""
title: No contracts with what one of RED has to a quarter
authority: xx.office
{CITED}
for_each: party
grounds: [person]
when: {{all: [{{fact: act.activity, is: contract}}, {{owned_by: {{listed: [xx.office.list], at_least: 25}}}}]}}
effect: license_required
"""


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2023-06-01T23:30:00-04:00", "license_required"),  # still the first of June where that authority is
        ("2023-06-02T00:30:00-04:00", "not_prohibited"),
    ],
)
def test_a_share_that_a_norm_asks_for_ends_by_the_clock_of_its_authority(at: str, said: str) -> None:
    engine = Engine(build_rules(documents({"xx/office/quarter.prohibition.yaml": HALF_OF_A})))
    assert verdicts(owned((ALPHA, "30"), until="2023-06-02") | {"at": at}, engine)[0] == said
