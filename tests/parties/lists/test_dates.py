"""Dates as lists write them."""

import pytest

from carveout.engine.parties.lists.dates import known_date, known_day


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("1951-06-19", "1951-06-19"),
        ("2024-05-13T17:44:28.283+02:00", "2024-05-13"),
        ("19 Jun 1951", "1951-06-19"),
        ("Jun 1951", "1951-06"),
        ("13-Feb-2026", "2026-02-13"),
        ("1951", "1951"),
        ("circa 1951", "1951~"),
        ("1948 to 1951", "1948/1951"),
        ("1963-1964", "1963/1964"),
        ("circa 1948 to 1951", "1948/1951"),
        ("27/04/2020", "2020-04-27"),
        ("00/00/1980", "1980"),
        ("00/10/1980", "1980-10"),
        ("dd/mm/1945", "1945"),
        ("dd/11/1945", "1945-11"),
        ("10/1966", "1966-10"),
        ("", ""),
        ("born in the early 1970s", "born in the early 1970s"),
        ("31 Feb 1970", "31 Feb 1970"),
        ("Sep-99", "Sep-99"),
        ("١٩٥١", "1951"),
        ("²⁰²⁰", "²⁰²⁰"),
    ],
)
def test_as_much_as_is_known(written: str, known: str) -> None:
    assert known_date(written) == known


def test_american_dates_have_the_month_first() -> None:
    assert known_date("05/07/2024", month_first=True) == "2024-05-07"


def test_a_day_is_a_whole_date() -> None:
    assert str(known_day("27/04/2020")) == "2020-04-27"
    assert known_day("1951") is None
