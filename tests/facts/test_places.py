"""Places by name: what is read as which code, what could be two places, and that the answer says how it was read."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carveout.engine import Engine
from carveout.engine.facts.places import AMBIGUOUS, Place, read_place

ENGINE = Engine.load()
PLACES = ENGINE.rules.vocabulary.places


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ("DE", "DE"),
        ("de", "DE"),
        ("DEU", "DE"),
        ("Germany", "DE"),
        ("Deutschland", "DE"),
        ("Allemagne", "DE"),
        ("UK", "GB"),
        ("U.K.", "GB"),
        ("England", "GB"),
        ("Беларусь", "BY"),
        ("Belorussia", "BY"),
        ("Republic of Belarus", "BY"),
        ("Turkey", "TR"),
        ("Türkiye", "TR"),
        ("Iran, Islamic Republic of", "IR"),
        ("Republic of Korea", "KR"),
        ("THE GAMBIA", "GM"),
        ("Côte d’Ivoire", "CI"),
        ("NO", "NO"),
        ("Crimea", "crimea"),
        ("European Union", "EU"),
        ("Donetsk region", "UA-14"),
    ],
)
def test_a_name_is_read_as_its_code(stated: str, code: str) -> None:
    assert read_place(stated, PLACES) == code


@pytest.mark.parametrize(
    ("stated", "choices"),
    [
        ("Georgia", ("`GE`", "`US`")),
        ("congo", ("`CD`", "`CG`")),
        ("Korea", ("`KP`", "`KR`")),
        ("Nga", ("`NG`", "`RU`")),
    ],
)
def test_a_name_of_two_places_is_refused_with_both(stated: str, choices: tuple[str, ...]) -> None:
    with pytest.raises(ValueError) as error:
        read_place(stated, PLACES)
    assert all(choice in str(error.value) for choice in choices)


@pytest.mark.parametrize("stated", ["N/A", "-", "", "unknown", "Atlantis", "xx", "Россию"])
def test_a_name_of_no_place_is_refused(stated: str) -> None:
    with pytest.raises(ValueError, match="unknown place"):
        read_place(stated, PLACES)


def test_every_title_is_read_as_its_own_place_or_refused() -> None:
    for code, title in PLACES.items():
        if title.casefold() not in (*AMBIGUOUS, "crimea"):  # which is a group too: the wider of the two
            assert PLACES[read_place(title, PLACES)] == title, code


@given(st.text(max_size=30))
def test_any_text_is_a_place_of_the_vocabulary_or_refused(text: str) -> None:
    try:
        assert read_place(text, PLACES) in PLACES
    except ValueError as error:
        assert str(error)


def test_a_vocabulary_that_lacks_the_country_does_not_get_it() -> None:
    with pytest.raises(ValueError, match="unknown place"):
        read_place("Germany", {"FR": "France"})


def test_a_place_by_name_survives_a_process_boundary() -> None:
    place = pickle.loads(pickle.dumps(Place("DE", "Germany")))
    assert (place, place.stated) == ("DE", "Germany")


def test_the_answer_says_how_a_name_was_read_and_is_otherwise_the_same() -> None:
    statement = {
        "activity": "service",
        "at": "2025-09-10T12:00:00Z",
        "parties": [
            {"name": "Werft", "roles": ["seller"], "country": "Deutschland"},
            {"name": "B", "roles": ["buyer"]},
        ],
    }
    coded = {**statement, "parties": [{"name": "Werft", "roles": ["seller"], "country": "DE"}, statement["parties"][1]]}
    by_name, by_code = ENGINE.check(statement).body, ENGINE.check(coded).body
    assert by_name["read_as"] == [{"fact": "party.country", "of": "Werft", "stated": "Deutschland", "read": "DE"}]
    assert by_code["read_as"] == []
    assert {**by_name, "read_as": []} == by_code
