"""A decision over HTTP is the engine's, byte for byte."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from fastapi.testclient import TestClient

from carveout.api.answers import ActBody, Check, DealBody
from carveout.engine import Engine

TRANSACTIONS = sorted((Path(__file__).resolve().parents[2] / "fixtures" / "transactions").iterdir())


@pytest.mark.parametrize("path", TRANSACTIONS, ids=lambda path: path.stem)
def test_the_body_is_the_engines_and_as_declared(client: TestClient, engine: Engine, path: Path) -> None:
    transaction = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)

    answer = client.post("/v1/checks", json=transaction)

    assert answer.status_code == 200, answer.text
    assert answer.content.endswith(b', "body": ' + engine.check(transaction).canonical() + b"}")
    body = answer.json()["body"]
    (DealBody if "acts" in body else ActBody).model_validate(body)
    Check.model_validate(answer.json())


def test_the_envelope_has_id_time_and_the_users_reference(client: TestClient, part: dict[str, Any]) -> None:
    first, second = (client.post("/v1/checks", json={**part, "reference": "Ю-1"}).json() for _ in range(2))

    assert UUID(first["id"]) != UUID(second["id"])
    assert datetime.fromisoformat(first["time"]).utcoffset() is not None
    assert first["reference"] == "Ю-1" and "reference" not in first["body"]
    assert first["body"] == second["body"]


def test_every_authority_has_a_verdict(client: TestClient, engine: Engine, part: dict[str, Any]) -> None:
    body = client.post("/v1/checks", json=part).json()["body"]

    assert {a["authority"] for a in body["authorities"]} == set(engine.rules.authorities)


def test_a_byte_order_mark_and_a_charset_do_no_harm(client: TestClient, part: dict[str, Any]) -> None:
    raw = b"\xef\xbb\xbf" + json.dumps(part).encode()

    answer = client.post("/v1/checks", content=raw, headers={"content-type": "application/json; charset=utf-8"})

    assert answer.status_code == 200
