"""Who may be asked for and answered to: persons with their roles, kept in the store; every change is an audit entry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Update, and_, func, or_, select, update

from carveout.engine.records import schema
from carveout.engine.records.chain import Entry
from carveout.engine.records.ids import now
from carveout.engine.records.writes import Write

if TYPE_CHECKING:
    from carveout.engine.records.store import Store

LONGEST_NAME = 200
RESERVED = frozenset({"local", "system"})
"""Who is recorded without being a person of the store; `os:...` cannot be an id by its colon."""
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class Role(StrEnum):
    """What somebody is here for. Which routes each may use: `carveout.api.rights`."""

    SCREENER = "screener"
    ANALYST = "analyst"
    AUTHOR = "author"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class PeopleFault(ValueError):
    """What was asked of people or keys cannot be done; the message says why and what to do."""


class Unknown(PeopleFault):
    """There is no such person, key or session."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with roles. Rights belong to persons; keys and sessions only say who somebody is."""

    id: str
    name: str
    roles: frozenset[Role]
    created: str = ""
    """When (UTC, ISO 8601)."""
    disabled: str | None = None
    """Since when nothing of theirs works any more; None: it works."""
    issuer: str | None = None
    """The OpenID provider that vouches for them, with `subject`, their name there."""
    subject: str | None = None

    def has(self, *roles: Role) -> bool:
        """Has at least one of the roles, and is not disabled?"""
        return self.disabled is None and not self.roles.isdisjoint(roles)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Person:
        """From a row of the table `people`."""
        return cls(
            row["id"], row["name"], read_roles(row["roles"].split()), row["created"], row["disabled"], row["issuer"],
            row["subject"],
        )  # fmt: skip

    @classmethod
    def joined(cls, row: Mapping[str, Any]) -> Person:
        """From a row that was joined with `JOINED`."""
        return cls.of({column.name: row[f"p_{column.name}"] for column in schema.people.c})

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "id": self.id, "name": self.name, "roles": sorted(self.roles), "created": self.created,
            "disabled": self.disabled, "issuer": self.issuer, "subject": self.subject,
        }  # fmt: skip


JOINED = tuple(column.label(f"p_{column.name}") for column in schema.people.c)
"""The columns of a person beside those of something of theirs."""
LOCAL = Person("local", "whoever sits here", frozenset({Role.SCREENER, Role.ANALYST, Role.AUTHOR, Role.AUDITOR}))
"""Who asks a server on loopback as long as nobody has been entered. Neither approves nor administers: whoever wrote a
change at the command line is somebody else by id, and would approve their own."""


def read_roles(words: Iterable[str]) -> frozenset[Role]:
    """Roles from their words. Raises PeopleFault."""
    found = set()
    for word in words:
        try:
            found.add(Role(word))
        except ValueError:
            raise PeopleFault(f"`{word[:40]}` is no role; there are {', '.join(Role)}") from None
    return frozenset(found)


class People:
    """The persons of one store. Everything raises StoreFault too."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, id: str) -> Person:
        """A person by id. Raises Unknown."""
        with self._store.database.reading() as connection:
            row = connection.execute(select(schema.people).where(schema.people.c.id == id)).mappings().first()
        if row is None:
            raise Unknown(f"there is no person `{id[:80]}`")
        return Person.of(dict(row))

    def page(self, after: str, limit: int) -> Sequence[Person]:
        """So many of them by id, from just after one on; "": from the first."""
        table = schema.people
        query = select(table).where(table.c.id > after).order_by(table.c.id).limit(limit)
        with self._store.database.reading() as connection:
            return [Person.of(dict(row)) for row in connection.execute(query).mappings()]

    def all(self) -> Sequence[Person]:
        """Everybody, the disabled too, by id."""
        with self._store.database.reading() as connection:
            rows = connection.execute(select(schema.people).order_by(schema.people.c.id)).mappings().all()
        return [Person.of(dict(row)) for row in rows]

    def anybody(self) -> bool:
        """Was anybody ever entered?"""
        with self._store.database.reading() as connection:
            return connection.execute(select(schema.people.c.id).limit(1)).first() is not None

    def has_administrator(self) -> bool:
        """Is there anybody who may enter others?"""
        return any(person.has(Role.ADMINISTRATOR) for person in self.all())

    def of_subject(self, issuer: str, subject: str) -> Person | None:
        """Whom an OpenID provider means, None if they were never here."""
        table = schema.people
        query = select(table).where(table.c.issuer == issuer.rstrip("/"), table.c.subject == subject)
        with self._store.database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else Person.of(dict(row))

    def add(
        self,
        id: str,
        name: str,
        roles: Iterable[Role],
        by: str,
        *,
        issuer: str | None = None,
        subject: str | None = None,
    ) -> Person:
        """Enter a person. Raises PeopleFault for an id that is none, or in use."""
        check_id(id)
        check_name(name)
        if (issuer is None) != (subject is None) or "" in (issuer, subject):
            raise PeopleFault("issuer and subject are stated together or not at all")
        if any(len(text) > 500 or not text.isprintable() for text in (issuer, subject) if text):
            raise PeopleFault("issuer and subject are printable, and at most 500 characters long")
        provider = issuer.rstrip("/") if issuer else None  # some name themselves with it, some without
        person = Person(id, name.strip(), frozenset(roles), now(), None, provider, subject)
        entry = Entry(
            "person", id, by, {"change": "added", "roles": sorted(person.roles), "openid": issuer is not None}
        )
        self._write(insert_of(self._store, person), entry, f"`{id}` or that subject is entered already")
        return person

    def change(
        self, id: str, by: str, *, name: str | None = None, roles: Iterable[Role] | None = None,
        disabled: bool | None = None,
    ) -> Person:  # fmt: skip
        """Give a person another name, exactly these roles, let them in or no longer; all of it at once, or nothing.

        What is left out stays. Whoever is disabled has no key and no session any more, and gets none of them back.
        Raises Unknown, PeopleFault for the last administrator.
        """
        person, at, table = self.get(id), now(), schema.people
        wanted = person.roles if roles is None else frozenset(roles)
        if name is not None:
            check_name(name)
        values: dict[str, Any] = {}
        said: list[dict[str, Any]] = []
        if wanted != person.roles:
            values["roles"] = " ".join(sorted(wanted))
            said.append({"change": "roles", "roles": sorted(wanted)})
        if name is not None and name.strip() != person.name:
            values["name"] = name.strip()
            said.append({"change": "renamed"})
        if disabled is not None and disabled != (person.disabled is not None):
            values["disabled"] = at if disabled else None
            said.append({"change": "disabled" if disabled else "enabled"})
        if not values:
            return person
        seen = table.c.disabled.is_(None) if person.disabled is None else table.c.disabled.is_not(None)
        same = table.c.roles == " ".join(sorted(person.roles)), table.c.name == person.name, seen
        guard = update(table).where(table.c.id == id, *same).values(**values)
        lost = Role.ADMINISTRATOR in person.roles and (Role.ADMINISTRATOR not in wanted or bool(values.get("disabled")))
        if lost:
            guard = guard.where(_other_administrator(id))
        entries = [Entry("person", id, by, one) for one in said]
        ended = _ended(id, at) if values.get("disabled") else ()
        if self._store.journal.write(Write(entries=entries, only_if=guard, also=ended)).refused:
            if lost and self._is(person):
                raise PeopleFault("they are the last administrator: make another one first")
            raise PeopleFault("somebody else changed them meanwhile: look at it again")
        return self.get(id)

    def set_roles(self, id: str, roles: Iterable[Role], by: str) -> Person:
        """Give a person exactly these roles. Raises Unknown, PeopleFault for the last administrator."""
        return self.change(id, by, roles=roles)

    def rename(self, id: str, name: str, by: str) -> Person:
        """Give a person another name. Raises Unknown, PeopleFault."""
        return self.change(id, by, name=name)

    def disable(self, id: str, by: str) -> Person:
        """From now on no key and no session of theirs works. Raises Unknown, PeopleFault for the last administrator."""
        return self.change(id, by, disabled=True)

    def enable(self, id: str, by: str) -> Person:
        """Let a person in again; keys and sessions of before stay dead. Raises Unknown."""
        return self.change(id, by, disabled=False)

    def _is(self, person: Person) -> bool:
        """Is a person still as they were seen?"""
        return self.get(person.id) == person

    def _write(self, guard: Any, entry: Entry, refusal: str) -> None:
        if self._store.journal.write(Write(entries=[entry], only_if=guard)).refused:
            raise PeopleFault(refusal)


def _ended(id: str, at: str) -> list[Update]:
    """What ends everything that a person could show."""
    sessions, keys, links = schema.sessions, schema.keys, schema.links
    return [
        update(sessions).where(sessions.c.person == id, sessions.c.ended.is_(None)).values(ended=at),
        update(keys).where(keys.c.person == id, keys.c.revoked.is_(None)).values(revoked=at),
        update(links).where(links.c.person == id, links.c.used.is_(None)).values(used=at),
    ]


def insert_of(store: Store, person: Person) -> Any:
    """The statement that enters a person, and changes nothing if the id or the subject is taken."""
    return store.database.insert_new(schema.people).values(**{**person.data(), "roles": " ".join(sorted(person.roles))})


def is_administrator() -> Any:
    """The condition on a row of `people`: may enter others now. Roles stand sorted, so this one, if there, is first."""
    roles = schema.people.c.roles
    word = Role.ADMINISTRATOR.value
    return and_(schema.people.c.disabled.is_(None), or_(roles == word, roles.like(f"{word} %")))


def _other_administrator(id: str) -> Any:
    # An alias: the statement that this restricts changes the same table.
    others = schema.people.alias("others")
    word = Role.ADMINISTRATOR.value
    roles = or_(others.c.roles == word, others.c.roles.like(f"{word} %"))
    query = select(func.count()).select_from(others).where(others.c.id != id, others.c.disabled.is_(None), roles)
    return query.scalar_subquery() > 0


def check_id(id: str) -> None:
    """Raises PeopleFault for what cannot be the id of a person."""
    if not _ID.fullmatch(id) or id in RESERVED:
        raise PeopleFault(
            f"`{id[:80]}` cannot be an id: small letters, digits, `.`, `_`, `-`, at most 64 of them, "
            f"not {' or '.join(f'`{word}`' for word in sorted(RESERVED))}"
        )


def check_name(name: str) -> None:
    """Raises PeopleFault for what cannot be a name."""
    if not 0 < len(name.strip()) <= LONGEST_NAME or not name.isprintable():
        raise PeopleFault(f"a name is 1 to {LONGEST_NAME} printable characters")
