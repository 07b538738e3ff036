"""Bad input gets problem details that say what and where: never a fault, a hang or a verdict."""

import json
import time
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carveout.api.problems import MEDIA_TYPE, ProblemDetails

JSON = {"content-type": "application/json"}
MEBIBYTE = 1 << 20

BROKEN = {
    "empty": b"",
    "no JSON": b"activity: sale",
    "cut short": b'{"activity": "sale"',
    "two values": b"{} {}",
    "broken UTF-8": b'{"reference": "\xff\xfe"}',
    "UTF-16": '{"activity": "sale"}'.encode("utf-16"),
    "NaN": b'{"amount": NaN}',
    "infinity": b'{"amount": -Infinity}',
    "lone surrogate": b'{"reference": "\\ud800"}',
    "lone surrogate as a key": b'{"a": {"\\udfff": 1}}',
    "lone surrogate alone": b'"\\ud800"',
    "a key twice": b'{"activity": "sale", "activity": "payment"}',
    "a number of 9,000 digits": b'{"amount": ' + b"9" * 9000 + b"}",
    "100,000 lists deep": b"[" * 100_000 + b"]" * 100_000,
    "100 objects deep": b'{"a":' * 100 + b"1" + b"}" * 100,
}
WRONG: dict[str, tuple[Any, str]] = {
    "a list": ([], "transaction"),
    "null": (None, "transaction"),
    "text": ("sale", "transaction"),
    "nothing stated": ({}, "at"),
    "unknown field": ({"activity": "sale", "at": "2025-09-10", "plaice": "TR"}, "plaice"),
    "unknown field with a very long name": ({"x" * 100_000: 1}, ""),
    "unknown activity": ({"activity": "sail", "at": "2025-09-10"}, "activity"),
    "unknown place": ({"activity": "sale", "at": "2025-09-10", "place": "XX"}, "place"),
    "wrong type": ({"activity": "sale", "at": "2025-09-10", "parties": 5}, "parties"),
    "time without an offset": ({"activity": "sale", "at": "2025-09-10T12:00"}, "at"),
    "no day of the calendar": ({"activity": "sale", "at": "2025-02-30"}, "at"),
    "a number too large": ({"activity": "payment", "at": "2025-09-10", "amount": 1e300}, "amount"),
    "a number beyond floats": ({"activity": "payment", "at": "2025-09-10", "amount": "1e999"}, "amount"),
    "a NUL character": ({"activity": "sale", "at": "2025-09-10", "reference": "a\0b"}, "reference"),
    "an authorisation that lifts nothing": (
        {"activity": "sale", "at": "2025-09-10", "authorisations": [{"issuer": "us.ofac", "reference": "X"}]},
        "authorisations[0]",
    ),
    "in the second act": (
        {"acts": [{"activity": "sale", "at": "2025-09-10"}, {"activity": "sale", "at": "soon"}]},
        "acts[1].at",
    ),
    "10,000 parties": (
        {"activity": "sale", "at": "2025-09-10", "parties": [{"name": f"n{i}"} for i in range(10_000)]},
        "parties",
    ),
    "a text of half a megabyte": ({"activity": "sale", "at": "2025-09-10", "reference": "x" * 500_000}, "reference"),
}


def problem(answer: Any, status: int) -> dict[str, Any]:
    """The problem document of an answer, held to its own schema."""
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == MEDIA_TYPE
    document: dict[str, Any] = answer.json()
    ProblemDetails.model_validate(document)
    assert document["status"] == status
    assert len(answer.content) < 40_000
    assert "body" not in document
    return document


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN)
def test_what_is_no_json_is_refused(client: TestClient, raw: bytes) -> None:
    document = problem(client.post("/v1/checks", content=raw, headers=JSON), 400)

    assert document["type"] == "urn:carveout:problem:bad-json"


@pytest.mark.parametrize(("stated", "field"), WRONG.values(), ids=WRONG)
def test_what_is_no_transaction_is_refused_by_field(client: TestClient, stated: Any, field: str) -> None:
    document = problem(client.post("/v1/checks", content=json.dumps(stated), headers=JSON), 422)

    assert document["type"] == "urn:carveout:problem:bad-transaction"
    assert any(error["field"].startswith(field) for error in document["errors"]), document["errors"]
    assert all(error["message"] for error in document["errors"])


def test_the_half_of_a_surrogate_pair_is_found_where_it_stands(client: TestClient) -> None:
    raw = b'{"parties": [{"name": "a"}, {"name": "\\ud83d"}]}'

    document = problem(client.post("/v1/checks", content=raw, headers=JSON), 400)

    assert document["errors"][0]["field"] == "parties[1].name"


def test_a_whole_surrogate_pair_is_a_character(client: TestClient, part: dict[str, Any]) -> None:
    raw = json.dumps({**part, "reference": "\N{AIRPLANE}\N{SLIGHTLY SMILING FACE}"}, ensure_ascii=True).encode()

    assert client.post("/v1/checks", content=raw, headers=JSON).status_code == 200


def test_owners_nested_as_deep_as_is_read_do_not_overflow(client: TestClient, part: dict[str, Any]) -> None:
    inner: dict[str, Any] = {"name": "last"}
    for i in range(25):
        inner = {"name": f"owner {i}", "owners": [{"party": inner, "percent": 100}]}
    nested = {**part, "parties": [*part["parties"], {**inner, "roles": ["intermediary"]}]}

    assert client.post("/v1/checks", json=nested).status_code in (200, 400)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/yaml", ""])
def test_another_media_type_is_refused(client: TestClient, part: dict[str, Any], kind: str) -> None:
    answer = client.post("/v1/checks", content=json.dumps(part), headers={"content-type": kind})

    problem(answer, 415)


@pytest.mark.parametrize("path", ["/v1/checks", "/decision", "/"])
def test_ten_megabytes_are_refused(client: TestClient, path: str) -> None:
    answer = client.post(path, content=b'"' + b"x" * (10 * MEBIBYTE) + b'"', headers=JSON)

    assert "too-large" in problem(answer, 413)["type"]


def test_a_body_of_no_announced_length_is_counted_while_it_is_read(client: TestClient) -> None:
    answer = client.post("/v1/checks", content=(b" " * 65_536 for _ in range(40)), headers=JSON)

    problem(answer, 413)


def test_a_mebibyte_of_small_things_does_not_hang(client: TestClient) -> None:
    started = time.monotonic()
    for raw in (b"[" + b"0," * 500_000 + b"0]", b'{"parties":[' + b"{}," * 300_000 + b"{}]}"):
        problem(client.post("/v1/checks", content=raw, headers=JSON), 422)

    assert time.monotonic() - started < 20


def test_a_path_that_is_not_there(client: TestClient) -> None:
    problem(client.get("/v1/nothing"), 404)


def test_a_method_that_is_not_there_says_which_are(client: TestClient) -> None:
    answer = client.delete("/v1/checks")

    problem(answer, 405)
    assert answer.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=" + "x" * 500, "cursor"),
        ("kind=law", "kind"),
        ("authority=us.ofca", "authority"),
        ("in_force_at=2025-09-10T12:00", "in_force_at"),
        ("in_force_at=0000-00-00", "in_force_at"),
        ("in_force_at=9999-12-31", "in_force_at"),
    ],
)
def test_a_parameter_that_cannot_be_read_is_named(client: TestClient, query: str, field: str) -> None:
    document = problem(client.get(f"/v1/rules?{query}"), 422)

    assert [error["field"] for error in document["errors"]] == [field]


def test_a_fault_of_the_server_is_a_problem_too(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("carveout.api.checks.decide", broken)
    answer = client.post("/v1/checks", json={})

    document = problem(answer, 500)
    assert "secret" not in answer.text and "No decision" in document["detail"]
    assert answer.headers["x-content-type-options"] == "nosniff"
