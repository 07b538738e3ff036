"""ETags: answers that have not changed, and acts that rest on what somebody saw."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from fastapi import Request
from starlette.responses import Response

from carveout.api.problems import Problem
from carveout.engine import Engine, __version__

IF_MATCH: dict[str, Any] = {
    "name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"},
    "description": "the `ETag` of what is changed, as it was seen",
}  # fmt: skip
IF_MATCH_IF_AT_ALL: dict[str, Any] = {**IF_MATCH, "required": False}


class Unchanged(Exception):
    """The client has what it asks for."""

    def __init__(self, tag: str) -> None:
        self.tag = tag


def unchanged(_: Request, error: Exception) -> Response:
    """The answer to whoever has it already."""
    assert isinstance(error, Unchanged)
    return Response(status_code=304, headers=tag_header(error.tag))


def tag_of(content: bytes) -> str:
    """The tag of an answer that is told from any other by its bytes."""
    return f'"{sha256(content).hexdigest()[:32]}"'


def tag_header(tag: str) -> dict[str, str]:
    """What is asked for again by its tag may be kept for that, and must be asked for."""
    return {"etag": tag, "cache-control": "no-cache"}


def tagged(request: Request, tag: str) -> dict[str, str]:
    """The headers of an answer with a tag. Raises Unchanged where the client has that one."""
    said = [one.removeprefix("W/") for one in _listed(request, "if-none-match")]
    if tag in said or "*" in said:
        raise Unchanged(tag)
    return tag_header(tag)


def seen_in(request: Request, *, required: bool = True) -> Callable[[str], bool] | None:
    """Whether a tag is one that the request says was seen; None: it says nothing. Raises Problem where it must."""
    if "if-match" not in request.headers:
        if required:
            raise Problem(428, "state-not-said", "Send the ETag of what you saw in If-Match.")
        return None
    said = _listed(request, "if-match")
    return lambda tag: tag in said or said == ["*"]


def moved() -> Problem:
    """What the request rests on is otherwise."""
    return Problem(412, "other-state", "Something became of it meanwhile: look at it again.")


def law_tag(engine: Engine) -> Callable[[Request, Response], dict[str, str]]:
    """A dependency: the headers of an answer that hangs on the rule set in force and the address alone."""

    def headers(request: Request, response: Response) -> dict[str, str]:
        made: Any = tagged(request, f'"{sha256(f"{__version__} {engine.rules.fingerprint}".encode()).hexdigest()}"')
        response.headers.update(made)
        return dict(made)

    return headers


def _listed(request: Request, name: str) -> list[str]:
    return [one.strip() for line in request.headers.getlist(name) for one in line.split(",") if one.strip()]
