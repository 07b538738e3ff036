"""Breaches of the two laws that the generated tests found, each in its smallest form."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from carveout.engine import StatementError

from .world import Statement, decide, engine, left

US_TO_TR: Statement = {
    "activity": "sale",
    "at": "2024-10-01T12:00:00-04:00",
    "place": "US",
    "parties": [
        {"name": "Ohio Jet Parts LLC", "roles": ["seller"], "country": "US"},
        {"name": "Bosphorus Teknik AS", "roles": ["buyer"], "country": "TR"},
    ],
}
CONTRACT: Statement = {
    "activity": "contract",
    "at": "2025-11-05T10:00:00-05:00",
    "parties": [{"name": "Ohio Jet Parts LLC", "roles": ["actor"], "country": "US"}],
}


def narrows(less: Statement, more: Statement) -> None:
    before, after = decide(less), decide(more)
    assert before is not None and after is not None
    assert not left(after, before)
    assert after.outcome == "proceed" or before.outcome != "proceed"


def with_item(statement: Statement, **item: Any) -> Statement:
    return {**copy.deepcopy(statement), "items": [item]}


def test_nexus_that_is_open_is_no_nexus_at_best() -> None:
    less = {
        "activity": "payment",
        "at": "2024-05-20T10:00:00+02:00",
        "parties": [
            {"name": "Belavia", "roles": ["payer"]},
            {"name": "Bosphorus Teknik AS", "roles": ["payee"], "country": "TR"},
            {"name": "Elbe Bank AG", "roles": ["bank"], "country": "DE"},
        ],
    }
    narrows(less, {**less, "currency": "EUR"})


def test_an_end_user_that_nobody_named_may_be_anybody() -> None:
    chairs = {
        "name": "chairs",
        "hs": "9401.39",
        "eccn": "EAR99",
        "origin": "TR",
        "us_content_percent": "0",
        "us_direct_product": "no",
        "destination": "TR",
    }
    narrows(
        with_item({**US_TO_TR, "assets": []}, **chairs),
        with_item({**US_TO_TR, "assets": []}, **chairs, end_user="Belavia"),
    )


def test_an_aircraft_that_nobody_named_may_be_any() -> None:
    brake = {
        "name": "brake",
        "eccn": "9A991.d",
        "hs": "8807.30",
        "origin": "US",
        "destination": "TR",
        "end_user": "Bosphorus Teknik AS",
    }
    narrows(with_item(US_TO_TR, **brake), with_item(US_TO_TR, **brake, aircraft="EW-001PA"))


def test_items_that_nobody_stated_may_be_for_anybody() -> None:
    narrows(US_TO_TR, with_item(US_TO_TR, name="chairs", eccn="EAR99", end_user="Belavia"))


@pytest.mark.parametrize("beside", [[], [{"party": "Belavia", "percent": "49"}]])
def test_an_owner_who_is_not_known_may_be_listed_under_any_programme(beside: list[Any]) -> None:
    def owned(owner: dict[str, Any]) -> Statement:
        party = {"name": "Holding One", "roles": ["counterparty"], "owners": [*beside, {**owner, "percent": "51"}]}
        return {**CONTRACT, "parties": [*CONTRACT["parties"], party]}

    narrows(owned({"unknown": "yes"}), owned({"party": "Belinvestbank"}))


def test_an_aircraft_without_its_mark_may_be_a_listed_one() -> None:
    less = {
        "activity": "maintenance",
        "at": "2025-07-20T12:00:00-04:00",
        "place": "US",
        "parties": [
            {"name": "Ohio Jet Parts LLC", "roles": ["provider"], "country": "US"},
            {"name": "Bosphorus Teknik AS", "roles": ["customer"], "country": "TR"},
        ],
        "assets": [{"id": "aircraft", "kind": "aircraft"}],
    }
    narrows(less, {**less, "assets": [{"id": "aircraft", "kind": "aircraft", "registration": "EW-001PA"}]})


def test_one_subject_stated_twice_with_its_own_owners_is_bad_input_and_no_crash() -> None:
    twice = [
        {"name": "Transaviaexport", "roles": ["actor"], "owners": [{"party": "A", "percent": "60"}]},
        {
            "name": "Joint Stock Company Transaviaexport Airlines",
            "roles": ["counterparty"],
            "owners": [{"party": "B", "percent": "60"}],
        },
    ]
    with pytest.raises(StatementError, match="Transaviaexport"):
        engine().check({**CONTRACT, "parties": twice})
