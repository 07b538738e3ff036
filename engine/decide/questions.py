"""What to ask: of all the facts that are missing, those of which some value changes an authority's range."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from carveout.engine.decide.compile import Compiled
from carveout.engine.decide.evaluation import Evaluation
from carveout.engine.decide.findings import Finding, Ruling
from carveout.engine.decide.joint_leaves import QuantifiedLeaf
from carveout.engine.decide.leaves import OWNERS, Entry, FactLeaf
from carveout.engine.law.vocabulary import Fact

NEITHER = "\0neither"
"""A value that satisfies no test: what is left when none of the named ones is meant."""
MOST_VALUES = 200
MOST_TRIALS = 1_000
"""Missing facts times open findings: where there are more, all that is missing is asked (900 items are one second)."""


def asked(evaluation: Evaluation, ruling: Ruling) -> list[Entry]:
    """The missing facts worth asking for one authority, each once, in a fixed order.

    A fact is asked if some value of it, the others left open, changes the range; where only several together can, all
    that the open findings wait for are asked.
    """
    open_findings = [f for f in ruling.findings if f.best < f.worst and f.worst > max(ruling.best, 2)]
    if not open_findings or ruling.verdict < 3:
        return []
    found: dict[tuple[int, str], Entry] = {}
    for finding in open_findings:
        for entry in evaluation.missing(finding):
            if _open_law(evaluation, ruling, entry):
                continue
            entry = _askable(entry)
            found.setdefault((id(entry.thing), entry.fact.path), entry)
    candidates = list(found.values())
    if 1 < len(candidates) <= MOST_TRIALS // len(open_findings):
        telling = [entry for entry in candidates if _tells(evaluation, ruling, open_findings, entry)]
        candidates = telling or candidates
    return candidates


def _open_law(evaluation: Evaluation, ruling: Ruling, entry: Entry) -> bool:
    """Is it the law that leaves a status open, so that nobody's answer would settle it?"""
    if entry.fact.name != "status" or entry.thing.open:
        return False
    doubts = evaluation.statuses.doubts(entry.thing, ruling.authority)
    return bool(doubts) and all(source.listing is not None and source.ownership is None for source in doubts)


def _askable(entry: Entry) -> Entry:
    """Nobody can answer a question about a thing that was not named: then the thing itself is asked for."""
    if entry.thing.open:
        return Entry(entry.thing, NAMED[entry.thing.kind], None)
    if entry.fact.name == "status":  # a status follows from something that can be asked for
        if entry.thing.nameless:
            return Entry(entry.thing, WHICH if entry.thing.kind == "asset" else NAMED["party"], None)
        return Entry(entry.thing, INTEREST if entry.thing.kind == "asset" else OWNERS, None)
    return entry


def _named(kind: str, question: str) -> Fact:
    return Fact(f"{kind}.name", kind, "name", "text", False, "asked", "", "name", question)


NAMED = {
    "party": _named("party", "Who is it: {thing}?"),
    "item": _named("item", "Which {thing}?"),
    "asset": _named("asset", "Which {thing}?"),
}
WHICH = Fact(
    "asset.registration",
    "asset",
    "registration",
    "text",
    False,
    "asked",
    "",
    "registration",
    "Which registration or name has {thing}?",
)
INTEREST = Fact(
    "asset.interest_of",
    "asset",
    "interest_of",
    "party",
    True,
    "asked",
    "",
    "interest",
    "Since when is {thing} blocked, and whose property is it?",
)


def _tells(evaluation: Evaluation, ruling: Ruling, findings: Sequence[Finding], entry: Entry) -> bool:
    """Does some value of the fact, alone, change the authority's range?"""
    thing, fact = entry.thing, entry.fact
    if (
        thing.open
        or fact is OWNERS
        or fact is INTEREST
        or fact.type in ("subject", "status", "party", "asset", "item", "text", "currency")
    ):
        return True
    tests = [leaf for finding in findings for leaf in _tests_of(evaluation, finding, fact)]
    retried = {id(f) for f in findings}
    settled = [f for f in ruling.findings if id(f) not in retried]
    before = thing.facts.get(fact.name)
    sets = thing.facts.get("in_sets"), thing.facts.get("not_in_sets")
    try:
        for value, member in _values(fact, tests, evaluation):
            thing.facts[fact.name] = (value,) if fact.many and value is not None else value
            if member is not None:
                key = "in_sets" if member[1] else "not_in_sets"
                thing.facts["in_sets"], thing.facts["not_in_sets"] = (), ()
                thing.facts[key] = (member[0],)
            evaluation.forget()
            fresh = [
                f
                for old in {(f.ban.number, id(f.thing)): f for f in findings}.values()
                for f in evaluation.engage(old.ban, old.thing)
            ]
            evaluation.settle(fresh, [*settled, *fresh])
            new = Ruling(ruling.authority, ruling.nexus, [*settled, *fresh])
            if (new.best, new.worst) != (ruling.best, ruling.worst):
                return True
        return False
    finally:
        for name, old in (("in_sets", sets[0]), ("not_in_sets", sets[1]), (fact.name, before)):
            if old is None:
                thing.facts.pop(name, None)
            else:
                thing.facts[name] = old
        evaluation.forget()  # only now: the plain grounds are asked again at once


def _tests_of(evaluation: Evaluation, finding: Finding, fact: Fact) -> Iterator[FactLeaf]:
    ban = finding.ban
    parts: list[Compiled | None] = [ban.when, *(q.when for q in ban.open)]
    for id in ban.grounds:
        ground = evaluation.program.grounds[id]
        parts += [ground.on_act, *ground.by_thing.values()]
    for cover in ban.shields:
        parts += [cover.covers, *(when for _, when in cover.excepts), *(q.when for q in cover.open)]
    for part in parts:
        if part is not None:
            yield from _within(part, fact)


def _within(part: Compiled, fact: Fact) -> Iterator[FactLeaf]:
    for leaf in part.leaves:
        if isinstance(leaf, FactLeaf):
            if leaf.fact.path == fact.path:
                yield leaf
            for applies in leaf.applies.values():
                yield from _within(applies, fact)
        elif isinstance(leaf, QuantifiedLeaf):
            yield from _within(leaf.part, fact)


def _values(
    fact: Fact, tests: Sequence[FactLeaf], evaluation: Evaluation
) -> Iterator[tuple[Any, tuple[str, bool] | None]]:
    """Values that stand for all others: each that a test names, what lies just beside it, and none of them."""
    if fact.type == "yes_no":
        yield from ((True, None), (False, None))
        return
    seen: dict[Any, None] = {}
    for leaf in tests:
        if leaf.leaf.test == "in_set":
            yield None, (leaf.limit.name, True)
            yield None, (leaf.limit.name, False)
            for code in leaf.limit.codes[:3]:
                seen[code] = None
        elif leaf.leaf.test == "is":
            for value in list(leaf.leaf.values)[:MOST_VALUES]:
                seen[value] = None
        else:
            limit = leaf.limit
            step: Any = timedelta(days=1) if isinstance(limit, date) else Decimal(1)
            for value in (limit, limit - step, limit + step):
                seen[value] = None
    for value in list(seen)[:MOST_VALUES]:
        yield value, None
    if fact.type not in ("number", "percent", "date"):
        yield NEITHER, None
