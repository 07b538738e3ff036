"""`/v1/portfolio`: open transactions and parties that are kept here, and asked again when something changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from carveout.api.paging import Cursor, Limit, cursor_of, link_to, place_of
from carveout.api.persons import ActingPerson
from carveout.api.problems import Problem, declared
from carveout.api.reading import read_json, read_model
from carveout.api.repeating import Act, Once
from carveout.api.store_keeping import Keeper, asking_of
from carveout.api.watching import Watching
from carveout.engine import Engine
from carveout.engine.analyse.entries import KEPT, REPLACED, UNCHANGED, keep, read_entries
from carveout.engine.analyse.portfolio import PortfolioFault
from carveout.engine.analyse.watch import Overtaken
from carveout.engine.records.alerts import Alerts
from carveout.engine.records.people import Role
from carveout.engine.records.portfolios import Held, Last, PortfolioRefused, Portfolios
from carveout.engine.records.proposals import ChangeFault, Proposals
from carveout.engine.records.store import Store

MOST_SHOWN = 1_000
JSON_CONTENT = {"application/json": {"schema": {"type": "object"}}}
FILES = {
    "application/x-ndjson": {"schema": {"type": "string"}},
    "text/csv": {"schema": {"type": "string"}},
    "application/json": {"schema": {"type": "object", "description": "one transaction or party"}},
}
REFUSED = {"unknown": (404, "unknown-entry"), "closed": (409, "entry-closed")}


class Closed(BaseModel):
    """Why an entry is watched no longer."""

    model_config = ConfigDict(extra="forbid", strict=True)
    reason: str = Field("", max_length=4_000)


def portfolio_router(engine: Engine, keeper: Keeper, watching: Watching) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/portfolio", tags=["portfolio"])
    once = Once(keeper)

    @router.get(
        "",
        operation_id="portfolio",
        summary="What is kept and watched, with what was last answered about it",
        responses=_said("Entries", 401, 403, 422, 503),
    )
    async def page(
        request: Request,
        limit: Limit = 50,
        reference: Annotated[str | None, Query(max_length=200, description="the entry of this reference only")] = None,
        cursor: Cursor = None,
    ) -> Response:
        after = "" if cursor is None else place_of(cursor)

        def work(store: Store) -> dict[str, Any]:
            portfolios = Portfolios(store)
            if reference is not None:
                held = portfolios.open_of(reference)
                entries = [] if held is None else [entry_data(held, portfolios.answers(held.id)[-1])]
                return {"entries": entries, "next": None}
            found = portfolios.page(after, limit + 1)
            following = cursor_of(found[limit - 1][0].id) if len(found) > limit else None
            return {"entries": [entry_data(held, last) for held, last in found[:limit]], "next": following}

        said = await keeper.ask(work)
        return _json(said, headers=link_to(request, said["next"]))

    @router.post(
        "",
        operation_id="keep_portfolio",
        summary="Keep transactions and parties, each by its reference: JSON lines, a CSV, or one as JSON",
        responses=_said("What became of them", 400, 401, 403, 408, 409, 413, 415, 422, 503),
        openapi_extra={"requestBody": {"required": True, "content": FILES}},
    )
    async def add(
        request: Request,
        person: ActingPerson,
        owner: Annotated[str | None, Query(max_length=64, description="whose the alerts are; left out, yours")] = None,
    ) -> Response:
        data = await request.body()
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in FILES:
            raise Problem(415, "wrong-media-type", f"Send {', '.join(FILES)}.")

        def work(store: Store) -> bytes:
            if owner is not None and owner != person.id:
                _entered(store, owner)
            lines = json.dumps(read_json(data), ensure_ascii=False).encode() if kind == "application/json" else data
            try:
                entries = read_entries(lines, engine)
                taken = keep(watching.of(store), engine.pinned(), entries, owner or person.id, person.id)
            except PortfolioFault as fault:
                errors = [("portfolio", text) for text in fault.faults]
                raise Problem(422, "bad-portfolio", "Nothing of it was kept.", errors) from None
            except Overtaken:
                detail = "The rule set in force became another meanwhile: send it again, nothing is kept twice."
                raise Problem(503, "no-rules", detail, headers={"Retry-After": "1"}) from None
            counts = {name: sum(one.became == name for one in taken) for name in (KEPT, REPLACED, UNCHANGED)}
            said = {**counts, "entries": [one.data() for one in taken[:MOST_SHOWN]]}
            return json.dumps(said, ensure_ascii=False).encode()

        async def done() -> tuple[int, bytes, None]:
            await run_in_threadpool(keeper.in_step)
            return 200, await keeper.ask(work), None

        return await once.answer(asking_of(request, data), done)

    @router.get(
        "/{id:uuid}",
        operation_id="portfolio_entry",
        summary="One entry: what is stated, what was answered over time, and its alerts",
        responses=_said("The entry", 401, 403, 404, 422, 503),
    )
    async def show(id: UUID) -> Response:
        def work(store: Store) -> dict[str, Any]:
            portfolios = Portfolios(store)
            held = _refusing(lambda: portfolios.get(str(id)))
            answers = portfolios.answers(held.id)
            return {
                **entry_data(held, answers[-1]), "stated": portfolios.stated([held])[held.id],
                "answers": [_answer(one) for one in answers],
                "alerts": [alert.data() for alert in Alerts(store).of_entry(held.id)],
            }  # fmt: skip

        return _json(await keeper.ask(work))

    @router.post(
        "/{id:uuid}/close",
        operation_id="close_portfolio_entry",
        summary="Watch an entry no longer: it is done, or given up",
        responses=_said("The entry", 400, 401, 403, 404, 408, 409, 413, 415, 422, 503),
        openapi_extra={
            "requestBody": {"required": False, "content": {"application/json": {"schema": Closed.model_json_schema()}}},
        },
    )
    async def close(request: Request, id: UUID, person: ActingPerson) -> Response:
        data = await request.body()
        asked = read_model(Closed, data or b"{}", "bad-portfolio")

        def told(store: Store, of: str) -> bytes:
            reference = Portfolios(store).get(of).reference
            return json.dumps({"id": of, "reference": reference, "became": "closed"}, ensure_ascii=False).encode()

        def work(store: Store) -> Held:
            return _refusing(lambda: Portfolios(store).close(str(id), person.id, asked.reason))

        found = await once.act(asking_of(request, data), Act("closed", work, told))
        return Response(found.answered.content, found.answered.status, media_type="application/json")

    return router


def entry_data(held: Held, last: Last) -> dict[str, Any]:
    """An entry with its last answer, as JSON data."""
    return {
        "id": held.id, "reference": held.reference, "kind": held.kind, "owner": held.owner, "kept": held.time,
        "by": held.person, "outcome": last.told["outcome"] or "none", "last": _answer(last),
    }  # fmt: skip


def _answer(last: Last) -> dict[str, Any]:
    return {"seq": last.seq, "time": last.time, "told": dict(last.told), "decision": last.decision}


def _entered(store: Store, owner: str) -> None:
    try:
        Proposals(store).entered(owner, *Role)
    except ChangeFault as fault:
        raise Problem(422, "bad-portfolio", "Nothing of it was kept.", [("owner", str(fault))]) from None


def _refusing(work: Callable[[], Held]) -> Held:
    try:
        return work()
    except PortfolioRefused as fault:
        status, kind = REFUSED.get(fault.kind, (422, "bad-portfolio"))
        raise Problem(status, kind, str(fault)) from None


def _said(what: str, *statuses: int) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": what, "content": JSON_CONTENT}, **declared(*statuses)}


def _json(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(data, ensure_ascii=False).encode(), status, headers, media_type="application/json")
