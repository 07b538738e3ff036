"""Two pairs of eyes: what one person proposes another approves. For rules now; any kind that has a name and a content.

The statements here ask the same conditions as the triggers of the tables do, so that what is refused is refused with a
reason; the triggers hold whatever is written past this module (docs/changes.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, insert, literal, or_, select, tuple_
from sqlalchemy.sql.selectable import Select

from carveout.engine.records import schema
from carveout.engine.records.chain import Entry
from carveout.engine.records.ids import new_id, now
from carveout.engine.records.people import People, Person, Role, Unknown
from carveout.engine.records.writes import Content, Write

if TYPE_CHECKING:
    from carveout.engine.records.store import Store

LONGEST_TITLE, LONGEST_REASON = 200, 4_000
RULES, ANSWER = "rules", "answer"
"""Kinds of proposals: a change of the law; an answer that a party is another than the recorded one."""


class ChangeFault(ValueError):
    """What was asked of a proposal cannot be done; the message says why and what to do. `kind` names the reason."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody wants to have changed. Never changed itself; `person` is the id of who proposed it."""

    id: str
    kind: str
    content: str
    """Digest of exactly what is proposed."""
    base: str | None
    """Digest of what it was made from."""
    version: str | None
    """Of rules: the rule version, as decisions name it."""
    title: str
    reason: str
    emergency: int
    person: str
    time: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Proposal:
        """From a row of the table `proposals`."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done about a proposal: by whom, and when (UTC)."""

    person: str
    time: str


class Proposals:
    """The proposals of one store. Everything raises StoreFault too."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def get(self, id: str) -> Proposal:
        """A proposal. Raises ChangeFault."""
        table = schema.proposals
        with self.store.database.reading() as connection:
            row = connection.execute(select(table).where(table.c.id == id)).mappings().first()
        if row is None:
            raise ChangeFault("unknown", f"there is no change `{id[:80]}`")
        return Proposal.of(dict(row))

    def all(self, kind: str) -> Sequence[Proposal]:
        """The proposals of one kind, newest first."""
        table = schema.proposals
        query = select(table).where(table.c.kind == kind).order_by(table.c.time.desc(), table.c.id.desc())
        with self.store.database.reading() as connection:
            return [Proposal.of(dict(row)) for row in connection.execute(query).mappings()]

    def page(self, kind: str, after: str | None, limit: int) -> Sequence[Proposal]:
        """So many of them, from just after one on. Raises ChangeFault for one that there is not."""
        table = schema.proposals
        query = select(table).where(table.c.kind == kind).order_by(table.c.time.desc(), table.c.id.desc()).limit(limit)
        if after is not None:
            last = self.get(after)
            query = query.where(tuple_(table.c.time, table.c.id) < (last.time, last.id))
        with self.store.database.reading() as connection:
            return [Proposal.of(dict(row)) for row in connection.execute(query).mappings()]

    def propose(
        self,
        kind: str,
        content: str,
        person: str,
        *,
        title: str,
        reason: str = "",
        base: str | None = None,
        version: str | None = None,
        emergency: bool = False,
        contents: Sequence[Content] = (),
        role: Role = Role.AUTHOR,
    ) -> Proposal:
        """Enter a proposal, with the bytes it is about, by a person who has the role. Raises ChangeFault."""
        check_words(title, reason)
        self.entered(person, role)
        proposal = Proposal(
            new_id(), kind, content, base, version, title.strip(), reason.strip(), int(emergency), person, now()
        )
        data = {"base": base, "content": content, "emergency": emergency, "kind": kind, "version": version}
        guard = only_if_all(schema.proposals, asdict(proposal), may(person, role))
        write = Write(contents, entries=[Entry("proposed", proposal.id, person, data)], only_if=guard)
        self._write(write, "not-entered", "the person who proposes was disabled meanwhile")
        return proposal

    def approve(self, id: str, person: str, *, report: str | None = None, also: Any = None) -> Step:
        """Approve exactly what was proposed. Raises ChangeFault. `also`: a condition more, for what the kind needs."""
        proposal, time = self.get(id), now()
        if proposal.person == person:
            raise ChangeFault("own-proposal", "who proposed may not approve: ask somebody else with the role approver")
        self.entered(person, Role.APPROVER)
        if self.approval(id) is not None:
            raise ChangeFault("approved-already", "it is approved already")
        if self.withdrawal(id) is not None:
            raise ChangeFault("withdrawn", "it was withdrawn: propose it again")
        values = {"proposal": id, "content": proposal.content, "report": report, "person": person, "time": time}
        conditions = [may(person, Role.APPROVER), ~row_of(schema.approvals, id), ~row_of(schema.withdrawals, id)]
        guard = only_if_all(schema.approvals, values, *conditions, *([] if also is None else [also]))
        entry = Entry("approved", id, person, {"content": proposal.content, "report": report})
        self._write(Write(entries=[entry], only_if=guard), "changed-meanwhile", _MEANWHILE)
        return Step(person, time)

    def withdraw(self, id: str, person: str, reason: str = "", also: Role = Role.AUTHOR) -> Step:
        """Take a proposal back, which nobody may then approve or activate. Raises ChangeFault.

        Whoever proposed it may, with the role `also`, and whoever approves; not once it is or was in force, and not
        once it is approved where it is no rules, which are in force only by an activation.
        """
        proposal, time = self.get(id), now()
        check_words("withdrawn", reason)
        self.entered(person, Role.APPROVER, *([also] if proposal.person == person else []))
        if self.withdrawal(id) is not None:
            raise ChangeFault("withdrawn", "it was withdrawn already")
        table = schema.activations
        in_force = exists().where(table.c.proposal == id, table.c.at <= time)
        values = {"proposal": id, "reason": reason.strip(), "person": person, "time": time}
        counts = [] if proposal.kind == RULES else [~row_of(schema.approvals, id)]
        guard = only_if_all(schema.withdrawals, values, ~in_force, ~row_of(schema.withdrawals, id), *counts)
        entry = Entry("withdrawn", id, person, {"content": proposal.content})
        message = "it is or was in force, and is not withdrawn any more: activate an earlier one"
        self._write(Write(entries=[entry], only_if=guard), "in-force", message)
        return Step(person, time)

    def approval(self, id: str) -> Step | None:
        """Who approved, and when; None: nobody yet."""
        return self._step(schema.approvals, id)

    def withdrawal(self, id: str) -> Step | None:
        """Who withdrew it, and when; None: nobody."""
        return self._step(schema.withdrawals, id)

    def entered(self, person: str, *roles: Role) -> Person:
        """A person of the store who has one of the roles now. Raises ChangeFault."""
        try:
            found = People(self.store).get(person)
        except Unknown:
            raise ChangeFault(
                "not-entered", f"`{person[:80]}` is no person of this store: have yourself entered (carveout people)"
            ) from None
        if not found.has(*roles):
            raise ChangeFault("not-allowed", f"`{person}` needs the role {' or '.join(roles)}")
        return found

    def _step(self, table: Any, id: str) -> Step | None:
        with self.store.database.reading() as connection:
            row = connection.execute(select(table.c.person, table.c.time).where(table.c.proposal == id)).first()
        return None if row is None else Step(row.person, row.time)

    def _write(self, write: Write, kind: str, refusal: str) -> None:
        if self.store.journal.write(write).refused:
            raise ChangeFault(kind, refusal)


_MEANWHILE = "somebody else did something about it meanwhile: look at it again"


def check_words(title: str, reason: str) -> None:
    """Raises ChangeFault for a title or reason that cannot be one."""
    if not 0 < len(title.strip()) <= LONGEST_TITLE or not title.isprintable():
        raise ChangeFault("bad-words", f"a title is 1 to {LONGEST_TITLE} printable characters")
    if len(reason) > LONGEST_REASON or any(not (c.isprintable() or c == "\n") for c in reason):
        raise ChangeFault("bad-words", f"a reason is printable, and at most {LONGEST_REASON} characters long")


def only_if_all(table: Any, values: Mapping[str, Any], *conditions: Any) -> Any:
    """The statement that puts a row in where all conditions hold, and nothing otherwise."""
    names = list(values)
    typed = [literal(values[name], table.c[name].type) for name in names]
    row: Select[Any] = select(*typed).where(*conditions)
    return insert(table).from_select(names, row)


def row_of(table: Any, id: str) -> Any:
    return exists().where(table.c.proposal == id)


def may(person: str, role: Role) -> Any:
    """The condition that a person is entered, not disabled, and has a role."""
    roles, word = schema.people.c.roles, role.value
    among = or_(roles == word, *(roles.like(pattern) for pattern in (f"{word} %", f"% {word}", f"% {word} %")))
    return exists().where(and_(schema.people.c.id == person, schema.people.c.disabled.is_(None), among))
