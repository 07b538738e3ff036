"""Alerts: an answer about an entry of the portfolio became another. Two persons close one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, literal, select

from carveout.engine.records import schema
from carveout.engine.records.canonical import canonical_json
from carveout.engine.records.chain import Entry
from carveout.engine.records.hooks import deliveries_of
from carveout.engine.records.ids import new_id, now
from carveout.engine.records.people import Role
from carveout.engine.records.portfolios import CHUNK, Answer, Held, Last, answer_row, is_open
from carveout.engine.records.proposals import ChangeFault, Proposal, Proposals, check_words, may, only_if_all
from carveout.engine.records.writes import Content, Write, Written

if TYPE_CHECKING:
    from carveout.engine.records.store import Store

OPEN, IN_HAND, CLOSING, CLOSED = "open", "in_hand", "closing", "closed"
STATES = (OPEN, IN_HAND, CLOSING, CLOSED)
TAKEN = "taken"
KIND = "alert"
"""Of the proposal to close one."""
SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done about an alert: by whom, when (UTC), who has it since, and what was said."""

    id: str
    person: str
    time: str
    event: str
    owner: str | None
    reason: str
    confirmed_by: str | None = None
    declined_by: str | None = None

    def data(self) -> dict[str, Any]:
        """As JSON data; a closing has who confirmed or declined it."""
        said = asdict(self)
        return said if self.event == CLOSING else {k: v for k, v in said.items() if not k.endswith("ed_by")}


@dataclass(frozen=True, slots=True)
class Alert:
    """An answer that became another."""

    id: str
    time: str
    entry: str
    reference: str
    seq: int
    direction: str
    """stricter, laxer, mixed, undecided, or grounds (the same verdicts rest on something else)."""
    changed: Mapping[str, Any]
    causes: Sequence[Mapping[str, Any]]
    owner: str
    state: str
    steps: Sequence[Step]
    before: str | None
    """The decision before, and the one after; none of a party, or where there is no answer."""
    after: str | None

    @property
    def etag(self) -> str:
        """Another for each state it can be in."""
        return f'"{Content.of(repr((self.id, self.steps)).encode()).digest[:32]}"'

    @property
    def closing(self) -> Step | None:
        """The closing that waits for a second person, or that was confirmed."""
        last = self.steps[-1] if self.steps else None
        return last if last is not None and last.event == CLOSING and last.declined_by is None else None

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "id": self.id, "time": self.time, "entry": self.entry, "reference": self.reference, "state": self.state,
            "owner": self.owner, "direction": self.direction, "changed": dict(self.changed),
            "causes": list(self.causes), "before": self.before, "after": self.after,
            "steps": [step.data() for step in self.steps],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Raised:
    """What an alert is to say."""

    direction: str
    changed: Mapping[str, Any]
    causes: Sequence[Mapping[str, Any]]


class Alerts:
    """The alerts of one store. Everything raises StoreFault too; what cannot be done raises ChangeFault."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.proposals = Proposals(store)

    def keep(
        self, held: Held, last: Last, answer: Answer, raised: Raised, guard: Any, hooks: Sequence[str]
    ) -> Future[Written]:
        """Keep another answer about an entry with its alert: both or neither, and only after that very answer before.

        `guard`: a condition more, without which it is `refused`; so it is where somebody was faster.
        """
        answers, time, id = schema.portfolio_answers, now(), new_id()
        values = answer_row(held.id, last.seq + 1, time, answer)
        newest = select(func.max(answers.c.seq)).where(answers.c.entry == held.id).scalar_subquery()
        entry_open = exists().where(schema.portfolio.c.id == held.id, is_open())
        alert = {
            "id": id, "time": time, "entry": held.id, "seq": last.seq + 1, "direction": raised.direction,
            "changed": canonical_json(raised.changed).decode(), "causes": canonical_json(raised.causes).decode(),
            "owner": held.owner,
        }  # fmt: skip
        also = [schema.alerts.insert().values(**alert), *deliveries_of(id, hooks, time)]
        said = {"direction": raised.direction, "entry": held.id, "seq": last.seq + 1}
        made = answer.made
        return self.store.journal.submit(
            Write(
                made.contents if made else (), [made.row] if made else [], [Entry(KIND, id, SYSTEM, said)],
                only_if=only_if_all(answers, values, newest == literal(last.seq), entry_open, guard), also=also,
            )
        )  # fmt: skip

    # ---- what people do

    def take(self, id: str, person: str, owner: str | None = None, reason: str = "") -> Alert:
        """Take an alert in hand, or hand it to somebody. Raises ChangeFault."""
        alert = self._still(id)
        check_words("taken", reason)
        if owner is not None and owner != person:
            self.proposals.entered(owner, *Role)
        table = schema.alert_events
        values = {
            "id": new_id(), "time": now(), "person": person, "alert": id, "event": TAKEN, "owner": owner or person,
            "reason": reason.strip(),
        }  # fmt: skip
        guard = only_if_all(table, values, self._newest_is(id, alert))
        self._write(Write(entries=[Entry("alert-taken", id, person, {"owner": owner or person})], only_if=guard))
        return self.get(id)

    def close(self, id: str, person: str, reason: str) -> Alert:
        """Say that an alert is dealt with, and how; it is closed once a second person confirms. Raises ChangeFault."""
        alert = self._still(id)
        if not reason.strip():
            raise ChangeFault("bad-words", "say in `reason` what was done about it")
        check_words("closing", reason)
        self.proposals.entered(person, Role.ANALYST)
        time, new = now(), new_id()
        content = Content.of(canonical_json({"alert": id, "person": person, "reason": reason.strip()}))
        title = f"Alert {alert.reference}"[:200]
        held = Proposal(new, KIND, content.digest, None, None, title, reason.strip(), 0, person, time)
        values = {
            "id": new, "time": time, "person": person, "alert": id, "event": CLOSING, "owner": None,
            "reason": reason.strip(),
        }  # fmt: skip
        conditions = [self._newest_is(id, alert), may(person, Role.ANALYST)]
        write = Write(
            [content], entries=[Entry("proposed", new, person, {"content": content.digest, "kind": KIND})],
            only_if=only_if_all(schema.proposals, asdict(held), *conditions),
            also=[schema.alert_events.insert().values(**values)],
        )  # fmt: skip
        self._write(write)
        return self.get(id)

    def confirm(self, id: str, person: str) -> Alert:
        """Confirm, as a second person with the role approver, that an alert is dealt with. Raises ChangeFault."""
        self.proposals.approve(self._waiting(id).id, person)
        return self.get(id)

    def decline(self, id: str, person: str, reason: str = "") -> Alert:
        """Say that it is not dealt with; or take the closing back, as who proposed it. Raises ChangeFault."""
        waiting = self._waiting(id)
        self.proposals.withdraw(waiting.id, person, reason, also=Role.ANALYST)
        return self.get(id)

    # ---- finding

    def get(self, id: str) -> Alert:
        """One alert. Raises ChangeFault."""
        table = schema.alerts
        found = self._read(table.c.id == id)
        if not found:
            raise ChangeFault("unknown", f"there is no alert `{id[:80]}`")
        return found[0]

    def page(
        self, before: str | None = None, limit: int = 50, *, state: str | None = None, owner: str | None = None
    ) -> Sequence[Alert]:
        """Alerts, newest first, from just before one on; of one state or owner, if one is named."""
        found: list[Alert] = []
        while len(found) < limit:
            condition = schema.alerts.c.id < before if before is not None else literal(True)
            some = self._read(condition, CHUNK)
            found += [one for one in some if state in (None, one.state) and owner in (None, one.owner)]
            if len(some) < CHUNK:
                break
            before = some[-1].id
        return found[:limit]

    def of_entry(self, entry: str) -> Sequence[Alert]:
        """The alerts of an entry of the portfolio, newest first."""
        return self._read(schema.alerts.c.entry == entry, None)

    def _read(self, condition: Any, limit: int | None = 1) -> list[Alert]:
        table, held, answers = schema.alerts, schema.portfolio, schema.portfolio_answers
        old, new = answers.alias("old"), answers.alias("new")
        query = (
            select(table, held.c.reference, old.c.decision.label("before"), new.c.decision.label("after"))
            .join(held, held.c.id == table.c.entry)
            .join(old, and_(old.c.entry == table.c.entry, old.c.seq == table.c.seq - 1))
            .join(new, and_(new.c.entry == table.c.entry, new.c.seq == table.c.seq))
            .where(condition)
            .order_by(table.c.id.desc())
        )
        with self.store.database.reading() as connection:
            query = query if limit is None else query.limit(limit)
            rows = [dict(row) for row in connection.execute(query).mappings()]
            steps = self._steps(connection, [row["id"] for row in rows])
        return [_alert(row, steps.get(row["id"], [])) for row in rows]

    def _steps(self, connection: Any, ids: Sequence[str]) -> dict[str, list[Step]]:
        """What was done about alerts. A closing counts as confirmed by the approval of just what it says, no other."""
        events, held = schema.alert_events, schema.proposals
        given, gone = schema.approvals, schema.withdrawals
        query = (
            select(
                events, held.c.content, given.c.person.label("by"), given.c.content.label("given"),
                gone.c.person.label("gone"),
            )
            .join(held, and_(held.c.id == events.c.id, held.c.kind == KIND), isouter=True)
            .join(given, given.c.proposal == events.c.id, isouter=True)
            .join(gone, gone.c.proposal == events.c.id, isouter=True)
            .where(events.c.alert.in_(ids))
            .order_by(events.c.id)
        )  # fmt: skip
        found: dict[str, list[Step]] = {}
        for row in connection.execute(query).mappings():
            said = {"alert": row["alert"], "person": row["person"], "reason": row["reason"]}
            exact = row["given"] is not None and row["given"] == Content.of(canonical_json(said)).digest
            confirmed = row["by"] if exact and row["by"] != row["person"] and row["given"] == row["content"] else None
            step = Step(
                row["id"], row["person"], row["time"], row["event"], row["owner"], row["reason"], confirmed, row["gone"]
            )
            found.setdefault(row["alert"], []).append(step)
        return found

    def _still(self, id: str) -> Alert:
        alert = self.get(id)
        if alert.state == CLOSED:
            raise ChangeFault("closed", "it is closed")
        if alert.state == CLOSING:
            raise ChangeFault("closing", "it waits for a second person to confirm that it is dealt with")
        return alert

    def _waiting(self, id: str) -> Step:
        alert = self.get(id)
        if alert.state != CLOSING or alert.closing is None:
            raise ChangeFault("not-closing", "nobody has said that it is dealt with: it is " + alert.state)
        return alert.closing

    def _newest_is(self, id: str, alert: Alert) -> Any:
        """The condition that nobody did anything about it since it was read."""
        table = schema.alert_events
        count = select(func.count()).where(table.c.alert == id).scalar_subquery()
        return count == literal(len(alert.steps))

    def _write(self, write: Write) -> None:
        if self.store.journal.write(write).refused:
            raise ChangeFault("changed-meanwhile", "somebody else did something about it meanwhile: look at it again")


def _alert(row: Mapping[str, Any], steps: Sequence[Step]) -> Alert:
    owner, state = row["owner"], OPEN
    for step in steps:
        if step.event == TAKEN:
            owner, state = step.owner or owner, IN_HAND
        elif step.declined_by is None:
            state = CLOSED if step.confirmed_by is not None else CLOSING
        else:
            state = IN_HAND
    return Alert(
        row["id"], row["time"], row["entry"], row["reference"], row["seq"], row["direction"],
        json.loads(row["changed"]), json.loads(row["causes"]), owner, state, tuple(steps), row["before"], row["after"],
    )  # fmt: skip


__all__ = ["CLOSED", "CLOSING", "IN_HAND", "OPEN", "STATES", "Alert", "Alerts", "Raised", "Step"]
