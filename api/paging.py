"""Pages by cursor: what a client sends back is where it was."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar
from urllib.parse import parse_qsl, urlencode

from fastapi import Query, Request

from carveout.api.problems import Problem

LONGEST = 400
Cursor = Annotated[str | None, Query(max_length=LONGEST, description="`next` of the page before")]
MOST_ON_A_PAGE = 200
Limit = Annotated[int, Query(ge=1, le=MOST_ON_A_PAGE, description="so many on a page")]
_T = TypeVar("_T")


def cursor_of(place: str) -> str:
    """The cursor of a place; what it says is nobody's business, so that it may say something else one day."""
    return urlsafe_b64encode(place.encode()).decode().rstrip("=")


def place_of(cursor: str) -> str:
    """The place of a cursor. Raises Problem."""
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        if cursor_of(text := raw.decode()) != cursor or not text.isprintable() or not text:
            raise ValueError
        return text
    except ValueError:
        raise bad_cursor() from None


def bad_cursor() -> Problem:
    """The problem of a cursor that was never given."""
    hint = "take `next` of the page before, as it is"
    return Problem(422, "bad-parameter", "1 parameter to put right", [("cursor", hint)])


def after(found: Sequence[_T], cursor: str | None, name: Callable[[_T], str]) -> Sequence[_T]:
    """What comes after the one that a cursor names. Raises Problem where there is none of that name."""
    if cursor is None:
        return found
    names, place = [name(one) for one in found], place_of(cursor)
    if place not in names:
        raise bad_cursor()
    return found[names.index(place) + 1 :]


def page_of(found: Sequence[_T], limit: int, name: Callable[[_T], str]) -> tuple[Sequence[_T], str | None]:
    """The first so many of what is left, and the cursor of the next page; None at the end."""
    page = found[:limit]
    return page, cursor_of(name(page[-1])) if len(found) > limit else None


def link_to(request: Request, following: str | None) -> dict[str, str]:
    """The header that says where the next page is (RFC 8288), relative to this one; none at the end."""
    if following is None:
        return {}
    asked = parse_qsl(request.scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    stays = [(name, value) for name, value in asked if name != "cursor"]
    return {"link": f'<?{urlencode([*stays, ("cursor", following)])}>; rel="next"'}
