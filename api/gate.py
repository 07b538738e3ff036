"""What every request passes after the guard: who is asking, and whether they may."""

from __future__ import annotations

import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from carveout.api.identity import CHALLENGE, Identity
from carveout.api.persons import HOW, Actor, current
from carveout.api.problems import Problem
from carveout.api.rights import Right, methods_of
from carveout.api.settings import Settings
from carveout.engine.records.tokens import holds_key

READING = ("GET", "HEAD", "OPTIONS")
MOST_FAILURES = 20
"""Keys that do not work, from one address in a minute; further ones are refused without a look at them."""
RETRY_SECONDS = "60"
_log = logging.getLogger(__name__)
Refuse = Callable[[Request, HTTPException], Response]


class Gate:
    """ASGI middleware: nobody gets to a route that the table of rights does not give to them."""

    def __init__(self, app: ASGIApp, identity: Identity, settings: Settings, refuse: Refuse) -> None:
        """`refuse` makes the answer of a refusal, a page or problem details."""
        self.app, self.identity, self._refuse = app, identity, refuse
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._failures = RateLimitItemPerMinute(MOST_FAILURES)
        self._requests = RateLimitItemPerMinute(settings.most_requests)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        try:
            actor = await self._let_in(request)
        except HTTPException as refusal:
            await self._refuse(request, refusal)(scope, receive, send)
            return
        scope["state"] = {**scope.get("state", {}), "actor": actor}
        mark = current.set(actor)
        try:
            await self.app(scope, receive, send)
        finally:
            current.reset(mark)

    async def _let_in(self, request: Request) -> Actor | None:
        """Who is asking, who may. Raises Problem."""
        if holds_key(str(request.url)):
            _log.warning("a key or a session was sent in an address: whoever it belongs to should revoke it")
            detail = "A key stands in the address, and so in logs: take it as known to others, revoke it, and send the "
            raise Problem(400, "key-in-address", detail + "next one as `Authorization: Bearer`.")
        methods = methods_of(request.url.path)
        right = None if methods is None else methods.get("GET" if request.method == "HEAD" else request.method)
        if right is not None and right.everybody:
            _refuse_foreign(request, None)
            return None  # nobody is asked who they are where it does not matter, so that it works without the store
        actor = await self._known(request)
        if actor is None:
            raise Problem(401, "not-signed-in", HOW, headers=CHALLENGE)
        _refuse_foreign(request, actor)
        self._slow_down(actor)
        if methods is None:
            raise HTTPException(404, "There is nothing here.")
        if right is None:
            raise HTTPException(405, headers={"Allow": ", ".join(methods)})
        _refuse_unfit(actor, right)
        return actor

    async def _known(self, request: Request) -> Actor | None:
        address = request.client.host if request.client else ""
        try:
            return await self.identity.of(request)
        except Problem as problem:
            if problem.status_code == 401 and not self._limiter.hit(self._failures, "failure", address):
                detail = "Too many keys that do not work came from this address."
                raise Problem(429, "too-many", detail, headers={"Retry-After": RETRY_SECONDS}) from None
            raise

    def _slow_down(self, actor: Actor) -> None:
        if actor.how != "local" and not self._limiter.hit(self._requests, "requests", actor.person.id):
            detail = f"More than {self._requests.amount} requests in a minute, with all keys of this person together."
            raise Problem(429, "too-many", detail, headers={"Retry-After": RETRY_SECONDS})


def _refuse_unfit(actor: Actor, right: Right) -> None:
    if right.signed_in and actor.how != "local":
        return
    if not actor.person.has(*right.roles):
        roles = " or ".join(sorted(right.roles)) or "of a person who is entered"
        raise Problem(403, "not-allowed", f"This needs the role {roles}.")


def _refuse_foreign(request: Request, actor: Actor | None) -> None:
    """Refuse what a page of another site makes a browser send along with what the browser knows. Raises Problem."""
    if request.method in READING or (actor is not None and actor.how == "key"):
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        own = site in ("same-origin", "none")
    elif origin is not None:
        own = urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()
    else:  # no browser; one would say so with the session that it shows
        own = actor is None or actor.how != "session"
    if not own:
        raise Problem(403, "foreign-origin", "Send it from a page of this server, or from a program with a key.")
