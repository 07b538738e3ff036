"""Who may use which route: one table. What is not in it is not served, so that a new route is nobody's until it is
entered here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from starlette.routing import compile_path

from carveout.engine.records.people import Role

SCREENER, ANALYST, AUTHOR = Role.SCREENER, Role.ANALYST, Role.AUTHOR
APPROVER, AUDITOR, ADMINISTRATOR = Role.APPROVER, Role.AUDITOR, Role.ADMINISTRATOR


@dataclass(frozen=True, slots=True)
class Right:
    """Who may use a route."""

    roles: frozenset[Role]
    """One of them is needed."""
    everybody: bool = False
    """Open to all, whoever they are."""
    signed_in: bool = False
    """Enough to be somebody, without any role."""


OPEN, SIGNED_IN = Right(frozenset(), everybody=True), Right(frozenset(), signed_in=True)
ANY_ROLE = Right(frozenset(Role))
KNOWN = Right(frozenset(Role), signed_in=True)
"""Whoever has signed in, and whoever sits at a machine where nobody is entered."""
CHECK = Right(frozenset({SCREENER, ANALYST}))
DECIDED = Right(frozenset({SCREENER, ANALYST, APPROVER, AUDITOR}))
ADJUDICATE = Right(frozenset({ANALYST}))
REVIEW = Right(frozenset({ANALYST, AUDITOR}))
PROPOSE = Right(frozenset({AUTHOR}))
CHANGE = Right(frozenset({AUTHOR, APPROVER}))
APPROVE = Right(frozenset({APPROVER}))
AUDIT = Right(frozenset({AUDITOR}))
ADMINISTER = Right(frozenset({ADMINISTRATOR}))
OPERATE = Right(frozenset({ADMINISTRATOR, AUDITOR}))
SEE_PEOPLE = Right(frozenset({ADMINISTRATOR, AUDITOR}))

CLOSE = Right(frozenset({ANALYST, APPROVER}))

_CHANGE = "/v1/changes/{id:uuid}"
_CHANGE_PAGE = "/changes/{id:uuid}"
_OFFER = "/v1/lists/offers/{id:uuid}"
_ALERT, _ALERT_PAGE = "/v1/alerts/{id:uuid}", "/alerts/{id:uuid}"
RIGHTS: dict[str, dict[str, Right]] = {
    # what says nothing about anybody
    "/v1/health": {"GET": OPEN},
    "/v1/openapi.json": {"GET": OPEN},
    "/v1/transaction.schema.json": {"GET": OPEN},
    "/static/{path:path}": {"GET": OPEN},
    "/metrics": {"GET": OPERATE},
    # signing in
    "/sign-in": {"GET": OPEN, "POST": OPEN},
    "/sign-in/link": {"GET": OPEN, "POST": OPEN},
    "/sign-in/openid": {"GET": OPEN},
    "/sign-in/openid/callback": {"GET": OPEN},
    "/sign-out": {"POST": OPEN},
    "/v1/me": {"GET": KNOWN},
    "/v1/keys": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "/v1/keys/{id}": {"DELETE": SIGNED_IN},
    "/v1/people": {"GET": SEE_PEOPLE, "POST": ADMINISTER},
    "/v1/people/{id}": {"GET": SEE_PEOPLE, "PATCH": ADMINISTER},
    "/v1/people/{id}/link": {"POST": ADMINISTER},
    # asking
    "/v1/checks": {"GET": DECIDED, "POST": CHECK},
    "/v1/checks/csv": {"POST": CHECK},
    "/v1/checks/{id:uuid}": {"GET": DECIDED},
    "/v1/checks/{id:uuid}/evidence": {"GET": DECIDED},
    "/v1/checks/{id:uuid}/replay": {"POST": REVIEW},
    "/v1/search": {"GET": DECIDED},
    "/v1/screen": {"POST": CHECK},
    "/v1/adjudications": {"GET": DECIDED, "POST": ADJUDICATE},
    "/v1/adjudications/{id:uuid}": {"GET": DECIDED},
    "/v1/adjudications/{id:uuid}/confirm": {"POST": APPROVE},
    "/v1/adjudications/{id:uuid}/withdraw": {"POST": ADJUDICATE},
    "/v1/audit/head": {"GET": AUDIT},
    "/v1/audit/export": {"GET": AUDIT},
    # the law, and who is listed
    "/v1/rules": {"GET": ANY_ROLE},
    "/v1/rules/{id}": {"GET": ANY_ROLE},
    "/v1/vocabulary": {"GET": ANY_ROLE},
    "/v1/calendar": {"GET": ANY_ROLE},
    "/v1/changes": {"GET": ANY_ROLE, "POST": PROPOSE},
    _CHANGE: {"GET": ANY_ROLE},
    f"{_CHANGE}/files": {"GET": ANY_ROLE},
    f"{_CHANGE}/report": {"GET": ANY_ROLE, "POST": CHANGE},
    f"{_CHANGE}/approve": {"POST": APPROVE},
    f"{_CHANGE}/activate": {"POST": CHANGE},  # an author only in an emergency, which the store sees to
    f"{_CHANGE}/withdraw": {"POST": CHANGE},
    "/v1/lists": {"GET": ANY_ROLE, "POST": ADJUDICATE},
    "/v1/lists/compare": {"GET": ANY_ROLE},
    "/v1/lists/offers": {"GET": ANY_ROLE},
    _OFFER: {"GET": ANY_ROLE},
    f"{_OFFER}/confirm": {"POST": APPROVE},
    f"{_OFFER}/decline": {"POST": CLOSE},
    "/v1/lists/{list}/snapshots": {"GET": ANY_ROLE},
    "/v1/owners": {"GET": DECIDED, "POST": ADJUDICATE},
    "/v1/owners/status": {"GET": ANY_ROLE},
    # what is watched
    "/v1/portfolio": {"GET": DECIDED, "POST": CHECK},
    "/v1/portfolio/{id:uuid}": {"GET": DECIDED},
    "/v1/portfolio/{id:uuid}/close": {"POST": CHECK},
    "/v1/alerts": {"GET": DECIDED},
    _ALERT: {"GET": DECIDED},
    f"{_ALERT}/take": {"POST": ADJUDICATE},
    f"{_ALERT}/close": {"POST": ADJUDICATE},
    f"{_ALERT}/confirm": {"POST": APPROVE},
    f"{_ALERT}/decline": {"POST": CLOSE},
    "/v1/hooks": {"GET": OPERATE, "POST": ADMINISTER},
    "/v1/hooks/{id:uuid}": {"DELETE": ADMINISTER},
    # the pages
    "/": {"GET": ANY_ROLE, "POST": CHECK},
    "/decision": {"POST": CHECK},
    "/rules/{id}": {"GET": ANY_ROLE},
    "/search": {"GET": DECIDED},
    "/changes": {"GET": ANY_ROLE},
    _CHANGE_PAGE: {"GET": ANY_ROLE},
    f"{_CHANGE_PAGE}/report": {"POST": CHANGE},
    f"{_CHANGE_PAGE}/approve": {"POST": APPROVE},
    f"{_CHANGE_PAGE}/activate": {"POST": CHANGE},
    f"{_CHANGE_PAGE}/withdraw": {"POST": CHANGE},
    "/alerts": {"GET": DECIDED},
    _ALERT_PAGE: {"GET": DECIDED},
    f"{_ALERT_PAGE}/take": {"POST": ADJUDICATE},
    f"{_ALERT_PAGE}/close": {"POST": ADJUDICATE},
    f"{_ALERT_PAGE}/confirm": {"POST": APPROVE},
    f"{_ALERT_PAGE}/decline": {"POST": CLOSE},
    "/answers": {"GET": DECIDED, "POST": ADJUDICATE},
    "/answers/{id:uuid}/confirm": {"POST": APPROVE},
    "/answers/{id:uuid}/decline": {"POST": CLOSE},  # what counts only an analyst, which the page sees to
    "/answers/lists/{id:uuid}/confirm": {"POST": APPROVE},
    "/answers/lists/{id:uuid}/decline": {"POST": CLOSE},
    "/people": {"GET": SEE_PEOPLE, "POST": ADMINISTER},
    "/people/{id}": {"GET": SEE_PEOPLE},
    "/people/{id}/roles": {"POST": ADMINISTER},
    "/people/{id}/disable": {"POST": ADMINISTER},
    "/people/{id}/enable": {"POST": ADMINISTER},
    "/people/{id}/keys": {"POST": ADMINISTER},
    "/people/{id}/keys/{key}/revoke": {"POST": ADMINISTER},
    "/timeline": {"GET": ANY_ROLE},
    "/timeline/{subject}": {"GET": ANY_ROLE},
}
"""By path, as the routes have it, and by method; who may GET may HEAD."""

_PATTERNS = [(compile_path(path)[0], path) for path in RIGHTS if "{" in path]


def template_of(path: str) -> str | None:
    """The route that a path of a request belongs to; None: there is none."""
    if path in RIGHTS:
        return path
    return next((template for pattern, template in _PATTERNS if template in RIGHTS and pattern.match(path)), None)


def methods_of(path: str) -> dict[str, Right] | None:
    """The methods that a path of a request is served with, and who may use each; None: there is nothing."""
    template = template_of(path)
    return None if template is None else RIGHTS[template]


def everything() -> Iterator[tuple[str, str, Right]]:
    """Every path with each of its methods."""
    for path, methods in RIGHTS.items():
        for method, right in methods.items():
            yield path, method, right
