"""A file of what is to be kept in the portfolio: open transactions and parties, each by its reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from carveout.engine.analyse.portfolio import MOST_FAULTS, PortfolioFault, read_portfolio
from carveout.engine.analyse.telling import Told, kind_of, read_entry
from carveout.engine.analyse.watch import Overtaken, Watch
from carveout.engine.decide.decision import Engine
from carveout.engine.facts.problems import StatementError
from carveout.engine.records.portfolios import PortfolioRefused, check_reference

MOST_ENTRIES = 100_000
KEPT, REPLACED, UNCHANGED = "kept", "replaced", "unchanged"
CHUNK = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One that is to be kept."""

    name: str
    """Its line or row."""
    reference: str
    kind: str
    stated: Any


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one: kept, replaced (another was kept by its reference) or unchanged; and what was answered."""

    reference: str
    id: str
    became: str
    told: Told

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        said = {"reference": self.reference, "id": self.id, "became": self.became, "outcome": self.told["outcome"]}
        return {**said, "fault": self.told["fault"]} if self.told["fault"] else said


def read_entries(data: bytes, engine: Engine) -> list[Entry]:
    """The entries of JSON lines or a CSV. Raises PortfolioFault: all or nothing."""
    return checked(list(read_portfolio(data, engine.rules).transactions), engine)


def checked(found: Sequence[tuple[str, Any]], engine: Engine) -> list[Entry]:
    """Entries by their names (line or row), each with a reference of its own. Raises PortfolioFault."""
    faults: list[str] = []
    entries: list[Entry] = []
    seen: dict[str, str] = {}
    if len(found) > MOST_ENTRIES:
        raise PortfolioFault([f"more than {MOST_ENTRIES:,} entries: split the file"])
    for name, stated in found:
        reference = stated.get("reference") if isinstance(stated, dict) else None
        try:
            if reference is None:
                raise PortfolioRefused("bad-reference", "`reference` is missing, by which it is known from now on")
            check_reference(str(reference))
            if str(reference) in seen:
                raise PortfolioRefused("bad-reference", f"has the reference of {seen[str(reference)]}")
            seen[str(reference)] = name
            read_entry(engine, stated)
        except PortfolioRefused as fault:
            faults.append(f"{name}: {fault}")
        except StatementError as error:
            faults += [f"{name}: {problem.field}: {problem.message}" for problem in error.problems]
        else:
            entries.append(Entry(name, str(reference), kind_of(stated), stated))
        if len(faults) >= MOST_FAULTS:
            break
    if not faults and not entries:
        faults.append("nothing is in it")
    if faults:
        raise PortfolioFault(faults)
    return entries


def keep(
    watch: Watch, engine: Engine, entries: Sequence[Entry], owner: str, person: str, moment: int | None = None
) -> list[Taken]:
    """Keep entries, each with its first answer; in their order. Sent again, what was kept already stays.

    Raises Overtaken where the law became another meanwhile (what was kept so far stays), StoreFault.
    """
    engine, found = engine.pinned(), []
    for start in range(0, len(entries), CHUNK):
        waiting, asking = [], watch.asking(engine, moment)
        for entry in entries[start : start + CHUNK]:
            before = watch.portfolios.open_of(entry.reference)
            answer = watch.first(asking, entry.stated, person)
            future = watch.portfolios.add(
                entry.reference, entry.kind, entry.stated, owner, person, answer, asking.guard, before
            )
            waiting.append((entry, before, answer, future))
        for entry, before, answer, future in waiting:
            if future is not None and future.result().refused:
                raise Overtaken(
                    "the rule set in force, or an entry of the same reference, became another: send it again"
                )
            held = watch.portfolios.open_of(entry.reference) if future is not None else before
            became = UNCHANGED if future is None else KEPT if before is None else REPLACED
            found.append(Taken(entry.reference, held.id if held else "", became, answer.told))
    return found
