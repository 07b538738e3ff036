"""From what the evaluations of an act say to the one body of its decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from carveout.engine.decide.alike import gathered, spoken_of
from carveout.engine.decide.body import Draft
from carveout.engine.decide.joining import join
from carveout.engine.decide.words import OUTCOME_WORDS, delisted, line
from carveout.engine.decide.words import unkept as unkept_in_words
from carveout.engine.facts.things import Act, Thing
from carveout.engine.law.conditions import VERDICTS
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.law.truth import FALSE, NAMES, TRUE, UNKNOWN
from carveout.engine.parties.adjudications.model import SAME
from carveout.engine.parties.adjudications.settling import WAITS, Ruling
from carveout.engine.parties.adjudications.stated import digest_of
from carveout.engine.parties.subjects import Subjects

FORMAT = 1
"""Of the body: equal format numbers replay to equal bytes."""
OUTCOMES = ("proceed", "review", "stop")
MOST_ANSWERS = 50
"""Answers of people that are told in words; all are in `identity`."""
MOST_LOOKED_UP = 200
"""Parties whose registered owners an answer shows."""
Who = dict[Thing, tuple[str, ...]]
_WHEN = "At which time of that day, and in which time zone, is it done?"


def outcome_of(verdicts: Iterable[str]) -> str:
    """stop if any authority prohibits or requires a licence, else review if any says review, else proceed."""
    known = set(verdicts)
    if "prohibited" in known or "license_required" in known:
        return "stop"
    return "review" if "review" in known else "proceed"


class Answer:
    """Builds bodies under one rule set."""

    def __init__(self, rules: RuleSet, subjects: Subjects, known: Mapping[str, str], owners: str | None = None) -> None:
        """`known`: the citations of each norm in one line; `owners`: the fingerprint of the ownership register."""
        self.rules, self.subjects, self.known = rules, subjects, known
        self.silent: dict[tuple[str, tuple[int, int, int]], dict[str, Any]] = {}
        self.stated: dict[str, list[dict[str, Any]]] = {}
        """By subject: how a decision says that the user identified a party."""
        self.made_with: dict[str, Any] = {"rules": rules.fingerprint, "format": FORMAT}
        if subjects.fingerprint is not None:
            self.made_with["lists"] = subjects.fingerprint
        if owners is not None:
            self.made_with["owners"] = owners
        if subjects.threshold is not None:
            self.made_with["threshold"] = f"{subjects.threshold:g}"
        self.unkept = [
            (authority, {"list": name, "title": subjects.lists.title(name)}) for name, authority in subjects.unkept
        ]
        """By authority: its lists of which no copy is kept."""
        self.order = sorted(rules.authorities)
        self.authorities = [(id, rules.authorities[id].short) for id in sorted(rules.authorities)]
        held = {place for authority in rules.authorities.values() for place in authority.countries}
        within = rules.vocabulary.within
        self.not_held = {place for place in rules.vocabulary.places if not held & within[f"place:{place}"]}
        self.places = {
            kind: [
                (f.name, f.many) for f in rules.vocabulary.facts_of(kind) if f.type == "place" and f.name in _IN_PLAY
            ]
            for kind in ("act", "party", "item", "asset")
        }

    def body(self, act: Act, drafts: Sequence[tuple[Who, Draft]]) -> dict[str, Any]:
        """The body for one act: of one draft, or of several moments and hypotheses joined."""
        whole = join([draft for _, draft in drafts])
        questions = whole.questions
        findings = {id: gathered(found) for id, found in whole.findings.items()}
        if len(drafts) > 1:
            questions = questions + self._which(act, drafts, whole.ranges)
        rulings = [
            self._ruling(id, short, whole.ranges[id], findings.get(id, ()), questions) for id, short in self.authorities
        ]
        for entry in whole.delisted:
            for ruling in rulings:
                if ruling["authority"] == entry["authority"]:
                    ruling["words"] += f" {delisted(entry)}"
        outcome = outcome_of([ruling["verdict"] for ruling in rulings])
        if outcome == "proceed" and not all(whole.uncovered.values()):
            outcome = "review"  # a list of nobody held here: none of the verdicts says it
        not_held = self._countries(act)
        words, silent = [OUTCOME_WORDS[outcome]], []
        for ruling in rulings:
            if ruling["verdict"] == "no_nexus":
                silent.append(ruling["title"])
            else:
                words.append(ruling["words"])
        words += whole.uncovered
        if silent:
            words.append(f"No jurisdiction over this act: {', '.join(silent)}.")
        if not_held:
            words.append(f"The law of these countries in play is not held here: {', '.join(not_held)}.")
        rulings_of = [(thing, ruling) for thing in act.things for ruling in thing.answers]
        words += [self._answered(thing, ruling) for thing, ruling in rulings_of[:MOST_ANSWERS]]
        overdue = self._overdue(act, whole.ranges) if self.subjects.watched else []
        if overdue:
            newest = ", ".join(f"{entry['title']} ({entry['newest']})" for entry in overdue)
            words.append(f"Lists whose newest kept copy is too old for that day: {newest}.")
        unkept = [entry for id, entry in self.unkept if whole.ranges[id][2]]
        if unkept:
            words.append(unkept_in_words([entry["title"] for entry in unkept], self.subjects.watched))
        registered = [t.registered.shown for t in act.things if t.registered is not None]
        looked_up = [shown for shown in registered if shown is not None][:MOST_LOOKED_UP]
        if looked_up:
            named = {party.name for party in act.parties}
            words += [_looked_up(shown) for shown in looked_up if shown["party"] in named]
        if len(registered) > len(looked_up):
            words.append(f"{len(registered) - len(looked_up)} more parties were looked up and are not shown.")
        return {
            "format": FORMAT,
            "made_with": self._made_with([ruling for _, ruling in rulings_of]),
            **({"registered_owners": looked_up} if looked_up else {}),
            **({"overdue_lists": overdue} if overdue else {}),
            **({"lists_not_kept": unkept} if unkept else {}),
            "at": act.at.text,
            "read_as": act.read_as,
            "outcome": outcome,
            "authorities": rulings,
            "findings": [finding for id in self.order for finding in findings.get(id, ())],
            "questions": questions,
            "unresolved": spoken_of(findings, whole.unresolved),
            "assumptions": whole.assumptions,
            "duties": whole.duties,
            "delisted": whole.delisted,
            "identity": self._identity(act),
            "not_held": not_held,
            "words": words,
        }

    def _ruling(
        self,
        id: str,
        short: str,
        range_: tuple[int, int, int],
        findings: Sequence[dict[str, Any]],
        questions: Sequence[dict[str, Any]],
    ) -> dict[str, Any]:
        if not findings:  # nothing met the act: all that can be said was said before
            said = self.silent.get((id, range_))
            if said is None:
                said = self.silent[id, range_] = self._full_ruling(id, short, range_, (), ())
            return {**said, "prohibitions": [], "exemptions": []}
        return self._full_ruling(id, short, range_, findings, questions)

    def _full_ruling(
        self,
        id: str,
        short: str,
        range_: tuple[int, int, int],
        findings: Sequence[dict[str, Any]],
        questions: Sequence[dict[str, Any]],
    ) -> dict[str, Any]:
        best, worst, nexus = range_
        level = best if best >= 4 else 3 if worst >= 3 else worst
        verdict = VERDICTS[level]
        manner = None
        prohibitions: dict[str, None] = {}
        exemptions: dict[str, None] = {}
        for finding in findings:
            prohibitions[finding["prohibition"]] = None
            if level == 5 and finding["best"] == "prohibited" and finding["manner"] is not None and manner != "block":
                manner = finding["manner"]
            for shield in finding["shields"]:
                if shield["exemption"]:
                    exemptions[shield["exemption"]] = None
        asked = sum(1 for q in questions if id in q["authorities"]) if questions else 0
        return {
            "authority": id,
            "title": short,
            "verdict": verdict,
            "manner": manner,
            "best": VERDICTS[best],
            "worst": VERDICTS[worst],
            "nexus": NAMES[nexus],
            "prohibitions": list(prohibitions),
            "exemptions": list(exemptions),
            "words": line(short, verdict, manner, findings, asked, self.known),
        }

    def _which(self, act: Act, drafts: Sequence[tuple[Who, Draft]], ranges: Any) -> list[dict[str, Any]]:
        """Questions where moments or hypotheses differ: who is it, when is it?"""
        who_matters, time_matters = [], []
        for id, _ in self.authorities:
            best, worst, _ = ranges[id]
            if best >= 4 or worst < 3:
                continue
            by_who: dict[tuple[Any, ...], set[tuple[int, int]]] = {}
            for who, draft in drafts:
                by_who.setdefault(tuple(who.values()), set()).add(draft.rulings[id][:2])
            if len({frozenset(found) for found in by_who.values()}) > 1:
                who_matters.append(id)
            if any(len(found) > 1 for found in by_who.values()):
                time_matters.append(id)
        found = []
        for thing in act.things if who_matters else ():
            if any(thing in who for who, _ in drafts):
                names = [self.subjects[c.subject].name for c in thing.candidates]
                found.append(
                    {
                        "fact": f"{thing.kind}.subject",
                        "of": {"kind": thing.kind, "name": thing.name},
                        "question": f"Is {thing.name} the recorded {' or '.join(names)}?",
                        "candidates": [c.subject for c in thing.candidates],
                        "authorities": who_matters,
                    }
                )
        if time_matters:
            of = {"kind": "act", "name": act.name}
            found.append(
                {"fact": "act.at", "of": of, "stated": act.at.text, "question": _WHEN, "authorities": time_matters}
            )
        return found

    def _overdue(self, act: Act, ranges: Mapping[str, tuple[int, int, int]]) -> list[dict[str, str]]:
        """The lists with a say in the act of which only old copies are kept."""
        return [
            {"list": name, "title": self.subjects.lists.title(name), "newest": day.isoformat()}
            for name, authority, day in self.subjects.overdue(act.at.first)
            if authority not in ranges or ranges[authority][2]
        ]

    def _countries(self, act: Act) -> list[str]:
        """Countries in play of whose authorities this rule set holds nothing."""
        found: set[str] = set()
        for kind, things in (("act", (act,)), ("party", act.parties), ("item", act.items), ("asset", act.assets)):
            names = self.places[kind]
            for thing in things:
                facts = thing.facts
                for name, many in names:
                    value = facts.get(name)
                    if value is not None:
                        if many:
                            found.update(value)
                        else:
                            found.add(value)
        return sorted(found & self.not_held)

    def _identity(self, act: Act) -> list[dict[str, Any]]:
        """Who each party was taken to be, and why."""
        found = []
        for thing in act.things[: act.known or None]:
            if thing.candidates:
                candidates = [(c.subject, c.verdict, c.score, c.reason) for c in thing.candidates]
                who = [self._candidate(*each) for each in candidates]
            elif "subject" in thing.stated:
                (subject,) = thing.stated["subject"]
                who = self._as_stated(subject)
            elif thing.answers:
                who = []
            else:
                continue
            entry = {"party": thing.name, "kind": thing.kind, "candidates": who}
            if thing.answers:
                entry["answers"] = [r.as_json(self.subjects[r.adjudication.subject].name) for r in thing.answers]
            found.append(entry)
        return found

    def _made_with(self, rulings: Sequence[Ruling]) -> dict[str, Any]:
        """With a fingerprint of the answers that bore on the act, where any did."""
        if not rulings:
            return self.made_with
        used = sorted({(r.adjudication.id, r.adjudication.digest, r.why) for r in rulings})
        return {**self.made_with, "adjudications": digest_of(used)}

    def _answered(self, thing: Thing, ruling: Ruling) -> str:
        answer = ruling.adjudication
        name = self.subjects[answer.subject].name
        is_ = "is" if answer.answer == SAME else "is not"
        said = f"{answer.person} on {answer.made[:10]}, that {thing.name} {is_} {name} ({answer.subject})"
        if ruling.holds:
            return f"Taken from an answer of {said}: {answer.reason}"
        if ruling.why == WAITS:
            return f"An answer of {said}, settles nothing yet: {WAITS}."
        return f"An answer of {said}, no longer holds: {ruling.why}."

    def _as_stated(self, subject: str) -> list[dict[str, Any]]:
        known = self.stated.get(subject)
        if known is None:
            known = self.stated[subject] = [self._candidate(subject, "same", 100, "as the user states")]
        return known

    def _candidate(self, subject: str, verdict: str, score: int, reason: str) -> dict[str, Any]:
        name = self.subjects[subject].name
        return {"subject": subject, "name": name, "verdict": verdict, "score": score, "reason": reason}

    def deal(self, bodies: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """The body of a deal: each act by itself, the strictest verdict of each authority."""
        rank = {verdict: i for i, verdict in enumerate(VERDICTS)}
        authorities = []
        for rulings in zip(*(body["authorities"] for body in bodies), strict=True):
            strictest = max(
                rulings, key=lambda r: (rank[r["verdict"]], r["manner"] == "block", r["manner"] == "reject")
            )
            authorities.append({key: strictest[key] for key in ("authority", "title", "verdict", "manner", "words")})
        outcome = max((body["outcome"] for body in bodies), key=OUTCOMES.index)
        words = [OUTCOME_WORDS[outcome], *(f"Act {i + 1}: {body['words'][0]}" for i, body in enumerate(bodies))]
        used = [body["made_with"]["adjudications"] for body in bodies if "adjudications" in body["made_with"]]
        return {
            "format": FORMAT,
            "made_with": {**self.made_with, "adjudications": digest_of(used)} if used else self.made_with,
            "outcome": outcome,
            "authorities": authorities,
            "acts": list(bodies),
            "words": words,
        }


def _looked_up(shown: Mapping[str, Any]) -> str:
    """Which source the owners of a party come from."""
    told = ", ".join(f"{source['source']} ({source['published']})" for source in shown["sources"])
    is_ = "is" if shown["sure"] else "may be"
    beside = f"; {shown['beside']}" if "beside" in shown else ""
    return f"Owners of {shown['party']}, which {is_} {' or '.join(shown['is'])}: {told}{beside}."


_IN_PLAY = ("country", "place", "destination", "departure", "location", "registered_in", "airspace")
"""Facts that bring a country into play (where goods were made does not)."""
__all__ = ["FALSE", "FORMAT", "OUTCOMES", "TRUE", "UNKNOWN", "Answer", "Who", "outcome_of"]
