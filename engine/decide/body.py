"""What one evaluation says, as JSON data: findings with their trace, questions, open law."""

from __future__ import annotations

from typing import Any

from carveout.engine.decide.duties import duties_of
from carveout.engine.decide.evaluation import Evaluation
from carveout.engine.decide.findings import Finding, Ruling, Shield
from carveout.engine.decide.leaves import OWNERS, Entry
from carveout.engine.decide.questions import asked
from carveout.engine.decide.uncovered import uncovered_json, uncovered_of
from carveout.engine.decide.writing import shown
from carveout.engine.law.conditions import VERDICTS
from carveout.engine.law.norms import Exemption, Norm, Unresolved
from carveout.engine.law.truth import NAMES, TRUE, UNKNOWN

HOUR = Unresolved(
    "At which hour did it begin or end? The sources do not say it more exactly, and the act falls in between.",
    ("it was already in force", "it was not yet, or no longer, in force"),
)
REVIEW = VERDICTS.index("review")
HOW = ("not_prohibited", "authorized", "license_required")


class Draft:
    """What one evaluation (one moment, one hypothesis) says, taken down before the next begins."""

    __slots__ = (
        "assumptions",
        "delisted",
        "duties",
        "engagements",
        "findings",
        "moment",
        "questions",
        "rulings",
        "uncovered",
        "unresolved",
    )

    def __init__(self, evaluation: Evaluation, assumptions: list[dict[str, Any]]) -> None:
        self.moment = evaluation.moment
        self.rulings: dict[str, tuple[int, int, int]] = {}
        self.findings: dict[str, list[dict[str, Any]]] = {}
        """By authority."""
        self.engagements: list[Finding] = []
        """What the findings are of, in their order."""
        self.questions: dict[tuple[str, str], dict[str, Any]] = {}
        self.unresolved: dict[tuple[str, str], dict[str, Any]] = {}
        self.uncovered: dict[str, bool] = {}
        """Questions about lists without a norm, and whether the list is that of an authority held here."""
        self.assumptions = assumptions
        for id, ruling in evaluation.rulings.items():
            self.rulings[id] = ruling.best, ruling.worst, ruling.nexus
            if ruling.findings:
                self._findings(evaluation, id, ruling)
        for thing, source in uncovered_of(evaluation):
            self._uncovered(uncovered_json(evaluation, thing, source))
        self.duties = duties_of(evaluation)
        self.delisted = delisted_json(evaluation)

    def _uncovered(self, entry: dict[str, Any]) -> None:
        id = entry["authority"]
        if id in self.rulings:
            best, worst, nexus = self.rulings[id]
            if not nexus:  # its lists are nothing to the act
                return
            self.rulings[id] = best, max(worst, REVIEW), nexus
        self.uncovered[entry["question"]] = id in self.rulings
        self.unresolved.setdefault((entry["norm"], entry["question"]), entry)

    def keyed(self) -> dict[tuple[Any, ...], dict[str, Any]]:
        """The findings by what they are of: the same in every draft of an act."""
        found = [finding for findings in self.findings.values() for finding in findings]
        keys = [(f.ban.number, f.thing.kind, f.thing.number, f.status or "") for f in self.engagements]
        return dict(zip(keys, found, strict=True))

    def _findings(self, evaluation: Evaluation, id: str, ruling: Ruling) -> None:
        before = evaluation.statuses.seen_by(id) if evaluation.statuses.inherited else {}
        if before:
            evaluation.quantified.clear()
        findings = ruling.findings
        self.findings[id] = [finding_json(evaluation, finding) for finding in findings]
        self.engagements += findings
        for finding in findings:
            if finding.best != finding.worst:
                self._open_law(evaluation, ruling, finding)
        if ruling.best < ruling.worst:
            for entry in asked(evaluation, ruling):
                bounds = evaluation.statuses.bounds_in_words(entry.thing, id) if entry.fact is OWNERS else ""
                self._ask(entry, id, bounds)
        for thing, statuses in before.items():
            thing.facts["status"] = statuses
            evaluation.quantified.clear()

    def _ask(self, entry: Entry, authority: str, bounds: str) -> None:
        thing, fact = entry.thing, entry.fact
        key = f"{thing.kind} {thing.number}", fact.path
        question = self.questions.get(key)
        if question is None:
            name = thing.label if thing.open else thing.name
            text = fact.question.replace("{thing}", name).replace("{subject}", "listed party")
            question = {
                "fact": fact.path,
                "of": {"kind": thing.kind, "name": thing.name},
                "question": text,
                "authorities": [],
            }
            raw = thing.unreadable.get(fact.name)
            if raw is not None:
                question["stated"] = raw
                question["question"] += f" “{raw}” cannot be read."
            elif entry.value is not None:
                question["stated"] = shown(entry.value)
            elif thing.kind == "party" and thing.unread and fact.name == "name":
                question["stated"] = thing.name
                question["question"] += f" {thing.unread[0].upper()}{thing.unread[1:]}."
            self.questions[key] = question
        if bounds and bounds not in question["question"]:
            question["question"] += f" {bounds}"
        question["authorities"].append(authority)

    def _open_law(self, evaluation: Evaluation, ruling: Ruling, finding: Finding) -> None:
        shields = [
            shield for shield in finding.shields if shield.cover is not None and _bears(evaluation, finding, shield)
        ]
        covers = [(shield.cover.norm, shield.open) for shield in shields if shield.cover is not None]
        for norm, questions in ((finding.ban.norm, finding.open), *covers):
            self._open_hour(evaluation, norm, ruling.authority)
            for question in questions:
                self._unresolved(norm, question.law, ruling.authority)
        if ruling.verdict == REVIEW and finding.worst >= REVIEW:
            for shield in shields:
                if shield.stale and shield.cover is not None:
                    self._ask_stale(shield.cover.norm, ruling.authority)
        doubts = [
            source
            for source in evaluation.statuses.sources_of(finding.thing, finding.status, ruling.authority)
            if source.truth == UNKNOWN
        ]
        for entry in evaluation.missing(finding):
            if entry.fact.name == "status":
                doubts += evaluation.statuses.doubts(entry.thing, ruling.authority)
        for source in doubts:
            if source.listing is not None:
                self._open_hour(evaluation, source.listing, ruling.authority)
            for law in source.open_questions:
                cause: Norm | None = source.listing or source.ownership
                assert cause is not None
                self._unresolved(cause, law, ruling.authority)

    def _ask_stale(self, norm: Exemption, authority: str) -> None:
        """Nobody can state in a transaction that a text still holds; somebody can look."""
        question = self.questions.setdefault(
            (f"norm {norm.id}", "norm.checked"),
            {
                "fact": "norm.checked",
                "of": {"kind": "norm", "name": norm.id},
                "question": f"{norm.title}: last looked at on {norm.checked}, not since. Is it still in force?",
                "authorities": [],
            },
        )
        if authority not in question["authorities"]:
            question["authorities"].append(authority)

    def _open_hour(self, evaluation: Evaluation, norm: Norm, authority: str) -> None:
        if norm.effective.in_force(evaluation.moment) == UNKNOWN:
            self._unresolved(norm, HOUR, authority)

    def _unresolved(self, norm: Norm, law: Any, authority: str) -> None:
        entry = {
            "norm": norm.id,
            "title": norm.title,
            "question": law.question,
            "readings": list(law.readings),
            "sources": list(law.sources),
            "authority": authority,
        }
        self.unresolved.setdefault((norm.id, law.question), entry)


def _bears(evaluation: Evaluation, finding: Finding, shield: Shield) -> bool:
    """Is the text of an exemption worth asking about yet?

    Not where facts are missing that tell whether there is anything to lift, nor whether this would lift it: those come
    first (a drill for Japan is no part for an airline in a letter). Where law alone leaves it open, no fact will come.
    """
    return finding.engaged == TRUE or shield.answer & 3 == TRUE or not evaluation.missing(finding)


def delisted_json(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Listings of the parties and assets that have ended, for the authorities that have a say."""
    program, found = evaluation.program, []
    for things in (evaluation.act.parties, evaluation.act.assets):
        for thing in things:
            for subject in thing.facts.get("subject", ()):
                for listing in program.timeline(subject).over(evaluation.moment):
                    ruling = evaluation.rulings.get(listing.authority)
                    if ruling is not None and ruling.nexus:
                        brief = program.brief_of(listing)
                        found.append({"authority": listing.authority, "of": thing.name, "listing": brief})
    return found


def finding_json(evaluation: Evaluation, finding: Finding) -> dict[str, Any]:
    """One finding with its trace."""
    ban, thing = finding.ban, finding.thing
    written = evaluation.written(thing)
    result = ban.brief.copy()
    result["thing"] = written.named
    result["engaged"] = NAMES[finding.engaged]
    result["best"] = VERDICTS[finding.best]
    result["worst"] = VERDICTS[finding.worst]
    if finding.manner is not None:
        result["manner"] = finding.manner
    shields = finding.shields
    result["shields"] = [shield_json(evaluation, finding, shield) for shield in shields] if shields else []
    when = ban.when
    if when is None:
        result["facts"] = []
    else:
        trace = when.traces.get(finding.answer) or when.trace(finding.answer)
        result["facts"] = trace(written, thing, evaluation.act)
    status = finding.status
    if status is not None:
        result["programme"] = status
        result["because"] = because(evaluation, finding)
    if finding.best != finding.worst:
        missing = {(e.thing.name, e.fact.path): None for e in evaluation.missing(finding)}
        result["missing"] = [{"fact": path, "of": name} for name, path in missing]
        if ban.effective.in_force(evaluation.moment) == UNKNOWN:
            result["in_force"] = "unknown at this moment"
    return result


def because(evaluation: Evaluation, finding: Finding) -> list[dict[str, Any]]:
    """Why the thing has the status: the listing, or the owners that carry it."""
    status = finding.status or ""
    reasons = evaluation.statuses.reasons.get(finding.thing)
    if reasons is not None and status in reasons:
        return reasons[status]
    found, program = [], evaluation.program
    for source in evaluation.statuses.sources_of(finding.thing, status, finding.ban.authority):
        listing = program.brief_of(source.listing) if source.listing is not None else {"title": "as the user states"}
        entry: dict[str, Any] = {"status": source.status, "truth": NAMES[source.truth], "listing": listing}
        if source.ownership is not None:
            entry["ownership"] = program.brief_of(source.ownership)
            entry["path"] = list(source.path)
        found.append(entry)
    if reasons is not None:
        reasons[status] = found
    return found


def shield_json(evaluation: Evaluation, finding: Finding, shield: Shield) -> dict[str, Any]:
    """One shield with its trace."""
    cover = shield.cover
    if cover is None:
        held = shield.held
        assert held is not None
        return {
            "exemption": None,
            "title": f"authorisation {held.reference} of {held.issuer}, relied on, not seen",
            "citations": [{"instrument": held.reference}],
            "truth": NAMES[shield.truth],
            "lifts_as": "authorized",
        }
    norm = cover.norm
    result: dict[str, Any] = {**cover.brief, "truth": NAMES[shield.truth], "lifts_as": HOW[shield.how]}
    if norm.conditions:
        result["conditions"] = list(norm.conditions)
    if shield.held is not None:
        result["held"] = f"{shield.held.reference} (relied on, not seen)"
    elif norm.granted:
        result["held"] = "not granted as stated: a permit is needed"
    if shield.stale:
        result["stale"] = f"last looked at {norm.checked}"
    if shield.excluded:
        result["excluded"] = [{"label": e.label, "truth": NAMES[out & 3]} for e, _, out in shield.excluded]
    thing, covers = finding.thing, cover.covers
    trace = covers.traces.get(shield.answer) or covers.trace(shield.answer)
    result["facts"] = trace(evaluation.written(thing), thing, evaluation.act)
    return result
