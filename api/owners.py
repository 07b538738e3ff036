"""`/v1/owners`: files into the ownership register, what is kept, and who owns a party."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import ConfigDict, Field
from starlette.responses import Response

from carveout.api.at_home import AtHome
from carveout.api.finding_answers import Answer
from carveout.api.paging import MOST_ON_A_PAGE, Cursor, Limit, after, link_to, page_of
from carveout.api.problems import Problem, declared
from carveout.api.repeating import Once
from carveout.api.store_keeping import Keeper, asking_of
from carveout.engine.parties.registers.home import (
    RegisterRefused,
    StoreFault,
    import_owners,
    status_of,
)
from carveout.engine.parties.registers.kept import Kept
from carveout.engine.parties.registers.register import Match, Register
from carveout.engine.parties.registers.shown import chain_of
from carveout.engine.records.chain import Entry
from carveout.engine.records.imports import entry_of_owners

MEDIA = ("application/octet-stream", "application/json", "text/csv")
ALSO = ("application/x-ndjson", "application/gzip", "application/zip")
_FILE = {"schema": {"type": "string", "format": "binary", "description": "BODS 0.2 to 0.4 or CSV, packed or not"}}
Day = Annotated[date | None, Query(description="a day, YYYY-MM-DD")]


class Source(Answer):
    """An import that speaks of a party."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    source: str
    published: str
    import_: str = Field(alias="import")


class Owner(Answer):
    """What somebody has of a party."""

    name: str
    as_: str = Field(alias="as", description="the type of interest")
    counts: str
    from_percent: str | None = None
    to_percent: str | None = None
    since: str | None = None
    until: str | None = None
    stated: str | None = None


class RegisteredOwners(Answer):
    """Who owns and controls one party, as the register has it."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    party: str
    is_: list[str] = Field(alias="is", description="whom it was taken to be")
    sure: bool = Field(description="false: it may be another one of the same name")
    reason: str
    sources: list[Source]
    owners: list[Owner]
    more_owners: int | None = None
    remainder: str | None = Field(None, description="percent that nobody is known to hold")
    notes: list[str] = Field([])
    beside: str | None = Field(None, description="how it stands to what the transaction states")


class KeptImport(Answer):
    """One import that is kept."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    import_: str = Field(alias="import")
    digest: str
    format: str
    source: str
    published: str
    imported: str
    counts: dict[str, Any]
    faults: list[str] = Field(description="broken statements: what they speak of has owners nobody knows")


class Status(Answer):
    """The imports that are kept."""

    fingerprint: str | None
    imports: list[KeptImport]
    next: str | None = Field(description="the cursor of the next page; null at the end")


class Chain(Answer):
    """A party of the register and those above it."""

    fingerprint: str | None
    parties: list[RegisteredOwners]
    more: bool = Field(description="there are more above than are shown")


def keep(at_home: AtHome, raw: bytes, published: date | None, source: str | None) -> Kept:
    """Read a file into the register. Raises Problem."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "upload"
        file.write_bytes(raw)
        try:
            kept = import_owners(at_home.home, file, published=published, source=source)
        except RegisterRefused as error:
            raise Problem(422, "bad-register", str(error), [("file", str(error))]) from None
        except (StoreFault, OSError) as error:
            raise Problem(503, "bad-register", f"It could not be kept: {error}") from None
    at_home.refresh_owners()
    return kept.kept


def owners_router(at_home: AtHome, keeper: Keeper) -> APIRouter:
    """The routes of the ownership register."""
    router = APIRouter(prefix="/owners", tags=["owners"])
    once = Once(keeper)

    @router.post(
        "",
        operation_id="import_owners",
        summary="Read a file into the ownership register, whole or not at all",
        response_model=KeptImport,
        responses=declared(400, 413, 415, 422, 503),
        openapi_extra={
            "requestBody": {"required": True, "content": dict.fromkeys(MEDIA, _FILE)},
        },
    )
    async def import_(
        request: Request,
        published: Day = None,
        source: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Response:
        stated = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if stated not in (*MEDIA, *ALSO):  # none of these can be sent by a form of another site
            raise Problem(415, "wrong-media-type", f"Send {', '.join(MEDIA)}, and say so in Content-Type.")
        raw = await request.body()
        asking = asking_of(request, raw)

        async def work() -> tuple[int, bytes, Entry]:
            kept = await run_in_threadpool(keep, at_home, raw, published, source)
            answer = json.dumps(kept.as_json(), ensure_ascii=False).encode()
            return 200, answer, entry_of_owners(kept, asking.person)

        return await once.answer(asking, work)

    @router.get(
        "/status",
        operation_id="owners_status",
        summary="The imports that are kept",
        response_model=Status,
        responses=declared(422, 503),
    )
    def status(
        request: Request, response: Response, limit: Limit = MOST_ON_A_PAGE, cursor: Cursor = None
    ) -> dict[str, Any]:
        told = status_of(at_home.engine.owners)
        found = after(told["imports"], cursor, lambda one: str(one["import"]))
        page, following = page_of(found, limit, lambda one: str(one["import"]))
        response.headers.update(link_to(request, following))
        return {**told, "imports": page, "next": following}

    @router.get(
        "",
        operation_id="owners",
        summary="Who owns and controls a party, upward",
        response_model=Chain,
        response_model_exclude_unset=True,
        responses=declared(422, 503),
    )
    def show(
        party: Annotated[str, Query(min_length=1, max_length=500, description="a whole name, or a number")],
        on: Day = None,
    ) -> dict[str, Any]:
        register = at_home.engine.owners
        if register is None:
            return {"fingerprint": None, "parties": [], "more": False}
        return _chain(register, party, on or datetime.now(UTC).date())

    return router


def _chain(register: Register, party: str, day: date) -> dict[str, Any]:
    found = register.named(party)
    if not found:
        return {"fingerprint": register.fingerprint, "parties": [], "more": False}
    match = Match(tuple(found[:10]), len(found) == 1, "the name or number asked for")
    parties, more = chain_of(register, party, match, day)
    return {"fingerprint": register.fingerprint, "parties": parties, "more": more}
