"""Where two answers to the same question differ, and whether the second is stricter, by authority."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from carveout.engine.law.conditions import VERDICTS

Json = Mapping[str, Any]
OUTCOMES = ("proceed", "review", "stop")
"""Mildest first."""
_MANNERS = {None: 0, "reject": 1, "block": 2}
STRICTER, LAXER, MIXED, OPEN = "stricter", "laxer", "mixed", "undecided"


@dataclass(frozen=True, slots=True)
class Answered:
    """What is compared of an answer; `fault`: why there is none."""

    outcome: str
    verdicts: Mapping[str, tuple[str, str | None]]
    """By authority: verdict and manner."""
    met: frozenset[str]
    """The prohibitions that it has findings of."""
    body: Json
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Flip:
    """An answer that becomes another: by authority, what it was and is, and which way that is."""

    outcome: tuple[str, str]
    authorities: tuple[tuple[str, str, str, str], ...]
    """Authority, verdict before, verdict after, stricter or laxer."""
    direction: str
    """stricter, laxer, mixed (some authorities this, some that), or undecided (one side has no answer)."""

    @property
    def strict(self) -> bool:
        """Does nothing become milder?"""
        return self.direction == STRICTER


def answered(body: Json) -> Answered:
    """From the body of a decision."""
    verdicts = {ruling["authority"]: (ruling["verdict"], ruling["manner"]) for ruling in body["authorities"]}
    findings = [finding for act in body.get("acts") or [body] for finding in act["findings"]]
    met = {finding["prohibition"] for finding in findings}
    met.update(other["prohibition"] for finding in findings for other in finding.get("likewise", ()))
    return Answered(body["outcome"], verdicts, frozenset(met), body)


def unanswered(fault: str) -> Answered:
    """Of a transaction that cannot be decided."""
    return Answered("", {}, frozenset(), {"findings": []}, fault)


def named_in(body: Json) -> Iterator[str]:
    """Every word of the findings of an answer: among them the ids of the norms that they rest on."""
    for act in body.get("acts") or [body]:
        for finding in act["findings"]:
            yield from _texts(finding)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def flip(before: Answered, after: Answered) -> Flip | None:
    """What becomes another; None: every authority's verdict and manner and the outcome stay as they are."""
    if before.fault or after.fault:
        if before.fault and after.fault:
            return None
        return Flip((before.outcome or "none", after.outcome or "none"), (), OPEN)
    found, ways = [], set()
    for id in sorted({*before.verdicts, *after.verdicts}):
        old, new = before.verdicts.get(id), after.verdicts.get(id)
        if old == new:
            continue
        way = STRICTER if _rank(new) > _rank(old) else LAXER
        ways.add(way)
        found.append((id, _word(old), _word(new), way))
    if before.outcome != after.outcome:
        ways.add(STRICTER if OUTCOMES.index(after.outcome) > OUTCOMES.index(before.outcome) else LAXER)
    if not ways:
        return None
    return Flip((before.outcome, after.outcome), tuple(found), ways.pop() if len(ways) == 1 else MIXED)


def _rank(verdict: tuple[str, str | None] | None) -> tuple[int, int]:
    """How strict; no answer of an authority at all is the mildest."""
    return (-1, 0) if verdict is None else (VERDICTS.index(verdict[0]), _MANNERS[verdict[1]])


def _word(verdict: tuple[str, str | None] | None) -> str:
    if verdict is None:
        return "not held"
    return verdict[0] if verdict[1] is None else f"{verdict[0]} ({verdict[1]})"
