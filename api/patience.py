"""How long a client may take: over the head of its request, and over the body.

A client that sends a byte now and then holds a connection, and with enough of them the server (slowloris). uvicorn
bounds neither the head nor the body, only the pause between two requests.
"""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 15.0
"""From the connection, or the first byte of a further request, to the end of the head."""
BODY_SECONDS = 20.0
SLOWEST = 16_384
"""Bytes a second: a body may take BODY_SECONDS, and longer only as far as it comes at this rate."""


def seconds_left(started: float, read: int, now: float) -> float:
    """How long to wait for the rest of a body of which so many bytes have come; 0 or less: too slow."""
    return started + BODY_SECONDS + read / SLOWEST - now


class PatientProtocol(H11Protocol):
    """uvicorn's protocol, which hangs up on a client that does not bring its head to an end."""

    _head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait on while the head is not whole."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            if self._head is None and self.conn.trailing_data[0]:
                self._wait()
        else:
            self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is left to wait for."""
        self._stop()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._head = self.loop.call_later(HEAD_SECONDS, self._hang_up)

    def _stop(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _hang_up(self) -> None:
        self._head = None
        if not self.transport.is_closing():
            self.transport.close()
