"""Who the parties are: recorded subjects attached to the things of an act, certain or as hypotheses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product
from typing import Any

from carveout.engine.facts.defaults import Defaults
from carveout.engine.facts.identifiers import codes_in, known_kinds
from carveout.engine.facts.things import Act, Thing
from carveout.engine.law.norms import Subject
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.law.truth import TRUE, UNKNOWN
from carveout.engine.law.vocabulary import LINKS, Vocabulary
from carveout.engine.parties.alphabets import latin_code
from carveout.engine.parties.recorded import painted, painted_on
from carveout.engine.parties.screening import Candidate
from carveout.engine.parties.subjects import Subjects, together

MOST_HYPOTHESES = 32
"""Combinations of possible identities that are decided apart; beyond that a possible identity is an UNKNOWN one."""


Who = tuple[str, ...]
"""The subjects that somebody is taken to be: none, one, or one of each of several lists."""
NOBODY: Who = ()
UNSURE: Who = ("?",)
"""Any of the candidates, or none."""
NO_FACTS: dict[str, Any] = {}


def recorded_facts(subject: Subject, vocabulary: Vocabulary) -> dict[str, Any]:
    """A subject's facts as the engine holds facts; links stay ids of subjects. They were checked when read."""
    found: dict[str, Any] = {}
    for name, raw in subject.facts.items():
        fact = vocabulary.facts[f"{subject.thing}.{name}"]
        read = [vocabulary.read(fact.type, value) for value in (raw if isinstance(raw, list) else [raw])]
        found[name] = tuple(read) if fact.many else read[0]
    return found


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def _numbers_of(thing: Thing) -> list[str]:
    """The numbers stated of a party, its name among them where it is one."""
    if thing.kind != "party":
        return []
    name = [thing.name] if len(_digits(thing.name)) >= 6 else []
    return [*thing.stated.get("identifiers", {}).values(), *name]


def _coded(identifiers: Mapping[str, str]) -> dict[str, str]:
    """Identifiers as they are compared."""
    found = {key.strip().casefold(): latin_code(str(value)) for key, value in identifiers.items()}
    return {key: code for key, code in found.items() if code}


def _agree(one: str, other: str) -> bool:
    """Do two values of an identifier agree, one perhaps less exact than the other (a year of birth, a full date)?"""
    return one.startswith(other) or other.startswith(one)


def _denied_in_vain(candidate: Candidate) -> Candidate:
    reason = f"{candidate.reason}; that it is another one needs more than the transaction's word"
    return replace(candidate, verdict="possible", reason=reason)


def _surest(one: Sequence[Candidate], other: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The candidates of two names of one party, each as the surer of them says."""
    found: dict[str, Candidate] = {}
    for each in (*one, *other):
        known = found.get(each.subject)
        if known is None or (each.verdict == "same", each.score) > (known.verdict == "same", known.score):
            found[each.subject] = each
    return tuple(found.values())


class Identifier:
    """Attaches recorded subjects to things."""

    def __init__(self, rules: RuleSet, subjects: Subjects) -> None:
        self.rules, self.subjects = rules, subjects
        self.defaults = Defaults(rules.vocabulary)
        self.links = {(f.thing, f.name): LINKS[f.type] for f in rules.vocabulary.facts.values() if f.type in LINKS}
        self.numbers: dict[str, set[str]] = {}
        """Recorded subjects by their numbers, whatever the number is called."""
        for record in rules.subjects.values():
            for value in record.identifiers.values():
                for code in codes_in(value):
                    self.numbers.setdefault(code, set()).add(record.id)
        self.kinds = known_kinds(rules)
        self.recorded = {id: recorded_facts(subject, rules.vocabulary) for id, subject in rules.subjects.items()}

    def screen(self, act: Act) -> None:
        """Find the candidates of every named party and asset."""
        for thing in act.things:
            if thing.kind == "item" or thing.open:
                continue
            stated = thing.stated.get("subject", ())
            if stated and not self.subjects.watched:
                continue
            taken = {self.subjects.list_of(subject) for subject in stated}
            found = [
                c
                for c in self._screened(thing)
                if self._fits(thing, c)
                # who is known by one list may stand on another one as well
                and (not taken or (c.verdict == "same" and self.subjects.list_of(c.subject) not in taken))
            ]
            deniable = {c.subject for c in found if c.subject in thing.not_subjects and self._deniable(thing, c)}
            thing.candidates = tuple(
                _denied_in_vain(c) if c.subject in thing.not_subjects else c for c in found if c.subject not in deniable
            )
            thing.denied = tuple(c.subject for c in found if c.subject in deniable)

    def _deniable(self, thing: Thing, candidate: Candidate) -> bool:
        """May the transaction say by itself that this is somebody else (docs/decisions/0006)?

        Where it is merely like the recorded one: yes. Where the name is the same: if something stated beside it
        contradicts the record. Where an identifier is the same: no.
        """
        record = self.subjects[candidate.subject]
        stated = _coded(thing.stated.get("identifiers", {}))
        recorded = _coded(record.identifiers)
        in_common = stated.keys() & recorded.keys()
        if any(stated[key] == recorded[key] for key in in_common) or candidate.subject in {
            found.subject for found in self._by_number(_numbers_of(thing))
        }:
            return False
        marks = (thing.stated.get("registration"), thing.unreadable.get("registration"), thing.name)
        if thing.kind == "asset" and painted_on(record) & {painted(mark) for mark in marks if mark}:
            return False
        contradicted = any(not _agree(stated[key], recorded[key]) for key in in_common)
        return candidate.verdict != "same" or contradicted

    def _fits(self, thing: Thing, candidate: Candidate) -> bool:
        return self.subjects[candidate.subject].thing == thing.kind

    def _screened(self, thing: Thing) -> Sequence[Candidate]:
        identifiers = dict(thing.stated.get("identifiers", {}))
        if thing.kind == "asset":
            registration = thing.stated.get("registration") or thing.unreadable.get("registration")
            kind = thing.stated.get("kind", "aircraft" if registration else None)
            found: dict[str, Candidate] = {}
            for name in dict.fromkeys(filter(None, (registration, thing.name))):
                for each in self.subjects.screen(name, kind=kind, identifiers=identifiers):
                    if each.subject not in found or found[each.subject].score < each.score:
                        found[each.subject] = each
            known = set(found)
            foreign = [v for label, v in identifiers.items() if label not in self.kinds]
            return (*found.values(), *(c for c in self._by_number(foreign) if c.subject not in known))
        countries = thing.stated.get("country") or ()
        identifiers = {key.strip().casefold(): value for key, value in identifiers.items()}
        beside = {"countries": countries, "identifiers": identifiers}
        for name, key in (("born", "birth_dates"), ("address", "addresses")):
            if name in thing.stated:
                beside[key] = (thing.stated[name],)
        by_name = self.subjects.screen(thing.name, kind=thing.stated.get("kind"), **beside)
        for name in thing.also_named:  # of an owner that the ownership register tells of
            further = self.subjects.screen(name, kind=thing.stated.get("kind"), countries=countries)
            by_name = _surest(by_name, further)
        known = {candidate.subject for candidate in by_name}
        by_number = [c for c in self._by_number(_numbers_of(thing)) if c.subject not in known]
        return (*by_name, *by_number)

    def _by_number(self, values: Iterable[str]) -> Iterator[Candidate]:
        """Who bears one of these numbers, whatever it is called there."""
        found: set[str] = set()
        for value in dict.fromkeys(values):
            for subject in sorted({s for code in codes_in(value) for s in self.numbers.get(code, ())} - found):
                found.add(subject)
                yield Candidate(subject, "possible", 90, f"the number `{value}` is recorded of it")

    def hypotheses(self, act: Act) -> Iterator[dict[Thing, Who]]:
        """Who the uncertain things may be: every combination, up to a limit; the last says UNKNOWN for the rest."""
        if not any([t.candidates for t in act.things]):
            yield {}
            return
        open_things = [(t, self._options(t)) for t in act.things if t.candidates and len(self._options(t)) > 1]
        total = 1
        for _, options in open_things:
            total *= len(options)
        if total > MOST_HYPOTHESES:
            yield {thing: UNSURE for thing, _ in open_things}
            return
        for choice in islice(product(*(options for _, options in open_things)), MOST_HYPOTHESES):
            yield {thing: subject for (thing, _), subject in zip(open_things, choice, strict=True)}

    def _options(self, thing: Thing) -> tuple[Who, ...]:
        """Where records are the same it is one of each list; else it may be any of them, or nobody recorded."""
        same = [c for c in thing.candidates if c.verdict == "same"]
        if len(same) == 1:
            return ((same[0].subject,),)
        if not same:
            return (*((c.subject,) for c in thing.candidates), NOBODY)
        return together(same, self.subjects, MOST_HYPOTHESES) or (UNSURE,)

    def assume(self, act: Act, who: dict[Thing, Who]) -> None:
        """Give every thing its facts under one hypothesis: as stated, as recorded, as other facts say."""
        if act.stated_parts is None:
            act.known = len(act.things)
            act.stated_parts = list(act.parties), list(act.items), list(act.assets)
        else:  # without what an earlier hypothesis or an earlier decision brought in
            del act.things[act.known :]
            parties, items, assets = act.stated_parts
            act.parties, act.items, act.assets = list(parties), list(items), list(assets)
        act.facts = dict(act.stated)
        for thing in list(act.things):
            thing.facts = dict(thing.stated)
        for thing in list(act.things):
            if thing.kind == "item" or thing.open:
                continue
            choice = who.get(thing)
            if choice is None:
                choice = self._options(thing)[0] if thing.candidates else NOBODY
            stated = thing.facts.get("subject", {})
            if choice is UNSURE:
                thing.facts["subject"] = {**{c.subject: UNKNOWN for c in thing.candidates}, **stated}
            else:
                thing.facts["subject"] = {**stated, **dict.fromkeys(choice, TRUE)}
        for thing in act.things:  # the list grows while linked records are added
            if thing.facts.get("subject"):
                self._recall(act, thing)
        self.defaults.complete(act)

    def _recall(self, act: Act, thing: Thing) -> None:
        for subject, truth in thing.facts.get("subject", {}).items():
            if truth != TRUE:
                continue
            for name, value in self.recorded.get(subject, NO_FACTS).items():
                if name in thing.facts or name in thing.unreadable:
                    continue
                if (thing.kind, name) in self.links:
                    value = (
                        tuple(self._linked(act, v) for v in value)
                        if isinstance(value, tuple)
                        else self._linked(act, value)
                    )
                thing.facts[name] = value

    def _linked(self, act: Act, id: str) -> Thing:
        """The thing of the act that is that subject, or a new one that takes no part in it."""
        for thing in act.things:
            if thing.facts.get("subject", {}).get(id) == TRUE:
                return thing
        subject = self.subjects[id]
        thing = Thing(subject.thing, 10_000 + len(act.things), id, subject.name)
        thing.facts = {"subject": {id: TRUE}}
        if thing.kind == "party":
            thing.facts["role"] = ()
        act.things.append(thing)
        return thing
