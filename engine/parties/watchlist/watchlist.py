"""The watchlist: everybody on a kept snapshot, found by name and number, with what the snapshots say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, overload

import pycountry

from carveout.engine.facts.places import read_place
from carveout.engine.parties.lists.entry import ListedName
from carveout.engine.parties.matching.index import THINGS, Index
from carveout.engine.parties.matching.storage import StaleIndex
from carveout.engine.parties.recorded import codes_of, entries_of
from carveout.engine.parties.screening import Candidate, Screener
from carveout.engine.parties.watchlist.history import Editions, History
from carveout.engine.parties.watchlist.stored import Stored, WatchlistError

FILE, NAMES = "watchlist.sqlite", "names"
__all__ = ["FILE", "ListedRecord", "Watchlist", "WatchlistError", "record_of", "store_names"]


@dataclass(frozen=True, slots=True)
class ListedRecord:
    """An entry as screening sees it: who or what it is, no law."""

    id: str
    kind: str
    names: tuple[ListedName, ...]
    identifiers: Mapping[str, tuple[str, ...]]
    facts: Mapping[str, Any]


def record_of(history: History) -> ListedRecord:
    """What is compared of an entry: every name and number it had, and the rest as it was last said."""
    entry = history.latest
    facts = {
        "country": tuple(code for text in entry.countries if (code := _country(text))),
        "birth_date": entry.birth_dates,
        "address": tuple(address.text for address in entry.addresses),
    }
    numbers: dict[str, dict[str, None]] = {}
    for spell in history.spells:
        for found in spell.entry.identifiers:
            numbers.setdefault(found.kind, {})[found.value] = None
    identifiers = {kind: tuple(values) for kind, values in numbers.items()}
    return ListedRecord(history.id, entry.kind, history.names, identifiers, facts)


@cache
def _country(text: str) -> str:
    """The code of a country as a list writes it; empty where it cannot be read."""
    try:
        return str(read_place(text, _countries()))
    except ValueError:
        return ""


@cache
def _countries() -> Mapping[str, str]:
    return {country.alpha_2: country.name for country in pycountry.countries}


class Records(Sequence[ListedRecord]):
    """The records of a stored watchlist by number, each read when it is asked for."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored
        self._record = lru_cache(maxsize=4096)(lambda number: record_of(stored.history(number)))

    def __len__(self) -> int:
        return len(self._stored)

    @overload
    def __getitem__(self, number: int) -> ListedRecord: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[ListedRecord]: ...
    def __getitem__(self, number: int | slice) -> ListedRecord | Sequence[ListedRecord]:
        if isinstance(number, slice):
            return [self[i] for i in range(*number.indices(len(self)))]
        if not 0 <= number < len(self):
            raise IndexError(number)
        return self._record(number)

    def __iter__(self) -> Iterator[ListedRecord]:
        return map(record_of, self._stored)


def store_names(folder: Path) -> None:
    """Writes the index of the names beside the stored histories of a folder. Raises WatchlistError, OSError."""
    stored = Stored(folder / FILE)
    entries = (e for number, record in enumerate(Records(stored)) for e in entries_of(number, record))
    codes = (c for number, record in enumerate(Records(stored)) for c in codes_of(number, record))
    Index.of(entries, codes).save(folder / NAMES)


class Watchlist:
    """A stored watchlist and the index over its names. Safe to use from several threads."""

    def __init__(self, folder: Path, threshold: float | None = None) -> None:
        """Opens what `building.build` wrote; `threshold` as of `Screener`. Raises WatchlistError."""
        self._stored = Stored(folder / FILE)
        try:
            index = Index.load(folder / NAMES)
        except (StaleIndex, OSError) as error:
            raise WatchlistError(
                f"{folder / NAMES} cannot be read ({error}): build it again from the snapshots"
            ) from error
        self._screener = Screener(Records(self._stored), index=index, threshold=threshold)

    @property
    def fingerprint(self) -> str:
        """Of the snapshots it was built from."""
        return self._stored.fingerprint

    @property
    def editions(self) -> Editions:
        """The snapshots it was built from, by list."""
        return self._stored.editions

    def has(self, name: str, kinds: frozenset[str] | None) -> bool:
        """May a list have an entry of one of these kinds? None: of any kind of thing that is no party."""
        noted = self._stored.kinds
        found = THINGS if noted is None else noted.get(name, frozenset()) & THINGS
        return bool(found if kinds is None else found & kinds)

    def __len__(self) -> int:
        return len(self._stored)

    def __iter__(self) -> Iterator[History]:
        return iter(self._stored)

    def number_of(self, id: str) -> int | None:
        """The number of the entry of that id; none if there is none."""
        return self._stored.number_of(id)

    def history(self, number: int) -> History:
        """The entry of that number."""
        return self._stored.history(number)

    def screen(self, name: str, **beside: Any) -> tuple[Candidate, ...]:
        """The entries that a stated name may be, best first (see `Screener.screen`)."""
        return self._screener.screen(name, **beside)

    def nearby(self, name: str, kind: str | None = None) -> tuple[Candidate, ...]:
        """The entries that a name is somewhat like (see `Screener.nearby`)."""
        return self._screener.nearby(name, kind)
