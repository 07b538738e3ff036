"""cedarpy: a policy for each norm; which of them determine the answer is what was found."""

from __future__ import annotations

import json
from collections.abc import Sequence

import cedarpy
from facts import Row, Rule, Test

from peers.rows import RowPeer


def _text(test: Test) -> str:
    field, how, value = f"context.{test.field}", test.how, test.value
    if how in ("is", "not"):
        return f"{field} {'==' if how == 'is' else '!='} {json.dumps(value)}"
    if how == "in":
        return f"{json.dumps(list(value))}.contains({field})"
    if how in ("from", "before"):
        return f"{field} {'>=' if how == 'from' else '<'} {value}"
    if how == "has":
        return f"{field}.contains({json.dumps(value)})"
    return f"{field}.containsAny({json.dumps(list(value))})"


class Peer(RowPeer):
    """cedarpy."""

    name = "cedarpy"

    def load(self, group: str, rules: Sequence[Rule]) -> None:
        """All as `forbid`, since an answer names the policies of one effect only."""
        if not hasattr(self, "sets"):
            self.sets: dict[str, cedarpy.PolicySet] = {}
            self.entities = cedarpy.Entities.from_json_str("[]")
        policies = []
        for rule in rules:
            tests = " && ".join(_text(test) for test in rule.tests)
            policies.append(f'@id("{rule.id}") forbid(principal, action, resource) when {{ {tests} }};')
        self.sets[group] = cedarpy.PolicySet.from_str("\n".join(policies))

    def ask(self, group: str, rows: Sequence[Row]) -> list[list[str]]:
        """One request for each row, all in one batch."""
        asked = {"principal": 'T::"t"', "action": 'A::"a"', "resource": 'R::"r"'}
        requests = [{**asked, "context": row} for row in rows]
        answers = cedarpy.is_authorized_batch(requests, self.sets[group], self.entities)
        return [list(answer.diagnostics.id_annotations_by_reason.values()) for answer in answers]
