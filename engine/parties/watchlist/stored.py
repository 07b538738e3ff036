"""The histories of all entries in one file, read one at a time: a decision needs few of a hundred thousand."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
import threading
import weakref
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from carveout.engine.parties.lists.entry import Address, Identifier, ListedName, ListEntry
from carveout.engine.parties.watchlist.history import Edition, Editions, History, Spell

FORMAT = 2
_REMEMBERED = 4096
_TABLES = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE history (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, data BLOB NOT NULL);
"""


class WatchlistError(ValueError):
    """The stored watchlist cannot be read; the message says what to do."""


def write(path: Path, histories: Iterable[History], editions: Editions, fingerprint: str) -> int:
    """Writes the file anew, whole or not at all; returns how many histories it holds. They are numbered from 0."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".watchlist-")
    os.close(handle)
    draft = Path(name)
    try:
        with closing(sqlite3.connect(draft)) as store:
            store.executescript(_TABLES)
            kinds: dict[str, set[str]] = {}
            rows = ((n, found.id, _packed(_noted(found, kinds))) for n, found in enumerate(histories))
            store.executemany("INSERT INTO history VALUES (?, ?, ?)", rows)
            count = int(store.execute("SELECT count(*) FROM history").fetchone()[0])
            about = {
                "format": FORMAT,
                "fingerprint": fingerprint,
                "editions": {
                    name: [[e.published.isoformat(), e.publication, e.key, e.days] for e in found]
                    for name, found in sorted(editions.by_list.items())
                },
                "kinds": {name: sorted(found) for name, found in sorted(kinds.items())},
            }
            store.executemany("INSERT INTO about VALUES (?, ?)", ((k, json.dumps(v)) for k, v in about.items()))
            store.commit()
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return count


def _noted(history: History, kinds: dict[str, set[str]]) -> History:
    """The same history; the kinds of thing it told of are noted for its list."""
    kinds.setdefault(history.list, set()).update(spell.entry.kind for spell in history.spells)
    return history


class Stored:
    """A watchlist file, open for reading. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Raises WatchlistError where there is no such file or it is not whole."""
        self.path = path
        self._own = threading.local()
        try:
            about = {key: json.loads(value) for key, value in self._store().execute("SELECT key, value FROM about")}
            if about["format"] != FORMAT:
                raise WatchlistError(f"{path} was written by another version: build it again from the snapshots")
            self.fingerprint: str = about["fingerprint"]
            self.editions = Editions(
                (
                    name,
                    [Edition(date.fromisoformat(day), publication, key, days) for day, publication, key, days in found],
                )
                for name, found in about["editions"].items()
            )
            noted = about.get("kinds")  # not in a file of an earlier version: then any list may have anything
            self.kinds: Mapping[str, frozenset[str]] | None = (
                None if noted is None else {name: frozenset(found) for name, found in noted.items()}
            )
            """By list: the kinds of its entries."""
            self._count = int(self._store().execute("SELECT count(*) FROM history").fetchone()[0])
        except (sqlite3.Error, KeyError, ValueError) as error:
            if isinstance(error, WatchlistError):
                raise
            raise WatchlistError(f"{path} cannot be read ({error}): build it again from the snapshots") from error
        self.history = lru_cache(maxsize=_REMEMBERED)(self._history)
        self.number_of = lru_cache(maxsize=_REMEMBERED)(self._number_of)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[History]:
        for (data,) in self._store().execute("SELECT data FROM history ORDER BY number"):
            yield _unpacked(data)

    def _history(self, number: int) -> History:
        row = self._store().execute("SELECT data FROM history WHERE number = ?", (number,)).fetchone()
        if row is None:
            raise WatchlistError(f"{self.path} has no entry {number}: build it again from the snapshots")
        return _unpacked(row[0])

    def _number_of(self, id: str) -> int | None:
        """The number of the entry of that id; none if there is none."""
        row = self._store().execute("SELECT number FROM history WHERE id = ?", (id,)).fetchone()
        return None if row is None else int(row[0])

    def _store(self) -> sqlite3.Connection:
        known: _Open | None = getattr(self._own, "store", None)
        if known is None:
            if not self.path.is_file():
                raise WatchlistError(f"{self.path} is not there: build it from the snapshots")
            known = self._own.store = _Open(self.path)
        return known.connection


class _Open:
    """A connection of one thread, closed when the thread or the watchlist is gone."""

    def __init__(self, path: Path) -> None:
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        # whoever drops the last reference closes it, in whatever thread
        self.connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        weakref.finalize(self, self.connection.close)  # also where it is part of a circle


def _packed(history: History) -> bytes:
    data = [history.list, history.uid, [[_spell(s), _entry(s.entry)] for s in history.spells]]
    return zlib.compress(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(), 6)


def _spell(spell: Spell) -> list[str | bool | None]:
    return [spell.since.isoformat(), spell.until.isoformat() if spell.until is not None else None, spell.disputed]


def _entry(entry: ListEntry) -> dict[str, Any]:
    said: dict[str, Any] = {
        "kind": entry.kind,
        "names": [[n.name, n.kind, n.language, n.script] for n in entry.names],
        "programmes": entry.programmes,
        "countries": entry.countries,
        "birth_dates": entry.birth_dates,
        "birth_places": entry.birth_places,
        "identifiers": [[i.kind, i.value, i.label, i.country] for i in entry.identifiers],
        "addresses": [[a.text, a.city, a.country] for a in entry.addresses],
        "listed_on": entry.listed_on,
        "updated_on": entry.updated_on,
        "ends_on": entry.ends_on,
        "remarks": entry.remarks,
        "details": dict(entry.details),
    }
    return {key: value for key, value in said.items() if value}


def _unpacked(data: bytes) -> History:
    name, uid, spells = json.loads(zlib.decompress(data))
    return History(
        name,
        uid,
        tuple(
            Spell(
                _read_entry(name, uid, said),
                date.fromisoformat(since),
                date.fromisoformat(until) if until is not None else None,
                disputed,
            )
            for (since, until, disputed), said in spells
        ),
    )


def _read_entry(name: str, uid: str, said: dict[str, Any]) -> ListEntry:
    return ListEntry(
        list=name,
        uid=uid,
        kind=said["kind"],
        names=tuple(ListedName(*found) for found in said["names"]),
        programmes=tuple(said.get("programmes", ())),
        countries=tuple(said.get("countries", ())),
        birth_dates=tuple(said.get("birth_dates", ())),
        birth_places=tuple(said.get("birth_places", ())),
        identifiers=tuple(Identifier(*found) for found in said.get("identifiers", ())),
        addresses=tuple(Address(*found) for found in said.get("addresses", ())),
        listed_on=said.get("listed_on", ""),
        updated_on=said.get("updated_on", ""),
        ends_on=said.get("ends_on", ""),
        remarks=said.get("remarks", ""),
        details=said.get("details", {}),
    )
