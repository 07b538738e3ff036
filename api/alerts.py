"""`/v1/alerts`: answers about the portfolio that became others, who has them in hand, and who closes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from carveout.api.changes import problem_of_change
from carveout.api.paging import Cursor, Limit, link_to, page_of, place_of
from carveout.api.persons import ActingPerson
from carveout.api.problems import Problem, declared
from carveout.api.reading import read_model
from carveout.api.repeating import Act, Once
from carveout.api.settings import Settings
from carveout.api.store_keeping import Keeper, asking_of
from carveout.api.tags import IF_MATCH_IF_AT_ALL, seen_in, tagged
from carveout.engine.records.alerts import Alert, Alerts
from carveout.engine.records.hooks import Hooks
from carveout.engine.records.proposals import ChangeFault
from carveout.engine.records.store import Store
from carveout.engine.records.tokens import Sealer, SealFault

JSON_CONTENT = {"application/json": {"schema": {"type": "object"}}}
_STATUSES = (400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 503)


class Taken(BaseModel):
    """Who has an alert in hand."""

    model_config = ConfigDict(extra="forbid", strict=True)
    owner: str | None = Field(None, max_length=64, description="left out, whoever asks")
    reason: str = Field("", max_length=4_000)


class Reasoned(BaseModel):
    """What was done about it, or why not."""

    model_config = ConfigDict(extra="forbid", strict=True)
    reason: str = Field(max_length=4_000)


class Said(BaseModel):
    """What there is to say about it, if anything."""

    model_config = ConfigDict(extra="forbid", strict=True)
    reason: str = Field("", max_length=4_000)


class Told(BaseModel):
    """Where alerts are to be told."""

    model_config = ConfigDict(extra="forbid", strict=True)
    url: str = Field(max_length=2_000, examples=["https://desk.example/carveout"])


def alerts_router(keeper: Keeper) -> APIRouter:
    """The routes of alerts; the store sees to who may do what."""
    router = APIRouter(prefix="/alerts", tags=["portfolio"])
    once = Once(keeper)

    @router.get(
        "",
        operation_id="alerts",
        summary="Alerts, newest first",
        responses=_said("Alerts", 401, 403, 422, 503),
    )
    async def page(
        request: Request,
        state: Literal["open", "in_hand", "closing", "closed"] | None = None,
        owner: Annotated[str | None, Query(max_length=200)] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Response:
        before = None if cursor is None else place_of(cursor)
        found = await keeper.ask(lambda store: Alerts(store).page(before, limit + 1, state=state, owner=owner))
        shown, following = page_of(found, limit, lambda alert: alert.id)
        said = {"alerts": [alert.data() for alert in shown], "next": following}
        return _json(said, headers=link_to(request, following))

    @router.get(
        "/{id:uuid}",
        operation_id="alert",
        summary="One alert",
        responses=_said("The alert", 401, 403, 404, 422, 503),
    )
    async def show(request: Request, id: UUID) -> Response:
        alert = await keeper.ask(lambda store: refusing(lambda: Alerts(store).get(str(id))))
        return _json(alert.data(), headers=tagged(request, alert.etag))

    async def step(request: Request, id: UUID, kind: str, work: Callable[[Alerts], Alert]) -> Response:
        seen = seen_in(request, required=False)
        found = await once.act(
            asking_of(request, await request.body()),
            Act(
                kind,
                lambda store: refusing(lambda: work(Alerts(store))),
                lambda store, _: json.dumps(Alerts(store).get(str(id)).data(), ensure_ascii=False).encode(),
                holds=None if seen is None else lambda store: seen(refusing(lambda: Alerts(store).get(str(id))).etag),
            ),
        )
        return Response(found.answered.content, found.answered.status, media_type="application/json")

    @router.post(
        "/{id:uuid}/take",
        operation_id="take_alert",
        summary="Take an alert in hand, or hand it to somebody",
        responses=_said("The alert", *_STATUSES),
        openapi_extra=_takes(Taken, False),
    )
    async def take(request: Request, id: UUID, person: ActingPerson) -> Response:
        asked = read_model(Taken, await request.body() or b"{}", "bad-alert")
        return await step(
            request, id, "alert-taken", lambda alerts: alerts.take(str(id), person.id, asked.owner, asked.reason)
        )

    @router.post(
        "/{id:uuid}/close",
        operation_id="close_alert",
        summary="Say that an alert is dealt with, and how; it is closed once a second person confirms",
        responses=_said("The alert", *_STATUSES),
        openapi_extra=_takes(Reasoned),
    )
    async def close(request: Request, id: UUID, person: ActingPerson) -> Response:
        asked = read_model(Reasoned, await request.body(), "bad-alert")
        return await step(request, id, "proposed", lambda alerts: alerts.close(str(id), person.id, asked.reason))

    @router.post(
        "/{id:uuid}/confirm",
        operation_id="confirm_alert",
        summary="Confirm, as a second person, that an alert is dealt with",
        responses=_said("The alert", *_STATUSES),
        openapi_extra={"parameters": [IF_MATCH_IF_AT_ALL]},
    )
    async def confirm(request: Request, id: UUID, person: ActingPerson) -> Response:
        return await step(request, id, "approved", lambda alerts: alerts.confirm(str(id), person.id))

    @router.post(
        "/{id:uuid}/decline",
        operation_id="decline_alert",
        summary="Say that an alert is not dealt with, or take one's own word back",
        responses=_said("The alert", *_STATUSES),
        openapi_extra=_takes(Said, False),
    )
    async def decline(request: Request, id: UUID, person: ActingPerson) -> Response:
        asked = read_model(Said, await request.body() or b"{}", "bad-alert")
        return await step(request, id, "withdrawn", lambda alerts: alerts.decline(str(id), person.id, asked.reason))

    return router


def hooks_router(keeper: Keeper, settings: Settings) -> APIRouter:
    """The routes of webhooks."""
    router = APIRouter(prefix="/hooks", tags=["portfolio"])
    once = Once(keeper)

    @router.get(
        "", operation_id="hooks", summary="Where alerts are told", responses=_said("Webhooks", 401, 403, 422, 503)
    )
    async def every() -> Response:
        def work(store: Store) -> list[dict[str, Any]]:
            hooks = Hooks(store)
            return [
                {
                    "id": hook.id, "url": hook.url, "since": hook.time, "by": hook.person,
                    "deliveries": [
                        {"alert": one["alert"], "tries": one["tries"], "next": one["next"], "said": one["said"]}
                        for one in hooks.deliveries(hook.id)
                    ],
                }
                for hook in hooks.all()
            ]  # fmt: skip

        return _json({"hooks": await keeper.ask(work)})

    @router.post(
        "",
        operation_id="add_hook",
        summary="Tell alerts to an address from now on; the secret that signs them is shown this once",
        status_code=201,
        responses={201: {"description": "The webhook", "content": JSON_CONTENT},
                   **declared(400, 401, 403, 408, 409, 413, 415, 422, 503)},
        openapi_extra={"requestBody": {
            "required": True, "content": {"application/json": {"schema": Told.model_json_schema()}}}},
    )  # fmt: skip
    async def add(request: Request, person: ActingPerson) -> Response:
        body = await request.body()
        asked = read_model(Told, body, "bad-hook")

        def work(store: Store) -> dict[str, Any]:
            try:
                hook, secret = Hooks(store).add(asked.url, person.id, Sealer.of(settings.home))
            except ChangeFault as fault:
                raise Problem(422, "bad-hook", "Nothing is told there.", [("url", str(fault))]) from None
            except SealFault as fault:
                raise Problem(503, "no-token-key", str(fault)) from None
            return {"id": hook.id, "url": hook.url, "secret": secret}

        act = Act("hook", work, lambda store, of: json.dumps({"id": of}).encode(), 201)
        found = await once.act(asking_of(request, body), act)
        if not found.now:
            id = json.loads(found.answered.content)["id"]
            detail = f"The secret of this webhook was shown then: end the webhook `{id}`, and make another."
            raise Problem(409, "shown-once", detail, [("id", id)])
        return _json(found.result, 201)

    @router.delete(
        "/{id:uuid}",
        operation_id="end_hook",
        summary="Tell nothing more to an address",
        responses=_said("It is ended", 401, 403, 404, 422, 503),
    )
    async def end(id: UUID, person: ActingPerson) -> Response:
        def work(store: Store) -> None:
            try:
                Hooks(store).end(str(id), person.id)
            except ChangeFault as fault:
                raise Problem(404, "unknown-hook", str(fault)) from None

        await keeper.ask(work)
        return _json({"id": str(id), "became": "ended"})

    return router


def refusing(work: Callable[[], Alert]) -> Alert:
    """What comes of some work with an alert. Raises Problem."""
    try:
        return work()
    except ChangeFault as fault:
        if fault.kind == "unknown":
            raise Problem(404, "unknown-alert", str(fault)) from None
        if fault.kind == "bad-words":
            raise Problem(422, "bad-alert", str(fault)) from None
        raise problem_of_change(fault) from None


def _takes(model: type[BaseModel], required: bool = True) -> dict[str, Any]:
    content = {"application/json": {"schema": model.model_json_schema()}}
    return {
        "parameters": [IF_MATCH_IF_AT_ALL],
        "requestBody": {"required": required, "content": content},
    }


def _said(what: str, *statuses: int) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": what, "content": JSON_CONTENT}, **declared(*statuses)}


def _json(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(data, ensure_ascii=False).encode(), status, headers, media_type="application/json")
