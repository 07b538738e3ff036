"""`/v1/calendar`: what is coming, as JSON or as iCalendar."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from carveout.api.problems import Problem, declared
from carveout.api.settings import Settings
from carveout.api.store_keeping import Keeper
from carveout.engine import Engine
from carveout.engine.analyse.calendar import Coming, coming_at
from carveout.engine.analyse.calendar_file import calendar_file
from carveout.engine.parties.snapshots.model import SnapshotsError
from carveout.engine.parties.snapshots.publications import PublicationsError

ICALENDAR = "text/calendar"
MOST_DAYS = 3_660
Days = Annotated[int, Query(ge=1, le=MOST_DAYS, description="how far ahead")]
Form = Annotated[Literal["json", "ics"] | None, Query(description="else by `Accept`")]


def calendar_router(engine: Engine, keeper: Keeper, settings: Settings) -> APIRouter:
    """The route."""
    router = APIRouter(tags=["calendar"])

    def found(days: int, now: datetime) -> list[Coming]:
        try:
            return keeper.ask_now(lambda store: coming_at(engine.rules, settings.lists, store, now, days))
        except (SnapshotsError, PublicationsError) as error:
            raise Problem(503, "no-lists", str(error)) from None

    @router.get(
        "/calendar",
        operation_id="calendar",
        summary="What is coming: ends of licences and suspensions, exemptions to be looked at, lists too old, changes",
        responses={
            200: {
                "description": "What is coming",
                "content": {
                    "application/json": {"schema": {"type": "object"}},
                    ICALENDAR: {"schema": {"type": "string"}},
                },
            },
            **declared(422, 503),
        },
    )
    async def calendar(request: Request, days: Days = 366, form: Form = None) -> Response:
        now = datetime.now(UTC)
        coming = await run_in_threadpool(found, days, now)
        if form == "ics" or (form is None and ICALENDAR in request.headers.get("accept", "")):
            return Response(calendar_file(coming, now), media_type=ICALENDAR)
        said: dict[str, Any] = {"from": now.isoformat(timespec="seconds"), "days": days}
        said["coming"] = [one.data() for one in coming]
        return Response(json.dumps(said, ensure_ascii=False).encode(), media_type="application/json")

    return router
