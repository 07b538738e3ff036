"""The examples in fixtures/ teach what they say they teach."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from carveout.engine import Engine

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
EXPECTED: dict[str, Any] = yaml.load((FIXTURES / "expected.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)


@pytest.fixture(scope="module")
def engine() -> Engine:
    """One engine with the shipped rules and no lists."""
    return Engine.load()


def transaction(name: str) -> Any:
    """An example as a user would hand it in."""
    text = (FIXTURES / "transactions" / name).read_text("utf-8")
    return json.loads(text) if name.endswith(".json") else yaml.load(text, Loader=yaml.BaseLoader)


@pytest.mark.parametrize("name", list(EXPECTED))
def test_example(name: str, engine: Engine) -> None:
    body = engine.check(transaction(name)).body
    said = {entry["authority"]: entry["verdict"] for entry in body["authorities"]}
    wanted = EXPECTED[name]
    assert {authority: said[authority] for authority in wanted.get("expected", {})} == wanted.get("expected", {})
    assert body["outcome"] == wanted["outcome"]


def test_every_example_is_expected() -> None:
    assert {path.name for path in (FIXTURES / "transactions").iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("path", sorted((FIXTURES / "csv").glob("*.csv")), ids=lambda path: path.name)
def test_tables_are_rectangular(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as table:
        header, *rows = csv.reader(table)
    assert len(set(header)) == len(header)
    assert rows and {len(row) for row in rows} == {len(header)}
