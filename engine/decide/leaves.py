"""The leaves of conditions: how each test is asked of a thing, and what it used or missed."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from carveout.engine.facts.things import Act
from carveout.engine.law.conditions import Condition, Leaf
from carveout.engine.law.truth import FALSE, TRUE, UNKNOWN
from carveout.engine.law.vocabulary import Fact, Vocabulary, code_test

if TYPE_CHECKING:
    from carveout.engine.decide.compile import Compiled

OWNERS = Fact(
    "party.owners",
    "party",
    "owners",
    "party",
    True,
    "assumed",
    "",
    "owners",
    "Who owns {thing}, and how many percent each?",
)
"""Ownership is stated in its own form (docs/transaction.md), and asked for like a fact."""
ASKED_MEMO = 4096
"""Open codes remembered for each test; beyond that they are forgotten, so that hostile input cannot fill memory."""


class Entry(NamedTuple):
    """One fact of one thing that a condition used or missed."""

    thing: Any
    fact: Fact
    value: Any


class AskedLeaf(Protocol):
    """One leaf: source text for the compiled function, and its trace."""

    inline: bool
    on_act: bool
    path_alone: str
    """The path of the fact, where it is a plain one of the thing or the act; else empty."""

    def bindings(self) -> Mapping[str, Any]: ...
    def source(self, i: int) -> list[str]: ...
    def used(self, thing: Any, act: Act) -> Iterable[Entry]: ...
    def missing(self, thing: Any, act: Act) -> Iterable[Entry]: ...


class CodeMemo(dict[str, int]):
    """Truth of one test for each code seen, worked out when first asked."""

    def __init__(self, work_out: Callable[[str], int]) -> None:
        super().__init__()
        self.work_out = work_out

    def __missing__(self, code: str) -> int:
        if len(self) > ASKED_MEMO:
            self.clear()
        value = self[code] = self.work_out(code)
        return value


def truth_table(leaf: Leaf, vocabulary: Vocabulary) -> Mapping[Any, int]:
    """The truth of a test for each value a fact can have; what is not in the table is FALSE."""
    kind, values = leaf.path.fact.type, leaf.values
    known = vocabulary.tables.get((kind, leaf.test, values))
    if known is None:
        known = vocabulary.tables[kind, leaf.test, values] = _truth_table(kind, leaf, vocabulary)
    return known


def _truth_table(kind: str, leaf: Leaf, vocabulary: Vocabulary) -> Mapping[Any, int]:
    values = leaf.values
    closed = vocabulary.closed(kind)
    if closed is not None:
        overlapping = {value for wanted in values for value in vocabulary.overlapping(kind, wanted)}
        return {value: max(vocabulary.test(kind, value, wanted) for wanted in values) for value in overlapping}
    if kind in vocabulary.codes and leaf.test == "is":
        whole = vocabulary.codes[kind].whole
        return CodeMemo(lambda code: max(code_test(code, wanted, whole=whole) for wanted in values))
    return dict.fromkeys(values, TRUE)


COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "at_least": operator.ge,
    "more_than": operator.gt,
    "at_most": operator.le,
    "less_than": operator.lt,
    "before": operator.lt,
    "from": operator.ge,
}
SIGNS: Mapping[str, str] = {
    "at_least": ">=",
    "more_than": ">",
    "at_most": "<=",
    "less_than": "<",
    "before": "<",
    "from": ">=",
}


def root_of(thing: Any, root: str, act: Act) -> Any:
    """The thing a path begins at, asked of `thing`."""
    if root == "act":
        return act
    return thing if thing.kind == root else act.bound[root]


def together(truths: list[int], every: bool) -> int:
    """One truth of several ends of a link: all of them, or any. None at all is FALSE either way."""
    if not truths:
        return FALSE
    result = TRUE if every else FALSE
    for truth in truths:
        result = result & truth if every else result | truth
    return result


class FactLeaf:
    """A test of one fact, directly or along links."""

    def __init__(
        self,
        leaf: Leaf,
        vocabulary: Vocabulary,
        thing: str,
        every: bool,
        compile_part: Callable[[Condition, str], Compiled],
    ) -> None:
        self.leaf, self.fact, self.path = leaf, leaf.path.fact, leaf.path
        self.name = leaf.path.fact.name
        self.vocabulary, self.every = vocabulary, every
        self.inline = leaf.path.root == thing and not leaf.path.links and leaf.test != "in_set"
        self.on_act = leaf.path.root == "act" and thing != "act" and not leaf.path.links and leaf.test != "in_set"
        self.path_alone = self.fact.path if self.inline or self.on_act else ""
        self.table = truth_table(leaf, vocabulary) if leaf.test == "is" else {}
        self.limit = leaf.values[0]
        self.mapped = self.fact.type in ("status", "subject")
        steps = (*leaf.path.links, leaf.path.fact)
        self.applies = {step.name: compile_part(step.applies, step.thing) for step in steps if step.applies is not None}

    # ---- asking

    def bindings(self) -> Mapping[str, Any]:
        return {"M": self.absent, "D": self.table, "C": self.limit, "S": self.leaf.values, "L": self.ask}

    def source(self, i: int) -> list[str]:
        if not (self.inline or self.on_act):
            return [f"a{i} = L{i}(t, act)"]
        where, facts = ("act", "act.facts") if self.on_act else ("t", "f")
        lines = [f"v = {facts}.get({self.fact.name!r})", f"if v is None: a{i} = M{i}({where}, act)"]
        if self.leaf.test != "is":
            told = (
                f"any([x {SIGNS[self.leaf.test]} C{i} for x in v])"
                if self.fact.many
                else f"v {SIGNS[self.leaf.test]} C{i}"
            )
            return [*lines, f"else: a{i} = {TRUE} if {told} else {FALSE}"]
        if self.mapped:
            if len(self.leaf.values) == 1:
                return [*lines, f"else: a{i} = v.get(C{i}, 0)"]
            return [*lines, "else:", f" a{i} = 0", f" for s in S{i}: a{i} |= v.get(s, 0)"]
        each = f"D{i}[x]" if isinstance(self.table, CodeMemo) else f"D{i}.get(x, 0)"
        if self.fact.many:
            return [*lines, "else:", f" a{i} = 0", f" for x in v: a{i} |= {each}"]
        return [*lines, f"else: a{i} = {each.replace('x', 'v', 1) if '[x]' in each else each.replace('(x', '(v')}"]

    def test(self, value: Any) -> int:
        """The truth of the test for a value that is there; of several values one is enough."""
        if self.leaf.test == "in_set":
            result = FALSE
            for code in value if self.fact.many else (value,):
                result |= self.limit.contains(code)
            return result
        if self.leaf.test != "is":
            compare = COMPARE[self.leaf.test]
            return TRUE if any(compare(x, self.limit) for x in (value if self.fact.many else (value,))) else FALSE
        if self.mapped:
            result = FALSE
            for wanted in self.leaf.values:
                result |= value.get(wanted, 0)
            return result
        table = self.table
        look = table.__getitem__ if isinstance(table, CodeMemo) else lambda x: table.get(x, FALSE)
        if not self.fact.many:
            return look(value)
        result = FALSE
        for x in value:
            result |= look(x)
        return result

    def ask(self, thing: Any, act: Act) -> int:
        """The truth by the plain way: along the links."""
        return together(
            [self.ask_end(end, act) if end is not None else gap for end, gap in self._ends(thing, act)], self.every
        )

    def _in_set(self, end: Any, act: Act) -> int:
        name = self.limit.name
        if name in end.facts.get("in_sets", ()):
            return TRUE
        if name in end.facts.get("not_in_sets", ()):
            return FALSE
        code = end.facts.get(self.fact.name)
        return self.absent(end, act) if code is None else self.test(code)

    def _ends(self, thing: Any, act: Act) -> Iterator[tuple[Any, int]]:
        """The things at the end of the links, or None with the truth of a link that is not there."""
        todo = [root_of(thing, self.path.root, act)]
        for link in self.path.links:
            following: list[Any] = []
            for each in todo:
                target = each.facts.get(link.name)
                if target is None:
                    yield None, self.absent(each, act, link)
                else:
                    following += target if isinstance(target, tuple) else (target,)
            todo = following
        for each in todo:
            yield each, FALSE

    def absent(self, thing: Any, act: Act, fact: Fact | None = None) -> int:
        """What the test is worth where the fact is not there (design: "Not knowing")."""
        fact = fact or self.fact
        if thing.open or fact.name in thing.unreadable:
            return UNKNOWN
        if fact.absent in ("claimed", "none"):
            return FALSE
        if fact.absent == "assumed":
            return self.test(self._default()) if fact is self.fact else FALSE
        applies = self.applies.get(fact.name)
        if applies is not None and not applies.ask(thing, act) & UNKNOWN:
            return FALSE
        return UNKNOWN

    def _default(self) -> Any:
        value = self.vocabulary.read(self.fact.type, self.fact.default)
        return (value,) if self.fact.many else value

    # ---- the trace

    def used(self, thing: Any, act: Act) -> Iterable[Entry]:
        return [
            Entry(end, self.fact, end.facts.get(self.fact.name)) for end, _ in self._ends(thing, act) if end is not None
        ]

    def missing(self, thing: Any, act: Act) -> Iterable[Entry]:
        todo = [root_of(thing, self.path.root, act)]
        for link in self.path.links:
            following: list[Any] = []
            for each in todo:
                target = each.facts.get(link.name)
                if target is None:
                    if self.absent(each, act, link) == UNKNOWN:
                        yield Entry(each, link, each.unreadable.get(link.name))
                else:
                    following += target if isinstance(target, tuple) else (target,)
            todo = following
        for each in todo:
            value = each.facts.get(self.fact.name)
            truth = self.ask_end(each, act)
            if truth == UNKNOWN and self.leaf.test == "in_set" and value is not None:
                yield Entry(each, self._membership(), value)
            elif truth == UNKNOWN:
                yield Entry(each, self.fact, each.unreadable.get(self.fact.name) if value is None else value)

    def _membership(self) -> Fact:
        """The code is known, but not whether the set, which was not seen whole, has it."""
        name, title = self.limit.name, self.limit.title
        question = f"Is {{thing}} in this set: {title} (state `in_sets` or `not_in_sets`: {name})?"
        return Fact(f"item.in_sets:{name}", "item", "in_sets", "text", True, "asked", "", title, question)

    def ask_end(self, end: Any, act: Act) -> int:
        """The truth at the end of the links."""
        if self.leaf.test == "in_set":
            return self._in_set(end, act)
        value = end.facts.get(self.fact.name)
        return self.absent(end, act) if value is None else self.test(value)
