"""Grounds asked together say what each of them says alone."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from carveout.engine import Engine, StatementError
from carveout.engine.decide.body import Draft
from carveout.engine.law.ruleset import build_rules

from ..law.small import FILES, documents
from .test_remembering import pair
from .test_remembering import statement as further

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
    origin = chance.choice(("US", "JP", None))
    item = {"name": "part", **({"origin": [origin]} if origin is not None else {})}
    act = {"activity": "payment", "at": "2023-06-01T12:00:00Z", "place": place}
    return {**act, "parties": parties, "items": [item]}


def test_together_as_alone() -> None:
    by = engine()
    soil = by.program.soil
    assert {"xx.office.place", "xx.office.several", "xx.office.person", "yy.ministry.person"} <= soil.shift.keys()
    assert not {"xx.office.every", "xx.office.both"} & soil.shift.keys()
    seen = set()
    for seed in range(600):
        try:
            act = by.reader.read(statement(Random(seed))).acts[0]
        except StatementError:
            continue
        by.identifier.assume(act, next(iter(by.identifier.hypotheses(act))))
        bits, things = soil.of_act(act), soil.of_things(act)
        for id, shift in soil.shift.items():
            ground = by.program.grounds[id]
            alone = ground.on_act.truth(act, act) if ground.on_act is not None else 0
            assert alone == bits >> shift & 3, (seed, id)
            seen.add((id, "act", alone))
            for kind, part in ground.by_thing.items():
                for thing in act.of_kind(kind):
                    own = part.truth(thing, act) & (1 if thing.doubtful else 3)
                    assert own == things[thing] >> shift & 3, (seed, id, thing)
                    seen.add((id, kind, own))
    asked = [by.program.grounds[id] for id in soil.shift]
    places = sum((ground.on_act is not None) + len(ground.by_thing) for ground in asked)
    told = {each for each in seen if each[1] != "act" or by.program.grounds[each[0]].on_act is not None}
    assert len(told) == 3 * places  # each of them was TRUE, UNKNOWN and FALSE


@pytest.mark.parametrize("doubtful", [True, False])
def test_a_party_that_may_not_exist_decides_nothing(doubtful: bool) -> None:
    by = engine()
    act = by.reader.read(statement(Random(1)) | {"place": "BY"}).acts[0]
    by.identifier.assume(act, {})
    for party in act.parties:
        party.facts["country"], party.doubtful = ("US",), doubtful
    soil = by.program.soil
    assert soil.of_act(act) >> soil.shift["xx.office.person"] & 3 == (1 if doubtful else 3)


def test_values_that_were_only_tried_leave_nothing_behind() -> None:
    """To see what is worth asking, values are put in for a fact and taken out again."""
    by, _, lists = pair("shipped")
    chance, asked = Random(99), 0
    for _ in range(80):
        try:
            act = by.reader.read(further(chance, lists)).acts[0]
        except StatementError:
            continue
        by.identifier.screen(act)
        by.identifier.assume(act, next(iter(by.identifier.hypotheses(act))))
        evaluation = next(by.now._evaluations(act))
        asked += bool(Draft(evaluation, []).questions)
        soil = by.program.soil
        assert (evaluation.soil_of_act, evaluation.soil_of) == (soil.of_act(act), soil.of_things(act))
    assert asked
