"""Worked examples for OpenAPI and the first page: cases of the rule set itself, so that each regime shows its own."""

from __future__ import annotations

from typing import Any, NamedTuple

from carveout.engine.analyse.cases import OutcomeCase, cases_in
from carveout.engine.law.documents import RuleError
from carveout.engine.law.ruleset import RuleSet

TAG = "example"
"""The tag of a case that is shown as an example."""
MOST = 6
_OUTCOMES = ("stop", "review", "proceed")


class Example(NamedTuple):
    """A transaction to begin with, and what it is about."""

    title: str
    transaction: dict[str, Any]


def examples_of(rules: RuleSet) -> dict[str, Example]:
    """By id the cases beside the norms that have the tag; where none has it, the first one of each outcome."""
    try:
        cases = cases_in(rules.documents[path] for path in sorted(rules.documents))
    except RuleError:  # its check says what is wrong with them; a page can do without
        return {}
    cases = [case for case in cases if isinstance(case.data["transaction"], dict) and not case.data.get("lists")]
    shown = [case for case in cases if TAG in (case.data.get("tags") or ())]
    if not shown:
        shown = [found for outcome in _OUTCOMES if (found := _first(cases, outcome)) is not None]
    return {case.id: Example(str(case.data.get("title", case.id)), case.data["transaction"]) for case in shown[:MOST]}


def _first(cases: list[OutcomeCase], outcome: str) -> OutcomeCase | None:
    return next((case for case in cases if case.data.get("outcome") == outcome), None)
