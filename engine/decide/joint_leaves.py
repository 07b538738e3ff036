"""Leaves that look beyond one fact: quantifiers, shares, another authority's verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from carveout.engine.decide.leaves import OWNERS, AskedLeaf, Entry, FactLeaf, root_of, together
from carveout.engine.decide.plans import generated
from carveout.engine.facts.things import Act, Thing
from carveout.engine.law.conditions import VERDICTS, Condition, Leaf, OwnedBy, Quantified, VerdictIs, walk
from carveout.engine.law.truth import FALSE, TRUE, UNKNOWN
from carveout.engine.law.vocabulary import Fact, Vocabulary

if TYPE_CHECKING:
    from carveout.engine.decide.compile import Compiled

MOST_SHOWN = 40
"""Facts of other things that one test shows, used or missing: of a thousand parties the first tell enough."""
VERDICT = Fact("act.verdict", "act", "verdict", "text", False, "asked", "", "verdict of another authority", "")


def make_leaf(
    condition: Condition,
    vocabulary: Vocabulary,
    thing: str,
    every: bool,
    compile_part: Callable[[Condition, str], Compiled],
) -> AskedLeaf:
    """The leaf for a test, a quantifier, an ownership test or another authority's verdict.

    `every`: where a link leads to several things, all of them must satisfy the test.
    """
    if isinstance(condition, Leaf):
        return FactLeaf(condition, vocabulary, thing, every, compile_part)
    if isinstance(condition, Quantified):
        return QuantifiedLeaf(condition, thing, compile_part(condition.part, condition.thing))
    if isinstance(condition, OwnedBy):
        return OwnedByLeaf(condition, every, compile_part)
    assert isinstance(condition, VerdictIs)
    return VerdictLeaf(condition)


class QuantifiedLeaf:
    """`any_*` and `every_*`."""

    inline = False
    on_act = False
    path_alone = ""

    def __init__(self, condition: Quantified, thing: str, part: Compiled) -> None:
        self.condition, self.part = condition, part
        self.many = {"party": "parties", "item": "items", "asset": "assets"}[condition.thing]
        self.is_any = condition.kind == "any"
        roots = {p.path.root for p in walk(condition.part) if isinstance(p, Leaf)} | {
            p.root for p in walk(condition.part) if isinstance(p, OwnedBy)
        }
        self.outer = bool(roots - {"act", condition.thing})
        self.ask: Callable[[Any, Act], int]

    def bindings(self) -> Mapping[str, Any]:
        self.ask = self._generate()
        return {"L": self.ask_outer if self.outer else self.ask_once}

    def source(self, i: int) -> list[str]:
        return [f"a{i} = L{i}(t, act)"]

    def ask_once(self, thing: Any, act: Act) -> int:
        """Ask where the condition inside speaks of nothing outside: the answer is the same for all that ask."""
        if act.context is None or act.bound:
            return self.ask(thing, act)
        known: dict[Any, Any] = act.context.quantified
        answer: int | None = known.get(self)
        if answer is None:
            answer = known[self] = self.ask(thing, act)
        return answer

    def ask_outer(self, thing: Any, act: Act) -> int:
        """Ask with the thing outside bound, where the condition inside speaks of it."""
        before = act.bound
        act.bound = {**before, thing.kind: thing}
        try:
            return self.ask(thing, act)
        finally:
            act.bound = before

    def _generate(self) -> Callable[[Any, Act], int]:
        """Greatest or least over the things, in one loop; one that may not exist decides nothing."""
        lines, truth, names = self.part.asking()
        if self.is_any:
            start, no_such = FALSE, FALSE
            counts = [f"a |= a0 & {UNKNOWN} if t.doubtful else a0", f"if a == {TRUE}: break"]
        else:
            start, no_such = TRUE, TRUE if self.condition.if_empty else FALSE
            counts = [f"a &= a0 | {UNKNOWN} if t.doubtful else a0"]
        loop = [*lines, f"a0 = {truth}", *counts]
        body = [f"if not act.{self.many}: return {no_such}", f"a = {start}", f"for t in act.{self.many}:"]
        return generated("thing, act", [*body, *(f" {line}" for line in loop), "return a"], names)  # type: ignore[no-any-return]

    def _traced(self, thing: Any, act: Act, missing: bool) -> Iterable[Entry]:
        if self.outer or act.context is None or act.bound:
            return self._trace(thing, act, missing)
        known: dict[Any, Any] = act.context.quantified
        entries: Iterable[Entry] | None = known.get((self, missing))
        if entries is None:
            entries = known[self, missing] = self._trace(thing, act, missing)
        return entries

    def _trace(self, thing: Any, act: Act, missing: bool) -> Iterable[Entry]:
        before = act.bound
        act.bound = {**before, thing.kind: thing} if self.outer else before
        try:
            whole = self.ask(thing, act)
            found: list[Entry] = []
            for each in act.of_kind(self.condition.thing):
                answer = self.part.ask(each, act)
                truth = answer & 3
                if each.doubtful and truth != UNKNOWN:
                    truth = UNKNOWN
                if len(found) >= MOST_SHOWN:
                    break
                if missing and truth == UNKNOWN:
                    entries = list(self.part.missing(answer, each, act))
                    found += entries or [Entry(each, OWNERS, None)]
                elif not missing and (truth == whole or whole == UNKNOWN):
                    found += self.part.used(answer, each, act)
                    if whole == (TRUE if self.condition.kind == "any" else FALSE):
                        break
            return found
        finally:
            act.bound = before

    def used(self, thing: Any, act: Act) -> Iterable[Entry]:
        return self._traced(thing, act, False)

    def missing(self, thing: Any, act: Act) -> Iterable[Entry]:
        return self._traced(thing, act, True)


class OwnedByLeaf:
    """The share of named or listed holders, or of those that satisfy a condition, in a party."""

    inline = False
    on_act = False
    path_alone = ""

    def __init__(self, condition: OwnedBy, every: bool, compile_part: Callable[[Condition, str], Compiled]) -> None:
        self.condition, self.every = condition, every
        self.part = compile_part(condition.parties, "party") if condition.parties is not None else None

    def bindings(self) -> Mapping[str, Any]:
        return {"L": self.ask}

    def source(self, i: int) -> list[str]:
        return [f"a{i} = L{i}(t, act)"]

    def _parties(self, thing: Any, act: Act) -> tuple[list[Thing], list[Entry]]:
        todo, gaps = [root_of(thing, self.condition.root, act)], []
        for link in self.condition.links:
            following: list[Any] = []
            for each in todo:
                target = each.facts.get(link.name)
                if target is None:
                    gaps.append(Entry(each, link, None))
                else:
                    following += target if isinstance(target, tuple) else (target,)
            todo = following
        return todo, gaps

    def ask(self, thing: Any, act: Act) -> int:
        parties, gaps = self._parties(thing, act)
        truths = [UNKNOWN] * len(gaps)
        owned_by, part = act.context.owned_by, self.part
        truths += [UNKNOWN if party.open else owned_by(self.condition, party, part) for party in parties]
        return together(truths, self.every)

    def used(self, thing: Any, act: Act) -> Iterable[Entry]:
        return [Entry(party, OWNERS, act.context.shown_owners(party)) for party in self._parties(thing, act)[0]]

    def missing(self, thing: Any, act: Act) -> Iterable[Entry]:
        parties, gaps = self._parties(thing, act)
        if self.part is None:
            return [*gaps, *(Entry(party, OWNERS, None) for party in parties)]
        return [*gaps, *(e for party in parties for e in act.context.missing_owners(self.condition, party, self.part))]


class VerdictLeaf:
    """Another authority's verdict on the same act."""

    inline = False
    on_act = False
    path_alone = ""

    def __init__(self, condition: VerdictIs) -> None:
        self.condition = condition
        self.wanted = frozenset(VERDICTS.index(word) for word in condition.verdicts)

    def bindings(self) -> Mapping[str, Any]:
        return {"L": self.ask}

    def source(self, i: int) -> list[str]:
        return [f"a{i} = L{i}(t, act)"]

    def ask(self, thing: Any, act: Act) -> int:
        """TRUE if all that the other verdict can still be is wanted, FALSE if none of it is."""
        best, worst = act.context.range_of(self.condition.authority, self.condition.supposing_nexus)
        possible = set(range(best, worst + 1))
        if possible <= self.wanted:
            return TRUE
        return UNKNOWN if possible & self.wanted else FALSE

    def used(self, thing: Any, act: Act) -> Iterable[Entry]:
        best, worst = act.context.range_of(self.condition.authority, self.condition.supposing_nexus)
        value = VERDICTS[best] if best == worst else f"{VERDICTS[best]} to {VERDICTS[worst]}"
        return (Entry(act, VERDICT, f"{self.condition.authority}: {value}"),)

    def missing(self, thing: Any, act: Act) -> Iterable[Entry]:
        return act.context.missing_of(self.condition.authority)  # type: ignore[no-any-return]
