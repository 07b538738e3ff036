"""Every format: what is read of its sample."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from carveout.engine.parties.lists.entry import Identifier, ListedName, ListEntry, ListFile
from carveout.engine.parties.lists.recognise import FORMATS

Sample = Callable[[str], list[Path]]
Read = Callable[..., ListFile]
Entry = Callable[[str, str], ListEntry]

# format: publication, day (2024-01-01 where it must be given), rows, entries
SAMPLES = {
    "ofac-xml": ("us.ofac.sdn", date(2024, 5, 7), 4, 4),
    "ofac-csv": ("us.ofac.sdn", date(2024, 1, 1), 4, 4),
    "ofac-advanced": ("us.ofac.sdn", date(2024, 5, 7), 3, 3),
    "ofac-json": ("us.ofac.sdn", date(2024, 5, 7), 2, 2),
    "csl-csv": ("us.csl", date(2024, 1, 1), 6, 6),
    "csl-json": ("us.csl", date(2024, 1, 1), 3, 3),
    "csl-compact": ("us.csl", date(2026, 7, 31), 3, 3),
    "bis-denied-persons": ("us.bis.denied-persons", date(2024, 1, 1), 2, 2),
    "eu-xml": ("eu.fsf", date(2024, 5, 13), 3, 3),
    "un-xml": ("un.security-council", date(2026, 2, 27), 2, 2),
    "ofsi-csv": ("uk.ofsi", date(2020, 4, 27), 3, 2),
    "ofsi-xlsx": ("uk.ofsi", date(2022, 5, 4), 3, 2),
    "uk-xml": ("uk.sanctions-list", date(2026, 2, 13), 3, 3),
    "uk-csv": ("uk.sanctions-list", date(2026, 2, 13), 4, 3),
    "uk-ods": ("uk.sanctions-list", date(2026, 2, 13), 4, 3),
    "uk-xlsx": ("uk.sanctions-list", date(2026, 2, 13), 4, 3),
    "ca-xml": ("ca.schedule-1", date(2024, 1, 1), 3, 3),
    "ch-xml": ("ch.seco", date(2024, 1, 17), 3, 2),
    "ftm-jsonl": ("ftm", date(2024, 1, 1), 6, 3),
}


def test_every_format_has_a_sample() -> None:
    assert set(SAMPLES) == set(FORMATS)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_format_is_recognised_and_read_whole(name: str, sample: Sample, read: Read) -> None:
    found = read(*sample(name))
    assert (found.publication, found.published, found.rows, len(found.entries)) == SAMPLES[name]
    assert found.format == name
    assert len(found.digest) == 64
    for entry in found.entries:
        assert entry.uid and entry.programmes and entry.names
        assert all(listed.name == listed.name.strip() and listed.name for listed in entry.names)


def names(entry: ListEntry) -> list[tuple[str, str]]:
    return [(name.name, name.kind) for name in entry.names]


def numbers(entry: ListEntry) -> set[tuple[str, str]]:
    return {(number.kind, number.value) for number in entry.identifiers}


@pytest.mark.parametrize("name", ["ofac-xml", "ofac-csv", "ofac-advanced", "csl-csv", "csl-json", "ofac-json"])
def test_one_company_in_all_american_formats(name: str, entry: Entry) -> None:
    belavia = entry(name, "44541")
    assert belavia.kind == "organisation"
    assert belavia.statuses == ("us.ofac.sdn/BELARUS-EO14038",)
    assert names(belavia)[0] == ("OPEN JOINT STOCK COMPANY BELAVIA BELARUSIAN AIRLINES", "primary")
    if name != "ofac-json":
        assert ("tax", "600390798") in numbers(belavia)
        assert "Nemiga" in belavia.addresses[0].text


@pytest.mark.parametrize("name", ["ofac-xml", "ofac-csv", "ofac-advanced", "csl-csv"])
def test_an_aircraft_is_known_by_its_registration(name: str, entry: Entry) -> None:
    aircraft = entry(name, "44580")
    assert aircraft.kind == "aircraft"
    assert ("registration", "EW-301PJ") in numbers(aircraft)


@pytest.mark.parametrize("name", ["ofac-xml", "ofac-csv", "ofac-advanced", "csl-csv", "csl-json"])
def test_a_person_with_birth_and_passport(name: str, entry: Entry) -> None:
    person = entry(name, "2676")
    assert person.kind == "person"
    assert person.names[0].name == "AL ZAWAHIRI, Dr. Ayman"
    assert person.birth_dates[0] == "1951-06-19"
    assert person.birth_places == ("Giza, Egypt",)
    if name != "csl-json":
        assert ("passport", "1084010") in numbers(person)


@pytest.mark.parametrize("name", ["ofac-xml", "ofac-csv"])
def test_a_vessel_by_its_number(name: str, entry: Entry) -> None:
    vessel = entry(name, "4243")
    assert vessel.kind == "vessel"
    assert {("imo", "7406784"), ("call_sign", "CL2192")} <= numbers(vessel)
    assert vessel.countries == ("Panama",)


def test_weak_aliases_and_cut_remarks_of_the_csv_files(entry: Entry) -> None:
    person = entry("ofac-csv", "2676")
    assert ("THE DOCTOR", "weak") in names(person) and ("SALIM, Ahmad Fuad", "alias") in names(person)
    assert person.programmes == ("SDGT", "IFSR")
    assert person.remarks.endswith("Phone Number 123456; Gender Male.")


def test_sdn_csv_alone_says_what_is_missing(sample: Sample, read: Read) -> None:
    [alone] = [path for path in sample("ofac-csv") if path.name == "SDN.CSV"]
    assert [note.split(":")[0] for note in read(alone).notes] == [
        "without ALT.CSV",
        "without ADD.CSV",
        "without SDN_COMMENTS.CSV",
    ]
    assert read(*sample("ofac-csv")).notes == ()


def test_lists_of_the_consolidated_screening_list(entry: Entry) -> None:
    plant = entry("csl-csv", "aa01")
    assert plant.statuses == ("us.bis.entity-list/entity", "us.bis.entity-list/footnote-3")
    assert names(plant)[2] == ("140 Remontnyi Zavod", "alias")
    assert entry("csl-csv", "dd01").statuses == ("us.bis.denied-persons/general",)
    assert entry("csl-csv", "dd01").ends_on == "2022-12-13"
    assert entry("csl-json", "aa01").programmes == ("entity", "footnote-4")
    bank = entry("csl-csv", "34682")
    assert bank.statuses == ("us.ofac.ns-mbs/MBS", "us.ofac.ns-mbs/EO14024-D3")


def test_the_compact_form_keeps_its_lists_and_names_new_ones(sample: Sample, read: Read) -> None:
    assert dict(read(*sample("csl-compact")).counts) == {
        "us.ofac.sdn": 1,
        "us.bis.entity-list": 1,
        "us.csl.some-new-list-new-treasury-department": 1,
    }


def test_denied_persons_have_numbers_of_ours(sample: Sample, read: Read) -> None:
    first, second = read(*sample("bis-denied-persons")).entries
    assert first.uid != second.uid and first.uid.startswith("h")
    assert (first.listed_on, first.ends_on) == ("2022-06-16", "2022-12-13")


def test_the_european_list(entry: Entry) -> None:
    airline = entry("eu-xml", "EU.1.1/BLR")
    assert names(airline) == [("ААТ “Узор”", "primary"), ("Uzor Airlines", "weak")]
    assert airline.names[0].language == "be"
    assert airline.statuses == ("eu.annex-i/BLR",)
    assert airline.identifiers == (Identifier("company", "600000000", "regnumber"),)
    person = entry("eu-xml", "EU.2.2/TAQA")
    assert (person.kind, person.names[0].name, person.countries) == ("person", "Jean Exemple", ("FR",))
    assert person.birth_dates == ("1960~", "1958/1961")
    assert entry("eu-xml", "EU.2.2/AFG").listed_on == "2017-03-10"


def test_the_list_of_the_united_nations(entry: Entry) -> None:
    person = entry("un-xml", "CDi.901")
    assert names(person) == [
        ("ANNA EXAMPLE", "primary"),
        ("آنا مثال", "alias"),
        ("Ana Exemplo", "alias"),
        ("Anna Ex", "alias"),
        ("The Example", "weak"),
    ]
    assert person.birth_dates == ("1971~", "1968/1973")
    assert numbers(person) == {("passport", "OB0243318")}
    assert person.updated_on == "2016-10-13"
    assert entry("un-xml", "CDe.901").kind == "organisation"


def test_rows_of_one_group_are_one_entry(entry: Entry) -> None:
    person = entry("ofsi-csv", "ofsi-90001")
    assert names(person) == [("John EXAMPLE", "primary"), ("Hans Karl BEISPIEL", "alias")]
    assert (person.birth_dates, person.countries) == (("1980", "1981"), ("Germany", "Austria"))
    assert numbers(person) == {("passport", "592667")}
    assert names(entry("ofsi-csv", "ofsi-90002"))[0][0] == "EXAMPLE’S SHIPPING"
    assert numbers(entry("ofsi-csv", "ofsi-90002")) == {("imo", "8937675"), ("mmsi", "445539000")}


def test_the_workbook_shows_dates_and_runs_of_text(entry: Entry) -> None:
    person = entry("ofsi-xlsx", "ofsi-90001")
    assert ListedName("Джон Пример", "alias", "russian", "Cyrillic") in person.names
    assert (person.birth_dates, person.details["uk_sanctions_list"]) == (("1966-10",), "EXA0001")
    assert entry("ofsi-xlsx", "ofsi-90002").listed_on == "2023-04-01"


@pytest.mark.parametrize("name", ["uk-csv", "uk-ods", "uk-xlsx"])
def test_the_british_tables_say_what_the_xml_says(name: str, sample: Sample, read: Read) -> None:
    def told(file: ListFile) -> list[tuple[object, ...]]:
        return [
            (x.uid, x.kind, set(x.names), x.programmes, x.identifiers, x.birth_dates, x.addresses, x.details)
            for x in file.entries
        ]

    assert told(read(*sample(name))) == told(read(*sample("uk-xml")))


def test_british_measures_are_programmes(entry: Entry) -> None:
    assert entry("uk-xml", "EXA0002").statuses == (
        "uk.sanctions-list/asset-freeze",
        "uk.sanctions-list/technical-assistance-aircraft",
    )
    assert entry("uk-xml", "EXA0003").programmes == ("prohibition-of-port-entry",)


def test_the_canadian_list_of_either_year(sample: Sample, read: Read) -> None:
    person, works, ship = read(*sample("ca-xml")).entries
    assert person.uid == "Example/1, Part 1/1"
    assert [(name.name, name.language) for name in person.names] == [
        ("Anna Example", ""),
        ("Ana EXEMPLO", ""),
        ("Ганна Прыклад", "belarusian"),
        ("Анна Пример", "russian"),
        ("Пример-Образец", ""),
    ]
    assert [name.name for name in works.names][1:] == [
        "Example Works JSC",
        "OAO Primer",
        "Акционерное общество «Пример»",
        "Example Works, Ltd.",
    ]
    assert (ship.kind, ship.programmes, numbers(ship)) == ("vessel", ("VOEREX",), {("imo", "7612448")})


def test_the_swiss_list(sample: Sample, entry: Entry) -> None:
    person = entry("ch-xml", "100")
    assert names(person) == [
        ("Primer Alexander", "primary"),
        ("ПРИМЕР АЛЕКСАНДР", "alias"),
        ("Prymer Alexander", "alias"),
        ("Sasha", "weak"),
    ]
    assert numbers(person) == {("passport", "MP123"), ("tax", "600390798")}
    assert person.addresses[0].text == "1 Example St., Minsk, BY"
    assert (person.listed_on, person.updated_on) == ("2012-01-02", "2016-01-02")
    again = entry("ch-xml", "102")
    assert (again.kind, again.listed_on, numbers(again)) == ("vessel", "2018-03-01", {("imo", "7408873")})


def test_an_entity_of_two_data_sets_is_two_entries(sample: Sample, read: Read) -> None:
    one, other, aircraft = read(*sample("ftm-jsonl")).entries
    assert one.statuses == ("ftm.xx_sanctions/XX-ONE",)
    assert other.statuses == ("ftm.yy_sanctions/XX-ALL",)
    assert one.addresses[0].city == "Bonn"
    assert (aircraft.programmes, numbers(aircraft)) == (("XX-AIR",), {("registration", "EX-ABC")})
