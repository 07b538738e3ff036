"""The answers as they are declared in OpenAPI; a test holds the engine's bodies to them."""

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

    kind: Literal["act", "party", "item", "asset"]
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


class AuthorityVerdict(Answer):
    """What one authority says. Of a deal of several acts, the strictest of them."""

    authority: str
    title: str
    verdict: Verdict
    manner: Literal["block", "reject"] | None
    words: str
    best: Verdict | None = None
    worst: Verdict | None = None
    nexus: Truth | None = None
    prohibitions: list[str] = []
    exemptions: list[str] = []


class Question(Answer):
    """A fact to ask for: some value of it changes a verdict."""

    fact: str
    of: Thing
    question: str
    authorities: list[str]
    stated: Any = None
    candidates: list[str] = []


class OpenLaw(Answer):
    """A question of law that nobody has settled, quoted."""

    norm: str
    title: str
    question: str
    readings: list[str]
    sources: list[str]
    authority: str


class Assumption(Answer):
    """What was assumed where asking could have changed the verdict."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    fact: str
    of: str
    assumed: Any
    as_: str | None = Field(None, alias="as", description="the fact that it follows")


class DutyDue(Answer):
    """A report, a record, a caution."""

    duty: str
    authority: str
    norm: str
    of: str
    says: str
    citations: list[Citation]
    report: str | None = None
    after: str | None = None
    due: str | None = Field(None, description="by business days of the authority's calendar")
    retain_until: str | None = None


class Candidate(Answer):
    """Whom a party was taken to be, or may be."""

    subject: str
    name: str
    verdict: Literal["same", "possible"]
    score: float = Field(ge=0, le=100)
    reason: str


class Identity(Answer):
    """The candidates for one party or asset."""

    party: str
    kind: Literal["party", "asset"]
    candidates: list[Candidate]


class MadeWith(Answer):
    """What a body was made with."""

    rules: str = Field(description="fingerprint of the rule set")
    format: int


class ActBody(Answer):
    """The decision on one act, without id or wall clock: the same facts under the same rules give the same bytes."""

    format: int
    made_with: MadeWith
    at: str
    outcome: Outcome
    authorities: list[AuthorityVerdict]
    findings: list[Finding]
    questions: list[Question]
    unresolved: list[OpenLaw]
    assumptions: list[Assumption]
    duties: list[DutyDue]
    identity: list[Identity]
    not_held: list[str] = Field(description="countries in play whose law is not held here")
    words: list[str]


class DealBody(Answer):
    """The decision on a deal of several acts: the strictest of each authority, and every act."""

    format: int
    made_with: MadeWith
    outcome: Outcome
    authorities: list[AuthorityVerdict]
    acts: list[ActBody]
    words: list[str]


class Check(Answer):
    """A decision: envelope and body."""

    id: str
    time: str = Field(json_schema_extra={"format": "date-time"})
    reference: str | None = Field(description="as the user stated it")
    body: ActBody | DealBody
