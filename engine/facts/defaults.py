"""Facts whose absence means `as another fact says` (vocabulary: `absent: {as: ...}`), and those that a code tells."""

from __future__ import annotations

from typing import Any, NamedTuple

from carveout.engine.facts.things import Act
from carveout.engine.law.vocabulary import THINGS, Fact, Telling, Vocabulary


class Told(NamedTuple):
    """A fact that a code tells by how it begins: the fact of the code, the one it tells, and what the code implies."""

    code: Fact
    fact: Fact
    telling: Telling
    implied: tuple[tuple[str, str], ...]

    def of(self, thing: Any) -> str | None:
        """What the code of a thing tells: of several, what all of them tell alike; nothing of a ship named like one."""
        codes = thing.facts.get(self.code.name)
        if codes is None or any(thing.facts.get(name) != value for name, value in self.implied):
            return None
        said = {self.telling.of(code) for code in (codes if isinstance(codes, tuple) else (codes,))}
        return said.pop() if len(said) == 1 else None


def told_by(vocabulary: Vocabulary) -> list[Told]:
    """The facts of the vocabulary that codes tell."""
    return [
        Told(fact, vocabulary.facts[telling.path], telling, implied_by(vocabulary, fact))
        for fact in vocabulary.facts.values()
        if fact.type in vocabulary.codes
        for telling in vocabulary.codes[fact.type].tells
        if telling.path.startswith(f"{fact.thing}.")
    ]


def implied_by(vocabulary: Vocabulary, fact: Fact) -> tuple[tuple[str, str], ...]:
    """What a readable code of the fact tells of its thing besides: names of facts, and their values."""
    kind = vocabulary.codes.get(fact.type)
    implied = kind.implies.items() if kind is not None else ()
    return tuple((path.partition(".")[2], value) for path, value in implied if path.startswith(f"{fact.thing}."))


class Defaults:
    """Fills in what another stated fact says; nothing is filled in for a thing that nobody named."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.within = vocabulary.within
        self.implied = [
            (fact.thing, fact.name, name, value)
            for fact in vocabulary.facts.values()
            for name, value in implied_by(vocabulary, fact)
        ]
        self.told = told_by(vocabulary)
        self.read = vocabulary.read
        self.filled = [(fact, fact.filled_by) for fact in vocabulary.facts.values() if fact.filled_by is not None]
        facts = {thing: [_leans(f) for f in vocabulary.facts_of(thing) if f.absent == "as"] for thing in THINGS}
        self.ordered = [(kind, facts[kind]) for kind in ("party", "act", "asset", "item") if facts[kind]]
        """In this order each can lean on the one before."""

    def complete(self, act: Act) -> None:
        """Complete the act and every named thing of it."""
        # also an aircraft that goods are for: it is none of the act's assets, and has its mark all the same
        for each in act.things:
            for kind_of, code, name, value in self.implied:
                if each.kind == kind_of and code in each.facts:
                    each.facts.setdefault(name, value)
            for told in self.told:
                name = told.fact.name
                if each.kind == told.code.thing and name not in each.facts and name not in each.unreadable:
                    text = told.of(each)
                    if text is not None:
                        value = self.read(told.fact.type, text)
                        each.facts[name] = (value,) if told.fact.many else value
        named: dict[str, list[Any]] = {"party": [], "act": [], "asset": [], "item": []}
        for each in act.things:
            if not each.open:
                named[each.kind].append(each)
        for fact, role in self.filled:
            things = named[fact.thing]
            if len(things) == 1 and fact.name not in things[0].facts:
                self._fill(act, things[0], fact, role)
        named["act"] = [act]
        for kind, facts in self.ordered:
            for thing in named[kind]:
                known = thing.facts
                for fact, name, root, source in facts:
                    if name not in known and name not in thing.unreadable:
                        said = self._said(act, thing, fact, root, source)
                        if said is not None:
                            known[name] = said

    def _fill(self, act: Act, thing: Any, fact: Fact, role: str) -> None:
        """Who operates the flight operates its aircraft: where there is one aircraft and one such party, it is said.

        What is recorded of the aircraft is not unsaid by it: that takes the fact itself. Where another party is stated
        with a wider role (an actor), it may turn out to be the one that is meant: then nothing is said.
        """
        fitting = [p for p in act.parties if any(role in self.within[f"role:{r}"] for r in p.facts.get("role", ()))]
        named = [party for party in fitting if not party.open]
        wider = self.within[f"role:{role}"] - {role}
        if any(r in wider for party in act.parties if party not in fitting for r in party.facts.get("role", ())):
            return
        if named and len(named) == len(fitting) and (fact.many or len(named) == 1):
            thing.facts[fact.name] = tuple(named) if fact.many else named[0]

    def _said(self, act: Act, thing: Any, fact: Fact, root: str, name: str) -> Any:
        """What another fact says: `name` of the act, of the thing itself, or of the parties in the role `root`."""
        if root in ("act", thing.kind):
            value = (act if root == "act" else thing).facts.get(name)
        else:  # a role: what its parties say, if all of them say something
            within = self.within
            said = [
                p.facts.get(name)
                for p in act.parties
                if any(root in within[f"role:{r}"] for r in p.facts.get("role", ()))
            ]
            if not said or any(v is None for v in said):
                return None
            value = tuple(dict.fromkeys(x for v in said for x in (v if isinstance(v, tuple) else (v,))))
        if value is None:
            return None
        if fact.many:
            return value if isinstance(value, tuple) else (value,)
        if isinstance(value, tuple):
            return value[0] if len(value) == 1 else None
        return value


def _leans(fact: Fact) -> tuple[Fact, str, str, str]:
    """A fact and its name, with whose fact is taken for it, and which."""
    root, _, source = fact.default.partition(".")
    return fact, fact.name, root, source
