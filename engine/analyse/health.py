"""How well a rule set is kept: what has no source event, was not looked at for long, or is shown by no case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from carveout.engine.analyse.cases import OutcomeCase, engaged_by
from carveout.engine.decide.decision import Engine
from carveout.engine.law.clocks import FOREVER
from carveout.engine.law.documents import Document, RuleError, read_document
from carveout.engine.law.norms import Exemption, Norm, Prohibition
from carveout.engine.law.ruleset import RuleSet

LOOKED_AT_WITHIN = timedelta(days=180)
SOON = timedelta(days=30)


@dataclass(slots=True)
class Health:
    """What is wrong, and what somebody should look at."""

    faults: list[str] = field(default_factory=list)
    remarks: dict[str, list[str]] = field(default_factory=dict)
    """By what is remarked on: one line each."""


def health_of(engine: Engine, seeds: Path | None, cases: Iterable[OutcomeCase], today: date) -> Health:
    """The health of a rule set, with the events that its norms name and the cases that show it."""
    health, rules = Health(), engine.rules
    if seeds is not None:
        _events(health, rules, seeds)
    health.remarks["norms last looked at more than 180 days ago"] = [
        f"{norm.id}: {norm.checked}" for norm in rules.norms.values() if is_old(norm, today)
    ]
    health.remarks["exemptions that are or will soon be stale, and then shield no more"] = _stale(rules, today)
    shown = engaged_by(engine, cases)
    health.remarks["prohibitions that no case meets"] = [
        norm.id for norm in rules.of_kind(Prohibition) if norm.id not in shown
    ]
    return health


def is_old(norm: Norm, today: date) -> bool:
    """Was the norm last looked at more than 180 days before that day?"""
    return date.fromisoformat(norm.checked) < today - LOOKED_AT_WITHIN


def _stale(rules: RuleSet, today: date) -> list[str]:
    now = int(datetime.combine(today, time.min, tzinfo=UTC).timestamp())
    found = []
    for norm in rules.of_kind(Exemption):
        if norm.stale_from < FOREVER and norm.stale_from - now < SOON.total_seconds():
            day = datetime.fromtimestamp(norm.stale_from, UTC).date()
            found.append(f"{norm.id}: from {day}, last looked at {norm.checked}")
    return found


def _events(health: Health, rules: RuleSet, seeds: Path) -> None:
    events: dict[str, Document] = {}
    for path in sorted(seeds.glob("*.yaml")):
        try:
            events[path.stem] = read_document(path, f"{seeds.name}/{path.name}")
        except RuleError as error:
            health.faults += [str(fault) for fault in error.faults]
    for norm in rules.norms.values():
        unknown = [event for event in norm.events if event not in events]
        health.faults += [f"{norm.file}: names an event that does not exist: `{event}`" for event in unknown]
    barren = []
    for id, document in events.items():
        said: Mapping[str, Any] = document.data if isinstance(document.data, dict) else {}
        named = said.get("norms") or []
        for i, norm_id in enumerate(named if isinstance(named, list) else [named]):
            if norm_id not in rules.norms:
                health.faults.append(str(document.fault(("norms", i), f"unknown norm `{norm_id}`")))
        if not named and not said.get("none_because"):
            barren.append(id)
    health.remarks["norms without an event"] = [norm.id for norm in rules.norms.values() if not norm.events]
    health.remarks["events without a norm, and without a reason"] = barren
