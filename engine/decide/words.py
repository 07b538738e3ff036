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


def cited(citations: Sequence[Mapping[str, str]]) -> str:
    """Citations in one line."""
    return "; ".join(dict.fromkeys(f"{c['instrument']} {c.get('paragraph', '')}".strip() for c in citations))


def line(short: str, verdict: str, manner: str | None, findings: Sequence[Mapping[str, Any]], questions: int) -> str:
    """One authority's verdict in a line."""
    said = f"{short}: {VERDICT_WORDS[verdict]}{MANNER_WORDS[manner]}."
    if verdict in ("prohibited", "license_required"):
        standing = [f for f in findings if f["best"] == verdict] or findings
        said += " " + " ".join(
            dict.fromkeys(f"{f['title']}: {f['thing']['name']} ({cited(f['citations'])})." for f in standing[:4])
        )
    elif verdict == "authorized":
        shields = [s for f in findings for s in f["shields"]]
        said += " " + " ".join(dict.fromkeys(f"{s['title']} ({cited(s['citations'])})." for s in shields[:4]))
    elif verdict == "review":
        doubts = [f for f in findings if f["worst"] not in ("authorized", "not_prohibited")]
        said += " " + " ".join(
            dict.fromkeys(f"{f['title']}: {f['thing']['name']} ({cited(f['citations'])})." for f in doubts[:4])
        )
        if questions:
            said += f" {questions} question{'s' if questions > 1 else ''} to answer."
    elif verdict == "not_prohibited":
        limits = [s for f in findings for s in f["shields"]]
        said += (
            (" " + " ".join(dict.fromkeys(f"{s['title']} ({cited(s['citations'])})." for s in limits[:4])))
            if limits
            else ""
        )
    return said.rstrip()
