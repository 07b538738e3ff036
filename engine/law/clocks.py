"""Law time: moments, bare dates, and boundaries of norms that are known to the minute, the day or less.

A moment is a whole number of seconds since 1970-01-01T00:00Z. A boundary lies somewhere in `[after, by]`: where the
text gives a moment the two are equal; between them whether it has passed is UNKNOWN (design: "Time").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from carveout.engine.law.truth import FALSE, MIRROR, TRUE, UNKNOWN

FOREVER = 1 << 60
"""Later than any moment: the end of a norm without end."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(\.\d+)?(Z|[+-]\d{2}:?\d{2})?")
_AREAS = frozenset(
    ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
)
"""First parts of the names of zones that the IANA keeps for places."""
EARLIEST_ZONE = timezone(timedelta(hours=14))
LATEST_ZONE = timezone(timedelta(hours=-12))


class Boundary(NamedTuple):
    """A boundary somewhere in `[after, by]`, public since `published` (all moments)."""

    after: int
    by: int
    published: int


NEVER = Boundary(FOREVER, FOREVER, -FOREVER)
ALWAYS = Boundary(-FOREVER, -FOREVER, -FOREVER)


@cache
def zone_named(name: str) -> ZoneInfo:
    """The time zone of that IANA name: `UTC`, or an area with its place. Raises ValueError.

    Names that are not the same zone on every machine (`localtime`), or not there on every machine (`EST5EDT`,
    `posix/...`, `US/Eastern`), are refused.
    """
    try:
        if name == "UTC" or name.partition("/")[0] in _AREAS:
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise ValueError(f"`{name[:80]}` is not a time zone (write one like America/New_York, or UTC)")


def day_start(day: date, zone: ZoneInfo | timezone) -> int:
    """The moment that `day` begins in `zone`."""
    return int(datetime.combine(day, time.min, tzinfo=zone).timestamp())


def parse_date(text: str) -> date:
    """A date written YYYY-MM-DD. Raises ValueError."""
    if not _DATE.fullmatch(text):
        raise ValueError(f"`{text}` is not a date (write YYYY-MM-DD)")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"`{text}` is no day of the calendar") from None


def parse_moment(text: str, zone: ZoneInfo | timezone | None) -> int:
    """A moment written YYYY-MM-DDTHH:MM[:SS][offset]; without an offset it is in `zone`. Raises ValueError."""
    if not _MOMENT.fullmatch(text):
        raise ValueError(f"`{text}` is not a time (write YYYY-MM-DDTHH:MM with its offset, like -05:00)")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"`{text}` is no time of the calendar") from None
    if moment.tzinfo is None:
        if zone is None:
            raise ValueError(f"`{text}` has no offset from UTC (write one, like -05:00 or Z)")
        moment = _on_clock(moment, zone, text)
    try:
        return int(moment.timestamp() // 1)
    except (OverflowError, ValueError):
        raise ValueError(f"`{text}` is out of range") from None


def _on_clock(local: datetime, zone: ZoneInfo | timezone, text: str) -> datetime:
    """A time as the clocks of a zone showed it. Raises ValueError where they were put past it, or showed it twice."""
    first, second = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    before, after = first.utcoffset(), second.utcoffset()
    if before is None or after is None or before == after:
        return first
    if before < after:
        raise ValueError(f"`{text}` did not happen in {zone}: the clocks were put forward past it")
    offsets = " or ".join(each.isoformat()[-6:] for each in (first, second))
    raise ValueError(f"`{text}` happened twice in {zone}: write it with its offset ({offsets})")


def parse_boundary(raw: Any, zone: ZoneInfo) -> Boundary:
    """A boundary as docs/rules.md writes it, in the zone of its authority. Raises ValueError."""
    if isinstance(raw, str):
        if _DATE.fullmatch(raw):
            start = day_start(parse_date(raw), zone)
            return Boundary(start, start, start)
        moment = parse_moment(raw, zone)
        return Boundary(moment, moment, moment)
    if not isinstance(raw, Mapping):
        raise ValueError("a boundary is a date, a time, or one of `at`, `some_time_on`, `between`")
    unknown = set(raw) - {"at", "some_time_on", "between", "published"}
    forms = [key for key in ("at", "some_time_on", "between") if key in raw]
    if unknown or len(forms) != 1:
        raise ValueError("a boundary has exactly one of `at`, `some_time_on`, `between`, and may have `published`")
    if "at" in raw:
        after, by, _ = parse_boundary(raw["at"], zone)
    elif "some_time_on" in raw:
        day = parse_date(str(raw["some_time_on"]))
        after, by = day_start(day, zone), day_start(day + timedelta(days=1), zone)
    else:
        pair = raw["between"]
        if not isinstance(pair, list) or len(pair) != 2:
            raise ValueError("`between` is a list of two moments")
        after, by = parse_boundary(pair[0], zone).after, parse_boundary(pair[1], zone).by
        if after > by:
            raise ValueError("the second moment of `between` lies before the first")
    published = parse_boundary(raw["published"], zone).after if "published" in raw else after
    return Boundary(after, by, published)


def passed(boundary: Boundary, moment: int) -> int:
    """Has the boundary passed at that moment? `from` counts: at the boundary itself it has."""
    if moment >= boundary.by:
        return TRUE
    return UNKNOWN if moment >= boundary.after else FALSE


@dataclass(frozen=True, slots=True)
class Effective:
    """When something is in force: from, until, and stretches in which it is suspended."""

    begins: Boundary = ALWAYS
    ends: Boundary = NEVER
    suspended: tuple[tuple[Boundary, Boundary], ...] = ()

    def in_force(self, moment: int) -> int:
        """Three-valued: in force at that moment?"""
        if self.begins.by <= moment < self.ends.after and not self.suspended:
            return TRUE
        result = passed(self.begins, moment) & MIRROR[passed(self.ends, moment)]
        for begin, end in self.suspended:
            result &= MIRROR[passed(begin, moment) & MIRROR[passed(end, moment)]]
        return result

    def known_at(self, moment: int) -> Effective | None:
        """The same as it was public at `moment`; None where nobody could know of it."""
        if self.begins.published > moment:
            return None
        ends = self.ends if self.ends.published <= moment else NEVER
        stretches = tuple(
            (begin, end if end.published <= moment else NEVER)
            for begin, end in self.suspended
            if begin.published <= moment
        )
        return Effective(self.begins, ends, stretches)

    def edges(self) -> tuple[int, ...]:
        """The moments at which the answer of `in_force` can change."""
        found = {self.begins.after, self.begins.by, self.ends.after, self.ends.by}
        for begin, end in self.suspended:
            found |= {begin.after, begin.by, end.after, end.by}
        return tuple(sorted(edge for edge in found if -FOREVER < edge < FOREVER))


@dataclass(frozen=True, slots=True)
class Instant:
    """When an act happens, as stated: every moment in `[first, last)`; a stated moment is one second long."""

    text: str
    first: int
    last: int

    @property
    def is_moment(self) -> bool:
        """True for a stated moment, False for a bare date."""
        return self.last - self.first == 1


def parse_instant(text: str, zone: str | None = None) -> Instant:
    """`at` of a transaction: a moment with its offset, or a bare date with or without a zone. Raises ValueError.

    A bare date without a zone is every moment that bears it anywhere on earth (UTC+14 to UTC-12).
    """
    if _DATE.fullmatch(text):
        day = parse_date(text)
        if not 1900 <= day.year <= 9000:
            raise ValueError(f"`{text}` is out of range")
        first, last = (zone_named(zone), zone_named(zone)) if zone else (EARLIEST_ZONE, LATEST_ZONE)
        return Instant(text, day_start(day, first), day_start(day + timedelta(days=1), last))
    moment = parse_moment(text, zone_named(zone) if zone else None)
    if not -2_208_988_800 <= moment <= 221_845_392_000:
        raise ValueError(f"`{text}` is out of range")
    return Instant(text, moment, moment + 1)


def date_in(moment: int, zone: ZoneInfo) -> date:
    """The calendar day of a moment in a zone."""
    return datetime.fromtimestamp(moment, UTC).astimezone(zone).date()
