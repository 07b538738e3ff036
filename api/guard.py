"""What every request passes first: the host it asks for, the size of its body; and the headers every answer bears."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from carveout.api.patience import seconds_left
from carveout.api.problems import SECURITY_HEADERS, Problem, problem_response
from carveout.api.settings import ANY_HOST, Settings

CSV_PATH, LISTS_PATH, OWNERS_PATH = "/v1/checks/csv", "/v1/lists", "/v1/owners"
CHANGES_PATH = "/v1/changes"
"""Where whole files are sent."""
DRAIN_BYTES = 64 << 20
DRAIN_SECONDS = 10.0
"""How much of a refused body is read and thrown away, so that a client still sending it gets to read the refusal."""


class Guard:
    """ASGI middleware: refuses strange hosts and bodies that are too large, adds the security headers."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Guard one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(receive, send, self._limit(scope))
        headers = Headers(scope=scope)
        refusal = None
        if not self._served(headers.get("host", "")):
            refusal = problem_response(400, "bad-host", "Add the name to the hosts that this server answers to.")
        elif "\0" in scope["path"] or b"%00" in scope.get("query_string", b""):
            refusal = problem_response(422, "bad-parameter", "The address has a NUL in it, which no name or word has.")
        elif _announced(headers) > exchange.limit:
            refusal = problem_response(413, "too-large", _too_large(exchange.limit))
        exchange.has_body = "transfer-encoding" in headers or _announced(headers) > 0
        await (refusal or self.app)(scope, exchange.receive, exchange.send)

    def _limit(self, scope: Scope) -> int:
        limits = {
            CSV_PATH: self.settings.largest_csv,
            OWNERS_PATH: self.settings.largest_csv,
            LISTS_PATH: self.settings.largest_list,
        }
        if scope["path"].startswith(CHANGES_PATH):
            return self.settings.largest_csv
        return limits.get(scope["path"], self.settings.largest_check)

    def _served(self, host: str) -> bool:
        name = host.lower()
        if not name.endswith("]"):  # the port; the colons of an IPv6 address stand in brackets
            name = name.rpartition(":")[0] or name
        return ANY_HOST in self.settings.hosts or name in self.settings.hosts


class _Exchange:
    """One request and its answer."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive, self._send = receive, send
        self.limit = limit
        self.has_body = False
        self.read = 0
        self.ended = False
        self.slow = False
        self.started: float | None = None

    async def receive(self) -> Message:
        if self.ended:  # the body is there: what is waited for now is the client going away
            return await self._receive()
        loop = asyncio.get_running_loop()
        if self.started is None:
            self.started = loop.time()
        try:
            async with asyncio.timeout(seconds_left(self.started, self.read, loop.time())):
                message = await self._receive()
        except TimeoutError:
            self.slow = True
            raise Problem(408, "too-slow", "The body came too slowly: send it again in one go.") from None
        if message["type"] == "http.request":
            self.read += len(message.get("body", b""))
            self.ended = not message.get("more_body", False)
            if self.read > self.limit:
                raise Problem(413, "too-large", _too_large(self.limit))
        else:
            self.ended = True
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            _add_headers(message)
            if message["status"] >= 400 and self.has_body and not (self.ended or self.slow):
                await self._drain()
        await self._send(message)

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                while not self.ended and self.read < DRAIN_BYTES:
                    message = await self._receive()
                    self.read += len(message.get("body", b""))
                    self.ended = not message.get("more_body", False)
        except TimeoutError:
            pass


def _announced(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0


def _too_large(limit: int) -> str:
    return f"At most {limit:,} bytes are read here."


def _add_headers(message: MutableMapping[str, Any]) -> None:
    present = {name.lower() for name, _ in message.setdefault("headers", [])}
    for name, value in (*SECURITY_HEADERS.items(), ("cache-control", "no-store")):
        if name.encode() not in present:
            message["headers"].append((name.encode(), value.encode()))
