"""One engine and one client for all: the application holds no state."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carveout.api import Settings, create_app
from carveout.engine import Engine

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The shipped rules."""
    return Engine.load()


@pytest.fixture(scope="session")
def client(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client in the same process; a fault of the server is an answer, not an exception."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    with TestClient(create_app(engine=engine, settings=settings), raise_server_exceptions=False) as made:
        yield made


@pytest.fixture
def part() -> dict[str, Any]:
    """A part for an airliner, as a US seller would state it."""
    text = (FIXTURES / "transactions" / "belavia-737-part-letter.json").read_text(encoding="utf-8")
    stated: dict[str, Any] = json.loads(text)
    return stated
