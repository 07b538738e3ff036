"""The law as the engine holds it: authorities, subjects, and norms of five kinds (docs/rules.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from carveout.engine.law.clocks import ALWAYS, FOREVER, NEVER, Boundary, Effective, passed
from carveout.engine.law.conditions import Condition
from carveout.engine.law.truth import MIRROR

EFFECTS = ("review", "license_required", "prohibited")
"""What a prohibition can do, mildest first."""


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a norm stands in the law, where the fact came from, and how sure it is."""

    instrument: str
    paragraph: str = ""
    published: str = ""
    source: str = ""
    sure: str = "primary"

    def as_json(self) -> dict[str, str]:
        """As it stands in a decision; what is empty is left out."""
        pairs = (
            ("instrument", self.instrument),
            ("paragraph", self.paragraph),
            ("published", self.published),
            ("source", self.source),
            ("sure", self.sure),
        )
        return {key: value for key, value in pairs if value}

    def __str__(self) -> str:
        return f"{self.instrument} {self.paragraph}".strip()


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A question of law that nobody has settled: where it bears, the norm is UNKNOWN."""

    question: str
    readings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    when: Condition | None = None
    begins: Boundary = ALWAYS
    ends: Boundary = NEVER
    lifts: bool = False

    def bears(self, moment: int) -> int:
        """Three-valued: is the question open at that moment?"""
        return passed(self.begins, moment) & MIRROR[passed(self.ends, moment)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """What every norm has. Two norms are the same norm if they are one object; the id names it."""

    id: str
    title: str
    authority: str
    citations: tuple[Citation, ...]
    effective: Effective
    checked: str
    unresolved: tuple[Unresolved, ...] = ()
    notes: str = ""
    events: tuple[str, ...] = ()
    file: str = ""

    kind = "norm"

    def brief(self) -> dict[str, Any]:
        """Id, title and citations, as they stand in a decision."""
        return {"id": self.id, "title": self.title, "citations": [c.as_json() for c in self.citations]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Norm):
    """A subject, or everybody of a class, has a status."""

    list: str
    statuses: tuple[str, ...]
    subject: str | None = None
    members: Condition | None = None
    number: str = ""

    kind = "listing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prohibition(Norm):
    """What may not be done."""

    for_each: str
    grounds: tuple[str, ...]
    statuses: tuple[str, ...] = ()
    when: Condition | None = None
    effect: str = "prohibited"
    block: Condition | None = None
    reject: Condition | None = None

    kind = "prohibition"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A labelled `except` of an exemption."""

    label: str
    when: Condition
    citation: Citation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption(Norm):
    """What is lifted from named prohibitions, for what it covers."""

    shields: tuple[str, ...]
    covers: Mapping[str, Condition]
    lifts_as: str = "authorized"
    statuses: tuple[str, ...] = ()
    excepts: tuple[Exclusion, ...] = ()
    granted: bool = False
    conditions: tuple[str, ...] = ()
    stale_from: int = FOREVER

    kind = "exemption"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership(Norm):
    """How the statuses of some lists pass to what a listed party owns or controls."""

    lists: tuple[str, ...]
    threshold: Decimal
    inclusive: bool
    adds_up: bool = True
    control: bool = False

    kind = "ownership"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty(Norm):
    """A report, a record, a caution."""

    duty: str
    says: str
    report: str = ""
    for_each: str | None = None
    grounds: tuple[str, ...] = ()
    when: Condition | None = None
    after: tuple[str, ...] = ()
    manner: str = "any"
    business_days: int | None = None
    years: int | None = None
    days: int | None = None
    months: int | None = None
    yearly: str = ""  # MM-DD: due on the next such day of a year
    as_of: str = ""  # MM-DD: each year's report is of how things stand that day

    kind = "duty"


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground of nexus: a condition of the act, or of a thing of some kind."""

    id: str
    title: str
    citations: tuple[Citation, ...]
    conditions: Mapping[str, Condition]
    """By what it is asked of: act, party, item, asset."""


@dataclass(frozen=True, slots=True)
class Official:
    """What entries of official list files give a status under a programme: any of these statuses, saying all that."""

    programme: str
    statuses: tuple[str, ...]  # LIST/PROGRAMME as the files have it; * stands for any letters
    says: tuple[tuple[str, tuple[str, ...]], ...] = ()  # detail of the entry, and words of which it holds one
    part: tuple[tuple[str, tuple[str, ...]], ...] = ()  # detail of several parts, each asked by itself; * as above


@dataclass(frozen=True, slots=True)
class ListOf:
    """An official list and the programmes under which it names parties."""

    id: str
    title: str
    programmes: tuple[str, ...]
    official: tuple[Official, ...] = ()  # empty: the files name list and programmes as norms do


@dataclass(frozen=True, slots=True)
class Authority:
    """Who makes the law, with its own clock and its own grounds of nexus."""

    id: str
    title: str
    short: str
    zone: ZoneInfo
    calendar: str
    countries: tuple[str, ...]
    advisory: bool
    lists: Mapping[str, ListOf]
    grounds: Mapping[str, Ground]


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a subject."""

    name: str
    kind: str = "alias"
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Holding:
    """A share that one subject holds in another."""

    subject: str
    percent: Decimal
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """Who or what something is: identity only, no law."""

    id: str
    kind: str
    names: tuple[Name, ...]
    identifiers: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    owners: tuple[Holding, ...] = ()
    citations: tuple[Citation, ...] = ()

    @property
    def name(self) -> str:
        """The name it is called by: the first primary one, else the first."""
        return next((n.name for n in self.names if n.kind == "primary"), self.names[0].name)

    @property
    def thing(self) -> str:
        """The kind of thing of a transaction that it can be: a party or an asset."""
        return "asset" if self.kind in ASSET_KINDS else "party"


ASSET_KINDS = frozenset({"aircraft", "vessel", "property"})
SUBJECT_KINDS = frozenset({"person", "organisation", "government", "international_organisation"}) | ASSET_KINDS
