"""One act at one moment under one rule set: engagements, shields, findings, and each authority's range."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from carveout.engine.decide.compile import Compiled
from carveout.engine.decide.findings import Finding, Ruling, Shield
from carveout.engine.decide.gaps import open_links
from carveout.engine.decide.held import LIFT, hold
from carveout.engine.decide.leaves import Entry
from carveout.engine.decide.missing import missing_facts
from carveout.engine.decide.program import Ban, Cover, Fate, OpenQuestion, Program
from carveout.engine.decide.settling import AUTHORIZED, FREE, GRANTABLE, LIMIT, settle
from carveout.engine.decide.soil import Wanted
from carveout.engine.decide.statuses import Statuses
from carveout.engine.decide.writing import Written
from carveout.engine.facts.things import Act, Thing
from carveout.engine.law.truth import FALSE, MIRROR, TRUE, UNKNOWN

_NONE: list[Finding] = []
_ANY_DUTY = (0,)
"""Stands for the duties of any prohibition, where it is asked whether they are due."""
MOST_FATES = 20_000
"""Kept for each level."""


def _level(case: int, level: int) -> int:
    """The verdict that a settled case comes to, for a prohibition of that level."""
    if case in (FREE, LIMIT):
        return 1
    if case == AUTHORIZED:
        return 2
    return min(level, 4) if case == GRANTABLE else level


def _fate(finding: Finding) -> Fate:
    """What becomes of an engagement with such shields."""
    shields, level = tuple([shield[:2] for shield in finding.shields]), finding.ban.level
    best, worst, due = settle(((finding.engaged, shields, _ANY_DUTY),))[0]
    return _level(best, level), _level(worst, level), bool(due)


def _order(candidate: tuple[Ban, Any]) -> tuple[int, int]:
    return candidate[0].number, candidate[1].number


class Evaluation:
    """Evaluates an act at a moment; the conditions reach it through `act.context`."""

    def __init__(self, program: Program, act: Act, moment: int) -> None:
        self.program, self.act, self.moment = program, act, moment
        act.context = self
        act.moment = moment
        self.quantified: dict[Any, Any] = {}
        """Answers of quantifiers that hang on the act alone: asked once, however many things ask them."""
        open_links(program, act)
        self.statuses = Statuses(program, act, moment)
        self.statuses.establish()
        self.quantified.clear()  # what was asked while the statuses were not known yet
        self.ground_truths: dict[tuple[str, Any], int] = {}
        """Of the grounds that are asked one by one (decide/soil.py has the others)."""
        self.rulings: dict[str, Ruling] = {}
        self.supposed: dict[str, Ruling] = {}
        self.met: dict[str, list[tuple[tuple[Ban, ...], Any]]] = {id: [] for id in program.order}
        """By authority: prohibitions that may engage a thing, with it."""
        self.writings: dict[Any, Written] = {}
        self.duties: list[tuple[Any, Any]] = []
        """Duties that may stand by themselves, with the thing they are about."""
        self._gather()
        self._tread()
        for authority in program.order:
            self.rulings[authority] = self._rule(authority, False)

    def forget(self) -> None:
        """Facts have changed: what was worked out from them is no longer so."""
        self.ground_truths.clear()
        self.quantified.clear()
        self._tread()

    # ---- what the conditions ask for

    def range_of(self, authority: str, supposing_nexus: bool) -> tuple[int, int]:
        """Another authority's range; with `supposing_nexus`, as if it had nexus."""
        ruling = self.rulings[authority]
        if supposing_nexus and ruling.nexus != TRUE:
            if authority not in self.supposed:
                self.supposed[authority] = self._rule(authority, True)
            ruling = self.supposed[authority]
        return ruling.best, ruling.worst

    def missing_of(self, authority: str) -> list[Entry]:
        """What the other authority's own verdict waits for."""
        ruling = self.supposed.get(authority) or self.rulings[authority]
        return [entry for finding in ruling.findings if finding.best < finding.worst for entry in self.missing(finding)]

    def owned_by(self, condition: Any, party: Thing, part: Any = None) -> int:
        """Three-valued share test; `part`: what the holders satisfy, compiled."""
        if condition.parties is not None:
            part = part or Compiled(condition.parties, self.program.rules.vocabulary, "party")
            return self.statuses.holders(condition, part).truth(party)
        return self.statuses.owned_by(condition, party)

    def missing_owners(self, condition: Any, party: Thing, part: Any) -> list[Entry]:
        """What is not known of the owners of a party, and of theirs, where that leaves a share test open."""
        return list(self.statuses.holders(condition, part).missing(party))

    def shown_owners(self, party: Thing) -> list[str] | None:
        """The owners as stated, in words."""
        if party.owners is None:
            return None
        return [f"{s.holder.name if s.holder else 'unknown'} {s.percent} %" for s in party.owners]

    # ---- how things are written

    def written(self, thing: Any) -> Written:
        """The facts of a thing as they are written, each made when it is first asked for."""
        writings = self.writings
        known = writings.get(thing)
        if known is None:
            act = self.act
            known = writings[thing] = Written(thing, None if thing is act else self.written(act))
        return known

    # ---- candidates

    def _gather(self) -> None:
        act, met, meetings = self.act, self.met, self.program.meetings
        act_facts = act.facts
        activity = act_facts["activity"]
        for kind, things in (("act", (act,)), ("party", act.parties), ("item", act.items), ("asset", act.assets)):
            if things:
                key_in, kept = meetings[kind].in_an_act(activity)
                for thing in things:
                    key = key_in(thing.facts, act_facts)
                    meeting = kept.get(key)
                    if meeting is None:
                        meeting = meetings[kind].find(key, thing, act)
                    bans_by_authority, duties = meeting
                    for authority, bans in bans_by_authority:
                        met[authority].append((bans, thing))
                    if duties and not thing.open:
                        self.duties += [(duty, thing) for duty in duties]

    @property
    def candidates(self) -> dict[str, list[tuple[Ban, Any]]]:
        """By authority: the prohibitions that may engage a thing, with it."""
        return {id: [(ban, thing) for bans, thing in met for ban in bans] for id, met in self.met.items()}

    # ---- nexus

    def _tread(self) -> None:
        """Ask the plain grounds, all at once."""
        soil = self.program.soil
        self.soil_of_act = soil.of_act(self.act)
        self.soil_of = soil.of_things(self.act)
        """By thing: what it adds to the grounds of the act."""
        self.soil_in_all = self.soil_of_act
        for bits in self.soil_of.values():
            self.soil_in_all |= bits

    def ground(self, id: str, thing: Any) -> int:
        """Three-valued: does the ground hold for the act, or for this thing?"""
        shift = self.program.soil.shift.get(id)
        if shift is not None:
            return (self.soil_of_act | self.soil_of.get(thing, 0)) >> shift & 3
        key = id, thing if thing.kind in self.program.grounds[id].by_thing else self.act
        known = self.ground_truths.get(key)
        if known is None:
            known = self.ground_truths[key] = self._ground(*key)
        return known

    def _ground(self, id: str, thing: Any) -> int:
        act = self.act
        if id in act.grounds:
            return TRUE
        ground = self.program.grounds[id]
        if thing is act:
            return ground.on_act.ask(act, act) & 3 if ground.on_act is not None else FALSE
        truth = self.ground(id, act) if ground.on_act is not None else FALSE
        if truth != TRUE:
            part = ground.by_thing.get(thing.kind)
            if part is not None:
                answer = part.ask(thing, act) & 3
                truth |= answer & UNKNOWN if thing.doubtful else answer
        return truth

    def _grounds(self, wanted: Wanted, bits: int, thing: Any) -> int:
        """Three-valued: does any of some grounds hold? `bits`: the truths of the plain ones."""
        if bits & wanted.sure:
            return TRUE
        truth = UNKNOWN if bits & wanted.mask else FALSE
        for id in wanted.others:
            truth |= self.ground(id, thing)
            if truth == TRUE:
                break
        return truth

    def nexus(self, authority: str) -> int:
        """Three-valued: does any ground hold for the act or any of its things?"""
        act, wanted = self.act, self.program.nexus[authority]
        truth = self._grounds(wanted, self.soil_in_all, act)
        if truth != TRUE:
            for id in wanted.others:
                for kind in self.program.grounds[id].by_thing:
                    for thing in act.of_kind(kind):
                        truth |= self.ground(id, thing)
                        if truth == TRUE:
                            return TRUE
        return truth

    # ---- one authority

    def _rule(self, authority: str, supposing: bool) -> Ruling:
        nexus = TRUE if supposing else self.nexus(authority)
        findings: list[Finding] = []
        met, inherited = self.met[authority], self.statuses.inherited
        if nexus and (met or inherited):
            if inherited:
                before = self.statuses.seen_by(authority)
                self._meet_more(authority, before)
                self.quantified.clear()
            engage = self.engage
            if len(met) == 1:
                bans, thing = met[0]
                for ban in bans:
                    findings += engage(ban, thing, supposing)
            else:
                for ban, thing in sorted([(ban, thing) for bans, thing in met for ban in bans], key=_order):
                    findings += engage(ban, thing, supposing)
            if findings:
                self.settle(findings, findings)
            if inherited:
                for thing, statuses in before.items():
                    thing.facts["status"] = statuses
                self.quantified.clear()
        return Ruling(authority, nexus, findings)

    def _meet_more(self, authority: str, inherited: Iterable[Thing]) -> None:
        """A status that only this authority sees leads to further norms."""
        met = self.met[authority]
        for thing in inherited:
            if thing in self.act.parties:
                known = {ban.number for bans, each in met if each is thing for ban in bans}
                found = dict(self.program.meetings[thing.kind].of(thing, self.act).bans).get(authority, ())
                further = tuple(ban for ban in found if ban.number not in known)
                if further:
                    met.append((further, thing))

    def engage(self, ban: Ban, thing: Any, supposing: bool = False) -> list[Finding]:
        """The engagements of one prohibition with one thing, not yet settled."""
        force = TRUE if ban.since <= self.moment < ban.till else ban.effective.in_force(self.moment)
        if not force:
            return _NONE
        ground = TRUE
        if not supposing:
            bits = self.soil_of_act | self.soil_of.get(thing, 0) if ban.grounds_of_thing else self.soil_of_act
            if not bits & ban.soil.sure:
                ground = self._grounds(ban.soil, bits, thing)
                if not ground:
                    return _NONE
        answer = ban.when.ask(thing, self.act) if ban.when is not None else TRUE
        truth = answer & 3
        open_questions: tuple[OpenQuestion, ...] = ()
        if ban.open:
            truth, open_questions = self._open(ban.open, truth, thing)
        truth &= force & ground
        if thing.doubtful:
            truth &= UNKNOWN
        if not truth:
            return _NONE
        if not ban.statuses:
            only = Finding(ban, thing, None, truth, answer, ground)
            only.open = open_questions
            if ban.shields:
                only.shields = self._shields(only)
            return [only]
        found = []
        statuses = thing.facts.get("status")
        for status in ban.statuses:
            engaged = truth & (UNKNOWN if statuses is None else statuses.get(status, FALSE))
            if engaged:
                found.append(Finding(ban, thing, status, engaged, answer, ground))
                if statuses is None:
                    break  # one open thing, one question: each programme would ask the same
        for finding in found:
            finding.open = open_questions
            if ban.shields:
                finding.shields = self._shields(finding)
        return found

    def _open(self, questions: list[OpenQuestion], truth: int, thing: Any) -> tuple[int, tuple[OpenQuestion, ...]]:
        """Unresolved law lowers TRUE to UNKNOWN and, where it says so, lifts FALSE."""
        bearing = []
        for question in questions:
            bears = question.law.bears(self.moment)
            if bears and question.when is not None:
                bears &= question.when.ask(self.act if question.when.thing == "act" else thing, self.act) & 3
            if bears:
                if truth == TRUE or (truth == FALSE and question.law.lifts):
                    truth = UNKNOWN
                if truth:
                    bearing.append(question)
        return truth, tuple(bearing)

    # ---- shields

    def _shields(self, finding: Finding) -> tuple[Shield, ...]:
        ban, thing = finding.ban, finding.thing
        shields: list[Shield] = []
        if ban.index is None:
            covers: Iterable[Cover] = ban.shields
        else:
            covers = dict.fromkeys(ban.index.find(thing, self.act))
        for cover in covers:
            shield = self._shield(cover, finding)
            if shield is not None:
                shields.append(shield)
        return tuple(shields)

    def _shield(self, cover: Cover, finding: Finding) -> Shield | None:
        if cover.statuses and finding.status is not None and finding.status not in cover.statuses:
            return None
        force = TRUE if cover.since <= self.moment < cover.till else cover.effective.in_force(self.moment)
        if not force:
            return None
        stale = self.moment >= cover.norm.stale_from
        if stale:
            force &= UNKNOWN
        thing = finding.thing
        answer = cover.covers.ask(thing, self.act)
        truth = answer & 3
        open_questions: tuple[OpenQuestion, ...] = ()
        if cover.open:
            truth, open_questions = self._open(cover.open, truth, thing)
        truth &= force
        excluded = []
        for exclusion, when in cover.excepts if truth else ():
            asked = self.act if when.thing == "act" else thing
            out = when.ask(asked, self.act)
            if out & 3:
                excluded.append((exclusion, when, out))
                truth &= MIRROR[out & 3]
        if not truth:
            return None
        how = GRANTABLE if cover.granted else LIFT[cover.norm.lifts_as]
        return Shield(truth, how, cover, None, answer, open_questions, tuple(excluded), stale)

    # ---- settling

    def settle(self, findings: list[Finding], everything: list[Finding]) -> None:
        """What becomes of some findings; `everything`: all of their authority, among which a permit is for one."""
        if self.act.authorisations:
            hold(self.act, self.moment, findings, everything)
        fates_at = self.program.fates
        for finding in findings:
            ban = finding.ban
            fates = fates_at[ban.level]
            key = (finding.engaged, *[shield[:2] for shield in finding.shields]) if finding.shields else finding.engaged
            fate = fates.get(key)
            if fate is None:
                if len(fates) > MOST_FATES:
                    fates.clear()
                fate = fates[key] = _fate(finding)
            finding.best, finding.worst, due = fate
            finding.duties = ban.duties if due else ()
            if ban.manners and finding.worst == 5:
                finding.manner = self._manner(finding)

    def _manner(self, finding: Finding) -> str | None:
        for manner, condition in finding.ban.manners:
            if condition.ask(finding.thing, self.act) & 3 == TRUE:
                return manner
        return None

    def missing(self, finding: Finding) -> list[Entry]:
        """The facts that keep a finding open."""
        if finding.missing is None:
            finding.missing = missing_facts(self, finding)
        return finding.missing
