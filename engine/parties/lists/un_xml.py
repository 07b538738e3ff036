"""The consolidated list of the United Nations Security Council."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from carveout.engine.parties.lists.dates import known_date
from carveout.engine.parties.lists.entry import (
    ALIAS,
    GENERAL,
    ORGANISATION,
    PERSON,
    PRIMARY,
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

LIST = "un.security-council"
_KINDS = {"INDIVIDUAL": PERSON, "ENTITY": ORGANISATION}
_PARTS = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_STREET = ("STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE", "COUNTRY")


def read(contents: Sequence[Content]) -> Reading:
    """Reads the file whole. Raises ListRefused."""
    content = only(contents)
    published, entries = "", []
    for node in records(content, frozenset(_KINDS)):
        if node.tag in _KINDS:
            entries.append(_entry(content, node))
        else:
            published = known_date(node.get("dateGenerated"))
    return Reading(LIST, entries, len(entries), published)


def _entry(content: Content, node: Node) -> ListEntry:
    uid = node.say("REFERENCE_NUMBER") or node.say("DATAID")
    name = _joined(node, _PARTS)
    if not uid or not name:
        raise content.refuse(f"has an entry without number or name (`{uid or name}`); fetch it again")
    part = node.tag
    addresses = tuple(
        Address(text, x.say("CITY"), x.say("COUNTRY"))
        for x in node.all(f"{part}_ADDRESS")
        if (text := ", ".join(filter(None, (x.say(name) for name in _STREET))))
    )
    identifiers = tuple(found for x in node.all("INDIVIDUAL_DOCUMENT") if (found := _number(x)))
    births = [x.say("COUNTRY") for x in node.all("INDIVIDUAL_PLACE_OF_BIRTH")]
    return ListEntry(
        list=LIST,
        uid=uid,
        kind=_KINDS[part],
        names=as_printed([ListedName(name, PRIMARY), *_aliases(node)]),
        programmes=distinct([node.say("UN_LIST_TYPE")]) or (GENERAL,),
        countries=distinct([*node.says("NATIONALITY", "VALUE"), *(address.country for address in addresses), *births]),
        birth_dates=distinct(map(_birth, node.all("INDIVIDUAL_DATE_OF_BIRTH"))),
        birth_places=distinct(
            ", ".join(filter(None, (x.say("CITY"), x.say("STATE_PROVINCE"), x.say("COUNTRY"))))
            for x in node.all("INDIVIDUAL_PLACE_OF_BIRTH")
        ),
        identifiers=identifiers,
        addresses=addresses,
        listed_on=known_date(node.say("LISTED_ON")),
        updated_on=max(map(known_date, node.says("LAST_DAY_UPDATED", "VALUE")), default=""),
        remarks="; ".join(
            distinct([*node.says("TITLE", "VALUE"), *node.says("DESIGNATION", "VALUE"), node.say("COMMENTS1")])
        ),
    )


def _joined(node: Node, parts: Sequence[str]) -> str:
    return " ".join(" ".join(node.say(part) for part in parts).split())


def _aliases(node: Node) -> Iterator[ListedName]:
    if script := node.say("NAME_ORIGINAL_SCRIPT"):
        yield ListedName(" ".join(script.split()), ALIAS)
    for alias in node.all(f"{node.tag}_ALIAS"):
        kind = WEAK if alias.say("QUALITY").casefold() == "low" else ALIAS
        # Some cells hold several names.
        for name in alias.say("ALIAS_NAME").split(";"):
            yield ListedName(" ".join(name.split()), kind)


def _birth(node: Node) -> str:
    if node.say("FROM_YEAR"):
        return "/".join(distinct([node.say("FROM_YEAR"), node.say("TO_YEAR")]))
    about = node.say("TYPE_OF_DATE") == "APPROXIMATELY"
    day = known_date(node.say("DATE") or node.say("YEAR"))
    return day + ("~" if day and about else "")


def _number(node: Node) -> Identifier | None:
    label = " ".join((node.say("TYPE_OF_DOCUMENT") or node.say("TYPE_OF_DOCUMENT2")).split())
    country = node.say("ISSUING_COUNTRY") or node.say("COUNTRY_OF_ISSUE")
    number = node.say("NUMBER")
    passport = "passport" if label.casefold().startswith(("numéro de pass", "número de pas")) else ""
    found = identifier(passport or label, number, country)
    return found or (Identifier("other", number, label, country) if number else None)
