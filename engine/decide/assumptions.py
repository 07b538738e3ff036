"""What was assumed, where asking could have changed a verdict (design: "Not knowing")."""

from __future__ import annotations

from typing import Any

from carveout.engine.decide.evaluation import Evaluation
from carveout.engine.facts.things import Thing
from carveout.engine.law.truth import TRUE
from carveout.engine.law.vocabulary import LINKS, YES_NO, Fact


def assumptions_of(evaluation: Evaluation) -> list[dict[str, Any]]:
    """The assumptions of one evaluation that mattered, in a fixed order."""
    rulings = [r for r in evaluation.rulings.values() if r.nexus and r.best < 5]
    if not rulings:
        return []
    act, found, program = evaluation.act, [], evaluation.program
    speaking = {ruling.authority for ruling in rulings}
    if not speaking.isdisjoint(program.ownership_authorities):
        for party in act.parties:
            if not party.open and party.owners is None and not party.facts.get("status"):
                found.append(_assumed("party.owners", party, "not owned or controlled by a listed party"))
    for denied in act.things:
        for subject in denied.denied:
            name = program.subjects[subject].name
            found.append(_assumed(f"{denied.kind}.subject", denied, f"not {name} ({subject}), as the user states"))
    for path, bans in program.assumed.items():
        fact = program.rules.vocabulary.facts[path]
        for thing in (act,) if fact.thing == "act" else act.of_kind(fact.thing):
            if fact.name not in thing.facts and not thing.open and _matters(evaluation, fact, thing, bans):
                found.append(_assumed(path, thing, fact.default))
    for fact in program.as_said:
        name = fact.name
        for thing in (act,) if fact.thing == "act" else act.of_kind(fact.thing):
            if name not in thing.stated and name in thing.facts and not thing.open and _worth_saying(fact, thing):
                found.append({**_assumed(fact.path, thing, list(_as_list(thing.facts[fact.name]))), "as": fact.default})
    for told in program.told:
        name = told.fact.name
        for thing in act.things:
            if thing.kind == told.fact.thing and name not in thing.stated and not any(_records(thing)):
                said = told.of(thing)
                if said is not None:
                    found.append({**_assumed(told.fact.path, thing, said), "as": told.code.path})
    for key in act.assumed_empty:
        if not speaking.isdisjoint(program.asking[key[:-1]]):
            found.append(_assumed(f"act.{key}", act, f"no {key}: the act moves none"))
    return found


def _records(thing: Thing) -> list[bool]:
    """Which of the subjects that it may be it is: their records go before what a code tells."""
    return [truth == TRUE for truth in thing.facts.get("subject", {}).values()]


def _as_list(value: Any) -> list[Any]:
    values = value if isinstance(value, tuple) else (value,)
    return [each.name if isinstance(each, Thing) else each for each in values]


def _worth_saying(fact: Fact, thing: Any) -> bool:
    """A company has no nationality beside its country, and goods follow what was said of the act. Who owns an aircraft
    follows from nobody's word."""
    if fact.thing == "party":
        return bool(thing.facts.get("kind") == "person")
    return fact.path == "act.place" or fact.type in LINKS


def _assumed(path: str, thing: Any, value: Any) -> dict[str, Any]:
    return {"fact": path, "of": thing.name, "assumed": value}


def _matters(evaluation: Evaluation, fact: Fact, thing: Any, bans: list[Any]) -> bool:
    """Would the other value engage something stricter than the verdict?"""
    if fact.type != "yes_no":
        return True
    thing.facts[fact.name] = not YES_NO[fact.default]
    evaluation.quantified.clear()
    try:
        for ban in bans:
            ruling = evaluation.rulings[ban.authority]
            if ban.level <= ruling.verdict or not ruling.nexus:
                continue
            for each in (evaluation.act,) if ban.norm.for_each == "act" else evaluation.act.of_kind(ban.norm.for_each):
                if evaluation.engage(ban, each):
                    return True
        return False
    finally:
        del thing.facts[fact.name]
        evaluation.quantified.clear()
