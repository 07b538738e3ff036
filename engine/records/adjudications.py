"""The answers of people in the store: given, taken back, read; none is ever changed or deleted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Insert, and_, func, select

from carveout.engine.parties.adjudications.model import DIFFERENT, IN_FORCE, NONE, PROPOSED, Adjudication, Adjudications
from carveout.engine.records import schema
from carveout.engine.records.canonical import canonical_json, digest
from carveout.engine.records.chain import Entry
from carveout.engine.records.database import FILE, StoreFault
from carveout.engine.records.ids import new_id, now
from carveout.engine.records.people import Role
from carveout.engine.records.proposals import ANSWER, ChangeFault, Proposal, Proposals, may, only_if_all, row_of
from carveout.engine.records.store import KeyUsed, Store
from carveout.engine.records.writes import Content, Key, Row, Write

WITHDRAWN, CONFIRMED = "withdrawn", "confirmed"
_MARK = "SELECT (SELECT max(n) FROM adjudications), (SELECT max(n) FROM adjudication_events)"
"""As text, since it is asked before every check; `n` is indexed in both."""
KIND, EVENT = "adjudication", "adjudication-event"
"""Kinds of audit entries."""


class NoSuchAnswer(Exception):
    """There is no answer of that id, or it was taken back before."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a person answered, ready to be stored: the party and the record as JSON data."""

    subject: str
    answer: str
    stated: Mapping[str, Any]
    record: Mapping[str, Any]
    reason: str
    until: str
    state: str
    decision: str | None = None
    """The stored decision whose question it answers."""


Told = Callable[[Adjudication], bytes]
"""What is answered over HTTP to whoever stored something about an answer."""


def give(
    store: Store, given: Given, person: str, key: Key | None = None, told: Told = lambda _: b""
) -> tuple[Adjudication, bytes]:
    """Store an answer, with its entry of the audit chain; and what to answer, to a key used before what it was then.

    `different` counts once a second person has confirmed it, which is open to an answer of a person who is entered.
    Raises StoreFault, KeyUsed.
    """
    stated, record = canonical_json(given.stated), canonical_json(given.record)
    values = {
        "id": new_id(), "time": now(), "person": person, "subject": given.subject, "stated": digest(stated),
        "record": digest(record), "answer": given.answer, "reason": given.reason, "until": given.until,
        "state": given.state, "decision": given.decision,
    }  # fmt: skip
    row = Row(schema.adjudications, values, entry_of(values))
    made = _read(values, given.stated, None, None)
    guard, also = None, []
    if made.state == PROPOSED and _entered(store, person):
        held = Proposal(
            made.id, ANSWER, made.digest, None, None, "Another than the recorded one", "", 0, person, made.made
        )
        guard = only_if_all(schema.proposals, asdict(held), may(person, Role.ANALYST))
        also = [Entry("proposed", made.id, person, {"content": made.digest, "kind": ANSWER})]
    contents = [Content.of(stated), Content.of(record)]
    return made, _written(store, contents, row, key, told(made), 201, guard, also)


def _entered(store: Store, person: str) -> bool:
    try:
        Proposals(store).entered(person, Role.ANALYST)
    except ChangeFault:
        return False
    return True


def confirm(
    store: Store, id: str, person: str, key: Key | None = None, told: Told = lambda _: b""
) -> tuple[Adjudication, bytes]:
    """Confirm, as a second person with the role approver, that a party is another: from now on the answer counts.

    Raises NoSuchAnswer, ChangeFault, StoreFault, KeyUsed.
    """
    found = next((answer for answer in read(store) if answer.id == id), None)
    if found is None:
        raise NoSuchAnswer(f"no answer `{id[:80]}` is in the store")
    if found.withdrawn is not None:
        raise ChangeFault("withdrawn", "it was withdrawn: give it again")
    if found.answer != DIFFERENT:
        raise ChangeFault("no-need", "it counts already: only an answer that lets things proceed waits for a second")
    if found.confirmed is not None:
        raise ChangeFault("approved-already", "it is confirmed already")
    if found.person == person:
        raise ChangeFault("own-proposal", "who answered may not confirm: ask somebody else with the role approver")
    proposals = Proposals(store)
    try:
        held = proposals.get(id)
    except ChangeFault:
        raise ChangeFault(
            "not-entered", f"`{found.person}` is no analyst of this store, so who that is cannot be told from you: an"
            " entered analyst must give the answer again",
        ) from None  # fmt: skip
    proposals.entered(person, Role.APPROVER)
    if held.content != found.digest or held.person != found.person:
        raise ChangeFault("changed-meanwhile", "what is stored of it is not what was answered: give it again")
    time = now()
    approval = {"proposal": id, "content": held.content, "report": None, "person": person, "time": time}
    conditions = [may(person, Role.APPROVER), ~row_of(schema.approvals, id), ~row_of(schema.withdrawals, id)]
    guard = only_if_all(schema.approvals, approval, *conditions)
    event = {"id": new_id(), "time": time, "person": person, "adjudication": id, "event": CONFIRMED, "reason": ""}
    row = Row(schema.adjudication_events, event, event_entry_of(event))
    also = [Entry("approved", id, person, {"content": held.content, "report": None})]
    counts = replace(found, state=IN_FORCE, confirmed=time, confirmed_by=person)
    return counts, _written(store, [], row, key, told(counts), 200, guard, also)


def withdraw(
    store: Store, id: str, reason: str, person: str, key: Key | None = None, told: Told = lambda _: b""
) -> tuple[Adjudication, bytes]:
    """Take an answer back: it stays, and counts no longer. Raises NoSuchAnswer, StoreFault, KeyUsed."""
    found = next((answer for answer in read(store) if answer.id == id), None)
    if found is None:
        raise NoSuchAnswer(f"no answer `{id}` is in the store")
    if found.withdrawn is not None:
        raise NoSuchAnswer(f"the answer `{id}` was withdrawn before, on {found.withdrawn[:10]}")
    values = {
        "id": new_id(), "time": now(), "person": person, "adjudication": id, "event": WITHDRAWN, "reason": reason,
    }  # fmt: skip
    row = Row(schema.adjudication_events, values, event_entry_of(values))
    taken = replace(found, withdrawn=values["time"])
    return taken, _written(store, [], row, key, told(taken), 200)


def _written(
    store: Store, contents: list[Content], row: Row, key: Key | None, answer: bytes, status: int,
    guard: Insert | None = None, also: Sequence[Entry] = (),
) -> bytes:  # fmt: skip
    """Write a row; what to answer. Raises ChangeFault where `guard` refuses."""
    said = Content.of(answer)
    write = Write(
        [*contents, *([said] if key else [])], [row], also, key=key,
        answer={"content": said.digest, "status": status}, only_if=guard,
    )  # fmt: skip
    written = store.journal.write(write)
    if written.refused:
        raise ChangeFault("changed-meanwhile", "somebody did something about it meanwhile: look at it again")
    before = written.before
    if before is None or key is None:
        return answer
    if before["request"] != key.request:
        raise KeyUsed
    return store.content(before["content"])


def entry_of(values: Mapping[str, Any]) -> Entry:
    """The audit entry of an answer: digests and what is no personal data."""
    data = {key: values[key] for key in ("answer", "record", "state", "stated", "subject", "until")}
    return Entry(KIND, values["id"], values["person"], {**data, "envelope": digest(canonical_json(_columns(values)))})


def event_entry_of(values: Mapping[str, Any]) -> Entry:
    """The audit entry of what became of an answer."""
    data = {"event": values["event"], "envelope": digest(canonical_json(_columns(values)))}
    return Entry(EVENT, values["adjudication"], values["person"], data)


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != "n"}


def read(store: Store) -> Adjudications:
    """All answers that were ever given, the oldest first. Raises StoreFault."""
    table, events = schema.adjudications, schema.adjudication_events
    with store.database.reading() as connection:
        rows = [dict(row) for row in connection.execute(select(table).order_by(table.c.n)).mappings()]
        query = select(events.c.adjudication, func.min(events.c.time)).where(events.c.event == WITHDRAWN)
        taken_back = {id: time for id, time in connection.execute(query.group_by(events.c.adjudication))}
        held, approved = schema.proposals, schema.approvals
        columns = (held.c.id, held.c.person, held.c.content, approved.c.person.label("by"), approved.c.time)
        joined = approved.c.proposal == held.c.id, approved.c.content == held.c.content
        query = select(*columns).join_from(held, approved, and_(*joined)).where(held.c.kind == ANSWER)
        seconds = {row["id"]: dict(row) for row in connection.execute(query).mappings()}
    stated = store.contents(row["stated"] for row in rows)
    return Adjudications(
        _read(row, json.loads(stated[row["stated"]]), taken_back.get(row["id"]), seconds.get(row["id"])) for row in rows
    )


def _read(
    row: Mapping[str, Any], stated: Mapping[str, Any], withdrawn: str | None, second: Mapping[str, Any] | None
) -> Adjudication:
    """An answer as it counts: what a row says of its own state is not believed where that would let things proceed.

    `second`: the approval of exactly one content, given by another person than proposed it, as the triggers have it.
    """
    answer = Adjudication(
        id=row["id"], subject=row["subject"], answer=row["answer"], stated=stated, record=row["record"],
        reason=row["reason"], person=row["person"], made=row["time"], until=row["until"],
        state=PROPOSED if row["answer"] == DIFFERENT else row["state"], withdrawn=withdrawn,
    )  # fmt: skip
    if answer.answer != DIFFERENT or second is None:
        return answer
    if (second["person"], second["content"]) != (answer.person, answer.digest) or second["by"] == answer.person:
        return answer
    return replace(answer, state=IN_FORCE, confirmed_by=second["by"], confirmed=second["time"])


def mark(store: Store) -> tuple[int, int]:
    """What is another once anything was answered or taken back. Raises StoreFault."""
    with store.database.reading() as connection:
        first, second = connection.exec_driver_sql(_MARK).one()
    return first or 0, second or 0


def kept_answers(home: Path, url: str | None) -> Adjudications:
    """The answers kept in a home; none where there is no store yet. Raises StoreFault."""
    if not url and not (home / FILE).exists():
        return NONE
    store = Store.open(home, url)
    try:
        return read(store)
    finally:
        store.close()


def named_in(body: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The answers that the body of a decision names, by their ids, as it tells of them."""
    acts: Iterable[Mapping[str, Any]] = body.get("acts") or [body]
    return {answer["id"]: answer for act in acts for entry in act["identity"] for answer in entry.get("answers", ())}


__all__ = [
    "CONFIRMED", "EVENT", "KIND", "WITHDRAWN", "Given", "NoSuchAnswer", "StoreFault", "confirm", "entry_of",
    "event_entry_of", "give", "kept_answers", "mark", "named_in", "read", "withdraw",
]  # fmt: skip
