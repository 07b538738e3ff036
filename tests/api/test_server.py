"""A real server on a free port of this machine: what a client over a socket sees."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a server that runs while this module does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "carveout.api:create_app", "--factory", "--host", "127.0.0.1"]
    server = subprocess.Popen([*command, "--port", str(free), "--log-level", "warning"], env={**os.environ})
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", free), 1).close()
                break
            except OSError:
                assert server.poll() is None, "the server ended"
                time.sleep(0.1)
        yield free
    finally:
        server.terminate()
        server.wait(10)


def ask(port: int, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
    """Status and body of one exchange."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_check_over_a_socket(port: int, part: dict[str, Any]) -> None:
    status, answer = ask(port, "POST", "/v1/checks", json.dumps(part), **{"Content-Type": "application/json"})

    assert status == 200
    assert json.loads(answer)["body"]["outcome"] == "proceed"


def test_a_refused_body_can_be_sent_whole_before_the_refusal_is_read(port: int) -> None:
    status, answer = ask(port, "POST", "/v1/checks", b"x" * (20 << 20), **{"Content-Type": "application/json"})

    assert status == 413 and json.loads(answer)["status"] == 413
    status, _ = ask(port, "POST", "/v1/nothing", b"x" * (8 << 20), **{"Content-Type": "application/json"})
    assert status in (404, 413)


def test_chunks_without_an_announced_length_are_counted(port: int) -> None:
    body = (b"y" * 65_536 for _ in range(64))

    assert ask(port, "POST", "/v1/checks", body, **{"Content-Type": "application/json"})[0] == 413


def test_a_stranger_as_host_is_refused(port: int) -> None:
    assert ask(port, "GET", "/", Host="evil.example")[0] == 400
    assert ask(port, "GET", "/", Host=f"localhost:{port}")[0] == 200


def test_several_at_once_get_their_own_answers(port: int, part: dict[str, Any]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def check(number: int) -> str:
        stated = json.dumps({**part, "reference": str(number)})
        return str(
            json.loads(ask(port, "POST", "/v1/checks", stated, **{"Content-Type": "application/json"})[1])["reference"]
        )

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(check, range(40))) == [str(i) for i in range(40)]
