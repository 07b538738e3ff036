"""Pages by cursor, and answers that have not changed: what a client sends back is where it was, or what it has."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Annotated, Any, TypeVar

from fastapi import Query, Request
from starlette.responses import Response

from carveout.api.problems import Problem
from carveout.engine import Engine, __version__

LONGEST = 400
Cursor = Annotated[str | None, Query(max_length=LONGEST, description="`next` of the page before")]
_T = TypeVar("_T")


def cursor_of(place: str) -> str:
    """The cursor of a place; what it says is nobody's business, so that it may say something else one day."""
    return urlsafe_b64encode(place.encode()).decode().rstrip("=")


def place_of(cursor: str) -> str:
    """The place of a cursor. Raises Problem."""
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        if cursor_of(text := raw.decode()) != cursor or not text:
            raise ValueError
        return text
    except ValueError:
        hint = "take `next` of the page before, as it is"
        raise Problem(422, "bad-parameter", "1 parameter to put right", [("cursor", hint)]) from None


def page_of(found: Sequence[_T], limit: int, name: Callable[[_T], str]) -> tuple[Sequence[_T], str | None]:
    """The first so many of what is left, and the cursor of the next page; None at the end."""
    page = found[:limit]
    return page, cursor_of(name(page[-1])) if len(found) > limit else None


class Unchanged(Exception):
    """The client has what it asks for."""

    def __init__(self, tag: str) -> None:
        self.tag = tag


def unchanged(_: Request, error: Exception) -> Response:
    """The answer to whoever has it already."""
    assert isinstance(error, Unchanged)
    return Response(status_code=304, headers=tag_header(error.tag))


def tag_header(tag: str) -> dict[str, str]:
    """What is asked for again by its tag may be kept for that, and must be asked for."""
    return {"etag": tag, "cache-control": "no-cache"}


def tagged(request: Request, tag: str) -> dict[str, str]:
    """The headers of an answer with a tag. Raises Unchanged where the client has that one."""
    said = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag in said or "*" in said:
        raise Unchanged(tag)
    return tag_header(tag)


def law_tag(engine: Engine) -> Callable[[Request, Response], dict[str, str]]:
    """A dependency: the headers of an answer that hangs on the rule set in force and the address alone."""

    def headers(request: Request, response: Response) -> dict[str, str]:
        made: Any = tagged(request, f'"{sha256(f"{__version__} {engine.rules.fingerprint}".encode()).hexdigest()}"')
        response.headers.update(made)
        return dict(made)

    return headers
