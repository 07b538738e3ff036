"""Grounds asked together say what each of them says alone."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from carveout.engine import Engine, StatementError
from carveout.engine.law.ruleset import build_rules

from ..law.small import FILES, documents

CITED = "citation: {instrument: Act 1, source: invented, sure: primary}"
GROUNDS = f"""
  place:
    title: it is done or leads there
    {CITED}
    when: {{any: [{{fact: act.place, is: UA-43}}, {{any_party: {{fact: party.country, in: [UA, EU]}}}}]}}
  several:
    title: a company or somebody of Z takes part
    {CITED}
    when: {{any_party: {{any: [{{fact: party.kind, is: organisation}}, {{fact: party.country, is: DE}}]}}}}
  every:
    title: all of them are of X
    {CITED}
    when: {{every_party: {{fact: party.country, is: US}}, if_empty: holds}}
  both:
    title: a company of X takes part
    {CITED}
    when: {{any_party: {{all: [{{fact: party.kind, is: organisation}}, {{fact: party.country, is: US}}]}}}}
"""
PLACES: tuple[Any, ...] = ("US", "DE", "UA", "UA-43", "BY", ["US", "UA"], ["BY", "EU"], "BY", "TR", "TR", None)


def engine() -> Engine:
    path = "xx/office/authority.yaml"
    return Engine(build_rules(documents({path: FILES[path].rstrip("\n") + GROUNDS})))


def statement(chance: Random) -> dict[str, Any]:
    kinds = ("organisation", "person", "person", "person", None)
    parties = [
        {"name": f"Party {n}", "roles": [role], "country": chance.choice(PLACES), "kind": chance.choice(kinds)}
        for n, role in enumerate(("actor", "counterparty", "bank"))
    ]
    place = chance.choice(PLACES)
    return {"activity": "payment", "at": "2023-06-01T12:00:00Z", "parties": parties, "place": place}


def test_together_as_alone() -> None:
    by = engine()
    together = by.program.together
    assert {"xx.office.place", "xx.office.several", "xx.office.person", "yy.ministry.person"} <= together.keys()
    assert not {"xx.office.every", "xx.office.both", "xx.office.item"} & together.keys()
    seen = set()
    for seed in range(600):
        try:
            act = by.reader.read(statement(Random(seed))).acts[0]
        except StatementError:
            continue
        by.identifier.assume(act, next(iter(by.identifier.hypotheses(act))))
        for id, truth in together["xx.office.person"].truths(act).items():
            alone = by.program.grounds[id].on_act
            assert alone is not None and alone.truth(act, act) == truth, (seed, id)
            seen.add((id, truth))
    assert len(seen) == 3 * len(together)  # each of them was TRUE, UNKNOWN and FALSE


@pytest.mark.parametrize("doubtful", [True, False])
def test_a_party_that_may_not_exist_decides_nothing(doubtful: bool) -> None:
    by = engine()
    act = by.reader.read(statement(Random(1)) | {"place": "BY"}).acts[0]
    by.identifier.assume(act, {})
    for party in act.parties:
        party.facts["country"], party.doubtful = ("US",), doubtful
    truths = dict(by.program.together["xx.office.person"].truths(act))
    assert truths["xx.office.person"] == (1 if doubtful else 3)
