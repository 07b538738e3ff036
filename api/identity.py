"""Who is asking: by an API key, by the cookie of a session, or as whoever sits at a machine where nobody is entered."""

from __future__ import annotations

import threading
import time

from fastapi.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from carveout.api.persons import NOBODY_ENTERED, Actor
from carveout.api.problems import Problem
from carveout.api.settings import LOOPBACK, Settings, is_loopback
from carveout.api.store_keeping import Keeper
from carveout.engine.records.keys import Keys
from carveout.engine.records.people import People
from carveout.engine.records.sessions import Sessions, bound_to
from carveout.engine.records.store import Store
from carveout.engine.records.tokens import Sealer, SealFault

COOKIE = "carveout-session"
PROXIED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
"""Headers of requests that a proxy hands on: whoever they come from does not sit here."""
OPEN_SECONDS = 1.0
"""How long it is believed that still nobody has been entered."""
CHALLENGE = {"WWW-Authenticate": "Bearer"}


class Identity:
    """Finds out who is asking. One for each application."""

    def __init__(self, keeper: Keeper, settings: Settings) -> None:
        self._keeper, self._settings = keeper, settings
        self._open_until, self._entered = 0.0, False
        self._sealer: Sealer | None = None
        self._lock = threading.Lock()

    async def of(self, request: HTTPConnection) -> Actor | None:
        """Who is asking; None: nobody that is known. Raises Problem: for a key that does not work, never less."""
        stated = request.headers.getlist("authorization")
        if stated:
            return await run_in_threadpool(self._by_key, stated)
        token = request.cookies.get(COOKIE)
        if token:
            found = await run_in_threadpool(self._by_session, token, bound_of(request))
            if found is not None:
                return found
        if self.sits_here(request) and await self.nobody_entered():
            return NOBODY_ENTERED
        return None

    async def nobody_entered(self) -> bool:
        """Has nobody been entered yet? Raises Problem where the store cannot be asked."""
        if self._entered:
            return False
        if time.monotonic() < self._open_until:
            return True
        self._entered = await self._keeper.ask(lambda store: People(store).anybody())
        self._open_until = time.monotonic() + OPEN_SECONDS
        return not self._entered

    def sessions(self, store: Store) -> Sessions:
        """The sessions of the store. Raises Problem."""
        return Sessions(store, self.sealer)

    def keys(self, store: Store) -> Keys:
        """The keys of the store. Raises Problem."""
        return Keys(store, self.sealer)

    @property
    def sealer(self) -> Sealer:
        """What hashes the tokens of this house. Raises Problem."""
        with self._lock:
            if self._sealer is None:
                try:
                    self._sealer = Sealer.of(self._settings.home)
                except SealFault as fault:
                    raise Problem(503, "no-token-key", str(fault)) from None
            return self._sealer

    def _by_key(self, stated: list[str]) -> Actor:
        kind, _, text = stated[0].partition(" ")
        if len(stated) == 1 and kind.lower() == "bearer":
            found = self._keeper.ask_now(lambda store: self.keys(store).find(text.strip()))
            if found is not None:
                return Actor(found[1], "key", found[0].id)
        detail = "This key does not work: it was never made here, has run out or was revoked. Have another one made."
        raise Problem(401, "bad-key", detail, headers=CHALLENGE)

    def _by_session(self, token: str, bound: str) -> Actor | None:
        found = self._keeper.ask_now(lambda store: self.sessions(store).find(token, bound))
        return None if found is None else Actor(found[1], "session", found[0].id)

    def sits_here(self, request: HTTPConnection) -> bool:
        """Does it come from this machine, to a server of nobody else and without a provider, through no proxy?"""
        client = request.client.host if request.client else ""
        near = client == "testclient" or is_loopback(client)
        alone = set(self._settings.hosts) <= set(LOOPBACK) and self._settings.openid is None
        return near and alone and not any(name in request.headers for name in PROXIED)


def bound_of(request: HTTPConnection) -> str:
    """What a session that this request begins or uses is bound to."""
    return bound_to(request.headers.get("host", ""), request.headers.get("user-agent", ""))
