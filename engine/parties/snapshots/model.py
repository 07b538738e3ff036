"""What a kept snapshot says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


class SnapshotsError(Exception):
    """The kept snapshots cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Original:
    """A file as it was given: kept byte for byte."""

    name: str
    sha256: str  # of the bytes as given, packed or not
    size: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One publication on one day, as kept: the manifest without the entries."""

    number: int  # in the order in which they were taken
    key: str  # 16 hexadecimal digits, of publication, day and content
    publication: str
    published: date
    dated_by: str  # file | given | assumed
    format: str
    content: str  # SHA-256 of the unpacked content
    originals: tuple[Original, ...]
    source: str  # where it came from: a file name, an address
    taken_at: datetime  # UTC
    rows: int
    counts: Mapping[str, int]  # entries of each list
    notes: tuple[str, ...]  # what is missing by the nature of the file
    silent: frozenset[str]  # fields of an entry of which it says nothing, or not all
    compared_with: str | None  # key of the snapshot that it was held against
    doubts: tuple[str, ...]  # what seemed implausible
    confirmed: str  # why it was taken all the same

    @property
    def entries(self) -> int:
        """How many entries it has."""
        return sum(self.counts.values())

    @property
    def order(self) -> tuple[date, int]:
        """By day of publication; of one day, the one taken later stands."""
        return self.published, self.number
