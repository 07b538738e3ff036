"""Norms, words and health as they are answered over HTTP, made from the rule set."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field

from carveout.api.finding_answers import Answer, Citation, Kind, Truth
from carveout.engine.law.clocks import FOREVER, Boundary, Effective, Instant
from carveout.engine.law.norms import Exemption, Listing, Norm, Prohibition
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.law.truth import NAMES


class BoundaryAnswer(Answer):
    """A boundary: `at` where it is known to the moment, else somewhere from `after` to `by`."""

    at: str | None = None
    after: str | None = None
    by: str | None = None
    published: str | None = None


class Stretch(Answer):
    """From (counts) one boundary until (does not count) another; null: not known, or without end."""

    from_: BoundaryAnswer | None = Field(alias="from")
    until: BoundaryAnswer | None


class EffectiveAnswer(Stretch):
    """When a norm is in force."""

    suspended: list[Stretch] = Field([])


class Rule(Answer):
    """A norm in a list."""

    id: str
    kind: Kind
    title: str
    authority: str
    citations: list[Citation]
    effective: EffectiveAnswer
    checked: str = Field(description="when somebody last looked")
    in_force: Truth | None = Field(None, description="at the moment asked for")


class Rules(Answer):
    """Some of the norms."""

    count: int = Field(ge=0, description="how many there are in all")
    rules: list[Rule]
    next: str | None = Field(description="the cursor of the next page; null at the end")


class RuleBrief(Answer):
    """A norm that is named by another."""

    id: str
    title: str
    effective: EffectiveAnswer


class OpenQuestion(Answer):
    """A question of law that nobody has settled."""

    question: str
    readings: list[str]
    sources: list[str]
    whole: bool = Field(description="true: of the norm as a whole; false: where a condition holds")
    during: Stretch


class RuleInFull(Rule):
    """A norm as data."""

    file: str
    events: list[str]
    notes: str
    unresolved: list[OpenQuestion]
    stale_from: str | None = Field(None, description="an exemption is unknown from then on, unless looked at again")
    statuses: list[str] = Field([], description="that a listing gives, or under which a prohibition engages")
    subject: str | None = None
    shields: list[RuleBrief] = Field([], description="prohibitions that an exemption lifts")
    shielded_by: list[RuleBrief] = Field([], description="exemptions that lift a prohibition")
    document: dict[str, Any] = Field(description="the file, as data")


class Health(Answer):
    """What is at work; whoever is not known is told that it works, and no more."""

    status: str = Field(examples=["ok"])
    version: str = ""
    format: int = Field(0, description="of the body of a decision")
    rules: str = Field("", description="fingerprint of the rule set")
    settling: str = Field("", description="what settles: durable-rules, or the reference formula and why")
    counts: dict[str, int] = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)


def moment_text(moment: int, zone: ZoneInfo) -> str | None:
    """A moment in a zone, None for the ends of time."""
    if not -FOREVER < moment < FOREVER:
        return None
    return datetime.fromtimestamp(moment, UTC).astimezone(zone).isoformat()


def boundary(edge: Boundary, zone: ZoneInfo) -> dict[str, str | None] | None:
    """A boundary as data, None for the ends of time."""
    if abs(edge.after) >= FOREVER:
        return None
    where = {"at": edge.by} if edge.after == edge.by else {"after": edge.after, "by": edge.by}
    published = {"published": edge.published} if edge.published != edge.after else {}
    return {key: moment_text(value, zone) for key, value in {**where, **published}.items()}


def effective(norm: Norm, rules: RuleSet) -> dict[str, Any]:
    """When a norm is in force, as data."""
    zone = rules.authorities[norm.authority].zone
    when: Effective = norm.effective
    result: dict[str, Any] = {"from": boundary(when.begins, zone), "until": boundary(when.ends, zone)}
    if when.suspended:
        result["suspended"] = [{"from": boundary(a, zone), "until": boundary(b, zone)} for a, b in when.suspended]
    return result


def rule(norm: Norm, rules: RuleSet, at: Instant | None = None) -> dict[str, Any]:
    """A norm in a list."""
    result = {
        "id": norm.id,
        "kind": norm.kind,
        "title": norm.title,
        "authority": norm.authority,
        "citations": [c.as_json() for c in norm.citations],
        "effective": effective(norm, rules),
        "checked": norm.checked,
    }
    if at is not None:
        result["in_force"] = NAMES[in_force(norm, at)]
    return result


def in_force(norm: Norm, at: Instant) -> int:
    """Three-valued: in force at every moment of an instant, at some, at none?"""
    edges = [e for e in norm.effective.edges() if at.first < e < at.last]
    values = {norm.effective.in_force(moment) for moment in (at.first, *edges)}
    return values.pop() if len(values) == 1 else 0b01


def rule_in_full(norm: Norm, rules: RuleSet) -> dict[str, Any]:
    """A norm as data: its document, its citations, what it shields or what shields it."""
    zone = rules.authorities[norm.authority].zone
    document = rules.documents.get(norm.file.partition("/")[2])
    result: dict[str, Any] = {
        **rule(norm, rules),
        "file": norm.file,
        "events": list(norm.events),
        "notes": norm.notes,
        "unresolved": [
            {
                "question": u.question,
                "readings": list(u.readings),
                "sources": list(u.sources),
                "whole": u.when is None,
                "during": {"from": boundary(u.begins, zone), "until": boundary(u.ends, zone)},
            }
            for u in norm.unresolved
        ],
        "document": document.data if document else {},
    }
    if isinstance(norm, Listing | Prohibition):
        result["statuses"] = list(norm.statuses)
    if isinstance(norm, Listing):
        result["subject"] = norm.subject
    if isinstance(norm, Exemption):
        result["shields"] = _briefs((rules.norms[id] for id in norm.shields), rules)
        result["stale_from"] = moment_text(norm.stale_from, zone)
    if isinstance(norm, Prohibition):
        result["shielded_by"] = _briefs(rules.exemptions_for.get(norm.id, ()), rules)
    return result


def _briefs(norms: Iterable[Norm], rules: RuleSet) -> list[dict[str, Any]]:
    return [{"id": n.id, "title": n.title, "effective": effective(n, rules)} for n in norms]
