"""What a pattern of leaf truths means for the trace: worked out once for all conditions of the same shape.

A shape is a condition with its leaves numbered: `("all", (0, ("any", (1, 2))))`. Thousands of norms share a few of
them, so that a norm that was never met before costs no more than one that was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import CodeType, FunctionType
from typing import Any

from carveout.engine.law.truth import FALSE, MIRROR, TRUE, UNKNOWN

Plan = tuple[tuple[int, ...], tuple[int, ...]]
"""Numbers of the leaves used, and of those missing."""
_plans: dict[Any, dict[int, Plan]] = {}


def plans_for(shape: Any) -> dict[int, Plan]:
    """The plans known for a shape, by pattern; shared by all conditions of that shape."""
    return _plans.setdefault(shape, {})


@cache
def _code_of(source: str) -> CodeType:
    """Generated source, compiled once: it names its values by position, so that many norms have the same."""
    scope: dict[str, Any] = {}
    exec(compile(source, "<generated>", "exec"), scope)
    return scope["made"].__code__  # type: ignore[no-any-return]


_SCOPE: dict[str, Any] = {"MIRROR": MIRROR}


def generated(arguments: str, lines: Sequence[str], names: Mapping[str, Any]) -> Any:
    """The function with those arguments and that body; `names` are the values that it speaks of.

    They come as defaults of further arguments. Thousands of norms share one code, and each brings a tuple of values
    only: a scope for each would cost more to look into than the condition costs to ask.
    """
    source = "\n".join([f"def made({', '.join([arguments, *names])}):", *(f" {line}" for line in lines)])
    return FunctionType(_code_of(source), _SCOPE, "made", tuple(names.values()))


def plan_of(shape: Any, pattern: int) -> Plan:
    """Which leaves the value rests on, and which keep it UNKNOWN."""
    used: dict[int, None] = {}
    missing: dict[int, None] = {}
    _trace(shape, pattern, used, missing)
    return tuple(used), tuple(missing)


def _value(shape: Any, pattern: int) -> int:
    if isinstance(shape, int):
        return pattern >> 2 * shape & 3
    kind, parts = shape
    if kind == "not":
        return MIRROR[_value(parts, pattern)]
    result = TRUE if kind == "all" else FALSE
    for part in parts:
        value = _value(part, pattern)
        result = result & value if kind == "all" else result | value
    return result


def _trace(shape: Any, pattern: int, used: dict[int, None], missing: dict[int, None]) -> None:
    """Gather the leaves on which the value rests: for a decided junction one deciding part, else all that count."""
    if isinstance(shape, int):
        (missing if pattern >> 2 * shape & 3 == UNKNOWN else used)[shape] = None
        return
    kind, parts = shape
    if kind == "not":
        _trace(parts, pattern, used, missing)
        return
    decided = FALSE if kind == "all" else TRUE
    value = _value(shape, pattern)
    for part in parts:
        each = _value(part, pattern)
        if value == decided and each == decided:
            _trace(part, pattern, used, missing)
            return
        if value != decided and (each == value or kind == "all"):
            _trace(part, pattern, used, missing)
