"""What the routes of the store answer, as it is declared in OpenAPI."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from carveout.api.answers import ActBody, DealBody
from carveout.api.finding_answers import Answer, Outcome


class EnvelopeAnswer(Answer):
    """A decision without its body: who, when, and with what."""

    id: str
    time: str = Field(json_schema_extra={"format": "date-time"})
    person: str
    reference: str | None
    outcome: Outcome
    body: str = Field(description="SHA-256 of the body")
    stated: str = Field(description="SHA-256 of what was stated, as canonical JSON")
    rules: str = Field(description="the rule version: SHA-256 of its manifest")
    fingerprint: str = Field(description="of the rule set")
    lists: str | None = Field(description="fingerprint of the official lists in use")
    format: int
    engine: str
    threshold: str | None = Field(description="from which score on a name was a candidate; null: the shipped one")
    as_known: str | None
    table: str | None = Field(description="the screened table that it belongs to")
    rows: list[int] | None = Field(description="rows of the table that share it, from 1")
    retain_until: str


class DecisionPage(Answer):
    """Some decisions, newest first."""

    decisions: list[EnvelopeAnswer]
    next: str | None = Field(description="the cursor of the next page; null at the end")


class Hashes(Answer):
    """SHA-256 of what the audit entry speaks of."""

    body: str
    stated: str
    envelope: str


class LawFile(Answer):
    """A norm or a subject, as its file stood."""

    id: str
    file: str
    sha256: str
    text: str


class Evidence(Answer):
    """One decision with everything it was made of."""

    format: int
    made: dict[str, str] = Field(description="when and by whom this pack was made")
    decision: EnvelopeAnswer
    hashes: Hashes
    stated: Any
    body: ActBody | DealBody
    law: list[LawFile]
    rules: dict[str, Any]
    lists: dict[str, Any] | None = Field(description="official lists in use: fingerprint, and `snapshots` if found")
    owners: dict[str, Any] | None = Field(description="ownership register in use: fingerprint, and `imports` if found")
    answers: list[dict[str, Any]] = Field(
        description="answers of people that bore on it, with the party as stated and the record as it stood"
    )
    audit: dict[str, Any] = Field(description="the entry of the decision as its bytes, and the newest signed head")


class DifferenceAnswer(Answer):
    """Where two bodies differ."""

    path: str = Field(description="JSON Pointer")
    then: Any
    now: Any


class ReplayAnswer(Answer):
    """What came of deciding once more."""

    id: str
    law: Literal["recorded", "today"]
    as_known: str | None
    same: bool = Field(description="the same bytes for the same format, else the same verdicts and findings")
    same_bytes: bool
    same_verdicts: bool
    same_findings: bool
    formats: dict[str, int]
    others: list[str] = Field(
        description="lists or registers of then that cannot be found any more, and what was asked in their place"
    )
    differences: list[DifferenceAnswer]
    body: ActBody | DealBody = Field(description="of now")
