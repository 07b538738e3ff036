"""Shares of one party in another, what is enough of them, and their exact sums."""

from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, Inexact
from typing import Final

NOUGHT: Final = Decimal(0)
WHOLE: Final = Decimal(100)
DECIMALS: Final = 50
_EXACT: Final = Context(prec=200, traps=[Inexact])  # room for any number of shares with so many decimals


@dataclass(frozen=True, slots=True)
class Stake:
    """A share of `percent` in `held`; if dated, from `since` on and until before `until`."""

    owner: str | None  # None: the holder is not known
    held: str
    percent: Decimal
    since: date | None = None
    until: date | None = None
    joint: bool = False  # under the joint arrangement among holders of `held`
    sure: bool = True  # False: perhaps held, counted like what is not known

    def __post_init__(self) -> None:
        exponent = self.percent.as_tuple().exponent
        if not isinstance(exponent, int) or exponent < -DECIMALS or not NOUGHT <= self.percent <= WHOLE:
            limits = f"from 0 to 100, at most {DECIMALS} decimals"
            raise ValueError(f"a share of `{self.percent}` % in `{self.held}`: {limits}")


@dataclass(frozen=True, slots=True)
class Control:
    """That `controller` controls `controlled`; if dated, from `since` on and until before `until`."""

    controller: str
    controlled: str
    since: date | None = None
    until: date | None = None
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """An authority's rule of ownership on some day."""

    threshold: Decimal
    inclusive: bool  # at least the threshold; else more than it
    adds_up: bool = True  # else each holder counts alone, or with those of its joint arrangement
    control: bool = False  # control passes the status on as well

    def __post_init__(self) -> None:
        if not self.threshold.is_finite() or self.met_by(NOUGHT) or not self.met_by(WHOLE):
            raise ValueError(f"a threshold of `{self.threshold}` % would reach everybody or nobody")

    def met_by(self, share: Decimal) -> bool:
        """Whether so many percent are enough."""
        return share >= self.threshold if self.inclusive else share > self.threshold


def total(*shares: Decimal) -> Decimal:
    """The exact sum."""
    added = NOUGHT
    for share in shares:
        added = _EXACT.add(added, share)
    return added


class Tally:
    """What those who count have of one party; grows holder by holder."""

    __slots__ = ("_added", "_beside", "_joint", "_largest")

    def __init__(self) -> None:
        self._added = self._joint = NOUGHT  # all together; all that is held jointly
        self._largest = NOUGHT  # what the largest holder outside the arrangement has
        self._beside = NOUGHT  # the most that anybody in the arrangement has besides

    def add(self, alone: Decimal, joint: Decimal) -> None:
        """One more holder counts, with what it has alone and jointly."""
        self._added = total(self._added, alone, joint)
        self._joint = total(self._joint, joint)
        if joint:
            self._beside = max(self._beside, alone)
        else:
            self._largest = max(self._largest, alone)

    def share(self, adds_up: bool) -> Decimal:
        """What they have together, or the most that one of them has."""
        return self._added if adds_up else max(self._largest, total(self._joint, self._beside))

    def share_of_one(self, alone: Decimal, joint: Decimal) -> Decimal:
        """What one of them has, together with the others of its arrangement."""
        return total(alone, self._joint) if joint else alone
