"""Which statuses each party and asset has at a moment: by listing, by class, by ownership, by earlier blocking."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from carveout.engine.decide.holders import Holders
from carveout.engine.decide.holdings import circular, graph_of, node_of
from carveout.engine.decide.remainders import Bounds, bounds_of, in_words
from carveout.engine.decide.settling import closure
from carveout.engine.decide.timelines import Source, Timeline, listed_at, statuses_from
from carveout.engine.facts.things import Act, Thing
from carveout.engine.law.clocks import date_in, day_start
from carveout.engine.law.conditions import OwnedBy
from carveout.engine.law.norms import Listing, Ownership, Unresolved
from carveout.engine.law.ruleset import OTHER
from carveout.engine.law.truth import FALSE, TRUE, UNKNOWN
from carveout.engine.parties.counting import Counting
from carveout.engine.parties.ownership import Policy, Reached, Stake, controlling, counted, reach

HALF = Decimal(50)
Lister = Callable[[Listing], tuple[int, tuple[Unresolved, ...]]]


_NOTHING: list[Source] = []
_NO_STATUS: dict[str, int] = {}


class Statuses:
    """The statuses of every party and asset of an act at one moment."""

    def __init__(self, program: Any, act: Act, moment: int) -> None:
        self.program, self.act, self.moment = program, act, moment
        self.graph = graph_of(act, program.subjects)
        self.turned = circular(self.graph.stakes) if self.graph is not None else None
        self.sources: dict[int, list[Source]] = {}
        self.nodes: dict[str, list[Source]] | None = None
        self.counts: dict[int, tuple[dict[str, int], Counting, Counting]] = {}
        self.names: dict[str, str] = {}
        """Of the nodes, made when a path is shown."""
        self.plain: dict[Thing, Timeline] = {}
        """Things whose statuses all come from one recorded subject's own listings."""
        self.reasons: dict[Thing, dict[str, list[dict[str, Any]]]] = {}
        """For those: why they have each status, as far as decisions have said it."""
        self.inherited: dict[str, dict[Thing, dict[str, int]]] = {}
        """By authority: the statuses of the parties to which its own ownership norms pass one on."""
        self.bounds: dict[tuple[str, Thing], Bounds] = {}
        """By authority: where what is not known of a party's owners leaves its status open."""
        self.above: dict[str, list[Stake]] = {}
        """The stakes in each party."""
        self.unknown_above: dict[str, bool] = {}
        for stake in self.graph.stakes if self.graph is not None else ():
            self.above.setdefault(stake.held, []).append(stake)
        self.held_by: dict[int, Holders] = {}
        """By share test: who satisfies its condition."""

    def establish(self) -> None:
        """Work the statuses out; the class of a listing may ask for shares meanwhile."""
        program, act, moment = self.program, self.act, self.moment
        now: dict[Thing, list[Source]] = {}
        classes, release = program.classes, act.facts["activity"] == "release_blocked_property"
        for thing in act.things:
            if thing.kind == "item" or (thing.open and not (thing.listed or thing.owners or thing.controllers)):
                continue  # what is stated of who is behind a party nobody named counts, whoever it is
            subject = thing.facts.get("subject", {})
            if thing.listed or classes or len(subject) > 1 or UNKNOWN in subject.values():
                now[thing] = found = self._direct(thing, self._listed_now)
                thing.facts["status"] = self._settle(thing, found)
            elif subject:  # the plain case: one recorded subject, whose statuses at any moment are worked out once
                timeline = program.timeline(next(iter(subject)))
                now[thing], thing.facts["status"], self.reasons[thing] = timeline.at(moment)
                self.sources[id(thing)] = now[thing]
                self.plain[thing] = timeline
            else:
                now[thing], thing.facts["status"] = _NOTHING, _NO_STATUS
        if self.graph is not None:
            self._owned(now)
        for thing in now:
            if thing.nameless:
                self._perhaps(thing)
            if thing.kind == "asset" and (release or "blocked_since" in thing.facts):
                self._carried(thing)

    def _perhaps(self, thing: Thing) -> None:
        """Nobody said who or what it is: any recorded one of its kind may be meant, whatever is said of it besides.

        A party may besides be on a list of which nobody is recorded, as where nothing at all is said of it.
        """
        kind = thing.facts.get("kind")
        fact = self.program.rules.vocabulary.facts.get(f"{thing.kind}.kind")
        kinds = None if kind is None else frozenset({kind})
        if kind is not None and fact is not None and fact.type in self.program.rules.vocabulary.words:
            kinds = frozenset(self.program.rules.vocabulary.overlapping(fact.type, kind))
        asked = self.program.asked_statuses
        may_be = asked if thing.kind == "party" else self.program.subjects.may_be(thing.kind, kinds)
        if may_be:
            found = [Source(status, UNKNOWN, None) for status in may_be]
            self._not_plain(thing)
            thing.facts["status"] = statuses_from(found, asked, thing.facts["status"])

    def _not_plain(self, thing: Thing) -> None:
        self.plain.pop(thing, None)
        self.reasons.pop(thing, None)

    # ---- direct

    def _listed_now(self, listing: Listing) -> tuple[int, tuple[Unresolved, ...]]:
        return listed_at(listing, self.moment)

    def _of_subject(self, id: str, lister: Lister) -> list[Source]:
        if lister == self._listed_now:
            timeline: Timeline = self.program.timeline(id)
            return timeline.at(self.moment)[0]
        found = []
        for listing in self.program.subjects.listings(id):
            truth, open_questions = lister(listing)
            if truth:
                found += [Source(status, truth, listing, (), open_questions) for status in listing.statuses]
        return found

    def _direct(self, thing: Thing, lister: Lister) -> list[Source]:
        found = [Source(status, TRUE, None) for status in thing.listed]
        for subject, identity in thing.facts.get("subject", {}).items():
            found += [s._replace(truth=s.truth & identity) for s in self._of_subject(subject, lister)]
        if thing.kind == "party":
            for listing, members in self.program.classes:
                truth, open_questions = lister(listing)
                truth &= members.ask(thing, self.act) & 3 if truth else FALSE
                if truth:
                    found += [Source(status, truth, listing, (), open_questions) for status in listing.statuses]
        return found

    # ---- ownership

    def _nodes(self, lister: Lister, direct: Mapping[Thing, list[Source]] | None = None) -> dict[str, list[Source]]:
        nodes: dict[str, list[Source]] = {}
        for thing in self.act.things:
            if thing.kind == "party":
                known = direct[thing] if direct is not None and thing in direct else self._direct(thing, lister)
                nodes.setdefault(node_of(thing), []).extend(known)
        for id in self.graph.subjects if self.graph else ():
            if f"s:{id}" not in nodes:
                nodes[f"s:{id}"] = self._of_subject(id, lister)
        return nodes

    def _reach(
        self, norm: Ownership, nodes: Mapping[str, list[Source]], day: date
    ) -> dict[str, tuple[Reached, list[Source]]]:
        assert self.graph is not None
        lists = set(norm.lists)
        seeds: dict[str, int] = {}
        for node, sources in nodes.items():
            for source in sources:
                if source.status.split("/")[0] in lists:
                    seeds[node] = max(seeds.get(node, FALSE), source.truth)
        if not seeds and not any(stake.owner is None for stake in self.graph.stakes):
            return {}
        policy = Policy(norm.threshold, norm.inclusive, norm.adds_up, norm.control)
        controls = self.graph.controls
        found = self.graph.found
        shown = {node_of(t) for t in self.act.things if t.kind == "party" and not t.behind}
        reached = reach(self.graph.stakes, controls, seeds, policy, day, closure, found, shown)
        if self.turned is not None:  # a circle of owners: what may be counts as well, but not as certain
            for node, each in reach(self.turned, controls, seeds, policy, day, closure, found, shown).items():
                reached.setdefault(node, replace(each, truth=UNKNOWN))
        result = {}
        for node, each in reached.items():
            sources = [s for seed in each.by for s in nodes.get(seed, ()) if s.status.split("/")[0] in lists]
            perhaps = [
                s._replace(truth=s.truth & UNKNOWN)
                for seed in each.perhaps
                for s in nodes.get(seed, ())
                if s.status.split("/")[0] in lists
            ]
            result[node] = each, sources + perhaps
        return result

    def _owned(self, now: dict[Thing, list[Source]]) -> None:
        nodes = self._nodes(self._listed_now, now)
        for norm in self.program.ownerships:
            force = norm.effective.in_force(self.moment)
            open_questions = tuple(u for u in norm.unresolved if u.bears(self.moment))
            if open_questions and force == TRUE:
                force = UNKNOWN
            if not force:
                continue
            day = date_in(self.moment, self.program.rules.authorities[norm.authority].zone)
            reached = self._reach(norm, nodes, day)
            for thing in now:
                entry = reached.get(node_of(thing)) if thing.kind == "party" and not thing.behind else None
                if entry is None:
                    continue
                each, sources = entry
                path = tuple(self._named(step) for step in each.path)
                if each.truth == UNKNOWN and thing in self.act.parties:
                    self._bound(norm.authority, thing, each, day, reached, nodes, set(norm.lists))
                if self._unknown_above(node_of(thing)):  # somebody nobody knows may be listed under any programme
                    sources = [*sources, *(Source(status, UNKNOWN, None) for status in self._statuses_of(norm.lists))]
                found = [
                    Source(
                        s.status,
                        each.truth & force & s.truth,
                        s.listing,
                        path,
                        (*s.open_questions, *open_questions),
                        norm,
                    )
                    for s in sources
                ]
                mine = self.inherited.setdefault(norm.authority, {})
                self._not_plain(thing)
                mine[thing] = self._settle(thing, found, mine.get(thing, thing.facts["status"]))

    def _unknown_above(self, node: str) -> bool:
        """Is there a holder nobody knows among the owners of that party, or of its owners?"""
        known = self.unknown_above
        if not known:  # worked out downward for all at once
            below: dict[str, list[str]] = {}
            for held, stakes in self.above.items():
                known[held] = any(stake.owner is None for stake in stakes)
                for stake in stakes:
                    if stake.owner is not None:
                        below.setdefault(stake.owner, []).append(held)
            todo = [held for held, unknown in known.items() if unknown]
            while todo:
                for held in below.get(todo.pop(), ()):
                    if not known[held]:
                        known[held] = True
                        todo.append(held)
        return known.get(node, False)

    def _bound(
        self,
        authority: str,
        thing: Thing,
        each: Reached,
        day: date,
        reached: Mapping[str, tuple[Reached, list[Source]]],
        nodes: Mapping[str, list[Source]],
        lists: set[str],
    ) -> None:
        def counts(owner: str) -> bool:
            return owner in reached or any(s.status.split("/")[0] in lists for s in nodes.get(owner, ()))

        bounds = bounds_of(each, node_of(thing), self.above, day, counts)
        known = self.bounds.get((authority, thing))
        if bounds is not None and (known is None or bounds.high > known.high):
            self.bounds[authority, thing] = bounds

    def bounds_in_words(self, thing: Thing, authority: str) -> str:
        """What of a party counts at least and at most in the eyes of an authority, and what to ask; empty if known."""
        bounds = self.bounds.get((authority, thing))
        if bounds is None:
            return ""
        said = in_words(bounds, thing.name, self._named)
        if thing.registered is not None and thing.registered.shown is not None and not thing.registered.sure:
            known = " or ".join(thing.registered.shown["is"])
            return f"Is {thing.name} the registered {known} ({thing.registered.shown['reason']})? {said}"
        return said

    def _statuses_of(self, lists: Sequence[str]) -> list[str]:
        """Every status that some lists can give."""
        authorities = self.program.rules.authorities.values()
        held = {name: entry for authority in authorities for name, entry in authority.lists.items()}
        return [f"{name}/{programme}" for name in lists for programme in (*held[name].programmes, OTHER)]

    def sources_of(self, thing: Any, status: str | None, authority: str) -> list[Source]:
        """Why a thing has a status in the eyes of an authority."""
        return [
            source
            for source in self.sources.get(id(thing), ())
            if source.status == status and (source.ownership is None or source.ownership.authority == authority)
        ]

    def doubts(self, thing: Any, authority: str) -> list[Source]:
        """Why it is UNKNOWN whether a thing has some status of an authority's lists."""
        lists = self.program.rules.authorities[authority].lists
        return [
            source
            for source in self.sources.get(id(thing), ())
            if source.truth == UNKNOWN
            and source.status.split("/")[0] in lists
            and (source.ownership is None or source.ownership.authority == authority)
        ]

    def seen_by(self, authority: str) -> dict[Thing, dict[str, int]]:
        """Give the parties the statuses that an authority sees; returns what they had, to be given back.

        What one authority passes on through ownership, another does not: OFAC's 50 percent rule makes no party of the
        EAR's lists, and the other way round.
        """
        before = {}
        for thing, statuses in self.inherited.get(authority, {}).items():
            before[thing] = thing.facts["status"]
            thing.facts["status"] = statuses
        return before

    def _named(self, step: str) -> str:
        """A step of the path with names in place of nodes."""
        if not self.names:
            subjects = self.program.subjects
            self.names = {f"s:{id}": subjects[id].name for id in (self.graph.subjects if self.graph else ())}
            self.names |= {node_of(t): t.name for t in reversed(self.act.things) if t.kind == "party"}
        return " ".join(self.names.get(word, word) for word in step.split(" "))

    # ---- property blocked earlier

    def _carried(self, thing: Thing) -> None:
        """31 CFR 548.301, FAQ 402: what was blocked stays blocked while the listing that caused it stands."""
        since, holders = thing.facts.get("blocked_since"), thing.facts.get("interest_of")
        if since is None or holders is None:
            if self.act.facts["activity"] == "release_blocked_property":
                thing.facts.pop("status", None)  # unknown: it was blocked, but when or for whom nobody said
            return

        def then_and_now(listing: Listing) -> tuple[int, tuple[Unresolved, ...]]:
            truth, open_questions = self._listed_now(listing)
            zone = self.program.rules.authorities[listing.authority].zone
            return truth & listing.effective.in_force(day_start(since + timedelta(days=1), zone) - 1), open_questions

        carried = [s for holder in holders for s in self._direct(holder, then_and_now)]
        if self.graph is not None:
            nodes = self._nodes(then_and_now)
            moment = int(datetime.combine(since, datetime.min.time(), tzinfo=UTC).timestamp()) + 43200
            for norm in self.program.ownerships:
                if norm.effective.in_force(moment) == TRUE:
                    reached = self._reach(norm, nodes, since)
                    for holder in holders:
                        _, sources = reached.get(node_of(holder), (None, []))
                        carried += sources
        self._not_plain(thing)
        thing.facts["status"] = self._settle(thing, carried, thing.facts["status"])

    # ---- together

    def _settle(self, thing: Thing, found: list[Source], known: Mapping[str, int] | None = None) -> dict[str, int]:
        if found:
            before = self.sources.get(id(thing), [])
            self.sources[id(thing)] = [*before, *(s for s in found if s not in before)]
        return statuses_from(found, self.program.asked_statuses, known)

    def owned_by(self, condition: OwnedBy, party: Thing) -> int:
        """Three-valued: do the named subjects, or whoever has one of the statuses, own that share of the party?"""
        if self.graph is None:
            return FALSE
        known = self.counts.get(id(condition))
        if known is None:
            known = self.counts[id(condition)] = self._count(condition)
        holders, low, high = known
        node, limit = node_of(party), condition.threshold
        by_chance = False
        if condition.control:  # as stated, by one of the holders
            pairs, doubtful = controlling(self.graph.controls, self.graph.found, date_in(self.moment, condition.zone))
            controlling_truths = [holders.get(owner, FALSE) for owner, held in pairs if held == node]
            by_chance = any(held == node and holders.get(owner) for owner, held in doubtful)
            if TRUE in controlling_truths:
                return TRUE
        surely, perhaps = low.share(node), high.share(node)
        if surely > limit or (condition.inclusive and surely == limit):
            return TRUE
        return UNKNOWN if by_chance or perhaps > limit or (condition.inclusive and perhaps == limit) else FALSE

    def holders(self, condition: OwnedBy, part: Any) -> Holders:
        """Those who satisfy the condition of a share test, and what they own; worked out once for each test."""
        known = self.held_by.get(id(condition))
        if known is None:
            known = self.held_by[id(condition)] = Holders(
                self.program, self.act, self.moment, self.graph, self.turned, condition, part
            )
        return known

    def _count(self, condition: OwnedBy) -> tuple[dict[str, int], Counting, Counting]:
        """The holders a test names, and what they have of every party; worked out once for each test."""
        assert self.graph is not None
        if condition.subjects:
            holders = {f"s:{subject}": TRUE for subject in condition.subjects}
        else:
            left_out = {f"s:{subject}" for subject in condition.other_than}
            holders = {}
            for holder, sources in self._nodes_now().items():
                truths = [
                    s.truth
                    for s in sources
                    if s.status in condition.listed or s.status.split("/")[0] in condition.listed
                ]
                if truths and holder not in left_out:
                    holders[holder] = max(truths)
        # a share is passed on whole through majority steps, whatever share is asked for at the end
        passes = Policy(max(condition.threshold, HALF), condition.inclusive or condition.threshold < HALF)
        day = date_in(self.moment, condition.zone)
        low, high = counted(self.graph.stakes, holders, passes, day)
        if self.turned is not None:
            _, high = counted(self.turned, holders, passes, day)
        return holders, low, high

    def _nodes_now(self) -> dict[str, list[Source]]:
        if self.nodes is None:
            self.nodes = self._nodes(self._listed_now)
        return self.nodes
