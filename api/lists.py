"""Official lists over HTTP: `/v1/lists`, their snapshots, and the comparison of two."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Request
from fastapi import Path as PathParameter
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from carveout.api.at_home import AtHome
from carveout.api.list_answers import ComparisonAnswer, ListsStatus, SnapshotsAnswer, TakenAnswer
from carveout.api.list_offers import ListOfferAnswer, Offering
from carveout.api.paging import MOST_ON_A_PAGE, Cursor, Limit, bad_cursor, cursor_of, link_to, page_of, place_of
from carveout.api.paging import after as following_ones
from carveout.api.problems import Problem, declared
from carveout.api.repeating import Once, said_by
from carveout.api.settings import Settings
from carveout.api.store_keeping import Keeper, asking_of
from carveout.engine.law.documents import did_you_mean
from carveout.engine.parties.snapshots.comparison import comparable, compare
from carveout.engine.parties.snapshots.model import Snapshot, SnapshotsError
from carveout.engine.parties.snapshots.plausibility import Implausible
from carveout.engine.parties.snapshots.publications import Publications, PublicationsError, read_publications
from carveout.engine.parties.snapshots.speaking import fingerprint, lists_of
from carveout.engine.parties.snapshots.status import status
from carveout.engine.parties.snapshots.store import Snapshots
from carveout.engine.parties.snapshots.taking import Offer, Taken
from carveout.engine.parties.snapshots.telling import comparison_data, snapshot_data, status_data
from carveout.engine.parties.snapshots.view import View
from carveout.engine.records.chain import Entry
from carveout.engine.records.imports import entry_of_list
from carveout.engine.records.list_offers import ListOffer, ListOffers

RAW, FORM = "application/octet-stream", "multipart/form-data"
MOST_FILES = 4  # OFAC's CSV form has as many
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_T = TypeVar("_T")
_BYTES = {"type": "string", "contentMediaType": RAW}
_BODY = {
    RAW: {"schema": {**_BYTES, "description": "the file, packed (gzip, zip) or not"}},
    FORM: {
        "schema": {
            "type": "object",
            "properties": {"file": {"type": "array", "items": _BYTES, "minItems": 1, "maxItems": MOST_FILES}},
            "required": ["file"],
        }
    },
}
Key = Annotated[str, Query(min_length=16, max_length=16, pattern="^[0-9a-f]{16}$", examples=["ba531b03ea685bd2"])]


def lists_router(settings: Settings, at_home: AtHome, keeper: Keeper, offering: Offering) -> APIRouter:
    """The routes of official lists."""
    router = APIRouter(prefix="/lists", tags=["lists"])
    once = Once(keeper)

    @router.get(
        "",
        operation_id="lists",
        summary="Which lists are held, how old and how large they are",
        response_model=ListsStatus,
        responses=declared(503),
    )
    def status_of_lists() -> Response:
        def ask(view: View, known: Publications) -> Any:
            found = status(view, known, datetime.now(UTC))
            return {"fingerprint": fingerprint(view, known), "publications": [status_data(x) for x in found]}

        return _json(_asked(settings, ask))

    @router.post(
        "",
        operation_id="take_list",
        summary="Take an official list as a snapshot",
        responses={
            200: {"model": TakenAnswer, "description": "It is held already"},
            201: {"model": TakenAnswer, "description": "It was taken"},
            202: {"model": ListOfferAnswer, "description": "It is not believed, and waits for a second person"},
            **declared(400, 403, 409, 413, 415, 422, 503),
        },
        openapi_extra={"requestBody": {"required": True, "content": _BODY}},
    )
    async def take_list(
        request: Request,
        published: Annotated[date | None, Query(description="when, if the file does not say", examples=[None])] = None,
        source: Annotated[str, Query(max_length=1_000, description="where it came from")] = "",
        confirm: Annotated[str, Query(max_length=1_000, description="why it is right, if it is not believed")] = "",
    ) -> Response:
        with tempfile.TemporaryDirectory(prefix="carveout-list-") as folder:
            paths, names = await _received(request, Path(folder))
            offer = Offer(paths, source or "uploaded", published, names=names, confirmed=confirm)
            asking = asking_of(request, await run_in_threadpool(said_by, paths, names))

            async def work() -> tuple[int, bytes, Entry | None]:
                taken = await run_in_threadpool(_take, offering, at_home, offer, asking.person)
                if isinstance(taken, ListOffer):
                    return 202, json.dumps(taken.data(), ensure_ascii=False).encode("utf-8", "replace"), None
                answer = json.dumps(_told(taken), ensure_ascii=False).encode("utf-8", "replace")
                return 201 if taken.new else 200, answer, entry_of_list(taken, asking.person)

            return await once.answer(asking, work)

    @router.get(
        "/compare",
        operation_id="compare_snapshots",
        summary="What was added, removed and changed from one snapshot to another",
        response_model=ComparisonAnswer,
        responses=declared(404, 422, 503),
    )
    def compare_snapshots(
        request: Request,
        before: Key,
        after: Key,
        limit: Annotated[int, Query(ge=0, le=100_000, description="so many of each kind")] = 1_000,
        cursor: Cursor = None,
    ) -> Response:
        start = 0 if cursor is None else _start(cursor)

        def ask(view: View, _: Publications) -> Any:
            one, other = _snapshot(view, before), _snapshot(view, after)
            names = comparable((one.format, one.silent), (other.format, other.silent))
            found = compare(view.entries(one), view.entries(other), names)
            longest = max(len(found.added), len(found.removed), len(found.changed))
            following = cursor_of(f"o{start + limit}") if 0 < limit < longest - start else None
            return {**comparison_data(one, other, found, limit, start), "next": following}

        told = _asked(settings, ask)
        return _json(told, headers=link_to(request, told["next"]))

    @router.get(
        "/{list}/snapshots",
        operation_id="snapshots",
        summary="The snapshots that say something of a list",
        response_model=SnapshotsAnswer,
        responses=declared(404, 422, 503),
    )
    def snapshots(
        request: Request,
        name: Annotated[str, PathParameter(alias="list", examples=["us.ofac.sdn"])],
        limit: Limit = MOST_ON_A_PAGE,
        cursor: Cursor = None,
    ) -> Response:
        def ask(view: View, known: Publications) -> Any:
            held = view.snapshots()
            carrying = lists_of(held)
            if name not in carrying:
                hint = did_you_mean(name[:80], carrying) if carrying else "no list is held"
                raise Problem(404, "unknown-list", f"No snapshot holds a list `{name[:80]}`: {hint}")
            told = sorted((x for x in held if x.publication in carrying[name]), key=lambda x: x.order)
            order = known.precedence(name, carrying[name])
            page, following = page_of(following_ones(told, cursor, lambda x: str(x.key)), limit, lambda x: str(x.key))
            shown = [snapshot_data(x) for x in page]
            return {"list": name, "precedence": order, "snapshots": shown, "next": following}

        found = _asked(settings, ask)
        return _json(found, headers=link_to(request, found["next"]))

    return router


def _asked(settings: Settings, ask: Callable[[View, Publications], _T]) -> _T:
    """An answer from one consistent state. Raises Problem."""
    try:
        known = read_publications(settings.lists)
        with Snapshots(settings.lists).reading() as view:
            return ask(view, known)
    except (SnapshotsError, PublicationsError) as error:
        raise Problem(503, "no-lists", str(error)) from None


def _take(offering: Offering, at_home: AtHome, offer: Offer, person: str) -> Taken | ListOffer:
    def work(offers: ListOffers) -> Taken | ListOffer:
        try:
            return offers.receive(offer, person)
        except Implausible as error:
            errors = [("confirm", doubt) for doubt in error.doubts]
            raise Problem(409, "implausible-list", "Nothing was taken; if it is right, say why.", errors) from None

    taken = offering.now(work)
    if isinstance(taken, Taken) and taken.new:
        at_home.refresh_lists()
    return taken


def _told(taken: Taken) -> dict[str, Any]:
    found = taken.comparison
    data = comparison_data(taken.snapshot, taken.snapshot, found, 0)["counts"] if found is not None else None
    return {"new": taken.new, "newest": taken.newest, "snapshot": snapshot_data(taken.snapshot), "changes": data}


async def _received(request: Request, folder: Path) -> tuple[list[Path], list[str]]:
    """The files of a request, on the disk. Raises Problem."""
    stated = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if stated == RAW:
        path = folder / "upload"
        with path.open("wb") as file:
            async for chunk in request.stream():
                file.write(chunk)
        return [path], ["upload"]
    if stated != FORM:
        raise Problem(415, "wrong-media-type", f"Send {RAW} or {FORM}, and say so in Content-Type.")
    async with request.form(max_files=MOST_FILES, max_fields=10) as form:
        files = [x for x in form.getlist("file") if isinstance(x, UploadFile)]
        if not files:
            raise Problem(422, "bad-list", "Send the list as a file.", [("file", "is missing")])
        return await run_in_threadpool(_spooled, files, folder)


def _spooled(files: list[UploadFile], folder: Path) -> tuple[list[Path], list[str]]:
    # Numbered, so that two of one name stay two; the name is only for messages.
    paths = [
        folder / f"{number}-{_UNSAFE.sub('_', file.filename or 'upload')[-80:]}" for number, file in enumerate(files)
    ]
    with ExitStack() as stack:
        for path, file in zip(paths, files, strict=True):
            shutil.copyfileobj(file.file, stack.enter_context(path.open("wb")))
    return paths, [file.filename or "upload" for file in files]


def _snapshot(view: View, key: str) -> Snapshot:
    found = [x for x in view.snapshots() if x.key == key]
    if not found:
        raise Problem(404, "unknown-snapshot", f"No snapshot has the key `{key[:80]}`.")
    return found[0]


def _start(cursor: str) -> int:
    text = place_of(cursor)
    if text[:1] != "o" or not text[1:].isascii() or not text[1:].isdigit() or len(text) > 10:
        raise bad_cursor()
    return int(text[1:])


def _json(data: Any, status_code: int = 200, headers: dict[str, str] | None = None) -> Response:
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(body, status_code, headers, media_type="application/json")
