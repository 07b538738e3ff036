"""Grounds of nexus asked together.

Most authorities have the ground that somebody of their country takes part, or that it is done there, or that a thing is
of their making: the same tests of the same facts, with other values. Such plain grounds share a table for each fact,
from a value to the truths of all of them, two bits each, so that one pass over the act answers for every authority.
Truth values are two bits already (law/truth.py), so that any of several grounds is a mask away.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from carveout.engine.decide.compile import Compiled
from carveout.engine.decide.joint_leaves import QuantifiedLeaf
from carveout.engine.decide.leaves import CodeMemo, FactLeaf
from carveout.engine.facts.things import Act
from carveout.engine.law.truth import FALSE, TRUE, UNKNOWN

Make = tuple[str, str, bool]
"""Which things (or the act, or `self`: the thing that is asked), which fact, and whether it has many values."""
_Lookup = tuple[str, str, bool, dict[Any, int], int]
Test = tuple[str, FactLeaf]
ITSELF = "self"


class Wanted(NamedTuple):
    """Some grounds of which any is enough: the plain ones as masks, the others by their ids."""

    mask: int
    sure: int
    """The bits that only TRUE has."""
    others: tuple[str, ...]


class Soil:
    """The plain grounds of a rule set."""

    def __init__(self, grounds: Iterable[Any]) -> None:
        self.shift: dict[str, int] = {}
        """Where the bits of each plain ground are."""
        on_act: dict[int, list[Test]] = {}
        on_thing: dict[str, dict[int, list[Test]]] = {}
        for ground in grounds:
            of_act = _tests(ground.on_act, "act") if ground.on_act is not None else []
            of_thing = {kind: _tests(part, ITSELF) for kind, part in ground.by_thing.items()}
            if of_act is None or None in of_thing.values():
                continue
            shift = self.shift[ground.id] = 2 * len(self.shift)
            on_act[shift] = of_act
            for kind, tests in of_thing.items():
                on_thing.setdefault(kind, {})[shift] = tests or []
        self.sure = sum(TRUE - UNKNOWN << shift for shift in self.shift.values())
        """The bit of each ground that only TRUE has."""
        self.maybe = sum(UNKNOWN << shift for shift in self.shift.values())
        self.lookups = _lookups(on_act)
        self.of_kind = [(kind, _lookups(tests)) for kind, tests in on_thing.items()]

    def wanted(self, ids: Iterable[str]) -> Wanted:
        """Any of these grounds."""
        ids = tuple(ids)
        plain = {id for id in ids if id in self.shift}
        mask = sum(TRUE << self.shift[id] for id in plain)
        return Wanted(mask, mask & self.sure, tuple(id for id in ids if id not in plain))

    def of_act(self, act: Act) -> int:
        """The truths of the grounds asked of the act alone; those that the user states are TRUE."""
        found = self._asked(self.lookups, act, act)
        for id in act.grounds:
            if id in self.shift:
                found |= TRUE << self.shift[id]
        return found

    def of_things(self, act: Act) -> dict[Any, int]:
        """What the grounds that ask things say of each of them beside."""
        found = {}
        for kind, lookups in self.of_kind:
            for thing in act.of_kind(kind):
                found[thing] = self._asked(lookups, act, thing)
        return found

    def _asked(self, lookups: list[_Lookup], act: Act, asked: Any) -> int:
        found = 0
        for things, name, many, table, absent in lookups:
            for thing in act.parties if things == "parties" else _things(things, act, asked):
                value = thing.facts.get(name)
                if value is None:
                    found |= absent
                    continue
                if many:
                    bits = 0
                    for each in value:
                        bits |= table.get(each, FALSE)
                else:
                    bits = table.get(value, FALSE)
                found |= bits & self.maybe if thing.doubtful else bits
        return found


def _things(things: str, act: Act, asked: Any) -> Iterable[Any]:
    if things == ITSELF:
        return (asked,)
    if things == "act":
        return (act,)
    return act.items if things == "items" else act.assets


def _lookups(grounds: dict[int, list[Test]]) -> list[_Lookup]:
    """One table for each fact, for all grounds together."""
    tables: dict[Make, tuple[dict[Any, int], list[int]]] = {}
    for shift, tests in grounds.items():
        for things, leaf in tests:
            table, absent = tables.setdefault((things, leaf.fact.name, leaf.fact.many), ({}, [0]))
            absent[0] |= UNKNOWN << shift
            for value, truth in leaf.table.items():
                table[value] = table.get(value, 0) | truth << shift
    return [(*make, table, absent[0]) for make, (table, absent) in tables.items()]


def _tests(condition: Compiled, things: str) -> list[Test] | None:
    """The plain tests of which one is enough, each with the things it is asked of; None where there is more to it."""
    shape = condition.shape
    parts = (shape,) if isinstance(shape, int) else shape[1] if shape[0] == "any" else ()
    found: list[Test] = []
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
