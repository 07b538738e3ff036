"""What an engine remembers changes no answer: one that remembers says what one says that keeps nothing."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

import pytest

from carveout.engine import Engine, StatementError
from carveout.engine.decide import compile, meetings
from carveout.engine.decide.decision import canonical
from carveout.engine.law.ruleset import build_rules

from ..law.small import CITED, documents

FURTHER = {
    f"xx/office/{name}.{kind}.yaml": f"""
title: {name}
authority: xx.office
{CITED}
{more}
"""
    for name, kind, more in (
        ("country", "prohibition", "{when: {fact: party.country, is: BY}}"),
        ("role", "prohibition", "{when: {fact: party.role, is: bank}}"),
        ("currency", "prohibition", "{when: {all: [{fact: act.currency, is: USD}, {fact: party.country, is: RU}]}}"),
        ("amount", "prohibition", "{when: {all: [{fact: act.amount, at_least: 5000}, {fact: party.role, is: actor}]}}"),
    )
    for more in (f"for_each: party\ngrounds: [person]\neffect: prohibited\n{more[1:-1]}",)
} | {
    "xx/office/humane.exemption.yaml": f"""
title: For people
authority: xx.office
{CITED}
stale_after: 30 days
lifts_as: authorized
shields: [xx.office.country, xx.office.role]
covers: {{party: {{fact: act.purpose, is: humanitarian}}}}
except: [{{label: not a bank, when: {{fact: party.role, is: bank}}}}]
""",
    "xx/office/careful.duty.yaml": f"""
title: Take care
authority: xx.office
{CITED}
duty: caution
for_each: party
when: {{fact: party.country, is: TR}}
says: Take care.
""",
}
"""Norms filed under several facts, so that a value left out of what is remembered shows."""
PLACES: tuple[Any, ...] = ("US", "DE", "UA", "BY", "RU", "TR", ["BY", "RU"], None)
ROLES = ("actor", "counterparty", "bank", "end_user", "intermediary")
LISTS = ("us.ofac.sdn/BELARUS", "us.ofac.sdn/BELARUS-EO14038", "eu.annex-i/765", "us.bis.entity-list")
MOMENTS = ("2019-05-05T12:00:00Z", "2022-03-01T12:00:00Z", "2023-08-20", "2024-07-01T00:00:00+02:00", "2025-11-20")


def statement(chance: Random, lists: tuple[str, ...]) -> dict[str, Any]:
    """A transaction of few values, so that most of them come again in others, with a fact left out here and there."""
    parties: list[dict[str, Any]] = [
        {
            "name": f"Party {chance.randrange(10**6)} {n}",
            "roles": [chance.choice(ROLES)],
            "country": chance.choice(PLACES),
            **({"listed": [chance.choice(lists)]} if lists and chance.random() < 0.4 else {}),
        }
        for n in range(chance.randint(1, 3))
    ]
    if len(parties) > 1 and chance.random() < 0.3:
        parties[0]["owners"] = [{"party": parties[1]["name"], "percent": chance.choice(("20", "50", "60"))}]
    stated: dict[str, Any] = {
        "activity": chance.choice(("payment", "sale", "export", "lease", "service")),
        "at": chance.choice(MOMENTS),
        "place": chance.choice(PLACES),
        "parties": parties,
        "purpose": chance.choice((None, ["humanitarian"], ["wind_down"])),
        "amount": chance.choice((None, str(chance.randrange(1, 10**6)))),
        "currency": chance.choice((None, "USD", "EUR")),
        "destination": chance.choice(("BY", "RU", "DE", None)),
    }
    if chance.random() < 0.5:
        stated["items"] = [
            {
                "name": f"part {chance.randrange(10**6)}",
                "eccn": chance.choice(("9A991.d", "EAR99", "5A992.c", None)),
                "origin": chance.choice(("US", "JP", None)),
                "destination": chance.choice(("BY", None)),
            }
            for _ in range(chance.randint(1, 2))
        ]
    return {key: value for key, value in stated.items() if value is not None}


def answer(engine: Engine, stated: dict[str, Any]) -> bytes:
    """The body, or what was refused."""
    try:
        return canonical(engine.check(copy.deepcopy(stated)).body)
    except StatementError as error:
        return str(error).encode()


def pair(made: str) -> tuple[Engine, Engine, tuple[str, ...]]:
    """An engine that remembers, the same without, and lists to be stated."""
    if made == "shipped":
        remembering = Engine.load()
        lists = tuple(name for name in LISTS if name in remembering.rules.held_statuses)
    else:
        remembering = Engine(build_rules(documents(FURTHER)))
        lists = tuple(sorted(remembering.rules.held_statuses))
    bare = Engine(remembering.rules)
    bare.program.remember(False)
    return remembering, bare, lists


@pytest.mark.parametrize("made", ["shipped", "small"])
def test_what_is_remembered_changes_no_answer(made: str) -> None:
    remembering, bare, lists = pair(made)
    chance = Random(20)
    for _ in range(160):
        stated = statement(chance, lists)
        assert answer(remembering, stated) == answer(bare, stated), stated
    kept = remembering.program.meetings["party"]
    assert kept.weight > 0, "nothing was remembered, so that nothing was tried"
    assert bare.program.meetings["party"].weight == 0


@pytest.mark.parametrize(
    ("made", "fact"),
    [("shipped", "status"), ("shipped", "role"), ("shipped", "destination")]
    + [("small", fact) for fact in ("status", "role", "country")],
)
def test_a_fact_that_memory_forgot_would_show(made: str, fact: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = meetings.key_of
    monkeypatch.setattr(meetings, "key_of", lambda names: real([name for name in names if name[1] != fact]))
    with pytest.raises(AssertionError):
        test_what_is_remembered_changes_no_answer(made)


def test_full_memory_is_emptied_and_changes_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    remembering, bare, lists = pair("shipped")
    monkeypatch.setattr(meetings, "MOST_KEPT", 40)
    monkeypatch.setattr(compile, "MOST_TRACES", 1)
    chance = Random(21)
    for _ in range(40):
        stated = statement(chance, lists)
        assert answer(remembering, stated) == answer(bare, stated), stated
    for kept in remembering.program.meetings.values():
        assert sum(len(found) for _, found in kept.known.values()) <= 6, "what no longer fits is still there"


def test_a_decision_does_not_change_what_is_remembered() -> None:
    remembering, bare, lists = pair("shipped")
    chance = Random(22)
    for _ in range(25):
        stated = statement(chance, lists)
        try:
            body = remembering.check(copy.deepcopy(stated)).body
        except StatementError:
            continue
        for finding in body.get("findings", ()):  # whoever takes a body may write into its findings
            finding["title"] = finding["best"] = finding["facts"] = finding["shields"] = "scribbled"
        assert answer(remembering, stated) == answer(bare, stated)
