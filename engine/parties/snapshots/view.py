"""What one state of the kept snapshots can be asked, and what can be added to it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from carveout.engine.parties.lists.entry import ListEntry
from carveout.engine.parties.snapshots.coding import decode, encode
from carveout.engine.parties.snapshots.model import Original, Snapshot
from carveout.engine.parties.snapshots.names import folded


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at a publication."""

    at: datetime
    outcome: str  # taken | unchanged | refused | failed
    current: bool
    detail: str


class View:
    """What can be asked of one state of the snapshots."""

    def __init__(self, connection: sqlite3.Connection, until: int | None = None) -> None:
        """`until`: the number of the last snapshot that counts; those taken later are not seen."""
        self._connection, self._until = connection, until

    def when_taken(self, until: int) -> View:
        """The state in which this snapshot, by its number, was the last one taken: none is ever changed or removed."""
        return View(self._connection, until)

    def snapshots(self, publication: str | None = None) -> list[Snapshot]:
        """All snapshots, or those of a publication, by publication and in their order in time."""
        rows = self._connection.execute(
            "SELECT number, key, publication, published, manifest FROM snapshot "
            "WHERE (?1 IS NULL OR publication = ?1) AND (?2 IS NULL OR number <= ?2) "
            "ORDER BY publication, published, number",
            (publication, self._until),
        )
        return [_snapshot(*row) for row in rows]

    def members(self, snapshot: Snapshot) -> array[int]:
        """The numbers of the versions in a snapshot, in the order of its file."""
        row = self._connection.execute("SELECT members FROM snapshot WHERE number = ?", (snapshot.number,)).fetchone()
        found: array[int] = array("I")
        found.frombytes(zlib.decompress(row[0]))
        return found

    def entries(self, snapshot: Snapshot) -> list[ListEntry]:
        """The entries of a snapshot, in the order of its file."""
        wanted = self.members(snapshot)
        said = self.versions(wanted)
        return [said[number] for number in wanted]

    def versions(self, numbers: Iterable[int]) -> dict[int, ListEntry]:
        """What these versions say."""
        found: dict[int, ListEntry] = {}
        for part in _parts(sorted(set(numbers))):
            rows = self._connection.execute(
                f"SELECT number, content FROM version WHERE number IN ({','.join('?' * len(part))})", part
            )
            found.update((number, decode(content)) for number, content in rows)
        return found

    def places(self, on: str, uids: Iterable[str] | None = None) -> dict[int, str]:
        """The number of the entry of every version on a list, or of the versions of some entries."""
        if uids is None:
            return dict(self._connection.execute("SELECT number, uid FROM version WHERE list = ?", (on,)))
        found: dict[int, str] = {}
        for uid in uids:
            found |= dict(
                self._connection.execute("SELECT number, uid FROM version WHERE uid = ? AND list = ?", (uid, on))
            )
        return found

    def found(self, text: str) -> set[tuple[str, str]]:
        """List and number of the entries that have this number, or ever had this name."""
        rows = self._connection.execute(
            "SELECT list, uid FROM version WHERE uid = ?1 "
            "UNION SELECT list, uid FROM name JOIN version ON version.number = name.version WHERE folded = ?2",
            (text, folded(text)),
        )
        return set(rows)

    def names_of(self, version: int) -> set[str]:
        """The names of a version as they are looked up by."""
        return {x for (x,) in self._connection.execute("SELECT folded FROM name WHERE version = ?", (version,))}

    def named(self, name: str, on: str) -> set[int]:
        """The versions on a list with a name, as it is looked up by."""
        rows = self._connection.execute(
            "SELECT version FROM name JOIN version ON version.number = name.version WHERE folded = ? AND list = ?",
            (name, on),
        )
        return {x for (x,) in rows}

    def visits(self, publication: str, most: int = 20) -> list[Visit]:
        """The last looks at a publication, newest first."""
        rows = self._connection.execute(
            "SELECT at, outcome, current, detail FROM visit WHERE publication = ? ORDER BY number DESC LIMIT ?",
            (publication, most),
        )
        return [Visit(datetime.fromisoformat(at), word, bool(now), detail) for at, word, now, detail in rows]

    def seen_current(self, publication: str) -> datetime | None:
        """When what is in force was last seen to be what the authority shows."""
        row = self._connection.execute(
            "SELECT max(at) FROM visit WHERE publication = ? AND current = 1", (publication,)
        ).fetchone()
        return datetime.fromisoformat(row[0]) if row[0] else None

    def validators(self, address: str) -> tuple[str, str]:
        """ETag and Last-Modified of the last file taken from an address; empty if there is none."""
        row = self._connection.execute("SELECT etag, modified FROM validator WHERE address = ?", (address,)).fetchone()
        return row or ("", "")


class Change(View):
    """What can be added, in one transaction."""

    def add(self, manifest: Mapping[str, Any], publication: str, published: date, entries: Sequence[ListEntry]) -> str:
        """Keep a snapshot; its key."""
        times = self._connection.execute(
            "SELECT count(*) FROM snapshot WHERE publication = ? AND published = ? AND manifest ->> 'content' = ?",
            (publication, published.isoformat(), manifest["content"]),
        ).fetchone()[0]  # a file of one day may be taken back and come again
        key = key_of(publication, published, manifest["content"], times)
        members = array("I", [self._version(entry) for entry in entries])
        self._connection.execute(
            "INSERT INTO snapshot (key, publication, published, manifest, members) VALUES (?, ?, ?, ?, ?)",
            (
                key,
                publication,
                published.isoformat(),
                json.dumps(manifest, ensure_ascii=False, sort_keys=True),
                zlib.compress(members.tobytes()),
            ),
        )
        return key

    def _version(self, entry: ListEntry) -> int:
        content = encode(entry)
        digest = hashlib.sha256(content.encode()).digest()
        row = self._connection.execute("SELECT number FROM version WHERE digest = ?", (digest,)).fetchone()
        if row is not None:
            return int(row[0])
        number = self._connection.execute(
            "INSERT INTO version (digest, list, uid, content) VALUES (?, ?, ?, ?)",
            (digest, entry.list, entry.uid, content),
        ).lastrowid
        assert number is not None
        names = {name for x in entry.names if (name := folded(x.name))}
        self._connection.executemany(
            "INSERT INTO name (folded, version) VALUES (?, ?)", [(name, number) for name in names]
        )
        return number

    def visit(self, publication: str, at: datetime, outcome: str, detail: str, *, current: bool = False) -> None:
        """Keep that somebody looked."""
        self._connection.execute(
            "INSERT INTO visit (publication, at, outcome, current, detail) VALUES (?, ?, ?, ?, ?)",
            (publication, at.isoformat(timespec="seconds"), outcome, int(current), detail[:2_000]),
        )

    def validate(self, address: str, etag: str, modified: str) -> None:
        """Keep by what a server knows that a file is unchanged."""
        self._connection.execute("INSERT OR REPLACE INTO validator VALUES (?, ?, ?)", (address, etag, modified))


def key_of(publication: str, published: date, content: str, times: int = 0) -> str:
    """The key of a snapshot whose content was of that day already so many times."""
    again = f"\n{times}" if times else ""
    return hashlib.sha256(f"{publication}\n{published}\n{content}{again}".encode()).hexdigest()[:16]


def _parts(numbers: list[int], size: int = 500) -> Iterator[list[int]]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]


def _snapshot(number: int, key: str, publication: str, published: str, manifest: str) -> Snapshot:
    said = json.loads(manifest)
    return Snapshot(
        number=number,
        key=key,
        publication=publication,
        published=date.fromisoformat(published),
        dated_by=said["dated_by"],
        format=said["format"],
        content=said["content"],
        originals=tuple(Original(**x) for x in said["originals"]),
        source=said["source"],
        taken_at=datetime.fromisoformat(said["taken_at"]),
        rows=said["rows"],
        counts=said["counts"],
        notes=tuple(said["notes"]),
        silent=frozenset(said["silent"]),
        compared_with=said["compared_with"],
        doubts=tuple(said["doubts"]),
        confirmed=said["confirmed"],
    )
