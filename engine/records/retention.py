"""How long a decision is kept: what its duties say, and what the rule set knows beyond it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from carveout.engine.decide.duties import years_after
from carveout.engine.law.norms import Duty
from carveout.engine.law.ruleset import RuleSet

NEVER = "9999-12-31"
"""Until when a decision is kept whose rule set knows no retention at all."""


@lru_cache(maxsize=8)
def longest_years(rules: RuleSet) -> int | None:
    """The longest retention that any norm of the rule set asks for, in years; of all norms, whatever their dates."""
    return max((norm.years for norm in rules.of_kind(Duty) if norm.years is not None), default=None)


def retain_until(body: Mapping[str, Any], rules: RuleSet, today: date) -> str:
    """The first day on which a decision of today may be deleted."""
    acts = body.get("acts") or [body]
    asked = [duty["retain_until"] for act in acts for duty in act["duties"] if duty.get("retain_until")]
    return str(max([at_least(rules, today), *asked]))


def at_least(rules: RuleSet, day: date) -> str:
    """Until when the rule set has records of a day kept."""
    years = longest_years(rules)
    if years is None or day.year + years > date.max.year:
        return NEVER
    return years_after(day, years).isoformat()
