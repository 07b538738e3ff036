"""Transactions made from a norm's own conditions: its tests are met one by one, its moment lies where it is in force.

A draft often fails (one test undoes another, a choice among alternatives was a bad one); the engine says whether the
norm is engaged, and whoever asks tries again.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from carveout.engine.law.clocks import FOREVER, Effective, parse_moment
from carveout.engine.law.conditions import Condition, Junction, Leaf, Not, OwnedBy, Quantified, VerdictIs, walk
from carveout.engine.law.norms import Exemption, Prohibition, Unresolved
from carveout.engine.law.vocabulary import LINKS, Fact

from .mutants import asked_slots, some_value
from .world import CODES, HARMLESS, LISTS, Statement, engine, tested, written

EARLIEST = parse_moment("2021-01-15T12:00Z", None)
LATEST = parse_moment("2026-11-20T12:00Z", None)
ELSEWHERE = ("KZ", "TR", "JP", "BR")


class Draft:
    """A statement in the making."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.statement: Statement = {"activity": "service", "parties": [], "items": [], "assets": []}
        self.count = 0

    def new(self, kind: str) -> dict[str, Any]:
        """One more thing."""
        self.count += 1
        entry: dict[str, Any] = {"id": f"{kind} {self.count}"}
        if kind == "party":
            entry["name"] = f"{self.chance.choice(HARMLESS)} {self.count}"
            entry["id"] = entry["name"]
        self.statement[LISTS[kind]].append(entry)
        return entry

    def some(self, kind: str) -> dict[str, Any]:
        """A thing that is there, or a new one."""
        there = self.statement[LISTS[kind]]
        return self.chance.choice(there) if there and self.chance.random() < 0.7 else self.new(kind)

    def linked(self, entry: dict[str, Any], link: Fact) -> dict[str, Any]:
        """Where a link leads; made if it leads nowhere."""
        kind = LINKS[link.type]
        names = entry.get(link.name)
        name = names[0] if isinstance(names, list) and names else names
        for each in self.statement[LISTS[kind]]:
            if each["id"] == name:
                return each  # type: ignore[no-any-return]
        found = self.some(kind)
        entry[link.name] = [found["id"]] if link.many else found["id"]
        return found

    # ---- conditions

    def meet(self, condition: Condition, bound: dict[str, Any], want: bool = True) -> None:
        """Make the condition true (or false) of what is bound."""
        chance = self.chance
        if isinstance(condition, Not):
            self.meet(condition.part, bound, not want)
        elif isinstance(condition, Junction):
            parts = list(condition.parts)
            if (condition.kind == "all") != want and parts:
                parts = [chance.choice(parts)]
            for part in parts:
                self.meet(part, bound, want)
        elif isinstance(condition, Quantified):
            key = LISTS[condition.thing]
            if (condition.kind == "any") == want:
                self.meet(condition.part, {**bound, condition.thing: self.some(condition.thing)}, want)
            else:
                for each in self.statement[key]:
                    self.meet(condition.part, {**bound, condition.thing: each}, want)
                if not self.statement[key] and want and not condition.if_empty:
                    self.meet(condition.part, {**bound, condition.thing: self.new(condition.thing)}, want)
        elif isinstance(condition, OwnedBy):
            self.own(condition, bound, want)
        elif isinstance(condition, Leaf):
            entry = bound[condition.path.root] if condition.path.root in bound else self.some(condition.path.root)
            for link in condition.path.links:
                entry = self.linked(entry, link)
            self.state(condition, entry, want)
        else:
            assert isinstance(condition, VerdictIs)  # that is up to the other authority

    def own(self, condition: OwnedBy, bound: dict[str, Any], want: bool) -> None:
        """Give the party owners who reach the share, or none."""
        entry = bound[condition.root]
        for link in condition.links:
            entry = self.linked(entry, link)
        if not want:
            entry.pop("owners", None)
            return
        share = str(condition.threshold if condition.inclusive else condition.threshold + 1)
        if condition.subjects:
            holder: Any = engine().rules.subjects[self.chance.choice(condition.subjects)].name
        else:
            self.count += 1
            holder = {"name": f"Owner {self.count}", "listed": [self.status(self.chance.choice(condition.listed))]}
        entry["owners"] = [{"party": holder, "percent": share}]

    def status(self, status: str) -> str:
        """A status as a user can state it."""
        if status.endswith("/other"):
            name = status.partition("/")[0]
            held = engine().rules.held_statuses
            for authority in engine().rules.authorities.values():
                if name in authority.lists:
                    free = [f"{name}/{p}" for p in authority.lists[name].programmes if f"{name}/{p}" not in held]
                    return self.chance.choice(free) if free else name
        return status

    def state(self, leaf: Leaf, entry: dict[str, Any], want: bool) -> None:
        """State one fact so that the test holds, or does not."""
        fact, chance = leaf.path.fact, self.chance
        if fact.type == "status":
            listed = entry.setdefault("listed", [])
            if want:
                listed.append(self.status(chance.choice(leaf.values)))
            else:
                entry["listed"] = [s for s in listed if s not in leaf.values and s.partition("/")[0] not in leaf.values]
        elif fact.type == "subject":
            if want:
                entry["subject"] = chance.choice(leaf.values)
            elif entry.get("subject") in leaf.values:
                del entry["subject"]
        elif fact.path == "party.role":
            roles = entry.setdefault("roles", [])
            if want:
                roles.append(chance.choice(leaf.values))
            else:
                entry["roles"] = [role for role in roles if role not in leaf.values]
        elif fact.path == "act.activity":
            if want:
                kinds = [
                    word
                    for word in engine().rules.vocabulary.words["activity"]
                    if any(wanted in engine().rules.vocabulary.within[f"activity:{word}"] for wanted in leaf.values)
                ]
                entry["activity"] = chance.choice(kinds)
        elif leaf.test == "in_set" and (not want or not leaf.values[0].codes or chance.random() < 0.3):
            key, against = ("in_sets", "not_in_sets") if want else ("not_in_sets", "in_sets")
            entry[key] = [*entry.get(key, ()), leaf.values[0].name]
            entry[against] = [name for name in entry.get(against, ()) if name != leaf.values[0].name]
        else:
            value = self.value(leaf) if want else self.other(leaf)
            if value is None:
                entry.pop(fact.name, None)
            else:
                entry[fact.name] = [value] if fact.many else value

    def value(self, leaf: Leaf) -> Any:
        """A value for which the test holds."""
        fact, chance = leaf.path.fact, self.chance
        wanted = chance.choice(leaf.values)
        if leaf.test == "in_set":
            return chance.choice(wanted.codes)
        if fact.type == "place":
            inside = sorted(engine().rules.vocabulary.holds[f"place:{wanted}"])
            return chance.choice(inside) if inside and chance.random() < 0.8 else wanted
        if fact.type in engine().rules.vocabulary.codes:
            known = [
                c
                for c in (*CODES.get(fact.type, ()), *tested()[fact.path], wanted + "991", wanted + "991.d")
                if c.startswith(wanted) and engine().rules.vocabulary.codes[fact.type].read(c)
            ]
            return chance.choice(known) if known else wanted
        if isinstance(wanted, bool):
            return "yes" if wanted else "no"
        step: Any = timedelta(days=1) if isinstance(wanted, date) else Decimal(1)
        moved = wanted + step if leaf.test == "more_than" else wanted
        return str(wanted - step if leaf.test in ("less_than", "before") else moved)

    def other(self, leaf: Leaf) -> Any:
        """A value for which it does not; None where leaving the fact out says that."""
        fact, wanted = leaf.path.fact, leaf.values[0]
        if fact.absent in ("claimed", "assumed", "none"):
            return None
        if isinstance(wanted, bool):
            return "no" if wanted else "yes"
        if leaf.test in ("at_least", "from", "more_than", "less_than", "before", "at_most"):
            step: Any = timedelta(days=1) if isinstance(wanted, date) else Decimal(1)
            down = leaf.test in ("at_least", "from")
            return str(wanted - step if down else wanted + step if leaf.test == "at_most" else wanted)
        if fact.type == "place":
            return self.chance.choice(ELSEWHERE)
        codes = {"eccn": "EAR99", "hs": "9403.20", "registration": "TC-XYZ", "currency": "EUR"}
        return codes.get(fact.type)

    # ---- the rest

    def fill(self) -> Statement:
        """Give the activity what it needs, and what is known of everybody."""
        statement, chance, vocabulary = self.statement, self.chance, engine().rules.vocabulary
        word = vocabulary.word("activity", statement["activity"])
        for party in statement["parties"]:
            party["roles"] = list(dict.fromkeys(party.get("roles", ())))
        for role in word.needs:
            if not any(role in vocabulary.within[f"role:{r}"] for p in statement["parties"] for r in p["roles"]):
                idle = [party for party in statement["parties"] if not party["roles"]]
                party = chance.choice(idle) if idle and chance.random() < 0.7 else self.new("party")
                party.setdefault("roles", []).append(role)
        for party in statement["parties"]:
            if not party.get("roles"):
                party["roles"] = [chance.choice(("intermediary", "signatory", "counterparty"))]
            party["roles"] = list(dict.fromkeys(party["roles"]))
            party.setdefault("country", [chance.choice(ELSEWHERE)])
            party.setdefault("kind", "organisation")
            if "listed" in party:
                party["listed"] = sorted(set(party["listed"]))
        for asset in statement["assets"] if statement["activity"] == "release_blocked_property" else ():
            if chance.random() < 0.9:
                asset.setdefault(
                    "blocked_since", chance.choice(("2021-08-20", "2022-12-20", "2023-09-01", "2024-03-01"))
                )
                names = ("Belavia", "Belinvestbank", "JSC 558 Aircraft Repair Plant", *HARMLESS)
                asset.setdefault("interest_of", [chance.choice(names)])
        for key in word.moves:
            if not statement[key] and chance.random() < 0.7:
                self.new(key[:-1])
        for slot in asked_slots(statement):
            if slot.fact.type not in LINKS and slot.fact.name not in slot.entry(statement) and chance.random() < 0.25:
                slot.put(statement, some_value(chance, slot.fact))
        return statement

    def date(self, stretches: list[Effective], stale_from: int = FOREVER) -> None:
        """A moment at which all are in force for certain, often near an edge of it."""
        low = max([EARLIEST - 5 * 365 * 86400, *(e.begins.by for e in stretches)])
        high = min([LATEST, stale_from, *(e.ends.after for e in stretches)])
        low = min(max(low, EARLIEST) if high > EARLIEST else low, high - 1)
        how = self.chance.random()
        moment = low if how < 0.1 else high - 1 if how < 0.2 else self.chance.randrange(low, max(high, low + 1))
        self.statement["at"] = written(moment)


def engaging(chance: Random, norm: Prohibition, exemption: Exemption | None = None) -> Statement:
    """A statement that should engage the prohibition and, if one is given, be covered by the exemption."""
    draft = Draft(chance)
    thing: dict[str, Any] = draft.statement if norm.for_each == "act" else draft.new(norm.for_each)
    bound = {"act": draft.statement, norm.for_each: thing}
    statuses = [s for s in norm.statuses if exemption is None or not exemption.statuses or s in exemption.statuses]
    if statuses:
        thing["listed"] = [draft.status(chance.choice(statuses))]
    todo: list[tuple[Condition, dict[str, Any], bool]] = []
    if norm.when is not None:
        todo.append((norm.when, bound, True))
    authority = engine().rules.authorities[norm.authority]
    ground = authority.grounds[chance.choice(norm.grounds)].conditions
    todo.append((ground[norm.for_each], bound, True) if norm.for_each in ground else (ground["act"], bound, True))
    stretches, stale_from = [norm.effective], FOREVER
    if chance.random() < 0.5:  # else the moment may lie where the question is not open
        todo += [(question, bound, False) for question in settled(norm.unresolved)]
    if exemption is not None:
        todo.append((exemption.covers[norm.for_each], bound, True))
        todo += [(exclusion.when, bound, False) for exclusion in exemption.excepts]
        todo += [(question, bound, False) for question in settled(exemption.unresolved)]
        stretches.append(exemption.effective)
        stale_from = exemption.stale_from
        for licence in of_the_other_authority(chance, exemption, norm.for_each):
            for party in draft.statement["parties"] or [draft.new("party")]:
                todo.append((licence.covers["party"], {"act": draft.statement, "party": party}, True))
            stretches.append(licence.effective)
        if exemption.granted:
            held = {"issuer": norm.authority, "reference": "2025/1", "grants": exemption.id}
            draft.statement["authorisations"] = [held]
    if exemption is not None and chance.random() < 0.5:
        todo.reverse()
    for condition, things, want in todo:
        draft.meet(condition, things, want)
    if exemption is not None or chance.random() < 0.5:  # once more: what came later may have undone what came first
        for condition, things, want in todo:
            draft.meet(condition, things, want)
    statement = draft.fill()
    draft.date(stretches, stale_from)
    return statement


def of_the_other_authority(chance: Random, exemption: Exemption, thing: str) -> Iterator[Exemption]:
    """Where an exemption reads another authority's verdict: a licence of that authority, so that it may authorise."""
    for part in walk(exemption.covers[thing]):
        if isinstance(part, VerdictIs):
            licences = engine().rules.of_kind(Exemption)
            yield chance.choice([e for e in licences if e.authority == part.authority and "party" in e.covers])


def settled(questions: tuple[Unresolved, ...]) -> Iterator[Condition]:
    """The conditions under which open questions of law bear."""
    for question in questions:
        if question.when is not None:
            yield question.when


def opened(chance: Random, statement: Statement) -> Statement:
    """The same with something left out or left unsaid."""
    less = copy.deepcopy(statement)
    for _ in range(chance.choice((1, 1, 2, 3))):
        how = chance.random()
        stated = [slot for slot in asked_slots(less) if slot.fact.name in slot.entry(less)]
        if how < 0.6 and stated:
            chance.choice(stated).drop(less)
        elif how < 0.75 and less["parties"]:
            party = chance.choice(less["parties"])
            party["owners"] = [{"unknown": "yes", "percent": "60"}]
            party.pop("listed", None)
        elif how < 0.9 and less["parties"]:
            del less["parties"][chance.randrange(len(less["parties"]))]
        else:
            less.pop(chance.choice(("items", "assets")), None)
    return less
