"""The answers of people in the store: given, taken back, read; none is ever changed or deleted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from carveout.engine.parties.adjudications.model import NONE, Adjudication, Adjudications
from carveout.engine.records import schema
from carveout.engine.records.canonical import canonical_json, digest
from carveout.engine.records.chain import Entry
from carveout.engine.records.database import FILE, StoreFault
from carveout.engine.records.ids import new_id, now
from carveout.engine.records.store import KeyUsed, Store
from carveout.engine.records.writes import Content, Key, Row, Write

WITHDRAWN = "withdrawn"
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

    Raises StoreFault, KeyUsed.
    """
    stated, record = canonical_json(given.stated), canonical_json(given.record)
    values = {
        "id": new_id(), "time": now(), "person": person, "subject": given.subject, "stated": digest(stated),
        "record": digest(record), "answer": given.answer, "reason": given.reason, "until": given.until,
        "state": given.state, "decision": given.decision,
    }  # fmt: skip
    row = Row(schema.adjudications, values, entry_of(values))
    made = _read(values, given.stated, None)
    return made, _written(store, [Content.of(stated), Content.of(record)], row, key, told(made), 201)


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


def _written(store: Store, contents: list[Content], row: Row, key: Key | None, answer: bytes, status: int) -> bytes:
    """Write a row; what to answer."""
    said = Content.of(answer)
    write = Write(
        [*contents, *([said] if key else [])], [row], key=key, answer={"content": said.digest, "status": status}
    )
    before = store.journal.write(write).before
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
    stated = store.contents(row["stated"] for row in rows)
    return Adjudications(_read(row, json.loads(stated[row["stated"]]), taken_back.get(row["id"])) for row in rows)


def _read(row: Mapping[str, Any], stated: Mapping[str, Any], withdrawn: str | None) -> Adjudication:
    return Adjudication(
        id=row["id"], subject=row["subject"], answer=row["answer"], stated=stated, record=row["record"],
        reason=row["reason"], person=row["person"], made=row["time"], until=row["until"], state=row["state"],
        withdrawn=withdrawn,
    )  # fmt: skip


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


def named_in(body: Mapping[str, Any]) -> set[str]:
    """The ids of the answers that the body of a decision names."""
    acts: Iterable[Mapping[str, Any]] = body.get("acts") or [body]
    return {answer["id"] for act in acts for entry in act["identity"] for answer in entry.get("answers", ())}


__all__ = [
    "EVENT", "KIND", "WITHDRAWN", "Given", "NoSuchAnswer", "StoreFault", "entry_of", "event_entry_of", "give",
    "kept_answers", "mark", "named_in", "read", "withdraw",
]  # fmt: skip
