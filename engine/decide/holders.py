"""Shares of those who satisfy a condition: companies of one country owned or controlled from another.

Of listed owners a party that says nothing of its owners is assumed to have none (docs/decisions/0002). Here nothing is
assumed: a company of which nobody said whose it is may be anybody's, and so may what it owns. A natural person and a
public body are nobody's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from carveout.engine.decide.holdings import Graph, node_of
from carveout.engine.decide.leaves import OWNERS, Entry
from carveout.engine.facts.things import Act, Thing
from carveout.engine.law.clocks import date_in
from carveout.engine.law.conditions import OwnedBy
from carveout.engine.law.truth import FALSE, TRUE, UNKNOWN
from carveout.engine.law.vocabulary import LINKS, Fact
from carveout.engine.parties.identity import recorded_facts
from carveout.engine.parties.ownership import Policy, Stake, counted, reach
from carveout.engine.parties.shares import WHOLE

UNOWNED = frozenset({"person", "government", "international_organisation"})
"""Kinds of party that nobody owns."""
HALF = Decimal(50)
CONTROL = Fact(
    "party.controlled_by",
    "party",
    "controlled_by",
    "party",
    True,
    "asked",
    "",
    "control",
    "Who controls {thing} otherwise than by shares (state `controlled_by`, and [] for nobody)?",
)
"""Control is stated in its own form (docs/transaction.md), and asked for like a fact."""


class Holders:
    """Who satisfies the condition of one share test in one act, and what they own and control."""

    def __init__(
        self,
        program: Any,
        act: Act,
        moment: int,
        graph: Graph | None,
        turned: Sequence[Stake] | None,
        condition: OwnedBy,
        part: Any,
    ) -> None:
        """`part`: the condition of the holders, compiled; `turned`: the stakes with circles of owners undone."""
        self.act, self.condition, self.part = act, condition, part
        self.vocabulary = program.rules.vocabulary
        self.things: dict[str, Thing] = {}
        for thing in act.things:
            if thing.kind == "party" and not thing.open:
                self.things.setdefault(node_of(thing), thing)
        for id in graph.subjects if graph is not None else ():
            if f"s:{id}" not in self.things:
                self.things[f"s:{id}"] = _recorded(program, id, moment)
        truths = {node: part.ask(thing, act) & 3 for node, thing in self.things.items()}
        self.seeds = {node: truth for node, truth in truths.items() if truth}
        stakes = graph.stakes if graph is not None else ()
        controls, found = (graph.controls, graph.found) if graph is not None else ((), ())
        self.above: dict[str, set[str]] = {}
        for owner, held in [
            *((s.owner, s.held) for s in stakes),
            *controls,
            *((each.controller, each.controlled) for each in found),
        ]:
            if owner is not None:
                self.above.setdefault(held, set()).add(owner)
        owned = {stake.held for stake in stakes}
        self.unsaid = {node for node, each in self.things.items() if node not in owned and self._may_be_owned(each)}
        """Parties of which nobody said who owns them."""
        open_ = [Stake(None, node, WHOLE) for node in sorted(self.unsaid)]
        passes = Policy(max(condition.threshold, HALF), condition.inclusive or condition.threshold < HALF, True, True)
        day = date_in(moment, condition.zone)
        self.low, self.high = counted((*stakes, *open_), self.seeds, passes, day)
        if turned is not None:
            _, self.high = counted((*turned, *open_), self.seeds, passes, day)
        self.reached = (
            reach((*stakes, *open_), controls, self.seeds, passes, day, found=found) if condition.control else {}
        )

    def truth(self, party: Thing) -> int:
        """Three-valued: do they own that share of the party, or control it where that counts as well?"""
        node, limit, enough = node_of(party), self.condition.threshold, self.condition.inclusive
        surely, perhaps = self.low.share(node), self.high.share(node)
        reached = self.reached.get(node)
        if surely > limit or (enough and surely == limit) or (reached is not None and reached.truth == TRUE):
            return TRUE
        if perhaps > limit or (enough and perhaps == limit) or reached is not None:
            return UNKNOWN
        return UNKNOWN if self.condition.control and any(map(self._uncontrolled, self._upward(node))) else FALSE

    def missing(self, party: Thing) -> Iterator[Entry]:
        """What to ask, of the party first and then of its owners."""
        asked = False
        for node in self._upward(node_of(party)):
            thing = self.things.get(node, party)
            if node in self.unsaid:
                asked = True
                yield Entry(thing, OWNERS, None)
            elif self.condition.control and self._uncontrolled(node):
                asked = True
                yield Entry(thing, CONTROL, None)
            answer = self.part.ask(thing, self.act)
            if thing is not party and answer & 3 == UNKNOWN:
                asked = True
                yield from self.part.missing(answer, thing, self.act)
        if not asked:
            yield Entry(party, OWNERS, None)

    def _may_be_owned(self, thing: Thing) -> bool:
        kind = thing.facts.get("kind")
        within = self.vocabulary.within.get(f"party_kind:{kind}", frozenset({kind}))
        return thing.owners is None and not within & UNOWNED

    def _uncontrolled(self, node: str) -> bool:
        """Is it open who controls that party?"""
        thing = self.things.get(node)
        if thing is None or thing.controllers is not None or self.seeds.get(node) == TRUE:
            return False
        kind = thing.facts.get("kind")
        return not self.vocabulary.within.get(f"party_kind:{kind}", frozenset({kind})) & UNOWNED

    def _upward(self, node: str) -> list[str]:
        """The party and whoever is above it, nearest first."""
        found = [node]
        for each in found:
            found += sorted(self.above.get(each, set()) - set(found))
        return found


def _recorded(program: Any, id: str, moment: int) -> Thing:
    """A recorded owner that has no part in the act, with what is recorded of it."""
    subject, vocabulary = program.subjects[id], program.rules.vocabulary
    thing = Thing("party", -1, id, subject.name)
    if id in program.rules.subjects:
        thing.facts = recorded_facts(subject, vocabulary)
    for fact in vocabulary.facts_of("party"):
        if fact.type in LINKS and fact.name in thing.facts:  # ids of subjects, which are nothing of this act
            thing.unreadable[fact.name] = str(thing.facts.pop(fact.name))
        root, _, name = fact.default.partition(".")
        if fact.absent == "as" and root == "party" and name in thing.facts:
            thing.facts.setdefault(fact.name, thing.facts[name])
    thing.facts.setdefault("kind", subject.kind)
    thing.facts |= {"subject": {id: TRUE}, "role": (), "status": program.timeline(id).at(moment)[1]}
    return thing
