"""HTTP and pages: `create_app()` makes the application; it knows the engine, never the other way round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from carveout.api.app import create_app
    from carveout.api.settings import Settings

_FROM = {"create_app": "carveout.api.app", "Settings": "carveout.api.settings"}
__all__ = ["Settings", "create_app"]


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is asked for: the settings alone do not import a web framework."""
    if name in _FROM:
        from importlib import import_module

        return getattr(import_module(_FROM[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
