"""Changes of the rule set: proposed, approved, in force from a moment on; and which of them is the law now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import exists, func, select

from carveout.engine.law.clocks import parse_moment
from carveout.engine.law.documents import RuleError
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.records import schema
from carveout.engine.records.chain import Entry
from carveout.engine.records.contents import Contents
from carveout.engine.records.database import StoreFault
from carveout.engine.records.ids import new_id, now
from carveout.engine.records.people import Role
from carveout.engine.records.proposals import RULES, ChangeFault, Proposal, Proposals, Step, only_if_all, row_of
from carveout.engine.records.rule_versions import RuleVersion
from carveout.engine.records.store import SYSTEM, Store
from carveout.engine.records.writes import Content, Write

CONFIRM_WITHIN = timedelta(days=1)
"""An emergency is confirmed by a second person within this, or flagged to all."""


@dataclass(frozen=True, slots=True)
class Activation:
    """A change that is the law to be asked from a moment on (UTC)."""

    id: str
    proposal: str
    version: str
    at: str
    person: str
    time: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a change does, worked out for one content, one base and the decisions stored until one; see `analyse`."""

    id: str
    proposal: str
    content: str
    base: str
    until: int
    """Number of the last entry of the chain that it takes in."""
    decisions: int
    flips: int
    laxer: int
    faults: int
    digest: str
    person: str
    time: str


@dataclass(frozen=True, slots=True)
class Change:
    """A proposal of rules with all that became of it."""

    proposal: Proposal
    state: str
    """proposed, approved, scheduled, active, superseded or withdrawn."""
    approved: Step | None
    withdrawn: Step | None
    activations: Sequence[Activation]
    report: Report | None
    """The newest."""
    confirm_by: str | None
    """Of an emergency in force that no second person has confirmed: until when somebody should."""
    overdue: bool

    @property
    def etag(self) -> str:
        """Another for each state it can be in."""
        marks = [self.state, len(self.activations), self.approved, self.report and self.report.id, self.overdue]
        return f'"{Content.of(repr((self.proposal.id, marks)).encode()).digest[:32]}"'

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        p = self.proposal
        return {
            "id": p.id, "state": self.state, "title": p.title, "reason": p.reason, "content": p.content,
            "base": p.base, "version": p.version, "emergency": bool(p.emergency),
            "proposed": {"person": p.person, "time": p.time},
            "approved": asdict(self.approved) if self.approved else None,
            "withdrawn": asdict(self.withdrawn) if self.withdrawn else None,
            "activations": [{"at": a.at, "person": a.person, "time": a.time} for a in self.activations],
            "report": None if self.report is None else {
                key: value for key, value in asdict(self.report).items() if key not in ("proposal", "digest")
            },
            "confirm_by": self.confirm_by, "overdue": self.overdue,
        }  # fmt: skip


class Changes:
    """The changes of one store. Everything raises StoreFault too; what cannot be done raises ChangeFault."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.proposals = Proposals(store)

    # ---- which law is asked

    def schedule(self) -> Sequence[Activation]:
        """What was, is and will be the law to be asked, in the order of its moments; nothing: the folder of rules."""
        table, gone = schema.activations, schema.withdrawals
        query = (
            select(table)
            .where(~exists().where(gone.c.proposal == table.c.proposal))
            .order_by(table.c.at, table.c.time, table.c.id)
        )
        with self.store.database.reading() as connection:
            return [_activation(dict(row)) for row in connection.execute(query).mappings()]

    def coming(self) -> Sequence[Activation]:
        """What is the law now, if a change made it, and what will be; cheap enough to be asked again and again."""
        return since(self.schedule(), now())

    def ready(self) -> Sequence[str]:
        """Versions of changes that are approved and may be the law at any moment, newest first."""
        table, act, gone = schema.proposals, schema.activations, schema.withdrawals
        approved = schema.approvals
        query = (
            select(table.c.version)
            .join(approved, approved.c.proposal == table.c.id)
            .where(table.c.kind == RULES, ~exists().where(act.c.proposal == table.c.id))
            .where(~exists().where(gone.c.proposal == table.c.id))
            .order_by(approved.c.time.desc())
        )
        with self.store.database.reading() as connection:
            return [str(version) for version in connection.execute(query).scalars()]

    def head(self) -> tuple[Activation, Proposal] | None:
        """The last of the schedule, and what it activates: what the next change is made from."""
        found = self.schedule()
        return (found[-1], self.proposals.get(found[-1].proposal)) if found else None

    def rules(self, version: str) -> RuleSet:
        """The rule set of a version, with its cases where a change has it. Raises StoreFault if it cannot be read."""
        table = schema.proposals
        query = select(table.c.content).where(table.c.version == version).order_by(table.c.time.desc()).limit(1)
        with self.store.database.reading() as connection:
            content = connection.execute(query).scalar()
        try:
            if content is None:
                return self.store.rule_version(version).rules()
            rules = Contents.of_store(self.store, content).rules
        except (RuleError, ValueError) as error:
            first = (str(error).splitlines() or [""])[0][:300]
            raise StoreFault(f"rule version {version} cannot be read by this engine: {first}") from error
        if RuleVersion.of(rules).digest != version:
            raise StoreFault(f"what is stored of rule version {version} is another: restore it from a backup")
        return rules

    # ---- what becomes of a change

    def begin(self, rules: RuleSet) -> Proposal:
        """The first version, entered as it is the law already; what it is if there is one. `rules`: as they stand."""
        found = self.proposals.all(RULES)
        if found:
            return found[-1]
        held = Contents.of_rules(rules)
        version, time, contents = self.store.keep_rules(rules), now(), packed(held)
        first = Proposal(new_id(), RULES, held.digest, None, version, "The rules that were there", "", 0, SYSTEM, time)
        none_yet = ~exists().where(schema.proposals.c.kind == RULES)
        active = Activation(new_id(), first.id, version, time, SYSTEM, time)
        entries = [
            Entry("proposed", first.id, SYSTEM, {"base": None, "content": first.content, "version": version}),
            Entry("activated", first.id, SYSTEM, {"at": time, "version": version}),
        ]
        guard = only_if_all(schema.proposals, asdict(first), none_yet)
        also = [schema.activations.insert().values(**asdict(active))]
        self.store.journal.write(Write(contents, entries=entries, only_if=guard, also=also))
        return self.proposals.all(RULES)[-1]

    def propose(
        self,
        contents: Contents,
        person: str,
        *,
        title: str,
        reason: str = "",
        base: str | None = None,
        emergency: bool = False,
    ) -> Change:
        """Propose files. `base`: the digest of the content they were made from, else that of the head.

        Raises ChangeFault, RuleError with every fault of the files.
        """
        head = self.head()
        if head is None:
            raise ChangeFault("no-base", "there is no first version yet")
        if base is not None and base != head[1].content:
            raise ChangeFault("base-moved", _MOVED)
        if contents.digest == head[1].content:
            raise ChangeFault("no-change", "nothing differs from what is the law already")
        version = self.store.keep_rules(contents.rules)
        proposal = self.proposals.propose(
            RULES, contents.digest, person, title=title, reason=reason, base=head[1].content, version=version,
            emergency=emergency, contents=packed(contents),
        )  # fmt: skip
        return self.get(proposal.id)

    def keep_report(self, proposal: Proposal, report: Mapping[str, Any], data: bytes, person: str) -> Report:
        """Keep a report with its bytes. `report` has `until` and the counts."""
        content = Content.of(data)
        made = Report(
            id=new_id(), proposal=proposal.id, content=proposal.content, base=proposal.base or "",
            digest=content.digest, person=person, time=now(), **report,
        )  # fmt: skip
        said = {"digest": content.digest, "proposal": proposal.id, "report": made.id, **report}
        guard = schema.reports.insert().values(**asdict(made))
        self.store.journal.write(
            Write([content], entries=[Entry("reported", proposal.id, person, said)], only_if=guard)
        )
        return made

    def approve(self, id: str, person: str, report: Report) -> Change:
        """Approve a change on a report; whether that takes in all decisions `analyse.approving` has seen to."""
        proposal = self._rules(id)
        if report.proposal != id or report.content != proposal.content or report.base != proposal.base:
            raise ChangeFault("no-report", "that report is of something else: run it again")
        if report.faults:
            raise ChangeFault("faults", f"the report has {report.faults} faults: withdraw it and propose it mended")
        emergency_stands = bool(proposal.emergency) and any(a.proposal == id for a in self.schedule())
        if not emergency_stands:
            self._on_base(proposal)
            self.proposals.approve(id, person, report=report.id, also=_head_is(proposal.base))
        else:
            self.proposals.approve(id, person, report=report.id)
        return self.get(id)

    def activate(self, id: str, person: str, at: str | None = None) -> Change:
        """Make an approved change, or an earlier one again, the law from a moment on; left out, from now on.

        `at`: a moment with its offset, not in the past. An emergency may be activated by whoever proposed it.
        Raises ChangeFault.
        """
        proposal = self._rules(id)
        change = self.get(id)
        author = bool(proposal.emergency) and proposal.person == person
        self.proposals.entered(person, Role.APPROVER, *([Role.AUTHOR] if author else []))
        if change.withdrawn is not None:
            raise ChangeFault("withdrawn", "it was withdrawn: propose it again")
        if change.approved is None and proposal.person != SYSTEM:
            self._may_be_emergency(change)
        head, time = self.head(), now()
        assert head is not None  # there is a first version where there is a proposal
        moment = max(_moment(at), time) if at is not None else time
        if at is not None and _moment(at) < now_less(timedelta(minutes=1)):
            raise ChangeFault("bad-moment", "the moment is past: leave it out, or name one that is to come")
        if change.state in ("active", "scheduled"):
            raise ChangeFault("active-already", f"it is {change.state} already")
        if head[0].at > moment:
            raise ChangeFault("later-one", f"`{head[0].proposal}` is to come at {head[0].at}: withdraw it first")
        again = bool(change.activations)
        if not again:
            self._on_base(proposal)
        made = Activation(new_id(), id, proposal.version or "", moment, person, time)
        stands = [_head_is(head[1].content), ~row_of(schema.withdrawals, id)]
        guard = only_if_all(schema.activations, asdict(made), *stands)
        entry = Entry("activated", id, person, {"again": again, "at": moment, "version": proposal.version})
        if self.store.journal.write(Write(entries=[entry], only_if=guard)).refused:
            raise ChangeFault("changed-meanwhile", "another change was activated or this one withdrawn meanwhile")
        return self.get(id)

    def withdraw(self, id: str, person: str, reason: str = "") -> Change:
        """Take a change back that was not in force yet. Raises ChangeFault."""
        self._rules(id)
        self.proposals.withdraw(id, person, reason)
        return self.get(id)

    # ---- finding

    def get(self, id: str) -> Change:
        """One change. Raises ChangeFault."""
        return self._seen(self._rules(id), self.schedule())

    def all(self) -> Sequence[Change]:
        """All changes, newest first."""
        schedule = self.schedule()
        return [self._seen(proposal, schedule) for proposal in self.proposals.all(RULES)]

    def page(self, after: str | None, limit: int) -> Sequence[Change]:
        """Some changes, newest first, from just after one on; None: from the newest."""
        schedule = self.schedule()
        return [self._seen(proposal, schedule) for proposal in self.proposals.page(RULES, after, limit)]

    def knows(self, id: str) -> bool:
        """Is there a change of that id?"""
        try:
            return self._rules(id) is not None
        except ChangeFault:
            return False

    def overdue(self) -> Sequence[Change]:
        """Emergencies that nobody has confirmed in time, newest first."""
        schedule, emergencies = self.schedule(), [one for one in self.proposals.all(RULES) if one.emergency]
        return [change for change in (self._seen(one, schedule) for one in emergencies) if change.overdue]

    def last_decision(self) -> int:
        """The number of the newest decision; 0: there is none."""
        with self.store.database.reading() as connection:
            return int(connection.execute(select(func.max(schema.decisions.c.n))).scalar() or 0)

    def _seen(self, proposal: Proposal, schedule: Sequence[Activation]) -> Change:
        table, id, time = schema.reports, proposal.id, now()
        query = select(table).where(table.c.proposal == id).order_by(table.c.time.desc(), table.c.id.desc()).limit(1)
        with self.store.database.reading() as connection:
            row = connection.execute(query).mappings().first()
        report = None if row is None else Report(**{field.name: row[field.name] for field in fields(Report)})
        approved, withdrawn = self.proposals.approval(id), self.proposals.withdrawal(id)
        mine = [activation for activation in schedule if activation.proposal == id]
        standing = since(schedule, time)
        confirm_by = None
        if mine and approved is None and proposal.emergency:
            confirm_by = (datetime.fromisoformat(mine[0].at) + CONFIRM_WITHIN).isoformat(timespec="milliseconds")
        if withdrawn is not None:
            state = "withdrawn"
        elif standing and standing[0].proposal == id and standing[0].at <= time:
            state = "active"
        elif any(activation.at > time for activation in mine):
            state = "scheduled"
        else:
            state = "superseded" if mine else "approved" if approved is not None else "proposed"
        late = confirm_by is not None and confirm_by < time
        return Change(proposal, state, approved, withdrawn, mine, report, confirm_by, late)

    def _rules(self, id: str) -> Proposal:
        found = self.proposals.get(id)
        if found.kind != RULES:
            raise ChangeFault("unknown", f"there is no change of rules `{id}`")
        return found

    def _on_base(self, proposal: Proposal) -> None:
        head = self.head()
        if head is None or head[1].content != proposal.base:
            raise ChangeFault("base-moved", _MOVED)

    def _may_be_emergency(self, change: Change) -> None:
        proposal, report = change.proposal, change.report
        if not proposal.emergency:
            raise ChangeFault("not-approved", "nobody has approved it yet")
        if report is None or report.content != proposal.content or report.base != proposal.base:
            raise ChangeFault("no-report", "there is no report of what it does: run that first")
        if report.faults or report.laxer:
            raise ChangeFault(
                "not-stricter", "by its report it does more than make answers stricter: a second person approves it"
            )


_MOVED = (
    "another change has become what the law is made from meanwhile: put yours on top of it"
    " (carveout rules export) and propose it again"
)


def since(schedule: Sequence[Activation], time: str) -> Sequence[Activation]:
    """The one that stands at a time, and those to come after it."""
    past = [i for i, activation in enumerate(schedule) if activation.at <= time]
    return schedule[past[-1] :] if past else schedule


def packed(contents: Contents) -> list[Content]:
    """Everything there is to keep of some files."""
    return [Content.of(data) for data in [contents.manifest, *contents.files.values()]]


def base_of(changes: Changes, folder: Path | RuleSet) -> Proposal:
    """What the next change is made from; the first time that is the folder of rules, or rules as they stand."""
    head = changes.head()
    if head is not None:
        return head[1]
    return changes.begin(folder if isinstance(folder, RuleSet) else Contents.of_folder(folder).rules)


def now_less(span: timedelta) -> str:
    """The time a while ago, as it is written here."""
    return (datetime.now(UTC) - span).isoformat(timespec="milliseconds")


def _moment(text: str) -> str:
    try:
        moment = parse_moment(text, None)
    except ValueError as error:
        raise ChangeFault("bad-moment", str(error)) from None
    try:
        return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    except (OverflowError, ValueError, OSError):
        raise ChangeFault("bad-moment", f"`{text[:40]}` is too far away") from None


def _activation(row: Mapping[str, Any]) -> Activation:
    return Activation(**{field.name: row[field.name] for field in fields(Activation)})


def _head_is(content: str | None) -> Any:
    """The condition that the last of the schedule activates this content."""
    act, gone, of = schema.activations, schema.withdrawals, schema.proposals.alias("of_head")
    standing = (
        select(act.c.proposal)
        .where(~exists().where(gone.c.proposal == act.c.proposal))
        .order_by(act.c.at.desc(), act.c.time.desc(), act.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return exists().where(of.c.id == standing, of.c.content == content)


__all__ = ["Activation", "Change", "Changes", "Report", "base_of", "since"]
