"""Ids that sort by time: UUID version 7 (RFC 9562, section 5.7)."""

from __future__ import annotations

import os
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta

_FREE = ~(0xF << 76 | 0x3 << 62)
"""All bits but those of the version and the variant."""
_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """A new id; within a process each is greater than the one before."""
    global _last
    fresh = ((time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")) & _FREE
    with _lock:
        _last = fresh = max(fresh, (_last + 1) & _FREE)
    return str(uuid.UUID(int=fresh | 0x7 << 76 | 0x2 << 62))


def now() -> str:
    """This moment in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def later(time: str, seconds: float) -> str:
    """So many seconds after a time that `now` gave, in the same form."""
    return (datetime.fromisoformat(time) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
