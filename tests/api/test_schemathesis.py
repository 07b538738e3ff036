"""Schemathesis finds no fault of the server and no answer that breaks the OpenAPI document.

What it would have to be told about this API is left out: a text is accepted where a list of one is meant and a word
in capitals too (so "negative" data may be fine), and not every text that the schema allows is a date or a time zone.
"""

import tempfile
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from carveout.api import Settings, create_app

pytestmark = pytest.mark.meaning

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
]
TRIES = settings(
    max_examples=50, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
HOME = tempfile.TemporaryDirectory()  # the lists that are sent are taken here, if any is one
app = create_app(settings=Settings(home=Path(HOME.name)))
schema = schemathesis.openapi.from_asgi("/v1/openapi.json", app)
deciding = schemathesis.openapi.from_asgi("/v1/openapi.json", app)
# The boundary cases of a schema as large as a transaction's are 23,000, and hardly one is decided.
deciding.config.phases.coverage.enabled = False


@schemathesis.serializer("application/x-ndjson")
def as_it_is(_: Any, value: Any) -> Any:
    """Lines are text already."""
    return {"data": str(value).encode("utf-8", "replace")}


@deciding.hook("map_body")
def at_a_time_that_can_be_read(_: Any, body: Any) -> Any:
    """With what nothing is decided without, so that two in five are decided."""
    if not isinstance(body, dict):
        return body
    stated = {key: value for key, value in body.items() if key not in ("zone", "acts")}
    return {**stated, "at": "2025-09-12", "activity": body.get("activity") or "sale"}


@schema.exclude(path="/v1/checks").parametrize()
@TRIES
def test_the_api_keeps_to_its_document(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(checks=CHECKS)


@deciding.include(path="/v1/checks").parametrize()
@TRIES
def test_a_check_keeps_to_its_document(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(checks=CHECKS)


def test_the_document_says_which_operations_were_tried() -> None:
    with TestClient(app) as client:
        paths = client.get("/v1/openapi.json").json()["paths"]

    assert set(paths) == {
        "/v1/checks", "/v1/checks/csv", "/v1/checks/{id}", "/v1/checks/{id}/evidence", "/v1/checks/{id}/replay",
        "/v1/audit/head", "/v1/audit/export", "/v1/rules", "/v1/rules/{id}", "/v1/vocabulary",
        "/v1/transaction.schema.json", "/v1/health", "/v1/lists", "/v1/lists/compare", "/v1/lists/{list}/snapshots",
        "/v1/owners", "/v1/owners/status", "/v1/search", "/v1/screen", "/v1/adjudications", "/v1/adjudications/{id}",
        "/v1/adjudications/{id}/withdraw", "/v1/adjudications/{id}/confirm",
        "/v1/me", "/v1/people", "/v1/people/{id}", "/v1/people/{id}/link",
        "/v1/keys", "/v1/keys/{id}", "/v1/calendar", "/v1/changes", "/v1/changes/{id}", "/v1/changes/{id}/files",
        "/v1/changes/{id}/report", "/v1/changes/{id}/approve", "/v1/changes/{id}/activate", "/v1/changes/{id}/withdraw",
        "/v1/lists/offers", "/v1/lists/offers/{id}", "/v1/lists/offers/{id}/confirm", "/v1/lists/offers/{id}/decline",
        "/v1/portfolio", "/v1/portfolio/{id}", "/v1/portfolio/{id}/close", "/v1/hooks", "/v1/hooks/{id}",
        "/v1/alerts", "/v1/alerts/{id}", "/v1/alerts/{id}/take", "/v1/alerts/{id}/close", "/v1/alerts/{id}/confirm",
        "/v1/alerts/{id}/decline",
    }  # fmt: skip
