"""One entry of an official list, in one shape for all formats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

PERSON, ORGANISATION, VESSEL, AIRCRAFT, UNKNOWN = "person", "organisation", "vessel", "aircraft", "unknown"
PRIMARY, ALIAS, WEAK = "primary", "alias", "weak"
GENERAL = "general"
"""The programme of a list that names none."""

_NO_DETAILS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ListedName:
    """A name as the list prints it."""

    name: str
    kind: str = PRIMARY  # primary | alias | weak
    language: str = ""  # as the list says it, in small letters
    script: str = ""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number that says who it is: its kind in our words, its label in the list's."""

    kind: str
    value: str
    label: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """An address, or what the list knows of one."""

    text: str
    city: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class ListEntry:
    """Who or what is on a list, and under which programmes.

    Countries are as the list writes them (a code or a name). A birth date is as much of YYYY-MM-DD as is known, `~`
    after it if approximate, two with `/` between for a span; what cannot be read so is kept as it is written.
    """

    list: str
    uid: str
    kind: str
    names: tuple[ListedName, ...]
    programmes: tuple[str, ...] = (GENERAL,)
    countries: tuple[str, ...] = ()
    birth_dates: tuple[str, ...] = ()
    birth_places: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    addresses: tuple[Address, ...] = ()
    listed_on: str = ""
    updated_on: str = ""
    ends_on: str = ""
    remarks: str = ""
    details: Mapping[str, str] = field(default_factory=lambda: _NO_DETAILS)

    @property
    def statuses(self) -> tuple[str, ...]:
        """The statuses that the entry gives, `LIST/PROGRAMME`."""
        return tuple(f"{self.list}/{programme}" for programme in self.programmes)


@dataclass(frozen=True, slots=True)
class ListFile:
    """A file of an official list, read whole."""

    format: str
    publication: str  # us.ofac.sdn, us.csl, eu.fsf ...: one timeline of snapshots each
    published: date
    entries: tuple[ListEntry, ...]
    rows: int  # records of the file: entries, or rows where an entry has several
    digest: str  # SHA-256 of the unpacked content
    notes: tuple[str, ...] = ()  # what is missing by the nature of the file
    silent: frozenset[str] = frozenset()  # fields of an entry of which the file says nothing, or not all
    dated_by: str = "file"  # who says when it was published: the file, `given`, or `assumed`

    @property
    def counts(self) -> Mapping[str, int]:
        """How many entries each list has."""
        found: dict[str, int] = {}
        for entry in self.entries:
            found[entry.list] = found.get(entry.list, 0) + 1
        return found


def distinct(values: Iterable[str]) -> tuple[str, ...]:
    """The values that are not empty, trimmed, each once, in their order."""
    return tuple(dict.fromkeys(value for value in map(str.strip, values) if value))


def distinct_names(names: Iterable[ListedName]) -> tuple[ListedName, ...]:
    """The names that are not empty, each spelling once, at its strongest, in their order."""
    rank = {PRIMARY: 0, ALIAS: 1, WEAK: 2}
    best: dict[str, ListedName] = {}
    for name in names:
        known = best.get(name.name)
        if name.name and (known is None or rank[name.kind] < rank[known.kind]):
            best[name.name] = name
    return tuple(best.values())


def as_printed(names: Iterable[ListedName]) -> tuple[ListedName, ...]:
    """The names that are not empty, in their order, as often as the list prints them."""
    return tuple(name for name in names if name.name)
