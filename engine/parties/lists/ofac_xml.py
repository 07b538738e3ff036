"""OFAC's SDN.XML and its non-SDN twin CONSOLIDATED.XML."""

from __future__ import annotations

from collections.abc import Sequence

from carveout.engine.parties.lists import ofac
from carveout.engine.parties.lists.dates import known_date
from carveout.engine.parties.lists.entry import (
    ALIAS,
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

_STREET = ("address1", "address2", "address3", "city", "stateOrProvince", "postalCode", "country")


def read(contents: Sequence[Content]) -> Reading:
    """Reads the file whole. Raises ListRefused."""
    content = only(contents)
    published, declared, entries = "", None, []
    for node in records(content, frozenset({"sdnEntry", "publshInformation"})):
        if node.tag == "publshInformation":
            published = known_date(node.say("Publish_Date"), month_first=True)
            declared = int(node.say("Record_Count")) if node.say("Record_Count").isdecimal() else None
        elif node.tag == "sdnEntry":
            entries.append(_entry(content, node))
    publication, entries = ofac.sorted_out(entries)
    return Reading(publication, entries, len(entries), published, declared)


def _entry(content: Content, node: Node) -> ListEntry:
    uid = node.say("uid")
    if not uid or not node.say("lastName"):
        raise content.refuse(f"has an entry without uid or name (uid `{uid}`); fetch it again")
    numbers = [
        (x.say("idType"), x.say("idNumber"), x.say("idCountry")) for x in node.all("idList", "id") if x.say("idType")
    ]
    kind = ofac.kind_of(node.say("sdnType"))
    names = [ListedName(_name(node), PRIMARY)]
    names += [
        ListedName(_name(aka), WEAK if aka.say("category") == "weak" else ALIAS) for aka in node.all("akaList", "aka")
    ]
    identifiers = [found for found in (identifier(*number) for number in numbers) if found]
    vessel = node.first("vesselInfo")
    if vessel is not None and vessel.say("callSign"):
        identifiers.append(Identifier("call_sign", vessel.say("callSign"), "Vessel Call Sign"))
    addresses = tuple(
        Address(", ".join(filter(None, map(x.say, _STREET))), x.say("city"), x.say("country"))
        for x in node.all("addressList", "address")
    )
    countries = [
        *(address.country for address in addresses),
        *node.says("nationalityList", "nationality", "country"),
        *node.says("citizenshipList", "citizenship", "country"),
        *(vessel.says("vesselFlag") if vessel is not None else ()),
        *(found.country for found in identifiers),
    ]
    births = node.says("dateOfBirthList", "dateOfBirthItem", "dateOfBirth")
    return ofac.with_registration(
        ListEntry(
            list=ofac.SDN,
            uid=uid,
            kind=kind,
            names=as_printed(names),
            programmes=ofac.programmes(node.says("programList", "program"), [number[:2] for number in numbers]),
            countries=distinct(countries),
            birth_dates=distinct(map(known_date, births)) if kind == PERSON else (),
            birth_places=distinct(node.says("placeOfBirthList", "placeOfBirthItem", "placeOfBirth")),
            identifiers=tuple(identifiers),
            addresses=addresses,
            remarks="; ".join(distinct([node.say("title"), node.say("remarks"), *_said(numbers)])),
        )
    )


def _name(node: Node) -> str:
    return ", ".join(filter(None, (node.say("lastName"), node.say("firstName"))))


def _said(numbers: Sequence[tuple[str, str, str]]) -> list[str]:
    """What stands among the numbers and is none."""
    return [f"{label} {value}" for label, value, _ in numbers if identifier(label, value) is None]
