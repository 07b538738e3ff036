"""Signing in and out of the pages: with an API key, a link that works once, or the OpenID provider of the house."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from carveout.api import openid
from carveout.api.identity import COOKIE, Identity, bound_of
from carveout.api.openid import Provider, Refused, Unreachable, Vouched
from carveout.api.pages import Pages, values_of
from carveout.api.problems import Problem
from carveout.api.settings import Settings, is_loopback
from carveout.api.store_keeping import Keeper
from carveout.engine.records.people import PeopleFault, read_roles
from carveout.engine.records.sessions import LONGEST
from carveout.engine.records.store import Store
from carveout.engine.records.vouched import Claim, admitted

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
NO_PROVIDER = Problem(404, "no-provider", "No OpenID provider is set up here (CARVEOUT_OIDC_ISSUER).")
WRONG_KEY = "This key does not work: it was never made here, has run out or was revoked."


def sign_in_router(pages: Pages, keeper: Keeper, identity: Identity, provider: Provider | None = None) -> APIRouter:
    """The routes; whoever they are, all may come here."""
    router = APIRouter()

    async def key_of_the_cookie() -> bytes:
        return await run_in_threadpool(lambda: identity.sealer.derived(openid.PURPOSE))

    @router.get("/sign-in")
    def page() -> Response:
        return pages.sign_in(200, "")

    @router.post("/sign-in")
    async def with_key(request: Request) -> Response:
        text, bound = (await values_of(request)).get("key", "").strip(), bound_of(request)

        def work(store: Store) -> str | None:
            found = identity.keys(store).find(text)
            return None if found is None else identity.sessions(store).begin(found[1].id, "key", bound, found[0].id)

        token = await _tried(keeper, work)
        return pages.sign_in(401, WRONG_KEY) if token is None else _signed_in(request, token)

    @router.get("/sign-in/link")
    def link(token: str = "") -> Response:
        return pages.link(token[:200])

    @router.post("/sign-in/link")
    async def with_link(request: Request) -> Response:
        text, bound = (await values_of(request)).get("token", "").strip(), bound_of(request)
        try:
            token, _ = await keeper.ask(lambda store: identity.sessions(store).use_link(text, bound))
        except PeopleFault as fault:
            return pages.link("", str(fault), 401)
        return _signed_in(request, token)

    @router.get(openid.BEGIN)
    async def with_provider(request: Request) -> Response:
        if provider is None:
            raise NO_PROVIDER
        try:
            url, sealed = await provider.begin(await key_of_the_cookie())
        except Refused as refused:
            return _refused(pages, refused)
        answer = RedirectResponse(url, 303)
        answer.set_cookie(
            openid.COOKIE, sealed, max_age=openid.AWAY_SECONDS, path=openid.BEGIN, httponly=True, samesite="lax",
            secure=secure(request),
        )  # fmt: skip
        return answer

    @router.get(openid.BACK)
    async def back_from_provider(request: Request) -> Response:
        if provider is None:
            raise NO_PROVIDER
        sealed, bound = request.cookies.get(openid.COOKIE, ""), bound_of(request)
        try:
            who = await provider.back_with(dict(request.query_params), sealed, await key_of_the_cookie())
            token = await keeper.ask(lambda store: _begun(identity, provider, store, who, bound))
        except (Refused, PeopleFault) as refused:
            answer = _refused(pages, refused)
        else:
            answer = _signed_in(request, token)
        answer.delete_cookie(openid.COOKIE, path=openid.BEGIN, httponly=True, samesite="lax", secure=secure(request))
        return answer

    @router.post("/sign-out")
    async def out(request: Request) -> Response:
        token, bound = request.cookies.get(COOKIE), bound_of(request)

        def work(store: Store) -> None:
            sessions = identity.sessions(store)
            found = sessions.find(token or "", bound)
            if found is not None:
                sessions.end(found[0].id, found[1].id)

        if token:
            await keeper.ask(work)
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=secure(request))
        return answer

    return router


def provider_of(settings: Settings) -> Provider | None:
    """The OpenID provider of the settings, if there is one."""
    if settings.openid is None:
        return None
    return Provider(settings.openid, settings.url or "")


async def _tried(keeper: Keeper, work: Callable[[Store], _T]) -> _T | None:
    try:
        return await keeper.ask(work)
    except PeopleFault:
        return None


def _begun(identity: Identity, provider: Provider, store: Store, who: Vouched, bound: str) -> str:
    """The token of a session of whom the provider vouches for. Raises PeopleFault."""
    how = provider.how
    roles = None
    if how.roles:
        roles = read_roles(role for group in who.groups for role in how.roles.get(group, ()))
    person = admitted(store, Claim(how.issuer, who.subject, who.name, who.handle), roles)
    return identity.sessions(store).begin(person.id, "openid", bound)


def _refused(pages: Pages, refused: Exception) -> Response:
    said = str(refused) if isinstance(refused, Refused) else "no role, or disabled"  # which would say who it was
    _log.warning("a sign-in with the OpenID provider was refused: %s", said)
    return pages.sign_in(503 if isinstance(refused, Unreachable) else 401, f"Not signed in: {refused}.")


def secure(request: Request) -> bool:
    """Is a cookie for encrypted connections only? Always beyond this machine, whatever a proxy says of itself."""
    host = request.url.hostname or ""
    return request.url.scheme == "https" or not (host == "testserver" or is_loopback(host))


def _signed_in(request: Request, token: str) -> Response:
    """On to the first page, with the cookie. Lax: whoever follows a link to a page here stays signed in; what changes
    something is held to this site by the gate."""
    answer = RedirectResponse("/", 303)
    answer.set_cookie(COOKIE, token, max_age=LONGEST, httponly=True, samesite="lax", secure=secure(request))
    return answer
