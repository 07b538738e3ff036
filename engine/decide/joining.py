"""Several moments or hypotheses as one: the best of the best cases, the worst of the worst (design.md, Verdicts)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from carveout.engine.decide.body import Draft
from carveout.engine.law.conditions import VERDICTS
from carveout.engine.law.truth import FALSE, TRUE, UNKNOWN

_RANK = {verdict: i for i, verdict in enumerate(VERDICTS)}


class Whole(NamedTuple):
    """What the drafts say together."""

    ranges: dict[str, tuple[int, int, int]]
    """Best, worst and nexus by authority."""
    findings: dict[str, list[dict[str, Any]]]
    """By authority."""
    questions: list[dict[str, Any]]
    unresolved: list[dict[str, Any]]
    assumptions: list[dict[str, Any]]
    duties: list[dict[str, Any]]
    delisted: list[dict[str, Any]]
    uncovered: dict[str, bool]
    """Questions about lists without a norm, and whether the list is that of an authority held here."""


def join(drafts: Sequence[Draft]) -> Whole:
    """One draft as it is, several joined."""
    first = drafts[0]
    if len(drafts) == 1:
        return Whole(
            first.rulings,
            first.findings,
            list(first.questions.values()),
            list(first.unresolved.values()),
            first.assumptions,
            first.duties,
            first.delisted,
            first.uncovered,
        )
    ranges = {}
    for id in first.rulings:
        rulings = [draft.rulings[id] for draft in drafts]
        nexus = [ruling[2] for ruling in rulings]
        together = TRUE if min(nexus) == TRUE else UNKNOWN if max(nexus) else FALSE
        ranges[id] = min(r[0] for r in rulings), max(r[1] for r in rulings), together
    keyed = [draft.keyed() for draft in drafts]
    findings: dict[str, list[dict[str, Any]]] = {}
    for key in dict.fromkeys(key for draft in keyed for key in draft):
        finding = _finding([draft.get(key) for draft in keyed])
        findings.setdefault(finding["authority"], []).append(finding)
    questions: dict[Any, dict[str, Any]] = {}
    for draft in drafts:
        for key, question in draft.questions.items():
            known = questions.get(key)
            if known is not None:
                question = {**known, "authorities": list(dict.fromkeys(known["authorities"] + question["authorities"]))}
            questions[key] = question
    return Whole(
        ranges,
        findings,
        list(questions.values()),
        list({key: entry for draft in reversed(drafts) for key, entry in draft.unresolved.items()}.values()),
        _once([draft.assumptions for draft in drafts], "fact", "of"),
        _once([draft.duties for draft in drafts], "norm", "of"),
        _once([[{**d, "id": d["listing"]["id"]} for d in draft.delisted] for draft in drafts], "id", "of"),
        {question: held for draft in drafts for question, held in draft.uncovered.items()},
    )


def _once(lists: Sequence[list[dict[str, Any]]], *by: str) -> list[dict[str, Any]]:
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for entries in lists:
        for entry in entries:
            found.setdefault(tuple(entry[key] for key in by), entry)
    return list(found.values())


def _finding(versions: Sequence[dict[str, Any] | None]) -> dict[str, Any]:
    """One finding as the drafts have it; where one has none, it is not engaged there."""
    known = [version for version in versions if version is not None]
    whole = dict(max(known, key=lambda v: (_RANK[v["worst"]], _RANK[v["best"]])))
    if None in versions or len({version["engaged"] for version in known}) > 1:
        whole["engaged"] = "unknown"
    whole["best"] = VERDICTS[min(_RANK[v["best"]] if v is not None else 1 for v in versions)]
    whole["worst"] = VERDICTS[max(_RANK[v["worst"]] for v in known)]
    shields = {
        (shield["exemption"], shield["title"], shield.get("held")): shield
        for version in reversed(known)
        for shield in version["shields"]
    }
    whole["shields"] = list(shields.values())
    return whole
