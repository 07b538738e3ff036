"""What every request passes after the guard: who is asking, and whether they may."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from carveout.api.identity import CHALLENGE, Identity
from carveout.api.persons import HOW, Actor, current
from carveout.api.problems import Problem
from carveout.api.rights import Right, methods_of
from carveout.api.settings import Settings
from carveout.api.store_keeping import KEY_HEADER
from carveout.engine.records.tokens import holds_key

READING = ("GET", "HEAD", "OPTIONS")
MOST_FAILURES = 20
"""Keys that do not work, from one address in a minute; further ones are refused without a look at them."""
RETRY_SECONDS = "60"
SIGN_IN = "/sign-in"
NOBODY_YET = "Nobody has been entered yet: open the link that `carveout serve` showed when it started."
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
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # no right to one is defined
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        try:
            actor = await self._let_in(request)
        except HTTPException as refusal:
            await self._refuse(request, refusal)(scope, receive, send)
            return
        known = actor is not None or self.identity.sits_here(request)
        scope["state"] = {**scope.get("state", {}), "actor": actor, "known": known}
        mark = current.set(actor)
        try:
            await self.app(scope, receive, self._counting(request, send))
        finally:
            current.reset(mark)

    async def _let_in(self, request: Request) -> Actor | None:
        """Who is asking, who may. Raises Problem."""
        # Never `request.url`: it is made of the header Host too, which may be written so as to show another path.
        path, query = request.scope["path"], request.scope.get("query_string", b"").decode("latin-1")
        if holds_key(f"{path}?{query}"):
            _log.warning("a key or a session was sent in an address: whoever it belongs to should revoke it")
            detail = "A key stands in the address, and so in logs: take it as known to others, revoke it, and send the "
            raise Problem(400, "key-in-address", detail + "next one as `Authorization: Bearer`.")
        methods = methods_of(path)
        right = None if methods is None else methods.get("GET" if request.method == "HEAD" else request.method)
        if right is not None and right.everybody:
            _refuse_foreign(request, None)
            _refuse_unkept(request, path)
            return await self._perhaps_known(request)
        actor = await self._known(request)
        if actor is None:
            how = f"{HOW} {NOBODY_YET}" if await self.identity.nobody_entered() else HOW
            raise Problem(401, "not-signed-in", how, headers=CHALLENGE)
        _refuse_foreign(request, actor)
        self._slow_down(actor)
        if methods is None:
            raise HTTPException(404, "There is nothing here.")
        if right is None:
            raise HTTPException(405, headers={"Allow": ", ".join(methods)})
        _refuse_unfit(actor, right)
        _refuse_unkept(request, path)
        return actor

    async def _known(self, request: Request) -> Actor | None:
        try:
            return await self.identity.of(request)
        except Problem as problem:
            if problem.status_code == 401 and not self._limiter.hit(self._failures, "failure", address_of(request)):
                raise _too_many_failures() from None
            raise

    async def _perhaps_known(self, request: Request) -> Actor | None:
        """Who is asking, where it does not matter: whoever shows no key is not asked, so it works without the store.

        Raises Problem for a key that does not work, and where one signs in with what does not work time and again.
        """
        if request.method not in READING and not self._limiter.test(self._failures, "failure", address_of(request)):
            raise _too_many_failures()
        if "authorization" not in request.headers:
            return None
        try:
            return await self._known(request)
        except Problem as problem:
            if problem.status_code != 503:
                raise
            return None

    def _counting(self, request: Request, send: Send) -> Send:
        """Sends the answer, and counts a sign-in that failed."""
        if request.method in READING or not request.scope["path"].startswith(SIGN_IN):
            return send

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 401:
                self._limiter.hit(self._failures, "failure", address_of(request))
            await send(message)

        return counted

    def _slow_down(self, actor: Actor) -> None:
        if actor.how != "local" and not self._limiter.hit(self._requests, "requests", actor.person.id):
            detail = f"More than {self._requests.amount} requests in a minute, with all keys of this person together."
            raise Problem(429, "too-many", detail, headers={"Retry-After": RETRY_SECONDS})


def address_of(request: Request) -> str:
    """Whose failures are counted together: an IPv4 address, or the 64 bits of an IPv6 one that a house has."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ipaddress.ip_network(f"{address}/64", strict=False))


def _too_many_failures() -> Problem:
    detail = "Too much that does not work was shown from this address: wait a minute."
    return Problem(429, "too-many", detail, headers={"Retry-After": RETRY_SECONDS})


def _refuse_unfit(actor: Actor, right: Right) -> None:
    if right.signed_in and actor.how != "local":
        return
    if not actor.person.has(*right.roles):
        roles = " or ".join(sorted(right.roles)) or "of a person who is entered"
        raise Problem(403, "not-allowed", f"This needs the role {roles}.")


def _refuse_unkept(request: Request, path: str) -> None:
    """Refuse a key where none is kept, rather than do a thing twice for whoever relies on it. Raises Problem."""
    if KEY_HEADER in request.headers and request.method not in READING and not path.startswith("/v1/"):
        message = "is for what is sent to /v1: here it would not be kept"
        raise Problem(422, "bad-parameter", "1 parameter to put right", [("Idempotency-Key", message)])


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
