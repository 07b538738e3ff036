"""A rule set made ready to decide: every condition compiled, every norm filed where a transaction finds it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from carveout.engine.decide.compile import Compiled
from carveout.engine.decide.index import Index, needs_of
from carveout.engine.decide.meetings import Meetings
from carveout.engine.decide.soil import Soil
from carveout.engine.decide.timelines import Timeline
from carveout.engine.decide.words import cited
from carveout.engine.decide.writing import traces_for
from carveout.engine.facts.defaults import told_by
from carveout.engine.law.clocks import FOREVER, Effective
from carveout.engine.law.conditions import Condition, Leaf, walk
from carveout.engine.law.norms import Authority, Duty, Exemption, Listing, Norm, Ownership, Prohibition, Unresolved
from carveout.engine.law.ruleset import OTHER, RuleSet, conditions_of, order_of_authorities
from carveout.engine.law.vocabulary import THINGS, Vocabulary
from carveout.engine.parties.subjects import Subjects

LEVELS = {"no_nexus": 0, "not_prohibited": 1, "authorized": 2, "review": 3, "license_required": 4, "prohibited": 5}


Fate = tuple[int, int, bool]
"""The best and the worst verdict of a finding, and whether its duties are due."""


def sure_stretch(effective: Effective) -> tuple[int, int]:
    """The stretch in which a norm is in force for certain; empty where it is suspended in between."""
    if effective.suspended:
        return FOREVER, FOREVER
    return effective.begins.by, effective.ends.after


class Unkept(dict[Any, Any]):
    """A mapping that keeps nothing."""

    def __setitem__(self, key: Any, value: Any) -> None:
        pass


class OpenQuestion:
    """A compiled `unresolved`."""

    __slots__ = ("law", "when")

    def __init__(self, law: Unresolved, vocabulary: Vocabulary, thing: str) -> None:
        self.law = law
        self.when = Compiled(law.when, vocabulary, thing) if law.when is not None else None


class Ban:
    """A compiled prohibition."""

    __slots__ = (
        "authority",
        "brief",
        "duties",
        "effective",
        "grounds",
        "grounds_of_thing",
        "index",
        "level",
        "manners",
        "norm",
        "number",
        "open",
        "shields",
        "since",
        "soil",
        "statuses",
        "till",
        "when",
    )

    def __init__(
        self, norm: Prohibition, number: int, authority: Authority, vocabulary: Vocabulary, soil: Soil
    ) -> None:
        thing = norm.for_each
        self.norm, self.number, self.authority = norm, number, authority.id
        self.effective: Effective = norm.effective
        self.when = Compiled(norm.when, vocabulary, thing) if norm.when is not None else None
        self.manners = [
            (manner, Compiled(condition, vocabulary, thing))
            for manner, condition in (("block", norm.block), ("reject", norm.reject))
            if condition is not None
        ]
        """What is to be done with the property, and when; the first that holds counts."""
        self.statuses = norm.statuses
        self.level = min(LEVELS[norm.effect], 3) if authority.advisory else LEVELS[norm.effect]
        grounds = [authority.grounds[name] for name in norm.grounds]
        self.grounds = tuple(ground.id for ground in grounds)
        self.soil = soil.wanted(self.grounds)
        self.grounds_of_thing = any(thing != "act" and thing in g.conditions for g in grounds)
        self.since, self.till = sure_stretch(norm.effective)
        self.open = [OpenQuestion(u, vocabulary, thing) for u in norm.unresolved]
        self.shields: list[Cover] = []
        self.index: Index[Cover] | None = None
        self.duties: tuple[int, ...] = ()
        self.brief: dict[str, Any] = {
            "authority": authority.id,
            "prohibition": norm.id,
            "title": norm.title,
            "citations": [c.as_json() for c in norm.citations],
            "effect": norm.effect,
            **dict.fromkeys(("thing", "engaged", "best", "worst", "manner", "shields", "facts")),
            **(dict.fromkeys(("programme", "because")) if norm.statuses else {}),
        }
        """A finding as it is written, without what the act makes of it."""


class Cover:
    """A compiled exemption, for one kind of thing."""

    __slots__ = ("brief", "covers", "effective", "excepts", "granted", "norm", "open", "since", "statuses", "till")

    def __init__(self, norm: Exemption, condition: Condition, thing: str, vocabulary: Vocabulary) -> None:
        asked = thing if len(norm.covers) == 1 else "act"
        self.norm = norm
        self.effective = norm.effective
        self.since, self.till = sure_stretch(norm.effective)
        self.covers = Compiled(condition, vocabulary, thing, covers=True)
        self.excepts = [(exclusion, Compiled(exclusion.when, vocabulary, asked)) for exclusion in norm.excepts]
        self.open = [OpenQuestion(u, vocabulary, asked) for u in norm.unresolved]
        self.statuses = frozenset(norm.statuses)
        self.granted = norm.granted
        self.brief: dict[str, Any] = {
            "exemption": norm.id,
            "title": norm.title,
            "citations": [c.as_json() for c in norm.citations],
        }


class Obligation:
    """A compiled duty."""

    __slots__ = ("brief", "grounds", "norm", "number", "since", "till", "when")

    def __init__(self, norm: Duty, number: int, authority: Authority, vocabulary: Vocabulary) -> None:
        self.norm, self.number = norm, number
        self.since, self.till = sure_stretch(norm.effective)
        self.when = Compiled(norm.when, vocabulary, norm.for_each or "act") if norm.when is not None else None
        self.grounds = tuple(authority.grounds[name].id for name in norm.grounds)
        self.brief: dict[str, Any] = {
            "duty": norm.duty,
            "authority": norm.authority,
            "norm": norm.id,
            "says": norm.says,
            "citations": [c.as_json() for c in norm.citations],
        }
        if norm.report:
            self.brief["report"] = norm.report


class Meeting(NamedTuple):
    """The norms that can matter to a thing."""

    bans: tuple[tuple[str, tuple[Ban, ...]], ...]
    """By authority, in the order of their numbers."""
    duties: tuple[Obligation, ...]


def meeting_of(norms: Sequence[Ban | Obligation]) -> Meeting:
    """What a lookup found, sorted out."""
    bans: dict[str, list[Ban]] = {}
    duties = []
    for norm in norms:
        if isinstance(norm, Ban):
            bans.setdefault(norm.authority, []).append(norm)
        else:
            duties.append(norm)
    ordered = {id: tuple(sorted(found, key=lambda ban: ban.number)) for id, found in bans.items()}
    return Meeting(tuple(ordered.items()), tuple(duties))


class Nexus:
    """A compiled ground of nexus."""

    __slots__ = ("authority", "by_thing", "id", "on_act", "title")

    def __init__(self, authority: Authority, name: str, vocabulary: Vocabulary) -> None:
        ground = authority.grounds[name]
        self.id, self.title, self.authority = ground.id, ground.title, authority.id
        self.on_act = Compiled(ground.conditions["act"], vocabulary, "act") if "act" in ground.conditions else None
        self.by_thing = {t: Compiled(c, vocabulary, t) for t, c in ground.conditions.items() if t != "act"}


class Program:
    """All of it, compiled once for a rule set."""

    def __init__(self, rules: RuleSet, subjects: Subjects) -> None:
        self.rules, self.subjects = rules, subjects
        vocabulary = rules.vocabulary
        self.fates: dict[int, dict[Any, Fate]] = {}
        """By level: what becomes of an engagement with such shields, asked of `settle` once each."""
        self.forget_fates()
        self.order = order_of_authorities(rules.norms.values(), rules.authorities)
        self.grounds: dict[str, Nexus] = {}
        self.grounds_of: dict[str, list[Nexus]] = {id: [] for id in rules.authorities}
        for authority in rules.authorities.values():
            for name in authority.grounds:
                nexus = Nexus(authority, name, vocabulary)
                self.grounds[nexus.id] = nexus
                self.grounds_of[authority.id].append(nexus)
        self.soil = Soil(self.grounds.values())
        self.nexus = {id: self.soil.wanted(ground.id for ground in found) for id, found in self.grounds_of.items()}
        self.asked_statuses = self._asked_statuses()
        self._covered: dict[str, bool] = {}
        self.classes = [
            (n, Compiled(n.members, vocabulary, "party")) for n in rules.of_kind(Listing) if n.members is not None
        ]
        self.briefs: dict[str, dict[str, Any]] = {}
        self.cited = {id: cited([c.as_json() for c in norm.citations]) for id, norm in rules.norms.items()}
        self.timelines: dict[str, Timeline] = {}
        self.ownerships = rules.of_kind(Ownership)
        self.duties: list[Obligation] = []
        self.index: dict[str, Index[Ban | Obligation]] = {thing: Index() for thing in THINGS}
        after: dict[str, list[int]] = {}
        for norm in rules.of_kind(Duty):
            duty = Obligation(norm, len(self.duties), rules.authorities[norm.authority], vocabulary)
            self.duties.append(duty)
            if norm.for_each is not None:
                self.index[norm.for_each].add(needs_of(norm.when, norm.for_each, (), vocabulary), duty)
            for prohibition in norm.after:
                after.setdefault(prohibition, []).append(duty.number)
        for subject in rules.listings_of:
            self.timeline(subject).fill()
        self.bans: list[Ban] = []
        self.assumed: dict[str, list[Ban]] = {}
        for ban_norm in rules.of_kind(Prohibition):
            self._add_ban(ban_norm, after.get(ban_norm.id, []))
        for index in self.index.values():
            index.ready()
        self.meetings = {kind: Meetings(index, meeting_of) for kind, index in self.index.items()}
        self.item_links = [
            (fact, Compiled(fact.applies, vocabulary, "item") if fact.applies is not None else None)
            for fact in vocabulary.facts_of("item")
            if fact.role is not None
        ]
        """Facts of an item that give a party its role, and where they apply."""
        self.as_said = [fact for fact in vocabulary.facts.values() if fact.absent == "as"]
        self.told = told_by(vocabulary)
        """Facts that a code tells by how it begins."""
        self.ownership_authorities = frozenset(norm.authority for norm in self.ownerships)
        self.asking = {
            kind: frozenset([ban.authority for ban in self.bans if ban.norm.for_each == kind][:64])
            for kind in ("act", "party", "item", "asset")
        }
        """The authorities with prohibitions of a kind of thing."""
        self.exemptions = {norm.id: norm for norm in rules.of_kind(Exemption)}

    def remember(self, flag: bool) -> None:
        """Keep what things meet, what becomes of engagements and how findings are written, or work it out each time.

        For tests and measurements: an answer is the same either way. What was kept is forgotten.
        """
        self.forget_fates(flag)
        for meetings in self.meetings.values():
            meetings.remember(flag)
        for condition in self.conditions():
            condition.traces = traces_for(condition.shape, condition.leaves) if flag else Unkept()

    def forget_fates(self, keep: bool = True) -> None:
        """Ask `settle` anew from now on what becomes of engagements, and keep it or not."""
        self.fates = {level: {} if keep else Unkept() for level in LEVELS.values()}

    def conditions(self) -> Iterator[Compiled]:
        """The conditions whose answers decisions trace."""
        for ban in self.bans:
            if ban.when is not None:
                yield ban.when
            yield from (cover.covers for cover in ban.shields)

    def brief_of(self, norm: Norm) -> dict[str, Any]:
        """A listing or an ownership norm as it stands in decisions; made when first needed."""
        found = self.briefs.get(norm.id)
        if found is None:
            found = self.briefs[norm.id] = norm.brief()
        return found

    def covered(self, status: str) -> bool:
        """Does some prohibition ask for that status, for its list, or for whatever else is on the list?"""
        known = self._covered.get(status)
        if known is None:
            name = status.split("/")[0]
            known = not self.asked_statuses.isdisjoint((status, name, f"{name}/{OTHER}"))
            self._covered[status] = known
        return known

    def timeline(self, subject: str) -> Timeline:
        """The statuses of a recorded subject through time."""
        known = self.timelines.get(subject)
        if known is None:
            known = self.timelines[subject] = Timeline(self.subjects.listings(subject), self.asked_statuses)
        return known

    def _asked_statuses(self) -> frozenset[str]:
        asked = set(self.rules.held_statuses)
        for norm in self.rules.norms.values():
            if isinstance(norm, Prohibition):
                for condition in conditions_of(norm):
                    for part in walk(condition):
                        if isinstance(part, Leaf) and part.path.fact.type == "status" and not part.rest:
                            asked |= set(part.values)
        return frozenset(asked)

    def _add_ban(self, norm: Prohibition, duties: list[int]) -> None:
        vocabulary = self.rules.vocabulary
        ban = Ban(norm, len(self.bans), self.rules.authorities[norm.authority], vocabulary, self.soil)
        ban.duties = tuple(duties)
        self.bans.append(ban)
        covers = [
            (exemption, exemption.covers[norm.for_each])
            for exemption in self.rules.exemptions_for.get(norm.id, ())
            if norm.for_each in exemption.covers
        ]
        ban.shields = [Cover(exemption, condition, norm.for_each, vocabulary) for exemption, condition in covers]
        if len(ban.shields) > 8:
            ban.index = Index()
            for cover, (exemption, condition) in zip(ban.shields, covers, strict=True):
                statuses = exemption.statuses if norm.statuses and not exemption.unresolved else ()
                needs = (
                    []
                    if any(u.lifts for u in exemption.unresolved)
                    else needs_of(condition, norm.for_each, statuses, vocabulary)
                )
                ban.index.add(needs, cover)
            ban.index.ready()
        lifts = any(u.lifts for u in norm.unresolved)
        self.index[norm.for_each].add(
            [] if lifts else needs_of(norm.when, norm.for_each, norm.statuses, vocabulary), ban
        )
        for condition in conditions_of(norm)[:1] if norm.when is not None else ():
            for part in walk(condition):
                if isinstance(part, Leaf) and part.path.fact.absent == "assumed":
                    self.assumed.setdefault(part.path.fact.path, []).append(ban)
