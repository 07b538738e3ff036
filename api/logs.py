"""What the server writes down of its work: one line each, as JSON or, on a terminal, to be read. No line holds what
somebody stated: of a fault its kind and places in the code, never its message, which may quote a name."""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from carveout.api.request_ids import current_id

MOST_PLACES = 12
_log = logging.getLogger(__name__)
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
        told |= more if isinstance(more, dict) else {"message": _words(record)}
        if record.exc_info and record.exc_info[1] is not None:
            told["fault"] = fault_of(record.exc_info[1])
        if self._as_json:
            return json.dumps(told, ensure_ascii=True, default=str)
        rest = (f"{name}={value}" for name, value in told.items() if name not in ("time", "level", "logger", "message"))
        words = [told["time"], told["level"], str(told.get("message", "")), *rest]
        return " ".join(word.replace("\n", " ") for word in words if word)


class Discreet(logging.Filter):
    """Takes out of a record what may quote somebody, whoever writes it down: for the loggers of other code."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite it."""
        if record.exc_info and record.exc_info[1] is not None:
            record.msg, record.args = "fault: %s", (in_short(record.exc_info[1]),)
            record.exc_info = record.exc_text = None
        elif not _is_fit(record):
            record.msg, record.args = _words(record), ()
        return True


def keep_names_out() -> None:
    """Have no other code of this process write down what was stated, whatever serves the application: uvicorn's own
    lines about requests show queries, and what nobody caught is printed with its message."""
    access = logging.getLogger("uvicorn.access")
    if not any(isinstance(one, _Nothing) for one in access.filters):
        access.addFilter(_Nothing())
        for name in ("uvicorn.error", "asyncio"):
            logging.getLogger(name).addFilter(Discreet())
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _thread_ended


def in_short(error: BaseException) -> str:
    """The kind of a fault, and the innermost place."""
    first = fault_of(error)[0]
    return f"{first['kind']} at {first['at'][-1] if first['at'] else 'no known place'}"


class _Nothing(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return False


def _thread_ended(about: threading.ExceptHookArgs) -> None:
    if about.exc_value is not None and about.exc_type is not SystemExit:
        told = {"fault": fault_of(about.exc_value), "message": "a thread ended"}
        _log.error("a thread ended: %s", in_short(about.exc_value), extra={"told": told})


def _is_fit(record: logging.LogRecord) -> bool:
    """Our own words hold nothing that was stated; nor do uvicorn's about starting and ending."""
    if record.name.partition(".")[0] == "carveout":
        return True
    return record.name == "uvicorn.error" and record.levelno <= logging.INFO and "WebSocket" not in str(record.msg)


def _words(record: logging.LogRecord) -> str:
    if _is_fit(record):
        return record.getMessage()
    return f"something said at {_short(record.pathname)}:{record.lineno}"


def fault_of(error: BaseException) -> list[dict[str, Any]]:
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
