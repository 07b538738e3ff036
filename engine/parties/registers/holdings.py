"""From statements to dated holdings: of all that was said of a relationship, what holds at which time.

The newest statement wins from the day it speaks of: from the start of its interests where that is later than the start
known before, else from its own date. An end that any later statement gives counts from that end on. The order in which
statements stand in a file does not matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from carveout.engine.parties.registers.interests import SHARES, control_of, perhaps_owned
from carveout.engine.parties.registers.statements import Interest, Relationship
from carveout.engine.parties.shares import NOUGHT, WHOLE

What = Literal["share", "perhaps", "control", "perhaps_control", "open", "silent"]
"""A share, perhaps one; control, perhaps control; owners nobody knows; said to be silent (exempt, nobody to tell)."""
_SILENT = frozenset({"noBeneficialOwners", "noNotifiableOwners", "subjectExemptFromDisclosure"})


@dataclass(frozen=True, slots=True)
class Holding:
    """What one holder has of one party for a time: from `since` on, until before `until`."""

    held: str
    holder: str | None
    what: What
    low: Decimal
    high: Decimal
    since: date | None
    until: date | None
    sure: bool  # False: not known whether it held already at that time
    dated: date | None  # of the statement
    type: str  # of the interest, or why nobody is named


def holdings_of(relationships: Iterable[Relationship], published: date) -> list[Holding]:
    """The holdings that the statements of one register come to. `published`: for statements without a date."""
    dated = [replace(r, dated=r.dated or published) for r in relationships]
    successors: dict[str, list[Relationship]] = defaultdict(list)
    records: dict[str, list[Relationship]] = defaultdict(list)
    for statement in sorted(dated, key=_order):
        records[statement.record].append(statement)
        for replaced in statement.replaces:
            successors[replaced].append(statement)
    found: list[Holding] = []
    for chain in records.values():
        begin: date | None = None
        for at, statement in enumerate(chain):
            later = chain[at + 1 :]
            if at:
                begin = _begin(chain[at - 1], statement)
            after = [*later[:1], *(s for s in successors.get(statement.id, ()) if s is not statement)]
            ends = [_begin(statement, each) for each in after]
            end = min(ends) if ends else None
            replaced_by = [*later, *successors.get(statement.id, ())]
            found += _of_statement(statement, begin, end, replaced_by)
    return found


def _order(statement: Relationship) -> tuple[date, date, bool, str]:
    start = _start(statement)
    return statement.dated or date.min, start or date.min, statement.closed, statement.id


def _start(statement: Relationship) -> date | None:
    return max((i.since for i in statement.interests if i.since is not None), default=None)


def _begin(before: Relationship, statement: Relationship) -> date:
    """From when a statement takes the place of one before it."""
    start, known = _start(statement), _start(before)
    assert statement.dated is not None
    return start if start is not None and (known is None or start > known) else statement.dated


def _of_statement(
    statement: Relationship, begin: date | None, end: date | None, later: Sequence[Relationship]
) -> Iterator[Holding]:
    interests = statement.interests
    if statement.holder is None and not interests:
        what: What = "silent" if statement.reason in _SILENT else "open"
        until = _first(end, statement.dated if statement.closed else None)
        yield from _dated(statement, what, (NOUGHT, WHOLE), statement.reason, begin, until, since=None)
        return
    interests = interests or (Interest("unknownInterest", NOUGHT, WHOLE, stated=False),)
    shares = [i for i in interests if i.type == SHARES]
    for interest in interests:
        ended = interest.until or (statement.dated if statement.closed else None)
        told = [
            other.until
            for each in later
            for other in each.interests
            if other.type == interest.type and other.until is not None
            if interest.since is None or other.until > interest.since
        ]
        until = _first(end, ended, *told)
        since = interest.since if begin is None else max(interest.since or begin, begin)
        both = interest.low, interest.high
        if interest.type == SHARES and interest.direct != "indirect":
            kind: What = "open" if statement.holder is None else "share"
            yield from _dated(statement, kind, both, interest.type, begin, until, since)
        elif interest.type == SHARES and not statement.components:
            # through whom nobody said: a chain passes on whole stakes, so that any share may be meant
            yield from _dated(statement, "perhaps", (NOUGHT, WHOLE), "indirect shareholding", begin, until, since)
        elif interest.type != SHARES:
            if not shares and perhaps_owned((interest,)):
                yield from _dated(statement, "perhaps", (NOUGHT, WHOLE), interest.type, begin, until, since)
            if statement.holder is not None and (control := control_of(interest)) is not False:
                what = "control" if control else "perhaps_control"
                yield from _dated(statement, what, both, interest.type, begin, until, since)


def _dated(
    statement: Relationship,
    what: What,
    share: tuple[Decimal, Decimal],
    kind: str,
    begin: date | None,
    until: date | None,
    since: date | None,
) -> Iterator[Holding]:
    """The holding in force; where its start is not stated, before the day of the statement only perhaps."""
    holding = Holding(
        statement.held, statement.holder, what, *share, since, until, True, statement.dated, kind or "unknownInterest"
    )
    if since is None and begin is None:
        assert statement.dated is not None
        yield from _kept(replace(holding, until=_first(statement.dated, until), sure=False))
        holding = replace(holding, since=statement.dated)
    elif since is None:
        holding = replace(holding, since=begin)
    yield from _kept(holding)


def _kept(holding: Holding) -> Iterator[Holding]:
    if holding.since is None or holding.until is None or holding.since < holding.until:
        yield holding


def _first(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)
