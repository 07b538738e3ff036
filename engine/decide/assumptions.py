"""What was assumed, where asking could have changed a verdict (design: "Not knowing")."""

from __future__ import annotations

from typing import Any

from carveout.engine.decide.evaluation import Evaluation
from carveout.engine.law.vocabulary import YES_NO, Fact


def assumptions_of(evaluation: Evaluation) -> list[dict[str, Any]]:
    """The assumptions of one evaluation that mattered, in a fixed order."""
    rulings = [r for r in evaluation.rulings.values() if r.nexus and r.best < 5]
    if not rulings:
        return []
    act, found = evaluation.act, []
    if any(norm.authority == r.authority for norm in evaluation.program.ownerships for r in rulings):
        for party in act.parties:
            if not party.open and party.owners is None and not party.facts.get("status"):
                found.append(_assumed("party.owners", party, "not owned or controlled by a listed party"))
    for denied in act.things:
        for subject in denied.denied:
            name = evaluation.program.subjects[subject].name
            found.append(_assumed(f"{denied.kind}.subject", denied, f"not {name} ({subject}), as the user states"))
    for path, bans in evaluation.program.assumed.items():
        fact = evaluation.program.rules.vocabulary.facts[path]
        for thing in (act,) if fact.thing == "act" else act.of_kind(fact.thing):
            if fact.name not in thing.facts and not thing.open and _matters(evaluation, fact, thing, bans):
                found.append(_assumed(path, thing, fact.default))
    for fact in evaluation.program.as_said:
        for thing in (act,) if fact.thing == "act" else act.of_kind(fact.thing):
            if (
                not thing.open
                and fact.name in thing.facts
                and fact.name not in thing.stated
                and _worth_saying(fact, thing)
            ):
                found.append({**_assumed(fact.path, thing, list(_as_list(thing.facts[fact.name]))), "as": fact.default})
    for key in act.assumed_empty:
        if any(
            ban.norm.for_each == key[:-1] and ban.authority == r.authority
            for ban in evaluation.program.bans_with[key[:-1]]
            for r in rulings
        ):
            found.append(_assumed(f"act.{key}", act, f"no {key}: the act moves none"))
    return found


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, tuple) else [value]


def _worth_saying(fact: Fact, thing: Any) -> bool:
    """A company has no nationality beside its country; goods and aircraft follow what was said of the act."""
    if fact.thing == "party":
        return bool(thing.facts.get("kind") == "person")
    return fact.path == "act.place"


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
