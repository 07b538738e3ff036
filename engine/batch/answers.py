"""What a decision says in the cells of a table."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from carveout.engine.facts.problems import Problem

BETWEEN = " | "
"""Between several things in one cell: none of them contains it."""
RUNS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins so is run as a formula by some spreadsheet."""
LONGEST = 30_000
"""A spreadsheet's cell holds 32,767 characters."""
_MILD = frozenset({"authorized", "not_prohibited", "no_nexus"})


@dataclass(frozen=True, slots=True)
class Answer:
    """The cells that follow a row."""

    outcome: str
    verdicts: Mapping[str, str]
    exemptions: str = ""
    missing: str = ""
    citations: str = ""
    error: str = ""

    def cells(self, authorities: Sequence[str]) -> list[str]:
        """In the order of `answer_columns`."""
        verdicts = [self.verdicts.get(authority, "") for authority in authorities]
        return [*verdicts, self.outcome, self.exemptions, self.missing, self.citations, self.error]


def answer_columns(authorities: Sequence[str]) -> list[str]:
    """The headings that follow those of the input."""
    return [*authorities, "outcome", "exemptions", "missing", "citations", "error"]


def answered(body: Mapping[str, Any]) -> Answer:
    """A decision's body in cells; a deal's acts together."""
    acts: Sequence[Mapping[str, Any]] = body.get("acts") or [body]
    findings = [finding for act in acts for finding in act["findings"]]
    telling = [f for f in findings if f["worst"] not in _MILD] or findings
    cited = [c for f in telling for c in f["citations"]]
    cited += [c for f in telling for s in f["shields"] if s["truth"] != "false" for c in s["citations"]]
    return Answer(
        outcome=str(body["outcome"]),
        verdicts={ruling["authority"]: ruling["verdict"] for ruling in body["authorities"]},
        exemptions=_joined(_shield(s) for f in findings for s in f["shields"] if s["truth"] != "false"),
        missing=_joined([*(question["question"] for act in acts for question in act["questions"]), *_too_old(acts)]),
        citations=_joined(f"{c['instrument']} {c.get('paragraph', '')}".strip() for c in cited),
    )


def _too_old(acts: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """What is missing whatever the outcome: lists of which only copies are kept that are too old for the act."""
    found = {one["list"]: one["newest"] for act in acts for one in act.get("overdue_lists", ())}
    if found:
        yield "lists too old for that day: " + ", ".join(f"{name} ({newest})" for name, newest in found.items())


def _shield(shield: Mapping[str, Any]) -> str:
    name = str(shield["exemption"] or shield["title"])
    return name if shield["truth"] == "true" else f"{name} (open)"


def failed(problems: Iterable[Problem]) -> Answer:
    """A row that could not be decided: a person must look at it."""
    return Answer("review", {}, error=_joined(f"{problem.field}: {problem.message}" for problem in problems))


def harmless(cell: str) -> str:
    """The cell as no spreadsheet runs it: what begins as a formula gets an apostrophe before it."""
    text = cell.encode("utf-8", "backslashreplace").decode()
    shown = unicodedata.normalize("NFKC", text.lstrip(" \u00a0\u3000")[:1])  # a full-width sign runs too
    return "'" + text if text.startswith(RUNS) or shown.startswith(RUNS) else text


def _joined(parts: Iterable[str]) -> str:
    text = BETWEEN.join(dict.fromkeys(part for part in parts if part))
    return text if len(text) <= LONGEST else text[:LONGEST] + " ..."
