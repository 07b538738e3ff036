"""What the routes of official lists answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OriginalFile(_Answer):
    """A file as it was given."""

    name: str
    sha256: str = Field(description="of the bytes as given")
    size: int


class SnapshotAnswer(_Answer):
    """One publication on one day, as kept."""

    key: str = Field(examples=["ba531b03ea685bd2"])
    publication: str = Field(examples=["us.ofac.sdn"])
    published: date
    dated_by: Literal["file", "given", "assumed"] = Field(description="who says when it was published")
    format: str = Field(examples=["ofac-xml"])
    content: str = Field(description="SHA-256 of the unpacked content")
    originals: list[OriginalFile]
    source: str
    taken_at: datetime
    rows: int
    counts: dict[str, int] = Field(description="entries of each list")
    notes: list[str] = Field(description="what is missing by the nature of the file")
    silent: list[str] = Field(description="fields of which it says nothing, or not all")
    compared_with: str | None
    doubts: list[str] = Field(description="what seemed implausible")
    confirmed: str = Field(description="why it was taken all the same")


class VisitAnswer(_Answer):
    """A look at a publication."""

    at: datetime
    outcome: str
    detail: str


class PublicationStatus(_Answer):
    """How a publication stands."""

    publication: str
    title: str
    state: Literal["current", "stale", "superseded", "not_held"]
    age_hours: float | None = Field(description="since it was last known to be what the authority shows")
    limit_hours: float
    snapshots: int
    newest: SnapshotAnswer | None
    last_visit: VisitAnswer | None


class ListsStatus(_Answer):
    """How all of them stand."""

    fingerprint: str = Field(description="of the state of all snapshots")
    publications: list[PublicationStatus]


class SnapshotsAnswer(_Answer):
    """The snapshots that say something of a list, in the order of time."""

    on_list: str = Field(alias="list", examples=["us.ofac.sdn"])
    precedence: list[str] = Field(description="the publications that carry it; the first that speaks, speaks")
    snapshots: list[SnapshotAnswer]
    next: str | None = Field(description="the cursor of the next page; null at the end")


class EntryAnswer(_Answer):
    """An entry in short."""

    on_list: str = Field(alias="list", examples=["us.ofac.sdn"])
    uid: str
    name: str
    statuses: list[str]


class ChangedAnswer(EntryAnswer):
    """An entry that says something else than before."""

    name_before: str
    fields: list[str]


class ComparisonCounts(_Answer):
    """How many of each kind; the renamed are among the changed."""

    added: int
    removed: int
    renamed: int
    changed: int


class ComparisonAnswer(_Answer):
    """What became of the entries of one snapshot in another."""

    before: SnapshotAnswer
    after: SnapshotAnswer
    compared: list[str]
    counts: ComparisonCounts
    added: list[EntryAnswer]
    removed: list[EntryAnswer]
    changed: list[ChangedAnswer]
    next: str | None = Field(description="the cursor of the next page; null at the end")


class TakenAnswer(_Answer):
    """What became of an uploaded list."""

    new: bool
    newest: bool = Field(description="false: kept as history, a younger one stays in force")
    snapshot: SnapshotAnswer
    changes: ComparisonCounts | None = Field(description="since the snapshot before it")
