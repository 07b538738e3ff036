"""API keys: made once, shown once, of a person, for a time."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, literal, select, tuple_, update

from carveout.engine.records import schema
from carveout.engine.records.chain import Entry
from carveout.engine.records.database import StoreFault
from carveout.engine.records.ids import later, now
from carveout.engine.records.people import JOINED, PeopleFault, Person, Unknown, check_name
from carveout.engine.records.store import Store
from carveout.engine.records.tokens import Sealer, id_of, new_token
from carveout.engine.records.writes import Write

DAYS, MOST_DAYS = 90, 366
"""How long a key works unless it is said, and at most."""
MOST_KEYS = 50
"""Of one person, that work at the same time."""
SEEN_EVERY = 3600
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key, without what is secret of it."""

    id: str
    person: str
    name: str
    created: str
    expires: str
    revoked: str | None
    used: str | None
    """When it was last shown, to the hour."""

    @property
    def works(self) -> bool:
        """Is it neither revoked nor expired?"""
        return self.revoked is None and self.expires > now()

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> ApiKey:
        """From a row of the table `keys`."""
        return cls(**{name: row[name] for name in ("id", "person", "name", "created", "expires", "revoked", "used")})

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "id": self.id, "begins": f"cvk_{self.id}_", "person": self.person, "name": self.name,
            "created": self.created, "expires": self.expires, "revoked": self.revoked, "used": self.used,
            "works": self.works,
        }  # fmt: skip


class Keys:
    """The keys of one store. Everything raises StoreFault too."""

    def __init__(self, store: Store, sealer: Sealer) -> None:
        self._store, self._sealer = store, sealer

    def make(self, person: str, name: str, by: str, days: int = DAYS) -> tuple[ApiKey, str]:
        """A new key and its text, which nobody can show again. Raises PeopleFault."""
        check_name(name)
        if not 1 <= days <= MOST_DAYS:
            raise PeopleFault(f"a key works for 1 to {MOST_DAYS} days")
        if sum(key.works for key in self.all(person)) >= MOST_KEYS:
            raise PeopleFault(f"`{person}` has {MOST_KEYS} keys that work: revoke some first")
        token, at = new_token("key"), now()
        values = {
            "id": token.id, "person": person, "name": name.strip(), "hash": self._sealer.seal(token.text),
            "sealed": self._sealer.name, "created": at, "expires": later(at, days * 86_400),
        }  # fmt: skip
        people = schema.people.c
        here = exists().where(people.id == person, people.disabled.is_(None))
        row = select(*(literal(value).label(key) for key, value in values.items())).where(here)
        entry = Entry("api-key", token.id, by, {"change": "made", "person": person, "expires": values["expires"]})
        guard = schema.keys.insert().from_select(list(values), row)
        if self._store.journal.write(Write(entries=[entry], only_if=guard)).refused:
            raise Unknown(f"there is no person `{person[:80]}`, or they are disabled")
        return self.get(token.id), token.text

    def get(self, id: str) -> ApiKey:
        """A key by its id. Raises Unknown."""
        with self._store.database.reading() as connection:
            row = connection.execute(select(schema.keys).where(schema.keys.c.id == id)).mappings().first()
        if row is None:
            raise Unknown(f"there is no key `{id[:80]}`")
        return ApiKey.of(dict(row))

    def all(self, person: str | None = None) -> Sequence[ApiKey]:
        """All keys, or those of a person, newest first; also those that do not work any more."""
        query = select(schema.keys).order_by(schema.keys.c.created.desc(), schema.keys.c.id)
        if person is not None:
            query = query.where(schema.keys.c.person == person)
        with self._store.database.reading() as connection:
            return [ApiKey.of(dict(row)) for row in connection.execute(query).mappings()]

    def page(self, person: str, after: str | None, limit: int) -> Sequence[ApiKey]:
        """So many of a person's, newest first, from just after one on. Raises Unknown for one that there is not."""
        table = schema.keys
        query = select(table).where(table.c.person == person).order_by(table.c.created.desc(), table.c.id.desc())
        if after is not None:
            last = self.get(after)
            query = query.where(tuple_(table.c.created, table.c.id) < (last.created, last.id))
        with self._store.database.reading() as connection:
            return [ApiKey.of(dict(row)) for row in connection.execute(query.limit(limit)).mappings()]

    def revoke(self, id: str, by: str) -> ApiKey:
        """From now on the key, and sessions begun with it, do not work. Raises Unknown."""
        key, table, at = self.get(id), schema.keys, now()
        if key.revoked is not None:
            return key
        guard = update(table).where(table.c.id == id, table.c.revoked.is_(None)).values(revoked=at)
        sessions = schema.sessions
        ended = update(sessions).where(sessions.c.key == id, sessions.c.ended.is_(None)).values(ended=at)
        entry = Entry("api-key", id, by, {"change": "revoked", "person": key.person})
        self._store.journal.write(Write(entries=[entry], only_if=guard, also=[ended]))
        return self.get(id)

    def find(self, text: str) -> tuple[ApiKey, Person] | None:
        """The key that was shown, and whose it is; None unless it works and they are not disabled."""
        id = id_of("key", text)
        if id is None:
            return None
        people, keys = schema.people, schema.keys
        query = select(keys, *JOINED).join_from(keys, people).where(keys.c.id == id)
        with self._store.database.reading() as connection:
            row = connection.execute(query).mappings().first()
        if row is None or not self._sealer.fits(text, row["hash"], row["sealed"]):
            if row is not None and row["sealed"] != self._sealer.name:
                _log.warning("key %s was made with another token key: is CARVEOUT_HOME/token-key that one?", id)
            return None
        key, person = ApiKey.of(dict(row)), Person.joined(dict(row))
        if not key.works or person.disabled is not None:
            return None
        if key.used is None or later(key.used, SEEN_EVERY) < now():
            self._touch(id)
        return key, person

    def _touch(self, id: str) -> None:
        with suppress(StoreFault), self._store.database.writing() as connection:
            connection.execute(update(schema.keys).where(schema.keys.c.id == id).values(used=now()))
