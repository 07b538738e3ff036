"""Canada's consolidated list under the Special Economic Measures Act and the law for victims of corrupt officials."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from carveout.engine.parties.lists.dates import known_date
from carveout.engine.parties.lists.entry import (
    ALIAS,
    ORGANISATION,
    PERSON,
    PRIMARY,
    VESSEL,
    Identifier,
    ListedName,
    ListEntry,
    as_printed,
    distinct,
)
from carveout.engine.parties.lists.guard import Content
from carveout.engine.parties.lists.reading import Reading, only, with_own_uids
from carveout.engine.parties.lists.xml_records import Node, records
from carveout.engine.parties.names import words
from carveout.engine.parties.trade_words import FORMS

LIST = "ca.schedule-1"
_LANGUAGE = re.compile(r"^([A-Z][a-z]+)\s*:\s*")
_SEVERAL = re.compile(r";|\s/\s?|/\s|\s+or\s+(?=[^a-z])|(?<=\S)\s+(?=[A-Z][a-z]+\s?:)")
_KNOWN_AS = re.compile(r"^(.+?) \((?:also|formerly) known as (.+)\)$")
_INITIALS = re.compile(r"\(([A-Z]{5,})\)")


def read(contents: Sequence[Content]) -> Reading:
    """Reads the file whole. Raises ListRefused."""
    content = only(contents)
    entries = [_entry(content, node) for node in records(content, frozenset({"record"})) if node.tag == "record"]
    return Reading(LIST, with_own_uids(entries), len(entries))


def _entry(content: Content, node: Node) -> ListEntry:
    # The names of the fields are `Country` or, since 2025, `Country-Pays`.
    said = {x.tag.partition("-")[0]: " ".join(x.say().split()) for x in node.children if x.tag != "Aliases"}
    aliases = next((x.say() for x in node.children if x.tag.partition("-")[0] == "Aliases"), "")
    person = " ".join(filter(None, (said.get("GivenName"), said.get("LastName"))))
    thing, item, schedule = said.get("EntityOrShip", ""), said.get("Item", ""), said.get("Schedule", "")
    country, number = said.get("Country", ""), said.get("ShipIMONumber", "")
    if not (person or thing) or not country:
        raise content.refuse(f"has a record without name or country (item `{item}`); fetch it again")
    kind = VESSEL if number else ORGANISATION if thing else PERSON
    born = known_date(said.get("DateOfBirthOrShipBuildDate", ""))
    programme = _programme(country)
    return ListEntry(
        list=LIST,
        uid="/".join((programme, schedule or "-", item)),
        kind=kind,
        names=as_printed([ListedName(thing or person, PRIMARY), *_within(thing), *_aliases(aliases, kind)]),
        programmes=(programme,),
        birth_dates=distinct([born]) if kind == PERSON else (),
        identifiers=(Identifier("imo", number, "ShipIMONumber"),) if number else (),
        listed_on=known_date(said.get("DateOfListing", "")),
        remarks=said.get("TitleOrShip", said.get("TitleOrShipType", "")),
        details={"regulations": country, "schedule": schedule},
    )


def _programme(country: str) -> str:
    """The English name of the country whose regulations these are, or the initials of the law."""
    if found := _INITIALS.search(country):
        return found[1]
    return country.split("/")[0].strip()


def _aliases(text: str, kind: str) -> Iterator[ListedName]:
    """Names run together with commas, semicolons, slashes and the names of their languages."""
    for piece in _pieces(" ".join(text.split()), kind):
        named = _LANGUAGE.match(piece)
        name = (piece[named.end() :] if named else piece).strip(" ,").removeprefix("also ")
        if any(map(str.isalpha, name)):
            yield ListedName(name, ALIAS, named[1].casefold() if named else "")


def _pieces(text: str, kind: str) -> list[str]:
    pieces: list[str] = []
    for part in (comma.strip() for piece in _SEVERAL.split(text) for comma in piece.split(",")):
        if kind != PERSON and pieces and _is_form(part):
            pieces[-1] += f", {part}"  # `Ltd.` belongs to the name before the comma
        elif part:
            pieces.append(part)
    return pieces


def _is_form(text: str) -> bool:
    return words(text) in FORMS


def _within(name: str) -> Iterator[ListedName]:
    """The names that one name gives in brackets, and what is left without them."""
    if found := _KNOWN_AS.match(name):
        yield ListedName(found[1].strip(), ALIAS)
        yield from (ListedName(part.strip(), ALIAS) for part in found[2].split(", ") if part.strip())
