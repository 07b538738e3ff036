"""A server killed while it decides and takes lists, and one without room: what was answered is stored, nothing twice,
nothing by half, and it goes on by itself."""

import http.client
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from carveout.engine.records.auditing import verify_store
from carveout.engine.records.keys import Keys
from carveout.engine.records.people import People, Role
from carveout.engine.records.store import Store
from carveout.engine.records.tokens import Sealer

from . import serving

pytestmark = [
    pytest.mark.meaning,
    pytest.mark.skipif(sys.platform == "win32", reason="nothing there is killed so, and no file limited"),
]
ROUNDS = 10 + 19 * int(os.environ.get("CARVEOUT_SOAK", "0"))
"""`make soak` says 10, and that makes 200."""
FIRMS = [f"Firm {n}" for n in range(20)]
RAW = "application/octet-stream"
FIRST_DAY = date(2010, 1, 1)


@dataclass(frozen=True)
class Asked:
    """One request, told from others by its key."""

    key: str
    path: str
    kind: str
    body: bytes
    token: str = ""


@dataclass
class Told:
    """What was sent, and what was answered."""

    sent: dict[str, Asked] = field(default_factory=dict)
    answered: dict[str, tuple[int, bytes]] = field(default_factory=dict)


def a_check(name: str) -> Asked:
    """The transaction of a name."""
    stated = {
        "activity": "sale",
        "at": "2025-09-12T12:00:00Z",
        "parties": [{"name": f"Seller {name}", "roles": ["seller"], "country": "US"}],
        "reference": name,
    }
    return Asked(f"check-{name}", "/v1/checks", "application/json", json.dumps(stated).encode())


def a_list(number: int, names: int = 20) -> Asked:
    """The list of a day, each with another name on it."""
    listed = [*(f"Firm {n}" for n in range(names)), f"Newcomer {number}"]
    rows = (f'{n},"{name}",-0- ,"RED"' + ",-0- " * 8 + "\r\n" for n, name in enumerate(listed, 1))
    day = FIRST_DAY + timedelta(days=number)
    return Asked(f"list-{number}", f"/v1/lists?published={day}", RAW, "".join(rows).encode() + b"\x1a")


def ask(port: int, asked: Asked) -> tuple[int, bytes]:
    """Status and body. Raises OSError, HTTPException where there is no answer, or half of one."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        headers = {"Content-Type": asked.kind, "Idempotency-Key": asked.key}
        if asked.token:
            headers["Authorization"] = f"Bearer {asked.token}"
        connection.request("POST", asked.path, asked.body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def get(port: int, path: str) -> Any:
    """A JSON answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.status == 200, (path, answer.status, answer.read())
        return json.loads(answer.read())
    finally:
        connection.close()


@contextmanager
def server(home: Path, *limit: str, **environment: str) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """One that has started by itself, whatever it found."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, str(Path(serving.__file__)), str(home), str(port), *limit]
    process = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        for _ in range(900):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None, "it does not start"
                time.sleep(0.05)
        yield port, process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where lists are believed."""
    folder = tmp_path / "home"
    (folder / "lists").mkdir(parents=True)
    (folder / "lists" / "publications.yaml").write_text("publications:\n  us.ofac.sdn: {at_least: {}}\n")
    return folder


def work(port: int, requests: Iterator[Asked], told: Told, ended: threading.Event) -> None:
    """Send one after the other until there is nobody any more."""
    for asked in requests:
        told.sent[asked.key] = asked
        try:
            status, body = ask(port, asked)
        except (OSError, http.client.HTTPException):
            return
        if status < 300:
            told.answered[asked.key] = status, body
        ended.set()


def test_killed_at_random_moments(home: Path) -> None:
    chance, told, lists = random.Random(ROUNDS), Told(), iter(range(5_000))
    for round_ in range(ROUNDS):
        with server(home) as (port, process):
            for key in told.sent.keys() - told.answered.keys():  # were under way when it was killed
                told.answered[key] = ask(port, told.sent[key])
                assert told.answered[key][0] in (200, 201), told.answered[key]
            at_work = threading.Event()
            streams: list[Iterator[Asked]] = [
                (a_check(f"{round_}-{thread}-{number}") for number in range(10_000)) for thread in range(3)
            ]
            streams.append(a_list(number) for number in lists)
            threads = [threading.Thread(target=work, args=(port, stream, told, at_work)) for stream in streams]
            for thread in threads:
                thread.start()
            assert at_work.wait(60), f"round {round_}: nothing is answered"
            time.sleep(chance.uniform(0, 0.5))
            process.kill()
            for thread in threads:
                thread.join()

    with server(home) as (port, _):
        for key, asked in told.sent.items():
            status, body = ask(port, asked)
            assert status in (200, 201)
            assert told.answered.setdefault(key, (status, body)) == (status, body), key
        stored: list[str] = []
        page = get(port, "/v1/checks?limit=200")
        while page:
            stored += [decision["reference"] for decision in page["decisions"]]
            page = page["next"] and get(port, f"/v1/checks?limit=200&cursor={page['next']}")
        held = get(port, "/v1/lists/us.ofac.sdn/snapshots")["snapshots"]
    checks = [key.removeprefix("check-") for key in told.sent if key.startswith("check-")]
    taken = [asked for key, asked in told.sent.items() if key.startswith("list-")]
    assert len(checks) >= ROUNDS and taken
    assert sorted(stored) == sorted(checks), "each is stored once"
    assert sorted(one["published"] for one in held) == sorted(asked.path.partition("=")[2] for asked in taken)
    store = Store.open(home)
    try:
        verify_store(store)
        with store.database.reading() as connection:
            query = "SELECT count(*), count(DISTINCT of) FROM audit WHERE kind = 'list'"
            assert tuple(connection.exec_driver_sql(query).one()) == (len(taken), len(taken)), "each is entered once"
    finally:
        store.close()


def test_acts_of_people_killed_at_random_moments(home: Path) -> None:
    chance, told = random.Random(ROUNDS), Told()
    with closing(Store.open(home)) as store:
        People(store).add("ann", "Ann", [Role.ADMINISTRATOR], "system")
        token = Keys(store, Sealer.of(home)).make("ann", "tests", "system")[1]

    def entering(round_: int, thread: int) -> Iterator[Asked]:
        for number in range(10_000):
            name = f"p{round_}-{thread}-{number}"
            said = json.dumps({"id": name, "name": name, "roles": ["screener"]}).encode()
            yield Asked(name, "/v1/people", "application/json", said, token)

    for round_ in range(1 + ROUNDS // 2):
        with server(home) as (port, process):
            for key in told.sent.keys() - told.answered.keys():  # were under way when it was killed
                told.answered[key] = ask(port, told.sent[key])
                assert told.answered[key][0] == 201, told.answered[key]
            at_work = threading.Event()
            threads = [
                threading.Thread(target=work, args=(port, entering(round_, thread), told, at_work))
                for thread in range(3)
            ]
            for thread in threads:
                thread.start()
            assert at_work.wait(60), f"round {round_}: nothing is answered"
            time.sleep(chance.uniform(0, 0.3))
            process.kill()
            for thread in threads:
                thread.join()

    with server(home) as (port, _):
        for key, asked in told.sent.items():
            status, body = ask(port, asked)
            assert status == 201 and told.answered.setdefault(key, (status, body)) == (status, body), key
    with closing(Store.open(home)) as store:
        verify_store(store)
        assert {person.id for person in People(store).all()} == {"ann", *told.sent}
        with store.database.reading() as connection:
            query = "SELECT count(*), count(DISTINCT of) FROM audit WHERE kind = 'person'"
            assert tuple(connection.exec_driver_sql(query).one()) == (len(told.sent) + 1,) * 2, "each is entered once"


def test_without_room_nothing_is_answered_that_is_not_stored(home: Path) -> None:
    told = Told()
    with server(home) as (port, _):
        first = a_check("first")
        told.answered[first.key] = ask(port, first)
    refused: list[tuple[int, bytes]] = []
    with server(home, str(600_000)) as (port, _):
        for number in range(600):
            asked = a_check(f"{number}-" + os.urandom(100).hex())
            told.sent[asked.key[:40]] = asked
            status, body = ask(port, Asked(asked.key[:40], asked.path, asked.kind, asked.body))
            if status == 200:
                told.answered[asked.key[:40]] = status, body
            else:
                refused.append((status, body))
                if len(refused) == 3:
                    break
        large = ask(port, a_list(1, names=30_000))
        get(port, "/v1/health")
    assert refused, "there was room for all"
    assert {json.loads(body)["type"] for _, body in refused} == {"urn:carveout:problem:not-stored"}
    assert {status for status, _ in refused} == {503}
    assert large[0] == 503 and json.loads(large[1])["type"].startswith("urn:carveout:problem:"), large

    with server(home) as (port, _):  # there is room again
        for key, asked in told.sent.items():
            status, body = ask(port, Asked(key, asked.path, asked.kind, asked.body))
            assert status == 200 and told.answered.get(key, (status, body)) == (status, body)
        assert ask(port, a_list(1, names=30_000))[0] == 201
        assert len(get(port, "/v1/lists/us.ofac.sdn/snapshots")["snapshots"]) == 1
    store = Store.open(home)
    try:
        verify_store(store)
    finally:
        store.close()
