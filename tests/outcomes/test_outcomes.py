"""The open suite of legal outcomes: the shipped rules decide each case as the law has it."""

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from carveout.engine import Engine

from .real_lists import REAL, with_lists

SUITE = Path(__file__).parent
AUTHORITIES = {"us.ofac", "us.bis", "eu", "uk", "ch"}
MANNERS = {"prohibited": None, "prohibited_block": "block", "prohibited_reject": "reject"}
VERDICTS = {"no_nexus", "not_prohibited", "authorized", "license_required", "review", *MANNERS}
CONFIDENCE = {"verified", "partly_verified", "recalled", "uncertain"}
STOPS = {"license_required", *MANNERS}
REQUIRED = {"id", "title", "confidence", "transaction", "expected", "reason", "citation", "tags"}
OPTIONAL = {"outcome", "identity", "duties", "no_duties", "lists", "must_not_be", "known_gap"}

Case = dict[str, Any]


class _Reader(yaml.BaseLoader):
    """Text stays text (`NO` is Norway, `9A991.d` no number), and a key stands once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise ValueError(f"{node.start_mark}: key stands twice: {sorted(twice)}")
        return super().construct_mapping(node, deep)


def cases() -> Iterator[Case]:
    """Every case of the suite, file by file."""
    for path in sorted(SUITE.glob("*/*.yaml")):
        yield from yaml.load(path.read_text(encoding="utf-8"), Loader=_Reader)


CASES = list(cases())


def parameter(case: Case) -> Any:
    """A case as pytest's parameter; one that cannot be met yet must fail until it can."""
    gap = [pytest.mark.xfail(reason=case["known_gap"], strict=True)] if "known_gap" in case else []
    return pytest.param(case, id=case["id"], marks=gap)


@pytest.fixture(scope="module")
def engine() -> Engine:
    """One engine with the shipped rules and no lists."""
    return Engine.load()


def confirmed(case: Case) -> dict[str, Any]:
    """The case's transaction once a person has said who the party is."""
    transaction = copy.deepcopy(case["transaction"])
    for party in transaction["parties"]:
        if party["name"] == case["identity"]["party"]:
            party["subject"] = case["identity"]["subject"]
    return dict(transaction)


def asserted(body: dict[str, Any], case: Case) -> dict[str, dict[str, Any]]:
    """What the decision says for the authorities that the case speaks of."""
    said = {entry["authority"]: entry for entry in body["authorities"]}
    silent = {"verdict": "no answer"}
    names = {**case["expected"], **case.get("must_not_be", {})}
    return {name: said.get(name, {"authority": name, **silent}) for name in names}


def interchangeable(case: Case) -> bool:
    """May a licence requirement stand for a prohibition? Both stop the deal; here it is left open which."""
    return case["confidence"] != "verified" or bool({"gp10", "tdo"} & set(case["tags"]))


def misses(entry: dict[str, Any], expected: str, case: Case, note: Callable[[str, object], None]) -> str:
    """Why a verdict is not the expected one; nothing if it is."""
    got, manner = entry["verdict"], entry.get("manner")
    if expected in MANNERS:
        if got == "prohibited" and MANNERS[expected] in (None, manner):
            return ""
    elif got == expected:
        return ""
    if {got, expected} <= STOPS and got != expected.partition("_")[0] and interchangeable(case):
        note("note", f"{entry['authority']}: {got} for {expected}")
        return ""
    return f"{entry['authority']}: {got}{f' ({manner})' if manner else ''}, expected {expected}"


def outcome(entries: dict[str, dict[str, Any]]) -> str:
    """The strictest of the asserted authorities."""
    verdicts = {entry["verdict"] for entry in entries.values()}
    if verdicts & STOPS:
        return "stop"
    return "review" if "review" in verdicts else "proceed"


def among(wanted: dict[str, str], duties: list[dict[str, Any]]) -> bool:
    """Is there a duty with all these properties?"""
    return any(all(str(duty.get(key)) == value for key, value in wanted.items()) for duty in duties)


@pytest.mark.parametrize("case", [parameter(case) for case in CASES])
def test_outcome(case: Case, engine: Engine, record_property: Callable[[str, object], None], tmp_path: Path) -> None:
    if case.get("lists"):
        if not REAL:
            pytest.skip("CARVEOUT_REALDATA is not set")
        engine = with_lists(tmp_path, case["lists"])
    stated = engine.check(case["transaction"]).body
    body = stated
    faults = []
    identity = case.get("identity")
    if identity:
        found = [entry for entry in stated["identity"] if entry["party"] == identity["party"]]
        candidates = {c["subject"]: c["verdict"] for entry in found for c in entry["candidates"]}
        if candidates.get(identity["subject"]) not in {"same", "possible"}:
            faults.append(f"`{identity['party']}` is not seen as {identity['subject']}, but as {candidates}")
        body = engine.check(confirmed(case)).body
    entries = asserted(body, case)
    faults += [misses(entries[name], expected, case, record_property) for name, expected in case["expected"].items()]
    for name, word in case.get("must_not_be", {}).items():
        if entries[name]["verdict"] == word:
            faults.append(f"{name}: must not be {word}")
    if "outcome" in case:
        alone = identity is not None and "alone" in identity
        came = outcome(asserted(stated, case) if alone else entries)
        if came != case["outcome"]:
            faults.append(f"outcome {came}, expected {case['outcome']}")
    faults += [f"no duty {duty}" for duty in case.get("duties", []) if not among(duty, body["duties"])]
    faults += [f"a duty {duty}" for duty in case.get("no_duties", []) if among(duty, body["duties"])]
    assert not any(faults), "; ".join(filter(None, faults))


def test_ids_are_unique() -> None:
    ids = [case["id"] for case in CASES]
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES])
def test_case_is_well_formed(case: Case) -> None:
    assert set(case) >= REQUIRED
    assert set(case) <= REQUIRED | OPTIONAL
    assert case["confidence"] in CONFIDENCE
    assert case["citation"] and all(case["citation"])
    assert case["tags"] and all(re.fullmatch(r"[a-z0-9-]+", tag) for tag in case["tags"])
    for name, word in {**case["expected"], **case.get("must_not_be", {})}.items():
        assert name in AUTHORITIES
        assert word in VERDICTS
    assert case.get("outcome", "proceed") in {"proceed", "review", "stop"}
    assert case["expected"] or case.get("duties"), "a case must expect something"
    if "identity" in case:
        assert set(case["identity"]) <= {"party", "subject", "alone"}
        assert case["identity"]["party"] in {party["name"] for party in case["transaction"]["parties"]}
