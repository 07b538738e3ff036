"""zen-engine: a decision table that collects, for each group of norms."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import zen
from facts import Row, Rule, Test

from peers.rows import RowPeer

PLAIN = ("is", "in", "from", "before")


def _cell(tests: list[Test]) -> str:
    """Tests of one field as a cell of its column."""
    how = {test.how: test.value for test in tests}
    if "is" in how:
        return json.dumps(how["is"])
    if "in" in how:
        return ", ".join(json.dumps(value) for value in how["in"])
    since = max(test.value for test in tests if test.how == "from") if "from" in how else 0
    until = min((test.value for test in tests if test.how == "before"), default=None)
    return f">= {since}" if until is None else f"[{since}..{until})"


def _expression(test: Test) -> str:
    if test.how == "not":
        return f"{test.field} != {json.dumps(test.value)}"
    if test.how == "has":
        return f"contains({test.field}, {json.dumps(test.value)})"
    return "(" + " or ".join(f"contains({test.field}, {json.dumps(value)})" for value in test.value) + ")"


class Peer(RowPeer):
    """zen-engine."""

    name = "zen-engine"

    def load(self, group: str, rules: Sequence[Rule]) -> None:
        """One table with a column for each field and one for what a column cannot say."""
        if not hasattr(self, "tables"):
            self.tables: dict[str, Any] = {}
            self.engine = zen.ZenEngine()
        fields = sorted({test.field for rule in rules for test in rule.tests if test.how in PLAIN})
        inputs = [{"id": field, "name": field, "field": field} for field in fields] + [{"id": "other", "name": "other"}]
        lines = []
        for rule in rules:
            line = {
                "_id": rule.id,
                "out": json.dumps(rule.id),
                "other": " and ".join(_expression(t) for t in rule.tests if t.how not in PLAIN),
            }
            for field in fields:
                own = [test for test in rule.tests if test.field == field and test.how in PLAIN]
                line[field] = _cell(own) if own else ""
            lines.append(line)
        content = {
            "hitPolicy": "collect",
            "inputs": inputs,
            "outputs": [{"id": "out", "name": "id", "field": "id"}],
            "rules": lines,
        }
        graph = {
            "contentType": "application/vnd.gorules.decision",
            "nodes": [
                {"id": "in", "type": "inputNode", "name": "in"},
                {"id": "table", "type": "decisionTableNode", "name": "t", "content": content},
                {"id": "out", "type": "outputNode", "name": "out"},
            ],
            "edges": [
                {"id": "a", "sourceId": "in", "targetId": "table", "type": "edge"},
                {"id": "b", "sourceId": "table", "targetId": "out", "type": "edge"},
            ],
        }
        self.tables[group] = self.engine.create_decision(zen.ZenDecisionContent(json.dumps(graph)))

    def ask(self, group: str, rows: Sequence[Row]) -> list[list[str]]:
        """One evaluation for each row."""
        table = self.tables[group]
        return [[line["id"] for line in table.evaluate(row)["result"]] for row in rows]
