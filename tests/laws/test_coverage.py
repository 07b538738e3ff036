"""Every prohibition of the shipped rules is met: engaged for certain, shielded for certain, and left open.

A law that is tested only on transactions that engage nothing is not tested. The transactions are made from each norm's
own conditions (`directed.py`), from the worked cases, and from changes of those that got where others did not.
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import product
from random import Random
from typing import Any

import pytest

from carveout.engine.law.clocks import FOREVER
from carveout.engine.law.norms import Exemption, Norm

from .directed import engaging, opened
from .mutants import mutant
from .world import SOAK, TIMES, Statement, case_statements, decide, engine, prohibitions

pytestmark = pytest.mark.meaning

ENOUGH = 50 * SOAK or 25
TRIES = 1_500 * TIMES
ENGAGED, SHIELDED, OPEN = "engaged", "shielded", "left open"


def always_open(norm: Norm) -> bool:
    """Is there a question of law that bears on the norm whenever it is in force?"""
    return any(
        question.when is None and question.begins.after <= norm.effective.begins.after and question.ends.by >= FOREVER
        for question in norm.unresolved
    )


def due() -> dict[tuple[str, str], tuple[Exemption, ...]]:
    """What each prohibition must come to, with the exemptions that can shield it for certain."""
    found: dict[tuple[str, str], tuple[Exemption, ...]] = {}
    for norm in prohibitions():
        exemptions = tuple(e for e in engine().rules.exemptions_for.get(norm.id, ()) if not always_open(e))
        found[OPEN, norm.id] = ()
        if not always_open(norm):
            found[ENGAGED, norm.id] = ()
        if exemptions:
            found[SHIELDED, norm.id] = exemptions
    return found


class Run:
    """Counts what transactions come to, and keeps one that came to it for each."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.kept: dict[tuple[str, str], list[Statement]] = {}
        self.decided = 0

    def look(self, statement: Statement) -> None:
        """Decide and count."""
        decision = decide(statement)
        if decision is None:
            return
        self.decided += 1
        for finding in decision.body["findings"]:
            alike = [other["prohibition"] for other in finding.get("likewise", ())]
            for what, id in product(came_to(finding), (finding["prohibition"], *alike)):
                self.counts[what, id] += 1
                if len(self.kept.setdefault((what, id), [])) < 20:
                    self.kept[what, id].append(statement)

    def aim(self, what: str, id: str, chance: Random, exemptions: tuple[Exemption, ...]) -> None:
        """Make transactions until that was met often enough, or it is no use."""
        norm = engine().rules.norms[id]
        key = what, id
        for attempt in range(TRIES):
            if self.counts[key] >= ENOUGH:
                return
            kept = self.kept.get(key, ())
            engaged = self.kept.get((ENGAGED, id)) or self.kept.get((OPEN, id))
            if kept and attempt % 3 == 2:
                self.look(mutant(chance, chance.choice(kept), 2))
            elif what == OPEN and engaged:
                self.look(opened(chance, chance.choice(engaged)))
            else:
                self.look(engaging(chance, norm, chance.choice(exemptions) if exemptions else None))  # type: ignore[arg-type]


def came_to(finding: dict[str, Any]) -> list[str]:
    """What a finding counts as."""
    found = []
    if finding["engaged"] == "true":
        found.append(ENGAGED)
    if any(shield["truth"] == "true" and shield["exemption"] for shield in finding["shields"]):
        found.append(SHIELDED)
    if finding["engaged"] == "unknown" or finding["best"] != finding["worst"]:
        found.append(OPEN)
    return found


def test_every_prohibition_is_engaged_shielded_and_left_open() -> None:
    run = Run()
    for statement in case_statements():
        run.look(statement)
    wanted = due()
    for number, (key, exemptions) in enumerate(sorted(wanted.items(), key=lambda entry: (entry[0][1], entry[0][0]))):
        run.aim(*key, Random(None if SOAK else number), exemptions)
    print(f"{run.decided} transactions, {len(prohibitions())} prohibitions, {len(wanted)} things to meet")
    short = {f"{id} {what}": run.counts[what, id] for what, id in wanted if run.counts[what, id] < ENOUGH}
    assert not short, json.dumps(short, indent=1)
