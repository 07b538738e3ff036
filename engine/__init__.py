"""Carveout: may we do this, under which law, on which conditions, and what is still open?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from carveout.engine.decide.decision import Decision, Engine
    from carveout.engine.facts.case import StatementError
    from carveout.engine.law.documents import RuleError

_FROM = {
    "Decision": "carveout.engine.decide.decision",
    "Engine": "carveout.engine.decide.decision",
    "RuleError": "carveout.engine.law.documents",
    "StatementError": "carveout.engine.facts.case",
}
__all__ = ["Decision", "Engine", "RuleError", "StatementError", "__version__"]


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is asked for: importing one part does not import all of them."""
    if name in _FROM:
        from importlib import import_module

        return getattr(import_module(_FROM[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
