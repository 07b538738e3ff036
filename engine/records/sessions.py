"""Sessions of the pages, and the one-time links that begin them: kept here, so that they can be ended here."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, or_, select, update

from carveout.engine.records import schema
from carveout.engine.records.canonical import digest
from carveout.engine.records.chain import Entry
from carveout.engine.records.database import StoreFault
from carveout.engine.records.ids import later, now
from carveout.engine.records.people import (
    JOINED,
    People,
    PeopleFault,
    Person,
    Role,
    Unknown,
    insert_of,
    is_administrator,
)
from carveout.engine.records.store import SYSTEM, Store
from carveout.engine.records.tokens import Sealer, id_of, new_token
from carveout.engine.records.writes import Write

IDLE, LONGEST = 3_600, 12 * 3_600
"""Seconds: a session ends when it was not used for so long, and in any case."""
SEEN_EVERY = 60
LINK_SECONDS = 900
FIRST = "administrator"
"""Id of whoever uses the first link."""
_log = logging.getLogger(__name__)


def bound_to(host: str, agent: str) -> str:
    """What a session is bound to: the host it was made at, and the browser."""
    return digest(f"{host.lower()}\n{agent}".encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class Session:
    """A session, without what is secret of it."""

    id: str
    person: str
    created: str
    seen: str
    expires: str
    ended: str | None
    how: str
    key: str | None

    @property
    def works(self) -> bool:
        """Is it neither ended nor expired?"""
        at = now()
        return self.ended is None and at < self.expires and at < later(self.seen, IDLE)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Session:
        """From a row of the table `sessions`."""
        names = ("id", "person", "created", "seen", "expires", "ended", "how", "key")
        return cls(**{name: row[name] for name in names})


class Sessions:
    """The sessions of one store. Everything raises StoreFault too."""

    def __init__(self, store: Store, sealer: Sealer) -> None:
        self._store, self._sealer = store, sealer

    def begin(self, person: str, how: str, bound: str, key: str | None = None) -> str:
        """Sign a person in; the token of the session. Raises PeopleFault if they are disabled."""
        token, row, entry = self._row(person, how, bound, key)
        people = schema.people
        # Changes nothing, and takes hold of the row: nobody can be disabled and signed in at once.
        guard = update(people).where(people.c.id == person, people.c.disabled.is_(None)).values(disabled=None)
        if self._store.journal.write(Write(entries=[entry], only_if=guard, also=[row])).refused:
            raise PeopleFault("they are disabled, or were never entered")
        return token

    def _row(self, person: str, how: str, bound: str, key: str | None = None) -> tuple[str, Any, Entry]:
        token, at = new_token("session"), now()
        values = {
            "id": token.id, "person": person, "hash": self._sealer.seal(token.text), "sealed": self._sealer.name,
            "created": at, "seen": at, "expires": later(at, LONGEST), "how": how, "key": key, "bound": bound,
        }  # fmt: skip
        data = {"change": "signed in", "how": how} | ({"key": key} if key else {})
        return token.text, schema.sessions.insert().values(values), Entry("session", token.id, person, data)

    def find(self, text: str, bound: str) -> tuple[Session, Person] | None:
        """The session that was shown, and whose it is; None unless it works here and they are not disabled.

        One that is shown from elsewhere than it was made for is ended: it was stolen.
        """
        id = id_of("session", text)
        if id is None:
            return None
        people, keys, sessions = schema.people, schema.keys, schema.sessions
        of_key = [keys.c.revoked.label("key_revoked"), keys.c.expires.label("key_expires")]
        joined = sessions.join(people, sessions.c.person == people.c.id).outerjoin(keys, sessions.c.key == keys.c.id)
        query = select(sessions, *JOINED, *of_key).select_from(joined).where(sessions.c.id == id)
        with self._store.database.reading() as connection:
            row = connection.execute(query).mappings().first()
        if row is None or not self._sealer.fits(text, row["hash"], row["sealed"]):
            return None
        session, person = Session.of(dict(row)), Person.joined(dict(row))
        key_works = session.key is None or (row["key_revoked"] is None and row["key_expires"] > now())
        if not session.works or person.disabled is not None or not key_works:
            return None
        if row["bound"] != bound:
            _log.warning("session %s of %s was shown by another browser or at another name: ended", id, person.id)
            self.end(id, SYSTEM, "shown from elsewhere")
            return None
        if later(session.seen, SEEN_EVERY) < now():
            with suppress(StoreFault), self._store.database.writing() as connection:
                connection.execute(update(sessions).where(sessions.c.id == id).values(seen=now()))
        return session, person

    def end(self, id: str, by: str, why: str = "signed out") -> bool:
        """End a session; False if it was ended before, or never was."""
        table = schema.sessions
        guard = update(table).where(table.c.id == id, table.c.ended.is_(None)).values(ended=now())
        entry = Entry("session", id, by, {"change": why})
        return not self._store.journal.write(Write(entries=[entry], only_if=guard)).refused

    def end_all(self, person: str, by: str) -> int:
        """End all sessions of a person; how many."""
        return sum(self.end(session.id, by, "ended") for session in self.all(person))

    def all(self, person: str) -> Sequence[Session]:
        """The sessions of a person that work, newest first."""
        table = schema.sessions
        query = select(table).where(table.c.person == person, table.c.ended.is_(None)).order_by(table.c.created.desc())
        with self._store.database.reading() as connection:
            found = [Session.of(dict(row)) for row in connection.execute(query).mappings()]
        return [session for session in found if session.works]

    # ---- links

    def make_link(self, person: str | None, by: str) -> str:
        """A token that signs a person in once, within a quarter of an hour; of None, the first administrator.

        Links of theirs from before are void. Raises PeopleFault, Unknown.
        """
        people = People(self._store)
        if person is None and people.has_administrator():
            raise PeopleFault("there is an administrator already: say whom the link is for")
        if person is not None and people.get(person).disabled is not None:
            raise PeopleFault(f"`{person}` is disabled")
        table, token, at = schema.links, new_token("link"), now()
        row = {
            "id": token.id, "person": person, "hash": self._sealer.seal(token.text), "sealed": self._sealer.name,
            "created": at, "expires": later(at, LINK_SECONDS),
        }  # fmt: skip
        same = table.c.person == person if person is not None else table.c.person.is_(None)
        void = update(table).where(same, table.c.used.is_(None)).values(used=at)
        entry = Entry("link", token.id, by, {"change": "made", "person": person})
        self._store.journal.write(Write(entries=[entry], also=[void, table.insert().values(row)]))
        return token.text

    def use_link(self, text: str, bound: str) -> tuple[str, str]:
        """Sign in with a link: the token of the session, and whose it is. Raises PeopleFault if it works no more."""
        table, people = schema.links, schema.people
        id = id_of("link", text)
        with self._store.database.reading() as connection:
            found = connection.execute(select(table).where(table.c.id == (id or ""))).first()
        if found is None or not self._sealer.fits(text, found.hash, found.sealed):
            raise Unknown("this link was never made here")
        entered = []
        person = found.person
        if person is None:
            person = self._free_id()
            first = Person(person, "First administrator", frozenset({Role.ADMINISTRATOR}), now())
            entered = [insert_of(self._store, first)]
        token, row, entry = self._row(person, "link", bound)
        here = exists().where(people.c.id == table.c.person, people.c.disabled.is_(None))
        nobody = and_(table.c.person.is_(None), ~exists().where(is_administrator()))
        guard = (
            update(table)
            .where(table.c.id == id, table.c.used.is_(None), table.c.expires > now(), or_(here, nobody))
            .values(used=now())
        )
        entries = [entry]
        if found.person is None:
            data = {"change": "added", "roles": [Role.ADMINISTRATOR.value], "openid": False}
            entries = [Entry("person", person, SYSTEM, data), entry]
        if self._store.journal.write(Write(entries=entries, only_if=guard, also=[*entered, row])).refused:
            raise PeopleFault("this link was used, has run out, or is void: have another one made")
        return token, person

    def _free_id(self) -> str:
        taken = {person.id for person in People(self._store).all()}
        names = [FIRST, *(f"{FIRST}-{number}" for number in range(2, len(taken) + 3))]
        return next(name for name in names if name not in taken)
