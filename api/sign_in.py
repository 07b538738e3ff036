"""Signing in and out of the pages: with an API key, or with a link that works once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from carveout.api.identity import COOKIE, Identity, bound_of
from carveout.api.pages import Pages, values_of
from carveout.api.store_keeping import Keeper
from carveout.engine.records.people import PeopleFault
from carveout.engine.records.sessions import LONGEST
from carveout.engine.records.store import Store

_T = TypeVar("_T")
WRONG_KEY = "This key does not work: it was never made here, has run out or was revoked."


def sign_in_router(pages: Pages, keeper: Keeper, identity: Identity) -> APIRouter:
    """The routes; whoever they are, all may come here."""
    router = APIRouter()

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
        answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return answer

    return router


async def _tried(keeper: Keeper, work: Callable[[Store], _T]) -> _T | None:
    try:
        return await keeper.ask(work)
    except PeopleFault:
        return None


def _signed_in(request: Request, token: str) -> Response:
    """On to the first page, with the cookie. Lax: whoever follows a link to a page here stays signed in; what changes
    something is held to this site by the gate."""
    answer = RedirectResponse("/", 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, token, max_age=LONGEST, httponly=True, samesite="lax", secure=secure)
    return answer
