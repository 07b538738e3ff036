"""Stores to try, on SQLite and on a real PostgreSQL."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from carveout.engine import Engine
from carveout.engine.records.store import Store

ROOT = Path(__file__).resolve().parents[2]
Open = Callable[[], Store]


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The shipped rules."""
    return Engine.load()


@pytest.fixture
def part() -> dict[str, Any]:
    """A part for an airliner, as a US seller would state it."""
    path = ROOT / "fixtures" / "transactions" / "belavia-737-part-letter.json"
    stated: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return stated


@pytest.fixture
def open_store(url: str, tmp_path: Path) -> Iterator[Open]:
    """Opens the same store, as many times as asked."""
    opened: list[Store] = []

    def open_it() -> Store:
        opened.append(Store.open(tmp_path / "home", url))
        return opened[-1]

    yield open_it
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Open) -> Store:
    """An empty store."""
    return open_store()
