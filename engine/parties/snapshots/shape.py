"""Whether a file says of its entries what such files said before: a renamed field is read as one that is empty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from carveout.engine.parties.lists.entry import GENERAL, PRIMARY, WEAK, ListEntry, ListFile

LEAST = 20
"""What fewer entries said may vanish overnight."""
PEOPLE = 200
"""Of so many people most have more than one name, in every list there is."""

_FIELDS = {
    "other names": "names",
    "weak names": "names",
    "people with more than one word to their name": "names",
    "programmes": "programmes",
    "countries": "countries",
    "birth dates": "birth_dates",
    "birth places": "birth_places",
    "numbers": "identifiers",
    "addresses": "addresses",
    "dates of listing": "listed_on",
}
"""What is counted, and the field of an entry that it is of."""


def shape(entries: Iterable[ListEntry]) -> Counter[str]:
    """How many entries say each of the things that a list is asked for."""
    found: Counter[str] = Counter()
    for entry in entries:
        person = entry.kind == "person"
        says = {
            "other names": any(name.kind != PRIMARY for name in entry.names),
            "weak names": any(name.kind == WEAK for name in entry.names),
            "people": person,
            "people with more than one word to their name": person and len(entry.names[0].name.split()) > 1,
            "programmes": any(programme != GENERAL for programme in entry.programmes),
            "countries": bool(entry.countries),
            "birth dates": bool(entry.birth_dates),
            "birth places": bool(entry.birth_places),
            "numbers": bool(entry.identifiers),
            "addresses": bool(entry.addresses),
            "dates of listing": bool(entry.listed_on),
        }
        found.update(thing for thing, said in says.items() if said)
    return found


def another_shape(file: ListFile, before: Sequence[ListEntry], day: date, silent: frozenset[str]) -> Iterator[str]:
    """What fewer than half as many entries say as in the file of that day, which was silent on those fields."""
    had, has = shape(before), shape(file.entries)
    for thing, field in _FIELDS.items():
        if had[thing] >= LEAST and 2 * has[thing] < had[thing] and field not in file.silent | silent:
            yield f"{has[thing]:,} of its entries have {thing}, and {had[thing]:,} had on {day}: was a field renamed?"


def odd_shape(file: ListFile) -> Iterator[str]:
    """What no list looks like, where there is no earlier file to compare it with."""
    has = shape(file.entries)
    if has["people"] >= PEOPLE and 2 * has["people with more than one word to their name"] < has["people"]:
        yield f"most of its {has['people']:,} people have one word to their name: was a field renamed?"
