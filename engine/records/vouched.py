"""Whom an OpenID provider vouches for: entered at their first sign-in, with the roles that their groups have."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from carveout.engine.records.people import LONGEST_NAME, RESERVED, People, PeopleFault, Person, Role
from carveout.engine.records.store import SYSTEM, Store

LONGEST_HANDLE = 50
MOST_TRIES = 100


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody, as a provider knows them."""

    issuer: str
    subject: str
    name: str
    handle: str
    """What they are called there; an id is made of it."""


def admitted(store: Store, who: Claim, roles: Iterable[Role] | None) -> Person:
    """The person whom a provider means, who has exactly these roles from now on; None: those given here by hand.

    Whoever was never here is entered if they have a role. Raises PeopleFault for whom nothing is given to, and who is
    disabled.
    """
    people, wanted = People(store), None if roles is None else frozenset(roles)
    person = people.of_subject(who.issuer, who.subject)
    if person is None:
        if not wanted:
            raise PeopleFault(
                f"no role is given to you here: an administrator enters you, as `{who.subject[:100]}` of {who.issuer}, "
                "or gives your group a role"
            )
        return _entered(people, who, wanted)
    if person.disabled is not None:
        raise PeopleFault("you are disabled here: ask an administrator")
    if wanted is not None and wanted != person.roles:
        person = people.set_roles(person.id, wanted, SYSTEM)
    if not person.roles:
        raise PeopleFault("no role is given to you here any more: ask an administrator")
    return person


def _entered(people: People, who: Claim, roles: frozenset[Role]) -> Person:
    name = "".join(letter for letter in who.name if letter.isprintable()).strip()[:LONGEST_NAME]
    for id in _ids(who.handle):
        try:
            return people.add(id, name or id, roles, SYSTEM, issuer=who.issuer, subject=who.subject)
        except PeopleFault:
            found = people.of_subject(who.issuer, who.subject)
            if found is not None:  # who signed in twice at once
                return found
            if not any(person.id == id for person in people.all()):
                raise  # it is not for the id
    raise PeopleFault("no id can be made for you: have yourself entered by an administrator")


def _ids(handle: str) -> Iterable[str]:
    """Ids to try: the handle in plain letters, then with numbers."""
    plain = unicodedata.normalize("NFKD", handle).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9._-]+", "-", plain).strip("-._")[:LONGEST_HANDLE] or "somebody"
    if base not in RESERVED:
        yield base
    yield from (f"{base}-{number}" for number in range(2, MOST_TRIES))
