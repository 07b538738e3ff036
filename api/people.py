"""`/v1/people`, `/v1/keys` and `/v1/me`: who is entered, with which roles, and the keys they show."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from carveout.api.identity import Identity
from carveout.api.paging import Cursor, Limit, bad_cursor, link_to, page_of, place_of
from carveout.api.persons import Actor, actor
from carveout.api.problems import Problem, declared
from carveout.api.reading import body_of, read_as
from carveout.api.repeating import Act, Once
from carveout.api.store_keeping import Keeper, asking_of
from carveout.api.tags import IF_MATCH_IF_AT_ALL, moved, seen_in, tag_of, tagged
from carveout.engine.records.errands import Errand, Moved
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
    """Some of everybody, the disabled too, by id."""

    people: list[PersonAnswer]
    next: str | None = Field(description="the cursor of the next page; null at the end")


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
    next: str | None = Field(description="the cursor of the next page; null at the end")


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

    once = Once(keeper)

    async def done(work: Callable[[Store], _T]) -> _T:
        return await keeper.ask(_plainly(work))

    @router.get("/me", operation_id="me", summary="Who asks", responses=declared(401, 503))
    async def me(request: Request) -> Me:
        found = actor(request)
        return Me(person=_told(found.person), how=found.how)

    @router.get(
        "/people",
        operation_id="people",
        summary="Everybody with their roles",
        response_model=PeopleAnswer,
        responses=declared(403, 422, 503),
    )
    async def everybody(request: Request, limit: Limit = 50, cursor: Cursor = None) -> Response:
        after = "" if cursor is None else place_of(cursor)
        found = await done(lambda store: People(store).page(after, limit + 1))
        page, following = page_of(found, limit, lambda person: person.id)
        told = PeopleAnswer(people=[_told(person) for person in page], next=following)
        return _json(_bytes(told), headers=link_to(request, following))

    @router.post(
        "/people",
        status_code=201,
        operation_id="enter_person",
        summary="Enter a person",
        response_model=PersonAnswer,
        responses=declared(400, 403, 409, 415, 422, 503),
        openapi_extra=body_of(Entered),
    )
    async def enter(request: Request) -> Response:
        raw = await request.body()
        said, asking = read_as(Entered, request, raw, *_UNREAD), asking_of(request, raw)

        def work(store: Store) -> Person:
            people, by = People(store), asking.person
            return people.add(said.id, said.name, said.roles, by, issuer=said.issuer, subject=said.subject)

        answered = (await once.act(asking, Act("person", _plainly(work), _person, 201))).answered
        return _json(answered.content, answered.status, {"etag": tag_of(answered.content)})

    @router.get(
        "/people/{id}",
        operation_id="person",
        summary="One person",
        response_model=PersonAnswer,
        responses={304: {"description": "As the `If-None-Match` has it"}, **declared(403, 404, 422, 503)},
    )
    async def one(request: Request, id: str) -> Response:
        content = await done(lambda store: _person(store, id))
        return _json(content, headers=tagged(request, tag_of(content)))

    @router.patch(
        "/people/{id}",
        operation_id="change_person",
        summary="Another name, other roles, let in or no longer; all of it or nothing",
        response_model=PersonAnswer,
        responses=declared(400, 403, 404, 408, 409, 412, 413, 415, 422, 503),
        openapi_extra={"parameters": [IF_MATCH_IF_AT_ALL], **body_of(Changed)},
    )
    async def change(request: Request, id: str) -> Response:
        said = read_as(Changed, request, await request.body(), *_UNREAD)
        by, seen = actor(request).person.id, seen_in(request, required=False)

        def as_seen(store: Store) -> bool:
            return seen is None or seen(tag_of(_person(store, id)))

        def work(store: Store) -> bytes:
            if not as_seen(store):
                raise moved()
            errand = Errand(by, None, "person", _person, holds=as_seen)
            try:
                People(errand.on(store)).change(id, by, name=said.name, roles=said.roles, disabled=said.disabled)
            except Moved:
                raise moved() from None
            return _person(store, id) if errand.answered is None else errand.answered.content

        content = await done(work)
        return _json(content, headers={"etag": tag_of(content)})

    @router.post(
        "/people/{id}/link",
        status_code=201,
        operation_id="sign_in_link",
        summary="A link with which they sign in once, within a quarter of an hour",
        response_model=Link,
        responses=declared(403, 404, 409, 422, 503),
    )
    async def link(request: Request, id: str) -> Response:
        asking = asking_of(request, await request.body())

        def work(store: Store) -> str:
            return identity.sessions(store).make_link(id, asking.person)

        done = await once.act(asking, Act("link", _plainly(work), _only_id, 201))
        if not done.now:
            raise Problem(409, "shown-once", f"{_SHOWN}: make another link, which makes this one void.")
        return _json(_bytes(Link(path=f"/sign-in/link?token={done.result}", seconds=LINK_SECONDS)), 201)

    @router.get(
        "/keys",
        operation_id="keys",
        summary="Own keys, or another's",
        response_model=KeysAnswer,
        responses=declared(403, 422, 503),
    )
    async def keys(
        request: Request,
        person: Annotated[str | None, Query(max_length=64)] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Response:
        whose = _whose(actor(request), person, Role.ADMINISTRATOR, Role.AUDITOR)
        after = None if cursor is None else place_of(cursor)

        def work(store: Store) -> Any:
            try:
                return identity.keys(store).page(whose, after, limit + 1)
            except Unknown:
                raise bad_cursor() from None

        page, following = page_of(await done(work), limit, lambda key: str(key.id))
        told = KeysAnswer(keys=[KeyAnswer(**key.data()) for key in page], next=following)
        return _json(_bytes(told), headers=link_to(request, following))

    @router.post(
        "/keys",
        status_code=201,
        operation_id="make_key",
        summary="Make a key; it is shown in this answer and never again",
        response_model=NewKey,
        responses=declared(400, 403, 404, 409, 415, 422, 503),
        openapi_extra=body_of(Wanted),
    )
    async def make(request: Request) -> Response:
        raw = await request.body()
        said = read_as(Wanted, request, raw, *_UNREAD)
        acting, asking = actor(request), asking_of(request, raw)
        whose = _whose(acting, said.person, Role.ADMINISTRATOR)

        def work(store: Store) -> Any:
            return identity.keys(store).make(whose, said.name, acting.person.id, said.days)

        done = await once.act(asking, Act("api-key", _plainly(work), _only_id, 201))
        if not done.now:
            id = json.loads(done.answered.content)["id"]
            raise Problem(409, "shown-once", f"{_SHOWN}: revoke the key `{id}`, and make another.", [("key", id)])
        key, text = done.result
        return _json(_bytes(NewKey(key=text, of=KeyAnswer(**key.data()))), 201)

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


def _plainly(work: Callable[[Store], _T]) -> Callable[[Store], _T]:
    """The same work, with a Problem for what cannot be done."""

    def asked(store: Store) -> _T:
        try:
            return work(store)
        except Unknown as fault:
            raise Problem(404, "unknown-person", str(fault)) from None
        except PeopleFault as fault:
            raise Problem(409, "bad-person", str(fault)) from None

    return asked


_UNREAD = ("bad-parameter", "Nothing was done.")
_SHOWN = "It was made when this was sent first, and its secret, which is kept nowhere, was in that answer only"


def _only_id(_: Store, id: str) -> bytes:
    """What is kept of an answer with a secret in it."""
    return json.dumps({"id": id}).encode()


def _person(store: Store, id: str) -> bytes:
    return _bytes(_told(People(store).get(id)))


def _bytes(answer: BaseModel) -> bytes:
    return answer.model_dump_json().encode()


def _json(content: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(content, status, headers, media_type="application/json")
