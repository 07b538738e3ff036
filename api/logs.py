"""What the server writes down of its work: one line each, as JSON or, on a terminal, to be read. No line holds what
somebody stated: of a fault its kind and places in the code, never its message, which may quote a name."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from carveout.api.request_ids import current_id

MOST_PLACES = 12
LOGGER = "carveout.requests"
"""Of the lines about requests; each has its values in `told`."""
_ROOT = Path(__file__).resolve().parents[1]


class Lines(logging.Formatter):
    """Makes the lines. `as_json`: else to be read; left out, by whether standard error is a terminal."""

    def __init__(self, as_json: bool | None = None) -> None:
        super().__init__()
        self._as_json = not sys.stderr.isatty() if as_json is None else as_json

    def format(self, record: logging.LogRecord) -> str:
        """One record as one line."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        request = current_id.get()
        if request:
            told["request"] = request
        more = getattr(record, "told", None)
        told |= more if isinstance(more, dict) else {"message": record.getMessage()}
        if record.exc_info and record.exc_info[1] is not None:
            told["fault"] = _fault(record.exc_info[1])
        if self._as_json:
            return json.dumps(told, ensure_ascii=True, default=str)
        rest = (f"{name}={value}" for name, value in told.items() if name not in ("time", "level", "logger", "message"))
        words = [told["time"], told["level"], str(told.get("message", "")), *rest]
        return " ".join(word.replace("\n", " ") for word in words if word)


def _fault(error: BaseException) -> list[dict[str, Any]]:
    """The kinds and places of a fault and of what it came from, the outermost first."""
    found: list[dict[str, Any]] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen and len(found) < MOST_PLACES:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__)[-MOST_PLACES:]
        places = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
        found.append({"kind": type(current).__name__, "at": places})
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return found


def _short(path: str) -> str:
    try:
        return str(Path(path).relative_to(_ROOT))
    except ValueError:
        return "/".join(Path(path).parts[-2:])
