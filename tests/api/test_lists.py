"""Official lists over HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from carveout.api import Settings, create_app
from carveout.engine import Engine

RAW = {"content-type": "application/octet-stream"}


def sdn_csv(*names: str) -> bytes:
    rows = [f'{number},"{name}",-0- ,"RED"' + ",-0- " * 8 + "\r\n" for number, name in enumerate(names, 1)]
    return "".join(rows).encode() + b"\x1a"


FIRMS = [f"Firm {n}" for n in range(20)]


@pytest.fixture
def fresh(engine: Engine, tmp_path: Path) -> Iterator[TestClient]:
    """A server that holds no list yet."""
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "publications.yaml").write_text("publications:\n  us.ofac.sdn: {at_least: {}}\n")
    settings = Settings(home=tmp_path, largest_list=100_000)
    with TestClient(create_app(engine=Engine(engine.rules), settings=settings), raise_server_exceptions=False) as made:
        yield made


def test_a_list_is_taken_compared_and_listed(fresh: TestClient) -> None:
    url = "/v1/lists?published=2024-05-07&source=by%20hand"
    first = fresh.post(url, content=sdn_csv(*FIRMS), headers=RAW)
    assert (first.status_code, first.json()["new"], first.json()["changes"]) == (201, True, None)
    assert fresh.post(url, content=sdn_csv(*FIRMS), headers=RAW).status_code == 200
    form = {"file": ("SDN.CSV", sdn_csv(*FIRMS, "BELAVIA"), "text/csv")}
    second = fresh.post("/v1/lists?published=2024-05-08", files=form)
    assert second.status_code == 201
    assert second.json()["changes"] == {"added": 1, "removed": 0, "renamed": 0, "changed": 0}
    assert second.json()["snapshot"]["originals"][0]["name"] == "SDN.CSV"

    held = fresh.get("/v1/lists/us.ofac.sdn/snapshots").json()
    assert [x["published"] for x in held["snapshots"]] == ["2024-05-07", "2024-05-08"]
    assert held["precedence"] == ["us.ofac.sdn", "us.csl"]
    before, after = (x["key"] for x in held["snapshots"])
    found = fresh.get("/v1/lists/compare", params={"before": before, "after": after}).json()
    assert [x["name"] for x in found["added"]] == ["BELAVIA"] and found["counts"]["added"] == 1
    short = fresh.get("/v1/lists/compare", params={"before": before, "after": after, "limit": 0}).json()
    assert short["added"] == [] and short["counts"]["added"] == 1

    state = fresh.get("/v1/lists").json()
    [one] = [x for x in state["publications"] if x["newest"]]
    assert (one["publication"], one["state"], one["snapshots"]) == ("us.ofac.sdn", "stale", 2)


def test_what_is_not_believed_waits_for_a_reason(fresh: TestClient) -> None:
    fresh.post("/v1/lists?published=2024-05-07", content=sdn_csv(*FIRMS), headers=RAW)
    fingerprint = fresh.get("/v1/lists").json()["fingerprint"]
    url = "/v1/lists?published=2024-05-08"
    doubted = fresh.post(url, content=sdn_csv(*FIRMS[:3]), headers=RAW)
    assert doubted.status_code == 409
    assert doubted.json()["type"] == "urn:carveout:problem:implausible-list"
    assert any("had 20" in x["message"] for x in doubted.json()["errors"])
    assert fresh.get("/v1/lists").json()["fingerprint"] == fingerprint
    taken = fresh.post(url + "&confirm=they%20were%20delisted", content=sdn_csv(*FIRMS[:3]), headers=RAW)
    assert taken.status_code == 201 and taken.json()["snapshot"]["confirmed"] == "they were delisted"
    assert fresh.get("/v1/lists").json()["fingerprint"] != fingerprint


@pytest.mark.parametrize(
    ("body", "headers", "query", "status", "kind"),
    [
        (b"<html></html>", RAW, "", 422, "bad-list"),
        (b"", RAW, "", 422, "bad-list"),
        (sdn_csv("A"), RAW, "", 422, "bad-list"),  # nobody says its day
        (sdn_csv("A"), RAW, "?published=May", 422, "bad-parameter"),
        (sdn_csv("A"), {"content-type": "text/csv"}, "", 415, "wrong-media-type"),
        (b"x" * 100_001, RAW, "", 413, "too-large"),
    ],
)
def test_refusals(fresh: TestClient, body: bytes, headers: dict[str, str], query: str, status: int, kind: str) -> None:
    refused = fresh.post(f"/v1/lists{query}", content=body, headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (status, f"urn:carveout:problem:{kind}")
    assert all(x["newest"] is None for x in fresh.get("/v1/lists").json()["publications"])


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
    ids=str,
)
def test_a_page_of_another_site_takes_no_list(fresh: TestClient, headers: dict[str, str]) -> None:
    form = {"file": ("SDN.CSV", sdn_csv(*FIRMS), "text/csv")}
    refused = fresh.post("/v1/lists?published=2024-05-07", files=form, headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:carveout:problem:foreign-origin")
    own = {"origin": "http://testserver", "sec-fetch-site": "same-origin"}
    assert fresh.post("/v1/lists?published=2024-05-07", files=form, headers=own).status_code == 201


def test_a_form_without_a_file_and_unknown_things_are_refused(fresh: TestClient) -> None:
    assert fresh.post("/v1/lists", files={"other": ("x", b"y")}).status_code == 422
    assert fresh.get("/v1/lists/us.ofac.sdn/snapshots").status_code == 404
    key = "0" * 16
    assert fresh.get("/v1/lists/compare", params={"before": key, "after": key}).status_code == 404
    assert fresh.get("/v1/lists/compare", params={"before": "x", "after": key}).status_code == 422


def test_lists_that_cannot_be_used_are_said_to_be_so(fresh: TestClient, tmp_path: Path) -> None:
    (tmp_path / "lists" / "snapshots.sqlite").write_bytes(b"nothing of the kind" * 100)
    answer = fresh.get("/v1/lists")
    assert answer.status_code == 503 and answer.json()["type"] == "urn:carveout:problem:no-lists"


def payment(to: str) -> dict[str, object]:
    parties = [
        {"name": "Ohio Tools", "roles": ["payer"], "country": "US"},
        {"name": to, "roles": ["payee"]},
        {"name": "Erie Mutual", "roles": ["bank"], "country": "US"},
    ]
    return {"activity": "payment", "at": "2024-05-08T12:00:00-04:00", "currency": "EUR", "parties": parties}


def test_a_list_that_was_taken_is_asked_by_the_next_check(fresh: TestClient) -> None:
    before = fresh.post("/v1/checks", json=payment("Zubr Ferrous Alloys")).json()["body"]
    assert "lists" not in before["made_with"]
    content = sdn_csv(*FIRMS, "ZUBR FERROUS ALLOYS").replace(b'"RED"', b'"SDGT"')
    assert fresh.post("/v1/lists?published=2024-05-07", content=content, headers=RAW).status_code == 201
    body = fresh.post("/v1/checks", json=payment("Zubr Ferrous Alloys")).json()["body"]
    assert body["outcome"] == "stop" and body["made_with"]["lists"]
    assert body["identity"][0]["candidates"][0]["subject"] == "us.ofac.sdn:21"
    found = fresh.get("/v1/search", params={"name": "Zubr Ferous Alloys"}).json()["results"][0]["candidates"]
    assert found[0]["subject"] == "us.ofac.sdn:21" and found[0]["statuses"][0]["status"] == "us.ofac.sdn/SDGT"
    page = fresh.get("/search", params={"name": "Zubr <b>Ferrous</b> Alloys"}).text
    assert "ZUBR FERROUS ALLOYS" in page and "<b>" not in page


def test_a_list_sent_again_with_its_key_is_answered_as_before_and_the_chain_tells_of_it_once(fresh: TestClient) -> None:
    url, key = "/v1/lists?published=2024-05-07", {"idempotency-key": "tuesday"}
    first = fresh.post(url, content=sdn_csv(*FIRMS), headers=RAW | key)
    again = fresh.post(url, content=sdn_csv(*FIRMS), headers=RAW | key)
    other = fresh.post(url, content=sdn_csv(*FIRMS, "BELAVIA"), headers=RAW | key)

    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert other.status_code == 422 and other.json()["type"] == "urn:carveout:problem:key-used"
    entries = [json.loads(line) for line in fresh.get("/v1/audit/export").text.splitlines()]
    (told,) = [entry for entry in entries if entry.get("kind") == "list"]
    assert told["of"] == first.json()["snapshot"]["key"] and told["by"] == "local"
    assert told["data"]["files"] == [first.json()["snapshot"]["originals"][0]["sha256"]]
