"""`other_than`: on a list under some other programme, also where it is on it under these as well."""

from __future__ import annotations

import pytest

from carveout.engine import Engine, RuleError
from carveout.engine.law.ruleset import build_rules

from ..law.small import CITED, documents
from .test_statuses import contract

AGENTS = "xx/office/agents.prohibition.yaml"


def agents(test: str) -> dict[str, str]:
    return {
        AGENTS: f"""
title: No contracts with agents of somebody listed otherwise
authority: xx.office
{CITED}
for_each: party
grounds: [person]
when: {test}
effect: license_required
"""
    }


REST = agents("{fact: party.acts_for.status, is: xx.office.list, other_than: [xx.office.list/RED]}")


def verdict(*listed: str, direct: bool = False) -> str:
    party = {
        "name": "Quill and Daughters",
        "kind": "organisation",
        "country": "DE",
        "owners": [],
        "listed": list(listed),
    }
    made = contract(party if direct else {"owners": [], "country": "DE", "acts_for": [party]})
    return Engine(build_rules(documents(REST))).check(made).verdict("xx.office")


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ([], "not_prohibited"),
        (["xx.office.list/RED"], "not_prohibited"),
        (["xx.office.list/BLUE"], "license_required"),
        (["xx.office.list/GREY"], "license_required"),
        (["xx.office.list"], "license_required"),
        (["xx.office.list/RED", "xx.office.list/BLUE"], "license_required"),
        (["yy.ministry.list"], "not_prohibited"),
    ],
)
def test_another_programme_counts_beside_these_too(listed: list[str], said: str) -> None:
    assert verdict(*listed) == said


def test_what_no_norm_asks_for_by_name_stays_other() -> None:
    supply = {**contract({"owners": [], "listed": ["xx.office.list/GREY"]}), "activity": "supply", "items": []}
    assert Engine(build_rules(documents(REST))).check(supply).verdict("xx.office") == "review"


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ("{fact: party.status, is: xx.office.list, other_than: []}", "is a list of statuses"),
        ("{fact: party.status, is: xx.office.list/RED, other_than: [xx.office.list/RED]}", "stands beside `is: LIST`"),
        ("{fact: party.country, is: DE, other_than: [FR]}", "stands beside `is: LIST`"),
        ("{fact: party.status, is: xx.office.list, other_than: [xx.office.list/REED]}", "no status of xx.office.list"),
        ("{fact: party.status, in: [xx.office.list], other_than: [xx.office.list/RED]}", "unknown key `in`"),
    ],
)
def test_faults_are_named(test: str, said: str) -> None:
    with pytest.raises(RuleError, match=said):
        build_rules(documents(agents(test)))
