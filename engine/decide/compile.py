"""Conditions made into Python functions: one pass over a thing gives its truth and what became of every leaf.

A compiled condition returns `truth | pattern << 2`; the pattern holds two bits for each leaf. What a finding must show
(facts used, facts missing) depends on the pattern alone, so it is worked out once for each pattern and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from carveout.engine.decide.joint_leaves import make_leaf
from carveout.engine.decide.leaves import AskedLeaf, Entry
from carveout.engine.decide.plans import Plan, generated, plan_of, plans_for
from carveout.engine.decide.writing import Trace, trace_of, traces_for
from carveout.engine.facts.things import Act
from carveout.engine.law.conditions import Condition, Junction, Not
from carveout.engine.law.truth import FALSE, TRUE
from carveout.engine.law.vocabulary import Vocabulary

MOST_TRACES = 64
"""Answers whose traces are remembered for a condition and its like."""


class Compiled:
    """A condition that can be asked of a thing."""

    __slots__ = ("ask", "every", "leaves", "plans", "shape", "thing", "traces")

    def __init__(self, condition: Condition, vocabulary: Vocabulary, thing: str, *, covers: bool = False) -> None:
        """`covers`: where a link leads to several things, all of them must satisfy a test, not any."""
        self.thing = thing
        self.every = covers
        self.leaves: list[AskedLeaf] = []
        self.shape = self._number(condition, vocabulary)
        self.plans = plans_for(self.shape)
        self.traces: dict[int, Trace] = traces_for(self.shape, self.leaves)
        self.ask: Callable[[Any, Act], int] = self._generate()

    def _number(self, condition: Condition, vocabulary: Vocabulary) -> Any:
        """The tree with numbered leaves in place of tests."""
        if isinstance(condition, Junction):
            return (condition.kind, tuple(self._number(part, vocabulary) for part in condition.parts))
        if isinstance(condition, Not):  # what must hold for all, if it is not to hold, need hold for one
            self.every = not self.every
            part = self._number(condition.part, vocabulary)
            self.every = not self.every
            return ("not", part)
        self.leaves.append(make_leaf(condition, vocabulary, self.thing, self.every, self._part(vocabulary)))
        return len(self.leaves) - 1

    def _part(self, vocabulary: Vocabulary) -> Callable[[Condition, str], Compiled]:
        """How the conditions inside a leaf are compiled: with the same caution as the leaf."""
        every = self.every
        return lambda part, of: Compiled(part, vocabulary, of, covers=every)

    def asking(self) -> tuple[list[str], str, dict[str, Any]]:
        """Source that asks every leaf of a thing `t`, the truth as an expression, and what the names in both mean."""
        lines: list[str] = []
        names: dict[str, Any] = {}
        if any(leaf.inline for leaf in self.leaves):
            lines.append("f = t.facts")
        for i, leaf in enumerate(self.leaves):
            names |= {f"{name}{i}": value for name, value in leaf.bindings().items()}
            lines += leaf.source(i)
        return lines, self._expression(self.shape), names

    def _generate(self) -> Callable[[Any, Act], int]:
        lines, truth, names = self.asking()
        packed = " | ".join([truth, *(f"a{i} << {2 * i + 2}" for i in range(len(self.leaves)))])
        return generated("t, act", [*lines, f"return {packed}"], names)  # type: ignore[no-any-return]

    def _expression(self, shape: Any) -> str:
        if isinstance(shape, int):
            return f"a{shape}"
        kind, parts = shape
        if kind == "not":
            return f"MIRROR[{self._expression(parts)}]"
        if not parts:
            return str(TRUE if kind == "all" else FALSE)
        return "(" + (" & " if kind == "all" else " | ").join(self._expression(part) for part in parts) + ")"

    def truth(self, thing: Any, act: Act) -> int:
        """The truth alone."""
        return self.ask(thing, act) & 3

    def plan(self, answer: int) -> Plan:
        """Which leaves were used for an answer, and which are missing where it is UNKNOWN (by their numbers)."""
        pattern = answer >> 2
        plan = self.plans.get(pattern)
        if plan is None:
            plan = self.plans[pattern] = plan_of(self.shape, pattern)
        return plan

    def trace(self, answer: int) -> Trace:
        """What writes the facts that an answer rested on; kept for the next answer that is the same."""
        if len(self.traces) >= MOST_TRACES:
            self.traces.clear()
        trace = self.traces[answer] = trace_of([self.leaves[i] for i in self.plan(answer)[0]])
        return trace

    def used(self, answer: int, thing: Any, act: Act) -> Iterable[Entry]:
        """The facts an answer rests on."""
        for i in self.plan(answer)[0]:
            yield from self.leaves[i].used(thing, act)

    def missing(self, answer: int, thing: Any, act: Act) -> Iterable[Entry]:
        """The facts that are missing where an answer is UNKNOWN."""
        for i in self.plan(answer)[1]:
            yield from self.leaves[i].missing(thing, act)
