"""Which parts of a norm's conditions cases reach: each test true in some case and false in another, or why not.

Every test is asked of every thing of its kind in every case, at the first moment that the case leaves open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from carveout.engine.analyse.cases import OutcomeCase
from carveout.engine.decide.compile import Compiled
from carveout.engine.decide.decision import Engine
from carveout.engine.decide.evaluation import Evaluation
from carveout.engine.facts.problems import StatementError
from carveout.engine.law.conditions import Condition, Junction, Leaf, Not, OwnedBy, Quantified, VerdictIs
from carveout.engine.law.norms import Duty, Exemption, Norm, Prohibition
from carveout.engine.law.truth import FALSE, TRUE, UNKNOWN
from carveout.engine.law.vocabulary import Vocabulary

_WORD = {TRUE: "true", FALSE: "false", UNKNOWN: "unknown"}


@dataclass(slots=True)
class Part:
    """One condition of a norm, with what became of it and of each of its tests."""

    norm: str
    where: str
    thing: str
    compiled: Compiled
    tests: list[str]
    asked: int = 0
    in_force: int = 0
    """How often the norm was in force, perhaps at least, when it was asked."""
    whole: set[int] = field(default_factory=set)
    seen: list[set[int]] = field(default_factory=list)
    """By test: the truths it had while the norm was in force."""

    def gaps(self) -> list[str]:
        """What no case shows, and why."""
        name = f"{self.norm}: {self.where}"
        if not self.asked:
            return [f"{name}: not reached, since no case has a {self.thing}"]
        if not self.in_force:
            return [
                f"{name}: not reached, since no case with a {self.thing} is of a time at which the norm is in force"
            ]
        found = [
            f"{name}: `{test}` is never {_WORD[wanted]}: in all cases it is {_words(seen)}"
            for test, seen in zip(self.tests, self.seen, strict=True)
            for wanted in (TRUE, FALSE)
            if wanted not in seen
        ]
        whole = [wanted for wanted in (TRUE, FALSE) if wanted not in self.whole]
        return found + [f"{name}: as a whole it is never {_WORD[wanted]}" for wanted in whole if not found]


@dataclass(slots=True)
class Coverage:
    """What cases show of some norms."""

    tests: int
    """Twice the number of tests: each is to be true once and false once."""
    reached: int
    gaps: list[str]

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        return {"to_show": self.tests, "shown": self.reached, "not_shown": self.gaps}


def coverage_of(engine: Engine, norms: Iterable[Norm], cases: Iterable[OutcomeCase]) -> Coverage:
    """What cases show of the conditions of some norms, decided under the rules alone."""
    held = list(norms)
    parts = [part for norm in held for part in _parts(norm, engine.rules.vocabulary)]
    by_id = {norm.id: norm for norm in held}
    for case in cases:
        for evaluation in _evaluations(engine, case) if parts else ():
            for part in parts:
                _ask(part, by_id[part.norm], evaluation)
    reached = sum(len(seen & {TRUE, FALSE}) for part in parts for seen in part.seen)
    total = 2 * sum(len(part.tests) for part in parts)
    return Coverage(total, reached, [gap for part in parts for gap in part.gaps()])


def _parts(norm: Norm, vocabulary: Vocabulary) -> Iterator[Part]:
    conditions: list[tuple[str, str, Condition | None, bool]] = []
    if isinstance(norm, Prohibition):
        named = {"when": norm.when, "block": norm.block, "reject": norm.reject}
        conditions = [(name, norm.for_each, condition, False) for name, condition in named.items()]
    elif isinstance(norm, Exemption):
        conditions = [(f"covers {thing}", thing, condition, True) for thing, condition in norm.covers.items()]
        of = next(iter(norm.covers)) if len(norm.covers) == 1 else "act"
        conditions += [(f"except `{exclusion.label}`", of, exclusion.when, False) for exclusion in norm.excepts]
    elif isinstance(norm, Duty):
        conditions = [("when", norm.for_each or "act", norm.when, False)]
    for where, thing, condition, covers in conditions:
        if condition is not None:
            compiled = Compiled(condition, vocabulary, thing, covers=covers)
            tests = list(_tests(condition))
            yield Part(norm.id, where, thing, compiled, tests, seen=[set() for _ in tests])


def _evaluations(engine: Engine, case: OutcomeCase) -> Iterator[Evaluation]:
    decider = engine.now
    try:
        acts = decider.reader.read(case.data["transaction"]).acts
        for act in acts:
            decider.identifier.screen(act)
            for who in decider.identifier.hypotheses(act):
                decider.identifier.assume(act, who)
                yield Evaluation(decider.program, act, act.at.first)
            act.context = None
    except StatementError:  # that the case cannot be read is said where the cases are run
        return


def _ask(part: Part, norm: Norm, evaluation: Evaluation) -> None:
    act = evaluation.act
    in_force = norm.effective.in_force(evaluation.moment) != FALSE
    before = evaluation.statuses.seen_by(norm.authority)
    if before:
        evaluation.quantified.clear()
    for thing in act.things:
        if thing.kind != part.thing:
            continue
        part.asked += 1
        if in_force:
            part.in_force += 1
            answer = part.compiled.ask(thing, act)
            part.whole.add(answer & 3)
            for i, seen in enumerate(part.seen):
                seen.add(answer >> 2 * i + 2 & 3)
    for thing, statuses in before.items():
        thing.facts["status"] = statuses
        evaluation.quantified.clear()


def _tests(condition: Condition) -> Iterator[str]:
    """The tests of a condition, in the order in which they are compiled."""
    if isinstance(condition, Junction):
        for part in condition.parts:
            yield from _tests(part)
    elif isinstance(condition, Not):
        yield from _tests(condition.part)
    else:
        yield in_words(condition)


def in_words(condition: Condition) -> str:
    """A condition on one line."""
    if isinstance(condition, Leaf):
        values = [_value(value) for value in condition.values]
        return f"{condition.path.text} {condition.test} {', '.join(values)}"
    if isinstance(condition, Quantified):
        return f"{condition.kind}_{condition.thing}: {in_words(condition.part)}"
    if isinstance(condition, OwnedBy):
        who = ", ".join((*condition.subjects, *condition.listed))
        return f"owned_by {who} {'at_least' if condition.inclusive else 'more_than'} {condition.threshold}"
    if isinstance(condition, VerdictIs):
        return f"verdict {condition.authority} in {', '.join(condition.verdicts)}"
    if isinstance(condition, Not):
        return f"not ({in_words(condition.part)})"
    return f"{condition.kind} ({'; '.join(map(in_words, condition.parts))})"


def _value(value: Any) -> str:
    return ", ".join(sorted(map(str, value))) if isinstance(value, frozenset | set | tuple) else str(value)


def _words(seen: set[int]) -> str:
    return " or ".join(_WORD[truth] for truth in sorted(seen)) or "not asked"
