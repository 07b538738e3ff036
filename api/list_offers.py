"""`/v1/lists/offers`: lists that are not believed and wait for a second person; confirmed or declined."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal, TypeVar
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response

from carveout.api.at_home import AtHome
from carveout.api.changes import problem_of_change
from carveout.api.list_answers import OriginalFile
from carveout.api.paging import Cursor, Limit, after, link_to, page_of
from carveout.api.problems import Problem, declared
from carveout.api.reading import read_json
from carveout.api.repeating import Act, Once
from carveout.api.settings import Settings
from carveout.api.store_keeping import Keeper, asking_of
from carveout.engine.parties.lists.guard import ListRefused
from carveout.engine.parties.snapshots.model import SnapshotsError
from carveout.engine.parties.snapshots.publications import PublicationsError, read_publications
from carveout.engine.parties.snapshots.store import Snapshots
from carveout.engine.records.chain import Entry
from carveout.engine.records.imports import entry_of_list
from carveout.engine.records.list_offers import TAKEN, ListOffer, ListOffers
from carveout.engine.records.proposals import ChangeFault
from carveout.engine.records.store import Store

_T = TypeVar("_T")


class StepAnswer(BaseModel):
    """Who did something, and when (UTC)."""

    model_config = ConfigDict(extra="forbid")
    person: str
    time: str


class ListOfferAnswer(BaseModel):
    """A list that is not believed, and what became of it."""

    model_config = ConfigDict(extra="forbid")
    id: str
    state: Literal["waiting", "confirmed", "taken", "declined"] = Field(
        description="waiting for a second person; confirmed, and not taken yet: confirm again; taken; declined"
    )
    reason: str
    content: str = Field(description="digest of what is confirmed")
    publication: str = Field(examples=["us.ofac.sdn"])
    published: str
    dated_by: str
    format: str
    list_content: str = Field(description="SHA-256 of the unpacked content")
    counts: dict[str, int] = Field(description="entries of each list")
    files: list[OriginalFile]
    source: str
    compared_with: str | None = Field(description="key of the snapshot that it was held against")
    doubts: list[str] = Field(description="what speaks against it")
    offered: StepAnswer
    confirmed: StepAnswer | None
    declined: StepAnswer | None
    snapshot: str | None = Field(description="the key of what was taken")


class ListOffersAnswer(BaseModel):
    """Lists that are or were not believed, newest first."""

    model_config = ConfigDict(extra="forbid")
    offers: list[ListOfferAnswer]
    next: str | None = Field(description="the cursor of the next page; null at the end")


class Declined(BaseModel):
    """Why it stays out."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field("", max_length=4_000)


class Offering:
    """The offers of one application. What cannot be done raises Problem."""

    def __init__(self, settings: Settings, at_home: AtHome, keeper: Keeper) -> None:
        self._settings, self._at_home, self._keeper = settings, at_home, keeper

    def now(self, work: Callable[[ListOffers], _T]) -> _T:
        """What comes of some work with them, in this thread."""
        return self._keeper.ask_now(self.of(work))

    def of(self, work: Callable[[ListOffers], _T]) -> Callable[[Store], _T]:
        """The same work, asked of a store."""

        def asked(store: Store) -> _T:
            folder = self._settings.lists
            try:
                return work(ListOffers(store, Snapshots(folder), read_publications(folder)))
            except ChangeFault as fault:
                raise problem_of_change(fault) from None
            except ListRefused as error:
                raise Problem(422, "bad-list", "Nothing was taken.", [("file", str(error))]) from None
            except (SnapshotsError, PublicationsError) as error:
                raise Problem(503, "no-lists", str(error)) from None

        return asked

    def told(self, store: Store, id: str) -> bytes:
        """What is answered of one."""
        return _bytes(self.of(lambda offers: offers.get(id))(store).data())

    def confirm(self, id: str, person: str, *, again: bool = False) -> tuple[ListOffer, Entry | None]:
        """Confirm one: it is asked from the next check on; and its entry of the audit chain.

        `again`: it may be that this person has done so, and was not told; then there is no entry.
        """
        if again:
            held = self.now(lambda offers: offers.get(id))
            if held.state == TAKEN and held.confirmed is not None and held.confirmed.person == person:
                return held, None
        found, taken = self.now(lambda offers: offers.confirm(id, person))
        self._at_home.refresh_lists()
        return found, entry_of_list(taken, person)


def list_offers_router(offering: Offering, keeper: Keeper) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/lists/offers", tags=["lists"])
    once = Once(keeper)

    @router.get(
        "",
        operation_id="list_offers",
        summary="Lists that are not believed, and what became of each",
        response_model=ListOffersAnswer,
        responses=declared(422, 503),
    )
    async def every(request: Request, limit: Limit = 50, cursor: Cursor = None) -> Response:
        found = await run_in_threadpool(offering.now, lambda offers: offers.all())
        page, following = page_of(after(found, cursor, _id), limit, _id)
        said = {"offers": [one.data() for one in page], "next": following}
        return Response(_bytes(said), headers=link_to(request, following), media_type="application/json")

    @router.get(
        "/{id:uuid}",
        operation_id="list_offer",
        summary="One of them",
        response_model=ListOfferAnswer,
        responses=declared(404, 422, 503),
    )
    async def one(id: UUID) -> Response:
        return _json((await run_in_threadpool(offering.now, lambda offers: offers.get(str(id)))).data())

    @router.post(
        "/{id:uuid}/confirm",
        operation_id="confirm_list",
        summary="Confirm, as a second person, a list that is not believed: it is in force from now on",
        response_model=ListOfferAnswer,
        responses=declared(403, 404, 409, 422, 503),
    )
    async def confirm(request: Request, id: UUID) -> Response:
        asking = asking_of(request, await request.body())

        async def work() -> tuple[int, bytes, Entry | None]:
            again = asking.key is not None
            found, entry = await run_in_threadpool(lambda: offering.confirm(str(id), asking.person, again=again))
            return 200, _bytes(found.data()), entry

        return await once.answer(asking, work)

    @router.post(
        "/{id:uuid}/decline",
        operation_id="decline_list",
        summary="Have a list that is not believed stay out",
        response_model=ListOfferAnswer,
        responses=declared(403, 404, 409, 422, 503),
        openapi_extra={
            "requestBody": {
                "required": False,
                "content": {"application/json": {"schema": Declined.model_json_schema()}},
            }
        },
    )
    async def decline(request: Request, id: UUID) -> Response:
        raw = await request.body()
        try:
            said = Declined.model_validate(read_json(raw)) if raw.strip() else Declined(reason="")
        except ValidationError as error:
            errors = [(".".join(map(str, e["loc"])) or "body", str(e["msg"])) for e in error.errors()]
            raise Problem(422, "bad-change", "Nothing was declined.", errors) from None
        asking = asking_of(request, raw)
        act = Act(
            "withdrawn",
            offering.of(lambda offers: offers.decline(str(id), asking.person, said.reason)),
            offering.told,
        )
        found = await once.act(asking, act)
        return Response(found.answered.content, found.answered.status, media_type="application/json")

    return router


def _id(offer: ListOffer) -> str:
    return offer.proposal.id


def _bytes(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _json(data: Any) -> Response:
    return Response(_bytes(data), media_type="application/json")
