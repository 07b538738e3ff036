"""The pages of changes: what is proposed, what it does, and the approval; rendered here, without scripts."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from carveout.api.changes import Asked, Reporting
from carveout.api.pages import Pages, values_of
from carveout.api.persons import ActingPerson
from carveout.api.problems import Problem
from carveout.engine.analyse.portfolio import PortfolioFault, read_portfolio
from carveout.engine.analyse.reports import Portfolio, approve, read_report
from carveout.engine.records.changes import Change, Changes
from carveout.engine.records.contents import Changed, Contents
from carveout.engine.records.people import Person, Role

MOST_LINES = 400
"""Of one file's difference, and of a list in a report; what is left out is counted."""
MOST_GROUPS = 50
REFRESH_SECONDS = "2"


def change_pages(pages: Pages, asked: Asked, reporting: Reporting) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/changes")

    @router.get("")
    async def every(_: ActingPerson) -> Response:
        found = await asked(lambda changes: changes.all())
        return await run_in_threadpool(pages.render, "changes.html", changes=found)

    @router.get("/{id:uuid}")
    async def one(id: UUID, person: ActingPerson) -> Response:
        seen = await asked(lambda changes: _seen(changes, str(id)))
        running = reporting.of(str(id))
        answer = await run_in_threadpool(
            pages.render, "change.html", **seen, **_may(person, seen["change"]), running=running, most=MOST_GROUPS
        )
        if running is not None and not running.ended:
            answer.headers["refresh"] = REFRESH_SECONDS
        return answer

    @router.post("/{id:uuid}/report")
    async def report(request: Request, id: UUID, person: ActingPerson) -> Response:
        text = (await values_of(request)).get("portfolio", "").strip().encode("utf-8", "replace")

        def work(changes: Changes) -> Portfolio | None:
            changes.proposals.entered(person.id, *Role)
            changes.get(str(id))
            try:
                return read_portfolio(text, reporting.engine.rules) if text else None
            except PortfolioFault as fault:
                raise Problem(422, "bad-change", f"The portfolio cannot be read: {fault}") from None

        reporting.begin(str(id), person.id, await asked(work))
        return _back(id)

    async def step(request: Request, id: UUID, work: Callable[[Changes, dict[str, str]], Change]) -> Response:
        values = await values_of(request)

        def checked_first(changes: Changes) -> None:
            if values.get("seen") != changes.get(str(id)).etag:
                raise Problem(412, "other-state", "Something became of it meanwhile: go back, and look at it again.")
            work(changes, values)

        await asked(checked_first)
        return _back(id)

    @router.post("/{id:uuid}/approve")
    async def approve_it(request: Request, id: UUID, person: ActingPerson) -> Response:
        return await step(
            request, id, lambda changes, _: approve(changes, str(id), person.id, reporting.engine.pinned())
        )

    @router.post("/{id:uuid}/activate")
    async def activate(request: Request, id: UUID, person: ActingPerson) -> Response:
        return await step(
            request,
            id,
            lambda changes, values: changes.activate(str(id), person.id, values.get("at", "").strip() or None),
        )

    @router.post("/{id:uuid}/withdraw")
    async def withdraw(request: Request, id: UUID, person: ActingPerson) -> Response:
        return await step(
            request, id, lambda changes, values: changes.withdraw(str(id), person.id, values.get("reason", ""))
        )

    return router


def _back(id: UUID) -> Response:
    return RedirectResponse(f"/changes/{id}", 303)


def _seen(changes: Changes, id: str) -> dict[str, Any]:
    """What the page of a change shows."""
    change = changes.get(id)
    proposal = change.proposal
    files = []
    if proposal.base is not None:
        before, after = (
            Contents.of_store(changes.store, proposal.base),
            Contents.of_store(changes.store, proposal.content),
        )
        for path in Changed.between(before, after).paths:
            files.append(_difference(path, before.files.get(path, b""), after.files.get(path, b"")))
    report = None if change.report is None else read_report(changes, change.report)
    return {"change": change, "files": files, "report": report}


def _difference(path: str, before: bytes, after: bytes) -> dict[str, Any]:
    old, new = (data.decode("utf-8", "replace").splitlines() for data in (before, after))
    lines = [line for line in difflib.unified_diff(old, new, lineterm="", n=3) if line[:3] not in ("+++", "---")]
    what = "changed" if before and after else "new" if after else "taken away"
    return {"path": path, "what": what, "lines": lines[:MOST_LINES], "more": max(0, len(lines) - MOST_LINES)}


def _may(person: Person, change: Change) -> dict[str, bool]:
    """What the page offers to a person. What they may do the store decides."""
    own, emergency = change.proposal.person == person.id, bool(change.proposal.emergency)
    approver = person.has(Role.APPROVER)
    stands = change.state in ("active", "scheduled")
    open_still = change.withdrawn is None and change.proposal.base is not None
    return {
        "may_report": open_still and person.has(Role.AUTHOR, Role.APPROVER),
        "may_approve": open_still and approver and not own and change.approved is None and change.report is not None,
        "may_activate": change.withdrawn is None
        and not stands
        and ((approver and (change.approved is not None or bool(change.activations))) or (own and emergency)),
        "may_withdraw": open_still and (own or approver) and change.state in ("proposed", "approved", "scheduled"),
        "own": own,
    }
