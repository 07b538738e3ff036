"""Pairs of statements of which one says more than the other about what was asked."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from carveout.engine.facts.case import StatementError
from carveout.engine.law.clocks import parse_instant
from carveout.engine.law.vocabulary import LINKS, Vocabulary

from .mutants import Slot, asked_slots, left_open, slots, some_asset, some_item, some_party, some_value
from .world import HARMLESS, Statement, engine, written


class Lesson(NamedTuple):
    """The same act stated with less and with more, and what was learned."""

    less: Statement
    more: Statement
    learned: str


def a_fact(chance: Random, statement: Statement) -> Lesson | None:
    """An asked fact left out and stated."""
    slot = chance.choice(asked_slots(statement))
    more = copy.deepcopy(statement)
    if slot.fact.name not in slot.entry(more) or chance.random() < 0.3:
        slot.put(more, some_value(chance, slot.fact))
    less = copy.deepcopy(more)
    slot.drop(less)
    if slot.fact.path == "asset.registration" and slot.entry(less).get("kind") != "aircraft":
        return None  # a thing called by a name of its own need not have a mark
    return Lesson(less, more, slot.fact.path) if left_open(less, slot) else None


def a_role(chance: Random, statement: Statement) -> Lesson | None:
    """A role that the activity needs, unfilled and filled by a named party."""
    vocabulary = engine().rules.vocabulary
    role = chance.choice(vocabulary.word("activity", statement["activity"]).needs)
    if role in statement.get("none", ()):
        return None
    less, more = copy.deepcopy(statement), copy.deepcopy(statement)
    activity = statement["activity"]
    less["parties"] = [p for p in statement.get("parties") or () if not fills(vocabulary, p, role, activity)]
    kinds = [word for word in vocabulary.words["role"] if fills(vocabulary, {"roles": [word]}, role, activity)]
    filling = [p for p in statement.get("parties") or () if set(p.get("roles", ())) & set(kinds)]
    elsewhere = json.dumps({**less, "parties": less["parties"]})
    if any(name and json.dumps(name) in elsewhere for p in filling for name in (p.get("id"), p.get("name"))):
        return None  # others name the party: without it they would name somebody else
    if len(filling) == 1 and len(filling[0]["roles"]) == 1 and chance.random() < 0.5:
        more["parties"] = [*less["parties"], filling[0]]
    else:
        more["parties"] = [*less["parties"], some_party(chance, chance.choice(kinds))]
    return None if says_otherwise(less, more) else Lesson(less, more, f"role {role}")


def says_otherwise(less: Statement, more: Statement) -> bool:
    """Does a party of `more` contradict what a record says of somebody whom a record had brought into `less`?

    Who is recorded as the operator of an aircraft has a country by the record; who names it and states another one says
    something else, and not more.
    """
    by, facts = engine(), []
    for statement in (less, more):
        act = by.reader.read(statement).acts[0]
        by.identifier.screen(act)
        known: dict[str, dict[str, Any]] = {}
        for who in by.identifier.hypotheses(act):
            by.identifier.assume(act, who)
            for thing in act.things:
                for subject in thing.facts.get("subject", ()) if thing.kind == "party" else ():
                    known.setdefault(subject, {}).update(thing.facts)
        facts.append(known)
    before, after = facts
    return any(
        before[subject].get(fact.name, told.get(fact.name)) != told.get(fact.name)
        for subject, told in after.items()
        if subject in before
        for fact in by.rules.vocabulary.facts_of("party")
        if fact.name not in ("role", "status", "subject") and fact.type not in LINKS
    )


def fills(vocabulary: Vocabulary, party: dict[str, Any], role: str, activity: str) -> bool:
    """Does the party fill that role in the activity? In a purchase the buyer is who acts."""
    stated = party.get("roles", ())
    meant = vocabulary.word("activity", activity).roles
    roles = [meant.get(each, each) for each in (stated if isinstance(stated, list) else [stated])]
    return any(role in vocabulary.within[f"role:{each}"] for each in roles)


def a_list(chance: Random, statement: Statement) -> Lesson | None:
    """What the activity moves, left out and stated: some things or none."""
    moved = engine().rules.vocabulary.word("activity", statement["activity"]).moves
    if not moved:
        return None
    key = chance.choice(moved)
    if key in statement.get("none", ()):
        return None
    less, more = copy.deepcopy(statement), copy.deepcopy(statement)
    less.pop(key, None)
    if key not in more or chance.random() < 0.4:
        more[key] = [(some_item if key == "items" else some_asset)(chance) for _ in range(chance.randint(0, 2))]
    if key == "items":
        for item in more[key]:  # what the statement says of all items, it does not say otherwise of one
            for name in ("end_user", "aircraft"):
                if name in statement or name in statement.get("none", ()) or not applies(f"item.{name}", item, more):
                    item.pop(name, None)
    return Lesson(less, more, key)


def applies(path: str, item: dict[str, Any], statement: Statement) -> bool:
    """Is the fact applicable to the item for certain or perhaps? Alone in the statement, so that it is found."""
    alone = {**statement, "items": [{key: value for key, value in item.items() if f"item.{key}" != path}]}
    return left_open(alone, Slot(("items", 0), engine().rules.vocabulary.facts[path]))


def an_owner(chance: Random, statement: Statement) -> Lesson | None:
    """A share whose holder is not known, and the holder's name."""
    less = copy.deepcopy(statement)
    if not less.get("parties"):
        return None
    party = chance.choice(less["parties"])
    owners = party.setdefault("owners", [])
    if not isinstance(owners, list) or len(owners) > 3:
        return None
    held = sum(float(owner.get("percent", 0)) for owner in owners)
    if held > 90:
        owners.clear()
        held = 0.0
    share = str(chance.choice([p for p in (10, 49, 50, 51, 100) if held + p <= 100]))
    owners.append({"unknown": "yes", "percent": share})
    more = copy.deepcopy(less)
    name = chance.choice(("Belavia", "Belinvestbank", "Ministry of Finance of Belarus", "A new holder", *HARMLESS))
    here = more["parties"][less["parties"].index(party)]
    here["owners"][-1] = {"party": name, "percent": share}
    return Lesson(less, more, "owner")


Change = Callable[[Statement, str], None]


def restate(slot: Slot) -> Change:
    """State another word in place of that of a fact."""
    return lambda statement, word: slot.put(statement, [word] if slot.fact.many else word)


def role_of(number: int) -> Change:
    """Another role for a party."""
    return lambda statement, word: statement["parties"][number].__setitem__("roles", [word])


def broader_words(more: Statement) -> list[tuple[Change, str, str]]:
    """Every way to say less: what to change, the broader word, the fact."""
    vocabulary = engine().rules.vocabulary
    found: list[tuple[Change, str, str]] = []
    for slot in slots(more):
        value, kind = slot.entry(more).get(slot.fact.name), slot.fact.type
        if not isinstance(value, str):
            continue
        if vocabulary.closed(kind) is not None:
            for wide in sorted(vocabulary.within.get(f"{kind}:{value}", frozenset()) - {value}):
                found.append((restate(slot), wide, slot.fact.path))
        elif kind == "eccn" and "." in value:
            found.append((restate(slot), value.partition(".")[0], slot.fact.path))
    activity = more["activity"]
    for wide in sorted(vocabulary.within[f"activity:{activity}"] - {activity}):
        if vocabulary.word("activity", wide).needs == vocabulary.word("activity", activity).needs:
            found.append((lambda statement, word: statement.__setitem__("activity", word), wide, "act.activity"))
    for number, party in enumerate(more.get("parties") or ()):
        roles = party.get("roles")
        # a role that means another part in this activity is not narrower than the word above it
        if isinstance(roles, list) and len(roles) == 1 and roles[0] not in vocabulary.word("activity", activity).roles:
            for wide in sorted(vocabulary.within[f"role:{roles[0]}"] - {roles[0]}):
                found.append((role_of(number), wide, "party.role"))
    return found


def a_word(chance: Random, statement: Statement) -> Lesson | None:
    """A broad word, place or code, and a narrower one."""
    more, less = copy.deepcopy(statement), copy.deepcopy(statement)
    ways = broader_words(more)
    if not ways:
        return None
    change, wide, path = chance.choice(ways)
    change(less, wide)
    if path == "act.activity":
        # Where the broader activity moves none, a list left out is assumed to be empty (and the answer says so): to
        # state a narrower one that asks for it is to take that back, not to say more.
        word = engine().rules.vocabulary.word
        for key in set(word("activity", more["activity"]).moves) - set(word("activity", wide).moves):
            if key not in more and key not in more.get("none", ()):
                less[key], more[key] = [], []
    return Lesson(less, more, f"narrower {path}")


def a_time(chance: Random, statement: Statement) -> Lesson | None:
    """A bare date, and a moment that bears it somewhere on earth."""
    less = copy.deepcopy(statement)
    less["at"] = statement["at"][:10]
    try:
        day = parse_instant(less["at"], less.get("zone"))
    except ValueError:
        return None
    more = {**copy.deepcopy(less), "at": written(chance.randrange(day.first, day.last))}
    more.pop("zone", None)
    return Lesson(less, more, "time")


KINDS: tuple[Callable[[Random, Statement], Lesson | None], ...] = (a_fact, a_role, a_list, an_owner, a_word, a_time)


def lesson(chance: Random, statement: Statement) -> Lesson | None:
    """Some lesson about the statement; None where that one does not fit."""
    kind = chance.choice((a_fact, a_fact, a_fact, *KINDS))
    try:
        return kind(chance, statement)
    except StatementError:
        return None
