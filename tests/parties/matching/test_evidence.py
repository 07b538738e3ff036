"""What is stated beside a name: what decides, what shifts, what is silent."""

import pytest

from carveout.engine.parties.matching.evidence import Particulars, same_number, shifts


def moved(asked: Particulars, listed: Particulars, score: float = 80.0) -> float:
    for shift in shifts(asked, listed):
        score = shift.of(score)
    return score


@pytest.mark.parametrize(
    ("asked", "listed", "moves"),
    [
        ("1954-08-30", "1954-08-30", 1),
        ("1954", "1954-08-30", 1),
        ("1954-08-30", "1950/1955", 1),
        ("1954-08-30", "1954-30-08", -1),
        ("1954-08-03", "1954-03-08", -1),
        ("1954-08-30", "1954-08-31", -1),
        ("1956", "1954~", -1),
        ("1954-08-30", "1982-07-18", -2),
        ("1960", "1954~", -2),
    ],
)
def test_birth_dates(asked: str, listed: str, moves: int) -> None:
    (shift,) = shifts(Particulars(birth_dates=(asked,)), Particulars(birth_dates=(listed,)))
    assert shift.contradicts == (moves == -2)
    assert (shift.of(80) > 80) == (moves > 0)
    assert shifts(Particulars(birth_dates=(listed,)), Particulars(birth_dates=(asked,)))[0].of(80) == shift.of(80)


@pytest.mark.parametrize("unreadable", ["", "about 1954", "1954-08-30-01", "circa"])
def test_what_cannot_be_read_is_silent(unreadable: str) -> None:
    assert shifts(Particulars(birth_dates=(unreadable,)), Particulars(birth_dates=("1954",))) == ()


def test_the_nearest_of_several_dates_counts() -> None:
    several = Particulars(birth_dates=("1990", "1954-08-30"))
    assert moved(several, Particulars(birth_dates=("1954-08-30",))) > 80


def test_countries_and_addresses() -> None:
    assert moved(Particulars(countries=("BY",)), Particulars(countries=("by", "RU"))) > 80
    assert moved(Particulars(countries=("BR",)), Particulars(countries=("BY",))) < 80
    here = Particulars(addresses=("14A Nemiga Street, Minsk",))
    assert moved(here, Particulars(addresses=("Nemiga str. 14A, Minsk 220004",))) > 80
    assert moved(here, Particulars(addresses=("5 Pobediteley Avenue, Minsk",))) == 80


def test_numbers() -> None:
    asked = Particulars(identifiers={"imo": ("IMO 9187629",), "unp": ("600 390 798",)})
    assert same_number(asked, Particulars(identifiers={"unp": ("600390798",)})) == "unp 600390798"
    assert same_number(asked, Particulars(identifiers={"tax": ("600390798",)})) == ""
    assert moved(asked, Particulars(identifiers={"imo": ("9187631",)})) < 60
    assert moved(asked, Particulars(identifiers={"unp": ("1",)})) == 80


def test_nothing_stated_moves_nothing_and_nothing_reaches_the_top() -> None:
    assert moved(Particulars(), Particulars(birth_dates=("1954",), countries=("BY",))) == 80
    same = Particulars(birth_dates=("1954-08-30",), countries=("BY",), addresses=("14A Nemiga Street, Minsk",))
    assert 80 < moved(same, same) < 100
