"""The pages of people and keys: who is entered, with which roles, and what they show; for administrators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from carveout.api.identity import Identity
from carveout.api.pages import Pages, values_of
from carveout.api.persons import ActingPerson
from carveout.api.problems import Problem
from carveout.api.store_keeping import Keeper
from carveout.engine.records.keys import DAYS, MOST_DAYS, ApiKey
from carveout.engine.records.people import LONGEST_NAME, People, PeopleFault, Person, Role, Unknown
from carveout.engine.records.store import Store

_T = TypeVar("_T")
FOR = {
    Role.SCREENER: "checks, tables, names", Role.ANALYST: "answers to who a party is, lists, owners",
    Role.AUTHOR: "proposes changes of the rules", Role.APPROVER: "confirms what others propose",
    Role.AUDITOR: "reads everything", Role.ADMINISTRATOR: "people and keys",
}  # fmt: skip
"""What each role is for, in short."""


def people_pages(pages: Pages, keeper: Keeper, identity: Identity) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/people")

    async def done(work: Callable[[Store], _T]) -> _T:
        def without_faults(store: Store) -> _T:
            try:
                return work(store)
            except Unknown as fault:
                raise Problem(404, "unknown-person", str(fault)) from None
            except PeopleFault as fault:
                raise Problem(409, "bad-person", str(fault)) from None

        return await keeper.ask(without_faults)

    async def shown(id: str, person: Person, status: int = 200, made: str = "") -> Response:
        def work(store: Store) -> tuple[Person, list[ApiKey]]:
            found = People(store).get(id)
            return found, list(identity.keys(store).all(id))

        one, keys = await done(work)
        return await run_in_threadpool(
            pages.render, "person.html", status, one=one, keys=keys, made=made, roles=FOR, days=DAYS,
            most_days=MOST_DAYS, may=person.has(Role.ADMINISTRATOR), longest=LONGEST_NAME,
        )  # fmt: skip

    @router.get("")
    async def every(person: ActingPerson) -> Response:
        found = await done(lambda store: People(store).all())
        return await run_in_threadpool(
            pages.render,
            "people.html",
            people=found,
            roles=FOR,
            may=person.has(Role.ADMINISTRATOR),
            longest=LONGEST_NAME,
        )

    @router.post("")
    async def enter(request: Request, person: ActingPerson) -> Response:
        values = await values_of(request)
        id = values.get("id", "").strip()
        await done(lambda store: People(store).add(id, values.get("name", ""), _roles(values), person.id))
        return RedirectResponse(f"/people/{id}", 303)

    @router.get("/{id}")
    async def one(id: str, person: ActingPerson) -> Response:
        return await shown(id, person)

    @router.post("/{id}/roles")
    async def roles(request: Request, id: str, person: ActingPerson) -> Response:
        values = await values_of(request)
        await done(lambda store: People(store).set_roles(id, _roles(values), person.id))
        return _back(id)

    @router.post("/{id}/disable")
    async def disable(id: str, person: ActingPerson) -> Response:
        await done(lambda store: People(store).disable(id, person.id))
        return _back(id)

    @router.post("/{id}/enable")
    async def enable(id: str, person: ActingPerson) -> Response:
        await done(lambda store: People(store).enable(id, person.id))
        return _back(id)

    @router.post("/{id}/keys")
    async def make(request: Request, id: str, person: ActingPerson) -> Response:
        values = await values_of(request)
        text = values.get("days", "").strip() or str(DAYS)
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MOST_DAYS):
            raise Problem(422, "bad-person", f"A key works for 1 to {MOST_DAYS} days.")
        name = values.get("name", "")
        _, key = await done(lambda store: identity.keys(store).make(id, name, person.id, int(text)))
        return await shown(id, person, 201, key)

    @router.post("/{id}/keys/{key}/revoke")
    async def revoke(id: str, key: str, person: ActingPerson) -> Response:
        def work(store: Store) -> None:
            held = identity.keys(store)
            if held.get(key).person != id:
                raise Unknown(f"`{id[:80]}` has no key `{key[:80]}`")
            held.revoke(key, person.id)

        await done(work)
        return _back(id)

    return router


def _roles(values: Mapping[str, Any]) -> list[Role]:
    return [role for role in Role if values.get(f"role-{role.value}")]


def _back(id: str) -> Response:
    return RedirectResponse(f"/people/{id}", 303)
