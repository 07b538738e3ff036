"""clipspy: a production rule for each norm; statuses and grounds are derived in the same run."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import clips
from facts import Row, Rule, Test

from peers.rows import Hit

Slots = dict[str, Any]
FIELDS = (
    "subject",
    "where",
    "place",
    "destination",
    "activity",
    "kind",
    "purpose",
    "code",
    "origin",
    "currency",
    "amount",
    "at",
)
"""In the order in which CLIPS asks them: what tells most comes first."""
TEMPLATE = "(deftemplate row (slot id) (slot status_of) " + " ".join(f"(slot {field})" for field in FIELDS) + ")"
SHARED = """
(deftemplate role (slot of) (slot is))
(deftemplate status (slot of) (slot is))
(deftemplate ground (slot of) (slot is))
(deftemplate hit (slot norm) (slot of))
"""


def _slots(tests: Sequence[Test]) -> str:
    """The tests of plain fields as one pattern of a row."""
    parts = []
    for field in FIELDS:
        own = [test for test in tests if test.field == field]
        if not own:
            continue
        constraints = []
        for test in own:
            if test.how == "is":
                constraints.append(str(test.value))
            elif test.how == "not":
                constraints.append(f"~{test.value}")
            elif test.how == "in":
                constraints.append("|".join(test.value))
            else:
                constraints.append(f"?{field}&:({'>=' if test.how == 'from' else '<'} ?{field} {test.value})")
        parts.append(f"({field} {'&'.join(constraints)})")
    return " ".join(parts)


def _rule(rule: Rule) -> str:
    plain = [test for test in rule.tests if test.field in FIELDS]
    if rule.group not in ("ground", "listing"):
        plain.insert(0, Test("kind", "is", rule.group))
    patterns = [f"(row (id ?r) (status_of ?s) {_slots(plain)})"]
    for test in rule.tests:
        if test.field == "roles":
            patterns.append(f"(role (of ?r) (is {test.value}))")
        elif test.field == "statuses":
            patterns.append(f"(status (of ?s) (is {'|'.join(test.value)}))")
        elif test.field == "grounds":
            person, *goods = test.value
            of_all, of_it = (
                f"(ground (of all) (is {person}))",
                "".join(f"(ground (of ?r) (is {each}))" for each in goods),
            )
            patterns.append(f"(or {of_all} {of_it})" if goods else of_all)
    if rule.group == "listing":
        then = f"(status (of ?r) (is {rule.gives}))"
    elif rule.group == "ground":
        then = f"(ground (of {'?r' if rule.gives.endswith('goods') else 'all'}) (is {rule.gives}))"
    else:
        then = f"(hit (norm {rule.id}) (of ?r))"
    return f"(defrule {rule.id} {' '.join(patterns)} => (assert {then}))"


class Peer:
    """clipspy."""

    name = "clipspy"

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.environment = clips.Environment()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rules.clp"
            path.write_text("\n".join([TEMPLATE, SHARED, *map(_rule, rules)]))
            self.environment.load(str(path))
        self.environment.reset()
        self.row, self.role, self.hit = (self.environment.find_template(name) for name in ("row", "role", "hit"))

    def prepare(self, rows: list[Row]) -> tuple[list[Slots], list[Slots], list[str]]:
        """Slots of facts with symbols made, and the names of the rows."""
        symbol = clips.Symbol
        numbers = {row["name"]: symbol(f"r{number}") for number, row in enumerate(rows)}
        nobody = symbol("nobody")
        facts, roles = [], []
        for row in rows:
            slots: Slots = {"id": numbers[row["name"]], "status_of": numbers.get(row["status_of"], nobody)}
            for field in FIELDS:
                value = row[field]
                slots[field] = symbol(value) if isinstance(value, str) else value
            facts.append(slots)
            roles += [{"of": slots["id"], "is": symbol(role)} for role in row["roles"]]
        return facts, roles, [row["name"] for row in rows]

    def evaluate(self, prepared: tuple[list[Slots], list[Slots], list[str]]) -> list[Hit]:
        """Assert, run, read what was found, and forget."""
        facts, roles, names = prepared
        for slots in facts:
            self.row.assert_fact(**slots)
        for slots in roles:
            self.role.assert_fact(**slots)
        self.environment.run()
        hits = [(str(fact["norm"]), names[int(fact["of"][1:])]) for fact in self.hit.facts()]
        self.environment.reset()
        return hits
