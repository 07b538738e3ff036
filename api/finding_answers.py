"""Findings as they are declared in OpenAPI: what became of one prohibition meeting one thing, and why."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from carveout.engine.law.conditions import VERDICTS
from carveout.engine.law.norms import EFFECTS

Truth = Literal["true", "unknown", "false"]
Outcome = Literal["proceed", "review", "stop"]
Verdict = Literal["no_nexus", "not_prohibited", "authorized", "review", "license_required", "prohibited"]
Kind = Literal["listing", "prohibition", "exemption", "ownership", "duty"]
Effect = Literal["review", "license_required", "prohibited"]
assert Verdict.__args__ == VERDICTS and Effect.__args__ == EFFECTS  # type: ignore[attr-defined]


class Answer(BaseModel):
    """Nothing is answered that is not declared."""

    model_config = ConfigDict(extra="forbid")


class Citation(Answer):
    """Where it stands in the law, where the fact came from, and how sure it is."""

    instrument: str
    paragraph: str | None = None
    published: str | None = None
    source: str | None = None
    sure: Literal["primary", "secondary", "recalled"] | None = None


class Thing(Answer):
    """What is spoken of."""

    kind: Literal["act", "party", "item", "asset", "norm"]
    name: str


class UsedFact(Answer):
    """A fact that was used."""

    fact: str = Field(examples=["item.eccn"])
    of: str
    value: Any


class MissingFact(Answer):
    """A fact that is missing."""

    fact: str
    of: str


class Excluded(Answer):
    """An exclusion of an exemption that bears on the case."""

    label: str
    truth: Truth


class Shield(Answer):
    """One exemption, or authorisation held, meeting one engagement."""

    exemption: str | None
    title: str
    citations: list[Citation]
    truth: Truth
    lifts_as: Literal["authorized", "not_prohibited", "license_required"]
    conditions: list[str] = []
    held: str | None = None
    stale: str | None = None
    excluded: list[Excluded] = []
    facts: list[UsedFact] = []


class Brief(Answer):
    """A norm in short."""

    id: str | None = None
    title: str
    citations: list[Citation] = []


class Because(Answer):
    """Why a thing has a status."""

    status: str
    truth: Truth
    listing: Brief
    ownership: Brief | None = None
    path: list[Any] = []


class Likewise(Answer):
    """Another prohibition that says the same under another programme."""

    prohibition: str
    programme: str


class Finding(Answer):
    """One prohibition meeting one thing, and what became of it."""

    authority: str
    prohibition: str
    title: str
    citations: list[Citation]
    effect: Effect
    thing: Thing
    engaged: Truth
    best: Verdict
    worst: Verdict
    manner: Literal["block", "reject"] | None
    shields: list[Shield]
    facts: list[UsedFact]
    programme: str | None = None
    because: list[Because] = []
    missing: list[MissingFact] = []
    in_force: str | None = None
    likewise: list[Likewise] = []
