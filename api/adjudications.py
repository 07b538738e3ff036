"""`/v1/adjudications`: what people answered to "is this party the listed one?"; given, shown, taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from carveout.api.answers import OneAnswer
from carveout.api.changes import problem_of_change
from carveout.api.finding_answers import Answer
from carveout.api.paging import Cursor, Limit, bad_cursor, link_to, page_of, place_of
from carveout.api.problems import Problem, declared, from_statement
from carveout.api.reading import body_of, read_as
from carveout.api.settings import Settings
from carveout.api.store_keeping import Asking, Keeper, asking_of
from carveout.api.tags import IF_MATCH_IF_AT_ALL, moved, seen_in, tag_of, tagged
from carveout.engine import Engine, StatementError
from carveout.engine.parties.adjudications.model import Adjudication
from carveout.engine.parties.adjudications.standing import shown
from carveout.engine.records.adjudications import NoSuchAnswer, Told, confirm, read, withdraw
from carveout.engine.records.answering import LONGEST_REASON, AnswerRefused, answer_of
from carveout.engine.records.answering import Answer as Said
from carveout.engine.records.errands import Moved, resting_on
from carveout.engine.records.proposals import ChangeFault
from carveout.engine.records.store import Answered, Store

Reason = Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]


class Asked(BaseModel):
    """An answer that a person gives: of a party of a stored decision, or of a transaction."""

    model_config = ConfigDict(extra="forbid", strict=True)
    decision: Annotated[str, Field(max_length=36)] | None = Field(None, description="id of the decision that asked")
    transaction: dict[str, Any] | None = Field(None, description="in its place: a transaction that states the party")
    party: Annotated[str, Field(min_length=1, max_length=2_000)] = Field(description="its name or id there")
    subject: Annotated[str, Field(min_length=1, max_length=300)] = Field(
        description="the candidate", examples=["us.ofac.sdn:44541"]
    )
    answer: Literal["same", "different"]
    reason: Reason = Field(description="what was looked at, and what it said")
    until: Annotated[str, Field(max_length=10)] | None = Field(
        None, description="the first day on which it holds no longer; left out: as long as answers hold here"
    )


class Withdrawal(BaseModel):
    """Why an answer is taken back."""

    model_config = ConfigDict(extra="forbid", strict=True)
    reason: Reason


class AdjudicationAnswer(OneAnswer):
    """An answer with its state."""

    person: str

    party: dict[str, Any] = Field(description="as it was stated")
    name: str | None = Field(description="of the subject; null: nobody is recorded so any more")
    state: Literal["in_force", "withdrawn", "expired", "fallen", "proposed"]
    why: str | None
    withdrawn: str | None
    confirmed_by: str | None = Field(description="the second person; null: nobody yet, or none is needed")
    confirmed: str | None
    record: str = Field(description="digest of what was recorded of the subject")


class AdjudicationPage(Answer):
    """Some answers, newest first."""

    adjudications: list[AdjudicationAnswer]
    next: str | None = Field(description="the cursor of the next page; null at the end")


def adjudications_router(engine: Engine, keeper: Keeper, settings: Settings) -> APIRouter:
    """The routes of people's answers."""
    router = APIRouter(prefix="/adjudications", tags=["adjudications"])

    def one(answer: Adjudication) -> dict[str, Any]:
        return shown(answer, engine.subjects, int(datetime.now(UTC).timestamp()))

    def told(answer: Adjudication) -> bytes:
        return json.dumps(one(answer), ensure_ascii=False).encode()

    @router.post(
        "",
        operation_id="adjudicate",
        summary="Answer whether a party is a recorded one",
        response_model=AdjudicationAnswer,
        status_code=201,
        responses=declared(400, 403, 408, 413, 415, 422, 503),
        openapi_extra=body_of(Asked),
    )
    async def give(request: Request) -> Response:
        raw = await request.body()
        asked = read_as(Asked, request, raw, "bad-answer", "Nothing was stored.")
        asking = asking_of(request, raw)
        async with keeper.turn(asking) as before:
            if isinstance(before, Answered):
                return _json(before.content, 201)
            return _json(await run_in_threadpool(_given, engine, keeper, settings, asked, asking, told), 201)

    @router.get(
        "",
        operation_id="adjudications",
        summary="What was answered, newest first",
        response_model=AdjudicationPage,
        responses=declared(403, 422, 503),
    )
    async def page(
        request: Request,
        response: Response,
        subject: Annotated[str | None, Query(max_length=300, description="about this candidate only")] = None,
        party: Annotated[str | None, Query(max_length=2_000, description="of parties of exactly this name")] = None,
        state: Literal["in_force", "withdrawn", "expired", "fallen", "proposed"] | None = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> dict[str, Any]:
        before = None if cursor is None else place_of(cursor)
        newest_first = list(reversed(list(await keeper.ask(read))))
        ids = [answer.id for answer in newest_first]
        if before is not None and before not in ids:  # none is ever deleted
            raise bad_cursor()
        found = [
            told
            for answer in newest_first[0 if before is None else ids.index(before) + 1 :]
            if (subject is None or answer.subject == subject)
            and (party is None or answer.stated.get("name") == party)
            and ((told := one(answer))["state"] == state or state is None)
        ]
        page, following = page_of(found, limit, lambda one: str(one["id"]))
        response.headers.update(link_to(request, following))
        return {"adjudications": page, "next": following}

    @router.get(
        "/{id:uuid}",
        operation_id="adjudication",
        summary="One answer",
        response_model=AdjudicationAnswer,
        responses={304: {"description": "As the `If-None-Match` has it"}, **declared(403, 404, 422, 503)},
    )
    async def show(request: Request, id: UUID) -> Response:
        content = await keeper.ask(lambda store: as_it_is(store, id))
        return Response(content, headers=tagged(request, tag_of(content)), media_type="application/json")

    def as_it_is(store: Store, id: UUID) -> bytes:
        found = next((answer for answer in read(store) if answer.id == str(id)), None)
        if found is None:
            raise Problem(404, "unknown-answer", f"No answer {id} is stored here.")
        return told(found)

    async def become(asking: Asking, request: Request, id: UUID, work: Callable[[Store], bytes]) -> Response:
        """Do something about an answer, if it is as it was seen."""
        seen = seen_in(request, required=False)
        holds = None if seen is None else lambda store: seen(tag_of(as_it_is(store, id)))

        def done(store: Store) -> bytes:
            try:
                if holds is not None and not holds(store):
                    raise Moved
                return work(resting_on(store, asking.person, holds))
            except (Moved, Problem) as refusal:
                # Another process may have done it since the key was looked up, and what is refused is to do it again.
                answered = store.answered(asking.key) if asking.key is not None else None
                if isinstance(answered, Answered):
                    return answered.content
                raise (moved() if isinstance(refusal, Moved) else refusal) from None

        async with keeper.turn(asking) as before:
            return _json(before.content if isinstance(before, Answered) else await keeper.ask(done), 200)

    @router.post(
        "/{id:uuid}/withdraw",
        operation_id="withdraw_adjudication",
        summary="Take an answer back; it stays, and counts no longer",
        response_model=AdjudicationAnswer,
        responses=declared(400, 403, 404, 408, 412, 413, 415, 422, 503),
        openapi_extra={"parameters": [IF_MATCH_IF_AT_ALL], **body_of(Withdrawal)},
    )
    async def take_back(request: Request, id: UUID) -> Response:
        raw = await request.body()
        said = read_as(Withdrawal, request, raw, "bad-answer", "Nothing was stored.")
        asking = asking_of(request, raw)

        def work(store: Store) -> bytes:
            try:
                return withdraw(store, str(id), said.reason, asking.person, asking.key, told)[1]
            except NoSuchAnswer as error:
                raise Problem(404, "unknown-answer", str(error)) from None

        return await become(asking, request, id, work)

    @router.post(
        "/{id:uuid}/confirm",
        operation_id="confirm_adjudication",
        summary="Confirm, as a second person, that a party is another than the recorded one; from then on it counts",
        response_model=AdjudicationAnswer,
        responses=declared(400, 403, 404, 408, 409, 412, 413, 422, 503),
        openapi_extra={"parameters": [IF_MATCH_IF_AT_ALL]},
    )
    async def second(request: Request, id: UUID) -> Response:
        asking = asking_of(request, await request.body())

        def work(store: Store) -> bytes:
            try:
                return confirm(store, str(id), asking.person, asking.key, told)[1]
            except NoSuchAnswer as error:
                raise Problem(404, "unknown-answer", str(error)) from None
            except ChangeFault as fault:
                raise problem_of_change(fault) from None

        return await become(asking, request, id, work)

    return router


def _given(engine: Engine, keeper: Keeper, settings: Settings, asked: Asked, asking: Asking, told: Told) -> bytes:
    if (asked.decision is None) == (asked.transaction is None):
        raise _refused("decision", "state either `decision` or `transaction`")
    keeper.in_step()
    said = Said(asked.party, asked.subject, asked.answer, asked.reason, asked.until)

    def work(store: Store) -> bytes:
        return answer_of(
            store, engine.now, said, asking.person, settings.answer_days,
            transaction=asked.transaction, decision=asked.decision, key=asking.key, told=told,
        )[2]  # fmt: skip

    try:
        return keeper.ask_now(work)
    except StatementError as error:
        raise from_statement(error) from None
    except ChangeFault as fault:
        raise problem_of_change(fault) from None
    except AnswerRefused as error:
        raise _refused(error.field, error.message) from None


def _refused(field: str, message: str) -> Problem:
    return Problem(422, "bad-answer", "Nothing was stored.", [(field, message)])


def _json(content: bytes, status: int) -> Response:
    return Response(content, status, {"etag": tag_of(content)}, media_type="application/json")
