"""A real server whose patience is made short: clients that bring their request a byte at a time are let go."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from carveout.api.patience import BODY_SECONDS, LARGEST_HEAD, SLOWEST, seconds_left

SERVE = """
import sys, uvicorn
from carveout.api import patience
from carveout.engine.cli.serving import APPLICATION, PROTOCOL
patience.HEAD_SECONDS = patience.BODY_SECONDS = 1.0
uvicorn.run(APPLICATION, factory=True, host="127.0.0.1", port=int(sys.argv[1]), http=PROTOCOL, log_level="warning")
"""
HEAD = b"POST /v1/checks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a server that waits for a second."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free: int = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-c", SERVE, str(free)])
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


def trickle(port: int, begin: bytes, then: bytes) -> bytes:
    """What a server answers to a client that sends byte after byte until it is cut off."""
    with socket.create_connection(("127.0.0.1", port), 60) as client:
        client.sendall(begin)
        client.settimeout(0.1)
        for _ in range(300):
            try:
                answer = client.recv(65_536)
            except TimeoutError:
                try:
                    client.sendall(then)
                except OSError:
                    return b""
            except OSError:
                return b""
            else:
                return answer
    raise AssertionError("the server waits for ever")


def test_a_slow_body_is_refused(port: int) -> None:
    assert trickle(port, HEAD % 100_000, b" ").startswith(b"HTTP/1.1 408")


HALF = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize(("begin", "then"), [(b"", b"\n"), (HALF, b"x")], ids=["nothing", "half a head"])
def test_a_slow_head_is_cut_off(port: int, begin: bytes, then: bytes) -> None:
    assert trickle(port, begin, then) == b""


def test_what_is_no_request_is_refused_at_once(port: int) -> None:
    assert trickle(port, b"", b"x").startswith(b"HTTP/1.1 400")


def test_a_head_without_end_is_cut_off(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 60) as client, pytest.raises(OSError):
        client.sendall(HALF + b"A: ")
        for _ in range(100):
            client.sendall(b"x" * 65_536)


@pytest.mark.parametrize("begin", [b"GET / HT", b"\r\n"])
def test_a_slow_head_after_a_whole_request_is_cut_off(port: int, begin: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), 60) as client:
        client.sendall(b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.recv(65_536).startswith(b"HTTP/1.1 ")
        client.sendall(begin)
        client.settimeout(30)
        while client.recv(65_536):
            pass


def test_a_client_that_brings_all_at_once_is_answered(port: int) -> None:
    body = json.dumps({"activity": "advice", "at": "2025-09-10T12:00:00Z"}).encode()
    with socket.create_connection(("127.0.0.1", port), 60) as client:
        client.sendall(HEAD % len(body) + body)
        assert client.recv(65_536).startswith(b"HTTP/1.1 200")


def test_patience_grows_with_what_has_come() -> None:
    assert seconds_left(100.0, 0, 100.0) == BODY_SECONDS
    assert seconds_left(100.0, 10 * SLOWEST, 100.0 + BODY_SECONDS) == 10.0
    assert seconds_left(100.0, SLOWEST, 102.0 + BODY_SECONDS) < 0


def test_a_head_is_counted_when_it_comes_all_at_once(port: int) -> None:
    lines = b"".join(b"X-%d: y\r\n" % n for n in range(7_000))
    assert len(lines) > LARGEST_HEAD
    with socket.create_connection(("127.0.0.1", port), 60) as client:
        client.sendall(b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n" + lines + b"\r\n")
        client.settimeout(30)
        with suppress(OSError):  # cut off with more to come, which some systems tell as a fault
            assert client.recv(65_536) == b""
