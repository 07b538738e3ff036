"""Single values of a statement, read strictly: text, days, percents. What is none raises StatementFault."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from carveout.engine.parties.registers.statements import StatementFault
from carveout.engine.parties.shares import WHOLE

LONGEST: Final = 2_000
HAIR: Final = Decimal("1E-30")
"""Between an exclusive bound and the nearest share within it."""
_DAY = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?(?:[T ].*)?")
_SURROGATE = re.compile("[\ud800-\udfff\x00]")


def text(value: Any, what: str, *, needed: bool = False) -> str:
    """Text of bounded length, trimmed; empty where there is none."""
    if value is None or value == "":
        if needed:
            raise StatementFault(f"`{what}` is missing")
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and what.endswith("id"):
        value = str(value)  # some write a company's number as a number
    if not isinstance(value, str):
        raise StatementFault(f"`{what}` must be text")
    if len(value) > LONGEST:
        raise StatementFault(f"`{what}` is longer than {LONGEST} characters")
    if _SURROGATE.search(value):
        raise StatementFault(f"`{what}` is not valid Unicode")
    found = value.strip()
    if needed and not found:
        raise StatementFault(f"`{what}` is empty")
    return found


def object_(value: Any, what: str) -> dict[str, Any]:
    """A JSON object; empty where there is none."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise StatementFault(f"`{what}` must be an object")
    return value


def list_(value: Any, what: str, most: int = 1_000) -> list[Any]:
    """A JSON array; empty where there is none."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise StatementFault(f"`{what}` must be a list")
    if len(value) > most:
        raise StatementFault(f"`{what}` has more than {most:,} entries")
    return value


def day(value: Any, what: str) -> date | None:
    """A day, of a moment its day; a month is its first day (so the standard says); None where there is none."""
    written = text(value, what)
    if not written:
        return None
    found = _DAY.fullmatch(written)
    try:
        if found is None:
            raise ValueError
        return date(int(found[1]), int(found[2]), int(found[3] or 1))
    except ValueError:
        raise StatementFault(f"`{what}`: `{written[:40]}` is no day (YYYY-MM-DD)") from None


def percent(value: Any, what: str) -> Decimal | None:
    """A percentage from 0 to 100, exactly as written; None where there is none."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise StatementFault(f"`{what}` must be a number")
    written = str(value).strip().removesuffix("%").strip()
    try:
        if len(written) > 40:
            raise InvalidOperation
        number = Decimal(written)
    except InvalidOperation:
        raise StatementFault(f"`{what}`: `{written[:40]}` is no number") from None
    exponent = number.as_tuple().exponent
    if not number.is_finite() or not isinstance(exponent, int) or exponent < -28 or not 0 <= number <= WHOLE:
        raise StatementFault(f"`{what}`: `{written[:40]}` lies not between 0 and 100")
    return number


def bounds(share: dict[str, Any], what: str = "share") -> tuple[Decimal, Decimal, bool]:
    """The least and the greatest share that is stated, and whether any is.

    Exclusive bounds are numbers of their own since version 0.4, and yes or no beside the inclusive ones before it.
    """
    exact = percent(share.get("exact"), f"{what}.exact")
    low = percent(share.get("minimum"), f"{what}.minimum")
    high = percent(share.get("maximum"), f"{what}.maximum")
    for key, sign in (("exclusiveMinimum", 1), ("exclusiveMaximum", -1)):
        edge = share.get(key)
        if isinstance(edge, bool):
            if edge and sign > 0 and low is not None:
                low = min(low + HAIR, WHOLE)
            elif edge and sign < 0 and high is not None and high:
                high -= HAIR
            continue
        number = percent(edge, f"{what}.{key}")
        if number is not None and sign > 0:
            low = max(low or Decimal(0), min(number + HAIR, WHOLE))
        elif number is not None:
            high = min(WHOLE if high is None else high, max(number - HAIR, Decimal(0)))
    stated = exact is not None or low is not None or high is not None
    least, most = low if low is not None else Decimal(0), high if high is not None else WHOLE
    if least > most + 2 * HAIR:
        raise StatementFault(f"`{what}`: the minimum is more than the maximum")
    if exact is not None:
        if not least - 2 * HAIR <= exact <= most + 2 * HAIR:
            raise StatementFault(f"`{what}.exact` lies not between `minimum` and `maximum`")
        least = most = exact
    return min(least, most), most, stated
