"""Transactions made from others: facts dropped, replaced, added, parties changed, time moved to where law changes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from carveout.engine.decide.evaluation import Evaluation
from carveout.engine.law.vocabulary import LINKS, Fact

from .plain import Plain
from .world import HARMLESS, LISTS, Statement, case_statements, edges, engine, values_of, written

APART = {"role", "subject", "status", "activity"}
"""Facts stated in a form of their own."""


class Slot(NamedTuple):
    """A place in a statement where a fact stands or could stand."""

    where: tuple[str | int, ...]
    fact: Fact

    def entry(self, statement: Statement) -> dict[str, Any]:
        """The mapping that holds the fact."""
        found: Any = statement
        for step in self.where:
            found = found[step]
        assert isinstance(found, dict)
        return found

    def drop(self, statement: Statement) -> Any:
        """Leave the fact out; returns what was stated."""
        entry = self.entry(statement)
        values = [entry.pop(name) for name in (self.fact.name, *self.fact.also) if name in entry]
        return values[0] if values else None

    def put(self, statement: Statement, value: Any) -> None:
        """State the fact."""
        self.drop(statement)
        self.entry(statement)[self.fact.name] = value


def slots(statement: Statement) -> list[Slot]:
    """Every fact that could be stated of the things of a statement."""
    vocabulary = engine().rules.vocabulary
    found = [Slot((), fact) for fact in vocabulary.facts_of("act") if fact.name not in APART]
    for kind, key in LISTS.items():
        for i, _ in enumerate(statement.get(key) or ()):
            found += [Slot((key, i), fact) for fact in vocabulary.facts_of(kind) if fact.name not in APART]
    return found


def asked_slots(statement: Statement) -> list[Slot]:
    """Those whose absence is a question."""
    return [slot for slot in slots(statement) if slot.fact.absent == "asked"]


def subject_names(kind: str) -> tuple[str, ...]:
    """Names by which recorded subjects of a kind of thing are found."""
    return tuple(subject.name for subject in engine().rules.subjects.values() if subject.thing == kind)


def some_party(chance: Random, *roles: str) -> dict[str, Any]:
    """A party: recorded, harmless, listed by the user's word, owned by somebody, or hardly known."""
    party: dict[str, Any] = {"name": chance.choice((*subject_names("party"), *HARMLESS * 4, "Belavia", "Belavia"))}
    if chance.random() < 0.6:
        party["country"] = [chance.choice(("US", "DE", "GB", "CH", "BY", "RU", "TR", "CA"))]
    if chance.random() < 0.4:
        party["kind"] = chance.choice(("organisation", "organisation", "person", "government"))
    if chance.random() < 0.15:
        party["owners"] = some_owners(chance)
    if roles:
        party["roles"] = list(roles)
    return party


def some_owners(chance: Random) -> list[dict[str, Any]]:
    """Owners, some of them unknown."""
    left, owners = 100, []
    for i in range(chance.randint(0, 3)):
        percent = min(left, chance.choice((10, 25, 49, 50, 51, 100)))
        if percent:
            left -= percent
            who: dict[str, Any] = {"unknown": "yes"}
            if chance.random() < 0.8:
                who = {"party": chance.choice((*subject_names("party"), "Belavia", "Belavia", f"Holder {i}"))}
            owners.append({**who, "percent": str(percent)})
    named = [owner.get("party") for owner in owners if "party" in owner]
    return owners if len(set(named)) == len(named) else owners[:1]


def some_value(chance: Random, fact: Fact) -> Any:
    """A value of a fact as a user may state it."""
    if fact.type in LINKS:
        one = some_link(chance, LINKS[fact.type])
        return [one] if fact.many else one
    values = values_of(fact)
    if fact.many:
        return list(dict.fromkeys(chance.choice(values) for _ in range(chance.choice((1, 1, 1, 2)))))
    return chance.choice(values)


def some_link(chance: Random, kind: str) -> Any:
    """Another thing, by its name or stated in full."""
    if kind == "party":
        party = some_party(chance)
        return party["name"] if chance.random() < 0.7 else {**party, "name": party["name"] + " (linked)"}
    return chance.choice(
        (
            "EW-366PA",
            "EW-001PA",
            "D-AXYZ",
            {"registration": "EW-999PA", "registered_in": "BY"},
            {"registration": "TC-ABC", "eccn": "9A991.b"},
        )
    )


def some_item(chance: Random) -> dict[str, Any]:
    """An item with some facts."""
    item: dict[str, Any] = {"name": f"part {chance.randint(1, 9999)}"}
    for fact in engine().rules.vocabulary.facts_of("item"):
        if chance.random() < 0.45:
            item[fact.name] = some_value(chance, fact)
    return item


def some_asset(chance: Random) -> dict[str, Any]:
    """An aircraft or other asset with some facts."""
    asset: dict[str, Any] = {"id": f"asset {chance.randint(1, 9999)}"}
    for fact in engine().rules.vocabulary.facts_of("asset"):
        if fact.name not in APART and chance.random() < 0.3:
            asset[fact.name] = some_value(chance, fact)
    return asset


def some_time(chance: Random) -> dict[str, str]:
    """A moment or a day near a moment at which law changes."""
    moment = chance.choice(edges()) + chance.choice((-86400, -1, 0, 0, 1, 3600, 86400, 40 * 86400, 300 * 86400))
    how = chance.random()
    if how < 0.75:
        return {"at": written(moment)}
    day = {"at": written(moment)[:10]}
    return day if how < 0.85 else {**day, "zone": chance.choice(("America/New_York", "Europe/Minsk"))}


def _mutations(chance: Random, statement: Statement) -> Iterator[None]:
    """Change the statement in place, again and again."""
    vocabulary = engine().rules.vocabulary
    while True:
        how = chance.randint(0, 11)
        there = slots(statement)
        if how <= 1:
            stated = [s for s in there if s.fact.name in s.entry(statement)]
            if stated:
                chance.choice(stated).drop(statement)
        elif how <= 4:
            slot = chance.choice(there)
            slot.put(statement, some_value(chance, slot.fact))
        elif how <= 6:
            for key in ("at", "zone"):
                statement.pop(key, None)
            statement.update(some_time(chance))
        elif how == 7:
            statement["activity"] = chance.choice(tuple(vocabulary.words["activity"]))
        elif how == 8:
            parties = statement.setdefault("parties", [])
            if parties and chance.random() < 0.6:
                at = chance.randrange(len(parties))
                parties[at] = {**some_party(chance), "roles": parties[at].get("roles", ["actor"])}
            else:
                parties.append(some_party(chance, chance.choice(tuple(vocabulary.words["role"]))))
        elif how == 9:
            key, make = chance.choice((("items", some_item), ("assets", some_asset)))
            if statement.get(key) and chance.random() < 0.5:
                del statement[key]
            else:
                statement[key] = [*(statement.get(key) or ()), make(chance)]
        elif how == 10:
            for party in statement.get("parties") or ():
                if chance.random() < 0.3:
                    party["owners"] = some_owners(chance)
        else:
            _small(chance, statement)
        yield


def _small(chance: Random, statement: Statement) -> None:
    parties = statement.get("parties") or []
    how = chance.randint(0, 3)
    statuses = sorted(
        f"{entry.id}/{programme}"
        for authority in engine().rules.authorities.values()
        for entry in authority.lists.values()
        for programme in entry.programmes
    )
    if how == 0 and parties:
        chance.choice(parties)["listed"] = [chance.choice(statuses)]
    elif how == 1 and parties:
        del parties[chance.randrange(len(parties))]
    elif how == 2:
        statement["none"] = [chance.choice(("bank", "counterparty", "items", "assets", "end_user", "aircraft"))]
    else:
        statement["end_user"] = chance.choice(("Belavia", "Hanse Technik GmbH", "Ministry of Defence of Belarus"))


def mutant(chance: Random, base: Statement | None = None, most: int = 5) -> Statement:
    """A worked case, or another statement, changed a few times."""
    statement = copy.deepcopy(chance.choice(case_statements()) if base is None else base)
    steps = _mutations(chance, statement)
    for _ in range(chance.randint(0, most)):
        next(steps)
    return statement


def left_open(statement: Statement, slot: Slot) -> bool:
    """Is the fact unknown as the statement stands: no record gives it, no other fact says it, and it is applicable?"""
    by = engine()
    act = by.reader.read(statement).acts[0]
    by.identifier.screen(act)
    for who in by.identifier.hypotheses(act):
        by.identifier.assume(act, who)
        evaluation = Evaluation(by.program, act, act.at.first)
        thing: Any = act
        if slot.where:
            kind = slot.fact.thing
            thing = next(t for t in act.things if t.kind == kind and t.number == slot.where[1])
        if slot.fact.name in thing.facts:
            return False
        if slot.fact.applies is not None and not Plain(by.rules, evaluation).ask(slot.fact.applies, thing, {}):
            return False
    return True
