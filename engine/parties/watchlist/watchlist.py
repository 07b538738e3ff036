"""The watchlist: everybody on a kept snapshot, found by name and number, with what the snapshots say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carveout.engine.parties.lists.entry import ListedName
from carveout.engine.parties.screening import Candidate, Screener
from carveout.engine.parties.watchlist.history import Editions, History
from carveout.engine.parties.watchlist.stored import Stored, WatchlistError

FILE = "watchlist.sqlite"
__all__ = ["FILE", "ListedRecord", "Watchlist", "WatchlistError", "record_of"]


@dataclass(frozen=True, slots=True)
class ListedRecord:
    """An entry as screening sees it: who or what it is, no law."""

    id: str
    kind: str
    names: tuple[ListedName, ...]
    identifiers: Mapping[str, str]
    facts: Mapping[str, Any]


def record_of(history: History) -> ListedRecord:
    """What is compared of an entry: every name it had, and the rest as it was last said."""
    entry = history.latest
    facts = {"country": entry.countries, "birth_date": entry.birth_dates, "address": entry.addresses}
    identifiers = {found.kind: found.value for found in reversed(entry.identifiers)}
    return ListedRecord(history.id, entry.kind, history.names, identifiers, facts)


class Watchlist:
    """A stored watchlist and the index over its names. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Opens what `build` wrote. Raises WatchlistError."""
        self._stored = Stored(folder / FILE)
        self._screener = Screener(map(record_of, self._stored))

    @property
    def fingerprint(self) -> str:
        """Of the snapshots it was built from."""
        return self._stored.fingerprint

    @property
    def editions(self) -> Editions:
        """The snapshots it was built from, by list."""
        return self._stored.editions

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
