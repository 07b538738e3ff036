"""A decision's body arranged for people: one line an authority, then everything that it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from carveout.engine.analyse.open_things import OpenThing, counted, folded, is_open, open_things
from carveout.engine.decide.words import MANNER_WORDS, OUTCOME_WORDS, VERDICT_WORDS, cited, registered, unkept
from carveout.engine.law.conditions import VERDICTS
from carveout.engine.law.ruleset import RuleSet

SIGNS = {
    "prohibited": "✕",
    "license_required": "✕",
    "review": "?",
    "authorized": "✓",
    "not_prohibited": "✓",
    "no_nexus": "–",
}
OUTCOME_SIGNS = {"stop": "✕", "review": "?", "proceed": "✓"}
TONES = {
    "prohibited": "stop",
    "license_required": "stop",
    "review": "review",
    "authorized": "proceed",
    "not_prohibited": "proceed",
    "no_nexus": "silent",
}
TRUTH_WORDS = {"true": "yes", "unknown": "not known", "false": "no"}
OPTIONAL = {"held": None, "stale": None, "conditions": (), "excluded": (), "due": None, "retain_until": None}
"""What a shield or a duty may leave out."""
_RANK = {verdict: i for i, verdict in enumerate(VERDICTS)}


def view_of(body: Mapping[str, Any], rules: RuleSet) -> dict[str, Any]:
    """What the page of a decision shows."""
    acts = [_act(act, rules) for act in body.get("acts", [body])]
    outcome = body["outcome"]
    return {
        "outcome": outcome,
        "sign": OUTCOME_SIGNS[outcome],
        "words": OUTCOME_WORDS[outcome],
        "deal": "acts" in body,
        "lines": _lines(body, [f for act in body.get("acts", [body]) for f in act["findings"]], rules),
        "acts": acts,
        "rules": body["made_with"]["rules"],
    }


def _act(body: Mapping[str, Any], rules: RuleSet) -> dict[str, Any]:
    places = rules.vocabulary.places
    return {
        "at": body["at"],
        "outcome": body["outcome"],
        "sign": OUTCOME_SIGNS[body["outcome"]],
        "lines": _lines(body, body["findings"], rules),
        "read_as": [{**r, "label": _label(r["fact"])} for r in body["read_as"]],
        "open": [_open(thing, body["findings"], rules) for thing in open_things(body["findings"])],
        "exemptions": _exemptions(body["findings"], rules),
        "questions": [{**q, "asks": _shorts(q["authorities"], rules)} for q in body["questions"]],
        "unresolved": [{**u, "short": _short(u["authority"], rules)} for u in body["unresolved"]],
        "assumptions": [{**a, "label": _label(a["fact"])} for a in body["assumptions"]],
        "duties": sorted(
            (
                {**OPTIONAL, **d, "short": _short(d["authority"], rules), "cited": cited(d["citations"])}
                for d in body["duties"]
            ),
            key=lambda d: d["due"] or "9",
        ),
        "identity": body["identity"],
        "overdue": body.get("overdue_lists", ()),
        "unkept": unkept([one["title"] for one in body.get("lists_not_kept", ())], "lists" in body["made_with"]),
        "registered": [registered(shown) for shown in body.get("registered_owners", ())],
        "delisted": [
            {
                **d["listing"],
                "of": d["of"],
                "short": _short(d["authority"], rules),
                "cited": cited(d["listing"]["citations"]),
            }
            for d in body["delisted"]
        ],
        "not_held": [places.get(place, place) for place in body["not_held"]],
        "findings": [_finding(f, rules) for f in body["findings"] if not is_open(f)],
    }


def _lines(body: Mapping[str, Any], findings: list[Mapping[str, Any]], rules: RuleSet) -> list[dict[str, Any]]:
    lines = []
    for ruling in sorted(body["authorities"], key=lambda r: -_RANK[r["verdict"]]):
        own = [f for f in findings if f["authority"] == ruling["authority"]]
        verdict = ruling["verdict"]
        word = "no jurisdiction" if verdict == "no_nexus" else VERDICT_WORDS[verdict]
        lines.append(
            {
                "short": ruling["title"],
                "title": rules.authorities[ruling["authority"]].title,
                "sign": SIGNS[verdict],
                "tone": TONES[verdict],
                "word": word[0].upper() + word[1:] + MANNER_WORDS[ruling["manner"]],
                "reasons": _reasons(verdict, folded(own)[0] if verdict == "review" else own),
                "open": [(t.name, counted(t.total)) for t in folded(own)[1]] if verdict == "review" else [],
            }
        )
    return lines


def _reasons(verdict: str, findings: list[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The norms that make the verdict, with what they meet."""
    if verdict in ("prohibited", "license_required"):
        standing = [f for f in findings if f["best"] == verdict] or [f for f in findings if f["worst"] == verdict]
        return _unique(_reason(f, f["prohibition"], f["thing"]["name"]) for f in standing)
    if verdict == "review":
        doubtful = [f for f in findings if _RANK[f["worst"]] >= _RANK["review"]]
        return _unique(_reason(f, f["prohibition"], f["thing"]["name"]) for f in doubtful)
    if verdict == "no_nexus":
        return []
    covering = [s for f in findings for s in f["shields"] if s["truth"] == "true"]
    return _unique(_reason(s, s["exemption"], "") for s in covering)


def _open(thing: OpenThing, findings: list[Mapping[str, Any]], rules: RuleSet) -> dict[str, Any]:
    """One open thing with what hangs on it."""
    own = [f for f in findings if is_open(f) and f["thing"]["name"] == thing.name]
    return {
        "name": thing.name,
        "counted": counted(thing.total),
        "of": ", ".join(f"{_short(id, rules)} {number}" for id, number in thing.counts.items()),
        "findings": [_finding(f, rules) for f in own],
    }


def _reason(norm: Mapping[str, Any], id: str | None, thing: str) -> dict[str, str]:
    return {"title": norm["title"], "cited": cited(norm["citations"]), "norm": id or "", "thing": thing}


def _unique(reasons: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for reason in reasons:
        known = found.setdefault(reason["norm"] or reason["title"], reason)
        if known is not reason and reason["thing"] not in known["thing"].split(", "):
            known["thing"] += f", {reason['thing']}"
    return list(found.values())


def _exemptions(findings: list[Mapping[str, Any]], rules: RuleSet) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for finding in findings:
        for shield in finding["shields"]:
            if shield["truth"] == "false":
                continue
            entry = found.setdefault(
                shield["exemption"] or shield["title"], {**OPTIONAL, **shield, "covers": [], "sure": True}
            )
            entry["short"] = _short(finding["authority"], rules)
            entry["cited"] = cited(shield["citations"])
            entry["sure"] = entry["sure"] and shield["truth"] == "true"
            if finding["thing"]["name"] not in entry["covers"]:
                entry["covers"].append(finding["thing"]["name"])
    return list(found.values())


def _finding(finding: Mapping[str, Any], rules: RuleSet) -> dict[str, Any]:
    return {
        "programme": None,
        **finding,
        "short": _short(finding["authority"], rules),
        "cited": cited(finding["citations"]),
        "tone": TONES[finding["worst"]],
        "sign": SIGNS[finding["worst"]],
        "engaged_word": TRUTH_WORDS[finding["engaged"]],
        "best_word": VERDICT_WORDS[finding["best"]],
        "worst_word": VERDICT_WORDS[finding["worst"]],
        "used": [{"label": _label(f["fact"]), "of": f["of"], "value": _value(f["value"])} for f in finding["facts"]],
        "wanted": [{"label": _label(f["fact"]), "of": f["of"]} for f in finding.get("missing", [])],
        "reasons": [
            {
                "title": b["listing"]["title"],
                "cited": cited(b["listing"].get("citations", [])),
                "truth": TRUTH_WORDS[b["truth"]],
                "status": b["status"],
                "path": [str(step) for step in b.get("path", [])],
            }
            for b in finding.get("because", [])
        ],
        "covers": [
            {**OPTIONAL, **s, "cited": cited(s["citations"]), "truth_word": TRUTH_WORDS[s["truth"]]}
            for s in finding["shields"]
        ],
    }


def _label(path: str) -> str:
    return path.partition(".")[2].replace("_", " ")


def _value(value: Any) -> str:
    if value is None:
        return "not stated"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(
            key if truth == "true" else f"{key} ({TRUTH_WORDS.get(truth, truth)})" for key, truth in value.items()
        )
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _short(authority: str, rules: RuleSet) -> str:
    return rules.authorities[authority].short


def _shorts(authorities: Iterable[str], rules: RuleSet) -> str:
    return ", ".join(_short(authority, rules) for authority in authorities)
