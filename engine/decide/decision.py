"""Deciding: a transaction in, a decision out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carveout.engine.decide.assumptions import assumptions_of
from carveout.engine.decide.body import Draft
from carveout.engine.decide.evaluation import Evaluation
from carveout.engine.decide.program import Program
from carveout.engine.decide.words import OUTCOME_WORDS, line
from carveout.engine.facts.case import Case, CaseReader
from carveout.engine.facts.things import Act, Thing
from carveout.engine.law.clocks import Instant, parse_moment
from carveout.engine.law.conditions import VERDICTS
from carveout.engine.law.ruleset import SHIPPED, RuleSet, load_rules
from carveout.engine.law.truth import NAMES, TRUE, UNKNOWN
from carveout.engine.parties.identity import Identifier
from carveout.engine.parties.screening import Screener

FORMAT = 1
"""Of the body: equal format numbers replay to equal bytes."""
MOST_MOMENTS = 64
OUTCOMES = ("proceed", "review", "stop")


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one transaction: `body` is JSON data without id or wall clock."""

    body: dict[str, Any]
    reference: str | None = None

    @property
    def outcome(self) -> str:
        """proceed, review or stop."""
        return str(self.body["outcome"])

    def verdict(self, authority: str) -> str:
        """One authority's verdict."""
        return str(next(a["verdict"] for a in self.body["authorities"] if a["authority"] == authority))

    def canonical(self) -> bytes:
        """The body as canonical JSON: sorted keys, no spaces, UTF-8."""
        return canonical(self.body)


def canonical(data: Any) -> bytes:
    """Canonical JSON: equal data, equal bytes."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


class Engine:
    """Decides transactions under one rule set. Safe to use from several threads, each with its own transactions."""

    def __init__(self, rules: RuleSet, screener: Screener | None = None) -> None:
        self.rules = rules
        self.program = Program(rules)
        self.reader = CaseReader(rules)
        self.screener = screener or Screener(rules.subjects.values(), rules.vocabulary.places.values())
        self.identifier = Identifier(rules, self.screener)
        self.made_with = {"rules": rules.fingerprint, "format": FORMAT}

    @classmethod
    def load(cls, folder: Path = SHIPPED) -> Engine:
        """An engine for the rules in a folder (left out: the shipped ones). Raises RuleError."""
        return cls(load_rules(folder))

    def check(self, transaction: object, *, as_known: str | None = None) -> Decision:
        """Decide a stated transaction (JSON-like data). Raises StatementError.

        `as_known`: a moment with its offset; the rule set is then what was public at that moment.
        """
        engine = self if as_known is None else Engine(self.rules.known_at(parse_moment(as_known, None)), self.screener)
        case = engine.reader.read(transaction)
        return engine.decide(case)

    def decide(self, case: Case) -> Decision:
        """Decide a case that was read before."""
        bodies = []
        for act in case.acts:
            self.identifier.screen(act)
            bodies.append(self.decide_act(act))
        if len(bodies) == 1:
            return Decision(bodies[0], case.reference)
        return Decision(self._deal(bodies), case.reference)

    def decide_act(self, act: Act) -> dict[str, Any]:
        """The body for one act whose parties have been screened."""
        drafts: list[tuple[dict[Thing, str | None], Draft]] = []
        for who in self.identifier.hypotheses(act):
            self.identifier.assume(act, who)
            for moment in self._moments(act):
                evaluation = Evaluation(self.program, act, moment)
                drafts.append((who, Draft(evaluation, assumptions_of(evaluation))))
        act.context = None
        return self._body(act, drafts)

    def _moments(self, act: Act) -> Sequence[int]:
        """One moment for each stretch of a bare date in which the law stays the same."""
        instant: Instant = act.at
        if instant.is_moment:
            return (instant.first,)
        evaluation = Evaluation(self.program, act, instant.first)
        edges: set[int] = set()
        for candidates in evaluation.candidates.values():
            for ban, _ in candidates:
                edges.update(ban.effective.edges())
                for cover in ban.shields:
                    edges.update(cover.effective.edges())
                    edges.add(cover.norm.stale_from)
                    edges.update(e for q in cover.norm.unresolved for b in (q.begins, q.ends) for e in (b.after, b.by))
                edges.update(e for q in ban.norm.unresolved for b in (q.begins, q.ends) for e in (b.after, b.by))
        subjects = [s for thing in act.things for s in thing.facts.get("subject", ())]
        subjects += [s for s in (evaluation.statuses.graph.subjects if evaluation.statuses.graph else ())]
        norms = (
            [n for s in subjects for n in self.program.listings_of.get(s, ())]
            + self.program.ownerships
            + [n for n, _ in self.program.classes]
        )
        for norm in norms:
            edges.update(norm.effective.edges())
            edges.update(e for q in norm.unresolved for b in (q.begins, q.ends) for e in (b.after, b.by))
        inside = sorted(edge for edge in edges if instant.first < edge < instant.last)
        return (instant.first, *inside[: MOST_MOMENTS - 1])

    # ---- bodies

    def _body(self, act: Act, drafts: list[tuple[dict[Thing, str | None], Draft]]) -> dict[str, Any]:
        merged = _merge([draft for _, draft in drafts])
        questions = merged["questions"]
        authorities = []
        findings_of: dict[str, list[dict[str, Any]]] = {}
        for finding in merged["findings"]:
            findings_of.setdefault(finding["authority"], []).append(finding)
        identity_matters: set[str] = set()
        time_matters: list[str] = []
        for id in sorted(self.program.rules.authorities):
            best = min(draft.rulings[id][0] for _, draft in drafts)
            worst = max(draft.rulings[id][1] for _, draft in drafts)
            if len(drafts) > 1 and best < 4 and worst >= 3:
                by_who: dict[tuple[Any, ...], set[tuple[int, int]]] = {}
                for who, draft in drafts:
                    by_who.setdefault(tuple(who.values()), set()).add(draft.rulings[id][:2])
                if len({frozenset(v) for v in by_who.values()}) > 1:
                    identity_matters.add(id)
                if any(len(v) > 1 for v in by_who.values()):
                    time_matters.append(id)
            authorities.append((id, best, worst))
        if identity_matters:
            questions += self._who_questions(act, drafts, sorted(identity_matters))
        if time_matters:
            questions.append({"fact": "act.at", "of": {"kind": "act", "name": "the act"}, "stated": act.at.text,
                              "question": "At which time of that day, and in which time zone, is it done?", "authorities": time_matters})  # fmt: skip
        rulings = [
            self._ruling(id, best, worst, drafts, findings_of.get(id, []), questions) for id, best, worst in authorities
        ]
        outcome = outcome_of(r["verdict"] for r in rulings)
        not_held = self._not_held(act)
        words = [OUTCOME_WORDS[outcome], *(r["words"] for r in rulings if r["verdict"] != "no_nexus")]
        silent = [r["title"] for r in rulings if r["verdict"] == "no_nexus"]
        if silent:
            words.append("No jurisdiction over this act: " + ", ".join(silent) + ".")
        if not_held:
            words.append("The law of these countries in play is not held here: " + ", ".join(not_held) + ".")
        return {
            "format": FORMAT, "made_with": self.made_with, "at": act.at.text, "outcome": outcome, "authorities": rulings,
            "findings": merged["findings"], "questions": questions, "unresolved": merged["unresolved"], "assumptions": merged["assumptions"],
            "duties": merged["duties"], "identity": _identity(act, self.rules), "not_held": not_held, "words": words,
        }  # fmt: skip

    def _ruling(
        self,
        id: str,
        best: int,
        worst: int,
        drafts: Any,
        findings: list[dict[str, Any]],
        questions: list[dict[str, Any]],
    ) -> dict[str, Any]:
        level = best if best >= 4 else 3 if worst >= 3 else worst
        verdict = VERDICTS[level]
        manners = {f["manner"] for f in findings if f["best"] == "prohibited"} if level == 5 else set()
        manner = "block" if "block" in manners else "reject" if "reject" in manners else None
        nexus = [draft.rulings[id][2] for _, draft in drafts]
        authority = self.rules.authorities[id]
        asked = sum(1 for q in questions if id in q["authorities"])
        shields = [s for f in findings for s in f["shields"] if s["truth"] != "false" and s["exemption"]]
        return {
            "authority": id, "title": authority.short, "verdict": verdict, "manner": manner, "best": VERDICTS[best], "worst": VERDICTS[worst],
            "nexus": NAMES[TRUE if min(nexus) == TRUE else UNKNOWN if max(nexus) else 0],
            "prohibitions": list(dict.fromkeys(f["prohibition"] for f in findings)),
            "exemptions": list(dict.fromkeys(s["exemption"] for s in shields)),
            "words": line(authority.short, verdict, manner, findings, asked),
        }  # fmt: skip

    def _who_questions(self, act: Act, drafts: Any, authorities: list[str]) -> list[dict[str, Any]]:
        found = []
        for thing in act.things:
            if any(thing in who for who, _ in drafts):
                names = [self.rules.subjects[c.subject].name for c in thing.candidates]
                found.append({"fact": f"{thing.kind}.subject", "of": {"kind": thing.kind, "name": thing.name},
                              "question": f"Is {thing.name} the recorded {' or '.join(names)}?",
                              "candidates": [c.subject for c in thing.candidates], "authorities": authorities})  # fmt: skip
        return found

    def _not_held(self, act: Act) -> list[str]:
        """Countries in play of whose authorities this rule set holds nothing."""
        within = self.rules.vocabulary.within
        held = {place for authority in self.rules.authorities.values() for place in authority.countries}
        found: set[str] = set()
        things: list[Any] = [act, *act.parties, *act.items, *act.assets]
        for thing in things:
            for name in ("country", "place", "destination", "departure", "location", "registered_in", "airspace"):
                value = thing.facts.get(name)
                for place in value if isinstance(value, tuple) else (value,) if value else ():
                    if not held & within[f"place:{place}"]:
                        found.add(place)
        return sorted(found)

    def _deal(self, bodies: list[dict[str, Any]]) -> dict[str, Any]:
        rank = {verdict: i for i, verdict in enumerate(VERDICTS)}
        authorities = []
        for rulings in zip(*(body["authorities"] for body in bodies), strict=True):
            strictest = max(
                rulings, key=lambda r: (rank[r["verdict"]], r["manner"] == "block", r["manner"] == "reject")
            )
            authorities.append({key: strictest[key] for key in ("authority", "title", "verdict", "manner", "words")})
        outcome = max((body["outcome"] for body in bodies), key=OUTCOMES.index)
        words = [OUTCOME_WORDS[outcome], *(f"Act {i + 1}: {body['words'][0]}" for i, body in enumerate(bodies))]
        return {
            "format": FORMAT,
            "made_with": self.made_with,
            "outcome": outcome,
            "authorities": authorities,
            "acts": bodies,
            "words": words,
        }


def outcome_of(verdicts: Any) -> str:
    """stop if any authority prohibits or requires a licence, else review if any says review, else proceed."""
    known = set(verdicts)
    if known & {"prohibited", "license_required"}:
        return "stop"
    return "review" if "review" in known else "proceed"


def _merge(drafts: Sequence[Draft]) -> dict[str, list[dict[str, Any]]]:
    """Several moments or hypotheses as one: the best of the best cases, the worst of the worst."""
    first = drafts[0]
    if len(drafts) == 1:
        return {
            "findings": list(first.findings.values()), "questions": list(first.questions.values()),
            "unresolved": list(first.unresolved.values()), "assumptions": first.assumptions, "duties": first.duties,
        }  # fmt: skip
    rank = {verdict: i for i, verdict in enumerate(VERDICTS)}
    findings: dict[Any, dict[str, Any]] = {}
    questions: dict[Any, dict[str, Any]] = {}
    unresolved: dict[Any, dict[str, Any]] = {}
    assumptions: dict[Any, dict[str, Any]] = {}
    duties: dict[Any, dict[str, Any]] = {}
    for key in dict.fromkeys(key for draft in drafts for key in draft.findings):
        versions = [draft.findings.get(key) for draft in drafts]
        known = [v for v in versions if v is not None]
        whole = dict(max(known, key=lambda v: (rank[v["worst"]], rank[v["best"]])))
        best = min(rank[v["best"]] if v is not None else 1 for v in versions)
        if None in versions or len({v["engaged"] for v in known}) > 1:
            whole["engaged"] = "unknown"
        whole["best"] = VERDICTS[best]
        whole["worst"] = VERDICTS[max(rank[v["worst"]] for v in known)]
        shields: dict[Any, dict[str, Any]] = {}
        for version in known:
            for shield in version["shields"]:
                shields.setdefault((shield["exemption"], shield["title"]), shield)
        whole["shields"] = list(shields.values())
        findings[key] = whole
    for draft in drafts:
        for key, question in draft.questions.items():
            if key in questions:
                questions[key] = {
                    **question,
                    "authorities": list(dict.fromkeys([*questions[key]["authorities"], *question["authorities"]])),
                }
            else:
                questions[key] = question
        for key, entry in draft.unresolved.items():
            unresolved.setdefault(key, entry)
        for entry in draft.assumptions:
            assumptions.setdefault((entry["fact"], entry["of"]), entry)
        for entry in draft.duties:
            duties.setdefault((entry["norm"], entry["of"]), entry)
    return {
        "findings": list(findings.values()), "questions": list(questions.values()), "unresolved": list(unresolved.values()),
        "assumptions": list(assumptions.values()), "duties": list(duties.values()),
    }  # fmt: skip


def _identity(act: Act, rules: RuleSet) -> list[dict[str, Any]]:
    """Who each party was taken to be, and why."""
    found = []
    for thing in act.things[: act.known or None]:
        if thing.candidates:
            found.append({"party": thing.name, "kind": thing.kind, "candidates": [
                {"subject": c.subject, "name": rules.subjects[c.subject].name, "verdict": c.verdict, "score": c.score, "reason": c.reason}
                for c in thing.candidates
            ]})  # fmt: skip
        elif "subject" in thing.stated:
            for subject in thing.stated["subject"]:
                found.append({"party": thing.name, "kind": thing.kind, "candidates": [
                    {"subject": subject, "name": rules.subjects[subject].name, "verdict": "same", "score": 100, "reason": "as the user states"}
                ]})  # fmt: skip
    return found


def as_mapping(data: Any) -> Mapping[str, Any]:
    """The data if it is a JSON object. Raises TypeError."""
    if not isinstance(data, Mapping):
        raise TypeError("a transaction is a JSON object")
    return data
