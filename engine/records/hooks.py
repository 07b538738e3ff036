"""Webhooks: where alerts are told, and what is on its way there, from the very write that raises an alert."""

from __future__ import annotations

import ipaddress
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sqlalchemy import and_, select, update

from carveout.engine.records import schema
from carveout.engine.records.chain import Entry
from carveout.engine.records.ids import later, new_id, now
from carveout.engine.records.proposals import ChangeFault
from carveout.engine.records.writes import Write

if TYPE_CHECKING:
    from carveout.engine.records.store import Store
    from carveout.engine.records.tokens import Sealer

LONGEST_URL = 2_000
MOST_HOOKS = 20
WAITS = (60, 300, 1_800, 7_200, 28_800, 86_400, 86_400)
"""Seconds until an alert is tried again, after each try that failed; after the last it is given up."""
CLAIM_SECONDS = 120
"""For so long nobody else takes what one is about to send."""


@dataclass(frozen=True, slots=True)
class Hook:
    """An address that alerts are told to."""

    id: str
    time: str
    person: str
    url: str
    ended: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """An alert on its way to an address."""

    id: str
    hook: str
    url: str
    alert: str
    tries: int


class Hooks:
    """The webhooks of one store. Everything raises StoreFault too."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def add(self, url: str, person: str, sealer: Sealer) -> tuple[Hook, str]:
        """A new one, and the secret that its messages are signed with, which is shown once. Raises ChangeFault."""
        check_url(url)
        if len(self.all()) >= MOST_HOOKS:
            raise ChangeFault("too-many", f"there are {MOST_HOOKS} already: end one first")
        hook = Hook(new_id(), now(), person, url)
        values = asdict(hook)
        self.store.journal.write(
            Write(
                entries=[Entry("hook", hook.id, person, {"host": urlsplit(url).hostname})],
                only_if=schema.hooks.insert().values(**values),
            )
        )
        return hook, secret_of(hook.id, sealer)

    def end(self, id: str, person: str) -> None:
        """Tell nothing more to one. Raises ChangeFault."""
        table = schema.hooks
        guard = update(table).where(table.c.id == id, table.c.ended.is_(None)).values(ended=now())
        if self.store.journal.write(Write(entries=[Entry("hook-ended", id, person, {})], only_if=guard)).refused:
            raise ChangeFault("unknown", f"there is no webhook `{id[:80]}`, or it was ended")

    def all(self) -> Sequence[Hook]:
        """Those that are told."""
        table = schema.hooks
        with self.store.database.reading() as connection:
            rows = connection.execute(select(table).where(table.c.ended.is_(None)).order_by(table.c.id)).mappings()
            return [Hook(**row) for row in rows]

    def due(self, limit: int = 20) -> Sequence[Delivery]:
        """What is to be sent now; nobody else takes it for a while."""
        table, hooks, time = schema.deliveries, schema.hooks, now()
        joined = and_(hooks.c.id == table.c.hook, hooks.c.ended.is_(None))
        columns = (table.c.id, table.c.hook, hooks.c.url, table.c.alert, table.c.tries)
        query = select(*columns).join(hooks, joined).where(table.c.next <= time).order_by(table.c.next).limit(limit)
        with self.store.database.reading() as connection:
            found = [Delivery(**row) for row in connection.execute(query).mappings()]
        taken = []
        for one in found:
            claim = update(table).where(table.c.id == one.id, table.c.next <= time)
            with self.store.database.writing() as connection:
                if connection.execute(claim.values(next=later(time, CLAIM_SECONDS))).rowcount == 1:
                    taken.append(one)
        return taken

    def tried(self, delivery: Delivery, said: str, taken: bool) -> None:
        """What came of a try: `taken`, or what the other side said; then it is tried again, or given up."""
        table, tries = schema.deliveries, delivery.tries + 1
        again = None if taken or tries > len(WAITS) else later(now(), WAITS[tries - 1])
        with self.store.database.writing() as connection:
            values = {"tries": tries, "next": again, "said": said[:300]}
            connection.execute(update(table).where(table.c.id == delivery.id).values(**values))

    def deliveries(self, hook: str, limit: int = 50) -> Sequence[dict[str, Any]]:
        """What was sent to one lately, newest first."""
        table = schema.deliveries
        query = select(table).where(table.c.hook == hook).order_by(table.c.id.desc()).limit(limit)
        with self.store.database.reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


def deliveries_of(alert: str, hooks: Sequence[str], time: str) -> list[Any]:
    """The statements that put an alert on its way."""
    return [
        schema.deliveries.insert().values(id=new_id(), hook=hook, alert=alert, tries=0, next=time, said="")
        for hook in hooks
    ]


def secret_of(hook: str, sealer: Sealer) -> str:
    """The secret of a webhook as Standard Webhooks has it; kept nowhere, for it follows from the token key."""
    return "whsec_" + b64encode(urlsafe_b64decode(sealer.derived(f"webhook {hook}"))).decode()


def check_url(url: str) -> None:
    """Raises ChangeFault for an address that nothing is told to: it must be https, or on this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if not host or len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise ChangeFault("bad-words", "is no address of the web")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ChangeFault("bad-words", "holds a name, a password or a fragment: leave them out")
    if parts.scheme != "https" and not (parts.scheme == "http" and _here(host)):
        raise ChangeFault("bad-words", "must begin with https:// (http only on this machine)")


def _here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
