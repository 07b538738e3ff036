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


def registered(shown: Mapping[str, Any]) -> str:
    """What the ownership register says of one party."""
    told = []
    for owner in shown["owners"][:MOST_NAMED]:
        low, high = owner.get("from_percent"), owner.get("to_percent")
        share = f"{low} %" if low == high else f"{low} to {high} %"
        told.append(f"{owner['name']} {share if low is not None else owner['as'] + ' (' + owner['counts'] + ')'}")
    left = len(shown["owners"]) + shown.get("more_owners", 0) - len(told)
    told += [f"{left} more"] if left else []
    told += [f"not known {shown['remainder']} %"] if "remainder" in shown else []
    told += [*shown.get("notes", ()), *([shown["beside"]] if "beside" in shown else [])]
    sources = ", ".join(f"{source['source']} {source['published']}" for source in shown["sources"])
    is_ = "is" if shown["sure"] else "may be"
    return f"{shown['party']} {is_} {' or '.join(shown['is'])}: {'; '.join(told) or 'no owner on that day'} [{sources}]"


def line(
    short: str,
    verdict: str,
    manner: str | None,
    findings: Sequence[Mapping[str, Any]],
    questions: int,
    known: Mapping[str, str],
) -> str:
    """One authority's verdict in a line; `known` holds the citations of each norm in one line."""
    said = f"{short}: {VERDICT_WORDS[verdict]}{MANNER_WORDS[manner]}."
    if not findings:
        return said
    shown: dict[str, None] = {}
    if verdict in _MILD:
        for finding in findings:
            for shield in finding["shields"]:
                if verdict == "authorized" or shield["lifts_as"] == verdict:
                    where = known.get(shield["exemption"]) or cited(shield["citations"])
                    shown[f"{shield['title']} ({where})."] = None
    else:
        key = "worst" if verdict == "review" else "best"
        for finding in findings:
            if finding[key] not in _MILD if verdict == "review" else finding[key] == verdict:
                name, where = finding["thing"]["name"], known[finding["prohibition"]]
                shown[f"{finding['title']}: {name} ({where})."] = None
                if len(shown) == MOST_NAMED:
                    break
        if verdict == "review" and questions:
            shown[f"{questions} question{'s' if questions > 1 else ''} to answer."] = None
    if len(shown) > MOST_NAMED and verdict in _MILD:
        shown = dict.fromkeys(list(shown)[:MOST_NAMED])
    return " ".join([said, *shown])


def unkept(titles: Sequence[str], watched: bool) -> str:
    """What it means that no copy of these lists is kept; `watched`: of some other list one is. Empty without any."""
    if not titles:
        return ""
    if not watched:
        return "No copy of any official list is kept here: only those whom the rule set itself records were looked for."
    return f"Only those whom the rule set records are known of these lists, no copy is kept: {'; '.join(titles)}."
