"""The timeline of a subject: which norms name it, and when each is in force, suspended, or not known to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from carveout.engine.law.clocks import FOREVER
from carveout.engine.law.conditions import Condition, Junction, Leaf, Not, OwnedBy, Quantified
from carveout.engine.law.norms import Exemption, Listing, Norm, Prohibition, Subject
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.law.truth import FALSE, MIRROR, TRUE, UNKNOWN


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one moment until another; `sure` is False where the law is unresolved or a boundary not known."""

    start: int
    end: int
    sure: bool


@dataclass(slots=True)
class Row:
    """What is forbidden, and the exemptions over it."""

    norm: Norm
    stretches: list[Stretch]
    while_listed: bool = False
    """It reaches the subject through a list, and so only while that listing stands."""
    exemptions: list[tuple[Exemption, list[Stretch]]] = field(default_factory=list)


@dataclass(slots=True)
class Lane:
    """One authority."""

    authority: str
    rows: list[Row]


def timeline(rules: RuleSet, subject: Subject) -> list[Lane]:
    """One lane for each authority that has a norm naming the subject, its lists or its places."""
    naming = Naming(rules, subject)
    lanes = []
    for authority in sorted(rules.authorities):
        norms = [norm for norm in rules.norms.values() if norm.authority == authority]
        exemptions = [n for n in norms if isinstance(n, Exemption) and naming.covered(n)]
        rows = [Row(n, stretches(n)) for n in naming.listings if n.authority == authority]
        for norm in norms:
            if isinstance(norm, Prohibition) and (row := naming.row(norm)):
                rows.append(row)
        for row in rows:
            met = _prohibitions_met(rules, row.norm)
            row.exemptions = [(e, stretches(e)) for e in exemptions if not met.isdisjoint(e.shields)]
        if rows := _sorted(rows):
            lanes.append(Lane(authority, rows))
    return sorted(lanes, key=lambda lane: not any(row.exemptions for row in lane.rows))


def most_named(rules: RuleSet) -> str | None:
    """The subject that most norms name: who is interesting to look at first."""
    count = dict.fromkeys(rules.subjects, 0)
    for id, listings in rules.listings_of.items():
        count[id] += len(listings)
    for norm in rules.of_kind(Exemption):
        for id in {s for c in norm.covers.values() for s in _subjects_in(c)} & set(count):
            count[id] += 1
    return max(count, key=lambda id: count[id], default=None)


class Naming:
    """Which norms name a subject: itself, a list it is on, or a place it belongs to."""

    def __init__(self, rules: RuleSet, subject: Subject) -> None:
        self.rules = rules
        self.subject = subject
        self.listings: list[Listing] = [
            n for n in rules.of_kind(Listing)
            if n.subject == subject.id or (n.members is not None and self._ask(n.members) == TRUE)
        ]  # fmt: skip
        self.statuses = {s for n in self.listings for s in (n.list, *n.statuses)}
        self.places = tuple({p for value in subject.facts.values() for p in _places(value, rules)})

    def covered(self, exemption: Exemption) -> bool:
        """Is the subject named in what the exemption covers?"""
        return any(self.subject.id in _subjects_in(c) for c in exemption.covers.values())

    def row(self, ban: Prohibition) -> Row | None:
        """A prohibition that names the subject, with when it reaches it; None where it does not name it."""
        if ban.statuses or ban.when is None or self._ask(ban.when) == FALSE:
            return None  # what engages by programme is shown as the listing that gives it
        leaves = [leaf for leaf in _leaves(ban.when) if self._names(leaf) == TRUE]
        if not leaves:
            return None
        own = stretches(ban)
        if all(leaf.path.fact.type == "status" for leaf in leaves):
            wanted = {status for leaf in leaves for status in leaf.values}
            within = [s for n in self.listings if wanted & {n.list, *n.statuses} for s in stretches(n)]
            both = _both(own, within)
            return Row(ban, both, while_listed=True) if both else None
        return Row(ban, own) if own else None

    def _names(self, leaf: Leaf) -> int:
        """Three-valued: is what the leaf names the subject, a list it is on, a place it belongs to?"""
        kind, vocabulary = leaf.path.fact.type, self.rules.vocabulary
        if leaf.test not in ("is", "in"):
            return UNKNOWN
        if kind == "subject":
            return TRUE if self.subject.id in leaf.values else FALSE
        if kind == "status":
            return TRUE if self.statuses & set(leaf.values) else FALSE
        if kind == "place":
            return max((vocabulary.test("place", p, w) for p in self.places for w in leaf.values), default=UNKNOWN)
        return UNKNOWN

    def _ask(self, condition: Condition) -> int:
        """Three-valued: can the condition hold where the subject is the one asked? Strangers stay unknown."""
        if isinstance(condition, Junction):
            values = [self._ask(part) for part in condition.parts]
            return min(values, default=TRUE) if condition.kind == "all" else max(values, default=FALSE)
        if isinstance(condition, Not):
            return MIRROR[self._ask(condition.part)]
        if isinstance(condition, Leaf) and condition.path.root == self.subject.thing and not condition.path.links:
            return self._own_fact(condition)
        return UNKNOWN

    def _own_fact(self, leaf: Leaf) -> int:
        fact, stated = leaf.path.fact, self.subject.facts.get(leaf.path.fact.name)
        if fact.type == "subject":
            return self._names(leaf)
        if stated is None or leaf.test not in ("is", "in") or fact.type not in ("place", *self.rules.vocabulary.words):
            return UNKNOWN
        values = stated if isinstance(stated, tuple | list) else (stated,)
        return max((self.rules.vocabulary.test(fact.type, v, w) for v in values for w in leaf.values), default=UNKNOWN)


def stretches(norm: Norm) -> list[Stretch]:
    """When a norm is in force, or may be."""
    whole = [q for q in norm.unresolved if q.when is None]
    edges = {-FOREVER, FOREVER, *norm.effective.edges()}
    edges |= {edge for q in whole for b in (q.begins, q.ends) for edge in (b.after, b.by)}
    stale_from = norm.stale_from if isinstance(norm, Exemption) else FOREVER
    found: list[Stretch] = []
    for start, end in pairwise(sorted(edges | {stale_from})):
        force = norm.effective.in_force(start)
        for question in whole:
            if question.bears(start) != FALSE:
                force = force | UNKNOWN if question.lifts else force
                force &= UNKNOWN
        if start >= stale_from:
            force &= UNKNOWN
        if force != FALSE:
            _append(found, Stretch(start, end, force == TRUE))
    return found


def _append(found: list[Stretch], new: Stretch) -> None:
    if found and found[-1].end == new.start and found[-1].sure == new.sure:
        found[-1] = Stretch(found[-1].start, new.end, new.sure)
    else:
        found.append(new)


def _both(some: Iterable[Stretch], others: Iterable[Stretch]) -> list[Stretch]:
    others = list(others)
    met = [
        Stretch(max(a.start, b.start), min(a.end, b.end), a.sure and b.sure)
        for a in some
        for b in others
        if max(a.start, b.start) < min(a.end, b.end)
    ]
    return sorted(met, key=lambda s: s.start)


def _prohibitions_met(rules: RuleSet, norm: Norm) -> set[str]:
    """The prohibitions that a row stands for."""
    if not isinstance(norm, Listing):
        return {norm.id}
    statuses = {norm.list, *norm.statuses}
    return {
        ban.id for ban in rules.of_kind(Prohibition)
        if statuses & set(ban.statuses)
        or any(leaf.path.fact.type == "status" and statuses & set(leaf.values) for leaf in _leaves(ban.when))
    }  # fmt: skip


def _sorted(rows: list[Row]) -> list[Row]:
    """What exemptions are about comes first, then listings, then the rest by date."""
    return sorted(rows, key=lambda r: (not r.exemptions, not isinstance(r.norm, Listing), r.stretches[0].start, r.norm.id))


def _leaves(condition: Condition | None) -> Iterator[Leaf]:
    """The leaves that are asked for and not excluded."""
    if isinstance(condition, Leaf):
        yield condition
    elif isinstance(condition, Junction):
        for part in condition.parts:
            yield from _leaves(part)
    elif isinstance(condition, Quantified):
        yield from _leaves(condition.part)


def _subjects_in(condition: Condition) -> set[str]:
    if isinstance(condition, OwnedBy):
        return set(condition.subjects)
    if isinstance(condition, Junction):
        return {s for part in condition.parts for s in _subjects_in(part)}
    if isinstance(condition, Quantified):
        return _subjects_in(condition.part)
    if isinstance(condition, Leaf) and condition.path.fact.type == "subject":
        return set(condition.values)
    return set()


def _places(value: Any, rules: RuleSet) -> list[str]:
    values = value if isinstance(value, tuple | list) else [value]
    return [v for v in values if isinstance(v, str) and v in rules.vocabulary.places]
