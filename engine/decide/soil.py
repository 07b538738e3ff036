"""Grounds of nexus of one make, asked together.

Most authorities have the ground that somebody of their country takes part, or that it is done there: the same tests of
the same facts, with other values. Such grounds share a table for each fact, from a value to the truths of all of them,
two bits each, so that one pass over the act answers for every authority.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from carveout.engine.decide.compile import Compiled
from carveout.engine.decide.joint_leaves import QuantifiedLeaf
from carveout.engine.decide.leaves import CodeMemo, FactLeaf
from carveout.engine.facts.things import Act
from carveout.engine.law.truth import FALSE, UNKNOWN

Make = tuple[str, str, bool]
"""Which things (or the act), which fact, and whether it has many values."""
_Lookup = tuple[str, str, bool, dict[Any, int], int]

MOST_ANSWERS = 4_096
"""Combinations of truths that are kept spelled out."""


class Together:
    """Some grounds, each of which holds if one of some plain tests does."""

    __slots__ = ("answers", "ids", "lookups", "maybe")

    def __init__(self, grounds: dict[str, list[tuple[str, FactLeaf]]]) -> None:
        self.ids = [(id, 2 * i) for i, id in enumerate(grounds)]
        self.answers: dict[int, dict[str, int]] = {}
        self.maybe = sum(UNKNOWN << 2 * i for i in range(len(grounds)))
        tables: dict[Make, tuple[dict[Any, int], list[int]]] = {}
        for i, tests in enumerate(grounds.values()):
            for things, leaf in tests:
                table, absent = tables.setdefault((things, leaf.fact.name, leaf.fact.many), ({}, [0]))
                absent[0] |= UNKNOWN << 2 * i
                for value, truth in leaf.table.items():
                    table[value] = table.get(value, 0) | truth << 2 * i
        self.lookups: list[_Lookup] = [(*make, table, absent[0]) for make, (table, absent) in tables.items()]

    def truths(self, act: Act) -> dict[str, int]:
        """The truth of each of the grounds."""
        found = 0
        for things, name, many, table, absent in self.lookups:
            for thing in (act,) if things == "act" else getattr(act, things):
                value = thing.facts.get(name)
                if value is None:
                    found |= absent
                    continue
                bits = 0
                for each in value if many else (value,):
                    bits |= table.get(each, FALSE)
                found |= bits & self.maybe if thing.doubtful else bits
        answer = self.answers.get(found)
        if answer is None:
            if len(self.answers) >= MOST_ANSWERS:
                self.answers.clear()
            answer = self.answers[found] = {id: found >> shift & 3 for id, shift in self.ids}
        return answer


def together(grounds: Iterable[Any]) -> dict[str, Together]:
    """The grounds that can be asked together, by their ids; the others are asked one by one."""
    plain: dict[str, list[tuple[str, FactLeaf]]] = {}
    for ground in grounds:
        tests = _tests(ground.on_act, "act") if ground.on_act is not None else None
        if tests is not None:
            plain[ground.id] = tests
    return dict.fromkeys(plain, Together(plain)) if len(plain) > 1 else {}


def _tests(condition: Compiled, things: str) -> list[tuple[str, FactLeaf]] | None:
    """The plain tests of which one is enough, each with the things it is asked of; None where there is more to it."""
    shape = condition.shape
    parts = (shape,) if isinstance(shape, int) else shape[1] if shape[0] == "any" else ()
    found: list[tuple[str, FactLeaf]] = []
    for part in parts:
        leaf = condition.leaves[part] if isinstance(part, int) else None
        if isinstance(leaf, FactLeaf) and _plain(leaf):
            found.append((things, leaf))
            continue
        within = _tests(leaf.part, leaf.many) if isinstance(leaf, QuantifiedLeaf) and leaf.is_any else None
        if within is None or things != "act":
            return None
        found += within
    return found or None


def _plain(test: FactLeaf) -> bool:
    """Is its truth in its table for every value, and UNKNOWN without one?"""
    listed = test.inline and test.leaf.test == "is" and not test.mapped and not isinstance(test.table, CodeMemo)
    return listed and test.fact.absent in ("asked", "as") and not test.applies
