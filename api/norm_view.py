"""One norm arranged for people: where it stands, when it is in force, what it says, what it has to do with others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from carveout.api.chart import dates
from carveout.engine.law.norms import Duty, Exemption, Listing, Norm, Prohibition
from carveout.engine.law.ruleset import RuleSet

JOINTS = {"all": "all of this holds", "any": "at least one of this holds", "not": "this does not hold"}
QUANTIFIERS = {"any": "for at least one", "every": "for every"}
TESTS = {
    "is": "is", "in": "is one of", "at_least": "is at least", "at_most": "is at most", "more_than": "is more than",
    "less_than": "is less than", "before": "is before", "after": "is after", "starts": "begins with",
}  # fmt: skip
CONDITIONS = {
    "when": "It reaches", "covers": "It covers", "except": "It does not cover", "members": "It lists whoever fits this",
    "block": "It blocks where", "reject": "It is rejected where",
}  # fmt: skip


@dataclass(slots=True)
class Said:
    """A line of a condition with what stands below it."""

    text: str
    below: list[Said]


def norm_view(norm: Norm, rules: RuleSet) -> dict[str, Any]:
    """What the page of a norm shows."""
    document = next((d for d in rules.documents.values() if d.file == norm.file), None)
    data: Mapping[str, Any] = document.data if document is not None and isinstance(document.data, dict) else {}
    return {
        "id": norm.id,
        "kind": norm.kind,
        "title": norm.title,
        "authority": rules.authorities[norm.authority].title,
        "zone": rules.authorities[norm.authority].zone.key,
        "dates": dates(norm, rules),
        "checked": norm.checked,
        "citations": [
            {
                "text": str(citation),
                "beside": "; ".join(p for p in (citation.published, citation.source, citation.sure) if p),
            }
            for citation in norm.citations
        ],
        "conditions": [
            (
                title,
                [_said(data[key], rules)] if not isinstance(data[key], list) else [_said(c, rules) for c in data[key]],
            )
            for key, title in CONDITIONS.items()
            if data.get(key)
        ],
        "plain": list(_plain(data, rules)),
        "unresolved": norm.unresolved,
        "notes": norm.notes,
        "others": [(title, found) for title, found in _others(norm, rules) if found],
        "file": norm.file,
    }


def cases_of(norm: Norm, rules: RuleSet) -> list[dict[str, str]]:
    """The worked cases that stand beside a norm's file in its rule set: title, id and reason."""
    file = Path(norm.file)
    beside = file.with_name(f"{file.name.partition('.')[0]}.cases.yaml").as_posix()
    document = next((document for document in rules.documents.values() if document.file == beside), None)
    found = document.data if document is not None and isinstance(document.data, list) else []
    return [
        {key: str(case.get(key, "")) for key in ("id", "title", "reason")} for case in found if isinstance(case, dict)
    ]


def _plain(data: Mapping[str, Any], rules: RuleSet) -> Iterator[tuple[str, list[str]]]:
    """What the file says in single words."""
    subjects = rules.subjects
    for key, title in (
        ("for_each", "Asked of each"), ("effect", "Effect"), ("programmes", "Of whoever is under"), ("list", "List"),
        ("programme", "Programme"), ("subject", "Who"), ("number", "Number"), ("grounds", "Grounds of jurisdiction"),
        ("lifts_as", "Lifts as"), ("conditions", "On condition that"), ("says", "Duty"),
    ):  # fmt: skip
        if value := data.get(key):
            texts = list(map(str, value)) if isinstance(value, list) else [str(value)]
            yield title, [subjects[t].name if key == "subject" and t in subjects else t for t in texts]


def _said(raw: Any, rules: RuleSet) -> Said:
    """A condition in words: as the file writes it, its words spelled out."""
    if isinstance(raw, list):
        return Said("all of this holds", [_said(part, rules) for part in raw])
    if not isinstance(raw, Mapping):
        return Said(str(raw), [])
    if "fact" in raw:
        return Said(_leaf(raw, rules), [])
    if "label" in raw:
        cited = raw.get("citation")
        where = (
            ", ".join(str(cited[k]) for k in ("instrument", "paragraph") if k in cited)
            if isinstance(cited, Mapping)
            else ""
        )
        rest = {key: value for key, value in raw.items() if key not in ("label", "citation")}
        return Said(f"{raw['label']} ({where})" if where else str(raw["label"]), [_said(rest, rules)] if rest else [])
    parts: list[Said] = []
    for key, value in raw.items():
        kind, _, thing = str(key).partition("_")
        if key in JOINTS:
            inner = value if isinstance(value, list) else [value]
            parts.append(Said(JOINTS[key], [_said(part, rules) for part in inner]))
        elif kind in QUANTIFIERS and thing in ("party", "item", "asset"):
            parts.append(Said(f"{QUANTIFIERS[kind]} {thing}", [_said(value, rules)]))
        elif key in ("when", "party", "item", "asset", "act"):
            parts.append(Said(f"of the {key}" if key != "when" else "where", [_said(value, rules)]))
        else:
            parts.append(Said(f"{str(key).replace('_', ' ')}: {_value(value, rules)}", []))
    return parts[0] if len(parts) == 1 else Said("", parts)


def _leaf(raw: Mapping[str, Any], rules: RuleSet) -> str:
    path = str(raw["fact"])
    name = path.replace(".", " › ").replace("_", " ")
    tests = [(key, value) for key, value in raw.items() if key != "fact"]
    fact = rules.vocabulary.facts.get(".".join(path.split(".")[-2:]))
    words = rules.vocabulary.words.get(fact.type, {}) if fact is not None else {}
    said = " and ".join(
        f"{TESTS.get(key, key.replace('_', ' '))} {_value(value, rules, {w: words[w].title for w in words})}"
        for key, value in tests
    )
    return f"{name} {said}"


def _value(value: Any, rules: RuleSet, words: Mapping[str, str] = MappingProxyType({})) -> str:
    if isinstance(value, list):
        return ", ".join(_value(v, rules, words) for v in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{key.replace('_', ' ')} {_value(v, rules)}" for key, v in value.items())
    text = str(value)
    if text in words:
        return words[text]
    if text in rules.subjects:
        return f"{rules.subjects[text].name} ({text})"
    return f"{rules.vocabulary.places[text]} ({text})" if text in rules.vocabulary.places else text


def _others(norm: Norm, rules: RuleSet) -> Iterator[tuple[str, list[Norm]]]:
    if isinstance(norm, Prohibition):
        yield "Exemptions that name it", list(rules.exemptions_for.get(norm.id, ()))
        yield "Duties that follow", [duty for duty in rules.of_kind(Duty) if norm.id in duty.after]
    elif isinstance(norm, Exemption):
        yield "Prohibitions that it lifts", [rules.norms[id] for id in norm.shields if id in rules.norms]
    elif isinstance(norm, Listing):
        statuses = {norm.list, *norm.statuses}
        yield "Prohibitions that it engages", [p for p in rules.of_kind(Prohibition) if statuses & set(p.statuses)]
