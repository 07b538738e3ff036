"""The pages of alerts: what became another and why, who has it in hand, and the closing by two; without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from carveout.api.alerts import refusing
from carveout.api.pages import Pages, values_of
from carveout.api.persons import ActingPerson
from carveout.api.problems import Problem
from carveout.api.store_keeping import Keeper
from carveout.engine.records.alerts import CLOSED, CLOSING, STATES, Alert, Alerts
from carveout.engine.records.people import Person, Role
from carveout.engine.records.portfolios import Portfolios
from carveout.engine.records.store import Store

MOST_SHOWN = 200


def alert_pages(pages: Pages, keeper: Keeper) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/alerts")

    @router.get("")
    async def every(request: Request) -> Response:
        state = request.query_params.get("state")

        def work(store: Store) -> dict[str, Any]:
            wanted = state if state in STATES else None
            found = Alerts(store).page(limit=MOST_SHOWN, state=wanted)
            if state is None:
                found = [alert for alert in found if alert.state != CLOSED]
            return {"alerts": found, "kept": Portfolios(store).count(), "state": wanted, "states": STATES}

        return await run_in_threadpool(pages.render, "alerts.html", **await keeper.ask(work))

    @router.get("/{id:uuid}")
    async def one(id: UUID, person: ActingPerson) -> Response:
        alert = await keeper.ask(lambda store: refusing(lambda: Alerts(store).get(str(id))))
        return await run_in_threadpool(pages.render, "alert.html", alert=alert, **_may(person, alert))

    async def step(request: Request, id: UUID, work: Callable[[Alerts, dict[str, str]], Alert]) -> Response:
        values = await values_of(request)

        def asked(store: Store) -> None:
            alerts = Alerts(store)
            if values.get("seen") != refusing(lambda: alerts.get(str(id))).etag:
                raise Problem(412, "other-state", "Something became of it meanwhile: go back, and look at it again.")
            refusing(lambda: work(alerts, values))

        await keeper.ask(asked)
        return RedirectResponse(f"/alerts/{id}", 303)

    @router.post("/{id:uuid}/take")
    async def take(request: Request, id: UUID, person: ActingPerson) -> Response:
        return await step(
            request,
            id,
            lambda alerts, values: alerts.take(
                str(id), person.id, values.get("owner", "").strip() or None, values.get("reason", "")
            ),
        )

    @router.post("/{id:uuid}/close")
    async def close(request: Request, id: UUID, person: ActingPerson) -> Response:
        return await step(
            request, id, lambda alerts, values: alerts.close(str(id), person.id, values.get("reason", ""))
        )

    @router.post("/{id:uuid}/confirm")
    async def confirm(request: Request, id: UUID, person: ActingPerson) -> Response:
        return await step(request, id, lambda alerts, _: alerts.confirm(str(id), person.id))

    @router.post("/{id:uuid}/decline")
    async def decline(request: Request, id: UUID, person: ActingPerson) -> Response:
        return await step(
            request, id, lambda alerts, values: alerts.decline(str(id), person.id, values.get("reason", ""))
        )

    return router


def _may(person: Person, alert: Alert) -> dict[str, bool]:
    """What the page offers to a person. What they may do the store decides."""
    own = alert.closing is not None and alert.closing.person == person.id
    closing, analyst = alert.state == CLOSING, person.has(Role.ANALYST)
    return {
        "may_take": analyst and alert.state not in (CLOSING, CLOSED),
        "may_confirm": closing and not own and person.has(Role.APPROVER),
        "may_decline": closing and (person.has(Role.APPROVER) or (own and analyst)),
        "own": own and closing,
    }
