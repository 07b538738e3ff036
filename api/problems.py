"""Errors as RFC 9457 problem details that name the field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from carveout.api.request_ids import current_id
from carveout.engine import StatementError

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 50
LONGEST_WORDS = 300

SECURITY_HEADERS: Mapping[str, str] = {
    # no scripts at all: the pages need none
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

KINDS: Mapping[str, str] = {
    "bad-json": "The body is not JSON that can be read",
    "bad-host": "This host name is not served here",
    "bad-csv": "The CSV cannot be screened",
    "bad-parameter": "A parameter cannot be read",
    "bad-transaction": "The transaction cannot be read",
    "too-large": "The request is too large",
    "too-slow": "The request comes too slowly",
    "wrong-media-type": "The body is of another media type than is read here",
    "bad-register": "The ownership register or a file for it cannot be used",
    "unknown-rule": "No such rule",
    "bad-list": "The list cannot be read",
    "implausible-list": "The list is not believed until somebody confirms it",
    "foreign-origin": "A page of another site may not change anything here",
    "unknown-list": "No such list",
    "unknown-snapshot": "No such snapshot",
    "bad-names": "The names cannot be read",
    "no-lists": "The official lists cannot be used",
    "unknown-check": "No such decision",
    "unknown-answer": "No such answer to who a party is",
    "bad-answer": "The answer to who a party is cannot be taken",
    "bad-key": "The key does not work",
    "key-in-address": "A key may not stand in an address",
    "no-token-key": "Keys cannot be checked",
    "too-many": "Too many requests",
    "bad-person": "This cannot be done to the person or the key",
    "unknown-person": "No such person or key",
    "no-provider": "Nobody signs in with a provider here",
    "not-signed-in": "Nobody knows who is asking",
    "not-allowed": "The roles of this person do not allow it",
    "not-replayable": "What was recorded cannot be decided again by this engine",
    "unknown-change": "No such change",
    "bad-change": "The change cannot be read",
    "bad-rules": "The rules have faults",
    "own-proposal": "Who proposed may not approve",
    "no-report": "There is no report that this could rest on",
    "base-moved": "Another change became the law meanwhile",
    "change-refused": "This cannot be done to the change as it is",
    "other-state": "The change is not in the state that was seen",
    "state-not-said": "Say in If-Match which state was seen",
    "no-rules": "The rule set in force cannot be used",
    "bad-portfolio": "What is to be kept in the portfolio cannot be read",
    "unknown-entry": "No such entry in the portfolio",
    "entry-closed": "The entry is watched no longer",
    "unknown-alert": "No such alert",
    "bad-alert": "This cannot be said of the alert",
    "bad-hook": "Alerts cannot be told there",
    "unknown-hook": "No such webhook",
    "key-used": "This Idempotency-Key was used for another request",
    "key-under-way": "What was sent with this Idempotency-Key first is still being done",
    "shown-once": "What was made then is shown once",
    "not-stored": "It could not be stored, and is therefore not answered",
    "fault": "The server made an error",
}
"""The types of problem, `urn:carveout:problem:KIND`; any other is `about:blank`: its status says all."""


class FieldError(BaseModel):
    """One thing wrong: which field, and what to do."""

    model_config = ConfigDict(extra="forbid")
    field: str = Field(examples=["parties[1].country"])
    message: str


class ProblemDetails(BaseModel):
    """An error (RFC 9457)."""

    model_config = ConfigDict(extra="forbid")
    type: str = Field(examples=["urn:carveout:problem:bad-transaction"])
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    errors: list[FieldError] = Field([], max_length=MOST_ERRORS)
    instance: str | None = Field(None, description="the id of the request, as it stands in the log")


class Problem(HTTPException):
    """An error that is answered with problem details."""

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        errors: Iterable[tuple[str, str]] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.kind = kind
        self.errors = tuple(errors)


def from_statement(error: StatementError) -> Problem:
    """The problem of a transaction that cannot be read."""
    errors = [(p.field, p.message) for p in error.problems]
    return Problem(422, "bad-transaction", f"{_count(len(errors), 'field')} to put right", errors)


def from_parameters(error: RequestValidationError) -> Problem:
    """The problem of parameters that FastAPI cannot read."""
    errors = [(".".join(map(str, e["loc"][1:])) or str(e["loc"][0]), str(e["msg"])) for e in error.errors()]
    return Problem(422, "bad-parameter", f"{_count(len(errors), 'parameter')} to put right", errors)


def details(status: int, kind: str | None, detail: str, errors: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
    """The problem document."""
    document: dict[str, Any] = {
        "type": f"urn:carveout:problem:{kind}" if kind else "about:blank",
        "title": KINDS[kind] if kind else HTTPStatus(status).phrase,
        "status": status,
        "detail": _short(detail),
    }
    if current_id.get():
        document["instance"] = f"urn:carveout:request:{current_id.get()}"
    listed = [{"field": _short(field), "message": _short(message)} for field, message in errors][:MOST_ERRORS]
    return {**document, "errors": listed} if listed else document


def problem_response(
    status: int,
    kind: str | None,
    detail: str,
    errors: Iterable[tuple[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The problem as a response; whatever the input held, the answer is valid UTF-8."""
    body = json.dumps(details(status, kind, detail, errors), ensure_ascii=False).encode("utf-8", "replace")
    return Response(body, status, {**SECURITY_HEADERS, **(headers or {})}, media_type=MEDIA_TYPE)


def declared(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems a route can answer, for its OpenAPI entry."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def _short(text: str) -> str:
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= LONGEST_WORDS else text[: LONGEST_WORDS - 1] + "…"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
