"""What the British lists have in common: names in six parts, rows grouped by a number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from carveout.engine.parties.lists.entry import (
    ALIAS,
    ORGANISATION,
    PERSON,
    PRIMARY,
    UNKNOWN,
    VESSEL,
    WEAK,
    Address,
    ListedName,
    distinct,
)

LIST = "uk.sanctions-list"
FREEZE = "asset-freeze"
KINDS = {"individual": PERSON, "entity": ORGANISATION, "ship": VESSEL}
_COUNTED = re.compile(r"\(\d+\)|(?:^|\s)\d+\)\s")

_PERSON, _SHIP = ("IndividualDetails", "Individual"), ("ShipDetails", "Ship")
XML_PATHS: Mapping[str, tuple[str, ...]] = {
    "Last Updated": ("LastUpdated",),
    "OFSI Group ID": ("OFSIGroupID",),
    "UN Reference Number": ("UNReferenceNumber",),
    "Regime Name": ("RegimeName",),
    "Designation Type": ("IndividualEntityShip",),
    "Sanctions Imposed": ("SanctionsImposed",),
    "Other Information": ("OtherInformation",),
    "Date Designated": ("DateDesignated",),
    "D.O.B": (*_PERSON, "DOBs", "DOB"),
    "Nationality(/ies)": (*_PERSON, "Nationalities", "Nationality"),
    "National Identifier number": (
        *_PERSON,
        "NationalIdentifierDetails",
        "NationalIdentifier",
        "NationalIdentifierNumber",
    ),
    "Passport number": (*_PERSON, "PassportDetails", "Passport", "PassportNumber"),
    "Position": (*_PERSON, "Positions", "Position"),
    "Town of birth": (*_PERSON, "BirthDetails", "Location", "TownOfBirth"),
    "Country of birth": (*_PERSON, "BirthDetails", "Location", "CountryOfBirth"),
    "Business registration number (s)": (
        "EntityDetails",
        "Entity",
        "BusinessRegistrationNumbers",
        "BusinessRegistrationNumber",
    ),
    "IMO number": (*_SHIP, "IMONumbers", "IMONumber"),
    "Current believed flag of ship": (*_SHIP, "CurrentBelievedFlagOfShips", "CurrentBelievedFlagOfShip"),
}
"""Where the XML form of the UK Sanctions List has what its tables have in a column."""


def kind_of(word: str) -> str:
    """Our kind for the list's."""
    return KINDS.get(word.casefold(), UNKNOWN)


def name_of(say: Callable[[str], str]) -> str:
    """The name in its spoken order: Name 6 is the family name, or the whole."""
    return " ".join(" ".join(say(f"Name {part}") for part in (1, 2, 3, 4, 5, 6)).split())


def name_kind(word: str, strength: str) -> str:
    """Whether a name is primary, an alias or a weak one."""
    word = word.casefold()
    if "low" in strength.casefold():
        return WEAK
    return PRIMARY if word in ("primary name", "prime alias") else ALIAS


def primary_first(names: Iterable[ListedName]) -> list[ListedName]:
    """The names, the primary ones before the others."""
    return sorted(names, key=lambda name: name.kind != PRIMARY)


def address_of(lines: Iterable[str], code: str, country: str) -> tuple[Address, ...]:
    """The address on a row, if there is one; its last line is the town."""
    written = [line for line in lines if line]
    text = ", ".join(filter(None, (*written, code, country)))
    return (Address(text, written[-1] if written else "", country),) if text else ()


def counted(cell: str) -> tuple[str, ...]:
    """The values in a cell that numbers them, `(1) Iran (2) Iraq`."""
    return distinct(part.strip(" .;") for part in _COUNTED.split(cell))


def measures(cell: str) -> tuple[str, ...]:
    """The programmes that the measures imposed are, `Asset freeze|Technical assistance related to aircraft`."""
    words = (part.casefold().replace(" related to ", " ") for part in re.split(r"[|;]", cell))
    return distinct(re.sub(r"[^a-z0-9]+", "-", part).strip("-") for part in words)
