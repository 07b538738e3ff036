"""Duties: reports with their due dates, records, cautions."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import holidays

from carveout.engine.decide.evaluation import Evaluation
from carveout.engine.decide.findings import Finding
from carveout.engine.decide.program import Obligation
from carveout.engine.law.clocks import FOREVER, date_in, day_start
from carveout.engine.law.norms import Duty
from carveout.engine.law.truth import FALSE, TRUE


@lru_cache(maxsize=64)
def _calendar(name: str) -> holidays.HolidayBase:
    return holidays.country_holidays(name)


def calendar_exists(name: str) -> bool:
    """Is that a calendar of public holidays that can be counted by?"""
    return name in holidays.list_supported_countries()


@lru_cache(maxsize=4096)
def business_days_after(calendar: str, start: date, days: int) -> date:
    """The day that lies so many business days after `start` (which does not count itself)."""
    closed, day = _calendar(calendar), start
    while days > 0:
        day += timedelta(days=1)
        if closed.is_working_day(day):
            days -= 1
    return day


def years_after(start: date, years: int) -> date:
    """The same day so many years later; 29 February becomes 1 March, so that no record goes a day early."""
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return date(start.year + years, 3, 1)


def months_after(start: date, months: int) -> date:
    """The same day so many months later, or the last day of a month that has no such day."""
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def next_on(start: date, yearly: str) -> date:
    """The next MM-DD, that day included."""
    this = date.fromisoformat(f"{start.year}-{yearly}")
    return this if this >= start else this.replace(year=start.year + 1)


def _due(norm: Duty, calendar: str, day: date) -> date | None:
    """By when what is due after that day is due."""
    if norm.business_days is not None:
        return business_days_after(calendar, day, norm.business_days)
    if norm.days is not None:
        return day + timedelta(days=norm.days)
    if norm.months is not None:
        return months_after(day, norm.months)
    if norm.yearly:
        return next_on(next_on(day, norm.as_of) if norm.as_of else day + timedelta(days=1), norm.yearly)
    return None


def duties_of(evaluation: Evaluation) -> list[dict[str, Any]]:
    """The duties of one evaluation, in the order of their ids."""
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for ruling in evaluation.rulings.values():
        for finding in ruling.findings:
            for number in finding.duties:
                duty = evaluation.program.duties[number]
                if duty.norm.manner in ("any", finding.manner) and _in_force(evaluation, duty):
                    found.setdefault((number, finding.thing.name), _duty(evaluation, duty, finding.thing, finding))
    for duty, thing in evaluation.duties:
        if _stands(evaluation, duty, thing):
            found.setdefault((duty.number, thing.name), _duty(evaluation, duty, thing, None))
    return [found[key] for key in sorted(found)]


def _in_force(evaluation: Evaluation, duty: Obligation) -> bool:
    moment = evaluation.moment
    if duty.norm.duty != "record":
        return duty.since <= moment < duty.till or duty.norm.effective.in_force(moment) != FALSE
    asked_on = evaluation.act.asked_on  # retention follows the law of the day of asking (design: Time)
    if asked_on is None:
        moment = FOREVER - 1
    else:
        moment = day_start(asked_on, evaluation.program.rules.authorities[duty.norm.authority].zone)
    return duty.norm.effective.in_force(moment) != FALSE


def _stands(evaluation: Evaluation, duty: Obligation, thing: Any) -> bool:
    for id in duty.grounds:
        if evaluation.ground(id, thing) == TRUE:
            break
    else:
        if duty.grounds:
            return False
    if not _in_force(evaluation, duty):
        return False
    return duty.when is None or duty.when.ask(thing, evaluation.act) & 3 == TRUE


def _duty(evaluation: Evaluation, duty: Obligation, thing: Any, finding: Finding | None) -> dict[str, Any]:
    norm = duty.norm
    authority = evaluation.program.rules.authorities[norm.authority]
    result: dict[str, Any] = {**duty.brief, "of": thing.name}
    if finding is not None:
        result["after"] = finding.ban.norm.id
    day = (
        date_in(evaluation.moment, authority.zone)
        if evaluation.act.at.is_moment
        else date.fromisoformat(evaluation.act.at.text)
    )
    due = _due(norm, authority.calendar, day)
    if due is not None:
        result["due"] = due.isoformat()
    if norm.years is not None:
        result["retain_until"] = years_after(day, norm.years).isoformat()
    return result
