"""The body of a decision: everything it says and everything it was made of, without id or wall clock."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from carveout.engine.decide.duties import duties_of
from carveout.engine.decide.evaluation import Evaluation, Finding, Ruling, Shield
from carveout.engine.decide.leaves import Entry
from carveout.engine.decide.questions import asked
from carveout.engine.law.conditions import VERDICTS
from carveout.engine.law.norms import Norm
from carveout.engine.law.truth import NAMES, TRUE, UNKNOWN

HOW = ("not_prohibited", "authorized", "license_required")


def shown(value: Any) -> Any:
    """A fact's value as JSON."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): NAMES[truth] for key, truth in sorted(value.items())} if value else {}
    if isinstance(value, tuple | list | frozenset):
        items = [shown(v) for v in value]
        return sorted(items) if isinstance(value, frozenset) else items
    return value.name  # a linked thing


class Draft:
    """What one evaluation (one moment, one hypothesis) says, taken down before the next begins."""

    __slots__ = ("assumptions", "duties", "findings", "moment", "questions", "rulings", "unresolved")

    def __init__(self, evaluation: Evaluation, assumptions: list[dict[str, Any]]) -> None:
        self.moment = evaluation.moment
        self.rulings: dict[str, tuple[int, int, int]] = {}
        self.findings: dict[tuple[Any, ...], dict[str, Any]] = {}
        self.questions: dict[tuple[str, str], dict[str, Any]] = {}
        self.unresolved: dict[tuple[str, str], dict[str, Any]] = {}
        self.assumptions = assumptions
        for id, ruling in evaluation.rulings.items():
            self.rulings[id] = ruling.best, ruling.worst, ruling.nexus
            before = evaluation.statuses.seen_by(id)
            for finding in ruling.findings:
                key = (id, finding.ban.number, finding.thing.kind, finding.thing.number, finding.status or "")
                self.findings[key] = finding_json(evaluation, finding)
                self._open_law(evaluation, ruling, finding)
            if ruling.best < ruling.worst:
                for entry in asked(evaluation, ruling):
                    self._ask(entry, id)
            for thing, statuses in before.items():
                thing.facts["status"] = statuses
        self.duties = duties_of(evaluation)

    def _ask(self, entry: Entry, authority: str) -> None:
        key = (f"{entry.thing.kind} {entry.thing.number}", entry.fact.path)
        question = self.questions.get(key)
        if question is None:
            name = entry.thing.label if entry.thing.open else entry.thing.name
            text = entry.fact.question.replace("{thing}", name).replace("{subject}", "listed party")
            question = {
                "fact": entry.fact.path,
                "of": {"kind": entry.thing.kind, "name": entry.thing.name},
                "question": text,
                "authorities": [],
            }
            raw = entry.thing.unreadable.get(entry.fact.name)
            if raw is not None:
                question["stated"] = raw
                question["question"] += f" “{raw}” cannot be read."
            elif entry.value is not None:
                question["stated"] = shown(entry.value)
            self.questions[key] = question
        question["authorities"].append(authority)

    def _open_law(self, evaluation: Evaluation, ruling: Ruling, finding: Finding) -> None:
        if finding.best == finding.worst:
            return
        for norm, questions in (
            (finding.ban.norm, finding.open),
            *((s.cover.norm, s.open) for s in finding.shields if s.cover is not None),
        ):
            for question in questions:
                self._unresolved(norm.id, norm.title, question.law, ruling.authority)
        for source in evaluation.statuses.sources_of(finding.thing, finding.status, ruling.authority):
            if source.truth == UNKNOWN:
                for law in source.open_questions:
                    cause: Norm | None = source.listing or source.ownership
                    assert cause is not None
                    self._unresolved(cause.id, cause.title, law, ruling.authority)

    def _unresolved(self, id: str, title: str, law: Any, authority: str) -> None:
        entry = {
            "norm": id,
            "title": title,
            "question": law.question,
            "readings": list(law.readings),
            "sources": list(law.sources),
            "authority": authority,
        }
        self.unresolved.setdefault((id, law.question), entry)


def finding_json(evaluation: Evaluation, finding: Finding) -> dict[str, Any]:
    """One finding with its trace."""
    ban, thing, act = finding.ban, finding.thing, evaluation.act
    facts: list[dict[str, Any]] = []
    if ban.when is not None:
        for leaf in ban.when.plan(finding.answer)[0]:
            for entry in leaf.used(thing, act):
                facts.append({"fact": entry.fact.path, "of": entry.thing.name, "value": shown(entry.value)})
    result = {
        "authority": ban.authority, **ban.brief, "thing": {"kind": thing.kind, "name": thing.name},
        "engaged": NAMES[finding.engaged], "best": VERDICTS[finding.best], "worst": VERDICTS[finding.worst], "manner": finding.manner,
        "shields": [shield_json(evaluation, finding, shield) for shield in finding.shields], "facts": facts,
    }  # fmt: skip
    if finding.status is not None:
        result["programme"] = finding.status
        result["because"] = because(evaluation, finding)
    if finding.engaged == UNKNOWN or finding.best != finding.worst:
        missing = {
            (e.thing.name, e.fact.path): {"fact": e.fact.path, "of": e.thing.name} for e in evaluation.missing(finding)
        }
        result["missing"] = list(missing.values())
        force = ban.effective.in_force(evaluation.moment)
        if force == UNKNOWN:
            result["in_force"] = "unknown at this moment"
    return result


def because(evaluation: Evaluation, finding: Finding) -> list[dict[str, Any]]:
    """Why the thing has the status: the listing, or the owners that carry it."""
    found = []
    for source in evaluation.statuses.sources_of(finding.thing, finding.status, finding.ban.authority):
        entry: dict[str, Any] = {"status": source.status, "truth": NAMES[source.truth]}
        if source.listing is not None:
            entry["listing"] = source.listing.brief()
        else:
            entry["listing"] = {"title": "as the user states"}
        if source.ownership is not None:
            entry["ownership"] = source.ownership.brief()
            entry["path"] = list(source.path)
        found.append(entry)
    return found


def shield_json(evaluation: Evaluation, finding: Finding, shield: Shield) -> dict[str, Any]:
    """One shield with its trace."""
    if shield.cover is None:
        assert shield.held is not None
        return {
            "exemption": None, "title": f"authorisation {shield.held.reference} of {shield.held.issuer}, relied on, not seen",
            "citations": [{"instrument": shield.held.reference}], "truth": NAMES[shield.truth], "lifts_as": "authorized",
        }  # fmt: skip
    norm = shield.cover.norm
    result: dict[str, Any] = {**shield.cover.brief, "truth": NAMES[shield.truth], "lifts_as": HOW[shield.how]}
    if norm.conditions:
        result["conditions"] = list(norm.conditions)
    if shield.held is not None:
        result["held"] = f"{shield.held.reference} (relied on, not seen)"
    elif norm.granted:
        result["held"] = "not granted as stated: a permit is needed"
    if shield.stale:
        result["stale"] = f"last looked at {norm.checked}"
    if shield.excluded:
        result["excluded"] = [
            {"label": exclusion.label, "truth": NAMES[out & 3]} for exclusion, _, out in shield.excluded
        ]
    result["facts"] = [
        {"fact": entry.fact.path, "of": entry.thing.name, "value": shown(entry.value)}
        for leaf in shield.cover.covers.plan(shield.answer)[0]
        for entry in leaf.used(finding.thing, evaluation.act)
    ]
    return result


__all__ = ["TRUE", "Draft", "finding_json", "shown"]
