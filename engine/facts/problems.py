"""What is wrong with a stated transaction: every faulty field by name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a transaction: which field, and what to do."""

    field: str
    message: str


class StatementError(Exception):
    """A transaction that cannot be read; carries every problem found."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{p.field}: {p.message}" for p in problems))
