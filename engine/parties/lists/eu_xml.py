"""The consolidated financial sanctions list of the European Union, XML 1.0 and 1.1."""

from __future__ import annotations

from collections.abc import Sequence

from carveout.engine.parties.lists.dates import joined, known_date
from carveout.engine.parties.lists.entry import (
    ALIAS,
    GENERAL,
    ORGANISATION,
    PERSON,
    PRIMARY,
    UNKNOWN,
    WEAK,
    Address,
    Identifier,
    ListedName,
    ListEntry,
    as_printed,
    distinct,
)
from carveout.engine.parties.lists.guard import Content
from carveout.engine.parties.lists.identifiers import identifier
from carveout.engine.parties.lists.reading import Reading, only
from carveout.engine.parties.lists.xml_records import Node, records

LIST = "eu.annex-i"
_KINDS = {"person": PERSON, "P": PERSON, "enterprise": ORGANISATION, "E": ORGANISATION}
_STREET = ("street", "poBox", "zipCode", "city", "place", "region", "countryDescription")
_NOWHERE = "00"  # the list's code for an unknown country


def read(contents: Sequence[Content]) -> Reading:
    """Reads the file whole. Raises ListRefused."""
    content = only(contents)
    published, entries = "", []
    for node in records(content, frozenset({"sanctionEntity"})):
        if node.tag == "export":
            published = known_date(node.get("generationDate"))
        else:
            entries.append(_entry(content, node))
    return Reading("eu.fsf", entries, len(entries), published)


def _entry(content: Content, node: Node) -> ListEntry:
    reference = node.get("euReferenceNumber") or node.get("logicalId")
    names = list(_names(node))
    if not reference or not names:
        raise content.refuse(f"has an entity without reference or name (`{reference}`); fetch it again")
    code = next((x.get("code") or x.get("classificationCode") for x in node.all("subjectType")), "")
    regulations = list(node.all("regulation"))
    identifiers = tuple(found for x in node.all("identification") if (found := _number(x)))
    addresses = tuple(address for x in node.all("address") if (address := _address(x)).text)
    countries = [
        _country(x) for tag in ("citizenship", "address", "birthdate", "identification") for x in node.all(tag)
    ]
    births = list(node.all("birthdate"))
    programmes = distinct(x.get("programme") for x in regulations) or (GENERAL,)
    titles = [x.get("numberTitle") for x in regulations]
    return ListEntry(
        list=LIST,
        # One entity is listed twice where two programmes name it, each under a regulation of its own.
        uid="/".join((reference, *programmes)),
        kind=_KINDS.get(code, UNKNOWN),
        names=as_printed(names),
        programmes=programmes,
        countries=distinct(countries),
        birth_dates=distinct(map(_birth, births)),
        birth_places=distinct(", ".join(distinct([x.get("city"), x.get("place"), x.get("region")])) for x in births),
        identifiers=identifiers,
        addresses=addresses,
        listed_on=known_date(node.get("designationDate") or _first_day(regulations)),
        updated_on=known_date(max((x.get("publicationDate") for x in regulations), default="")),
        remarks="; ".join(distinct([*node.says("remark"), *(x.get("function") for x in node.all("nameAlias"))])),
        details={
            key: text
            for key, text in (
                ("regulation", "; ".join(distinct(titles))),
                ("un_number", node.get("unitedNationId")),
                ("logical_id", node.get("logicalId")),
            )
            if text
        },
    )


def _first_day(regulations: Sequence[Node]) -> str:
    return min((day for x in regulations if (day := x.get("entryIntoForceDate"))), default="")


def _names(node: Node) -> list[ListedName]:
    found: list[ListedName] = []
    for alias in node.all("nameAlias"):
        parts = (alias.get("firstName"), alias.get("middleName"), alias.get("lastName"))
        name = alias.get("wholeName") or " ".join(filter(None, parts))
        kind = WEAK if alias.get("strong") == "false" else ALIAS if found else PRIMARY
        found.append(ListedName(" ".join(name.split()), kind, alias.get("nameLanguage").casefold()))
    return found


def _birth(node: Node) -> str:
    whole = node.get("birthdate") or joined(node.get("year"), node.get("monthOfYear"), node.get("dayOfMonth"))
    if first := node.get("yearRangeFrom"):
        whole = "/".join(distinct([first, node.get("yearRangeTo")]))
    about = node.get("circa") == "true" and "/" not in whole
    return known_date(whole) + ("~" if whole and about else "")


def _country(node: Node) -> str:
    code = node.get("countryIso2Code")
    return "" if code == _NOWHERE else code or node.get("countryDescription").title()


def _address(node: Node) -> Address:
    said = {name: node.get(name) for name in _STREET}
    if node.get("countryIso2Code") == _NOWHERE:
        said["countryDescription"] = ""
    return Address(", ".join(filter(None, said.values())), said["city"], _country(node))


def _number(node: Node) -> Identifier | None:
    label = node.get("identificationTypeDescription") or node.get("identificationTypeCode")
    number = node.get("number") or node.get("latinNumber")
    code = node.get("identificationTypeCode")
    found = identifier(code, number, _country(node)) or identifier(label, number, _country(node))
    return found or (Identifier("other", number, label, _country(node)) if number else None)
