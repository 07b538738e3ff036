"""The same Idempotency-Key on whatever changes something: done once, answered the same; and two processes agree."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carveout.api import Settings, create_app, store_keeping
from carveout.engine import Engine
from carveout.engine.parties.snapshots import taking
from carveout.engine.records import list_offers

RAW = {"content-type": "application/octet-stream"}
LIST = "".join(
    f'{n},"Firm {n}",-0- ,"RED"' + ",-0- " * 8 + "\r\n" for n in range(1, 21)
).encode() + b"\x1a"  # fmt: skip
OWNERS = b"company,owner,percent\nHolding One,Somebody,60\n"
NAMES = json.dumps({"names": [{"name": "Belavia"}]}).encode()
REQUESTS: dict[str, tuple[str, bytes, dict[str, str], bytes]] = {
    "lists": ("/v1/lists?published=2024-05-07", LIST, RAW, LIST.replace(b"Firm 7", b"Firm Seven")),
    "owners": ("/v1/owners?published=2024-05-07", OWNERS, {"content-type": "text/csv"}, OWNERS.replace(b"60", b"61")),
    "screen": ("/v1/screen", NAMES, {"content-type": "application/json"}, NAMES.replace(b"Belavia", b"Belaviya")),
}
"""Path, body, media type, and another body."""


def application(engine: Engine, home: Path) -> TestClient:
    """One worker."""
    (home / "lists").mkdir(exist_ok=True)
    (home / "lists" / "publications.yaml").write_text("publications:\n  us.ofac.sdn: {at_least: {}}\n")
    return TestClient(create_app(engine=Engine(engine.rules), settings=Settings(home=home)))


@pytest.fixture
def workers(engine: Engine, tmp_path: Path) -> Iterator[tuple[TestClient, TestClient]]:
    """Two of one home."""
    with application(engine, tmp_path) as one, application(engine, tmp_path) as other:
        yield one, other


def kinds(client: TestClient) -> list[str]:
    """Of the entries of the chain about imports."""
    found = [json.loads(line)["kind"] for line in client.get("/v1/audit/export").text.splitlines()]
    return [kind for kind in found if kind in ("list", "owners")]


@pytest.mark.parametrize("what", REQUESTS)
def test_a_key_sent_again_gives_the_first_answer(workers: tuple[TestClient, TestClient], what: str) -> None:
    url, body, kind, changed = REQUESTS[what]
    key = {**kind, "idempotency-key": "k1"}

    answers = [client.post(url, content=body, headers=key) for client in (*workers, *workers)]
    other = workers[1].post(url, content=changed, headers=key)

    assert len({(answer.status_code, answer.content) for answer in answers}) == 1
    assert answers[0].status_code == (201 if what == "lists" else 200)
    assert other.status_code == 422 and other.json()["type"] == "urn:carveout:problem:key-used"
    assert len(kinds(workers[0])) == (0 if what == "screen" else 1), "an import is an entry, once"


@pytest.mark.parametrize("what", REQUESTS)
def test_a_refused_request_uses_no_key_up(workers: tuple[TestClient, TestClient], what: str) -> None:
    url, body, kind, _ = REQUESTS[what]
    key = {**kind, "idempotency-key": "k2"}

    assert workers[0].post(url, content=b"\x00nothing of the kind", headers=key).status_code in (400, 422)
    assert workers[0].post(url, content=body, headers=key).status_code in (200, 201)


@pytest.mark.parametrize("what", REQUESTS)
def test_many_at_once_in_two_processes_are_answered_the_same(workers: tuple[TestClient, TestClient], what: str) -> None:
    url, body, kind, _ = REQUESTS[what]

    def send(number: int) -> bytes:
        answer = workers[number % 2].post(url, content=body, headers={**kind, "idempotency-key": "k3"})
        assert answer.status_code in (200, 201), answer.text
        return answer.content

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(send, range(6)))) == 1
    assert len(kinds(workers[0])) == (0 if what == "screen" else 1)


def test_who_sends_a_key_that_is_under_way_waits(
    workers: tuple[TestClient, TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, body, kind, _ = REQUESTS["lists"]
    begun, free, times = threading.Event(), threading.Event(), list[int]()

    def slow(*arguments: Any, **more: Any) -> Any:
        times.append(1)
        begun.set()
        assert free.wait(30)
        return taking.take(*arguments, **more)

    monkeypatch.setattr(list_offers, "take", slow)
    monkeypatch.setattr(store_keeping, "TURN_SECONDS", 30.0)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(workers[0].post, url, content=body, headers={**kind, "idempotency-key": "k4"})
        assert begun.wait(30)
        second = pool.submit(workers[0].post, url, content=body, headers={**kind, "idempotency-key": "k4"})
        time.sleep(0.2)
        assert not second.done()
        free.set()
        assert first.result().content == second.result().content
        assert first.result().status_code == second.result().status_code == 201 and times == [1]


def test_what_cannot_be_entered_is_not_taken(engine: Engine, tmp_path: Path) -> None:
    database = tmp_path / "nowhere" / "carveout.db"
    settings = Settings(home=tmp_path, database=f"sqlite:///{database}")
    with TestClient(create_app(engine=Engine(engine.rules), settings=settings)) as client:
        url, body, kind, _ = REQUESTS["owners"]
        assert client.post(url, content=body, headers=kind).status_code == 503
        database.parent.mkdir()
        assert client.get("/v1/owners/status").json()["imports"] == []
        assert client.post(url, content=body, headers=kind).status_code == 200
