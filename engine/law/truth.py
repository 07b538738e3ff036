"""Three truth values as two bits (possible, certain), so that `all` is `&` and `any` is `|`.

Strong Kleene logic: FALSE < UNKNOWN < TRUE; `all` is the least, `any` the greatest, `not` the mirror. The order of the
numbers is the order of the values, so `min` and `max` work as well.
"""

from typing import Final

FALSE: Final = 0b00
UNKNOWN: Final = 0b01
TRUE: Final = 0b11

MIRROR: Final = (TRUE, UNKNOWN, UNKNOWN, FALSE)
"""`not`, as a table: MIRROR[FALSE] is TRUE."""

NAMES: Final = ("false", "unknown", "unknown", "true")
"""The word of each value in a decision."""


def truth(claim: bool) -> int:
    """TRUE or FALSE for a Python bool."""
    return TRUE if claim else FALSE
