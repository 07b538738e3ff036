"""How long a client may take: over the head of its request, and over the body.

A client that sends a byte now and then holds a connection, and with enough of them the server (slowloris). uvicorn
bounds neither the head nor the body, only the pause between two requests.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 15.0
"""From the connection, or the first byte of a further request, to the end of the head."""
LARGEST_HEAD = 1 << 16
"""In bytes; what is longer is hung up on."""
PIECE = 1 << 14
"""Of a body, after which there may come a further head; in bytes."""
BODY_SECONDS = 20.0
SLOWEST = 16_384
"""Bytes a second: a body may take BODY_SECONDS, and longer only as far as it comes at this rate."""


def seconds_left(started: float, read: int, now: float) -> float:
    """How long to wait for the rest of a body of which so many bytes have come; 0 or less: too slow."""
    return started + BODY_SECONDS + read / SLOWEST - now


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's faster protocol, which hangs up on a client that does not bring its head to an end."""

    _timer: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait on, and count, while the head is not whole; never take more of it at once than it may have."""
        while data and not self.transport.is_closing():
            most = PIECE if self._timer is None else max(1, LARGEST_HEAD + 1 - self._head_bytes)
            piece, data = data[:most], data[most:]
            self._take(piece)

    def _take(self, data: bytes) -> None:
        super().data_received(data)
        if self._timer is None and (self.cycle is None or self.cycle.response_complete):
            self._wait()  # bytes that begin no request, line feeds for one
        if self._timer is not None:
            self._head_bytes += len(data)
            if self._head_bytes > LARGEST_HEAD:
                self._hang_up()

    def on_message_begin(self) -> None:
        """The first byte of a further request."""
        super().on_message_begin()
        if self._timer is None:
            self._wait()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A line of the head; what comes after the body is not read."""
        if self._timer is not None:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._stop()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is left to wait for."""
        self._stop()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._head_bytes = 0
        self._timer = self.loop.call_later(HEAD_SECONDS, self._hang_up)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _hang_up(self) -> None:
        self._stop()
        if not self.transport.is_closing():
            self.transport.close()
