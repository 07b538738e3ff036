"""FollowTheMoney entities as JSON lines, flat or nested: any data set of OpenSanctions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from carveout.engine.parties.lists.entry import (
    AIRCRAFT,
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
    as_printed,
    distinct,
)
from carveout.engine.parties.lists.guard import Content
from carveout.engine.parties.lists.json_stream import objects
from carveout.engine.parties.lists.reading import Reading, only

Entity = dict[str, Any]

_KINDS = {
    "Person": PERSON,
    "Company": ORGANISATION,
    "Organization": ORGANISATION,
    "PublicBody": ORGANISATION,
    "LegalEntity": UNKNOWN,
    "Vessel": VESSEL,
    "Airplane": AIRCRAFT,
    "CryptoWallet": UNKNOWN,
    "Vehicle": UNKNOWN,
    "Asset": UNKNOWN,
    "Security": UNKNOWN,
}
_NAMES = (("name", PRIMARY), ("alias", ALIAS), ("previousName", ALIAS), ("abbreviation", WEAK), ("weakAlias", WEAK))
_NUMBERS = {
    "registration": ("registrationNumber",),  # of an aircraft
    "serial": ("serialNumber",),
    "imo": ("imoNumber",),
    "mmsi": ("mmsi",),
    "call_sign": ("callSign",),
    "lei": ("leiCode",),
    "bic": ("swiftBic",),
    "passport": ("passportNumber",),
    "tax": ("taxNumber", "innCode", "vatCode"),
    "company": ("registrationNumber", "ogrnCode", "kppCode", "dunsCode", "uscCode"),
    "national_id": ("idNumber", "socialSecurityNumber"),
    "wallet": ("publicKey",),
    "security": ("isin", "isinCode"),
}
_COUNTRIES = ("country", "nationality", "citizenship", "jurisdiction", "mainCountry", "flag", "birthCountry")
_LISTED = re.compile(r"^(sanction|export\.control|debarment|role|crime|wanted|poi|reg)")


def read(contents: Sequence[Content]) -> Reading:
    """Reads the file whole; entities that are only linked to a listed one are left out. Raises ListRefused."""
    content = only(contents)
    things: list[Entity] = []
    sanctions: defaultdict[str, list[Entity]] = defaultdict(list)
    addresses: dict[str, Entity] = {}
    rows = 0
    for entity in objects(content):
        rows += 1
        schema = entity.get("schema")
        said = isinstance(entity.get("id"), str) and isinstance(schema, str)
        if not said or not isinstance(entity.get("properties"), dict):
            raise content.refuse(f"line {rows} is no entity with id, schema and properties; fetch it again")
        if schema == "Sanction":
            for owner in _texts(entity, "entity"):
                sanctions[owner].append(entity)
        elif schema == "Address":
            addresses[entity["id"]] = entity
        elif schema in _KINDS:
            things.append(entity)
    entries = [
        entry
        for thing in things
        if thing.get("target") is True or thing["id"] in sanctions or any(map(_LISTED.match, _texts(thing, "topics")))
        for entry in _entries(content, thing, [*sanctions[thing["id"]], *_nested(thing, "sanctions")], addresses)
    ]
    # A file of one data set has a timeline of its own; a collection of several has another.
    data_sets = {entry.list for entry in entries}
    return Reading(data_sets.pop() if len(data_sets) == 1 else "ftm", entries, rows)


def _entries(
    content: Content, thing: Entity, sanctions: Sequence[Entity], addresses: dict[str, Entity]
) -> Iterator[ListEntry]:
    """One entry for each data set that the entity is in."""
    names = [ListedName(text, kind) for key, kind in _NAMES for text in _texts(thing, key)]
    if not names:
        names = [ListedName(str(thing.get("caption") or ""))]
    if not names[0].name:
        if thing.get("schema") != "CryptoWallet":
            raise content.refuse(f"has a listed entity without a name (`{thing['id']}`); fetch it again")
        names = [ListedName(text) for text in _texts(thing, "publicKey")] or [ListedName(thing["id"])]
    # The first name is the one it is called by; the others are spellings of it.
    names = [
        name if place == 0 or name.kind != PRIMARY else ListedName(name.name, ALIAS) for place, name in enumerate(names)
    ]
    kind = _KINDS[str(thing["schema"])]
    places = tuple(_addresses(thing, addresses))
    for data_set in distinct(_strings(thing.get("datasets"))) or ("unnamed",):
        own = [x for x in sanctions if data_set in (_strings(x.get("datasets")) or [data_set])]
        tags = [text for x in own for text in (_texts(x, "programId") or _texts(x, "program"))]
        yield ListEntry(
            list=f"ftm.{data_set}",
            uid=thing["id"],
            kind=kind,
            names=as_printed(names),
            programmes=distinct(tags or _texts(thing, "programId")) or (GENERAL,),
            countries=distinct(code.upper() for key in _COUNTRIES for code in _texts(thing, key)),
            birth_dates=distinct(text[:10] for text in _texts(thing, "birthDate")),
            birth_places=distinct(_texts(thing, "birthPlace")),
            identifiers=tuple(_identifiers(thing, kind)),
            addresses=places,
            listed_on=min(
                (text[:10] for x in own for text in (_texts(x, "startDate") or _texts(x, "listingDate"))), default=""
            ),
            updated_on=str(thing.get("last_change") or "")[:10],
            ends_on=max((text[:10] for x in own for text in _texts(x, "endDate")), default=""),
            remarks="; ".join(distinct([*_texts(thing, "position"), *_texts(thing, "notes")])),
        )


def _identifiers(thing: Entity, kind: str) -> Iterator[Identifier]:
    for name, keys in _NUMBERS.items():
        if name == ("company" if kind == AIRCRAFT else "registration"):
            continue
        for key in keys:
            yield from (Identifier(name, text.removeprefix("IMO").strip(), key) for text in _texts(thing, key))


def _addresses(thing: Entity, known: dict[str, Entity]) -> Iterator[Address]:
    found = [*(known[x] for x in _texts(thing, "addressEntity") if x in known), *_nested(thing, "addressEntity")]
    for place in found:
        text = "".join(_texts(place, "full")[:1]) or ", ".join(_texts(place, "street") + _texts(place, "city"))
        if text:
            yield Address(text, "".join(_texts(place, "city")[:1]), "".join(_texts(place, "country")[:1]).upper())
    if not found:
        yield from (Address(text) for text in _texts(thing, "address"))


def _texts(entity: Entity, key: str) -> tuple[str, ...]:
    return tuple(_strings(entity["properties"].get(key)))


def _nested(entity: Entity, key: str) -> list[Entity]:
    values = entity["properties"].get(key)
    return (
        [x for x in values if isinstance(x, dict) and isinstance(x.get("properties"), dict)]
        if isinstance(values, list)
        else []
    )


def _strings(values: object) -> list[str]:
    several: Iterable[object] = values if isinstance(values, list) else [values]
    return [text for value in several if isinstance(value, str) and (text := value.strip())]
