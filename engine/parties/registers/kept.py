"""One import of a register as it is kept: a file of its own that is written once and never changed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import tempfile
import threading
import weakref
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from carveout.engine.parties.names import normalise
from carveout.engine.parties.registers.holdings import Holding, holdings_of
from carveout.engine.parties.registers.statements import PartyStatement, Reading

FORMAT: Final = 1
MOST_SHARING: Final = 20
"""Parties of one register that may bear the same number; one that more bear (`0`, `none`) tells nobody apart."""
_SCHEMA = """
CREATE TABLE import (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE party (n INTEGER PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE number (code TEXT NOT NULL, scheme TEXT NOT NULL, party INTEGER NOT NULL);
CREATE TABLE name (key TEXT NOT NULL, party INTEGER NOT NULL);
CREATE TABLE holding (held INTEGER NOT NULL, data TEXT NOT NULL);
"""
_INDEXES = """
CREATE INDEX number_code ON number (code);
CREATE INDEX name_key ON name (key);
CREATE INDEX holding_held ON holding (held);
"""


class StoreFault(Exception):
    """A kept import that cannot be used; the message says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What one import is: where it came from, as of which day, and what was in it."""

    digest: str
    format: str
    source: str
    published: date
    imported: str
    counts: Mapping[str, Any]
    faults: tuple[str, ...]

    @property
    def id(self) -> str:
        """A short name for people."""
        return self.digest[:12]

    def as_json(self) -> dict[str, Any]:
        """As data."""
        return {
            "import": self.id,
            "digest": self.digest,
            "format": self.format,
            "source": self.source,
            "published": self.published.isoformat(),
            "imported": self.imported,
            "counts": dict(self.counts),
            "faults": list(self.faults),
        }


@dataclass(frozen=True, slots=True)
class PartyRecord:
    """A party of one import, all its statements taken together."""

    names: tuple[str, ...]
    kind: str
    countries: tuple[str, ...]
    identifiers: tuple[tuple[str, str], ...]
    known: bool
    arrangement: bool


def name_key(name: str) -> str:
    """How a name is looked up: plain letters, without legal forms."""
    return normalise(name)


def code_of(number: str) -> str:
    """How a number is looked up: letters and digits only."""
    return "".join(c for c in number.upper() if c.isalnum())


def write_import(
    folder: Path | None, reading: Reading, *, source: str, published: date, imported: str, name: str = ""
) -> Import:
    """Keep what was read, whole or not at all; without a folder in memory. Raises StoreFault, OSError."""
    about = {
        "format": FORMAT,
        "form": reading.format,
        "digest": reading.digest,
        "source": source,
        "published": published.isoformat(),
        "imported": imported,
        "counts": reading.counts(),
        "faults": [str(fault) for fault in reading.faults[:100]],
    }
    if folder is None:
        memory = sqlite3.connect(":memory:", check_same_thread=False)
        _fill(memory, reading, published, about)
        return Import(memory, name or "memory")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / file_name(reading.digest, source, published)
    handle, part = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
    os.close(handle)
    try:
        with closing(sqlite3.connect(part)) as database:
            database.execute("PRAGMA journal_mode=OFF")
            _fill(database, reading, published, about)
        with open(part, "rb+") as written:
            os.fsync(written.fileno())
        os.replace(part, target)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    return open_import(target)


def file_name(digest: str, source: str, published: date) -> str:
    """The same file of the same source and day is kept once."""
    told = hashlib.sha256(f"{digest}\n{source}\n{published}".encode()).hexdigest()
    return f"{told[:24]}.owners"


def open_import(path: Path) -> Import:
    """A kept import, read only. Raises StoreFault."""
    try:
        database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        return Import(database, path.name)
    except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
        raise StoreFault(f"{path}: cannot be read ({error}): import its source again") from None


def _fill(database: sqlite3.Connection, reading: Reading, published: date, about: Mapping[str, Any]) -> None:
    database.executescript(_SCHEMA)
    roots = _roots(reading.parties)
    parties: dict[str, list[PartyStatement]] = {}
    for statement in reading.parties:
        parties.setdefault(roots[statement.record], []).append(statement)
    holdings = holdings_of(reading.relationships, published)
    mentioned = {r for h in holdings for r in (h.held, h.holder) if r is not None}
    nobody = sorted(record for record in mentioned if record not in roots)
    numbers = {record: n for n, record in enumerate([*sorted(parties), *nobody])}
    shared = Counter(
        (scheme, code_of(number))
        for statements in parties.values()
        for scheme, number in {i for s in statements for i in s.identifiers}
    )
    for record, statements in sorted(parties.items()):
        party = _one(statements, shared)
        n = numbers[record]
        data = [party.names, party.kind, party.countries, party.identifiers, party.known, party.arrangement]
        database.execute("INSERT INTO party VALUES (?, ?)", (n, json.dumps(data, ensure_ascii=False)))
        codes = sorted({(code_of(number), scheme, n) for scheme, number in party.identifiers})
        database.executemany("INSERT INTO number VALUES (?, ?, ?)", codes)
        keys = sorted({name_key(name) for name in party.names} - {""})
        database.executemany("INSERT INTO name VALUES (?, ?)", [(key, n) for key in keys])
    nobody_known = json.dumps([(), "", (), (), False, False])
    database.executemany("INSERT INTO party VALUES (?, ?)", [(numbers[record], nobody_known) for record in nobody])
    rows = sorted(
        (
            numbers[roots.get(h.held, h.held)],
            json.dumps(
                [
                    None if h.holder is None else numbers[roots.get(h.holder, h.holder)],
                    h.what, str(h.low), str(h.high), _iso(h.since), _iso(h.until), h.sure, _iso(h.dated), h.type,
                ]
            ),
        )
        for h in holdings
    )  # fmt: skip
    database.executemany("INSERT INTO holding VALUES (?, ?)", rows)
    counts = {**about["counts"], "holdings": len(holdings), "referred to and not described": len(nobody)}
    for key, value in {**about, "counts": counts}.items():
        database.execute("INSERT INTO import VALUES (?, ?)", (key, json.dumps(value, ensure_ascii=False)))
    database.executescript(_INDEXES)
    database.commit()


def _roots(statements: Iterable[PartyStatement]) -> dict[str, str]:
    """Each record and statement of a party with the one record it is about: the later ones say what they replace."""
    parent: dict[str, str] = {}

    def root(record: str) -> str:
        while parent.setdefault(record, record) != record:
            parent[record] = parent[parent[record]]
            record = parent[record]
        return record

    statements = list(statements)
    known = {s.record for s in statements} | {s.id for s in statements}
    for statement in statements:
        for other in (statement.id, *(r for r in statement.replaces if r in known)):
            first, second = sorted((root(statement.record), root(other)))
            parent[second] = first
    return {record: root(record) for record in parent}


def _one(statements: Sequence[PartyStatement], shared: Counter[tuple[str, str]]) -> PartyRecord:
    newest = sorted(statements, key=lambda s: (s.dated or date.min, s.id), reverse=True)
    identifiers = dict.fromkeys(i for s in newest for i in s.identifiers)
    return PartyRecord(
        names=tuple(dict.fromkeys(name for s in newest for name in s.names)),
        kind=next((s.kind for s in newest if s.kind), ""),
        countries=tuple(dict.fromkeys(country for s in newest for country in s.countries)),
        identifiers=tuple(i for i in identifiers if _tells(i[1]) and shared[i[0], code_of(i[1])] <= MOST_SHARING),
        known=any(s.known and s.names for s in newest),
        arrangement=newest[0].arrangement,
    )


def _tells(number: str) -> bool:
    code = code_of(number)
    return len(code) >= 4 and bool(re.search(r"\d", code)) and len(set(code)) > 1


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written is not None else None


class Import:
    """One kept import, asked. Safe to use from several threads."""

    def __init__(self, database: sqlite3.Connection, name: str) -> None:
        """Raises sqlite3.Error, ValueError, KeyError or TypeError where it is damaged."""
        self._database, self._lock, self.name = database, threading.Lock(), name
        weakref.finalize(self, database.close)  # also where it is part of a circle
        about = {key: json.loads(value) for key, value in self._ask("SELECT key, value FROM import")}
        if about["format"] != FORMAT:
            raise ValueError(f"is of format {about['format']}, and {FORMAT} is read")
        self.kept = Kept(
            about["digest"], about["form"], about["source"], date.fromisoformat(about["published"]),
            about["imported"], about["counts"], tuple(about["faults"]),
        )  # fmt: skip

    def _ask(self, query: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._database.execute(query, values).fetchall()

    def party(self, n: int) -> PartyRecord:
        """A party by its number in this import."""
        ((data,),) = self._ask("SELECT data FROM party WHERE n = ?", n)
        names, kind, countries, identifiers, known, arrangement = json.loads(data)
        pairs = tuple((scheme, number) for scheme, number in identifiers)
        return PartyRecord(tuple(names), kind, tuple(countries), pairs, known, arrangement)

    def by_number(self, number: str) -> list[tuple[int, str]]:
        """The parties that bear a number, each with the scheme of the number."""
        code = code_of(number)
        return sorted(self._ask("SELECT party, scheme FROM number WHERE code = ?", code)) if _tells(number) else []

    def by_name(self, name: str) -> list[int]:
        """The parties of that name, legal forms aside."""
        return sorted({n for (n,) in self._ask("SELECT party FROM name WHERE key = ?", name_key(name))})

    def holdings(self, held: int) -> Iterator[tuple[int | None, Holding]]:
        """Who has what of a party, by the holders' numbers."""
        for (data,) in self._ask("SELECT data FROM holding WHERE held = ? ORDER BY data", held):
            holder, what, low, high, since, until, sure, dated, kind = json.loads(data)
            yield (
                holder,
                Holding(
                    str(held), None if holder is None else str(holder), what, Decimal(low), Decimal(high),
                    _day(since), _day(until), sure, _day(dated), kind,
                ),
            )  # fmt: skip

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()
