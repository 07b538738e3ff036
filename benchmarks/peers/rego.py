"""regopy: a member of a partial set for each norm."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import regopy
from facts import Row, Rule, Test

from peers.rows import RowPeer


def _text(test: Test) -> str:
    field, how, value = f"input.{test.field}", test.how, test.value
    if how in ("is", "not"):
        return f"{field} {'==' if how == 'is' else '!='} {json.dumps(value)}"
    if how == "in":
        return f"{field} in {{{json.dumps(list(value))[1:-1]}}}"
    if how in ("from", "before"):
        return f"{field} {'>=' if how == 'from' else '<'} {value}"
    if how == "has":
        return f"{json.dumps(value)} in {field}"
    return f"some x_{test.field} in {field}; x_{test.field} in {{{json.dumps(list(value))[1:-1]}}}"


class Peer(RowPeer):
    """regopy."""

    name = "regopy"

    def load(self, group: str, rules: Sequence[Rule]) -> None:
        """One module and one bundle, built once, for each group."""
        if not hasattr(self, "bundles"):
            self.bundles: dict[str, tuple[regopy.Interpreter, Any]] = {}
        lines = [f'hit contains "{rule.id}" if {{ {"; ".join(_text(test) for test in rule.tests)} }}' for rule in rules]
        interpreter = regopy.Interpreter()
        interpreter.add_module(group, f"package {group}\nimport rego.v1\n" + "\n".join(lines))
        bundle = interpreter.build(f"data.{group}.hit")
        self.bundles[group] = interpreter, bundle

    def ask(self, group: str, rows: Sequence[Row]) -> list[list[str]]:
        """One query for each row."""
        interpreter, bundle = self.bundles[group]
        found = []
        for row in rows:
            interpreter.set_input(row)
            found.append(json.loads(str(interpreter.query_bundle(bundle)))["expressions"][0])
        return found
