"""The two laws of design.md ("Not knowing"), on worked cases, their mutants, and transactions made for each norm."""

from __future__ import annotations

import copy
import json
from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carveout.engine import StatementError

from .directed import engaging
from .learning import KINDS, Lesson, a_fact, lesson
from .mutants import asked_slots, left_open, mutant, slots, some_value
from .world import SOAK, TIMES, Statement, case_statements, decide, engine, examples, left, prohibitions, ranges

pytestmark = pytest.mark.meaning

SEEDS = st.randoms(use_true_random=False)


def broken(pair: Lesson) -> list[str]:
    """How a lesson breaks one of the two laws."""
    more, less = decide(pair.more), decide(pair.less)
    if more is None or less is None:
        return []
    faults = left(more, less)
    if more.outcome != "proceed" and less.outcome == "proceed":
        faults.append(f"{more.outcome} became proceed")
    return faults


def shown(pair: Lesson, faults: list[str]) -> str:
    """A broken law as a reader needs it."""
    return f"{pair.learned}: {faults}\n{json.dumps(pair.less)}\n{json.dumps(pair.more)}"


@examples(700)
@given(SEEDS)
def test_learning_narrows_and_silence_never_clears(chance: Random) -> None:
    statement = mutant(chance)
    for _ in range(2):
        pair = lesson(chance, statement)
        if pair is not None:
            faults = broken(pair)
            assert not faults, shown(pair, faults)


def test_both_laws_on_many_mutants() -> None:
    learned: Counter[str] = Counter()
    for seed in range(1_200 * TIMES):
        chance = Random(None if SOAK else seed)
        pair = lesson(chance, mutant(chance))
        if pair is not None:
            faults = broken(pair)
            assert not faults, shown(pair, faults)
            learned[pair.learned] += 1
    assert sum(learned.values()) > 400 * TIMES
    assert {"time", "role actor", "role counterparty"} <= set(learned)


def test_both_laws_where_norms_engage() -> None:
    for number, norm in enumerate(prohibitions()):
        chance = Random(None if SOAK else number)
        for _ in range(6 * TIMES):
            exemptions = engine().rules.exemptions_for.get(norm.id, ())
            statement = engaging(chance, norm, chance.choice((None, *exemptions)))
            for kind in (a_fact, chance.choice(KINDS)):
                try:
                    pair = kind(chance, statement)
                except StatementError:
                    continue
                if pair is not None:
                    faults = broken(pair)
                    assert not faults, shown(pair, faults)


def test_no_case_proceeds_for_want_of_a_fact() -> None:
    checked = 0
    for statement in case_statements():
        whole = decide(statement)
        assert whole is not None
        for slot in asked_slots(statement):
            if slot.fact.name not in slot.entry(statement):
                continue
            less = copy.deepcopy(statement)
            slot.drop(less)
            if not left_open(less, slot):
                continue
            faults = broken(Lesson(less, statement, slot.fact.path))
            assert not faults, shown(Lesson(less, statement, slot.fact.path), faults)
            checked += 1
    assert checked > 200


# ---- questions


def open_statements(count: int) -> list[Statement]:
    """Statements with something unknown."""
    found = []
    for seed in range(count):
        chance = Random(None if SOAK else 7_000_000 + seed)
        found.append(mutant(chance))
    return found


def test_a_review_for_want_of_knowledge_says_what_is_missing() -> None:
    silent = []
    for statement in open_statements(1_200 * TIMES):
        decision = decide(statement)
        for entry in decision.body["authorities"] if decision else ():
            id = entry["authority"]
            if entry["verdict"] != "review" or entry["best"] == "review":
                continue
            assert decision is not None
            body = decision.body
            said = any(id in question["authorities"] for question in body["questions"])
            said |= any(question["authority"] == id for question in body["unresolved"])
            findings = [f for f in body["findings"] if f["authority"] == id]
            said |= any(b["truth"] == "unknown" for f in findings for b in f.get("because", ()))  # an hour of the law
            said |= any("in_force" in f or any("stale" in s for s in f["shields"]) for f in findings)
            if not said:
                silent.append((id, statement))
    assert not silent, f"{len(silent)}: {json.dumps(min(silent, key=lambda s: len(json.dumps(s[1]))))}"


def plainly_answered(question: dict[str, Any], statement: Statement) -> Any:
    """The place in the statement where the question would be answered; None where it asks for a thing and no fact."""
    fact = engine().rules.vocabulary.facts.get(question["fact"])
    if fact is None or fact.type in ("subject", "status", "party", "asset", "item", "text"):
        return None
    for slot in slots(statement):
        entry = slot.entry(statement)
        names = {entry.get("id"), entry.get("name"), entry.get("registration")}
        if slot.fact is fact and (not slot.where or question["of"]["name"] in names):
            return slot
    return None


def test_a_fact_is_asked_only_if_some_value_of_it_changes_the_range() -> None:
    asked, idle = 0, []
    for statement in open_statements(160 * TIMES):
        decision = decide(statement)
        if decision is None or len(statement["at"]) == 10:
            continue
        before = ranges(decision)
        for question in decision.body["questions"]:
            slot = plainly_answered(question, statement)
            if slot is None or "stated" in question:
                continue
            others = [q for q in decision.body["questions"] if set(q["authorities"]) & set(question["authorities"])]
            asked += 1
            if not any(changed(statement, slot, question, before, seed) for seed in range(40)) and len(others) == 1:
                idle.append((question["fact"], question["authorities"], statement))
    assert asked > 50
    assert not idle, f"{len(idle)} of {asked}: {json.dumps(min(idle, key=lambda s: len(json.dumps(s[2]))))}"


def changed(statement: Statement, slot: Any, question: dict[str, Any], before: Any, seed: int) -> bool:
    """Does some value of the fact change the range of an authority for which it is asked?"""
    more = copy.deepcopy(statement)
    slot.put(more, some_value(Random(seed), slot.fact))
    decision = decide(more)
    return decision is not None and any(ranges(decision)[id] != before[id] for id in question["authorities"])


def test_what_is_asked_is_not_known_already() -> None:
    for statement in open_statements(300 * TIMES):
        decision = decide(statement)
        for question in decision.body["questions"] if decision else ():
            slot = plainly_answered(question, statement)
            if slot is not None and "stated" not in question:
                assert slot.fact.name not in slot.entry(statement), (question, statement)


@pytest.mark.parametrize("path", ["act.emergency", "act.purpose", "item.licence_exception"])
def test_a_claimed_fact_is_never_asked(path: str) -> None:
    assert engine().rules.vocabulary.facts[path].absent == "claimed"
    for statement in case_statements():
        decision = decide(statement)
        assert decision is not None
        assert path not in {question["fact"] for question in decision.body["questions"]}
