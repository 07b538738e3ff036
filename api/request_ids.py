"""The id of a request: in its answer, in every log line about it, in the problem it ends with."""

from __future__ import annotations

import re
import uuid
from contextvars import ContextVar

HEADER = "x-request-id"
current_id: ContextVar[str] = ContextVar("carveout_request", default="")
"""Of the request that is being answered."""
_SANE = re.compile(r"[0-9a-fA-F][0-9a-fA-F-]{15,63}")
"""As proxies make them: digits of sixteen and dashes, which spell no name."""


def id_for(stated: str | None) -> str:
    """The id that a client (or the proxy before it) gave, if it is one, else a fresh one."""
    return stated if stated is not None and _SANE.fullmatch(stated) else uuid.uuid4().hex
