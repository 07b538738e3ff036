"""Hostile requests to every route, on both databases: refused, no fault of the server, and nothing of it in the log."""

import csv
import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest

from carveout.api.logs import Lines
from carveout.api.problems import MEDIA_TYPE, ProblemDetails
from carveout.api.request_ids import HEADER
from carveout.api.rights import everything

from .test_once import MAKERS, Sent, World

NAME = "Zrbtt"
"""Part of whatever is sent, and of no line of the log."""
GETS = sorted(path for path, method, _ in everything() if method == "GET" and not path.startswith("/static"))
BODIES = sorted((method, path) for path, method, _ in everything() if method in ("POST", "PATCH", "DELETE"))
IDS = {
    "up": f"..%2f..%2f..%2fetc%2fpasswd{NAME}",
    "up in plain": f"../../../{NAME}",
    "up on another system": f"..%5c..%5c{NAME}",
    "NUL": f"{NAME}%00",
    "lines": f"{NAME}%0d%0aset-cookie:%20x=1",
    "SQL": f"{NAME}'%20OR%201=1;%20DROP%20TABLE%20people;--",
    "no UTF-8": f"{NAME}%ff%fe%ed%a0%80",
    "long": NAME * 2_000,
    "letters beyond the first plane": f"{NAME}%F0%9D%95%8F%E2%80%AE",
    "terminal": f"{NAME}%1b%5b2J",
    "template": f"{NAME}%7B%7B7*7%7D%7D%24%7B7*7%7D",
    "a uuid in capitals": "0197B3F5-0000-7000-8000-00000000ZRBT",
    "dots": "..",
    "a number": "1e999",
}
VALUES = {**IDS, "not a number": "NaN", "5000 digits": "9" * 5_000, "below": "-1", "nothing": "", "list": "[]"}
DEEP = 50_000
RAW_BODIES: dict[str, bytes] = {
    "nothing": b"",
    "NUL": b"\0",
    "deep lists": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"name":' * DEEP + b"1" + b"}" * DEEP,
    "a key twice": f'{{"name": "{NAME}", "name": "{NAME} 2", "id": "x", "reason": "a", "reason": "b"}}'.encode(),
    "1e999": b'{"days": 1e999, "amount": 1e999, "at": 1e999}',
    "10**5000": b'{"days": ' + b"9" * 5_001 + b"}",
    "minus 10**4000": b'{"days": -' + b"9" * 4_000 + b', "names": [{"name": 1}]}',
    "NaN": b'{"days": NaN, "until": Infinity}',
    "broken UTF-8": f'{{"name": "{NAME} '.encode() + b'\xff\xfe\xed\xa0\x80"}',
    "half a pair": b'{"name": "\\ud800", "reason": "\\udfff", "title": "\\ud800"}',
    "NUL inside": json.dumps(
        {"name": f"{NAME}\0", "reason": f"{NAME}\0", "title": f"{NAME}\0", "id": "a\0", "person": "\0", "owner": "\0",
         "party": f"{NAME}\0", "subject": "\0", "answer": "same", "transaction": {}, "put": {"\0": "\0"}}
    ).encode(),
    "NUL in what is kept": json.dumps(
        {"reference": f"{NAME}\0", "activity": "service", "parties": [{"name": f"{NAME}\0", "roles": ["provider"]}]}
    ).encode(),
    "NUL in a name that is kept": json.dumps(
        {"reference": NAME, "activity": "service", "parties": [{"name": f"{NAME}\0", "roles": ["provider"]}]}
    ).encode(),
    "wrong kinds": json.dumps({"name": [NAME], "id": {}, "roles": "x", "days": "1", "put": [], "names": {}}).encode(),
    "a list": b"[]",
    "a text": f'"{NAME}"'.encode(),
    "form": f"name={NAME}&json=%00{NAME}&portfolio=%ff&key=%00&token=%00".encode(),
    "half a form": b'--x\r\nContent-Disposition: form-data; name="file"; filename="../' + NAME.encode() + b'"\r\n\r\n',
    "formulas": f'reference,activity,at\n"=HYPERLINK(""http://x/"",""{NAME}"")",+1,-1\n@SUM(1),\t=1,\r\n'.encode(),
    "zip": b"PK\x03\x04" + b"\0" * 200,
    "gzip": b"\x1f\x8b\x08" + b"\0" * 200,
    "XML": f'<!DOCTYPE a [<!ENTITY b "{NAME}"><!ENTITY c "&b;&b;">]><a>&c;</a>'.encode(),
    "BOM": b"\xef\xbb\xbf{}",
    "UTF-16": f'{{"name": "{NAME}"}}'.encode("utf-16"),
}  # fmt: skip
KINDS = [
    "application/json", "text/csv", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "application/x-ndjson",
    "multipart/form-data", "application/octet-stream", "application/gzip", "text/plain",
    "application/json; charset=utf-7", "", "\\", f"{NAME}/{NAME}",
]  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One of each database."""
    home = tmp_path_factory.mktemp("hostile")
    local = request.param == "sqlite"
    made = World(home, f"sqlite:///{home / 'x.db'}" if local else request.getfixturevalue("empty_database")())
    with made.client:
        made.client.headers["authorization"] = f"Bearer {made.keys['ann']}"
        made.client.follow_redirects = False
        made.told(made.check())
        yield made


@pytest.fixture(autouse=True)
def nothing_is_told(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No line of the log, as a server writes it, holds what was sent; and none tells of a fault."""
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.WARNING, "httpx2")
    yield
    lines = Lines(as_json=True)
    for record in caplog.records:
        if record.name.partition(".")[0] in ("carveout", "uvicorn", "sqlalchemy", "asyncio"):
            line = lines.format(record)
            assert NAME not in line and "Zrb" not in record.getMessage(), line
            assert "fault of the server" not in line, line


def refused(answer: Any) -> None:
    """Answered, or refused in the way of this API."""
    assert answer.status_code < 500, (answer.status_code, answer.text[:500])
    assert "x=1" not in answer.headers.get("set-cookie", "") and "\n" not in str(dict(answer.headers))
    if answer.status_code >= 400 and answer.headers.get("content-type") == MEDIA_TYPE:
        ProblemDetails.model_validate(answer.json())
        assert len(answer.content) < 40_000
    assert "root:" not in answer.text and "Traceback" not in answer.text


def filled(path: str, id: str) -> str:
    """A route's path with something in place of each parameter."""
    return re.sub(r"{\w+(:\w+)?}", lambda _: id, path)


@pytest.mark.parametrize("id", IDS.values(), ids=IDS)
def test_ids(world: World, id: str) -> None:
    for method, path in [*(("GET", path) for path in GETS), *BODIES]:
        if "{" in path:
            refused(world.client.request(method, filled(path, id), headers={"if-match": "*"}))


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_parameters(world: World, value: str) -> None:
    document = world.client.get("/v1/openapi.json").json()
    real = world.client.get("/v1/checks").json()["decisions"][0]["id"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "query":
                    url = filled(path, real if "checks/" in path else "us.ofac.sdn")
                    refused(world.client.request(method, f"{url}?{parameter['name']}={value}"))
    for path in GETS:
        if not path.startswith("/v1") and path != "/sign-in/openid":
            refused(world.client.get(f"{filled(path, real)}?name={value}&subject={value}&token={value}&q={value}"))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # python-multipart: a file cut short
@pytest.mark.parametrize("raw", RAW_BODIES.values(), ids=RAW_BODIES)
def test_bodies(world: World, raw: bytes) -> None:
    real = {path: maker(world).path for path, maker in _cheap().items()}
    for method, route in BODIES:
        path = real.get(route) or filled(route, "0197b3f5-0000-7000-8000-000000000000")
        for kind in KINDS if raw in (RAW_BODIES["nothing"], RAW_BODIES["form"]) else KINDS[:5]:
            headers = {"content-type": kind, "if-match": "*", "accept": "text/html"}
            refused(world.client.request(method, path, content=raw, headers=headers))


def _cheap() -> dict[str, Any]:
    """Routes of something that is really there, so that the body is come to."""
    return {
        "/v1/adjudications/{id:uuid}/withdraw": World.taking_back,
        "/v1/changes/{id:uuid}/withdraw": World.withdrawal,
        "/v1/changes/{id:uuid}/report": World.report,
        "/v1/alerts/{id:uuid}/take": World.taking,
        "/v1/people/{id}": lambda world: Sent(f"/v1/people/{world.told(world.person()).json()['id']}"),
    }


@pytest.mark.parametrize(
    "route", ["/v1/adjudications", "/v1/changes", "/v1/people", "/v1/keys", "/v1/screen", "/v1/hooks"]
)
@pytest.mark.parametrize(
    "odd", [f"{NAME}\0", f"{NAME}\x1b[2J", f"{NAME}\u202e", "", " ", NAME * 1_000, "\x85", "\ufffe"]
)
def test_every_text_of_a_body_that_is_fit_otherwise(world: World, route: str, odd: str) -> None:
    good = MAKERS[route](world).sent["json"]
    for key, value in good.items():
        if isinstance(value, str):
            refused(world.client.post(route, json={**good, key: odd}))
        if isinstance(value, dict):
            refused(world.client.post(route, json={**good, key: {odd: odd}}))
        if isinstance(value, list):
            refused(world.client.post(route, json={**good, key: [odd, {odd: odd}]}))


@pytest.mark.parametrize("said", [
    {"reason": f"{NAME}\0"}, {"reason": f"{NAME}\x1b[2J"}, {"reason": ""}, {"reason": NAME * 2_000}, {"at": "\0"},
    {"owner": f"{NAME}\0"}, {"at": "9999-12-31T23:59:59+14:00"}, {"at": "0001-01-01T00:00:00+14:00"}, {"at": "1e999"},
])  # fmt: skip
def test_every_word_of_a_step(world: World, said: dict[str, str]) -> None:
    for maker in (World.taking_back, World.withdrawal):
        sent = maker(world)
        refused(world.client.post(sent.path, json=said, headers=sent.headers))
        refused(world.client.post(sent.path.rpartition("/")[0] + "/activate", json=said, headers={"if-match": "*"}))


def test_what_is_read_strictly_everywhere(world: World) -> None:
    for route in ("/v1/people", "/v1/keys", "/v1/changes", "/v1/adjudications", "/v1/screen", "/v1/checks"):
        good = json.dumps(MAKERS[route](world).sent["json"])[:-1]
        first = re.match(r'{"(\w+)"', good)
        assert first is not None
        for more in (f', "{first[1]}": 1}}', ', "more": NaN}', ', "more": "\\ud800"}'):
            answer = world.client.post(route, content=good + more, headers={"content-type": "application/json"})
            assert answer.status_code == 400 and answer.json()["type"].endswith("bad-json"), (route, more, answer.text)
        answer = world.client.post(route, content=good + "}", headers={"content-type": "text/plain"})
        assert answer.status_code == 415, route


@pytest.mark.parametrize("name", ["../../../etc/passwd", 'a"b', "a;b", "=1+1", "a" * 5_000, f"{NAME}\x1b[2J", "ж"])
def test_names_of_uploads(world: World, name: str) -> None:
    for path in ("/v1/lists?published=2024-05-07", "/v1/checks/csv", "/"):
        refused(world.client.post(path, files={"file": (name, b"=cmd|' /C calc'!A0\n", "text/csv")}))


def test_formulas_come_back_harmless(world: World) -> None:
    cells = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", f'=HYPERLINK("http://x/?{NAME}")', "\r=1", "＝1"]
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
    rows = "".join(f"{cell},service,2025-03-01T12:00:00Z,{cell},B\n" for cell in quoted)
    table = f"reference,activity,at,provider,customer\n{rows}".encode()
    answer = world.client.post("/v1/checks/csv", content=table, headers={"content-type": "text/csv"})

    assert answer.status_code == 200, answer.text
    found = [cell for row in csv.reader(io.StringIO(answer.text)) for cell in row]
    assert any("SUM(1)" in cell for cell in found)
    assert not [cell for cell in found if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]


@pytest.mark.parametrize(
    "stated", [f"{NAME}", "a" * 200, "0123456789abcdef\r\nX-More: 1", "0123456789abcdef ", "é" * 20]
)
def test_ids_of_requests(world: World, stated: str) -> None:
    answer = world.client.get("/v1/health", headers=[(HEADER.encode(), stated.encode())])
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers[HEADER]) and "x-more" not in answer.headers
