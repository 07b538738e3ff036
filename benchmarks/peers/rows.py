"""What engines without chaining have in common: rows are asked for statuses and grounds, then for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from facts import Row, Rule, holds

Hit = tuple[str, str]


class RowPeer:
    """An engine that says which rules of a group hold of a row."""

    name = ""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.gives = {rule.id: rule.gives for rule in rules if rule.gives}
        groups: dict[str, list[Rule]] = {}
        for rule in rules:
            groups.setdefault(rule.group, []).append(rule)
        self.groups = groups
        for group, members in groups.items():
            self.load(group, members)

    def load(self, group: str, rules: Sequence[Rule]) -> None:
        """Take in the rules of one group."""
        raise NotImplementedError

    def ask(self, group: str, rows: Sequence[Row]) -> list[list[str]]:
        """For each row the ids of the rules that hold."""
        raise NotImplementedError

    def prepare(self, rows: list[Row]) -> Any:
        """Rows in the form that `evaluate` takes."""
        return rows

    def evaluate(self, rows: list[Row]) -> list[Hit]:
        """Every rule that holds, with the row of which it does."""
        gives = self.gives
        shared: list[str] = []
        own: list[list[str]] = []
        for row, ids in zip(rows, self.ask("ground", rows), strict=True):
            given = [gives[id] for id in ids]
            if row["kind"] == "item":
                own.append(given)
            else:  # a ground that a party or the act gives holds for everything
                own.append([])
                shared += given
        listed = [row for row in rows if row["kind"] == "party"]
        statuses = {
            row["name"]: [gives[id] for id in ids] for row, ids in zip(listed, self.ask("listing", listed), strict=True)
        }
        kinds: dict[str, list[Row]] = {}
        for row, given in zip(rows, own, strict=True):
            full = {**row, "grounds": shared + given, "statuses": statuses.get(row["status_of"], [])}
            kinds.setdefault(row["kind"], []).append(full)
        hits: list[Hit] = []
        for kind, members in kinds.items():
            if kind in self.groups:
                for row, ids in zip(members, self.ask(kind, members), strict=True):
                    hits += [(id, row["name"]) for id in ids]
        return hits


class Plain(RowPeer):
    """No engine at all: a loop of Python over every test. The others are compared with it, and so are we."""

    name = "plain loop"

    def load(self, group: str, rules: Sequence[Rule]) -> None:
        """Nothing to do."""

    def ask(self, group: str, rows: Sequence[Row]) -> list[list[str]]:
        """Every rule of every row."""
        return [
            [rule.id for rule in self.groups[group] if all(holds(test, row) for test in rule.tests)] for row in rows
        ]
