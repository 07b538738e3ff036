"""The meaning of design.md done the slow and plain way: no index, nothing compiled, nothing kept, no durable-rules.

It reads the conditions as they were written and asks every norm about every thing. Who has which status and who owns
what comes from the engine (their tests are elsewhere); everything else is worked out here a second time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from carveout.engine.decide.evaluation import Evaluation
from carveout.engine.law.clocks import Boundary, Effective
from carveout.engine.law.conditions import VERDICTS, Condition, Junction, Leaf, Not, OwnedBy, Quantified, VerdictIs
from carveout.engine.law.norms import Exemption, Prohibition, Unresolved
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.law.vocabulary import YES_NO, Fact

NO, MAYBE, YES = 0, 1, 2
EFFECT = {"review": 3, "license_required": 4, "prohibited": 5}


class Found(NamedTuple):
    """One engagement, the truths and ways of its shields, and its range."""

    prohibition: str
    thing: str
    status: str
    engaged: int
    shields: tuple[tuple[str, int, str], ...]
    best: int
    worst: int


def passed(boundary: Boundary, moment: int) -> int:
    """Has the boundary passed?"""
    return YES if moment >= boundary.by else MAYBE if moment >= boundary.after else NO


def in_force(effective: Effective, moment: int) -> int:
    """Begun, not ended, not suspended."""
    truth = min(passed(effective.begins, moment), 2 - passed(effective.ends, moment))
    for begins, ends in effective.suspended:
        truth = min(truth, 2 - min(passed(begins, moment), 2 - passed(ends, moment)))
    return truth


class Plain:
    """Decides an act at a moment; the engine's evaluation gives the things and their statuses."""

    def __init__(self, rules: RuleSet, evaluation: Evaluation) -> None:
        self.rules, self.vocabulary = rules, rules.vocabulary
        self.evaluation, self.act, self.moment = evaluation, evaluation.act, evaluation.moment
        self.seen: dict[Any, Any] = {}
        self.groups = set(rules.documents["places.yaml"].data.get("groups", {}))

    def authority(self, id: str, supposing_nexus: bool = False) -> tuple[int, int, list[Found]]:
        """Best case, worst case and findings of one authority."""
        before, self.seen = self.seen, self.evaluation.statuses.inherited.get(id, {})
        try:
            grounds = [f"{id}.{name}" for name in self.rules.authorities[id].grounds]
            nexus = max((self.ground(g, t) for g in grounds for t in self.things()), default=NO)
            if supposing_nexus:
                nexus = YES
            found: list[Found] = []
            if nexus:
                for norm in self.rules.of_kind(Prohibition):
                    if norm.authority == id:
                        for thing in self.things(norm.for_each):
                            found += self.engagements(norm, thing, supposing_nexus)
                found = [self.with_what_is_held(each, found) for each in found]
            lowest, highest = {YES: (1, 1), MAYBE: (0, 1), NO: (0, 0)}[nexus]
            best = max([lowest, *(f.best for f in found if f.best > 1)])  # not engaged: no stricter than no nexus
            return best, max([highest, *(f.worst for f in found)]), found
        finally:
            self.seen = before

    def things(self, kind: str = "") -> list[Any]:
        """The things of a kind that have a part in the act, or all of them and the act itself."""
        act: Any = self.act
        by_kind = {"act": [act], "party": act.parties, "item": act.items, "asset": act.assets}
        return list(by_kind[kind]) if kind else [thing for things in by_kind.values() for thing in things]

    def ground(self, id: str, thing: Any) -> int:
        """Does the ground hold for the act or for this thing?"""
        if id in self.act.grounds:
            return YES
        authority, _, name = id.rpartition(".")
        conditions = self.rules.authorities[authority].grounds[name].conditions
        truth = self.ask(conditions["act"], self.act, {}) if "act" in conditions else NO
        if thing is not self.act and thing.kind in conditions:
            own = self.ask(conditions[thing.kind], thing, {})
            truth = max(truth, min(own, MAYBE) if thing.doubtful else own)
        return truth

    # ---- one prohibition and one thing

    def engagements(self, norm: Prohibition, thing: Any, supposing: bool) -> Iterator[Found]:
        """One for each programme that the prohibition names, or one."""
        force = in_force(norm.effective, self.moment)
        if not force:
            return
        ground = YES if supposing else max(self.ground(f"{norm.authority}.{g}", thing) for g in norm.grounds)
        truth = self.ask(norm.when, thing, {}) if norm.when is not None else YES
        truth = min(force, ground, self.unresolved(norm.unresolved, truth, thing, norm.for_each))
        if thing.doubtful:
            truth = min(truth, MAYBE)
        statuses = self.fact(thing, "status")
        named = norm.statuses or ("",)
        for status in named[:1] if norm.statuses and statuses is None else named:
            has = YES
            if status:
                has = MAYBE if statuses is None else self.bits(statuses.get(status, 0))
            engaged = min(truth, has)
            if engaged:
                shields = [s for e in self.rules.of_kind(Exemption) for s in self.shield(e, norm, thing, status)]
                best, worst = self.range_of(norm, engaged, shields)
                yield Found(
                    norm.id, f"{thing.kind} {thing.number}", status, engaged, tuple(sorted(shields)), best, worst
                )

    def with_what_is_held(self, found: Found, everything: list[Found]) -> Found:
        """The same with the permits that the user holds: for what they name, or for the only one they can be for."""
        norm: Any = self.rules.norms[found.prohibition]
        shields = list(found.shields)
        for held in self.act.authorisations:
            if not held.first <= self.moment < held.last or not self.lifts(held, found):
                continue
            kind = found.thing.split()[0]
            rivals = {f.thing for f in everything if f.thing.split()[0] == kind and self.lifts(held, f)}
            sure = YES if len(rivals) == 1 else MAYBE
            if held.limited:
                sure = YES if found.thing in {f"{thing.kind} {thing.number}" for thing in held.things} else NO
            grants = held.grants
            if sure and grants is None:
                shields.append(("held", sure, "authorized"))
            elif sure and grants is not None:
                (truth,) = [t for id, t, how in shields if id == grants and how == "license_required"] or [NO]
                if truth:
                    exemption: Any = self.rules.norms[grants]
                    if sure == YES:
                        shields.remove((grants, truth, "license_required"))
                    shields.append((grants, min(sure, truth), exemption.lifts_as))
        best, worst = self.range_of(norm, found.engaged, shields)
        return found._replace(shields=tuple(sorted(shields)), best=best, worst=worst)

    def lifts(self, held: Any, found: Found) -> bool:
        """Is the engagement one that the permit could be for?"""
        if held.grants is not None:
            return any(id == held.grants for id, _, _ in found.shields)
        return found.prohibition in held.lifts and held.issuer == self.rules.norms[found.prohibition].authority

    def range_of(self, norm: Prohibition, engaged: int, shields: list[tuple[str, int, str]]) -> tuple[int, int]:
        """The mildest and the strictest that the finding can come to."""
        effect = EFFECT[norm.effect]
        if self.rules.authorities[norm.authority].advisory:
            effect = min(effect, 3)
        comes_to = {"not_prohibited": 1, "authorized": 2, "license_required": min(effect, 4)}
        order = ("not_prohibited", "authorized", "license_required")
        every = [how for how in order if any(h == how for _, _, h in shields)]
        sure = [how for how in order if any(h == how and truth == YES for _, truth, h in shields)]
        best = 1 if engaged == MAYBE else comes_to[every[0]] if every else effect
        return best, comes_to[sure[0]] if sure else effect

    def shield(self, norm: Exemption, ban: Prohibition, thing: Any, status: str) -> Iterator[tuple[str, int, str]]:
        """What an exemption does for an engagement."""
        if ban.id not in norm.shields or ban.for_each not in norm.covers:
            return
        if norm.statuses and status and status not in norm.statuses:
            return
        force = in_force(norm.effective, self.moment)
        if not force:
            return
        if self.moment >= norm.stale_from:
            force = min(force, MAYBE)
        asked = ban.for_each if len(norm.covers) == 1 else "act"
        truth = self.ask(norm.covers[ban.for_each], thing, {})
        truth = min(force, self.unresolved(norm.unresolved, truth, thing, asked))
        for exclusion in norm.excepts:
            truth = min(truth, 2 - self.ask(exclusion.when, self.act if asked == "act" else thing, {}))
        how = norm.lifts_as
        if norm.granted:
            how = "license_required"
        if truth:
            yield norm.id, truth, how

    def unresolved(self, questions: tuple[Unresolved, ...], truth: int, thing: Any, asked: str) -> int:
        """Open law lowers TRUE to UNKNOWN and, where it says so, lifts FALSE."""
        for question in questions:
            bears = min(passed(question.begins, self.moment), 2 - passed(question.ends, self.moment))
            if question.when is not None:
                bears = min(bears, self.ask(question.when, self.act if asked == "act" else thing, {}))
            if bears and (truth == YES or (truth == NO and question.lifts)):
                truth = MAYBE
        return truth

    # ---- conditions

    @staticmethod
    def bits(truth: int) -> int:
        """The engine's truth (two bits) as a rank."""
        return {0: NO, 1: MAYBE, 3: YES}[truth]

    def fact(self, thing: Any, name: str) -> Any:
        """A fact of a thing; statuses as the authority asking sees them."""
        if name == "status" and thing in self.seen:
            return self.seen[thing]
        return thing.facts.get(name)

    def ask(self, condition: Condition, thing: Any, bound: dict[str, Any]) -> int:
        """Three-valued truth of a condition asked of a thing."""
        bound = {**bound, thing.kind: thing, "act": self.act}
        if isinstance(condition, Junction):
            truths = [self.ask(part, thing, bound) for part in condition.parts]
            return min(truths, default=YES) if condition.kind == "all" else max(truths, default=NO)
        if isinstance(condition, Not):
            return 2 - self.ask(condition.part, thing, bound)
        if isinstance(condition, Quantified):
            return self.quantified(condition, bound)
        if isinstance(condition, OwnedBy):
            parties, gap = self.walk(bound[condition.root], condition.links)
            truths = [MAYBE if p.open else self.bits(self.evaluation.owned_by(condition, p)) for p in parties]
            return max([MAYBE if gap else NO, *truths])
        if isinstance(condition, VerdictIs):
            return self.verdict(condition)
        ends, truth = self.walk(bound[condition.path.root], condition.path.links)
        for end in ends:
            truth = max(truth, self.test(condition, end))
        return truth

    def quantified(self, condition: Quantified, bound: dict[str, Any]) -> int:
        """Greatest or least over the things; one that may not be there decides nothing."""
        things = self.things(condition.thing)
        truths = [(self.ask(condition.part, each, bound), each.doubtful) for each in things]
        if condition.kind == "any":
            return max((min(t, MAYBE) if doubtful else t for t, doubtful in truths), default=NO)
        default = YES if condition.if_empty else NO
        return min((max(t, MAYBE) if doubtful else t for t, doubtful in truths), default=default)

    def verdict(self, condition: VerdictIs) -> int:
        """Is all, some or nothing of what the other authority may say among the wanted verdicts?"""
        best, worst, _ = self.authority(condition.authority)
        if condition.supposing_nexus:
            best, worst, _ = self.authority(condition.authority, True)
        can_be = {VERDICTS[rank] for rank in range(best, worst + 1)}
        wanted = set(condition.verdicts)
        return YES if can_be <= wanted else MAYBE if can_be & wanted else NO

    def walk(self, start: Any, links: tuple[Fact, ...]) -> tuple[list[Any], int]:
        """Where links lead, and what a link that is not there is worth."""
        now, truth = [start], NO
        for link in links:
            following: list[Any] = []
            for each in now:
                target = self.fact(each, link.name)
                if target is None:
                    truth = max(truth, self.absent(each, link))
                else:
                    following += target if isinstance(target, tuple) else [target]
            now = following
        return now, truth

    def absent(self, thing: Any, fact: Fact, leaf: Leaf | None = None) -> int:
        """What a test is worth where the fact is not there."""
        if thing.open or fact.name in thing.unreadable:
            return MAYBE
        if fact.absent in ("claimed", "none"):
            return NO
        if fact.absent == "assumed":
            default: Any = YES_NO[fact.default] if fact.type == "yes_no" else fact.default
            return self.holds(leaf, default) if leaf is not None else NO
        return MAYBE if fact.applies is None or self.ask(fact.applies, thing, {}) else NO

    def test(self, leaf: Leaf, thing: Any) -> int:
        """One test of one fact of one thing."""
        fact = leaf.path.fact
        if leaf.test == "in_set":
            if leaf.values[0].name in thing.facts.get("in_sets", ()):
                return YES
            if leaf.values[0].name in thing.facts.get("not_in_sets", ()):
                return NO
        value = self.fact(thing, fact.name)
        if value is None:
            return self.absent(thing, fact, leaf)
        if fact.type in ("status", "subject"):
            return max(self.bits(value.get(wanted, 0)) for wanted in leaf.values)
        return max((self.holds(leaf, each) for each in (value if fact.many else (value,))), default=NO)

    def holds(self, leaf: Leaf, value: Any) -> int:
        """The test for one value."""
        limit = leaf.values[0]
        if leaf.test == "is":
            return max(self.is_a(leaf.path.fact.type, value, wanted) for wanted in leaf.values)
        if leaf.test == "in_set":
            known = [self.coded(leaf.path.fact.type, value, code) for code in limit.codes]
            return max([NO if limit.complete else MAYBE, *known])
        if leaf.test in ("at_least", "from"):
            return YES if value >= limit else NO
        if leaf.test == "more_than":
            return YES if value > limit else NO
        if leaf.test == "at_most":
            return YES if value <= limit else NO
        return YES if value < limit else NO

    def coded(self, kind: str, said: str, wanted: str) -> int:
        """Is one code a kind of the other, part by part?"""
        if said == wanted or self.vocabulary.codes[kind].whole:
            return YES if said == wanted else NO

        def begins(code: str, with_: str) -> bool:
            parts, first = re.findall(r"[^\W_]+", code), re.findall(r"[^\W_]+", with_)
            return code.startswith(with_) and (with_.isalnum() or parts[: len(first)] == first)

        return YES if begins(said, wanted) else MAYBE if begins(wanted, said) else NO

    def is_a(self, kind: str, said: Any, wanted: Any) -> int:
        """Is the said word, place or code a kind of the wanted one?"""
        if kind in self.vocabulary.codes:
            return self.coded(kind, said, wanted)
        closed = self.vocabulary.closed(kind)
        if closed is None or said not in closed:
            return YES if said == wanted else NO
        if wanted in self.vocabulary.within[f"{kind}:{said}"]:
            return YES
        within = {word: self.vocabulary.within[f"{kind}:{word}"] for word in closed if word not in self.groups}
        can_be = {word for word, above in within.items() if said in above}
        meant = {word for word, above in within.items() if wanted in above}
        return YES if can_be <= meant else MAYBE if can_be & meant else NO
