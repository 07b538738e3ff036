"""The report of a validation as data: what its JSON has, key by key."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

FORMAT = 1


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Share(_Part):
    """A share of a sample, with the interval that holds it in 95 of 100 such samples (Wilson's)."""

    found: int = Field(description="how many of the sample")
    sample: int
    share: float | None = Field(description="of 1; null where the sample is empty")
    low: float | None
    high: float | None


class Change(_Part):
    """How many listed names are still found after one kind of change."""

    kind: str
    says: str = Field(description="the recipe, in words")
    loses: bool = Field(description="true: it takes away what says who it is, so that no matcher finds all")
    recall: Share
    example: tuple[str, str] | None = Field(description="a listed name, and how it was asked")
    missed: list[tuple[str, str, str]] = Field(description="a few that were not found: entry, listed, asked")


class Group(_Part):
    """The same counted by something else: a script, a list, a kind of party."""

    name: str
    recall: Share


class Alarms(_Part):
    """How many ordinary parties have a candidate."""

    group: str
    alarms: Share
    possible: int = Field(description="... of them those with a name merely like a listed one")
    same: int = Field(description="... and those with the very name of a listed one")


class Alarm(_Part):
    """One ordinary party that has a candidate."""

    party: str
    verdict: str
    score: int
    subject: str
    name: str


class Bin(_Part):
    """How many best scores lie from `score` on, below the next."""

    score: int
    altered: int
    ordinary: int


class AtThreshold(_Part):
    """What another threshold would give, about: from scores asked for from 50 on, where the search looks at more names
    than with the threshold itself, and in whole points."""

    threshold: int
    recall: float | None
    alarms_of_10000: float | None


class ListUsed(_Part):
    """A list that was asked."""

    list: str
    publication: str
    published: str
    key: str
    too_old: bool = Field(description="older than its limit on the day of the report")


class Report(_Part):
    """One validation."""

    format: int
    made: str = Field(description="the moment, UTC")
    engine: str
    seed: int
    threshold: float
    threshold_shipped: float
    rules: str = Field(description="fingerprint of the rule set")
    lists_fingerprint: str | None
    lists: list[ListUsed]
    entries: int = Field(description="entries of the lists, and subjects of the rule set, that a name may be")
    sampled: int = Field(description="names of entries that were altered")
    ordinary_source: str
    complete: bool = Field(description="false: the time was over before all was asked; the samples say how much was")
    seconds: float
    unaltered: Share
    recall: Share = Field(description="of all changes that lose nothing")
    changes: list[Change]
    by_script: list[Group] = Field(description="of all changes that lose nothing, by the script of the listed name")
    by_list: list[Group]
    by_kind: list[Group]
    alarms: Alarms
    alarms_by_group: list[Alarms]
    worst: list[Alarm] = Field(description="the ordinary parties with the highest scores")
    scores: list[Bin] = Field(description="best scores: of the right entry for altered names, of any for ordinary ones")
    below: tuple[int, int] = Field(description="altered names and ordinary parties without a score from 50 on")
    thresholds: list[AtThreshold]
