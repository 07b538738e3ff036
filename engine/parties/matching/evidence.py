"""What is known beside the names: numbers decide, birth dates, countries and addresses shift the score."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from rapidfuzz.distance import OSA

from carveout.engine.parties.alphabets import latin_code
from carveout.engine.parties.matching.letters import words_of
from carveout.engine.parties.matching.lexicon import OF_AN_ADDRESS

UNIQUE = frozenset({"lei", "imo", "bic", "registration", "tail", "mmsi", "ofac", "isin", "icao24", "serial"})
"""Kinds of number of which a party has one: another number is another party."""

_SHORTEST = 4  # letters of a number that says something by itself
_DATE = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(~)?$")


@dataclass(frozen=True, slots=True)
class Particulars:
    """What is stated, or recorded, of a party beside its names."""

    birth_dates: tuple[str, ...] = ()  # as ListEntry writes them: 1970-05-02, 1970~, 1970/1972 ...
    countries: tuple[str, ...] = ()  # as one side writes them so must the other: codes, or names
    addresses: tuple[str, ...] = ()
    identifiers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Shift(NamedTuple):
    """What one particular does to a score: it closes a share of what is missing, or keeps a share of it."""

    feature: str
    closes: float  # share of the way to 100
    keeps: float  # share of the score that is left
    reason: str
    contradicts: bool = False

    def of(self, score: float) -> float:
        """The score with it."""
        return (score + (100.0 - score) * self.closes) * self.keeps


def same_number(asked: Particulars, listed: Particulars) -> str:
    """The number that both have, as a reason speaks of it; empty if none."""
    for kind, values in sorted(asked.identifiers.items()):
        known = {latin_code(x) for x in listed.identifiers.get(kind, ())}
        for value in values:
            code = latin_code(value)
            if len(code) >= _SHORTEST and code in known:
                return f"{kind} {code}"
    return ""


def shifts(asked: Particulars, listed: Particulars) -> tuple[Shift, ...]:
    """What the particulars of both say, each kind once; silent where one side does not state it."""
    found = (
        _births(asked.birth_dates, listed.birth_dates),
        _countries(asked.countries, listed.countries),
        _addresses(asked.addresses, listed.addresses),
        _numbers(asked.identifiers, listed.identifiers),
    )
    return tuple(x for x in found if x)


def _births(asked: Iterable[str], listed: Iterable[str]) -> Shift | None:
    pairs = [(a, b, _apart(a, b)) for a in asked for b in listed]
    told = [(a, b, apart) for a, b, apart in pairs if apart is not None]
    if not told:
        return None
    a, b, apart = min(told, key=lambda x: (x[2], x[0], x[1]))
    if apart == 0:
        day = len(a.rstrip("~")) == len(b.rstrip("~")) == 10
        return Shift("birth date", 0.4 if day else 0.1, 1.0, f"born {a}" + ("" if a == b else f", recorded {b}"))
    if apart == 1:
        return Shift("birth date", 0.0, 0.95, f"born {a}, recorded {b}: near it")
    return Shift("birth date", 0.0, 0.7, f"born {a}, recorded {b}", contradicts=True)


def _apart(asked: str, listed: str) -> int | None:
    """0: may be one date; 1: a slip or an approximation apart; 2: another date; None: cannot be read."""
    spans = [_span(x) for x in (asked, listed)]
    (first_a, last_a, about_a), (first_b, last_b, about_b) = (x or ("", "", False) for x in spans)
    if not first_a or not first_b:
        return None
    width = min(len(first_a), len(first_b))
    if first_a[:width] <= last_b[:width] and first_b[:width] <= last_a[:width]:
        return 0
    years = max(int(first_b[:4]) - int(last_a[:4]), int(first_a[:4]) - int(last_b[:4]))
    if about_a or about_b:
        return 1 if years <= 2 else 2
    whole = first_a == last_a and first_b == last_b and len(first_a) == len(first_b) == 10
    if whole and (sorted((first_a[5:7], first_a[8:])) == sorted((first_b[5:7], first_b[8:])) and not years):
        return 1  # day and month changed places
    if whole and OSA.distance(first_a, first_b) == 1:
        return 1
    return 1 if years <= 1 and width == 4 else 2


def _span(text: str) -> tuple[str, str, bool] | None:
    parts = [_DATE.match(part.strip()) for part in text.split("/")]
    if not 1 <= len(parts) <= 2 or not all(parts):
        return None
    told = ["-".join(filter(None, x.groups()[:3])) for x in parts if x]
    return told[0], told[-1], any(x[4] for x in parts if x)


def _countries(asked: Iterable[str], listed: Iterable[str]) -> Shift | None:
    ours, theirs = ({x.strip().casefold()[:80] for x in side if x.strip()} for side in (asked, listed))
    if not ours or not theirs:
        return None
    if both := sorted(ours & theirs):
        return Shift("country", 0.15, 1.0, f"country {both[0].upper()}")
    return Shift("country", 0.0, 0.93, f"country {', '.join(sorted(x.upper() for x in ours)[:3])}, recorded "
                 f"{', '.join(sorted(x.upper() for x in theirs)[:3])}")  # fmt: skip


def _addresses(asked: Iterable[str], listed: Iterable[str]) -> Shift | None:
    best = 0.0
    for a in asked:
        for b in listed:
            ours, theirs = _telling(a), _telling(b)
            if len(ours) >= 2 and len(theirs) >= 2:
                common = sum(2.0 if any(x.isdigit() for x in word) else 1.0 for word in ours & theirs)
                best = max(best, common / (2.0 + min(len(ours), len(theirs))))
    return Shift("address", 0.25, 1.0, "address in common") if best >= 0.5 else None


def _telling(address: str) -> set[str]:
    return {x.plain for x in words_of(address)[:40]} - OF_AN_ADDRESS


def _numbers(asked: Mapping[str, tuple[str, ...]], listed: Mapping[str, tuple[str, ...]]) -> Shift | None:
    for kind in sorted(UNIQUE & set(asked) & set(listed)):
        ours, theirs = ({code for x in side[kind] if (code := latin_code(x))} for side in (asked, listed))
        if ours and theirs and not ours & theirs:
            return Shift("number", 0.0, 0.6, f"{kind} {min(ours)}, recorded {min(theirs)}", contradicts=True)
    return None
