"""PostgreSQL goes away under a running server and comes back: said clearly, nothing by half, and it goes on."""

import http.client
import json
import os
import signal
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from carveout.engine.records.auditing import verify_store
from carveout.engine.records.store import Store

from .test_killed import a_check, ask, get, server

PATIENCE = 30.0
"""Seconds within which anything is answered, and all is well again."""


def answered(port: int, method: str, path: str) -> tuple[int, dict[str, str], Any]:
    """Status, headers, document."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, headers={"Content-Type": "application/json", "Idempotency-Key": "x"})
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, json.loads(answer.read())
    finally:
        connection.close()


def until_it_ended(postgresql: Any) -> None:
    """Wait for a server that was told to end: told to in order, it takes its time."""
    for _ in range(600):
        if not postgresql.get_postmaster_info().is_running():
            return
        time.sleep(0.05)
    raise AssertionError("it does not end")


def is_clear(status: int, headers: dict[str, str], said: Any) -> bool:
    """A refusal that says what to do, and shows nothing of the inside."""
    return (
        (status, said["type"]) == (503, "urn:carveout:problem:not-stored")
        and headers["content-type"] == "application/problem+json"
        and int(headers["retry-after"]) > 0
        and "Try again later" in said["detail"]
        and "postgres" not in json.dumps(said).lower()
    )


@pytest.mark.parametrize("how", [signal.SIGQUIT, signal.SIGINT], ids=["at once", "in order"])
def test_postgresql_goes_and_comes_back(own_postgresql: Any, tmp_path: Path, how: signal.Signals) -> None:
    sent: dict[str, Any] = {}
    given: dict[str, bytes] = {}
    refused: list[tuple[int, bytes]] = []
    slowest = 0.0
    ended, gone = threading.Event(), threading.Event()

    def work(port: int, thread: int) -> None:
        nonlocal slowest
        for number in range(100_000):
            if ended.is_set():
                return
            asked = sent[f"{thread}-{number}"] = a_check(f"{thread}-{number}")
            begun = time.monotonic()
            status, body = ask(port, asked)  # a connection that is cut fails the test
            slowest = max(slowest, time.monotonic() - begun)
            if status == 200:
                given[f"{thread}-{number}"] = body
            else:
                refused.append((status, body))
                time.sleep(0.05)

    with server(tmp_path / "home", CARVEOUT_DATABASE=own_postgresql.get_uri()) as (port, process):
        assert ask(port, a_check("first"))[0] == 200
        faults: list[BaseException] = []

        def guarded(*arguments: int) -> None:
            try:
                work(*arguments)
            except BaseException as fault:
                faults.append(fault)

        threads = [threading.Thread(target=guarded, args=(port, thread)) for thread in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        os.kill(own_postgresql.get_pid(), how)
        for _ in range(600):
            if len(refused) >= 8:
                break
            time.sleep(0.05)
        gone.set()
        for method, path in (("GET", "/v1/checks"), ("GET", "/v1/changes"), ("GET", "/v1/audit/head")):
            assert is_clear(*answered(port, method, path)), path
        assert answered(port, "GET", "/v1/health")[0] == 200, "it lives"
        until_it_ended(own_postgresql)
        own_postgresql.start()
        back = time.monotonic()
        before = len(given)
        while len(given) < before + 8:
            assert time.monotonic() - back < PATIENCE, "it does not go on by itself"
            time.sleep(0.05)
        ended.set()
        for thread in threads:
            thread.join(PATIENCE)
        assert not faults, faults
        assert refused and slowest < PATIENCE
        for status, body in refused:
            said = json.loads(body)
            assert (status, said["type"]) == (503, "urn:carveout:problem:not-stored") and "body" not in said
        for key, asked in sent.items():  # whatever became of it then
            status, body = ask(port, asked)
            assert status == 200 and given.setdefault(key, body) == body, key
        stored: list[str] = []
        page = get(port, "/v1/checks?limit=200")
        while page:
            stored += [decision["reference"] for decision in page["decisions"]]
            page = page["next"] and get(port, f"/v1/checks?limit=200&cursor={page['next']}")
        assert sorted(stored) == sorted(["first", *sent]), "each is stored once"
        assert process.poll() is None
    with closing(Store.open(tmp_path / "home", own_postgresql.get_uri())) as store:
        assert verify_store(store).tail.n >= len(stored)


def test_a_server_begun_before_its_database(own_postgresql: Any, tmp_path: Path) -> None:
    os.kill(own_postgresql.get_pid(), signal.SIGINT)
    uri = own_postgresql.get_uri()
    until_it_ended(own_postgresql)
    with server(tmp_path / "home", CARVEOUT_DATABASE=uri) as (port, _):
        assert ask(port, a_check("early"))[0] == 503
        assert answered(port, "GET", "/v1/health")[0] == 200
        own_postgresql.start()
        until = time.monotonic() + PATIENCE
        while ask(port, a_check("early"))[0] != 200:
            assert time.monotonic() < until, "it does not go on by itself"
            time.sleep(0.2)
        assert len(get(port, "/v1/checks")["decisions"]) == 1
