"""Tables in and out: the same decision many times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from carveout.engine.batch.screening import Summary, screen_bytes, screen_csv
    from carveout.engine.batch.tables import TableError

_FROM = {
    "Summary": "carveout.engine.batch.screening",
    "TableError": "carveout.engine.batch.tables",
    "screen_bytes": "carveout.engine.batch.screening",
    "screen_csv": "carveout.engine.batch.screening",
}
__all__ = ["Summary", "TableError", "screen_bytes", "screen_csv"]


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is asked for: a single check needs no pandas."""
    if name in _FROM:
        from importlib import import_module

        return getattr(import_module(_FROM[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
