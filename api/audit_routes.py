"""The audit chain over HTTP: its signed head, and all of it."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from carveout.api.persons import person_of
from carveout.api.problems import declared
from carveout.api.store_keeping import Keeper
from carveout.engine.records.auditing import exported, head_of

LINES = "application/x-ndjson"


def audit_router(keeper: Keeper) -> APIRouter:
    """The routes of the audit chain."""
    router = APIRouter(prefix="/audit", tags=["audit"])

    @router.get(
        "/head",
        operation_id="audit_head",
        summary="The newest signed head: keep it elsewhere",
        responses={
            200: {"description": "The head", "content": {"application/json": {"schema": {"type": "object"}}}},
            **declared(403, 503),
        },
        response_class=Response,
    )
    async def head() -> Response:
        text = await keeper.ask(head_of)
        return Response(text.encode() + b"\n", media_type="application/json")

    @router.get(
        "/export",
        operation_id="audit_export",
        summary="The whole chain, one entry a line",
        responses={
            200: {"description": "The chain", "content": {LINES: {"schema": {"type": "string"}}}},
            **declared(403, 503),
        },
        response_class=StreamingResponse,
    )
    async def export(request: Request) -> Response:
        person = person_of(request)
        lines = await keeper.ask(lambda store: _begun(exported(store, person)))
        headers = {"content-disposition": 'attachment; filename="audit.jsonl"'}
        return StreamingResponse(lines, media_type=LINES, headers=headers)

    return router


def _begun(lines: Iterator[bytes]) -> Iterator[bytes]:
    """The same lines, the first of them read: what is wrong with the store shows before an answer is begun."""
    first = next(lines)

    def all_of_them() -> Iterator[bytes]:
        yield first
        yield from lines

    return all_of_them()
