"""Snapshots as listings: a snapshot speaks from its day to the next one's, and beside an instrument only as a doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from carveout.engine.decide.timelines import Timeline
from carveout.engine.law.clocks import Boundary, Effective, parse_moment
from carveout.engine.law.norms import Authority, Citation, Listing, ListOf, Official
from carveout.engine.law.truth import FALSE, TRUE, UNKNOWN
from carveout.engine.parties.lists.entry import ListedName, ListEntry
from carveout.engine.parties.watchlist.agreement import agreed
from carveout.engine.parties.watchlist.history import Edition, Editions, History, Spell
from carveout.engine.parties.watchlist.listings import Lists, listings_of

from ...law.small import small_engine

LIST = "xx.office.list"
RED, BLUE = f"{LIST}/RED", f"{LIST}/BLUE"
JAN, FEB, MAR, APR = (date(2024, month, 1) for month in (1, 2, 3, 4))


def office(*official: Official) -> Lists:
    held: Authority = small_engine().rules.authorities["xx.office"]
    named = ListOf(LIST, "List of X", ("RED", "BLUE", "GREY"), official)
    return Lists({"xx.office": replace(held, lists={LIST: named})})


def kept(*days: date, name: str = LIST) -> Editions:
    return Editions([(name, [Edition(day, "xx", f"{day:%Y%m%d}" * 8) for day in days])])


def entry(*programmes: str, name: str = LIST, **said: Any) -> ListEntry:
    return ListEntry(name, "7", "organisation", (ListedName("Alpha"),), programmes, **said)


def spoke(*spells: tuple[ListEntry, date, date | None]) -> History:
    return History(spells[0][0].list, "7", tuple(Spell(*spell) for spell in spells))


def noon(day: date | str) -> int:
    return parse_moment(f"{day}T12:00:00-05:00", None)


def at(listings: Any, status: str, day: date | str) -> int:
    return Timeline(tuple(listings), frozenset({LIST, RED, BLUE})).at(noon(day))[1].get(status, FALSE)


def by_norm(begins: str, ends: str | None = None) -> Listing:
    def boundary(text: str) -> Boundary:
        moment = parse_moment(f"{text}T00:00:00-05:00", None)
        return Boundary(moment, moment, moment)

    effective = Effective(boundary(begins), boundary(ends)) if ends else Effective(boundary(begins))
    return Listing(
        id="xx.office.alpha",
        title="Alpha",
        authority="xx.office",
        citations=(Citation("Order 1"),),
        effective=effective,
        checked="2024-01-01",
        list=LIST,
        statuses=(RED,),
        subject="zz.alpha",
    )


def test_a_snapshot_speaks_from_its_day_to_the_next_ones() -> None:
    history = spoke((entry("RED"), FEB, MAR))
    found = list(listings_of("s", history, kept(JAN, FEB, MAR), office()))
    assert [at(found, RED, day) for day in ("2024-01-31", FEB, "2024-02-29", MAR, "2024-03-02")] == [
        FALSE,
        TRUE,
        TRUE,
        UNKNOWN,  # gone at some hour of that day
        FALSE,
    ]


def test_before_the_oldest_snapshot_nobody_knows() -> None:
    history = spoke((entry("RED"), JAN, None))
    (listing,) = listings_of("s", history, kept(JAN, FEB), office())
    assert at([listing], RED, "2023-06-01") == UNKNOWN
    assert "2024-01-01" in listing.unresolved[0].question
    assert at([listing], RED, JAN) == at([listing], RED, "2030-01-01") == TRUE


def test_the_day_of_listing_counts_where_the_entry_says_it() -> None:
    history = spoke((entry("RED", listed_on="2020-05-05"), JAN, None))
    found = list(listings_of("s", history, kept(JAN), office()))
    assert [at(found, RED, day) for day in ("2020-05-04", "2020-05-05", JAN)] == [FALSE, TRUE, TRUE]
    # ... and is doubtful where an older snapshot does not have it yet
    late = list(listings_of("s", spoke((entry("RED", listed_on="2020-05-05"), FEB, None)), kept(JAN, FEB), office()))
    assert [at(late, RED, day) for day in ("2020-05-04", "2024-01-15", FEB)] == [FALSE, UNKNOWN, TRUE]


def test_an_end_that_the_entry_says_is_a_question_once_it_is_over() -> None:
    history = spoke((entry("RED", ends_on="2024-02-10"), JAN, None))
    (listing,) = listings_of("s", history, kept(JAN, MAR), office())
    assert [at([listing], RED, day) for day in ("2024-02-10", "2024-02-11", MAR)] == [TRUE, UNKNOWN, UNKNOWN]


def test_a_programme_that_comes_and_goes_has_its_own_days() -> None:
    history = spoke((entry("RED"), JAN, FEB), (entry("RED", "BLUE"), FEB, MAR), (entry("BLUE"), MAR, None))
    found = list(listings_of("s", history, kept(JAN, FEB, MAR), office()))
    assert [at(found, RED, day) for day in ("2024-01-15", "2024-02-15", "2024-03-15")] == [TRUE, TRUE, FALSE]
    assert [at(found, BLUE, day) for day in ("2024-01-15", "2024-02-15", "2024-03-15")] == [FALSE, TRUE, TRUE]


def test_a_list_is_known_by_the_name_it_is_published_under() -> None:
    lists = office(Official("RED", ("other.list/R-1",)))
    assert lists.statuses(entry("R-1", name="other.list")) == (RED,)
    assert lists.statuses(entry("R-2", name="other.list")) == ("other.list/R-2",)
    found = list(listings_of("s", spoke((entry("R-1", name="other.list"), JAN, FEB)), kept(JAN, FEB), lists))
    assert at(found, RED, "2024-01-15") == TRUE
    # ... and its snapshots are held against the instrument once they had it; before, their silence says nothing
    history = spoke((entry("R-1", name="other.list"), JAN, FEB))
    (listing,) = agreed([by_norm("2023-01-10")], [history], kept(JAN, FEB, name="other.list"), lists)
    assert [at([listing], RED, day) for day in ("2024-01-15", "2024-02-15")] == [TRUE, UNKNOWN]
    (listing,) = agreed([by_norm("2023-01-10")], [], kept(JAN, name="other.list"), lists)
    assert at([listing], RED, "2024-01-15") == TRUE


def test_copies_that_disagree_are_a_question() -> None:
    history = History(LIST, "7", (Spell(entry("RED"), JAN, FEB), Spell(entry("RED"), FEB, None, True)))
    found = list(listings_of("s", history, kept(JAN, FEB), office()))
    assert [at(found, RED, day) for day in ("2024-01-15", "2024-02-15")] == [TRUE, UNKNOWN]


def test_an_instrument_decides_where_no_younger_snapshot_contradicts_it() -> None:
    norm = by_norm("2024-01-10", "2024-02-10")
    history = spoke((entry("RED"), JAN, MAR))
    editions = kept(JAN, FEB, MAR)
    found = [*agreed([norm], [history], editions, office()), *listings_of("s", history, editions, office(), [norm])]
    # the snapshot of January had it before the instrument: the instrument decides; that of March agrees with the end
    assert [at(found, RED, day) for day in ("2024-01-05", "2024-01-15", "2024-02-15", "2024-03-15")] == [
        FALSE,
        TRUE,
        FALSE,
        FALSE,
    ]


def test_a_younger_snapshot_that_still_has_it_makes_it_a_question() -> None:
    norm = by_norm("2024-01-10", "2024-02-10")
    history = spoke((entry("RED"), JAN, APR))
    (listing,) = agreed([norm], [history], kept(JAN, MAR, APR), office())
    assert [at([listing], RED, day) for day in ("2024-02-15", "2024-03-15", "2024-04-15")] == [FALSE, UNKNOWN, FALSE]
    assert "2024-03-01" in listing.unresolved[-1].question and "Order 1" in listing.unresolved[-1].question


def test_a_younger_snapshot_that_lacks_it_makes_it_a_question() -> None:
    (listing,) = agreed([by_norm("2024-01-10")], [], kept(JAN, FEB), office())
    assert [at([listing], RED, day) for day in ("2024-01-15", "2024-02-15")] == [TRUE, UNKNOWN]
    assert "still listed" in listing.unresolved[-1].question


def test_a_later_change_by_instrument_ends_the_doubt() -> None:
    norms = [by_norm("2024-01-10", "2024-02-10"), replace(by_norm("2024-02-20"), id="xx.office.alpha-again")]
    history = spoke((entry("RED"), JAN, None))
    found = agreed(norms, [history], kept(JAN, date(2024, 2, 15)), office())
    assert [at(found, RED, day) for day in ("2024-02-12", "2024-02-16", "2024-02-21")] == [FALSE, UNKNOWN, TRUE]


def test_what_was_published_later_was_not_known() -> None:
    history = spoke((entry("RED"), FEB, MAR))
    assert history.known_by(JAN) is None
    known = history.known_by(FEB)
    assert known is not None
    found = list(listings_of("s", known, kept(JAN, FEB), office()))
    assert at(found, RED, "2024-03-15") == TRUE


def test_the_list_of_nobody_here_has_no_authority() -> None:
    history = spoke((entry("X", name="somewhere.list"), JAN, None))
    (listing,) = listings_of("s", history, kept(JAN, name="somewhere.list"), office())
    assert listing.authority == "" and listing.statuses == ("somewhere.list/X",)
    assert office().authority("xx.office.new-list") == "xx.office"
