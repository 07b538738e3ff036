"""Findings: engagements with what became of them, and what an authority makes of all of them."""

from __future__ import annotations

from typing import Any, NamedTuple

from carveout.engine.decide.leaves import Entry
from carveout.engine.decide.program import Ban, Cover, OpenQuestion
from carveout.engine.facts.things import Authorisation
from carveout.engine.law.truth import TRUE


class Shield(NamedTuple):
    """One exemption, or an authorisation the user holds, covering an engagement."""

    truth: int
    how: int
    cover: Cover | None
    held: Authorisation | None
    answer: int
    open: tuple[OpenQuestion, ...]
    excluded: tuple[Any, ...]
    """The `except` conditions that are not FALSE, with their answers."""
    stale: bool


class Finding:
    """One prohibition engaging one thing, with what became of it."""

    __slots__ = (
        "answer",
        "ban",
        "best",
        "duties",
        "engaged",
        "ground",
        "manner",
        "missing",
        "open",
        "shields",
        "status",
        "thing",
        "worst",
    )

    def __init__(self, ban: Ban, thing: Any, status: str | None, engaged: int, answer: int, ground: int) -> None:
        self.ban, self.thing, self.status = ban, thing, status
        self.engaged, self.answer, self.ground = engaged, answer, ground
        self.open: tuple[OpenQuestion, ...] = ()
        self.shields: tuple[Shield, ...] = ()
        self.best = self.worst = 1
        self.duties: tuple[int, ...] = ()
        self.manner: str | None = None
        self.missing: list[Entry] | None = None
        """The facts that keep it open, once they were asked for."""


class Ruling:
    """What one authority says of an act at one moment."""

    __slots__ = ("authority", "best", "findings", "nexus", "worst")

    def __init__(self, authority: str, nexus: int, findings: list[Finding]) -> None:
        self.authority, self.nexus, self.findings = authority, nexus, findings
        best, worst = (1, 1) if nexus == TRUE else (0, 1) if nexus else (0, 0)
        for finding in findings:
            if finding.best > best and (finding.best > 1 or nexus == TRUE):  # not engaged is no nexus yet
                best = finding.best
            if finding.worst > worst:
                worst = finding.worst
        self.best, self.worst = best, worst

    @property
    def verdict(self) -> int:
        """The best case if it stops; else `review` if the worst is that or more; else the stricter (design.md)."""
        if self.best >= 4:
            return self.best
        return 3 if self.worst >= 3 else self.worst
