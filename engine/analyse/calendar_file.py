"""The calendar as iCalendar (RFC 5545), for the calendars that people look at anyway."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from carveout.engine import __version__
from carveout.engine.analyse.calendar import WORDS, Coming

UNCERTAIN = "The moment is not known more exactly than that."


def calendar_file(coming: Iterable[Coming], made: datetime) -> bytes:
    """A file with one event for each; `made`: now, in UTC. The same thing has the same UID each time."""
    calendar = Calendar()
    calendar.add("prodid", f"-//carveout//carveout {__version__}//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Carveout: what is coming")
    for one in coming:
        calendar.add_component(_event(one, made))
    return bytes(calendar.to_ical())


def _event(one: Coming, made: datetime) -> Event:
    begin, end = (datetime.fromtimestamp(moment, UTC) for moment in (one.at, one.by))
    event = Event()
    name = f"{one.what} {one.of}" if one.overdue else f"{one.what} {one.of} {one.at}"
    event.add("uid", f"{hashlib.sha256(name.encode()).hexdigest()[:40]}@carveout")
    event.add("dtstamp", made)
    event.add("dtstart", begin)
    event.add("dtend", end if end > begin else begin + timedelta(minutes=1))
    who = f"{one.authority}: " if one.authority else ""
    event.add("summary", f"{who}{one.title} {WORDS[one.what]}")
    event.add("description", "\n".join([one.of, *([UNCERTAIN] if one.by > one.at else [])]))
    event.add("categories", [one.what, *(["overdue"] if one.overdue else [])])
    event.add("transp", "TRANSPARENT")
    return event
