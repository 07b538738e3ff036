"""Dates as lists write them, made into as much of YYYY-MM-DD as is known."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = {
    name: place
    for place, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_ABOUT = re.compile(r"(?i)^(?:c\.|ca\.?|circa|approximately|approx\.?|about|around|between)\s+")
_SPAN = re.compile(r"(?i)\s+(?:to|and|-|–)\s+")
_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ].*)?$")
_NAMED = re.compile(r"(?:(\d{1,2})[ -])?([A-Za-z]{3,9})\.?[ -](\d{4})$")
_MONTH = re.compile(r"(\d{1,2}|mm)/(\d{4})$", re.IGNORECASE)
_YEARS = re.compile(r"(\d{4})\s?[-–/]\s?(\d{4})$")
_SLASHED = re.compile(r"(\d{1,2}|dd)[/.](\d{1,2}|mm)[/.](\d{4})$", re.IGNORECASE)


def known_date(text: str, *, month_first: bool = False) -> str:
    """As much of a date as its text says: YYYY, YYYY-MM or YYYY-MM-DD, `~` after it if about, `/` for a span.

    What cannot be read is given back as it is.
    """
    text = " ".join(text.split())
    bare = _ABOUT.sub("", text)
    bare = _YEARS.sub(r"\1 to \2", bare)
    ends = [_single(part, month_first) for part in _SPAN.split(bare)]
    if not all(ends) or len(ends) > 2:
        return text
    return "/".join(ends) + ("~" if bare != text and len(ends) == 1 else "")


def known_day(text: str, *, month_first: bool = False) -> date | None:
    """The day that a text says, if it says a whole one."""
    try:
        return date.fromisoformat(known_date(text, month_first=month_first))
    except ValueError:
        return None


def joined(year: str, month: str = "", day: str = "") -> str:
    """A date from its parts, as far as they are known."""
    return _whole(year, month, day)


def _single(text: str, month_first: bool) -> str:
    if found := _ISO.match(text):
        return _whole(found[1], found[2] or "", found[3] or "")
    if found := _NAMED.match(text):
        month = _MONTHS.get(found[2][:3].casefold())
        return _whole(found[3], str(month), found[1] or "") if month else ""
    if found := _MONTH.match(text):
        return _whole(found[2], found[1], "")
    if found := _SLASHED.match(text):
        day, month_text = (found[2], found[1]) if month_first else (found[1], found[2])
        return _whole(found[3], month_text, day)
    return ""


def _whole(year: str, month: str, day: str) -> str:
    numbers = [int(part) if part.strip().isdecimal() else 0 for part in (year, month, day)]
    if not 1000 <= numbers[0] <= 2999 or numbers[1] > 12 or numbers[2] > 31:
        return ""
    if not numbers[1]:
        return f"{numbers[0]:04}"
    if not numbers[2]:
        return f"{numbers[0]:04}-{numbers[1]:02}"
    try:
        return date(*numbers).isoformat()
    except ValueError:
        return ""
