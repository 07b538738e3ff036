"""Switzerland's list of sanctioned parties of the State Secretariat for Economic Affairs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product

from carveout.engine.parties.lists.dates import joined, known_date
from carveout.engine.parties.lists.entry import (
    ALIAS,
    GENERAL,
    ORGANISATION,
    PERSON,
    PRIMARY,
    UNKNOWN,
    VESSEL,
    WEAK,
    Address,
    Identifier,
    ListedName,
    ListEntry,
    distinct,
    distinct_names,
)
from carveout.engine.parties.lists.guard import Content
from carveout.engine.parties.lists.identifiers import identifier
from carveout.engine.parties.lists.reading import Reading, only
from carveout.engine.parties.lists.xml_records import Node, records

LIST = "ch.annex"
_KINDS = {"individual": PERSON, "entity": ORGANISATION, "object": UNKNOWN}
_STREET = ("c-o", "address-details", "p-o-box", "zip-code", "location", "area")
_SAID = re.compile(r"(?i)^(.*?(?:number|INN|OGRN|IMO)[^:]*?)\s*:\s*([0-9A-Z][0-9A-Z ./-]{2,}[0-9A-Z])\.?$")
_MOST = 64  # spellings of one name


def read(contents: Sequence[Content]) -> Reading:
    """Reads the file whole; targets that were taken off the list are counted as rows only. Raises ListRefused."""
    content = only(contents)
    sets: dict[str, tuple[str, str]] = {}
    places: dict[str, Node] = {}
    targets: list[Node] = []
    published = ""
    for node in records(content, frozenset({"sanctions-program", "place", "target"})):
        if node.tag == "sanctions-program":
            key = _english(node, "program-key")
            sets |= {x.get("ssid"): (key, _english(node, "sanctions-set")) for x in node.all("sanctions-set")}
        elif node.tag == "place":
            places[node.get("ssid")] = node
        elif node.tag == "target":
            targets.append(node)
        else:
            published = known_date(node.get("date"))
    listed = [target for target in targets if not _taken_off(target)]
    return Reading("ch.seco", [_entry(content, x, sets, places) for x in listed], len(targets), published)


def _taken_off(target: Node) -> bool:
    """Whether the newest change of a target took it off; changes come in no order that is promised."""
    changes = list(target.all("modification"))
    dated = [(x.get("effective-date") or x.get("publication-date"), place) for place, x in enumerate(changes)]
    if not changes:
        return False
    if any(day for day, _ in dated):
        newest = max(day for day, _ in dated)
        last = [changes[place] for day, place in dated if day == newest]
        return all(x.get("modification-type") == "de-listed" for x in last)
    return all(x.get("modification-type") == "de-listed" for x in changes)


def _english(node: Node, tag: str) -> str:
    found = {x.get("lang"): x.say() for x in node.all(tag)}
    return found.get("eng") or next(iter(found.values()), "")


def _entry(content: Content, target: Node, sets: dict[str, tuple[str, str]], places: dict[str, Node]) -> ListEntry:
    uid = target.get("ssid")
    body = next((x for x in target.children if x.tag in _KINDS), None)
    numbers = [*target.says("sanctions-set-id"), *filter(None, [target.get("sanctions-set-id")])]
    if not uid or body is None or any(number not in sets for number in numbers):
        raise content.refuse(f"has a target without kind or with an unknown programme (`{uid}`); fetch it again")
    identities = list(body.all("identity"))
    names = [name for identity in identities for x in identity.all("name") for name in _names(x)]
    if not names:
        raise content.refuse(f"has a target without a name (`{uid}`); fetch it again")
    addresses = [_address(x, places) for identity in identities for x in identity.all("address")]
    births = [_address(x, places) for identity in identities for x in identity.all("place-of-birth")]
    nations = [x.get("iso-code") or x.say() for identity in identities for x in identity.all("nationality", "country")]
    told = [x.say() for x in body.all("other-information")]
    kind = VESSEL if body.get("object-type") == "vessel" else _KINDS[body.tag]
    days = [x for identity in identities for x in identity.all("day-month-year")]
    changes = [
        (x.get("modification-type"), known_date(x.get("effective-date") or x.get("publication-date")))
        for x in target.all("modification")
    ]
    said = {
        "sets": "; ".join(distinct(sets[number][1] for number in numbers)),
        "foreign_number": target.say("foreign-identifier"),
    }
    return ListEntry(
        list=LIST,
        uid=uid,
        kind=kind,
        names=distinct_names(sorted(names, key=lambda name: name.kind != PRIMARY)),
        programmes=distinct(sets[number][0] for number in numbers) or (GENERAL,),
        countries=distinct([*nations, *(x.country for x in addresses)]),
        birth_dates=distinct(map(_day, days)) if kind == PERSON else (),
        birth_places=distinct(x.text for x in births),
        identifiers=tuple(_numbers(identities, told)),
        addresses=tuple(x for x in addresses if x.text),
        listed_on=max((day for word, day in changes if word == "listed"), default=""),
        updated_on=max((day for _, day in changes), default=""),
        remarks="; ".join(distinct([*told, *(x.say() for x in body.all("justification"))])),
        details={key: text for key, text in said.items() if text},
    )


def _names(node: Node) -> Iterator[ListedName]:
    """The name as it is written, and with each part in each of its other spellings, alphabet by alphabet."""
    kind = PRIMARY if node.get("name-type") == "primary-name" else ALIAS
    kind = WEAK if node.get("quality") == "low" else kind
    parts = [x for x in node.all("name-part") if x.get("name-part-type") != "title"]
    parts.sort(key=lambda x: int(x.get("order")) if x.get("order").isdecimal() else 0)
    plain = " ".join(" ".join(x.say("value") for x in parts).split())
    yield ListedName(plain, kind, node.get("lang"))
    scripts = distinct(x.get("script") for part in parts for x in part.all("spelling-variant"))
    for script in scripts or (("",) if any(part.first("spelling-variant") for part in parts) else ()):
        choices = [
            distinct(x.say() for x in part.all("spelling-variant") if x.get("script") == script) or (part.say("value"),)
            for part in parts
        ]
        for count, chosen in enumerate(product(*choices)):
            if count == _MOST:
                break
            spelled = " ".join(" ".join(chosen).split())
            if spelled != plain:
                yield ListedName(spelled, WEAK if kind == WEAK else ALIAS, "", script)


def _day(node: Node) -> str:
    day = joined(node.get("year"), node.get("month"), node.get("day"))
    return day + ("~" if day and node.get("quality") == "low" else "")


def _address(node: Node, places: dict[str, Node]) -> Address:
    place = places.get(node.get("place-id"))
    said = {name: node.say(name) or (place.say(name) if place is not None else "") for name in _STREET}
    country = _country(node) or (_country(place) if place is not None else "")
    return Address(", ".join(filter(None, [*said.values(), country])), said["location"], country)


def _country(node: Node) -> str:
    found = node.first("country")
    return (found.get("iso-code") or found.say()) if found is not None else ""


def _numbers(identities: Sequence[Node], told: Sequence[str]) -> Iterator[Identifier]:
    for identity in identities:
        for paper in identity.all("identification-document"):
            issuer = paper.first("issuer")
            country = (issuer.get("code") or issuer.say()) if issuer is not None else ""
            if found := identifier(paper.get("document-type").replace("-", " "), paper.say("number"), country):
                yield found
    for text in told:
        if (said := _SAID.match(text)) and (found := identifier(said[1], said[2])):
            yield found
