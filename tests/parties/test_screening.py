"""Screening: who is found, how surely, and who is not."""

import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carveout.engine.parties.matching.index import Index
from carveout.engine.parties.recorded import codes_of, entries_of
from carveout.engine.parties.screening import Candidate, Screener


@dataclass(frozen=True)
class Named:
    name: str
    kind: str


@dataclass(frozen=True)
class Subject:
    id: str
    kind: str
    names: tuple[Named, ...]
    identifiers: dict[str, str] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)


def subject(id: str, kind: str, *names: str, weak: str = "", **identifiers: str) -> Subject:
    recorded = [Named(name, "alias" if place else "primary") for place, name in enumerate(names)]
    recorded += [Named(weak, "weak")] if weak else []
    return Subject(id, kind, tuple(recorded), identifiers, {} if kind == "aircraft" else {"country": "BY"})


RECORDS = (
    subject(
        "by.belavia",
        "organisation",
        "ОАО «Авиакомпания «Белавиа»",
        "Belavia",
        "Belavia Belarusian Airlines",
        "ААТ «Авіякампанія «Белавія»",
        unp="600390798",
        ofac="44541",
    ),
    subject("by.transaviaexport", "organisation", "Transaviaexport Airlines", "ТрансАвиаЭкспорт"),
    subject("by.alexander-lukashenko", "person", "Alexander Lukashenko", "LUKASHENKA, Alyaksandr Ryhoravich"),
    subject("by.viktor-lukashenko", "person", "Viktor Lukashenko"),
    subject("by.kgb", "government", "State Security Committee of the Republic of Belarus", weak="KGB"),
    subject("by.development-bank", "organisation", "Development Bank of the Republic of Belarus"),
    subject("by.republic-of-belarus", "government", "Republic of Belarus"),
    subject("by.558-repair-plant", "organisation", "558 Aircraft Repair Plant"),
    subject("by.bpc", "organisation", "Belarusian Potash Company"),
    subject("by.rada", "organisation", "RADA Airlines"),
    subject("aircraft.ew-366pa", "aircraft", "EW-366PA", registration="EW-366PA", serial="40876"),
    subject("aircraft.ew-001pa", "aircraft", "EW-001PA", registration="EW-001PA"),
)
SCREENER = Screener(RECORDS, common_words=["Belarus", "Minsk"])
ANY_NAME = st.text(st.characters(), max_size=80)


def first(name: str) -> Candidate:
    return SCREENER.screen(name)[0]


@pytest.mark.parametrize(
    "name",
    [
        "Belavia",
        "Белавиа",
        "Белавія",
        "Belavia JSC",
        "JSC Belavia",
        "Авиакомпания Белавиа, ОАО",
        "Belavia – Belarusian Airlines",
        "Веlаvіа",
    ],
)
def test_the_same_name(name: str) -> None:
    assert (first(name).subject, first(name).verdict, first(name).score) == ("by.belavia", "same", 100)


@pytest.mark.parametrize(
    "name",
    [
        "BELAVIA - Belarusian Airlines, 14A Nemiga Str., Minsk 220004",
        "Balavia Belarussian Airlines",
        "Belavija Airlains",
        "Bela Via",
        "B E L A V I A",
        "Be1avia",
        "Belvaia",
        "Belavia Belarusian",
        "Агентство «Белавиа» в Москве",
        "Payment to Belavia for landing gear",
    ],
)
def test_near_is_possible(name: str) -> None:
    assert (first(name).subject, first(name).verdict) == ("by.belavia", "possible")
    assert first(name).score < 100


@pytest.mark.parametrize(
    "name",
    [
        "Bela Via Tours Ltda, Sao Paulo",
        "Batavia Air, Jakarta",
        "Belarusian State University",
        "Belarusian Airlines",
        "Air Company Trading",
        "State Bank",
        "Ohio Jet Parts LLC",
        "Viktor Petrov",
        "Bolivia",
        "Potash Logistics",
        "EW-367PA",
        "",
    ],
)
def test_strangers(name: str) -> None:
    assert SCREENER.screen(name) == ()


@pytest.mark.parametrize("name", ["EW-366PA", "EW366PA", "ew 366 pa", "ЕW-366РА", "EW-366PA."])
def test_aircraft_by_registration(name: str) -> None:
    for kind in (None, "aircraft"):
        assert SCREENER.screen(name, kind=kind)[0].subject == "aircraft.ew-366pa"
        assert SCREENER.screen(name, kind=kind)[0].verdict == "same"


def test_an_aircraft_named_with_its_type() -> None:
    assert SCREENER.screen("Boeing 737-800 EW-366PA", kind="aircraft")[0].verdict == "same"
    assert SCREENER.screen("Boeing 737-800 EW-366PA")[0].verdict == "possible"
    assert first("EW-OO1PA").subject == "aircraft.ew-001pa"


def test_a_party_is_no_aircraft() -> None:
    assert SCREENER.screen("EW-366PA", kind="organisation") == ()
    assert SCREENER.screen("Belavia", kind="aircraft") == ()


def test_an_identifier_in_common_decides() -> None:
    found = SCREENER.screen("Some Airline", identifiers={"unp": "600 390 798"})
    assert found == (Candidate("by.belavia", "same", 100, "identifier in common: unp 600390798"),)
    assert SCREENER.screen("Some Airline", identifiers={"lei": "600390798"}) == ()


def test_people_in_either_order() -> None:
    assert first("LUKASHENKO, Viktor").verdict == "same"
    assert {found.subject for found in SCREENER.screen("Lukashenko")} == {
        "by.viktor-lukashenko",
        "by.alexander-lukashenko",
    }


def test_a_weak_alias_is_only_possible() -> None:
    assert (first("KGB").subject, first("KGB").verdict) == ("by.kgb", "possible")
    assert "weak alias `KGB`" in first("KGB").reason


def test_generic_names_match_as_a_whole() -> None:
    assert first("Development Bank of the Republic of Belarus").verdict == "same"
    assert first("Develpment Bank of Belarus").subject == "by.development-bank"


@pytest.mark.parametrize("name", ["Belarusian Potash", "Belarus Potash Company", "Belarusian Potash Copmany"])
def test_near_a_name_of_generic_words(name: str) -> None:
    assert (first(name).subject, first(name).verdict) == ("by.bpc", "possible")
    assert first("Belarusian Potash Co.").verdict == "same"


def test_countries_move_the_score_and_never_make_less_of_the_same() -> None:
    here = SCREENER.screen("Belavia Technics", countries=["BY"])[0].score
    nowhere = SCREENER.screen("Belavia Technics")[0].score
    elsewhere = SCREENER.screen("Belavia Technics", countries=["BR"])[0].score
    assert here > nowhere > elsewhere
    assert SCREENER.screen("Belavia", countries=["BR"])[0].verdict == "same"


def test_the_reason_names_words_and_leftovers() -> None:
    assert first("Balavia Technics").reason == (
        "near the alias `Belavia`: `balavia` for `belavia`; not in it: `technics`"
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "x" * 10_000_000,
        "\ud800" * 1_000_000,
        "a\u0301" * 1_000_000,
        "a" + "\u0301" * 10_000,
        "\u202e\u2066" * 1_000_000,
        "\x00\x01" * 100,
        "ﷺ" * 10_000,
        "a b " * 1_000_000,
        " " * 10_000_000,
    ],
    ids=lambda text: repr(text[:2]),
)
def test_hostile_input_is_bounded(hostile: str) -> None:
    assert all(found.verdict == "possible" for found in SCREENER.screen(hostile))


def test_a_cut_name_is_never_better_than_possible() -> None:
    assert all("only the first 1,000 letters" in c.reason for c in SCREENER.screen("Belavia " + "x" * 2_000))
    assert SCREENER.screen("Belavia" + " " * 2_000)[0].verdict == "same"
    assert SCREENER.screen("x" * 2_000, identifiers={"unp": "600390798"})[0].verdict == "same"


@settings(deadline=None)
@given(ANY_NAME, st.sampled_from([None, "person", "organisation", "aircraft"]), st.lists(st.text(max_size=3)))
def test_never_raises_and_answers_the_same(name: str, kind: str | None, countries: list[str]) -> None:
    found = SCREENER.screen(name, kind=kind, countries=countries)
    again = Screener(reversed(RECORDS), ["Minsk", "Belarus"])
    assert again.screen(name, kind=kind, countries=countries[::-1]) == found


@settings(deadline=None)
@given(
    st.text(st.characters(categories=["L", "N", "P", "S", "M", "Zs"]), min_size=1, max_size=40),
    st.sampled_from(["person", "organisation", "aircraft"]),
)
def test_a_recorded_name_finds_itself(name: str, kind: str) -> None:
    if not any(letter.isalnum() for letter in name):
        return
    found = Screener([*RECORDS, subject("it", kind, name)]).screen(name)
    assert any(candidate.subject == "it" and candidate.verdict == "same" for candidate in found)


def test_it_travels_to_other_processes() -> None:
    assert pickle.loads(pickle.dumps(SCREENER)).screen("Belavia") == SCREENER.screen("Belavia")


BORN = Subject(
    "by.ivan-petrenka",
    "person",
    (Named("Ivan Petrenka", "primary"),),
    {"passport": "MP1234567"},
    {"country": "BY", "birth_date": "1970-05-02", "address": "14A Nemiga Street, Minsk"},
)


def test_a_person_born_on_another_day_is_only_possible() -> None:
    screener = Screener([*RECORDS, BORN])
    assert screener.screen("Ivan Petrenka", birth_dates=["1970"])[0].verdict == "same"
    (found,) = screener.screen("Ivan Petrenka", birth_dates=["1991-01-17"])
    assert (found.subject, found.verdict) == (BORN.id, "possible")
    assert "born 1991-01-17, recorded 1970-05-02" in found.reason
    assert ("birth date", 30.0) in found.features
    assert screener.screen("Ivan Petrenka", birth_dates=["1991-01-17"], identifiers={"passport": "MP 1234567"})[0] == (
        Candidate(BORN.id, "same", 100, "identifier in common: passport MP1234567")
    )


def test_what_is_known_beside_a_near_name_moves_it() -> None:
    screener = Screener([*RECORDS, BORN])
    (alone,) = screener.screen("Iwan Pietrenka", kind="person")
    (born,) = screener.screen("Iwan Pietrenka", kind="person", birth_dates=["1970-05-02"])
    (lives,) = screener.screen("Iwan Pietrenka", kind="person", addresses=["Nemiga str. 14A, Minsk"])
    assert alone.score < lives.score < born.score < 100
    assert screener.screen("Iwan Pietrenka", kind="person", birth_dates=["1991-01-17"]) == ()


def test_where_one_is_the_same_those_near_by_common_words_are_silent() -> None:
    banks = [
        subject("by.belaruskali", "organisation", "Belaruskali"),
        subject("by.belarusbank", "organisation", "Belarusbank"),
        subject("by.savings", "organisation", "Belarusian Savings Bank"),
    ]
    screener = Screener(banks, ["Belarus"])
    assert [found.subject for found in screener.screen("Belaruskali")] == ["by.belaruskali"]
    assert screener.screen("Erie Savings Bank") == ()


def test_records_are_looked_up_only_when_they_are_candidates(tmp_path: Path) -> None:
    ordered = sorted(RECORDS, key=lambda record: record.id)
    names = [entry for owner, record in enumerate(ordered) for entry in entries_of(owner, record)]
    codes = [code for owner, record in enumerate(ordered) for code in codes_of(owner, record)]
    Index.of(names, codes).save(tmp_path)
    looked_up: list[int] = []

    class Register(Sequence[Subject]):
        def __len__(self) -> int:
            return len(ordered)

        def __getitem__(self, number: int) -> Subject:  # type: ignore[override]
            looked_up.append(number)
            return ordered[number]

    register = Screener(Register(), ["Belarus", "Minsk"], index=Index.load(tmp_path))
    for name in ("Belavia", "Balavia Technics", "EW-366PA", "LUKASHENKO, Viktor", "nobody at all"):
        looked_up.clear()
        assert register.screen(name) == SCREENER.screen(name)
        assert len(set(looked_up)) <= 3


def test_a_threshold_beyond_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="from 50 to 100"):
        Screener(RECORDS, threshold=7)


@pytest.mark.parametrize("name", ["\ue000\ue001\ue002", "☃☃", "𓀀𓀁"])
def test_a_name_that_cannot_be_read_is_its_signs(name: str) -> None:
    screener = Screener([*RECORDS, subject("it", "organisation", name)])
    assert [found.subject for found in screener.screen(name)] == ["it"]


def test_who_is_the_same_on_one_list_may_be_like_an_entry_of_another() -> None:
    records = [
        subject("a.list:1", "organisation", "Zubr Ferrous Alloys"),
        subject("a.list:2", "organisation", "Zubr Ferous Aloys Works"),
        subject("b.list:1", "organisation", "Zubr Ferous Aloys Works"),
    ]
    found = {c.subject: c for c in Screener(records).screen("Zubr Ferrous Alloys")}
    assert found["a.list:1"].verdict == "same"
    assert "b.list:1" in found
    alone = {c.subject: c.score for c in Screener(records[1:]).screen("Zubr Ferrous Alloys")}
    assert ("a.list:2" in found) is (alone["a.list:2"] >= 85)  # on one list the same one is meant


@pytest.mark.parametrize("asked", ["Harbour Bank", "HarbourBank", "Doria Bank", "Harbour Bank Doria Branch"])
def test_a_look_up_shows_whose_name_has_all_that_is_known_of_it(asked: str) -> None:
    doria = subject("xd.harbour-bank", "organisation", "Harbour Bank of Doria")
    screener = Screener([*RECORDS, doria, subject("xx.mill", "organisation", "Mill Street Bakery")])
    near = screener.nearby(asked)
    assert "xd.harbour-bank" in {candidate.subject for candidate in (*screener.screen(asked), *near)}
    assert "xx.mill" not in {candidate.subject for candidate in near}


@given(st.text(max_size=30), st.sampled_from([None, "person", "organisation", "aircraft"]))
@settings(max_examples=50)
def test_a_look_up_is_bounded_and_its_answers_are_near(name: str, kind: str | None) -> None:
    near = SCREENER.nearby(name, kind)
    assert len(near) <= 10 and {candidate.verdict for candidate in near} <= {"near"}
    assert [c.score for c in near] == sorted((c.score for c in near), reverse=True)


def test_what_is_near_is_no_candidate_of_a_decision() -> None:
    assert SCREENER.nearby("Belarusian Airlines") and not SCREENER.screen("Belarusian Airlines")
