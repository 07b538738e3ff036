"""`/v1/people`, `/v1/keys` and `/v1/me`: who is entered, with which roles, and the keys they show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from carveout.api.identity import Identity
from carveout.api.persons import Actor, actor
from carveout.api.problems import Problem, declared
from carveout.api.store_keeping import Keeper
from carveout.engine.records.keys import DAYS, MOST_DAYS
from carveout.engine.records.people import LONGEST_NAME, People, PeopleFault, Person, Role, Unknown
from carveout.engine.records.sessions import LINK_SECONDS
from carveout.engine.records.store import Store

_T = TypeVar("_T")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PersonAnswer(_Model):
    """Somebody who is entered."""

    id: str
    name: str
    roles: list[Role]
    created: str
    disabled: str | None = Field(description="since when nothing of theirs works any more")
    issuer: str | None
    subject: str | None


class PeopleAnswer(_Model):
    """Everybody, the disabled too."""

    people: list[PersonAnswer]


class Me(_Model):
    """Who asks, and how they showed it."""

    person: PersonAnswer
    how: str = Field(description="local (nobody is entered yet), key or session")


class KeyAnswer(_Model):
    """A key, without what is secret of it."""

    id: str
    begins: str
    person: str
    name: str
    created: str
    expires: str
    revoked: str | None
    used: str | None = Field(description="when it was last shown, to the hour")
    works: bool


class KeysAnswer(_Model):
    """Keys, newest first."""

    keys: list[KeyAnswer]


class NewKey(_Model):
    """A key that was just made."""

    key: str = Field(description="the key itself, which nobody can show again")
    of: KeyAnswer


class Link(_Model):
    """A one-time link."""

    path: str = Field(description="below the address of this server; used once")
    seconds: int = Field(description="how long it can be used")


class Entered(_Model):
    """Somebody to be entered."""

    id: str = Field(max_length=64, examples=["ann"])
    name: str = Field(max_length=LONGEST_NAME, examples=["Ann Example"])
    roles: list[Role] = Field([], max_length=20)
    issuer: str | None = Field(None, max_length=500, description="the OpenID provider that vouches for them")
    subject: str | None = Field(None, max_length=500, description="their `sub` there")


class Changed(_Model):
    """What becomes of a person; what is left out stays."""

    name: str | None = Field(None, max_length=LONGEST_NAME)
    roles: list[Role] | None = Field(None, max_length=20)
    disabled: bool | None = None


class Wanted(_Model):
    """A key to be made."""

    name: str = Field(max_length=LONGEST_NAME, description="what it is for")
    days: int = Field(DAYS, ge=1, le=MOST_DAYS)
    person: str | None = Field(None, max_length=64, description="for another, whom an administrator may make one for")


def people_router(keeper: Keeper, identity: Identity) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/v1", tags=["people"])

    async def done(work: Callable[[Store], _T]) -> _T:
        def without_faults(store: Store) -> _T:
            try:
                return work(store)
            except Unknown as fault:
                raise Problem(404, "unknown-person", str(fault)) from None
            except PeopleFault as fault:
                raise Problem(409, "bad-person", str(fault)) from None

        return await keeper.ask(without_faults)

    @router.get("/me", operation_id="me", summary="Who asks", responses=declared(401, 503))
    async def me(request: Request) -> Me:
        found = actor(request)
        return Me(person=_told(found.person), how=found.how)

    @router.get("/people", operation_id="people", summary="Everybody with their roles", responses=declared(403, 503))
    async def everybody() -> PeopleAnswer:
        return PeopleAnswer(people=[_told(person) for person in await done(lambda store: People(store).all())])

    @router.post(
        "/people",
        status_code=201,
        operation_id="enter_person",
        summary="Enter a person",
        responses=declared(403, 409, 422, 503),
    )
    async def enter(request: Request, said: Entered) -> PersonAnswer:
        by = actor(request).person.id

        def work(store: Store) -> Person:
            people = People(store)
            return people.add(said.id, said.name, said.roles, by, issuer=said.issuer, subject=said.subject)

        return _told(await done(work))

    @router.get("/people/{id}", operation_id="person", summary="One person", responses=declared(403, 404, 422, 503))
    async def one(id: str) -> PersonAnswer:
        return _told(await done(lambda store: People(store).get(id)))

    @router.patch(
        "/people/{id}",
        operation_id="change_person",
        summary="Another name, other roles, let in or no longer",
        responses=declared(403, 404, 409, 422, 503),
    )
    async def change(request: Request, id: str, said: Changed) -> PersonAnswer:
        by = actor(request).person.id

        def work(store: Store) -> Person:
            people = People(store)
            if said.roles is not None:
                people.set_roles(id, said.roles, by)
            if said.name is not None:
                people.rename(id, said.name, by)
            if said.disabled is not None:
                people.disable(id, by) if said.disabled else people.enable(id, by)
            return people.get(id)

        return _told(await done(work))

    @router.post(
        "/people/{id}/link",
        status_code=201,
        operation_id="sign_in_link",
        summary="A link with which they sign in once, within a quarter of an hour",
        responses=declared(403, 404, 409, 422, 503),
    )
    async def link(request: Request, id: str) -> Link:
        by = actor(request).person.id
        token = await done(lambda store: identity.sessions(store).make_link(id, by))
        return Link(path=f"/sign-in/link?token={token}", seconds=LINK_SECONDS)

    @router.get("/keys", operation_id="keys", summary="Own keys, or another's", responses=declared(403, 422, 503))
    async def keys(request: Request, person: Annotated[str | None, Query(max_length=64)] = None) -> KeysAnswer:
        whose = _whose(actor(request), person, Role.ADMINISTRATOR, Role.AUDITOR)
        found = await done(lambda store: identity.keys(store).all(whose))
        return KeysAnswer(keys=[KeyAnswer(**key.data()) for key in found])

    @router.post(
        "/keys",
        status_code=201,
        operation_id="make_key",
        summary="Make a key; it is shown in this answer and never again",
        responses=declared(403, 404, 409, 422, 503),
    )
    async def make(request: Request, said: Wanted) -> NewKey:
        acting = actor(request)
        whose = _whose(acting, said.person, Role.ADMINISTRATOR)
        key, text = await done(lambda store: identity.keys(store).make(whose, said.name, acting.person.id, said.days))
        return NewKey(key=text, of=KeyAnswer(**key.data()))

    @router.delete(
        "/keys/{id}",
        operation_id="revoke_key",
        summary="From now on it does not work",
        responses=declared(403, 404, 409, 422, 503),
    )
    async def revoke(request: Request, id: str) -> KeyAnswer:
        acting = actor(request)

        def work(store: Store) -> Any:
            held = identity.keys(store)
            if held.get(id).person != acting.person.id and not acting.person.has(Role.ADMINISTRATOR):
                raise Unknown(f"there is no key `{id[:80]}` of yours")
            return held.revoke(id, acting.person.id)

        return KeyAnswer(**(await done(work)).data())

    return router


def _whose(acting: Actor, person: str | None, *roles: Role) -> str:
    """Oneself, or somebody else where a role allows it. Raises Problem."""
    if person is None or person == acting.person.id:
        return acting.person.id
    if not acting.person.has(*roles):
        raise Problem(403, "not-allowed", f"For another person this needs the role {' or '.join(roles)}.")
    return person


def _told(person: Person) -> PersonAnswer:
    return PersonAnswer(**person.data())
