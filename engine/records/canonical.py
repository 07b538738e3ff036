"""Canonical JSON and digests: equal data, equal bytes, one digest."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

from carveout.engine.decide.decision import canonical


def canonical_json(data: Any) -> bytes:
    """JSON with sorted keys, no spaces, UTF-8; decimal numbers as they were written.

    Raises ValueError for what JSON cannot say: a number that is none, text that is no Unicode.
    """
    try:
        return canonical(data)
    except TypeError:
        return canonical_text(data).encode()


def canonical_text(data: Any) -> str:
    """The same for data that holds exact decimal numbers, which the standard encoder does not know."""
    if isinstance(data, Decimal):
        if not data.is_finite():
            raise ValueError("a number that is none")
        return str(data)
    if isinstance(data, dict):
        members = (f"{canonical_text(str(key))}:{canonical_text(data[key])}" for key in sorted(data))
        return "{" + ",".join(members) + "}"
    if isinstance(data, list | tuple):
        return "[" + ",".join(map(canonical_text, data)) + "]"
    return json.dumps(data, ensure_ascii=False, allow_nan=False)


def read_back(data: bytes) -> Any:
    """What `canonical_json` wrote, with exact numbers."""
    return json.loads(data, parse_float=Decimal)


def digest(data: bytes) -> str:
    """SHA-256, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
