"""`POST /v1/checks` and `POST /v1/checks/csv`: transactions in, decisions out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response, StreamingResponse

from carveout.api.answers import Check
from carveout.api.lane import Lane
from carveout.api.problems import Problem, declared, from_statement
from carveout.api.reading import read_json
from carveout.api.store_keeping import Asking, Keeper, asking_of, problem_of
from carveout.api.tables import screened
from carveout.engine import Decision, Engine, StatementError
from carveout.engine.records.canonical import digest
from carveout.engine.records.database import StoreFault
from carveout.engine.records.decisions import Kept, answer_of
from carveout.engine.records.ids import new_id, now
from carveout.engine.records.journal import Coming
from carveout.engine.records.store import Answered, KeyUsed

CHUNK = 1 << 16
TRANSACTION = {"$ref": "#/components/schemas/Transaction"}
CSV_TEXT = {"schema": {"type": "string", "description": "a header row, then one transaction a row"}}


def checks_router(engine: Engine, keeper: Keeper) -> APIRouter:
    """The routes that decide."""
    router = APIRouter(prefix="/checks", tags=["checks"])
    lane = Lane()

    @router.post(
        "",
        operation_id="check",
        summary="Decide one transaction, or a deal of several acts",
        responses={200: {"model": Check, "description": "The decision"}, **declared(400, 408, 413, 415, 422, 503)},
        openapi_extra={
            "requestBody": {"required": True, "content": {"application/json": {"schema": TRANSACTION}}},
        },
    )
    async def check(request: Request) -> Response:
        asked = time.monotonic()
        _expect(request, "application/json")
        raw = await request.body()
        asking = asking_of(request, raw)
        kept = await keeper.before(asking)
        if not isinstance(kept, Kept):
            try:
                kept = await lane.run(decide, engine, keeper, raw, asking, keeper.announce(), asked)
            except (StoreFault, KeyUsed) as fault:
                raise problem_of(fault) from fault
        return Response(kept.answer, media_type="application/json")

    @router.post(
        "/csv",
        operation_id="check_csv",
        summary="Decide every row of a CSV",
        response_class=StreamingResponse,
        responses={
            200: {
                "description": "The rows in their order, with the decision beside them",
                "content": {"text/csv": CSV_TEXT},
            },
            **declared(400, 408, 413, 415, 422, 503),
        },
        openapi_extra={"requestBody": {"required": True, "content": _CSV_CONTENT}},
    )
    async def check_csv(request: Request) -> Response:
        kind = _expect(request, "text/csv", "multipart/form-data")
        raw = await (request.body() if kind == "text/csv" else _uploaded(request))
        asking = asking_of(request, raw if kind == "text/csv" else digest(raw).encode())
        async with keeper.turn(asking) as before:
            if isinstance(before, Answered):
                answer = before.content
            else:
                answer = await run_in_threadpool(screened, engine, raw, keeper, asking)
        headers = {"content-disposition": 'attachment; filename="screened.csv"'}
        return StreamingResponse(_chunks(answer), media_type="text/csv; charset=utf-8", headers=headers)

    return router


_CSV_CONTENT = {
    "text/csv": CSV_TEXT,
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": {"file": {"type": "string", "contentMediaType": "text/csv", "description": "the CSV"}},
            "required": ["file"],
        }
    },
}


def decide(
    engine: Engine,
    keeper: Keeper,
    raw: bytes,
    asking: Asking,
    coming: Coming | None = None,
    asked: float | None = None,
) -> Future[Kept]:
    """The decision on a transaction in JSON, asked for at `asked`, on its way into the store.

    Raises Problem, StoreFault.
    """
    try:
        transaction = read_json(raw)
        keeper.in_step(asked)
        engine = engine.pinned()
        return keeper.keep(engine, transaction, decide_on(engine, transaction), asking, coming)
    finally:  # also where nothing is to be stored
        if coming is not None:
            coming.over()


def decide_on(engine: Engine, transaction: Any) -> Decision:
    """The decision on a transaction as data. Raises Problem."""
    try:
        return engine.check(transaction)
    except StatementError as error:
        raise from_statement(error) from None


def envelope(decision: Decision) -> bytes:
    """How a decision of this moment would be answered."""
    return answer_of(new_id(), now(), decision.reference, decision.canonical())


def _expect(request: Request, *kinds: str) -> str:
    stated = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if stated not in kinds:
        raise Problem(415, "wrong-media-type", f"Send {' or '.join(kinds)}, and say so in Content-Type.")
    return stated


async def _uploaded(request: Request) -> bytes:
    async with request.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Problem(422, "bad-csv", "Send the CSV as a file.", [("file", "is missing")])
        return await file.read()


def _chunks(answer: bytes) -> Iterator[bytes]:
    view = memoryview(answer)
    for start in range(0, len(view), CHUNK):
        yield bytes(view[start : start + CHUNK])
