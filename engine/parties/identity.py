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
from carveout.engine.parties.adjudications.model import DIFFERENT, NONE, SAME, Adjudications
from carveout.engine.parties.adjudications.settling import Settler
from carveout.engine.parties.alphabets import latin_code
from carveout.engine.parties.anonymous import says_nobody
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


def _said_to_be_another(candidate: Candidate) -> Candidate:
    reason = f"{candidate.reason}; whom it is stated to be has no such name or number"
    return replace(candidate, verdict="possible", reason=reason)


def _answered_in_vain(candidate: Candidate, identified: bool) -> Candidate:
    why = "which the number or mark in common contradicts" if identified else f"but {NOTHING_BESIDE}"
    return replace(
        candidate, verdict="possible", reason=f"{candidate.reason}; answered to be another one, {why}"
    )  # fmt: skip


NOTHING_BESIDE = "nothing is stated beside the very name that tells them apart (a number, a birth date, an address)"


def _surest(one: Sequence[Candidate], other: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The candidates of two names of one party, each as the surer of them says."""
    found: dict[str, Candidate] = {}
    for each in (*one, *other):
        known = found.get(each.subject)
        if known is None or (each.verdict == "same", each.score) > (known.verdict == "same", known.score):
            found[each.subject] = each
    return tuple(found.values())


def told_apart(thing: Thing) -> bool:
    """Is anything stated beside the name by which one bearer of it is told from another?"""
    return any(thing.stated.get(name) for name in ("identifiers", "born", "address", "serial"))


class Records:
    """What is recorded of subjects, worked out once for a rule set."""

    def __init__(self, rules: RuleSet) -> None:
        self.defaults = Defaults(rules.vocabulary)
        self.links = {(f.thing, f.name): LINKS[f.type] for f in rules.vocabulary.facts.values() if f.type in LINKS}
        self.numbers: dict[str, set[str]] = {}
        """Recorded subjects by their numbers, whatever the number is called."""
        for record in rules.subjects.values():
            for value in record.identifiers.values():
                for code in codes_in(value):
                    self.numbers.setdefault(code, set()).add(record.id)
        self.kinds = known_kinds(rules)
        self.facts = {id: recorded_facts(subject, rules.vocabulary) for id, subject in rules.subjects.items()}


class Identifier:
    """Attaches recorded subjects to things."""

    def __init__(self, rules: RuleSet, subjects: Subjects, records: Records | None = None) -> None:
        """`records`: those of that rule set, where they were worked out before."""
        self.rules, self.subjects = rules, subjects
        self.answers = NONE
        self.records = records if records is not None else Records(rules)
        self.defaults, self.links, self.recorded = self.records.defaults, self.records.links, self.records.facts
        self.numbers, self.kinds = self.records.numbers, self.records.kinds

    def with_answers(self, answers: Adjudications) -> Identifier:
        """The same with other answers of people."""
        found = Identifier(self.rules, self.subjects, self.records)
        found.answers = answers
        return found

    def screen(self, act: Act, answers: Adjudications | None = None) -> None:
        """Find the candidates of every named party and asset, and settle those that people answered.

        `answers`: those of this identifier at one moment, where a decision has several acts.
        """
        answers = self.answers.standing() if answers is None else answers
        for thing in act.things:
            if thing.kind == "item" or thing.open:
                continue
            self._screen(thing, answers)

    def _screen(self, thing: Thing, answers: Adjudications) -> None:
        settler = Settler(thing, self.subjects, self.rules.vocabulary, answers) if answers else None
        gone: set[str] = set()
        aside: frozenset[str] = frozenset()
        while True:
            found = [c for c in self._found(thing, aside) if c.subject not in aside]
            denied = {c.subject for c in found if c.subject in thing.not_subjects and self._deniable(thing, c)}
            others = {c.subject for c in found if self._is_another(thing, c, settler)} if settler else set()
            gone |= denied | others
            if not any(c.verdict == "same" and c.subject in gone for c in found):
                break
            # beside one that is the same others are passed over; if it is not the same they must be seen
            aside = frozenset(gone)
        thing.denied = tuple(sorted(s for s in gone if s in thing.not_subjects))
        left = [_denied_in_vain(c) if c.subject in thing.not_subjects else c for c in found if c.subject not in gone]
        if settler is not None:
            left = self._settled(thing, left, settler)
            thing.answers = settler.used()
        thing.candidates = tuple(left)
        if thing.kind == "party" and (why := self._untold(thing)):
            # who is written so may be anybody; with candidates it is asked about these besides
            thing.nameless, thing.open, thing.label, thing.unread = True, not left, thing.name, why

    @staticmethod
    def _untold(thing: Thing) -> str:
        """Why what is stated does not say who a party is, so that it means nothing that nobody recorded is found."""
        if thing.nameless or thing.stated.get("subject") or thing.stated.get("identifiers"):
            return ""
        return "" if any(c.verdict == "same" for c in thing.candidates) else says_nobody(thing.name)

    def _found(self, thing: Thing, aside: frozenset[str]) -> Iterator[Candidate]:
        found = [c for c in self._screened(thing, aside) if self._fits(thing, c)]
        stated = thing.stated.get("subject", {})
        if not stated:
            yield from found
            return
        taken = {self.subjects.list_of(subject) for subject in stated}
        borne = {self.subjects.list_of(c.subject) for c in found if c.subject in stated and c.verdict == "same"}
        for c in found:
            if c.verdict != "same" or c.subject in stated:
                continue
            of = self.subjects.list_of(c.subject)
            if of not in taken:  # who is known by one list may stand on another one as well
                yield c
            elif of not in borne:  # its name is not that of whom it is said to be, and is that of this one
                yield _said_to_be_another(c)

    def _is_another(self, thing: Thing, candidate: Candidate, settler: Settler) -> bool:
        """Did a person answer that it is another one, with nothing in common that proves the opposite?

        An answer about the very name alone would free the listed one itself, wherever it is stated by its name.
        """
        answer = settler.of(candidate.subject)
        if answer is None or answer.answer != DIFFERENT or self._identified(thing, candidate):
            return False
        return candidate.verdict != "same" or told_apart(thing)

    def _settled(self, thing: Thing, found: Sequence[Candidate], settler: Settler) -> list[Candidate]:
        """What is left once those who were answered to be the same are: of their lists nobody else.

        Whom a number points to stays, whatever was answered.
        """
        answers = {c.subject: settler.of(c.subject) for c in found}
        same = {subject for subject, answer in answers.items() if answer is not None and answer.answer == SAME}
        taken = {self.subjects.list_of(subject) for subject in same}
        left = []
        for c in found:
            answer = answers[c.subject]
            if answer is not None and answer.answer == SAME:
                reason = f"{c.reason}; the same, as {answer.person} answered on {answer.made[:10]}"
                c = replace(c, verdict="same", reason=reason, answered="" if c.verdict == "same" else answer.id)
            elif answer is not None:
                c = _answered_in_vain(c, self._identified(thing, c))
            elif self.subjects.list_of(c.subject) in taken and not self._identified(thing, c):
                continue
            left.append(c)
        return left

    def _identified(self, thing: Thing, candidate: Candidate) -> bool:
        """Do a number or a mark in common say that this is the recorded one, whatever anybody says?"""
        record = self.subjects[candidate.subject]
        recorded = self._recorded_numbers(record)
        stated = _coded(thing.stated.get("identifiers", {}))
        if any(stated[key] in recorded[key] for key in stated.keys() & recorded.keys()):
            return True
        codes = {code for known in recorded.values() for value in known for code in codes_in(value)}
        if any(codes & codes_in(value) for value in _numbers_of(thing)):
            return True
        marks = (thing.stated.get("registration"), thing.unreadable.get("registration"), thing.name)
        return thing.kind == "asset" and bool(painted_on(record) & {painted(mark) for mark in marks if mark})

    def _recorded_numbers(self, record: Subject) -> dict[str, set[str]]:
        """Every number that is or was recorded of somebody, by its kind, as numbers are compared."""
        found: dict[str, set[str]] = {key: {code} for key, code in _coded(record.identifiers).items()}
        for history in self.subjects.histories(record.id):
            for spell in history.spells:
                for number in spell.entry.identifiers:
                    for key, code in _coded({number.kind: number.value}).items():
                        found.setdefault(key, set()).add(code)
        return found

    def _deniable(self, thing: Thing, candidate: Candidate) -> bool:
        """May the transaction say by itself that this is somebody else (docs/decisions/0006)?

        Where it is merely like the recorded one: yes. Where the name is the same: if something stated beside it
        contradicts the record. Where an identifier is the same: no.
        """
        if self._identified(thing, candidate):
            return False
        recorded = self._recorded_numbers(self.subjects[candidate.subject])
        stated = _coded(thing.stated.get("identifiers", {}))
        contradicted = any(
            not any(_agree(stated[key], known) for known in recorded[key]) for key in stated.keys() & recorded.keys()
        )
        return candidate.verdict != "same" or contradicted

    def _fits(self, thing: Thing, candidate: Candidate) -> bool:
        return self.subjects[candidate.subject].thing == thing.kind

    def _screened(self, thing: Thing, aside: frozenset[str]) -> Sequence[Candidate]:
        identifiers = dict(thing.stated.get("identifiers", {}))
        if thing.kind == "asset":
            registration = thing.stated.get("registration") or thing.unreadable.get("registration")
            kind = thing.stated.get("kind", "aircraft" if registration else None)
            found: dict[str, Candidate] = {}
            for name in dict.fromkeys(filter(None, (registration, thing.name))):
                for each in self.subjects.screen(name, kind=kind, identifiers=identifiers, aside=aside):
                    if each.subject not in found or found[each.subject].score < each.score:
                        found[each.subject] = each
            known = {*found, *aside}
            foreign = [v for label, v in identifiers.items() if label not in self.kinds]
            return (*found.values(), *(c for c in self._by_number(foreign) if c.subject not in known))
        countries = thing.stated.get("country") or ()
        identifiers = {key.strip().casefold(): value for key, value in identifiers.items()}
        beside: dict[str, Any] = {"countries": countries, "identifiers": identifiers, "aside": aside}
        for name, key in (("born", "birth_dates"), ("address", "addresses")):
            if name in thing.stated:
                beside[key] = (thing.stated[name],)
        by_name = self.subjects.screen(thing.name, kind=thing.stated.get("kind"), **beside)
        for name in thing.also_named:  # of an owner that the ownership register tells of
            further = self.subjects.screen(name, kind=thing.stated.get("kind"), countries=countries, aside=aside)
            by_name = _surest(by_name, further)
        known = {candidate.subject for candidate in by_name} | aside
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
        """Where records are the same it is one of each list; else it may be any of them, or nobody recorded.

        Who is the same by a person's answer alone may, besides, be any that another list has.
        """
        same = [c for c in thing.candidates if c.verdict == "same"]
        open_: list[Candidate] = []
        if same and all(c.answered for c in same):
            open_ = [c for c in thing.candidates if c.verdict != "same"]
        if len(same) == 1 and not open_:
            return ((same[0].subject,),)
        if not same:
            return (*((c.subject,) for c in thing.candidates), NOBODY)
        found = together(same, self.subjects, MOST_HYPOTHESES)
        if not found or len(found) * (len(open_) + 1) > MOST_HYPOTHESES:
            return (UNSURE,)
        # a subject of the rule set comes first: it has facts and owners of its own
        beside = [tuple(sorted((*who, c.subject), key=self.subjects.list_of)) for who in found for c in open_]
        return (*found, *beside)

    def assume(self, act: Act, who: dict[Thing, Who]) -> None:
        """Give every thing its facts under one hypothesis: as stated, as recorded, as other facts say."""
        if act.stated_parts is None:
            act.known = len(act.things)
            act.stated_parts = list(act.parties), list(act.items), list(act.assets)
        else:  # without what an earlier hypothesis or an earlier decision brought in
            del act.things[act.known :]
            parties, items, assets = act.stated_parts
            act.parties, act.items, act.assets = list(parties), list(items), list(assets)
        act.facts = act.stated.copy()
        for thing in act.things:
            facts = thing.facts = thing.stated.copy()
            if thing.kind != "item" and not thing.open:
                stated = facts.get("subject", NO_FACTS)
                facts["subject"] = self._assumed(thing, who, stated) if thing.candidates else dict(stated)
        for thing in act.things:  # the list grows while linked records are added
            if thing.facts.get("subject"):
                self._recall(act, thing)
        self.defaults.complete(act)

    def _assumed(self, thing: Thing, who: dict[Thing, Who], stated: Mapping[str, int]) -> dict[str, int]:
        """The subjects that a thing with candidates is under one hypothesis."""
        choice = who.get(thing)
        if choice is None:
            choice = self._options(thing)[0]
        if choice is UNSURE:
            return {**{c.subject: UNKNOWN for c in thing.candidates}, **stated}
        return {**stated, **dict.fromkeys(choice, TRUE)}

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
