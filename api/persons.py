"""Who is acting: what the gate found out about a request, for the routes that need to know."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Request

from carveout.api.problems import Problem
from carveout.engine.records.people import LOCAL, Person, Role

How = Literal["local", "key", "session"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, and how they showed who they are; `shown` is the id of that key or session."""

    person: Person
    how: How
    shown: str | None = None


HOW = "Send `Authorization: Bearer` with an API key, or sign in at /sign-in."
NOBODY_ENTERED = Actor(LOCAL, "local")
current: ContextVar[Actor | None] = ContextVar("carveout_actor", default=None)
"""Who is acting in this request, for the pages; None: nobody, or not known."""


def actor(request: Request) -> Actor:
    """Who is acting, and how they showed it. Raises Problem if the request did not pass the gate."""
    found = getattr(request.state, "actor", None)
    if not isinstance(found, Actor):
        raise Problem(401, "not-signed-in", HOW)
    return found


def acting(request: Request) -> Person:
    """The acting person (a FastAPI dependency). Raises Problem."""
    return actor(request).person


def person_of(request: Request) -> str:
    """The id of the acting person, as it stands in records. Raises Problem."""
    return actor(request).person.id


def require(request: Request, *roles: Role) -> Person:
    """The acting person, who has one of the roles; for what hangs on more than the route. Raises Problem."""
    person = acting(request)
    if not person.has(*roles):
        raise Problem(403, "not-allowed", f"This needs the role {' or '.join(roles)}.")
    return person


ActingPerson = Annotated[Person, Depends(acting)]
"""For the signature of a route."""
