"""The OpenAPI document: made from the routes, with the transaction's schema and examples that were really decided."""

from __future__ import annotations

import json
import re
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from carveout.api.checks import decide_on, envelope
from carveout.api.examples import examples_of
from carveout.api.identity import COOKIE
from carveout.api.problems import Problem, ProblemDetails, declared
from carveout.api.rights import everything
from carveout.api.store_keeping import KEY_PARAMETER
from carveout.engine import Engine, __version__
from carveout.engine.records.people import Role

REF = "#/components/schemas/{model}"
EXAMPLE_ENVELOPE = {"id": "7f1f3a0e-52a6-4be8-9d3f-0f2b8a8b0c11", "time": "2026-01-15T09:30:00.000+00:00"}
DESCRIPTION = (
    "Says for each sanctions authority whether a transaction may go ahead, why, and what is not yet known. "
    "A transaction is one act at one moment, or a deal of several; the facts that can be stated, and what the absence "
    "of each means, are at `/v1/vocabulary`. Errors are problem details (RFC 9457) that name the field."
)


def openapi(app: FastAPI, engine: Engine) -> dict[str, Any]:
    """The document for an application and its engine."""
    document = get_openapi(title="Carveout", version=__version__, description=DESCRIPTION, routes=app.routes)
    schemas = document["components"]["schemas"]
    schemas |= _schemas(engine.reader.model)
    schemas |= _schemas(ProblemDetails)
    _say_who(document)
    _say_once(document)
    operation = document["paths"]["/v1/checks"]["post"]
    asked, answered = _examples(engine)
    operation["requestBody"]["content"]["application/json"]["examples"] = asked
    operation["responses"]["200"]["content"]["application/json"]["examples"] = answered
    return document


def _say_who(document: dict[str, Any]) -> None:
    """What the gate asks of each route, and what it may answer."""
    document["components"]["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key: `carveout keys create`."},
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "Of the pages, after /sign-in."},
    }
    rights = {(re.sub(r":\w+}", "}", path), method.lower()): right for path, method, right in everything()}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            right = rights[path, method]
            answers = (400,) if right.everybody else (400, 401, 403, 429, 503)
            for status, answer in declared(*answers).items():
                operation["responses"].setdefault(str(status), answer)
            if not right.everybody:
                operation["security"] = [{"key": []}, {"session": []}, {}]
                roles = ", ".join(sorted(right.roles)) if len(right.roles) < len(Role) else ""
                if roles:
                    operation["description"] = f"{operation.get('description', '')}\n\nFor: {roles}.".strip()


def _say_once(document: dict[str, Any]) -> None:
    """That whatever is sent may bear a key (see `repeating`), and what is answered where that key is in use."""
    for path, operations in document["paths"].items():
        if "post" in operations and path.startswith("/v1/"):
            operation = operations["post"]
            named = [parameter["name"] for parameter in operation.setdefault("parameters", [])]
            if KEY_PARAMETER["name"] not in named:
                operation["parameters"].append(KEY_PARAMETER)
            for status, answer in declared(408, 409, 413, 422, 503).items():
                operation["responses"].setdefault(str(status), answer)


def _schemas(model: Any) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template=REF)
    return {**schema.pop("$defs", {}), model.__name__: schema}


def _examples(engine: Engine) -> tuple[dict[str, Any], dict[str, Any]]:
    """Transactions that these rules can read, and what they decide of them."""
    asked: dict[str, Any] = {}
    answered: dict[str, Any] = {}
    for name, (title, transaction) in examples_of(engine.rules).items():
        try:
            decision = json.loads(envelope(decide_on(engine, transaction)))
        except Problem:  # a case that shows what is refused
            continue
        asked[name] = {"summary": title, "value": transaction}
        answered[name] = {"summary": title, "value": {**decision, **EXAMPLE_ENVELOPE}}
    return asked, answered
