"""Deciding: a transaction in, a decision out."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carveout.engine.decide.answer import Answer, Who
from carveout.engine.decide.assumptions import assumptions_of
from carveout.engine.decide.body import Draft
from carveout.engine.decide.evaluation import Evaluation
from carveout.engine.decide.program import Program
from carveout.engine.facts.case import Case, CaseReader, Problem, StatementError
from carveout.engine.facts.things import Act
from carveout.engine.law.clocks import date_in, day_start, parse_moment, zone_named
from carveout.engine.law.norms import Norm
from carveout.engine.law.ruleset import SHIPPED, RuleSet, load_rules
from carveout.engine.parties.adjudications.model import NONE, Adjudications
from carveout.engine.parties.identity import Identifier
from carveout.engine.parties.registers.register import Register
from carveout.engine.parties.registers.supplement import Supplement
from carveout.engine.parties.screening import Screener
from carveout.engine.parties.subjects import Subjects
from carveout.engine.parties.watchlist.watchlist import Watchlist

UTC_ZONE = zone_named("UTC")
_CHANGING = threading.Lock()
"""Held while an engine changes what it asks: of two changes at once none may be lost, least of all a withdrawal.
One for all engines, as an engine is copied between processes and a lock cannot be."""
MOST_MOMENTS = 500
"""Stretches of a bare date in which the law differs; more are refused, with the request to state the time."""

MOST_FINDINGS = 5_000
"""Findings of one transaction, all acts of a deal together; what meets more is refused, with the request to split."""
MOST_TRIED = 20_000
"""The same with every moment of a bare date and every hypothesis counted by itself."""


_TOO_MUCH = Problem(
    "transaction",
    f"meets more prohibitions than one answer can hold ({MOST_FINDINGS:,}): split it into smaller ones,"
    " and state the time and who the parties are where that is open",
)


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one transaction: `body` is JSON data without id or wall clock."""

    body: dict[str, Any]
    reference: str | None = None

    @property
    def outcome(self) -> str:
        """proceed, review or stop."""
        return str(self.body["outcome"])

    def verdict(self, authority: str) -> str:
        """One authority's verdict."""
        return str(next(a["verdict"] for a in self.body["authorities"] if a["authority"] == authority))

    def canonical(self) -> bytes:
        """The body as canonical JSON: sorted keys, no spaces, UTF-8."""
        return canonical(self.body)


def canonical(data: Any) -> bytes:
    """Canonical JSON: equal data, equal bytes."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


class Decider:
    """Decides cases with one rule set, one state of the lists, of the register and of people's answers. Immutable."""

    def __init__(self, program: Program, reader: CaseReader, identifier: Identifier, owners: Register | None) -> None:
        """The answers of people are those that `identifier` has."""
        self.program, self.reader, self.identifier, self.owners = program, reader, identifier, owners
        self.rules, self.subjects = program.rules, program.subjects
        self.answer = Answer(self.rules, self.subjects, program.cited, owners.fingerprint if owners else None)
        self.supplement = Supplement(owners, self.rules.vocabulary) if owners is not None else None

    @classmethod
    def of(
        cls, rules: RuleSet, subjects: Subjects, owners: Register | None = None, answers: Adjudications = NONE
    ) -> Decider:
        """One made ready for a rule set, for who is recorded, for an ownership register, and for people's answers."""
        identifier = Identifier(rules, subjects).with_answers(answers)
        return cls(Program(rules, subjects), CaseReader(rules, subjects), identifier, owners)

    def with_owners(self, owners: Register | None) -> Decider:
        """The same with another register."""
        return Decider(self.program, self.reader, self.identifier, owners)

    def with_answers(self, answers: Adjudications) -> Decider:
        """The same with other answers of people to who somebody is."""
        return Decider(self.program, self.reader, self.identifier.with_answers(answers), self.owners)

    def known_at(self, moment: int) -> Decider:
        """The same with what was public at a moment: of the rule set, the lists, the register; and answered by then."""
        rules = self.rules.known_at(moment)
        owners = self.owners.known_at(date_in(moment, UTC_ZONE)) if self.owners is not None else None
        answers = self.identifier.answers.known_at(moment)
        return Decider.of(rules, self.subjects.known_at(rules, moment), owners, answers)

    def decide(self, case: Case) -> Decision:
        """Decide a case that was read before. Raises StatementError."""
        bodies = []
        answers = self.identifier.answers.standing()
        for act in case.acts:
            self.screen(act, answers)
            bodies.append(self.decide_act(act))
            if sum(len(body["findings"]) for body in bodies) > MOST_FINDINGS:
                raise StatementError([_TOO_MUCH])
        body = bodies[0] if len(bodies) == 1 else self.answer.deal(bodies)
        return Decision(body, case.reference)

    def screen(self, act: Act, answers: Adjudications | None = None) -> None:
        """Find out who the parties of an act may be, and who their owners are; once for each act."""
        if self.supplement is not None:
            self.supplement.into(act)
        self.identifier.screen(act, answers)

    def decide_act(self, act: Act) -> dict[str, Any]:
        """The body for one act whose parties have been screened. Raises StatementError."""
        drafts: list[tuple[Who, Draft]] = []
        tried = 0
        for who in self.identifier.hypotheses(act):
            self.identifier.assume(act, who)
            for evaluation in self._evaluations(act):
                met = sum([len(ruling.findings) for ruling in evaluation.rulings.values()])
                tried += met
                if met > MOST_FINDINGS or tried > MOST_TRIED:
                    raise StatementError([_TOO_MUCH])
                drafts.append((who, Draft(evaluation, assumptions_of(evaluation))))
        act.context = None
        return self.answer.body(act, drafts)

    def _evaluations(self, act: Act) -> Iterator[Evaluation]:
        """One evaluation for each stretch of the stated time in which the law stays the same."""
        first, last = act.at.first, act.at.last
        evaluation = Evaluation(self.program, act, first)
        yield evaluation
        if act.at.is_moment:
            return
        done = {first}
        todo = {edge for edge in self._edges(evaluation) if first < edge < last}
        while todo:
            moment = min(todo)
            done.add(moment)
            if len(done) > MOST_MOMENTS:
                raise StatementError([Problem("at", "the law changes too often within that day: state the time")])
            evaluation = Evaluation(self.program, act, moment)
            yield evaluation
            todo |= {edge for edge in self._edges(evaluation) if first < edge < last}
            todo -= done

    def _edges(self, evaluation: Evaluation) -> Iterator[int]:
        """The moments at which a norm that can matter to the act begins, ends, or changes otherwise."""
        program, graph = self.program, evaluation.statuses.graph
        norms: list[Norm] = [*program.ownerships, *(listing for listing, _ in program.classes)]
        for candidates in evaluation.candidates.values():
            for ban, _ in candidates:
                norms.append(ban.norm)
                norms += [cover.norm for cover in ban.shields]
                yield from (cover.norm.stale_from for cover in ban.shields)
        subjects = {subject for thing in evaluation.act.things for subject in thing.facts.get("subject", ())}
        for subject in sorted(subjects | (graph.subjects if graph else frozenset())):
            norms += program.subjects.listings(subject)
        spans = [(s.since, s.until) for s in graph.stakes] + [(c.since, c.until) for c in graph.found] if graph else []
        days = {day for span in spans for day in span if day is not None}
        for zone in {authority.zone for authority in program.rules.authorities.values()} if days else ():
            yield from (day_start(day, zone) for day in days)
        for norm in norms:
            yield from norm.effective.edges()
            for question in norm.unresolved:
                yield from (*question.begins[:2], *question.ends[:2])


class Engine:
    """Decides transactions under one rule set. Safe to use from several threads, each with its own transactions.

    The lists, the ownership register and the answers of people that it asks may be changed for others: a decision under
    way keeps its own.
    """

    def __init__(
        self,
        rules: RuleSet,
        screener: Screener | None = None,
        watchlist: Watchlist | None = None,
        owners: Register | None = None,
        threshold: float | None = None,
    ) -> None:
        """`watchlist`: the official lists that are kept; `owners`: the ownership register. Left out, none is asked.

        `threshold`: from which score on, 50 to 100, a name is a candidate (left out: the shipped one).
        """
        places = rules.vocabulary.places.values()
        self._screener = screener or Screener(rules.subjects.values(), places, threshold=threshold)
        self._now = Decider.of(rules, Subjects(rules, self._screener, watchlist), owners)

    @classmethod
    def load(
        cls,
        folder: Path = SHIPPED,
        watchlist: Watchlist | None = None,
        owners: Register | None = None,
        threshold: float | None = None,
    ) -> Engine:
        """An engine for the rules in a folder (left out: the shipped ones). Raises RuleError."""
        return cls(load_rules(folder), watchlist=watchlist, owners=owners, threshold=threshold)

    def use_owners(self, owners: Register | None) -> None:
        """Look parties up in this register from the next decision on."""
        with _CHANGING:
            self._now = self._now.with_owners(owners)

    def use_lists(self, watchlist: Watchlist | None) -> None:
        """Ask these lists from the next decision on."""
        with _CHANGING:
            now = self._now
            subjects = Subjects(now.rules, self._screener, watchlist)
            self._now = Decider.of(now.rules, subjects, now.owners, now.identifier.answers)

    def use_answers(self, answers: Adjudications) -> None:
        """Settle who somebody is by these answers of people from the next decision on."""
        with _CHANGING:
            self._now = self._now.with_answers(answers)

    def under(self, rules: RuleSet) -> Engine:
        """Another engine for another rule set that asks the same lists, the same register and the same answers."""
        other = Engine(rules, None, self.subjects.watchlist, self.owners, self.subjects.threshold)
        other.use_answers(self._now.identifier.answers)
        return other

    def take(self, other: Engine) -> None:
        """Decide under the rule set of another engine from the next decision on; all else stays as it is."""
        with _CHANGING:
            now, then = self._now, other.now
            answers = now.identifier.answers
            if then.subjects.watchlist is not now.subjects.watchlist:
                subjects = Subjects(then.rules, other._screener, now.subjects.watchlist)
                then = Decider.of(then.rules, subjects, now.owners, answers)
            else:
                then = then.with_owners(now.owners).with_answers(answers)
            self._screener, self._now = other._screener, then

    def pinned(self) -> Engine:
        """This engine as it is now: whatever others change, what it asks stays the same."""
        same, now = object.__new__(Engine), self._now  # without waiting for whoever makes another ready
        same._screener, same._now = now.subjects.screener, now
        return same

    def with_lists(self, watchlist: Watchlist | None) -> Engine:
        """Another engine of the same rule set that asks these lists, no register, and nobody's answers."""
        return Engine(self.rules, self._screener, watchlist)

    @property
    def now(self) -> Decider:
        """What decides at present."""
        return self._now

    @property
    def rules(self) -> RuleSet:
        """The rule set."""
        return self._now.rules

    @property
    def subjects(self) -> Subjects:
        """Everybody who is recorded."""
        return self._now.subjects

    @property
    def owners(self) -> Register | None:
        """The ownership register in use."""
        return self._now.owners

    @property
    def program(self) -> Program:
        """The rule set made ready."""
        return self._now.program

    @property
    def reader(self) -> CaseReader:
        """What reads transactions."""
        return self._now.reader

    @property
    def identifier(self) -> Identifier:
        """What says who the parties are."""
        return self._now.identifier

    @property
    def answer(self) -> Answer:
        """What builds the bodies."""
        return self._now.answer

    def as_known(self, moment: str) -> Decider:
        """What decides with what was public at a moment. Raises ValueError."""
        return self._now.known_at(parse_moment(moment, None))

    def check(self, transaction: object, *, as_known: str | None = None) -> Decision:
        """Decide a stated transaction (JSON-like data). Raises StatementError.

        `as_known`: a moment with its offset; rule set, lists and register are then what was public at that moment.
        """
        decider = self._now if as_known is None else self.as_known(as_known)
        return decider.decide(decider.reader.read(transaction))

    def decide(self, case: Case) -> Decision:
        """Decide a case that was read before. Raises StatementError."""
        return self._now.decide(case)

    def decide_act(self, act: Act) -> dict[str, Any]:
        """The body for one act whose parties have been screened. Raises StatementError."""
        return self._now.decide_act(act)
