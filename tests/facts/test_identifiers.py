"""Identifiers: known labels by their kind, unknown ones by their number, and the answer says so."""

from __future__ import annotations

from typing import Any

import pytest

from carveout.engine import Engine, StatementError
from carveout.engine.facts.identifiers import codes_in, kind_of, known_kinds

ENGINE = Engine.load()
KINDS = known_kinds(ENGINE.rules)
BELAVIA_UNP = "600390798"
AT = "2025-09-10T12:00:00-04:00"


def check(**party: Any) -> dict[str, Any]:
    statement = {
        "activity": "service",
        "at": AT,
        "parties": [{"name": "Ohio Jet", "roles": ["seller"], "country": "US"}, {"roles": ["buyer"], **party}],
    }
    return ENGINE.check(statement).body


def refused(**party: Any) -> list[str]:
    with pytest.raises(StatementError) as error:
        check(**party)
    return [problem.message for problem in error.value.problems]


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("UNP", "unp"),
        ("unp no.", "unp"),
        ("SWIFT code", "bic"),
        ("Swift/BIC", "bic"),
        ("IMO number", "imo"),
        ("Tail No.", "registration"),
        ("LEI", "lei"),
        ("lie", None),
        ("Handelsregister", None),
        ("", None),
    ],
)
def test_labels(label: str, kind: str | None) -> None:
    assert kind_of(label, KINDS) == kind


def test_every_number_of_a_record_has_a_known_kind() -> None:
    for subject in ENGINE.rules.subjects.values():
        assert all(kind_of(label, KINDS) == label for label in subject.identifiers), subject.id


def test_a_known_label_makes_it_the_same() -> None:
    body = check(name="Some airline", identifiers={"UNP": BELAVIA_UNP})
    assert [c["verdict"] for e in body["identity"] for c in e["candidates"]][:1] == ["same"]
    assert body["outcome"] == "stop" and body["read_as"] == []


def test_an_unknown_label_is_compared_by_its_number_and_the_answer_says_so() -> None:
    body = check(name="Some airline", identifiers={"Steuernummer": BELAVIA_UNP})
    assert {c["verdict"] for e in body["identity"] for c in e["candidates"]} == {"possible"}
    assert body["outcome"] != "proceed"
    assert [(r["fact"], r["stated"]) for r in body["read_as"]] == [
        ("party.identifiers", f"Steuernummer: {BELAVIA_UNP}")
    ]


def test_an_unknown_label_of_an_aircraft_is_compared_too() -> None:
    act = ENGINE.reader.read(
        {"activity": "service", "at": AT, "assets": [{"model": "737", "identifiers": {"Werknummer": "31835"}}]}
    ).acts[0]
    ENGINE.identifier.screen(act)
    assert [c.verdict for c in act.assets[0].candidates] == ["possible"]


def test_a_code_that_says_nothing_without_its_kind_is_refused() -> None:
    assert "unknown kind of identifier, and too short" in refused(name="X", identifiers={"kurz": "B2"})[0]


@pytest.mark.parametrize("value", ["", "  ", "N/A", "-", "tbd"])
def test_an_empty_number_is_refused(value: str) -> None:
    assert refused(name="X", identifiers={"lei": value})


def test_one_kind_stated_twice_with_two_numbers_is_refused() -> None:
    assert "is another `bic`" in refused(name="X", identifiers={"bic": "BELBBY2X", "SWIFT": "AKBBBY2X"})[0]


@pytest.mark.parametrize(
    ("value", "codes"),
    [("600 390 798", {"600390798"}), ("HRB 12345", {"hrb12345"}), ("B2", set()), ("12345", {"12345"})],
)
def test_what_of_a_number_is_compared(value: str, codes: set[str]) -> None:
    assert codes_in(value) == codes
