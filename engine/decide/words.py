"""The decision in words for people: one line an authority, with the case's own names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

VERDICT_WORDS: Mapping[str, str] = {
    "prohibited": "prohibited",
    "license_required": "prohibited without a licence",
    "review": "open: a person must look at it",
    "authorized": "authorized",
    "not_prohibited": "not prohibited",
    "no_nexus": "no jurisdiction over this act",
}
MANNER_WORDS: Mapping[str | None, str] = {None: "", "block": " (block the property)", "reject": " (reject)"}
OUTCOME_WORDS: Mapping[str, str] = {
    "stop": "Stop: at least one authority forbids it or requires a licence.",
    "review": "Review: a question is open that decides whether it may go ahead.",
    "proceed": "Proceed: no authority whose law is held here forbids it as stated.",
}
MOST_NAMED = 4
"""Findings or exemptions named in a line; the rest stand in the findings."""
_MILD = ("authorized", "not_prohibited")


def cited(citations: Sequence[Mapping[str, str]]) -> str:
    """Citations in one line."""
    return "; ".join(dict.fromkeys(f"{c['instrument']} {c.get('paragraph', '')}".strip() for c in citations))


def delisted(entry: Mapping[str, Any]) -> str:
    """That a listing is over."""
    listing = entry["listing"]
    return f"{entry['of']} is no longer listed: {listing['title']} ({cited(listing['citations'])})."


def line(short: str, verdict: str, manner: str | None, findings: Sequence[Mapping[str, Any]], questions: int) -> str:
    """One authority's verdict in a line."""
    said = f"{short}: {VERDICT_WORDS[verdict]}{MANNER_WORDS[manner]}."
    if not findings:
        return said
    if verdict in _MILD:
        named = {s["title"]: s for f in findings for s in f["shields"]}
        if verdict == "not_prohibited":
            named = {title: s for title, s in named.items() if s["lifts_as"] == verdict}
        parts = [f"{title} ({cited(s['citations'])})." for title, s in list(named.items())[:MOST_NAMED]]
        return " ".join([said, *parts])
    if verdict == "review":
        telling = [f for f in findings if f["worst"] not in _MILD]
    else:
        telling = [f for f in findings if f["best"] == verdict] or list(findings)
    shown: dict[str, None] = {}
    for finding in telling:
        shown[f"{finding['title']}: {finding['thing']['name']} ({cited(finding['citations'])})."] = None
        if len(shown) == MOST_NAMED:
            break
    if verdict == "review" and questions:
        shown[f"{questions} question{'s' if questions > 1 else ''} to answer."] = None
    return " ".join([said, *shown])
