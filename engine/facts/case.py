"""A transaction read: its acts ready to be decided, or every problem that it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from carveout.engine.facts.acts import ActReader
from carveout.engine.facts.identifiers import known_kinds
from carveout.engine.facts.problems import Problem, StatementError
from carveout.engine.facts.statement import statement_model
from carveout.engine.facts.things import Act
from carveout.engine.facts.values import NOT_TEXT
from carveout.engine.law.norms import Subject
from carveout.engine.law.ruleset import RuleSet

MOST_LEVELS = 100
"""Of nesting: an owner of an owner, stated inline, takes three."""


@dataclass(slots=True)
class Case:
    """A transaction ready to be decided: its acts, and what the user calls it."""

    acts: list[Act]
    reference: str | None = None


def _depth_over(raw: object, most: int) -> bool:
    """Is the data nested deeper than that? Without recursion, so that no input can exhaust the stack."""
    level: list[object] = [raw]
    for _ in range(most):
        below: list[object] = []
        for each in level:
            if isinstance(each, dict):
                below += each.values()
            elif isinstance(each, list):
                below += each
        if not below:
            return False
        level = [each for each in below if isinstance(each, dict | list)]
    return bool(level)


def _field(location: tuple[int | str, ...]) -> str:
    text = ""
    for step in location:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.startswith(("function-", "constrained-", "list[", "dict[")) or step in (
            "str",
            "Party",
            "Asset",
            "Item",
            "Act",
            "Owner",
        ):
            continue  # which member of a union pydantic tried: of no use to a reader
        else:
            text += f".{step}" if text else step
    return text or "transaction"


class CaseReader:
    """Reads transactions under one rule set's vocabulary."""

    def __init__(self, rules: RuleSet, subjects: Mapping[str, Subject] | None = None) -> None:
        """`subjects`: who may be named as a subject (left out: those of the rule set)."""
        self.rules = rules
        self.subjects = rules.subjects if subjects is None else subjects
        self.vocabulary = rules.vocabulary
        self.kinds = known_kinds(rules)
        self.model: type[BaseModel] = statement_model(rules, self.subjects)

    def validate(self, raw: object) -> BaseModel:
        """The statement as a model. Raises StatementError naming every faulty field."""
        if _depth_over(raw, MOST_LEVELS):
            raise StatementError([Problem("transaction", f"is nested too deep (more than {MOST_LEVELS} levels)")])
        try:
            return self.model.model_validate(raw)
        except ValidationError as error:
            raise StatementError(_problems(error)) from None

    def read(self, raw: object) -> Case:
        """A Case from JSON-like data (or a validated statement). Raises StatementError."""
        statement: Any = raw if isinstance(raw, BaseModel) else self.validate(raw)
        if statement.acts is not None and not statement.acts:
            raise StatementError([Problem("acts", "is empty: a deal has at least one act")])
        if statement.acts is None:
            return Case([ActReader(self.rules, self.subjects, self.kinds, statement).act], statement.reference)
        if unused := _unused(statement):
            raise StatementError(
                [Problem(name, "is stated beside `acts`, and every act states its own") for name in unused]
            )
        acts = [
            ActReader(self.rules, self.subjects, self.kinds, act, statement, f"acts[{i}].").act
            for i, act in enumerate(statement.acts)
        ]
        return Case(acts, statement.reference)


def _unused(statement: Any) -> list[str]:
    """What is stated beside the acts of a deal although every act states its own."""
    stated = [name for name in statement.model_fields_set if name not in ("acts", "reference", "asked_on")]
    return [
        name for name in sorted(stated) if all(getattr(act, name, None) not in (None, []) for act in statement.acts)
    ]


def _problems(error: ValidationError) -> list[Problem]:
    """What pydantic found, without what it only tried: where a thing may be a name or an object, the object counts."""
    found: dict[tuple[str, str], Problem] = {}
    for entry in error.errors(include_url=False, include_context=False):
        problem = Problem(_field(entry["loc"]), _message(entry))
        found.setdefault((problem.field, problem.message), problem)
    problems = list(found.values())
    kept = [
        p
        for p in problems
        if p.message != NOT_TEXT or not any(o.field.startswith((p.field + ".", p.field + "[")) for o in problems)
    ]
    return kept[:50]


def _message(entry: Mapping[str, Any]) -> str:
    kind = entry["type"]
    if kind == "extra_forbidden":
        return "unknown field"
    if kind == "missing":
        return "is missing"
    message = str(entry["msg"])
    return message[0].lower() + message[1:]


__all__ = ["Case", "CaseReader", "Problem", "StatementError"]
