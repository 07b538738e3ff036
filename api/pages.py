"""The pages: a form, a decision, the timeline of a subject. They work without scripts."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from carveout.api import chart
from carveout.api.checks import decide_on
from carveout.api.decision_view import view_of
from carveout.api.examples import Example, examples_of
from carveout.api.form import Filled, Form, form_of, transaction_from, values_from
from carveout.api.norm_view import cases_of, norm_view
from carveout.api.persons import current
from carveout.api.problems import MOST_ERRORS, Problem
from carveout.api.reading import read_json
from carveout.api.rendering import environment
from carveout.api.search import LONGEST
from carveout.api.settings import Settings
from carveout.api.store_keeping import Asking, Keeper, asking_of
from carveout.api.timeline import Lane, most_named, timeline
from carveout.engine import Engine, __version__
from carveout.engine.decide.search import Query, nearby, search, unread
from carveout.engine.law.documents import did_you_mean
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.records.evidence import in_use
from carveout.engine.records.people import Role

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class Pages:
    """Renders pages for one engine."""

    def __init__(self, engine: Engine, settings: Settings, keeper: Keeper) -> None:
        self.engine = engine
        self.keeper = keeper
        self._settings = settings
        self._form: tuple[RuleSet, Form, str | None, dict[str, Example]] | None = None
        self.templates = environment()
        self.templates.globals |= {"version": __version__}

    @property
    def rules(self) -> RuleSet:
        """The rule set that is asked now."""
        return self.engine.rules

    @property
    def form(self) -> Form:
        """The form for that rule set."""
        return self._of_rules()[1]

    @property
    def subject(self) -> str | None:
        """Whose timeline is shown first."""
        return self._of_rules()[2]

    @property
    def examples(self) -> dict[str, Example]:
        """The transactions to begin with, by name."""
        return self._of_rules()[3]

    def _of_rules(self) -> tuple[RuleSet, Form, str | None, dict[str, Example]]:
        """The rule set of now with its form, whose timeline is shown first, and its examples."""
        held, rules = self._form, self.rules
        if held is None or held[0] is not rules:
            subject = self._settings.timeline_subject or most_named(rules)
            held = self._form = rules, form_of(rules), subject, examples_of(rules)
        return held

    def render(self, name: str, status: int = 200, **what: Any) -> HTMLResponse:
        """A page from a template."""
        text = self.templates.get_template(name).render(
            fingerprint=self.rules.fingerprint[:12],
            signed_in=_signed_in(),
            sees_people=_has(Role.ADMINISTRATOR, Role.AUDITOR),
            **what,
        )
        return HTMLResponse(text.encode("utf-8", "replace"), status)

    def first(
        self,
        values: Mapping[str, str],
        pasted: str = "",
        errors: list[dict[str, str]] | None = None,
        status: int = 200,
    ) -> Response:
        """The first page: the form with what it holds, and what is wrong with it."""
        named = {e["input"]: e["message"] for e in reversed(errors or []) if e["input"]}
        rules = self.rules
        subject = rules.subjects.get(self.subject or "")
        return self.render(
            "first.html",
            status,
            form=self.form,
            values=values,
            pasted=pasted,
            errors=errors or [],
            named=named,
            examples={name: example.title for name, example in self.examples.items()},
            subject=subject,
            **self._drawn(timeline(rules, subject) if subject is not None else []),
        )

    def _drawn(self, lanes: list[Lane]) -> dict[str, Any]:
        """The chart of some lanes as of now, if there is anything to draw."""
        now = int(time.time())
        drawn = chart.chart_of(lanes, self.rules, now) if lanes else None
        return {"chart": drawn, "today": time.strftime("%Y-%m-%d", time.gmtime(now))}

    def search(self, name: str) -> Response:
        """Whom a name may be; without a name, the box alone."""
        name = name.strip()[:LONGEST]
        now, query = int(time.time()), Query(name)
        found = search(self.engine, query, now) if name else []
        near = nearby(self.engine, query, found, now) if name else []
        why = unread(query, found) if name else None
        lists = self.engine.subjects.fingerprint
        return self.render("search.html", asked=name, found=found, near=near, unread=why, lists=lists)

    def decision(self, filled: Filled, values: Mapping[str, str], pasted: str, asking: Asking) -> Response:
        """The decision on what was stated, or the first page with what is wrong with it."""
        self.keeper.in_step()
        try:
            if filled.problems and not pasted:
                raise Problem(422, "bad-transaction", "The form cannot be read.", filled.problems)
            transaction = read_json(pasted.encode("utf-8", "replace")) if pasted else filled.transaction
            engine = self.engine.pinned()
            decision = decide_on(engine, transaction)
        except Problem as problem:
            listed = problem.errors or (("", str(problem.detail)),)
            errors = [
                {
                    "field": field[:120],
                    "message": message[:300],
                    "input": "json" if pasted else filled.input_of(field) or "",
                }
                for field, message in listed[:MOST_ERRORS]
            ]
            return self.first(values, pasted, errors, problem.status_code)
        kept = self.keeper.keep_now(engine, transaction, decision, asking)
        return self.render(
            "decision.html",
            kept=kept,
            may_answer=_has(Role.ANALYST),
            view=view_of(decision.body, engine.rules),
            values=values,
            pasted=pasted,
            reference=decision.reference,
            stated=_stated(transaction),
            transaction=json.dumps(transaction, ensure_ascii=False, indent=2),
            places=self.rules.vocabulary.places,
            activities=self.rules.vocabulary.words.get("activity", {}),
        )

    def norm(self, id: str) -> Response:
        """One norm in words."""
        norm = self.rules.norms.get(id)
        if norm is None:
            return self.refusal(404, f"No norm `{id[:80]}` is held: {did_you_mean(id[:80], self.rules.norms)}")
        return self.render("norm.html", norm=norm_view(norm, self.rules), cases=cases_of(norm, self.rules))

    def timeline(self, id: str) -> Response:
        """The timeline of a subject."""
        subject = self.rules.subjects.get(id)
        if subject is None:
            hint = did_you_mean(id[:80], self.rules.subjects)
            return self.refusal(404, f"No subject `{id[:80]}` is recorded: {hint}")
        lanes = timeline(self.rules, subject)
        subjects = sorted(self.rules.subjects.values(), key=lambda s: s.name.casefold())
        return self.render(
            "timeline.html",
            subject=subject,
            lanes=lanes,
            subjects=subjects,
            rules=self.rules,
            dates=lambda norm: chart.dates(norm, self.rules),
            **self._drawn(lanes),
        )

    def evidence(self, pack: dict[str, Any]) -> bytes:
        """A pack of evidence, as a page."""
        facts = [(name, value) for name, value in pack["decision"].items() if name not in ("body", "stated")]
        facts += [(f"SHA-256 of the {name}", value) for name, value in pack["hashes"].items()]
        return bytes(
            self.render(
                "evidence.html",
                pack=pack,
                facts=facts,
                in_use=in_use(pack),
                acts=pack["body"].get("acts") or [pack["body"]],
                stated=json.dumps(pack["stated"], ensure_ascii=False, indent=2),
                head=json.dumps(pack["audit"]["head"], ensure_ascii=False, indent=2),
            ).body
        )

    def sign_in(self, status: int, wrong: str) -> Response:
        """The page on which one signs in, with what was wrong."""
        provider = urlsplit(self._settings.openid.issuer).netloc if self._settings.openid else ""
        return self.render("sign_in.html", status, wrong=wrong, provider=provider)

    def link(self, token: str, wrong: str = "", status: int = 200) -> Response:
        """The page with the button that uses a one-time link: to look at the link is not to use it."""
        return self.render("link.html", status, token=token, wrong=wrong)

    def refusal(self, status: int, detail: str) -> Response:
        """An error, as a page."""
        return self.render("refusal.html", status, code=status, phrase=HTTPStatus(status).phrase, detail=detail)


def pages_router(pages: Pages) -> APIRouter:
    """The routes of the pages."""
    router = APIRouter()

    @router.get("/")
    def first(example: str = "") -> Response:
        found = pages.examples.get(example)
        transaction = found.transaction if found is not None else {}
        pasted = json.dumps(transaction, ensure_ascii=False, indent=2) if transaction else ""
        return pages.first(values_from(transaction) if transaction else {}, pasted)

    @router.post("/")
    async def change(request: Request) -> Response:
        values = await values_of(request)
        return await run_in_threadpool(pages.first, values, values.pop("json", ""))

    @router.post("/decision")
    async def decision(request: Request) -> Response:
        values = await values_of(request)
        pasted = values.pop("json", "").strip()
        filled = transaction_from(values, pages.form)
        return await run_in_threadpool(pages.decision, filled, values, pasted, asking_of(request, b""))

    @router.get("/rules/{id}")
    def one_norm(id: str) -> Response:
        return pages.norm(id)

    @router.get("/search")
    def look_up(name: str = "") -> Response:
        return pages.search(name)

    @router.get("/timeline")
    def timeline_of(subject: str = "") -> Response:
        return pages.timeline(subject or pages.subject or "")

    @router.get("/timeline/{subject}")
    def one_timeline(subject: str) -> Response:
        return pages.timeline(subject)

    return router


def _signed_in() -> str:
    """The name of whoever signed in to the page; empty: nobody did."""
    actor = current.get()
    return actor.person.name if actor is not None and actor.how == "session" else ""


def _has(*roles: Role) -> bool:
    """Has whoever asks one of the roles?"""
    actor = current.get()
    return actor is not None and actor.person.has(*roles)


async def values_of(request: Request) -> dict[str, str]:
    """The fields of a form. Raises Problem."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in FORM_TYPES:
        raise Problem(415, "wrong-media-type", "This page is sent as a form.")
    async with request.form(max_files=0, max_fields=1000, max_part_size=1 << 20) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def _stated(transaction: Any) -> dict[str, Any]:
    """The few facts that tell the reader which case this is."""
    parties = transaction.get("parties") or []
    names = [p if isinstance(p, str) else p.get("name") or p.get("id") or "unnamed" for p in parties]
    return {"names": names, **{key: transaction.get(key) for key in ("activity", "at", "reference")}}
