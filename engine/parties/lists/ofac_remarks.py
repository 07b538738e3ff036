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
# The label ends where its value, which has a digit in it, begins: `Tax ID No. 1234567 (Panama)`.
_NUMBER = re.compile(
    r"^(?:alt\. )?(?P<label>[A-Z][^\d;]{1,80}?) (?P<value>\S*\d\S*(?: [^()\s]+)*?)"
    r"(?: \((?P<country>[^()\d]+)\))?(?: (?:issued|expires|expired) .*)?(?: \(.*)?$"
)
_BEGINS = re.compile(r"^(.*(?:Number|No\.?|Passport|ID|#)) ((?!IMO$)[A-Z-]{1,6})$")
_LETTERS = re.compile(r"^(?:alt\. )?(?P<label>Aircraft Tail Number|SWIFT/BIC|Call Sign) (?P<value>\S+)$")


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
            label, value = _whole(number["label"], number["value"].rstrip(";"))
            if made := identifier(label, value, country):
                found.identifiers.append(made)
                found.countries.append(country)
        elif letters := _LETTERS.match(part):
            found.identifiers += filter(None, [identifier(letters["label"], letters["value"])])
    return found


def _whole(label: str, value: str) -> tuple[str, str]:
    """Label and value, where the value begins with letters: `Registration Number HE 388062`."""
    found = _BEGINS.match(label)
    return (found[1], f"{found[2]} {value}") if found else (label, value)


def _parts(text: str) -> Iterator[str]:
    return (part.strip() for part in _PART.split(text) if part.strip())
