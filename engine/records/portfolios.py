"""The portfolio that is kept: open transactions and parties, and what was last answered about each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, select

from carveout.engine.records import schema
from carveout.engine.records.canonical import canonical_json, read_back
from carveout.engine.records.chain import Entry
from carveout.engine.records.ids import new_id, now
from carveout.engine.records.proposals import only_if_all
from carveout.engine.records.writes import Content, Write, Written

if TYPE_CHECKING:
    from carveout.engine.records.making import Made
    from carveout.engine.records.store import Store

TRANSACTION, PARTY = "transaction", "party"
CLOSED, REPLACED = "closed", "replaced"
KEPT = "kept"
"""Of the entry of the audit chain."""
LONGEST_REFERENCE = 200
LONGEST_REASON = 4_000
CHUNK = 250


class PortfolioRefused(ValueError):
    """What cannot be done with an entry of the portfolio; `kind` for programs, the message for people."""

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Held:
    """An entry: an open transaction, or a party, by the reference that its owner knows it by."""

    id: str
    time: str
    """Since when it is kept (UTC)."""
    person: str
    reference: str
    kind: str
    """`transaction` or `party`."""
    stated: str
    """Digest of what is stated of it."""
    owner: str
    """Whose its alerts are at first."""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Held:
        """From a row of the table `portfolio`."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})


@dataclass(frozen=True, slots=True)
class Last:
    """What was answered last about an entry: the how-manieth answer, as of when, asked with what."""

    seq: int
    time: str
    moment: int
    state: Mapping[str, Any]
    told: Mapping[str, Any]
    decision: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer about an entry that is to be kept; `made`: the decision that goes with it."""

    moment: int
    state: Mapping[str, Any]
    told: Mapping[str, Any]
    made: Made | None


class Portfolios:
    """The portfolio of one store. Everything raises StoreFault too."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def add(
        self,
        reference: str,
        kind: str,
        stated: Any,
        owner: str,
        person: str,
        answer: Answer,
        guard: Any = None,
        before: Held | None = None,
    ) -> Future[Written] | None:
        """Keep an entry with its first answer; what becomes of it, `refused` where somebody kept one just so meanwhile.

        None: an open entry of that reference states just the same, and stays. One that states something else is
        replaced: `before`, the one that is there. `guard`: a condition more. Raises PortfolioRefused.
        """
        check_reference(reference)
        content = Content.of(canonical_json(stated))
        if before is not None and before.stated == content.digest and before.kind == kind:
            return None
        held = Held(new_id(), now(), person, reference, kind, content.digest, owner)
        table, events = schema.portfolio, schema.portfolio_events
        others = exists().where(
            table.c.reference == reference, ~exists().where(events.c.entry == table.c.id),
            *([] if before is None else [table.c.id != before.id]),
        )  # fmt: skip
        conditions = [~others, *([] if guard is None else [guard])]
        also = []
        entries = [Entry(KEPT, held.id, person, {"kind": kind, "stated": held.stated})]
        if before is not None:
            conditions.append(~exists().where(events.c.entry == before.id))
            values = {"id": new_id(), "time": held.time, "person": person, "entry": before.id, "event": REPLACED}
            also.append(events.insert().values(**values, reason=f"replaced by {held.id}"))
            entries.append(Entry(REPLACED, before.id, person, {"by": held.id}))
        also.append(schema.portfolio_answers.insert().values(**answer_row(held.id, 1, held.time, answer)))
        made = answer.made
        write = Write(
            [content, *(made.contents if made else ())], [made.row] if made else [], entries,
            only_if=only_if_all(table, asdict(held), *conditions), also=also,
        )  # fmt: skip
        return self.store.journal.submit(write)

    def close(self, id: str, person: str, reason: str = "") -> Held:
        """Watch an entry no longer. Raises PortfolioRefused."""
        held = self.get(id)
        if len(reason) > LONGEST_REASON or any(not (c.isprintable() or c == "\n") for c in reason):
            raise PortfolioRefused("bad-words", f"a reason is printable, and at most {LONGEST_REASON} characters long")
        table = schema.portfolio_events
        values = {"id": new_id(), "time": now(), "person": person, "entry": id, "event": CLOSED, "reason": reason}
        guard = only_if_all(table, values, ~exists().where(table.c.entry == id))
        entry = Entry(CLOSED, id, person, {})
        if self.store.journal.write(Write(entries=[entry], only_if=guard)).refused:
            raise PortfolioRefused("closed", "it is closed already, or was replaced")
        return held

    def get(self, id: str) -> Held:
        """An entry, open or not. Raises PortfolioRefused."""
        table = schema.portfolio
        with self.store.database.reading() as connection:
            row = connection.execute(select(table).where(table.c.id == id)).mappings().first()
        if row is None:
            raise PortfolioRefused("unknown", f"there is no entry `{id[:80]}` in the portfolio")
        return Held.of(dict(row))

    def open_of(self, reference: str) -> Held | None:
        """The open entry with a reference."""
        table = schema.portfolio
        with self.store.database.reading() as connection:
            query = select(table).where(table.c.reference == reference, is_open())
            row = connection.execute(query.order_by(table.c.id.desc())).mappings().first()
        return None if row is None else Held.of(dict(row))

    def page(self, after: str = "", limit: int = CHUNK) -> Sequence[tuple[Held, Last]]:
        """Open entries in the order in which they were kept, each with its last answer."""
        table, answers = schema.portfolio, schema.portfolio_answers
        newest = (
            select(answers.c.entry, func.max(answers.c.seq).label("seq")).group_by(answers.c.entry).subquery("newest")
        )
        query = (
            select(table, *(answers.c[name].label(f"a_{name}") for name in answers.c.keys()))  # noqa: SIM118
            .join(newest, newest.c.entry == table.c.id)
            .join(answers, and_(answers.c.entry == newest.c.entry, answers.c.seq == newest.c.seq))
            .where(table.c.id > after, is_open())
            .order_by(table.c.id)
            .limit(limit)
        )
        with self.store.database.reading() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        return [(Held.of(row), _last({name: row[f"a_{name}"] for name in answers.c.keys()})) for row in rows]  # noqa: SIM118

    def pages(self) -> Iterator[Sequence[tuple[Held, Last]]]:
        """All of them, some at a time; those kept meanwhile too."""
        after = ""
        while found := self.page(after):
            yield found
            after = found[-1][0].id

    def answers(self, id: str) -> Sequence[Last]:
        """What was answered about an entry, in its order: only answers that were other than the one before."""
        table = schema.portfolio_answers
        with self.store.database.reading() as connection:
            rows = connection.execute(select(table).where(table.c.entry == id).order_by(table.c.seq)).mappings()
            return [_last(dict(row)) for row in rows]

    def stated(self, entries: Iterable[Held]) -> dict[str, Any]:
        """What is stated of entries, by their ids."""
        entries = list(entries)
        texts = self.store.contents(held.stated for held in entries)
        return {held.id: read_back(texts[held.stated]) for held in entries}

    def count(self) -> int:
        """How many are open."""
        with self.store.database.reading() as connection:
            query = select(func.count()).select_from(schema.portfolio).where(is_open())
            return int(connection.execute(query).scalar_one())


def is_open() -> Any:
    """The condition that an entry is watched still."""
    return ~exists().where(schema.portfolio_events.c.entry == schema.portfolio.c.id)


def answer_row(entry: str, seq: int, time: str, answer: Answer) -> dict[str, Any]:
    """A row of the table `portfolio_answers`."""
    return {
        "entry": entry, "seq": seq, "time": time, "moment": answer.moment,
        "state": canonical_json(answer.state).decode(), "told": canonical_json(answer.told).decode(),
        "decision": answer.made.envelope.id if answer.made else None,
    }  # fmt: skip


def check_reference(reference: str) -> None:
    """Raises PortfolioRefused for one that cannot be one."""
    if not 0 < len(reference.strip()) <= LONGEST_REFERENCE or not reference.isprintable():
        message = f"a reference, by which an entry is known, is 1 to {LONGEST_REFERENCE} printable characters"
        raise PortfolioRefused("bad-reference", message)


def _last(row: Mapping[str, Any]) -> Last:
    return Last(
        row["seq"], row["time"], row["moment"], json.loads(row["state"]), json.loads(row["told"]), row["decision"]
    )
