"""Which norms name a subject: itself, a list it is on, or a place it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from carveout.api.stretches import Row, both, stretches
from carveout.engine.law.conditions import Condition, Junction, Leaf, Not, OwnedBy, Quantified
from carveout.engine.law.norms import Exemption, Listing, Prohibition, Subject
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.law.truth import FALSE, MIRROR, TRUE, UNKNOWN


class Naming:
    """Which norms name a subject: itself, a list it is on, or a place it belongs to."""

    def __init__(self, rules: RuleSet, subject: Subject) -> None:
        self.rules = rules
        self.subject = subject
        self.listings: list[Listing] = [
            n
            for n in rules.of_kind(Listing)
            if n.subject == subject.id or (n.members is not None and self._ask(n.members) == TRUE)
        ]
        self.statuses = {s for n in self.listings for s in (n.list, *n.statuses)}
        self.places = tuple({p for value in subject.facts.values() for p in _places(value, rules)})

    def covered(self, exemption: Exemption) -> bool:
        """Is the subject named in what the exemption covers?"""
        return any(self.subject.id in subjects_in(c) for c in exemption.covers.values())

    def row(self, ban: Prohibition) -> Row | None:
        """A prohibition that names the subject, with when it reaches it; None where it does not name it."""
        if ban.statuses or ban.when is None or self._ask(ban.when) == FALSE:
            return None  # what engages by programme is shown as the listing that gives it
        own_land = self.rules.authorities[ban.authority].countries
        leaves = [leaf for leaf in leaves_of(ban.when) if self._names(leaf, own_land) == TRUE]
        if not leaves:
            return None
        own = stretches(ban)
        if all(leaf.path.fact.type == "status" for leaf in leaves):
            wanted = {status for leaf in leaves for status in leaf.values}
            within = [s for n in self.listings if wanted & {n.list, *n.statuses} for s in stretches(n)]
            met = both(own, within)
            return Row(ban, met, while_listed=True) if met else None
        return Row(ban, own) if own else None

    def _names(self, leaf: Leaf, own_land: Sequence[str] = ()) -> int:
        """Three-valued: is what the leaf names the subject, a list it is on, a place it belongs to?

        A place within an authority's own land says over whom it has power, and not whom it is about.
        """
        kind, vocabulary = leaf.path.fact.type, self.rules.vocabulary
        if leaf.test not in ("is", "in"):
            return UNKNOWN
        if kind == "subject":
            return TRUE if self.subject.id in leaf.values else FALSE
        if kind == "status":
            return TRUE if self.statuses & set(leaf.values) else FALSE
        if kind == "place":
            foreign = [w for w in leaf.values if all(vocabulary.test("place", w, land) != TRUE for land in own_land)]
            return max((vocabulary.test("place", p, w) for p in self.places for w in foreign), default=UNKNOWN)
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


def leaves_of(condition: Condition | None) -> Iterator[Leaf]:
    """The leaves that are asked for and not excluded."""
    if isinstance(condition, Leaf):
        yield condition
    elif isinstance(condition, Junction):
        for part in condition.parts:
            yield from leaves_of(part)
    elif isinstance(condition, Quantified):
        yield from leaves_of(condition.part)


def subjects_in(condition: Condition) -> set[str]:
    """The subjects that a condition names, those excluded left out."""
    if isinstance(condition, OwnedBy):
        return set(condition.subjects)
    if isinstance(condition, Junction):
        return {s for part in condition.parts for s in subjects_in(part)}
    if isinstance(condition, Quantified):
        return subjects_in(condition.part)
    if isinstance(condition, Leaf) and condition.path.fact.type == "subject":
        return set(condition.values)
    return set()


def _places(value: Any, rules: RuleSet) -> list[str]:
    values = value if isinstance(value, tuple | list) else [value]
    return [v for v in values if isinstance(v, str) and v in rules.vocabulary.places]
