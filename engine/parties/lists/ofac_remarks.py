"""The remarks of OFAC's CSV files: birth dates, numbers and weak aliases, which the files have nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from carveout.engine.parties.lists.dates import known_date
from carveout.engine.parties.lists.entry import WEAK, Identifier, ListedName
from carveout.engine.parties.lists.identifiers import identifier

_PART = re.compile(r";\s+|\.\s*$")
_NAMED = re.compile(r"^(?:alt\. )?(?:a\.k\.a\.|f\.k\.a\.|n\.k\.a\.) '(.+)'$")
_BORN = re.compile(r"^(?:alt\. )?DOB (.+)$")
_PLACE = re.compile(r"^(?:alt\. )?POB (.+)$")
_OF = re.compile(r"^(?:alt\. )?(?:nationality|citizen|Vessel Flag|Flag of) (.+)$")
# The label ends where its value, which has a digit in it, begins: `Tax ID No. 600390798 (Belarus)`.
_NUMBER = re.compile(
    r"^(?:alt\. )?(?P<label>[A-Z][A-Za-z'()/.,# -]*?(?:No\.?|Number|Identification|Passport|\(MSN\)|F/N\)|#|BIC|MMSI|ID"
    r"|C\.U\.R\.P\.|R\.F\.C\.|D\.N\.I\.|IMO|LEI|BIK \(RU\)|Code \(USCC\)|ISIN|SSN|License|C\.R\."
    r"|Currency Address - [A-Z]+))"
    r" (?P<value>\S.*?)(?: \((?P<country>[A-Z][^()\d]+)\))?(?: (?:issued|expires|expired) .*)?(?: \([^)]*\))*$"
)


@dataclass(slots=True)
class Remarks:
    """What the remarks say."""

    names: list[ListedName] = field(default_factory=list)
    birth_dates: list[str] = field(default_factory=list)
    birth_places: list[str] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    identifiers: list[Identifier] = field(default_factory=list)
    features: list[tuple[str, str]] = field(default_factory=list)


def read_remarks(text: str) -> Remarks:
    """Takes remarks apart; what is in no known form is left in the text."""
    found = Remarks()
    for part in _parts(text):
        if named := _NAMED.match(part):
            found.names.append(ListedName(named[1], WEAK))
        elif born := _BORN.match(part):
            found.birth_dates.append(known_date(born[1]))
        elif place := _PLACE.match(part):
            found.birth_places.append(place[1])
        elif of := _OF.match(part):
            found.countries.append(of[1])
        elif "Directive" in part:
            found.features.append((part, part))
        elif number := _NUMBER.match(part):
            country = number["country"] or ""
            if made := identifier(number["label"], number["value"], country):
                found.identifiers.append(made)
                found.countries.append(country)
    return found


def _parts(text: str) -> Iterator[str]:
    return (part.strip() for part in _PART.split(text) if part.strip())
