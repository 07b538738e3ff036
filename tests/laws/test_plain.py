"""The fast engine and the slow, plain one say the same: index, compiling, caches and settling change nothing."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from carveout.engine import Engine, StatementError
from carveout.engine.decide.findings import Ruling
from carveout.engine.facts.things import Act

from .directed import engaging, opened
from .mutants import mutant
from .plain import MAYBE, NO, YES, Plain
from .world import SOAK, TIMES, Statement, case_statements, engine, prohibitions

pytestmark = pytest.mark.meaning

BITS = {0: NO, 1: MAYBE, 3: YES}
HOW = ("not_prohibited", "authorized", "license_required")


def said(ruling: Ruling) -> dict[tuple[str, str, str], Any]:
    """The findings of the engine in the words of the plain one."""
    found = {}
    for finding in ruling.findings:
        shields = tuple(
            sorted((s.cover.norm.id if s.cover else "held", BITS[s.truth], HOW[s.how]) for s in finding.shields)
        )
        thing = f"{finding.thing.kind} {finding.thing.number}"
        found[finding.ban.norm.id, thing, finding.status or ""] = (
            BITS[finding.engaged],
            shields,
            finding.best,
            finding.worst,
        )
    return found


def differences(statement: Statement, by: Engine) -> list[str]:
    """Where the two differ about a statement, in words; nothing for one that is refused."""
    try:
        return compared(by.reader.read(statement).acts[0], by)
    except StatementError:
        return []


def compared(act: Act, by: Engine) -> list[str]:
    """Where the two differ about an act, at each moment and under each hypothesis."""
    by.identifier.screen(act)
    faults = []
    for who in by.identifier.hypotheses(act):
        by.identifier.assume(act, who)
        for evaluation in by.now._evaluations(act):
            plain = Plain(by.rules, evaluation)
            for id, ruling in evaluation.rulings.items():
                best, worst, found = plain.authority(id)
                mine = {(f.prohibition, f.thing, f.status): (f.engaged, f.shields, f.best, f.worst) for f in found}
                theirs = said(ruling)
                if (best, worst) != (ruling.best, ruling.worst):
                    faults.append(f"{id}: plain {best}..{worst}, engine {ruling.best}..{ruling.worst}")
                for key in mine.keys() | theirs.keys():
                    if mine.get(key) != theirs.get(key):
                        faults.append(f"{key}: plain {mine.get(key)}, engine {theirs.get(key)}")
    return faults


@pytest.mark.parametrize("part", range(8))
def test_on_mutants_of_the_cases(part: int) -> None:
    for number in range(45 * TIMES):
        statement = mutant(Random(None if SOAK else part * 100_000 + number))
        faults = differences(statement, engine())
        assert not faults, f"{faults}\n{json.dumps(statement)}"


def test_on_the_cases() -> None:
    for statement in case_statements():
        faults = differences(statement, engine())
        assert not faults, f"{faults}\n{json.dumps(statement)}"


def test_on_transactions_made_for_each_prohibition() -> None:
    for number, norm in enumerate(prohibitions()):
        if not SOAK and ".programmes." in norm.id and number % 3:
            continue  # one for each tag of a list, alike in all but the tag: a third of them in a normal run
        chance = Random(None if SOAK else number)
        exemptions = (None, *engine().rules.exemptions_for.get(norm.id, ()))
        for exemption in exemptions if SOAK else [chance.choice(exemptions)]:
            statement = engaging(chance, norm, exemption)
            each = statement if chance.random() < 0.5 else opened(chance, statement)
            faults = differences(each, engine())
            assert not faults, f"{norm.id}: {faults}\n{json.dumps(each)}"
