"""`/v1/changes`: rules proposed, what they would do, approved by another, in force from a moment on."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from carveout.api.paging import Cursor, Limit, bad_cursor, link_to, page_of, place_of
from carveout.api.persons import ActingPerson
from carveout.api.problems import Problem, declared
from carveout.api.reading import body_of, read_as
from carveout.api.repeating import Act, Once
from carveout.api.store_keeping import RETRY_SECONDS, Keeper, asking_of, problem_of
from carveout.api.tags import IF_MATCH, seen_in, tag_of, tagged
from carveout.engine import Engine, RuleError
from carveout.engine.analyse.portfolio import PortfolioFault, read_portfolio
from carveout.engine.analyse.reports import Portfolio, approve, make_report, read_report
from carveout.engine.records.changes import Change, Changes, base_of
from carveout.engine.records.contents import Changed, Contents, checked
from carveout.engine.records.database import StoreFault
from carveout.engine.records.errands import AnsweredBefore, Errand
from carveout.engine.records.people import Role
from carveout.engine.records.proposals import ChangeFault
from carveout.engine.records.store import Answered, KeyUsed, Store
from carveout.engine.records.writes import Key

_T = TypeVar("_T")
STATUS = {
    "unknown": (404, "unknown-change"), "not-entered": (403, "not-allowed"), "not-allowed": (403, "not-allowed"),
    "own-proposal": (403, "own-proposal"), "bad-words": (422, "bad-change"), "bad-moment": (422, "bad-change"),
    "no-change": (422, "bad-change"), "no-report": (409, "no-report"), "report-outdated": (409, "no-report"),
    "faults": (409, "no-report"), "base-moved": (409, "base-moved"),
}  # fmt: skip
"""Of a refused change, by its kind; any other is a conflict with its state."""
BEGUN = {"state": "running", "done": 0, "of": 0}
JSON_CONTENT = {"application/json": {"schema": {"type": "object"}}}


class Proposed(BaseModel):
    """A change: files to put in, whole, and files to take away, from the rules that are to be in force."""

    model_config = ConfigDict(extra="forbid")
    title: str
    reason: str = ""
    base: str | None = Field(None, description="`content` of what it was made from; another head is refused")
    emergency: bool = False
    put: dict[str, str] = Field({}, description="text by path below `rules/`")
    remove: list[str] = []


class Activated(BaseModel):
    """From when on."""

    model_config = ConfigDict(extra="forbid")
    at: str | None = Field(None, description="a moment with its offset; left out, now")


class Withdrawn(BaseModel):
    """Why."""

    model_config = ConfigDict(extra="forbid")
    reason: str = ""


@dataclass(slots=True)
class Running:
    """A report that is being worked out in this process."""

    asked: str
    """What tells what is asked of it from anything else: the digest of a portfolio."""
    done: int = 0
    of: int = 0
    ended: bool = False
    fault: Problem | None = None


class Reporting:
    """The reports of one process: one at a time for each change."""

    def __init__(self, engine: Engine, keeper: Keeper) -> None:
        self.engine, self.keeper = engine, keeper
        self._running: dict[str, Running] = {}
        self._lock = threading.Lock()

    def begin(self, id: str, person: str, portfolio: Portfolio | None, key: Key | None = None) -> Running:
        """Start one, unless one runs. Raises Problem where that is about something else.

        `key` is used up once the report is kept: whoever was killed before has none, and starts one by asking again.
        """
        asked = "" if portfolio is None else portfolio.digest
        with self._lock:
            found = self._running.get(id)
            if found is None or found.ended:
                found = self._running[id] = Running(asked)
                threading.Thread(target=self._run, args=(id, person, portfolio, key, found), daemon=True).start()
            elif found.asked != asked:
                detail = "A report with another portfolio is being worked out: wait until it is there."
                raise Problem(409, "change-refused", detail, headers={"Retry-After": RETRY_SECONDS})
            return found

    def kept(self, id: str) -> None:
        """What was asked for is there: what was told of how it went is of no interest any more."""
        with self._lock:
            found = self._running.get(id)
            if found is not None and found.ended:
                del self._running[id]

    def of(self, id: str) -> Running | None:
        """One that runs here, or ended here with a fault."""
        return self._running.get(id)

    def _run(self, id: str, person: str, portfolio: Portfolio | None, key: Key | None, running: Running) -> None:
        def told(done: int, of: int) -> None:
            running.done, running.of = done, of

        errand = Errand(person, key, "reported", lambda store, of: _bytes(BEGUN), status=202)
        try:
            store = errand.on(self.keeper.store)
            make_report(Changes(store), id, person, self.engine.pinned(), portfolio, told)
        except AnsweredBefore:
            pass  # another process has kept it
        except ChangeFault as fault:
            running.fault = problem_of_change(fault)
        except (StoreFault, KeyUsed) as fault:
            running.fault = problem_of(fault)
        except Exception as error:
            running.fault = Problem(500, "fault", "The fault was logged. There is no report.")
            raise error
        finally:
            running.ended = True


class Asked:
    """Asks the changes of the store for routes; what cannot be done is a Problem."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    async def __call__(self, work: Callable[[Changes], _T]) -> _T:
        """What some work on the changes gives. Raises Problem."""

        return await self._keeper.ask(self.plainly(work))

    @staticmethod
    def plainly(work: Callable[[Changes], _T]) -> Callable[[Store], _T]:
        """The same work, asked of the store, with a Problem for what cannot be done."""

        def asked(store: Store) -> _T:
            try:
                return work(Changes(store))
            except ChangeFault as fault:
                raise problem_of_change(fault) from None
            except RuleError as error:
                errors = [
                    (f"{fault.file}:{fault.line}", f"{fault.message} {fault.hint}".strip()) for fault in error.faults
                ]
                raise Problem(422, "bad-rules", "The rule set cannot be read so.", errors) from None

        return asked


def changes_router(engine: Engine, keeper: Keeper, ask: Asked, reporting: Reporting) -> APIRouter:
    """The routes; each asks the store who may."""
    router = APIRouter(prefix="/changes", tags=["changes"])
    once = Once(keeper)

    @router.get("", operation_id="changes", summary="Changes, newest first", responses=_said("Changes", 401, 422, 503))
    async def list_changes(request: Request, _: ActingPerson, limit: Limit = 50, cursor: Cursor = None) -> Response:
        after = None if cursor is None else place_of(cursor)

        def work(changes: Changes) -> Any:
            if after is not None and not changes.knows(after):
                raise bad_cursor()
            return changes.page(after, limit + 1), changes.coming(), changes.overdue()

        found, coming, overdue = await ask(work)
        page, following = page_of(found, limit, lambda change: change.proposal.id)
        told = {
            "changes": [change.data() for change in page],
            "law": [{"change": a.proposal, "version": a.version, "at": a.at} for a in coming],
            "overdue": [change.proposal.id for change in overdue],
            "next": following,
        }
        return _json(told, headers=link_to(request, following))

    @router.post(
        "",
        operation_id="propose_change",
        summary="Propose a change of the rules",
        responses={
            201: {"description": "The change", "content": JSON_CONTENT},
            **declared(400, 401, 403, 409, 413, 415, 422, 503),
        },
        openapi_extra=body_of(Proposed),
    )
    async def propose(request: Request, person: ActingPerson) -> Response:
        asked = read_as(Proposed, request, await request.body(), "bad-change", "The change cannot be read.")

        def work(changes: Changes) -> Change:
            changes.proposals.entered(person.id, Role.AUTHOR)
            base = base_of(changes, engine.pinned().rules)
            files = dict(Contents.of_store(changes.store, base.content).files)
            unknown = [path for path in asked.remove if path not in files]
            if unknown:
                raise Problem(422, "bad-change", "There is no such file.", [("remove", path) for path in unknown])
            for path in asked.remove:
                del files[path]
            made = checked({**files, **{path: text.encode("utf-8", "replace") for path, text in asked.put.items()}})
            return changes.propose(
                made, person.id, title=asked.title, reason=asked.reason, base=asked.base or base.content,
                emergency=asked.emergency,
            )  # fmt: skip

        act = Act("proposed", ask.plainly(work), _told, 201)
        return _change((await once.act(asking_of(request, await request.body()), act)).answered)

    @router.get(
        "/{id:uuid}",
        operation_id="change",
        summary="One change",
        responses={304: {"description": "As the `If-None-Match` has it"}, **_said("The change", 401, 404, 503)},
    )
    async def show(request: Request, id: UUID, _: ActingPerson) -> Response:
        content = await ask(lambda changes: _bytes(changes.get(str(id)).data()))
        return Response(content, headers=tagged(request, tag_of(content)), media_type="application/json")

    @router.get(
        "/{id:uuid}/files",
        operation_id="change_files",
        summary="The files of a change that differ from what it was made from, before and after",
        responses=_said("Files", 401, 404, 503),
    )
    async def files(id: UUID, _: ActingPerson) -> Response:
        def work(changes: Changes) -> dict[str, Any]:
            proposal = changes.get(str(id)).proposal
            after = Contents.of_store(changes.store, proposal.content)
            before = Contents.of_store(changes.store, proposal.base) if proposal.base else Contents({})
            texts = {
                path: {"before": _text(before.files.get(path)), "after": _text(after.files.get(path))}
                for path in Changed.between(before, after).paths
            }
            return {"content": after.digest, "base": proposal.base, "files": texts}

        return _json(await ask(work))

    @router.post(
        "/{id:uuid}/report",
        operation_id="report_change",
        summary="Work out what a change does, to stored decisions and to a portfolio sent along",
        status_code=202,
        responses={202: {"description": "It is being worked out", "content": JSON_CONTENT},
                   **declared(400, 401, 403, 404, 409, 413, 415, 422, 503)},
        openapi_extra={"requestBody": {"required": False, "content": {
            "application/x-ndjson": {"schema": {"type": "string"}}, "text/csv": {"schema": {"type": "string"}}}}},
    )  # fmt: skip
    async def report(request: Request, id: UUID, person: ActingPerson) -> Response:
        data = await request.body()

        def work(changes: Changes) -> Portfolio | None:
            changes.proposals.entered(person.id, *Role)
            if changes.get(str(id)).withdrawn is not None:
                raise ChangeFault("withdrawn", "it was withdrawn: propose it again")
            try:
                return read_portfolio(data, engine.rules) if data else None
            except PortfolioFault as fault:
                errors = [("portfolio", text) for text in fault.faults]
                raise Problem(422, "bad-change", "The portfolio cannot be read.", errors) from None

        asking = asking_of(request, data)
        async with keeper.turn(asking) as before:
            if isinstance(before, Answered):
                reporting.kept(str(id))
            else:
                reporting.begin(str(id), person.id, await ask(work), asking.key)
        return _json(BEGUN, 202)

    @router.get(
        "/{id:uuid}/report",
        operation_id="change_report",
        summary="The newest report of a change; 202 while one is being worked out",
        responses={**_said("The report", 401, 404, 409, 503), 202: {"description": "Not yet", "content": JSON_CONTENT}},
    )
    async def read(id: UUID, _: ActingPerson) -> Response:
        running = reporting.of(str(id))
        if running is not None and not running.ended:
            return _json({"state": "running", "done": running.done, "of": running.of}, 202)
        if running is not None and running.fault is not None:
            raise running.fault

        def work(changes: Changes) -> dict[str, Any]:
            newest = changes.get(str(id)).report
            if newest is None:
                raise Problem(404, "no-report", "No report of this change was made yet, or it was not finished.")
            return {"id": newest.id, "person": newest.person, "time": newest.time, **read_report(changes, newest)}

        return _json(await ask(work))

    async def step(request: Request, id: UUID, kind: str, work: Callable[[Changes], Change]) -> Response:
        seen = seen_in(request)
        assert seen is not None
        holds = ask.plainly(lambda changes: seen(tag_of(_bytes(changes.get(str(id)).data()))))
        act = Act(kind, ask.plainly(work), _told, holds=holds)
        return _change((await once.act(asking_of(request, await request.body()), act)).answered)

    refused = (400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 503)
    step_takes = {"parameters": [IF_MATCH]}

    @router.post(
        "/{id:uuid}/approve",
        operation_id="approve_change",
        summary="Approve what somebody else proposed, on its newest report",
        responses=_said("The change", *refused),
        openapi_extra=step_takes,
    )
    async def approve_it(request: Request, id: UUID, person: ActingPerson) -> Response:
        return await step(
            request, id, "approved", lambda changes: approve(changes, str(id), person.id, engine.pinned())
        )

    @router.post(
        "/{id:uuid}/activate",
        operation_id="activate_change",
        summary="Make it the law that is asked, from a moment on; an earlier one too",
        responses=_said("The change", *refused),
        openapi_extra={**step_takes, **body_of(Activated, required=False)},
    )
    async def activate(request: Request, id: UUID, person: ActingPerson) -> Response:
        asked = _read(Activated, request, await request.body())
        return await step(request, id, "activated", lambda changes: changes.activate(str(id), person.id, asked.at))

    @router.post(
        "/{id:uuid}/withdraw",
        operation_id="withdraw_change",
        summary="Take back what is not in force yet",
        responses=_said("The change", *refused),
        openapi_extra={**step_takes, **body_of(Withdrawn, required=False)},
    )
    async def withdraw(request: Request, id: UUID, person: ActingPerson) -> Response:
        asked = _read(Withdrawn, request, await request.body())
        return await step(request, id, "withdrawn", lambda changes: changes.withdraw(str(id), person.id, asked.reason))

    return router


def problem_of_change(fault: ChangeFault) -> Problem:
    """The problem of what cannot be done to a change."""
    status, kind = STATUS.get(fault.kind, (409, "change-refused"))
    return Problem(status, kind, str(fault))


_M = TypeVar("_M", bound=BaseModel)


def _read(model: type[_M], request: Request, raw: bytes) -> _M:
    """What a body says; without a body, what is said where nothing is."""
    return read_as(model, request, raw, "bad-change", "The change cannot be read.") if raw else model()


def _said(what: str, *statuses: int) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": what, "content": JSON_CONTENT}, **declared(*statuses)}


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "replace")


def _told(store: Store, id: str) -> bytes:
    return _bytes(Changes(store).get(id).data())


def _change(answered: Answered) -> Response:
    headers = {"etag": tag_of(answered.content)}
    return Response(answered.content, answered.status, headers, media_type="application/json")


def _bytes(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()


def _json(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(_bytes(data), status, headers, media_type="application/json")
