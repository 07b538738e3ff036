"""What the rule set holds, over HTTP: `/v1/rules`, `/v1/vocabulary`, `/v1/transaction.schema.json`, `/v1/health`."""

from __future__ import annotations

import json
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from carveout.api.finding_answers import Kind
from carveout.api.law_answers import Health, RuleInFull, Rules, in_force, rule, rule_in_full
from carveout.api.paging import Cursor, link_to, page_of, place_of
from carveout.api.problems import Problem, declared
from carveout.api.tags import law_tag
from carveout.api.vocabulary_answer import VocabularyAnswer, vocabulary_answer
from carveout.engine import Engine, __version__
from carveout.engine.decide.answer import FORMAT
from carveout.engine.decide.settling import at_work
from carveout.engine.law.clocks import Instant, parse_instant
from carveout.engine.law.documents import did_you_mean
from carveout.engine.law.truth import FALSE

AS_BEFORE: dict[str, Any] = {"description": "As the `If-None-Match` has it"}
LIBRARIES = ("durable_rules", "fastapi", "pydantic", "rapidfuzz", "holidays")
Moment = Annotated[str | None, Query(max_length=40, examples=["2025-09-12", "2025-09-12T12:00:00-04:00"])]


def reference_router(engine: Engine) -> APIRouter:
    """The routes that tell what the rule set holds."""
    router = APIRouter()
    same_law = Depends(law_tag(engine))
    written: list[Any] = []

    def texts() -> tuple[bytes, bytes]:
        """Vocabulary and schema of the rule set of now, written once."""
        now = engine.pinned()
        if not written or written[0] is not now.rules:
            written[:] = [now.rules, (_dump(vocabulary_answer(now.rules)), _dump(transaction_schema(now)))]
        return written[1]  # type: ignore[no-any-return]

    @router.get(
        "/rules",
        operation_id="rules",
        tags=["rules"],
        summary="The norms, by authority, kind, and the moment at which they are or may be in force",
        response_model=Rules,
        response_model_exclude_unset=True,
        responses={304: AS_BEFORE, **declared(422)},
    )
    def list_rules(
        request: Request,
        response: Response,
        authority: Annotated[str | None, Query(max_length=100, examples=["us.ofac"])] = None,
        kind: Kind | None = None,
        in_force_at: Moment = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        cursor: Cursor = None,
        _: dict[str, str] = same_law,
    ) -> dict[str, Any]:
        rules = engine.rules
        if authority is not None and authority not in rules.authorities:
            hint = did_you_mean(authority[:80], rules.authorities)
            raise _bad("authority", f"unknown authority `{authority[:80]}`: {hint}")
        at = _instant(in_force_at)
        found = [
            norm
            for norm in rules.norms.values()
            if (authority is None or norm.authority == authority)
            and (kind is None or norm.kind == kind)
            and (at is None or in_force(norm, at) != FALSE)
        ]
        after = "" if cursor is None else place_of(cursor)
        page, following = page_of([norm for norm in found if norm.id > after], limit, lambda norm: norm.id)
        response.headers.update(link_to(request, following))
        return {"count": len(found), "rules": [rule(norm, rules, at) for norm in page], "next": following}

    @router.get(
        "/rules/{id}",
        operation_id="rule",
        tags=["rules"],
        summary="One norm as data: its document, its citations, what it shields or what shields it",
        response_model=RuleInFull,
        response_model_exclude_unset=True,
        responses={304: AS_BEFORE, **declared(404, 422)},
    )
    def one_rule(id: str, _: dict[str, str] = same_law) -> dict[str, Any]:
        rules = engine.rules
        if id not in rules.norms:
            raise Problem(404, "unknown-rule", f"`{id[:80]}`: {did_you_mean(id[:80], rules.norms)}")
        return rule_in_full(rules.norms[id], rules)

    @router.get(
        "/vocabulary",
        operation_id="vocabulary",
        tags=["words"],
        summary="Every fact with what its absence means, every word, code and place",
        responses={200: {"model": VocabularyAnswer}, 304: AS_BEFORE},
    )
    def vocabulary(tag: dict[str, str] = same_law) -> Response:
        return Response(texts()[0], media_type="application/json", headers=tag)

    @router.get(
        "/transaction.schema.json",
        operation_id="transaction_schema",
        tags=["words"],
        summary="JSON Schema of a transaction under this rule set",
        responses={
            200: {"description": "The schema", "content": {"application/json": {"schema": {"type": "object"}}}},
            304: AS_BEFORE,
        },
    )
    def schema_of_a_transaction(tag: dict[str, str] = same_law) -> Response:
        return Response(texts()[1], media_type="application/json", headers=tag)

    @router.get(
        "/health",
        operation_id="health",
        tags=["house"],
        summary="What is at work",
        response_model=Health,
        response_model_exclude_unset=True,
    )
    def health(request: Request) -> dict[str, Any]:
        if not getattr(request.state, "known", False):
            return {"status": "ok"}
        rules = engine.rules
        return {
            "status": "ok",
            "version": __version__,
            "format": FORMAT,
            "rules": rules.fingerprint,
            "settling": at_work(),
            "counts": {
                "norms": len(rules.norms),
                "subjects": len(rules.subjects),
                "authorities": len(rules.authorities),
            },
            "versions": {"python": platform.python_version(), **{name: _version(name) for name in LIBRARIES}},
        }

    return router


def transaction_schema(engine: Engine) -> dict[str, Any]:
    """JSON Schema of a transaction under an engine's rule set."""
    schema = engine.reader.model.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _instant(text: str | None) -> Instant | None:
    if text is None:
        return None
    try:
        return parse_instant(text)
    except ValueError as error:
        raise _bad("in_force_at", str(error)) from None


def _bad(field: str, message: str) -> Problem:
    return Problem(422, "bad-parameter", "1 parameter to put right", [(field, message)])


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _dump(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
