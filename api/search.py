"""Looking names up over HTTP: `GET /v1/search` for one, `POST /v1/screen` for many."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Query as Parameter
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from carveout.api.problems import Problem, declared
from carveout.api.reading import body_of, read_json
from carveout.api.repeating import Once
from carveout.api.store_keeping import Keeper, asking_of
from carveout.engine import Engine
from carveout.engine.decide.search import Query, nearby, search, unread
from carveout.engine.law.clocks import parse_moment

MOST_NAMES = 1_000
LONGEST = 2_000
Text = Annotated[str, Field(min_length=1, max_length=LONGEST)]
Short = Annotated[str, Field(min_length=1, max_length=200)]
BORN = r"^\d{4}(-\d{2}(-\d{2})?)?$"


class Asked(BaseModel):
    """A name, and what is known beside it."""

    model_config = ConfigDict(extra="forbid", strict=True)
    name: Text = Field(examples=["Белавиа"])
    kind: Short | None = Field(None, examples=["organisation"])
    countries: list[Short] = Field([], max_length=50)
    identifiers: dict[Short, Short] = Field({}, max_length=20)
    born: Annotated[str, Field(pattern=BORN)] | None = None
    address: Text | None = None

    def query(self) -> Query:
        """As the engine asks it."""
        countries = tuple(country.upper() for country in self.countries)
        return Query(self.name, self.kind, countries, self.identifiers, self.born, self.address)


class AskedMany(BaseModel):
    """Many names at once; `reference` of each is its place in the list."""

    model_config = ConfigDict(extra="forbid", strict=True)
    at: Annotated[str, Field(max_length=40)] | None = Field(None, description="statuses at that moment; left out: now")
    names: list[Asked] = Field(min_length=1, max_length=MOST_NAMES)


class StatusFound(BaseModel):
    """A status of a candidate at the moment asked about."""

    status: str
    truth: str
    authority: str | None
    norm: str
    title: str
    since: int | None = Field(description="seconds since 1970 in UTC; null where it is not known")
    citations: list[dict[str, str]]
    open: list[str]


class CandidateFound(BaseModel):
    """Somebody whom the name may be."""

    subject: str
    name: str
    kind: str
    on_list: str | None = Field(alias="list")
    verdict: str = Field(examples=["same", "possible", "near"])
    score: int
    reason: str
    words: list[list[Any]] = Field(description="words stated, words recorded, how like they are")
    features: dict[str, float]
    portal_score: int | None = Field(description="what OFAC's own search would show; null: nothing")
    names: list[str]
    names_in_all: int
    identifiers: dict[str, Any]
    statuses: list[StatusFound]


class Found(BaseModel):
    """Whom one name may be, best first."""

    query: dict[str, Any]
    candidates: list[CandidateFound]
    near: list[CandidateFound] | None = Field(
        description="who is somewhat like it, for people who look up; no candidate of a decision; null: of many names"
    )
    unread: str | None = Field(
        description="why it is no answer that nobody (else) is found: the name says nobody; null: it was compared"
    )


class FoundMany(BaseModel):
    """The answers in the order of the names, and the state of the lists that were asked."""

    at: int
    lists: str | None
    results: list[Found]


def search_router(engine: Engine, keeper: Keeper) -> APIRouter:
    """The routes that look names up."""
    router = APIRouter(tags=["search"])
    once = Once(keeper)

    @router.get(
        "/search",
        operation_id="search",
        summary="Whom a name may be, in the rule set and on the lists that are kept",
        response_model=FoundMany,
        responses=declared(422),
    )
    def one(
        name: Annotated[str, Parameter(min_length=1, max_length=LONGEST, examples=["Белавиа"])],
        kind: Annotated[str | None, Parameter(max_length=200)] = None,
        country: Annotated[list[Short] | None, Parameter(max_length=50)] = None,
        born: Annotated[str | None, Parameter(pattern=BORN)] = None,
        at: Annotated[str | None, Parameter(max_length=40, examples=["2025-09-12T12:00:00-04:00"])] = None,
    ) -> Response:
        query = Query(name, kind, tuple(c.upper() for c in country or ()), {}, born)
        return _answer(engine, [query], _moment(at), with_near=True)

    @router.post(
        "/screen",
        operation_id="screen",
        summary="Whom many names may be",
        response_model=FoundMany,
        responses=declared(400, 413, 415, 422, 503),
        openapi_extra=body_of(AskedMany),
    )
    async def many(request: Request) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Problem(415, "wrong-media-type", "Send application/json, and say so in Content-Type.")
        raw = await request.body()
        asking = asking_of(request, raw)

        async def work() -> tuple[int, bytes, None]:
            return 200, bytes((await run_in_threadpool(_many, engine, raw)).body), None

        return await once.answer(asking, work, entered=False)

    return router


def _many(engine: Engine, raw: bytes) -> Response:
    try:
        asked = AskedMany.model_validate(read_json(raw))
    except ValidationError as error:
        errors = [(_field(found["loc"]), found["msg"]) for found in error.errors(include_url=False)[:50]]
        raise Problem(422, "bad-names", "No name was looked up.", errors) from None
    return _answer(engine, [each.query() for each in asked.names], _moment(asked.at))


def _answer(engine: Engine, queries: list[Query], moment: int, *, with_near: bool = False) -> Response:
    body = {
        "at": moment,
        "lists": engine.subjects.fingerprint,
        "results": [_result(engine, query, moment, with_near) for query in queries],
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode("utf-8", "replace"), media_type="application/json")


def _result(engine: Engine, query: Query, moment: int, with_near: bool) -> dict[str, Any]:
    found = search(engine, query, moment)
    near = nearby(engine, query, found, moment) if with_near else None
    return {"query": query.as_json(), "candidates": found, "near": near, "unread": unread(query, found)}


def _moment(text: str | None) -> int:
    if text is None:
        return int(datetime.now(UTC).timestamp())
    try:
        return parse_moment(text, None)
    except ValueError as error:
        raise Problem(422, "bad-parameter", "1 parameter to put right", [("at", str(error))]) from None


def _field(location: tuple[int | str, ...]) -> str:
    text = ""
    for step in location:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text
