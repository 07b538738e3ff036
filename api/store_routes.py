"""What was decided before: one decision, all of them in pages, the evidence, and deciding once more."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from carveout.api.answers import Check
from carveout.api.paging import Cursor, Limit, bad_cursor, cursor_of, link_to, place_of
from carveout.api.persons import person_of
from carveout.api.problems import Problem, declared, from_statement
from carveout.api.settings import Settings
from carveout.api.store_answers import DecisionPage, Evidence, ReplayAnswer
from carveout.api.store_keeping import Asking, Keeper, asking_of
from carveout.api.tags import tagged
from carveout.engine import Engine, StatementError
from carveout.engine.records.decisions import Kept
from carveout.engine.records.evidence import evidence
from carveout.engine.records.recorded import Home, Unreplayable
from carveout.engine.records.replaying import replay
from carveout.engine.records.store import Answered, Store

FORMS = ("json", "html", "pdf")
Page = Callable[[dict[str, Any]], bytes]
_BINARY = {"schema": {"type": "string", "format": "binary"}}


def store_router(engine: Engine, keeper: Keeper, page: Page, settings: Settings) -> APIRouter:
    """The routes under `/checks` that read; `page` makes a pack of evidence an HTML page."""
    router = APIRouter(prefix="/checks", tags=["decisions"])

    @router.get(
        "",
        operation_id="decisions",
        summary="What was decided, newest first",
        responses={200: {"model": DecisionPage, "description": "A page"}, **declared(403, 422, 503)},
    )
    async def decisions(
        request: Request,
        limit: Limit = 50,
        cursor: Cursor = None,
        outcome: Literal["proceed", "review", "stop"] | None = None,
        reference: str | None = Query(None, max_length=2_000, description="exactly as the user stated it"),
    ) -> Response:
        if reference is not None and "\0" in reference:
            raise Problem(422, "bad-parameter", "1 parameter to put right", [("reference", "has no NUL in it")])
        before = None if cursor is None else _before(cursor)
        found = await keeper.ask(lambda store: store.page(before, limit, outcome=outcome, reference=reference))
        listed = [{**e.values(), "rows": json.loads(e.rows) if e.rows else None} for _, e in found.decisions]
        following = None if found.next is None else cursor_of(f"n{found.next}")
        return _json({"decisions": listed, "next": following}, link_to(request, following))

    @router.get(
        "/{id:uuid}",
        operation_id="decision",
        summary="A decision, as it was answered",
        responses={
            200: {"model": Check, "description": "The decision"},
            304: {"description": "As the `If-None-Match` has it"},
            **declared(403, 404, 422, 503),
        },
    )
    async def decision(request: Request, id: UUID) -> Response:
        kept = await _kept(keeper, id)
        headers = tagged(request, f'"{kept.envelope.digest()}"')
        return Response(kept.answer, media_type="application/json", headers=headers)

    @router.get(
        "/{id:uuid}/evidence",
        operation_id="evidence",
        summary="The pack for a regulator: facts, verdicts, the law as it stood, names compared, person, hashes",
        responses={
            200: {
                "model": Evidence,
                "description": "As JSON, a page or a PDF",
                "content": {"text/html": _BINARY, "application/pdf": _BINARY},
            },
            **declared(403, 404, 422, 503),
        },
    )
    async def pack(
        request: Request,
        id: UUID,
        form: Literal["json", "html", "pdf"] | None = Query(None, description="else by `Accept`"),
    ) -> Response:
        kept = await _kept(keeper, id)
        person = person_of(request)
        wanted = form or _accepted(request.headers.get("accept", ""))
        return await keeper.ask(lambda store: _shown(evidence(store, kept, person, settings.home), wanted, page))

    @router.post(
        "/{id:uuid}/replay",
        operation_id="replay",
        summary="Decide once more: with the recorded inputs, under the law of today, or as known on a day",
        responses={200: {"model": ReplayAnswer, "description": "What came of it"}, **declared(403, 404, 409, 422, 503)},
    )
    async def again(
        request: Request,
        id: UUID,
        law: Literal["recorded", "today"] = Query("recorded"),
        as_known: str | None = Query(None, max_length=64, description="a moment with its offset"),
    ) -> Response:
        asking = asking_of(request, b"")
        async with keeper.turn(asking) as before:
            content = before.content if isinstance(before, Answered) else await once_more(asking, id, law, as_known)
        return Response(content, media_type="application/json")

    async def once_more(asking: Asking, id: UUID, law: str, as_known: str | None) -> bytes:
        kept = await _kept(keeper, id)

        def work(store: Store) -> bytes:
            keeper.in_step()
            today = engine.pinned() if law == "today" else None
            found, body = _replayed(store, kept, today, as_known, Home(settings.home))
            answer = json.dumps(found.data(), ensure_ascii=False).encode()
            return store.note_answer(found.entry(asking.person, body), asking.key, answer)

        return await keeper.ask(work)

    return router


def _replayed(store: Store, kept: Kept, today: Engine | None, as_known: str | None, home: Home) -> Any:
    try:
        return replay(store, kept, today, as_known, home)
    except StatementError as error:  # words of the transaction that the law of today has no more
        raise from_statement(error) from None
    except Unreplayable as error:
        raise Problem(409, "not-replayable", str(error)) from None
    except ValueError as error:
        if as_known is None:
            raise
        raise Problem(422, "bad-parameter", "1 parameter to put right", [("as_known", str(error))]) from None


async def _kept(keeper: Keeper, id: UUID) -> Kept:
    kept = await keeper.ask(lambda store: store.kept(str(id)))
    if kept is None:
        raise Problem(404, "unknown-check", f"No decision {id} is stored here.")
    return kept


def _shown(pack: dict[str, Any], form: str, page: Page) -> Response:
    name = f"evidence-{pack['decision']['id']}"
    if form == "html":
        return Response(page(pack), media_type="text/html")
    if form == "pdf":
        from carveout.api.store_pdf import pdf_of  # its fonts take a moment

        headers = {"content-disposition": f'attachment; filename="{name}.pdf"'}
        return Response(pdf_of(pack), media_type="application/pdf", headers=headers)
    return _json(pack)


def _accepted(accept: str) -> str:
    kinds = [kind.partition(";")[0].strip() for kind in accept.split(",")]
    wanted = {"text/html": "html", "application/pdf": "pdf", "application/json": "json"}
    return next((wanted[kind] for kind in kinds if kind in wanted), "json")


def _before(cursor: str) -> int:
    text = place_of(cursor)
    if text[:1] != "n" or not text[1:].isascii() or not text[1:].isdigit() or len(text) > 18:
        raise bad_cursor()
    return int(text[1:])


def _json(data: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(data, ensure_ascii=False).encode(), headers=headers, media_type="application/json")
