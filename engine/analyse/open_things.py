"""What of a decision hangs on a thing that is not known enough, gathered by that thing: one missing name, one line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from carveout.engine.law.conditions import VERDICTS

Json = Mapping[str, Any]
_REVIEW = VERDICTS.index("review")


@dataclass(slots=True)
class OpenThing:
    """A thing, and how many findings of each authority are open about it."""

    name: str
    counts: dict[str, int] = field(default_factory=dict)
    """By the id of the authority."""

    @property
    def total(self) -> int:
        """How many findings."""
        return sum(self.counts.values())


def is_open(finding: Json) -> bool:
    """Can what is still to be learnt decide it: harmless at best, a review or worse at worst?"""
    return VERDICTS.index(finding["best"]) < _REVIEW <= VERDICTS.index(finding["worst"])


def open_things(findings: Iterable[Json]) -> list[OpenThing]:
    """The things that open findings are about, in the order of the findings."""
    found: dict[tuple[str, str], OpenThing] = {}
    for finding in findings:
        if is_open(finding):
            thing = finding["thing"]
            one = found.setdefault((thing["kind"], thing["name"]), OpenThing(thing["name"]))
            one.counts[finding["authority"]] = one.counts.get(finding["authority"], 0) + 1
    return list(found.values())


FEW = 2
"""So many open findings of one authority about a thing are said in full."""


def folded(findings: Iterable[Json]) -> tuple[list[Json], list[OpenThing]]:
    """The findings of one authority to say in full, and the things whose open findings are only counted."""
    listed = list(findings)
    many = [thing for thing in open_things(listed) if thing.total > FEW]
    names = {thing.name for thing in many}
    return [f for f in listed if not (is_open(f) and f["thing"]["name"] in names)], many


def counted(number: int) -> str:
    """How many findings, in words."""
    return f"{number} finding{'' if number == 1 else 's'}"
