"""Law time: boundaries to the minute, the day or less; zones and their summer time; bare dates over the whole earth."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carveout.engine.law.clocks import (
    ALWAYS,
    FOREVER,
    NEVER,
    Boundary,
    Effective,
    date_in,
    parse_boundary,
    parse_instant,
    parse_moment,
    passed,
    zone_named,
)
from carveout.engine.law.truth import FALSE, MIRROR, TRUE, UNKNOWN

NEW_YORK, BRUSSELS = ZoneInfo("America/New_York"), ZoneInfo("Europe/Brussels")


def at(text: str) -> int:
    return parse_moment(text, None)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2023-09-08T00:01", "2023-09-08T04:01Z"),  # daylight time
        ("2023-12-08T00:01", "2023-12-08T05:01Z"),  # standard time
        ("2023-09-08T00:01-04:00", "2023-09-08T04:01Z"),
        ("2023-09-08T00:01:00Z", "2023-09-08T00:01Z"),
        ("2024-03-10T03:00", "2024-03-10T07:00Z"),  # the hour after the one that is left out
        ("2023-09-08", "2023-09-08T04:00Z"),  # the start of the day, where the text says a day
    ],
)
def test_a_boundary_is_in_the_zone_of_its_authority(text: str, utc: str) -> None:
    assert parse_boundary(text, NEW_YORK)[:2] == (at(utc), at(utc))


def test_from_counts_and_until_does_not() -> None:
    stretch = Effective(parse_boundary("2024-01-01T00:00Z", BRUSSELS), parse_boundary("2024-02-01T00:00Z", BRUSSELS))
    first, last = at("2024-01-01T00:00Z"), at("2024-02-01T00:00Z")
    assert [stretch.in_force(m) for m in (first - 1, first, last - 1, last)] == [FALSE, TRUE, TRUE, FALSE]


def test_some_time_on_a_day_is_unknown_within_it() -> None:
    boundary = parse_boundary({"some_time_on": "2025-11-04"}, NEW_YORK)
    day, next_day = at("2025-11-04T05:00Z"), at("2025-11-05T05:00Z")
    assert [passed(boundary, m) for m in (day - 1, day, next_day - 1, next_day)] == [FALSE, UNKNOWN, UNKNOWN, TRUE]
    begins, ends = Effective(begins=boundary), Effective(ends=boundary)
    assert [begins.in_force(m) for m in (day - 1, day, next_day)] == [FALSE, UNKNOWN, TRUE]
    assert [ends.in_force(m) for m in (day - 1, day, next_day)] == [TRUE, UNKNOWN, FALSE]


def test_a_day_of_23_hours() -> None:
    boundary = parse_boundary({"some_time_on": "2024-03-10"}, NEW_YORK)
    assert boundary.by - boundary.after == 23 * 3600


def test_between_two_moments() -> None:
    boundary = parse_boundary({"between": ["2025-09-11T00:00", "2025-09-11T18:00"]}, NEW_YORK)
    assert passed(boundary, at("2025-09-11T21:59Z")) == UNKNOWN
    assert passed(boundary, at("2025-09-11T22:00Z")) == TRUE
    assert passed(boundary, at("2025-09-11T03:59Z")) == FALSE


def test_suspended() -> None:
    def boundary(text: str) -> Boundary:
        return parse_boundary(text, BRUSSELS)

    stretch = Effective(boundary("2020-01-01"), NEVER, ((boundary("2021-01-01"), boundary("2022-01-01")),))
    assert stretch.in_force(at("2020-06-01T00:00Z")) == TRUE
    assert stretch.in_force(at("2021-06-01T00:00Z")) == FALSE
    assert stretch.in_force(at("2022-06-01T00:00Z")) == TRUE


def test_what_was_public() -> None:
    ends = parse_boundary({"at": "2024-07-01", "published": "2024-06-01"}, BRUSSELS)
    begins = parse_boundary({"at": "2024-01-01", "published": "2024-02-01"}, BRUSSELS)
    stretch = Effective(begins, ends)
    assert stretch.known_at(at("2024-01-15T00:00Z")) is None
    known = stretch.known_at(at("2024-03-01T00:00Z"))
    assert known is not None and known.ends == NEVER
    assert stretch.known_at(at("2024-06-02T00:00Z")) == stretch


def test_a_suspension_nobody_knew_of() -> None:
    pause = (
        parse_boundary("2024-03-01", BRUSSELS),
        parse_boundary({"at": "2024-06-01", "published": "2024-05-01"}, BRUSSELS),
    )
    stretch = Effective(ALWAYS, NEVER, (pause,))
    before, during = stretch.known_at(at("2024-02-01T00:00Z")), stretch.known_at(at("2024-04-01T00:00Z"))
    assert before is not None and before.suspended == ()
    assert during is not None and during.in_force(at("2024-07-01T00:00Z")) == FALSE


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("12 March 2024", "`12 March 2024` is not a time (write YYYY-MM-DDTHH:MM with its offset, like -05:00)"),
        ("2023-02-30", "`2023-02-30` is no day of the calendar"),
        ("2023-02-01T25:00", "`2023-02-01T25:00` is no time of the calendar"),
        (
            {"at": "2023-01-01", "some_time_on": "2023-01-01"},
            "a boundary has exactly one of `at`, `some_time_on`, `between`, and may have `published`",
        ),
        ({"between": ["2023-01-02", "2023-01-01"]}, "the second moment of `between` lies before the first"),
        ({"between": ["2023-01-02"]}, "`between` is a list of two moments"),
        (["2023-01-01"], "a boundary is a date, a time, or one of `at`, `some_time_on`, `between`"),
    ],
)
def test_a_boundary_that_cannot_be_read(raw: object, said: str) -> None:
    with pytest.raises(ValueError) as error:
        parse_boundary(raw, NEW_YORK)
    assert str(error.value) == said


# ---- when an act happens


def test_a_bare_date_is_every_moment_that_bears_it_anywhere() -> None:
    day = parse_instant("2025-09-11")
    assert (day.first, day.last) == (at("2025-09-10T10:00Z"), at("2025-09-12T12:00Z"))
    assert not day.is_moment and day.last - day.first == 50 * 3600


def test_a_bare_date_in_a_zone_is_that_day_there() -> None:
    day = parse_instant("2025-09-11", "America/New_York")
    assert (day.first, day.last) == (at("2025-09-11T04:00Z"), at("2025-09-12T04:00Z"))


def test_a_moment_is_a_second() -> None:
    moment = parse_instant("2025-09-11T18:00:00-04:00")
    assert moment.is_moment and moment.first == at("2025-09-11T22:00Z")


@pytest.mark.parametrize(
    "text", ["2025-09-11T12:00", "2025-09-11T12:00:00", "yesterday", "2025-9-1", "", "2025-09-11T12:00-4"]
)
def test_a_time_that_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_instant(text)


def test_a_time_without_an_offset_says_what_it_lacks() -> None:
    with pytest.raises(ValueError, match=r"has no offset from UTC \(write one, like -05:00 or Z\)"):
        parse_instant("2025-09-11T12:00")
    assert parse_instant("2025-09-11T12:00", "America/New_York").first == at("2025-09-11T16:00Z")


def test_an_unknown_zone() -> None:
    with pytest.raises(ValueError, match="`Mars/Olympus` is not a time zone"):
        parse_instant("2025-09-11", "Mars/Olympus")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.integers(-(10**9), 4 * 10**9), st.sampled_from([NEW_YORK, BRUSSELS, ZoneInfo("Europe/Minsk")]))
def test_a_moment_lies_within_its_bare_date_wherever_it_is_read(moment: int, zone: ZoneInfo) -> None:
    day = parse_instant(str(date_in(moment, zone)))
    assert day.first <= moment < day.last


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 100), min_size=2, max_size=2), st.integers(-5, 105))
def test_begun_and_ended_are_mirrors(pair: list[int], moment: int) -> None:
    boundary = Boundary(min(pair), max(pair), 0)
    assert Effective(begins=boundary).in_force(moment) == MIRROR[Effective(ends=boundary).in_force(moment)]
    assert set(Effective(boundary, Boundary(FOREVER, FOREVER, 0)).edges()) == {min(pair), max(pair)}


# ---- clocks that are put forward and back


def test_a_time_that_no_clock_showed_is_refused() -> None:
    with pytest.raises(ValueError, match="did not happen in America/New_York"):
        parse_instant("2025-03-09T02:30", "America/New_York")


def test_a_time_that_the_clocks_showed_twice_needs_its_offset() -> None:
    with pytest.raises(ValueError, match=r"happened twice in America/New_York: .* \(-04:00 or -05:00\)"):
        parse_instant("2025-11-02T01:30", "America/New_York")
    first, second = (parse_instant(f"2025-11-02T01:30{o}", "America/New_York").first for o in ("-04:00", "-05:00"))
    assert second - first == 3600


def test_a_boundary_of_law_that_no_clock_showed_is_refused_too() -> None:
    with pytest.raises(ValueError, match="did not happen"):
        parse_boundary("2025-03-30T02:30", BRUSSELS)


@given(st.integers(0, 4_000_000_000), st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]))
def test_what_a_clock_shows_is_read_as_that_moment_or_refused(moment: int, zone: str) -> None:
    shown = datetime.fromtimestamp(moment, ZoneInfo(zone)).replace(tzinfo=None).isoformat()
    try:
        assert parse_moment(shown, ZoneInfo(zone)) == moment
    except ValueError as error:
        assert "happened twice" in str(error)


@pytest.mark.parametrize(
    "name", ["localtime", "posixrules", "Factory", "posix/Europe/Berlin", "right/UTC", "EST5EDT", "US/Eastern", "", "."]
)
def test_names_of_zones_that_depend_on_the_machine_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone"):
        zone_named(name)


@pytest.mark.parametrize("name", ["UTC", "Europe/Minsk", "America/Argentina/Buenos_Aires"])
def test_names_of_zones(name: str) -> None:
    assert zone_named(name).key == name
