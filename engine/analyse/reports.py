"""What somebody reads before they approve a change: checks, cases with coverage, and what flips (docs/changes.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from time import time
from typing import Any

from carveout.engine.analyse.cases import cases_in, misses
from carveout.engine.analyse.coverage import coverage_of
from carveout.engine.analyse.effects import Comparing, Effect, Progress, effect_on_portfolio, effect_on_stored
from carveout.engine.analyse.health import health_of
from carveout.engine.analyse.strictness import only_stricter
from carveout.engine.analyse.telling import at_moment
from carveout.engine.decide.decision import Engine
from carveout.engine.law.documents import RuleError
from carveout.engine.records.canonical import canonical_json, read_back
from carveout.engine.records.changes import Change, Changes, Report
from carveout.engine.records.contents import Changed, Contents
from carveout.engine.records.portfolios import TRANSACTION, Portfolios
from carveout.engine.records.proposals import ChangeFault

FORMAT = 1
MOST_LINES = 1_000


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Transactions that somebody holds: by line or row, with the digest of the file."""

    digest: str
    transactions: Iterable[tuple[str, Any]]


def _silent(done: int, of: int) -> None:
    pass


def make_report(
    changes: Changes,
    id: str,
    person: str,
    asking: Engine,
    portfolio: Portfolio | None = None,
    progress: Progress = _silent,
    today: date | None = None,
) -> tuple[Report, dict[str, Any]]:
    """Work out what a change does, and keep it. `asking`: has the lists and the register that both sides ask.

    Takes as long as its distinct questions take. Raises ChangeFault, StoreFault.
    """
    change = changes.get(id)
    if change.withdrawn is not None:
        raise ChangeFault("withdrawn", "it was withdrawn: propose it again")
    before, after, changed = _sides(changes, change)
    until = changes.last_decision()
    old, new = asking.under(before.rules), asking.under(after.rules)
    comparing = Comparing(old, new, changed)
    stored = effect_on_stored(changes.store, comparing, 0, until, progress)
    effects = [stored]
    held = None
    if portfolio is not None:
        held = effect_on_portfolio(comparing, portfolio.transactions, progress)
        effects.append(held)
    kept = effect_on_portfolio(comparing, _kept(changes), progress)
    effects.append(kept)
    faults, cases, covered = _cases(after, comparing)
    day = today or datetime.now(UTC).date()
    health = health_of(Engine(after.rules), None, cases_in(after.documents.values()), day)
    faults += health.faults
    milder = only_stricter(old, after.rules, changed, int(time()))
    if change.proposal.emergency:
        faults += milder
    said = {
        "format": FORMAT, "change": id, "content": after.digest, "base": before.digest, "until": until,
        "files": changed.data(), "norms": sorted(comparing.touched.norms), "faults": faults, "cases": cases,
        "coverage": covered, "remarks": {title: lines[:MOST_LINES] for title, lines in health.remarks.items()},
        "only_stricter": {"by_structure": not milder, "why_not": milder,
                          "by_effect": not any(effect.laxer for effect in effects)},
        "stored": stored.data(),
        "portfolio": None if held is None or portfolio is None else {"file": portfolio.digest, **held.data()},
        "kept": kept.data() if kept.asked else None,
    }  # fmt: skip
    counts = _counts(until, stored, effects, len(faults))
    return changes.keep_report(change.proposal, counts, canonical_json(said), person), said


def _kept(changes: Changes) -> Iterator[tuple[str, Any]]:
    """The open transactions of the portfolio that is kept here, as of now where they state no moment."""
    portfolios, moment = Portfolios(changes.store), int(time())
    for page in portfolios.pages():
        entries = [held for held, _ in page if held.kind == TRANSACTION]
        stated = portfolios.stated(entries)
        yield from ((held.reference, at_moment(stated[held.id], moment)) for held in entries)


def read_report(changes: Changes, report: Report) -> dict[str, Any]:
    """A kept report as JSON data. Raises StoreFault."""
    found: dict[str, Any] = read_back(changes.store.content(report.digest))
    return found


def approve(changes: Changes, id: str, person: str, asking: Engine) -> Change:
    """Approve a change on its newest report, which must take in every decision stored so far. Raises ChangeFault.

    Decisions that came since are worked out now. If none of them flips, the report is taken on to them; if one does,
    the report is run again and to be read again before anybody approves.
    """
    change = changes.get(id)
    if change.proposal.person == person:
        raise ChangeFault("own-proposal", "who proposed may not approve: ask somebody else with the role approver")
    report = change.report
    if report is None:
        raise ChangeFault("no-report", "there is no report of what it does: run that first, and read it")
    last = changes.last_decision()
    if last > report.until:
        before, after, changed = _sides(changes, change)
        comparing = Comparing(asking.under(before.rules), asking.under(after.rules), changed)
        more = effect_on_stored(changes.store, comparing, report.until, last)
        if more.flips:
            raise ChangeFault(
                "report-outdated", f"{more.flips} decisions stored since the report flip too: run it again, and read it"
            )
        said = read_report(changes, report)
        said["until"] = last
        said["stored"]["asked"] += more.asked
        said["stored"]["distinct"] += more.distinct
        counts = {
            "until": last, "decisions": report.decisions + more.asked, "flips": report.flips, "laxer": report.laxer,
            "faults": report.faults,
        }  # fmt: skip
        report = changes.keep_report(change.proposal, counts, canonical_json(said), person)
    return changes.approve(id, person, report)


def _sides(changes: Changes, change: Change) -> tuple[Contents, Contents, Changed]:
    """The files of the base and of the change, and what is other."""
    head, proposal = changes.head(), change.proposal
    if proposal.base is None or head is None:
        raise ChangeFault("no-base", "the first version has nothing before it to be compared with")
    stands = any(activation.proposal == proposal.id for activation in change.activations)
    if head[1].content != proposal.base and not stands:
        raise ChangeFault("base-moved", "another change became the law meanwhile: propose it anew on top of that")
    before = Contents.of_store(changes.store, proposal.base)
    after = Contents.of_store(changes.store, proposal.content)
    return before, after, Changed.between(before, after)


def _cases(after: Contents, comparing: Comparing) -> tuple[list[str], dict[str, Any], dict[str, Any]]:
    """What is wrong with the cases, what came of them, and what they show of the norms that are other."""
    alone = Engine(after.rules)
    try:
        cases = cases_in(after.documents.values())
    except RuleError as error:
        return [str(fault) for fault in error.faults], {"run": 0}, {}
    run = [case for case in cases if not case.data.get("lists")]
    faults, gaps = [], 0
    for case in run:
        missed = misses(alone, case)
        if "known_gap" in case.data:
            gaps += bool(missed)
            missed = [] if missed else ["comes out as expected: `known_gap` can go"]
        faults += [f"{case.file}:{case.line}: case `{case.id}`: {text}" for text in missed]
    norms = [norm for id, norm in after.rules.norms.items() if id in comparing.touched.norms]
    said = {"run": len(run), "differ": len(faults), "known_gaps": gaps, "not_run": len(cases) - len(run)}
    return faults, said, coverage_of(alone, norms, run).data()


def _counts(until: int, stored: Effect, effects: list[Effect], faults: int) -> dict[str, int]:
    return {
        "until": until, "decisions": stored.asked, "flips": stored.flips,
        "laxer": sum(effect.laxer for effect in effects), "faults": faults,
    }  # fmt: skip
