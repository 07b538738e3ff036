"""`/v1/owners`: a file in, what is kept, who owns whom; checks use it from then on."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from carveout.api import Settings, create_app
from carveout.engine import Engine

TABLE = b"company,company_country,owner,percent,from\nHolding One,DE,Belavia,60,2020-01-01\n"
CSV = {"content-type": "text/csv"}
ACT = {
    "activity": "advice",
    "at": "2024-11-22T10:00:00-05:00",
    "parties": [
        {"name": "Great Lakes Consultancy LLC", "roles": ["actor"], "country": "US"},
        {"name": "Holding One", "roles": ["counterparty"], "country": "DE"},
    ],
}


@pytest.fixture
def home(tmp_path: Path, engine: Engine) -> Iterator[TestClient]:
    """A server that keeps a register."""
    with TestClient(create_app(engine=Engine(engine.rules), settings=Settings(home=tmp_path))) as client:
        yield client


def test_from_a_file_to_a_decision(home: TestClient) -> None:
    before = home.post("/v1/checks", json=ACT).json()["body"]
    assert before["outcome"] != "stop" and "owners" not in before["made_with"]
    assert home.get("/v1/owners/status").json() == {"fingerprint": None, "imports": [], "next": None}

    kept = home.post("/v1/owners?published=2024-01-01&source=ours", content=TABLE, headers=CSV)
    assert kept.status_code == 200, kept.text
    assert kept.json()["counts"]["relationships"] == 1
    status = home.get("/v1/owners/status").json()
    assert status["imports"] == [kept.json()]

    body = home.post("/v1/checks", json=ACT).json()["body"]
    assert body["outcome"] == "stop" and body["made_with"]["owners"] == status["fingerprint"]
    assert body["registered_owners"][0]["owners"][0]["name"] == "Belavia"
    found = home.get("/v1/owners", params={"party": "holding one", "on": "2024-06-01"}).json()["parties"]
    assert [(p["party"], p["remainder"]) for p in found] == [("holding one", "40")]
    assert home.get("/v1/owners", params={"party": "nobody"}).json()["parties"] == []


def test_another_process_of_the_same_home_is_followed(home: TestClient, engine: Engine, tmp_path: Path) -> None:
    with TestClient(create_app(engine=Engine(engine.rules), settings=Settings(home=tmp_path))) as other:
        assert other.post("/v1/owners?published=2024-01-01", content=TABLE, headers=CSV).status_code == 200
    assert home.post("/v1/checks", json=ACT).json()["body"]["outcome"] == "stop"


@pytest.mark.parametrize(
    ("content", "kind", "query", "status"),
    [
        (b"nonsense", "text/csv", "?published=2024-01-01", 422),
        (TABLE, "text/csv", "", 422),
        (TABLE, "text/csv", "?published=yesterday", 422),
        (TABLE, "text/plain", "?published=2024-01-01", 415),
        (TABLE, "multipart/form-data", "?published=2024-01-01", 415),
    ],
)
def test_what_cannot_be_read_is_told(home: TestClient, content: bytes, kind: str, query: str, status: int) -> None:
    answer = home.post(f"/v1/owners{query}", content=content, headers={"content-type": kind})
    assert answer.status_code == status and answer.headers["content-type"] == "application/problem+json"
    assert home.get("/v1/owners/status").json()["imports"] == []


def test_a_damaged_register_stops_every_check(home: TestClient, tmp_path: Path) -> None:
    (tmp_path / "owners").mkdir()
    (tmp_path / "owners" / "x.owners").write_bytes(b"no database")
    answer = home.post("/v1/checks", json=ACT)
    assert answer.status_code == 503 and "import its source again" in answer.json()["detail"]


def test_a_file_sent_again_with_its_key_is_told_once(home: TestClient) -> None:
    url, headers = "/v1/owners?published=2024-01-01&source=ours", CSV | {"idempotency-key": "once"}
    first = home.post(url, content=TABLE, headers=headers)
    assert home.post(url, content=TABLE, headers=headers).content == first.content
    assert home.post(url, content=TABLE + b"A,DE,B,1,\n", headers=headers).status_code == 422
    entries = [json.loads(line) for line in home.get("/v1/audit/export").text.splitlines()]
    assert [entry["of"] for entry in entries if entry.get("kind") == "owners"] == [first.json()["digest"]]
