"""Law of made-up countries: other trades and other ways to forbid come as data alone.

`rules/` has its own words, places, codes and subjects, and nothing of the shipped ones: an embargo of a whole country,
companies abroad that are owned from another, debt by its length, oil under a cap, ships, coins, luxury, lists that
one authority takes over from another, weekends on other days. `cases.yaml` says what each authority must answer.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from carveout.engine import Engine
from carveout.engine.law.norms import Exemption, Prohibition

HERE = Path(__file__).parent
RULES = HERE / "rules"

Case = dict[str, Any]


class _Reader(yaml.BaseLoader):
    """Text stays text, also where a mapping takes over another one (`<<`)."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        for key, _ in node.value:
            if key.value == "<<":
                key.tag = "tag:yaml.org,2002:merge"
        yaml.SafeLoader.flatten_mapping(self, node)  # type: ignore[arg-type]

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        self.flatten_mapping(node)
        return super().construct_mapping(node, deep)


def cases() -> list[Case]:
    """Every case, as text."""
    found: list[Case] = yaml.load((HERE / "cases.yaml").read_text(encoding="utf-8"), Loader=_Reader)
    return found


CASES = cases()


@cache
def engine() -> Engine:
    """One engine of the made-up law."""
    return Engine.load(RULES)


def met(body: dict[str, Any]) -> Iterator[str]:
    """The prohibitions that met the act."""
    for authority in body["authorities"]:
        yield from authority["prohibitions"]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(case: Case) -> None:
    body = engine().check(case["transaction"]).body
    said = {entry["authority"]: entry for entry in body["authorities"]}
    for authority, expected in case["expected"].items():
        verdict, _, manner = expected.partition(" ")
        got = said[authority]
        assert got["verdict"] == verdict, (authority, got["words"], [q["question"] for q in body["questions"]])
        if manner:
            assert got["manner"] == manner, authority
    if "outcome" in case:
        assert body["outcome"] == case["outcome"]
    asked = {question["fact"] for question in body["questions"]}
    assert set(case.get("asks", ())) <= asked, body["questions"]
    due = {duty.get("report"): duty["due"] for duty in body["duties"] if "due" in duty}
    assert case.get("due", {}).items() <= due.items()
    assert set(case.get("prohibitions", ())) <= set(met(body))
    assert case.get("says", "") in " ".join(duty["says"] for duty in body["duties"])


def test_every_prohibition_and_exemption_is_met_by_some_case() -> None:
    """But those on programmes that nobody names, which catch what no list of today has."""
    bodies = [engine().check(case["transaction"]).body for case in CASES]
    seen = {name for body in bodies for name in met(body)}
    shields = {name for body in bodies for entry in body["authorities"] for name in entry["exemptions"]}
    caught = {norm.id for norm in engine().rules.of_kind(Prohibition) if "other" not in norm.id}
    assert caught - seen == set()
    assert {norm.id for norm in engine().rules.of_kind(Exemption)} - shields == set()
