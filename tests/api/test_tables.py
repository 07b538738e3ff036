"""A CSV over HTTP: as a body or as an upload, the same answer."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from carveout.engine import Engine
from carveout.engine.batch.screening import screen_bytes

SCREENING = (Path(__file__).resolve().parents[2] / "fixtures" / "csv" / "screening.csv").read_bytes()
CSV = {"content-type": "text/csv"}


def test_a_body_and_an_upload_give_what_the_batch_gives(client: TestClient, engine: Engine) -> None:
    body = client.post("/v1/checks/csv", content=SCREENING, headers=CSV)
    upload = client.post("/v1/checks/csv", files={"file": ("in.csv", SCREENING, "text/csv")})

    assert body.status_code == upload.status_code == 200
    assert body.headers["content-type"].startswith("text/csv")
    assert "attachment" in body.headers["content-disposition"]
    assert body.content == upload.content == screen_bytes(engine, SCREENING)[0]


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"a,b\n1,2\n", b"activity\nsale\n", b"\x00\x01\xff"], ids=repr)
def test_what_is_no_table_of_transactions_is_refused_with_its_faults(client: TestClient, raw: bytes) -> None:
    answer = client.post("/v1/checks/csv", content=raw, headers=CSV)

    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "urn:carveout:problem:bad-csv"
    assert answer.json()["errors"]


def test_an_upload_without_a_file_is_refused(client: TestClient) -> None:
    assert client.post("/v1/checks/csv", files={"other": ("x", b"y")}).status_code == 422


def test_a_broken_upload_is_refused(client: TestClient) -> None:
    headers = {"content-type": "multipart/form-data"}

    assert client.post("/v1/checks/csv", content=b"--x", headers=headers).status_code == 400


def test_json_is_no_csv(client: TestClient) -> None:
    assert client.post("/v1/checks/csv", json={}).status_code == 415
