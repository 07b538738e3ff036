"""The answer to a check as it is declared in OpenAPI; a test holds the engine's bodies to it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from carveout.api.finding_answers import Answer, Brief, Citation, Finding, Outcome, Thing, Truth, Verdict
from carveout.api.owners import RegisteredOwners


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
    prohibitions: list[str] = Field([])
    exemptions: list[str] = Field([])


class Question(Answer):
    """A fact to ask for: some value of it changes a verdict."""

    fact: str
    of: Thing
    question: str
    authorities: list[str]
    stated: Any = None
    candidates: list[str] = Field([])


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


class Delisted(Answer):
    """A listing of a party or an asset that has ended."""

    authority: str
    of: str
    listing: Brief
    id: str | None = None


class Candidate(Answer):
    """Whom a party was taken to be, or may be."""

    subject: str
    name: str
    verdict: Literal["same", "possible"]
    score: float = Field(ge=0, le=100)
    reason: str


class OneAnswer(Answer):
    """What a person answered to who a party is."""

    id: str
    subject: str
    answer: Literal["same", "different"]
    reason: str
    until: str = Field(description="the first day (UTC) on which it holds no longer")
    made: str = Field(json_schema_extra={"format": "date-time"})


class UsedAnswer(OneAnswer):
    """One that bore on a decision."""

    name: str
    by: str
    holds: bool = Field(description="false: it fell away, and the question is open again")
    why: str | None = Field(None, description="why it fell away, or counts for nothing yet")
    state: Literal["proposed"] | None = Field(None, description="there while it waits for a second person")
    confirmed_by: str | None = Field(None, description="the second person, of an answer that needs one")


class Identity(Answer):
    """The candidates for one party or asset."""

    party: str
    kind: Literal["party", "asset"]
    candidates: list[Candidate]
    answers: list[UsedAnswer] = Field([], description="what people answered; who was answered to be another is gone")


class MadeWith(Answer):
    """What a body was made with."""

    rules: str = Field(description="fingerprint of the rule set")
    format: int
    lists: str | None = Field(None, description="fingerprint of the official lists kept, where there are any")
    owners: str | None = Field(None, description="fingerprint of the ownership register, where there is one")
    threshold: str | None = Field(None, description="from which score on a name is a candidate, where that was set")
    adjudications: str | None = Field(None, description="fingerprint of the answers of people that bore on it, if any")


class OverdueList(Answer):
    """A list of which no copy is kept that is young enough for the act."""

    on_list: str = Field(alias="list")
    title: str
    newest: str


class UnkeptList(Answer):
    """A list of the rule set of which no copy is kept."""

    on_list: str = Field(alias="list")
    title: str


class ReadAs(Answer):
    """Something stated in other words than the engine's, and how it was read."""

    fact: str
    of: str
    stated: str
    read: str


class ActBody(Answer):
    """The decision on one act, without id or wall clock: the same facts under the same rules give the same bytes."""

    format: int
    made_with: MadeWith
    registered_owners: list[RegisteredOwners] = Field([], description="what the ownership register says")
    overdue_lists: list[OverdueList] = Field([], description="lists of which only old copies are kept")
    lists_not_kept: list[UnkeptList] = Field(
        [], description="lists of which no copy is kept: of whom they name, only those in the rule set are known"
    )
    at: str
    read_as: list[ReadAs] = Field(description="what was stated by another name, and how it was read")
    outcome: Outcome
    authorities: list[AuthorityVerdict]
    findings: list[Finding]
    questions: list[Question]
    unresolved: list[OpenLaw]
    assumptions: list[Assumption]
    duties: list[DutyDue]
    delisted: list[Delisted]
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
