"""Conditions made into Python functions: one pass over a thing gives its truth and what became of every leaf.

A compiled condition returns `truth | pattern << 2`; the pattern holds two bits for each leaf. What a finding must show
(facts used, facts missing) depends on the pattern alone, so it is worked out once for each pattern and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from carveout.engine.decide.joint_leaves import make_leaf
from carveout.engine.decide.leaves import AskedLeaf, Entry
from carveout.engine.facts.things import Act
from carveout.engine.law.conditions import Condition, Junction, Not
from carveout.engine.law.truth import FALSE, MIRROR, TRUE, UNKNOWN
from carveout.engine.law.vocabulary import Vocabulary

Plan = tuple[tuple[AskedLeaf, ...], tuple[AskedLeaf, ...]]


class Compiled:
    """A condition that can be asked of a thing."""

    __slots__ = ("ask", "every", "leaves", "plans", "shape", "thing")

    def __init__(self, condition: Condition, vocabulary: Vocabulary, thing: str, *, covers: bool = False) -> None:
        """`covers`: where a link leads to several things, all of them must satisfy a test, not any."""
        self.thing = thing
        self.every = covers
        self.leaves: list[AskedLeaf] = []
        self.shape = self._number(condition, vocabulary)
        self.plans: dict[int, Plan] = {}
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

    def _generate(self) -> Callable[[Any, Act], int]:
        lines, names = ["def ask(t, act):"], {"MIRROR": MIRROR}
        if any(leaf.inline for leaf in self.leaves):
            lines.append(" f = t.facts")
        for i, leaf in enumerate(self.leaves):
            names |= {f"{name}{i}": value for name, value in leaf.bindings().items()}
            lines += [f" {line}" for line in leaf.source(i)]
        packed = " | ".join(f"a{i} << {2 * i + 2}" for i in range(len(self.leaves)))
        lines.append(f" return {self._expression(self.shape)} | {packed}" if packed else f" return {TRUE}")
        scope: dict[str, Any] = dict(names)
        exec(compile("\n".join(lines), "<condition>", "exec"), scope)
        return scope["ask"]  # type: ignore[no-any-return]

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
        """Which leaves were used for an answer, and which are missing where it is UNKNOWN."""
        pattern = answer >> 2
        plan = self.plans.get(pattern)
        if plan is None:
            used: dict[int, None] = {}
            missing: dict[int, None] = {}
            self._trace(self.shape, pattern, used, missing)
            plan = tuple(self.leaves[i] for i in used), tuple(self.leaves[i] for i in missing)
            self.plans[pattern] = plan
        return plan

    def _value(self, shape: Any, pattern: int) -> int:
        if isinstance(shape, int):
            return pattern >> 2 * shape & 3
        kind, parts = shape
        if kind == "not":
            return MIRROR[self._value(parts, pattern)]
        result = TRUE if kind == "all" else FALSE
        for part in parts:
            value = self._value(part, pattern)
            result = result & value if kind == "all" else result | value
        return result

    def _trace(self, shape: Any, pattern: int, used: dict[int, None], missing: dict[int, None]) -> None:
        """Gather the leaves on which the value rests: for a decided junction one deciding part, else all that count."""
        if isinstance(shape, int):
            (missing if pattern >> 2 * shape & 3 == UNKNOWN else used)[shape] = None
            return
        kind, parts = shape
        if kind == "not":
            self._trace(parts, pattern, used, missing)
            return
        decided = FALSE if kind == "all" else TRUE
        value = self._value(shape, pattern)
        for part in parts:
            each = self._value(part, pattern)
            if value == decided and each == decided:
                self._trace(part, pattern, used, missing)
                return
            if value != decided and (each == value or kind == "all"):
                self._trace(part, pattern, used, missing)

    def used(self, answer: int, thing: Any, act: Act) -> Iterable[Entry]:
        """The facts an answer rests on."""
        for leaf in self.plan(answer)[0]:
            yield from leaf.used(thing, act)

    def missing(self, answer: int, thing: Any, act: Act) -> Iterable[Entry]:
        """The facts that are missing where an answer is UNKNOWN."""
        for leaf in self.plan(answer)[1]:
            yield from leaf.missing(thing, act)
