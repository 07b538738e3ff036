"""Statements of the Beneficial Ownership Data Standard, versions 0.2, 0.3 and 0.4 (standard.openownership.org).

Read as the schema of each version has it: until 0.3 a statement is of a type and refers to other statements, since 0.4
it is about a record and refers to records.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from carveout.engine.parties.lists.guard import Content
from carveout.engine.parties.lists.json_stream import members, objects
from carveout.engine.parties.registers.interests import KNOWN, type_named
from carveout.engine.parties.registers.statements import (
    Fault,
    Interest,
    PartyStatement,
    Reading,
    Relationship,
    StatementFault,
)
from carveout.engine.parties.registers.values import bounds, day, list_, object_, text

VERSIONS: Final = ("0.2", "0.3", "0.4")
UNREADABLE: Final = "statementUnreadable"
MOST_FAULTS: Final = 1_000
_OLD_TYPES = {
    "entityStatement": "entity",
    "personStatement": "person",
    "ownershipOrControlStatement": "relationship",
}
_GOVERNMENT = frozenset({"state", "stateBody"})
_UNNAMED = frozenset({"anonymousPerson", "unknownPerson", "anonymousEntity", "unknownEntity"})


def looks_like_bods(head: bytes) -> bool:
    """Is it JSON that speaks of statements?"""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return start in (b"[", b"{")


def read_bods(content: Content) -> Reading:
    """All statements of a file: an array, an object with an array of them, or JSON lines. Raises ListRefused."""
    reading = Reading("BODS", content.digest)
    versions: dict[str, None] = {}
    for place, raw in _statements(content):
        reading.read += 1
        if reading.read > content.limits.entries:
            raise content.refuse(f"has more than {content.limits.entries:,} statements: split it")
        try:
            _read_statement(raw, reading, versions)
        except StatementFault as fault:
            _keep_fault(reading, raw, place, str(fault))
            if len(reading.faults) > MOST_FAULTS:
                raise content.refuse(
                    f"has more than {MOST_FAULTS:,} broken statements (the first: {reading.faults[0]}); fetch it again"
                ) from None
    if not reading.parties and not reading.relationships:
        first = f" (the first: {reading.faults[0]})" if reading.faults else ""
        raise content.refuse(f"holds no statement that can be read{first}")
    reading.format = "BODS " + ", ".join(sorted(versions)) if versions else "BODS"
    return reading


def _statements(content: Content) -> Iterator[tuple[str, Any]]:
    start = content.head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"{" and _is_lines(content):
        for number, each in enumerate(objects(content), 1):
            yield f"line {number}", each
        return
    number = 0
    for name, each in members(content):
        if name == "" or (isinstance(each, dict) and ("statementID" in each or "statementId" in each)):
            number += 1
            yield f"statement {number}", each
        elif name in ("statementGroups", "beneficialOwnershipStatements"):
            raise content.refuse("is of version 0.1 of the standard: convert it to 0.2 or later")


def _is_lines(content: Content) -> bool:
    """Is the first line a statement by itself?"""
    first, ends, _ = content.head.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")
    if not ends and len(content.head) == 1 << 16:  # a line longer than what was read of it
        return b'"statementI' in first.partition(b"[")[0]
    try:
        one = json.loads(first)
    except (ValueError, RecursionError):
        return False
    return isinstance(one, dict) and ("statementId" in one or "statementID" in one)


def _read_statement(raw: Any, reading: Reading, versions: dict[str, None]) -> None:
    statement = object_(raw, "statement")
    if not statement:
        raise StatementFault("is empty")
    publication = object_(statement.get("publicationDetails"), "publicationDetails")
    version = text(publication.get("bodsVersion"), "publicationDetails.bodsVersion")
    published = day(publication.get("publicationDate"), "publicationDetails.publicationDate")
    if annotations := list_(statement.get("annotations"), "annotations"):
        reading.left_out["annotation"] += len(annotations)
    new = "recordType" in statement or "recordDetails" in statement
    version = version or ("0.4" if new else "0.2")
    if not version.startswith(VERSIONS):
        raise StatementFault(f"version `{version[:20]}` of the standard is not read ({', '.join(VERSIONS)} are)")
    kind = (
        text(statement.get("recordType"), "recordType", needed=True)
        if new
        else _OLD_TYPES.get(text(statement.get("statementType"), "statementType", needed=True), "")
    )
    if kind in ("entity", "person"):
        reading.parties.append(_party(statement, kind, new, published))
    elif kind == "relationship":
        relationship = _relationship(statement, new, published)
        reading.relationships.append(relationship)
        for interest in relationship.interests:
            if interest.type not in KNOWN:
                reading.left_out[f"unknown type of interest, counted as open: {interest.type[:40] or 'none'}"] += 1
    else:
        raise StatementFault("is neither about an entity, a person nor a relationship")
    versions[version[:3]] = None
    if published is not None and (reading.newest is None or published > reading.newest):
        reading.newest = published
    if not reading.publisher:
        publisher = object_(publication.get("publisher"), "publicationDetails.publisher")
        reading.publisher = text(publisher.get("name"), "publisher.name")[:200]


def _keep_fault(reading: Reading, raw: Any, place: str, message: str) -> None:
    """A broken relationship whose subject can be read leaves that subject with owners nobody knows."""
    reading.faults.append(Fault(place, message))
    if not isinstance(raw, dict):
        return
    details = raw.get("recordDetails") if isinstance(raw.get("recordDetails"), dict) else raw
    held = details.get("subject") if isinstance(details, dict) else None
    if isinstance(held, dict):
        held = held.get("describedByEntityStatement")
    if isinstance(held, str) and 0 < len(held.strip()) <= 200:
        id = f"unreadable {place}"
        reading.relationships.append(Relationship(id, id, held.strip(), None, UNREADABLE))


def _identity(statement: dict[str, Any], new: bool) -> tuple[str, str]:
    id = text(statement.get("statementId", statement.get("statementID")), "statementId", needed=True)
    return id, text(statement.get("recordId"), "recordId", needed=True) if new else id


def _replaces(statement: dict[str, Any]) -> tuple[str, ...]:
    ids = [*list_(statement.get("replacesStatements"), "replacesStatements")]
    if statement.get("replacesStatement") is not None:
        ids.append(statement["replacesStatement"])
    return tuple(text(each, "replacesStatements", needed=True) for each in ids)


def _party(statement: dict[str, Any], kind: str, new: bool, published: Any) -> PartyStatement:
    id, record = _identity(statement, new)
    details = object_(statement.get("recordDetails"), "recordDetails") if new else statement
    kind_of = details.get("personType" if kind == "person" else "entityType")
    if isinstance(kind_of, dict):
        kind_of = kind_of.get("type")
    sort = text(kind_of, "personType" if kind == "person" else "entityType")
    return PartyStatement(
        id=id,
        record=record,
        kind="person" if kind == "person" else "government" if sort in _GOVERNMENT else "organisation",
        names=tuple(dict.fromkeys(_names(details, kind))),
        countries=tuple(dict.fromkeys(_countries(details, kind))),
        identifiers=tuple(dict.fromkeys(_identifiers(details))),
        known=sort not in _UNNAMED,
        arrangement=sort == "arrangement",
        dated=day(statement.get("statementDate"), "statementDate") or published,
        replaces=_replaces(statement),
    )


def _names(details: dict[str, Any], kind: str) -> Iterator[str]:
    if kind == "entity" and (single := text(details.get("name"), "name")):
        yield single
    for entry in list_(details.get("names"), "names", 200):
        name = object_(entry, "names")
        if full := text(name.get("fullName"), "names.fullName"):
            yield full
        else:
            parts = (text(name.get(key), f"names.{key}") for key in ("givenName", "patronymicName", "familyName"))
            if joined := " ".join(part for part in parts if part):
                yield joined
    for other in list_(details.get("alternateNames"), "alternateNames", 200):
        if also := text(other, "alternateNames"):
            yield also


def _countries(details: dict[str, Any], kind: str) -> Iterator[str]:
    """Where an entity is incorporated; of a person, the nationalities."""
    places: Iterable[Any] = (
        list_(details.get("nationalities"), "nationalities")
        if kind == "person"
        else (details.get("jurisdiction"), details.get("incorporatedInJurisdiction"))
    )
    for place in places:
        code = text(place if isinstance(place, str) else object_(place, "country").get("code"), "country.code").upper()
        if code:
            yield code.split("-")[0]


def _identifiers(details: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for entry in list_(details.get("identifiers"), "identifiers", 200):
        identifier = object_(entry, "identifiers")
        number = text(identifier.get("id"), "identifiers.id")
        scheme = text(identifier.get("scheme"), "identifiers.scheme")
        scheme = scheme or text(identifier.get("schemeName"), "identifiers.schemeName")
        if number and scheme:
            yield scheme.upper(), number


def _relationship(statement: dict[str, Any], new: bool, published: Any) -> Relationship:
    id, record = _identity(statement, new)
    details = object_(statement.get("recordDetails"), "recordDetails") if new else statement
    held = details.get("subject")
    if isinstance(held, dict):
        held = held.get("describedByEntityStatement")
    holder, reason = _holder(details.get("interestedParty"), new)
    component_lists = (details.get("componentRecords"), details.get("componentStatementIDs"))
    status = text(statement.get("recordStatus"), "recordStatus")
    if status and status not in ("new", "updated", "closed"):
        raise StatementFault(f"`recordStatus`: `{status[:40]}` is none of new, updated, closed")
    return Relationship(
        id=id,
        record=record,
        held=text(held, "subject", needed=True),
        holder=holder,
        reason=reason,
        interests=tuple(_interest(object_(each, "interests")) for each in list_(details.get("interests"), "interests")),
        dated=day(statement.get("statementDate"), "statementDate") or published,
        closed=status == "closed",
        replaces=_replaces(statement),
        components=any(list_(each, "componentRecords", 100_000) for each in component_lists),
    )


def _holder(party: Any, new: bool) -> tuple[str | None, str]:
    if isinstance(party, str):
        return text(party, "interestedParty", needed=True), ""
    found = object_(party, "interestedParty")
    for key in ("describedByEntityStatement", "describedByPersonStatement"):
        if found.get(key) is not None:
            return text(found[key], f"interestedParty.{key}", needed=True), ""
    unspecified = found if new else object_(found.get("unspecified"), "interestedParty.unspecified")
    if not unspecified:
        raise StatementFault("`interestedParty` says neither who it is nor why that is not said")
    return None, type_named(text(unspecified.get("reason"), "interestedParty.reason", needed=True))


def _interest(raw: dict[str, Any]) -> Interest:
    low, high, stated = bounds(object_(raw.get("share"), "share"))
    direct = text(raw.get("directOrIndirect", raw.get("interestLevel")), "directOrIndirect")
    since, until = day(raw.get("startDate"), "startDate"), day(raw.get("endDate"), "endDate")
    if since is not None and until is not None and until < since:
        raise StatementFault(f"`endDate` {until} lies before `startDate` {since}")
    return Interest(
        type=type_named(text(raw.get("type"), "type")),
        low=low,
        high=high,
        stated=stated,
        direct=direct if direct in ("direct", "indirect") else "unknown",
        since=since,
        until=until,
    )


__all__ = ["UNREADABLE", "looks_like_bods", "read_bods"]
