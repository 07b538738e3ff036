"""Reading JSON strictly: what is ambiguous, broken or endless is refused, and the refusal says where."""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from carveout.api.problems import Problem

DEEPEST = 64
"""Levels of nesting; the deepest transaction anybody has written has nine."""
_M = TypeVar("_M", bound=BaseModel)
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_json(raw: bytes) -> Any:
    """The JSON value in a body. Raises Problem (400)."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _broken(f"It is not UTF-8: byte {error.start} cannot be read.") from None
    try:
        value = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise _broken(f"Line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except RecursionError:
        raise _broken(f"It is nested more than {DEEPEST} levels deep.") from None
    except ValueError as error:  # a number of thousands of digits
        raise _broken(f"{error}.") from None
    _walk(value, bool(_ESCAPED_SURROGATE.search(text)))
    return value


def read_as(model: type[_M], request: Request, raw: bytes, kind: str, what: str) -> _M:
    """The JSON of a body as what is asked for. Raises Problem: 400, 415, or 422 of a `kind` that says `what`."""
    stated = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if stated != "application/json":  # which no form of another site can send
        raise Problem(415, "wrong-media-type", "Send application/json, and say so in Content-Type.")
    return read_model(model, raw, kind, what)


def read_model(model: type[_M], raw: bytes, kind: str, what: str = "The body cannot be read.") -> _M:
    """The same, whatever media type it is said to be."""
    value = read_json(raw)
    field = _nul_in(value)
    if field is not None:
        raise Problem(422, kind, what, [(field or "body", "has a NUL in it")])
    try:
        return model.model_validate(value)
    except ValidationError as error:
        errors = [(".".join(map(str, e["loc"])) or "body", e["msg"]) for e in error.errors(include_url=False)[:50]]
        raise Problem(422, kind, what, errors) from None


def body_of(model: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """For the OpenAPI entry of a route that reads one."""
    schema = model.model_json_schema()
    content = {"application/json": {"schema": _whole(schema, schema.pop("$defs", {}))}}
    return {"requestBody": {"required": required, "content": content}}


def _whole(part: Any, parts: dict[str, Any]) -> Any:
    """A schema with its parts in their places: what they are called is told apart in one model only."""
    if isinstance(part, dict):
        name = part.get("$ref")
        if isinstance(name, str):
            named = parts[name.removeprefix("#/$defs/")]
            return _whole({**named, **{key: inner for key, inner in part.items() if key != "$ref"}}, parts)
        return {key: _whole(inner, parts) for key, inner in part.items()}
    return [_whole(inner, parts) for inner in part] if isinstance(part, list) else part


def _nul_in(value: Any) -> str | None:
    """Where a text holds a NUL, which no database keeps."""
    todo: list[tuple[Any, str]] = [(value, "")]
    while todo:
        part, field = todo.pop()
        if isinstance(part, str) and "\0" in part:
            return field
        if isinstance(part, dict):
            todo += [(key, field) for key in part]
            todo += [(inner, _below(field, key)) for key, inner in part.items()]
        elif isinstance(part, list):
            todo += [(inner, _below(field, index)) for index, inner in enumerate(part)]
    return None


def _broken(detail: str, field: str | None = None) -> Problem:
    return Problem(400, "bad-json", detail, [(field, detail)] if field else ())


def _refuse_constant(name: str) -> Any:
    raise _broken(f"`{name}` is no number of JSON.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _broken(f"`{key[:80]}` stands twice in one object: which is meant?", key[:80])
            seen.add(key)
    return result


def _walk(value: Any, look_for_surrogates: bool) -> None:
    """Refuse what is nested too deep and halves of surrogate pairs, without recursion."""
    todo: list[tuple[Any, int, str]] = [(value, 1, "")]
    while todo:
        part, depth, field = todo.pop()
        if depth > DEEPEST:
            raise _broken(f"It is nested more than {DEEPEST} levels deep.")
        pairs = (
            part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ((None, part),)
        )
        for key, inner in pairs:
            if isinstance(inner, dict | list):
                todo.append((inner, depth + 1, _below(field, key)))
            if look_for_surrogates and any(isinstance(t, str) and _SURROGATE.search(t) for t in (key, inner)):
                where = _below(field, key) if key is not None else "transaction"
                raise _broken("The text holds half of a surrogate pair, which is no character.", where)


def _below(field: str, key: Any) -> str:
    if isinstance(key, int):
        return f"{field}[{key}]"
    return f"{field}.{key}" if field else str(key)
