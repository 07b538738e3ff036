"""Bytes that no client library sends, to a real server: each is refused or cut off, and the next is served."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

NAME = "Zrbtt"
SERVE = """
import sys, uvicorn
from carveout.api import patience
from carveout.engine.cli.serving import APPLICATION, PROTOCOL
patience.HEAD_SECONDS = patience.BODY_SECONDS = 2.0
uvicorn.run(APPLICATION, factory=True, host="127.0.0.1", port=int(sys.argv[1]), http=PROTOCOL, log_level="info")
"""
BODY = json.dumps({"activity": "advice", "at": "2025-09-10T12:00:00Z", "reference": NAME}).encode()
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
JSON = b"Content-Type: application/json\r\n"


def head(first: bytes, *lines: bytes) -> bytes:
    """The head of a request for this host."""
    return first + b" HTTP/1.1\r\nHost: localhost\r\n" + b"".join(lines) + b"\r\n"


CHUNKED = b"Transfer-Encoding: chunked\r\n"
POST = b"POST /v1/checks"
CASES: dict[str, tuple[bytes, set[int]]] = {
    "10,000 headers": (head(b"GET /v1/rules", *(b"X-%d: y\r\n" % n for n in range(10_000))), {0, 431}),
    "a further head of 10,000 headers": (
        head(POST, JSON, LENGTH) + BODY + head(b"GET /v1/rules", *(b"X-%d: y\r\n" % n for n in range(10_000))),
        {0, 200},  # cut off, whether or not the first was answered by then
    ),
    "a header of 60 KB": (head(b"GET /v1/rules", b"X-Name: " + NAME.encode() * 12_000 + b"\r\n"), {0, 200, 431}),
    "a header of a megabyte": (head(b"GET /v1/rules", b"X-Name: " + b"x" * (1 << 20) + b"\r\n"), {0, 400, 431}),
    "an address of 60 KB": (head(b"GET /v1/search?name=" + NAME.encode() * 12_000), {0, 414, 422}),
    "NUL in a header": (head(b"GET /v1/rules", b"X-Name: a\0b\r\n"), {400}),
    "a line in a key": (head(POST, JSON, LENGTH, b"Idempotency-Key: a\rX-More: b\r\n") + BODY, {400, 422}),
    "a folded key": (head(POST, JSON, LENGTH, b"Idempotency-Key: a\r\n b\r\n") + BODY, {400, 422}),
    "two keys": (head(POST, JSON, LENGTH, b"Idempotency-Key: a\r\nIdempotency-Key: b\r\n") + BODY, {422}),
    "letters of no alphabet in a key": (head(POST, JSON, LENGTH, b"Idempotency-Key: \xff\xfe\r\n") + BODY, {422}),
    "a line in an id of a request": (head(b"GET /v1/health", b"X-Request-Id: abc\nX-More: b\r\n"), {200, 400}),
    "a line in the address": (head(b"GET /v1/rules?x=a%0d%0aX-More:%20b"), {200, 422}),
    "two lengths": (head(POST, JSON, LENGTH, b"Content-Length: 5\r\n") + BODY, {400}),
    "a length below": (head(POST, JSON, b"Content-Length: -5\r\n") + BODY, {400}),
    "a length beyond": (head(POST, JSON, b"Content-Length: 99999999999999999999999\r\n") + BODY, {400, 413}),
    "a length that is none": (head(POST, JSON, b"Content-Length: 1e3\r\n") + BODY, {400}),
    "a length and chunks": (head(POST, JSON, LENGTH, CHUNKED) + b"0\r\n\r\n" + BODY, {400}),
    "chunks of no size": (head(POST, JSON, CHUNKED) + b"zz\r\n" + BODY, {400}),
    "a chunk larger than any": (
        head(POST, JSON, CHUNKED) + b"ffffffffffffffffff\r\n" + BODY, {400, 408, 413}
    ),
    "chunks beyond the limit": (
        head(POST, JSON, CHUNKED) + (b"10000\r\n" + b" " * 65_536 + b"\r\n") * 40 + b"0\r\n\r\n",
        {413},
    ),
    "chunks, and lines after them": (
        head(POST, JSON, CHUNKED)
        + b"%x\r\n" % len(BODY) + BODY + b"\r\n0\r\nX-Forwarded-For: 1\r\nAuthorization: Bearer x\r\n\r\n", {200}
    ),
    "a body less than announced": (head(POST, JSON, b"Content-Length: 5000\r\n") + BODY, {408}),
    "another transfer": (head(POST, JSON, b"Transfer-Encoding: gzip, chunked\r\n") + b"0\r\n\r\n", {400, 501}),
    "a packed body": (head(POST, JSON, LENGTH, b"Content-Encoding: gzip\r\n") + BODY, {200, 400, 415}),
    "wait for a word": (head(POST, JSON, LENGTH, b"Expect: 100-continue\r\n") + BODY, {100, 200}),
    "another version": (b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", {400, 505, 200}),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {0, 400, 405, 404}),
    "a method of no name": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 40, {0, 400}),
    "an odd method": (head(b"PROPFIND /v1/rules"), {400, 405}),
    "no host": (b"GET /v1/rules HTTP/1.1\r\n\r\n", {400}),
    "a host with a path": (b"GET /v1/rules HTTP/1.1\r\nHost: localhost/../" + NAME.encode() + b"\r\n\r\n", {400}),
    "the whole address": (head(b"GET http://evil.example/" + NAME.encode()), {400, 404}),
    "only an asterisk": (head(b"OPTIONS *"), {400, 404, 405}),
    "up": (head(b"GET /static/../../../../../../etc/passwd"), {400, 404}),
    "up, encoded": (head(b"GET /static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd"), {400, 404}),
    "up, encoded twice": (head(b"GET /static/%252e%252e%252fapp.py"), {400, 404}),
    "no UTF-8": (head(b"GET /v1/rules/%ff%fe" + NAME.encode()), {400, 404}),
    "raw bytes": (head(b"GET /v1/rules/\xff\xfe" + NAME.encode()), {400, 404}),
    "upgrade": (
        head(b"GET /v1/checks", b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), {0, 200, 400, 403, 426}
    ),
    "a cookie without end": (head(b"GET /v1/rules", b"Cookie: carveout-session=" + b";" * 30_000 + b"\r\n"), {0, 200}),
    "a key that is none": (head(b"GET /v1/rules", b"Authorization: Bearer \xff\0\r\n"), {400, 401}),
}  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The port of a server that waits for two seconds, and where it writes down what it does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free: int = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("log") / "log"
    with log.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-c", SERVE, str(free)], stdout=file, stderr=file)
        try:
            for _ in range(300):
                try:
                    socket.create_connection(("127.0.0.1", free), 1).close()
                    break
                except OSError:
                    assert process.poll() is None, "the server ended"
                    time.sleep(0.1)
            yield free, log
        finally:
            process.terminate()
            process.wait(10)


def exchanged(port: int, sent: bytes) -> bytes:
    """What comes back until the server hangs up, or says no more; nothing where it hangs up at once."""
    found = b""
    with socket.create_connection(("127.0.0.1", port), 20) as client:
        with suppress(OSError):  # it hung up already; what it said before may still be read
            client.sendall(sent)
        client.settimeout(15)
        until = time.monotonic() + 15
        with suppress(OSError):
            while time.monotonic() < until and (more := client.recv(65_536)):
                found += more
                client.settimeout(0.3)
    return found


@pytest.mark.parametrize(("sent", "wanted"), CASES.values(), ids=CASES)
def test_refused_or_cut_off(server: tuple[int, Path], sent: bytes, wanted: set[int]) -> None:
    port, log = server
    before = log.stat().st_size

    found = exchanged(port, sent)

    status = int(found[9:12]) if found.startswith(b"HTTP/1.") else 0
    assert status in wanted, found[:300]
    assert b"\nx-more" not in found.lower().partition(b"\r\n\r\n")[0] and b"root:" not in found
    well = exchanged(port, head(POST, JSON, LENGTH) + BODY)
    assert well.startswith(b"HTTP/1.1 200"), "and the next is served"
    told = log.read_bytes()[before:].decode("utf-8", "replace")
    assert NAME not in told and "Traceback" not in told and "fault of" not in told, told
