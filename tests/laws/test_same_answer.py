"""What must not change an answer: order, company, the process, the settling, a deal around it."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carveout.engine import Decision
from carveout.engine.decide import settling

from .mutants import mutant
from .world import LISTS, SOAK, TIMES, Statement, case_statements, decide, engine, examples, ranges

pytestmark = pytest.mark.meaning

SEEDS = st.randoms(use_true_random=False)
RANK = ("proceed", "review", "stop")


def sample(count: int, start: int) -> Iterator[Statement]:
    """Mutants of the worked cases, the same in every run but when soaking."""
    for number in range(count * TIMES):
        yield mutant(Random(None if SOAK else start + number))


def verdicts(decision: Decision) -> dict[str, str]:
    """What each authority says."""
    return {entry["authority"]: entry["verdict"] for entry in decision.body["authorities"]}


def findings(decision: Decision) -> set[tuple[Any, ...]]:
    """What is said of each thing by name."""
    return {
        (
            f["prohibition"],
            f["thing"]["kind"],
            f["thing"]["name"],
            f.get("programme"),
            f["engaged"],
            f["best"],
            f["worst"],
        )
        for f in decision.body["findings"]
    }


def named(statement: Statement) -> Statement:
    """The same with a name for each thing that has none, so that order does not give it one."""
    result = copy.deepcopy(statement)
    for kind, key in LISTS.items():
        for i, entry in enumerate(result.get(key) or ()):
            if not {"id", "name", "registration"} & set(entry):
                entry["id"] = f"{kind} {i} of the list"
    return result


@examples(250)
@given(SEEDS)
def test_order_changes_no_verdict(chance: Random) -> None:
    statement = named(mutant(chance))
    turned = copy.deepcopy(statement)
    for key in LISTS.values():
        if isinstance(turned.get(key), list):
            chance.shuffle(turned[key])
    for party in turned.get("parties") or ():
        if party.get("owners"):
            chance.shuffle(party["owners"])
    one, other = decide(statement), decide(turned)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert ranges(one) == ranges(other)
        assert findings(one) == findings(other)


STRANGER = {
    "id": "the stranger",
    "name": "Unrelated Stationery Ltd of Nowhere",
    "roles": ["signatory"],
    "kind": "organisation",
    "country": ["JP"],
    "nationality": ["JP"],
    "state_owner": [],
    "air_carrier_of": [],
    "military": "no",
    "owners": [],
    "controlled_by": [],
}
PAPER = {
    "id": "the paper",
    "name": "note paper",
    "eccn": "EAR99",
    "hs": "4820",
    "origin": ["JP"],
    "us_content_percent": "0",
    "us_direct_product": "no",
    "end_user": "the stranger",
    "destination": "JP",
}


@examples(250)
@given(SEEDS)
def test_a_harmless_stranger_changes_no_other_finding(chance: Random) -> None:
    statement = mutant(chance)
    if "parties" not in statement:
        return
    more = {**copy.deepcopy(statement), "parties": [*copy.deepcopy(statement["parties"]), STRANGER]}
    one, other = decide(statement), decide(more)
    if one is not None and other is not None:
        mine = {f for f in findings(other) if f[2] != STRANGER["name"]}
        assert findings(one) == mine


@examples(150)
@given(SEEDS)
def test_harmless_goods_beside_others_change_no_finding_about_those(chance: Random) -> None:
    statement = mutant(chance)
    if not statement.get("items") or statement.get("end_user") or not statement.get("parties"):
        return
    parties = [*copy.deepcopy(statement["parties"]), {**STRANGER, "roles": ["end_user"]}]
    with_stranger = {**copy.deepcopy(statement), "parties": parties}
    for item in with_stranger["items"]:
        if "end_user" not in item:
            return  # a single party with that role would become the end user of everything
    more = {**with_stranger, "items": [*copy.deepcopy(with_stranger["items"]), PAPER]}
    one, other = decide(with_stranger), decide(more)
    if one is not None and other is not None:
        old = {f for f in findings(one) if f[1] == "item"}
        assert old == {f for f in findings(other) if f[1] == "item" and f[2] != PAPER["name"]}


def test_equal_input_gives_equal_bytes() -> None:
    for statement in sample(150, 1_000_000):
        one, other = decide(statement), decide(copy.deepcopy(statement))
        if one is not None and other is not None:
            assert one.canonical() == other.canonical()


SCRIPT = """
import hashlib, json, sys
from carveout.engine import Engine, StatementError
engine = Engine.load()
whole = hashlib.sha256()
for statement in json.load(sys.stdin):
    try:
        whole.update(engine.check(statement).canonical())
    except StatementError as error:
        whole.update(str(error).encode())
print(whole.hexdigest())
"""


@pytest.mark.parametrize("seed", ["1", "20231114"])
def test_another_process_with_another_hash_seed_gives_the_same_bytes(seed: str) -> None:
    statements = [*case_statements(), *sample(120, 2_000_000)]
    here = hashlib.sha256()
    for statement in statements:
        decision = None
        try:
            decision = engine().check(statement)
        except Exception as error:
            here.update(str(error).encode())
        if decision is not None:
            here.update(decision.canonical())
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps(statements),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == here.hexdigest()


def test_without_durable_rules_the_bodies_are_the_same() -> None:
    statements = [*case_statements(), *sample(250, 3_000_000)]
    with_it = [decide(statement) for statement in statements]
    settling.use_reference(True)
    try:
        without = [decide(statement) for statement in statements]
    finally:
        settling.use_reference(False)
    for one, other in zip(with_it, without, strict=True):
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            assert one.canonical() == other.canonical()


def test_a_deal_is_as_strict_as_its_acts() -> None:
    for number in range(120 * TIMES):
        chance = Random(None if SOAK else 4_000_000 + number)
        acts = [
            {k: v for k, v in mutant(chance, most=2).items() if k != "reference"} for _ in range(chance.randint(2, 3))
        ]
        each = [decide(act) for act in acts]
        whole = decide({"acts": acts})
        if whole is None or any(decision is None for decision in each):
            continue
        alone = [decision for decision in each if decision is not None]
        assert whole.outcome == max((decision.outcome for decision in alone), key=RANK.index)
        assert [decision.body for decision in alone] == whole.body["acts"]
        for id, verdict in verdicts(whole).items():
            assert verdict in {verdicts(decision)[id] for decision in alone}


def test_what_the_deal_states_holds_for_each_act() -> None:
    for statement in case_statements()[:60]:
        shared: Statement = {key: statement[key] for key in ("parties", "assets") if key in statement}
        rest = {key: value for key, value in statement.items() if key not in shared}
        alone, deal = decide(statement), decide({**shared, "acts": [rest]})
        assert alone is not None and deal is not None
        assert deal.body.get("acts", [deal.body])[0] == alone.body
