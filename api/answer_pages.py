"""The pages of what waits for a second person: answers to who a party is, and lists that are not believed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from carveout.api.changes import problem_of_change
from carveout.api.list_offers import Offering
from carveout.api.pages import Pages, values_of
from carveout.api.persons import ActingPerson
from carveout.api.problems import Problem
from carveout.api.settings import Settings
from carveout.api.store_keeping import Keeper
from carveout.engine import Engine, StatementError
from carveout.engine.parties.adjudications.model import DIFFERENT, PROPOSED, Adjudication
from carveout.engine.parties.adjudications.standing import shown
from carveout.engine.records.adjudications import NoSuchAnswer, confirm, read, withdraw
from carveout.engine.records.answering import LONGEST_REASON, Answer, AnswerRefused, answer_of
from carveout.engine.records.list_offers import WAITING
from carveout.engine.records.people import Person, Role
from carveout.engine.records.proposals import ChangeFault
from carveout.engine.records.store import Store
from carveout.engine.records.writes import Write

MOST_SHOWN = 200
MOST_ROWS = 60
_FIELDS = ("decision", "party", "subject", "name", "answer", "reason", "until")
_ID = re.compile(r"[0-9a-f-]{36}")


def answer_pages(pages: Pages, keeper: Keeper, settings: Settings, engine: Engine, offering: Offering) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/answers")

    @router.get("")
    async def every(person: ActingPerson) -> Response:
        def work(store: Store) -> dict[str, Any]:
            found = [_seen(store, engine, answer, person) for answer in list(reversed(list(read(store))))[:MOST_SHOWN]]
            waiting = [one for one in found if one["state"] == "proposed"]
            return {"waiting": waiting, "others": [one for one in found if one not in waiting]}

        seen = await keeper.ask(work)
        offers = [one for one in await run_in_threadpool(offering.now, lambda held: held.all()) if one.state == WAITING]
        return await run_in_threadpool(
            pages.render, "answers.html", **seen, offers=offers, me=person.id, approver=person.has(Role.APPROVER),
            analyst=person.has(Role.ANALYST), most_rows=MOST_ROWS,
        )  # fmt: skip

    @router.post("")
    async def give(request: Request, person: ActingPerson) -> Response:
        values = await values_of(request)
        said = {name: values.get(name, "").strip() for name in _FIELDS}

        def work(store: Store) -> None:
            answer = Answer(said["party"], said["subject"], said["answer"], said["reason"], said["until"] or None)
            if not _ID.fullmatch(said["decision"]):
                raise AnswerRefused("decision", "is missing: open a decision, and answer what it asks")
            answer_of(store, engine.now, answer, person.id, settings.answer_days, decision=said["decision"])

        try:
            await run_in_threadpool(keeper.in_step)
            await keeper.ask(work)
        except (AnswerRefused, StatementError, ChangeFault) as error:
            return await run_in_threadpool(
                pages.render, "answer.html", 422, said=said, wrong=str(error), longest=LONGEST_REASON
            )
        return RedirectResponse("/answers", 303)

    async def step(request: Request, id: UUID, work: Callable[[Store, Adjudication, str], Any]) -> Response:
        values = await values_of(request)

        def asked(store: Store) -> None:
            found = next((answer for answer in read(store) if answer.id == str(id)), None)
            if found is None:
                raise Problem(404, "unknown-answer", f"No answer {id} is stored here.")
            if values.get("seen") != found.digest:
                raise Problem(412, "other-state", "Something became of it meanwhile: go back, and look at it again.")
            try:
                work(store, found, values.get("reason", "").strip())
            except NoSuchAnswer as error:
                raise Problem(404, "unknown-answer", str(error)) from None
            except ChangeFault as fault:
                raise problem_of_change(fault) from None

        await keeper.ask(asked)
        return RedirectResponse("/answers", 303)

    @router.post("/{id:uuid}/confirm")
    async def confirm_it(request: Request, id: UUID, person: ActingPerson) -> Response:
        return await step(request, id, lambda store, answer, _: confirm(store, answer.id, person.id))

    @router.post("/{id:uuid}/decline")
    async def decline(request: Request, id: UUID, person: ActingPerson) -> Response:
        def work(store: Store, answer: Adjudication, reason: str) -> None:
            if not person.has(Role.ANALYST) and answer.state != PROPOSED:
                raise Problem(403, "not-allowed", "What counts is taken back by somebody with the role analyst.")
            if not reason or len(reason) > LONGEST_REASON:
                raise Problem(422, "bad-answer", f"Say why, in at most {LONGEST_REASON:,} letters.")
            withdraw(store, answer.id, reason, person.id)

        return await step(request, id, work)

    @router.post("/lists/{id:uuid}/confirm")
    async def confirm_list(id: UUID, person: ActingPerson) -> Response:
        _, entry = await run_in_threadpool(offering.confirm, str(id), person.id)
        if entry is not None:
            noted = Write(entries=[entry])
            await keeper.ask(lambda store: store.journal.write(noted))
        return RedirectResponse("/answers", 303)

    @router.post("/lists/{id:uuid}/decline")
    async def decline_list(request: Request, id: UUID, person: ActingPerson) -> Response:
        reason = (await values_of(request)).get("reason", "")
        await run_in_threadpool(offering.now, lambda held: held.decline(str(id), person.id, reason))
        return RedirectResponse("/answers", 303)

    return router


def _seen(store: Store, engine: Engine, answer: Adjudication, person: Person) -> dict[str, Any]:
    """What is shown of an answer: the names and all else that was compared, and what this person may do."""
    one = shown(answer, engine.subjects, int(datetime.now(UTC).timestamp()))
    waits = one["state"] == "proposed" and answer.answer == DIFFERENT
    if waits:
        one["stated_rows"] = list(_rows(answer.stated))[: MOST_ROWS + 1]
        one["record_rows"] = list(_rows(json.loads(store.content(answer.record))))[: MOST_ROWS + 1]
    one["seen"] = answer.digest
    one["own"] = answer.person == person.id
    one["may_confirm"] = waits and person.has(Role.APPROVER) and not one["own"]
    one["may_decline"] = person.has(Role.ANALYST) or (waits and person.has(Role.APPROVER))
    return one


def _rows(data: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Data as lines of a name and what it is; nothing is left out but what is empty."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _rows(value, f"{name} {key}".strip().replace("_", " "))
    elif isinstance(data, list) and any(isinstance(x, (list, dict)) for x in data):
        for value in data:
            if isinstance(value, list) and not any(isinstance(x, (list, dict)) for x in value):
                yield name, ", ".join(str(x) for x in value if x not in (None, ""))
            else:
                yield from _rows(value, name)
    elif isinstance(data, list):
        if data:
            yield name, ", ".join(str(x) for x in data if x not in (None, ""))
    elif data not in (None, ""):
        yield name, str(data)
