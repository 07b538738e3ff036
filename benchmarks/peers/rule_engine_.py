"""rule-engine: an expression of its own language for each norm."""

from __future__ import annotations

import json
from collections.abc import Sequence

import rule_engine
from facts import Row, Rule, Test

from peers.rows import RowPeer


def _text(test: Test) -> str:
    field, how, value = test
    if how in ("is", "not"):
        return f"{field} {'==' if how == 'is' else '!='} {json.dumps(value)}"
    if how == "in":
        return f"{field} in {json.dumps(list(value))}"
    if how in ("from", "before"):
        return f"{field} {'>=' if how == 'from' else '<'} {value}"
    if how == "has":
        return f"{json.dumps(value)} in {field}"
    return "(" + " or ".join(f"{json.dumps(each)} in {field}" for each in value) + ")"


class Peer(RowPeer):
    """rule-engine."""

    name = "rule-engine"

    def load(self, group: str, rules: Sequence[Rule]) -> None:
        """Parse every expression."""
        if not hasattr(self, "parsed"):
            self.parsed: dict[str, list[tuple[str, rule_engine.Rule]]] = {}
            self.context = rule_engine.Context(resolver=rule_engine.resolve_item)
        self.parsed[group] = [
            (rule.id, rule_engine.Rule(" and ".join(_text(test) for test in rule.tests), context=self.context))
            for rule in rules
        ]

    def ask(self, group: str, rows: Sequence[Row]) -> list[list[str]]:
        """Every rule of every row."""
        return [[id for id, rule in self.parsed[group] if rule.matches(row)] for row in rows]
