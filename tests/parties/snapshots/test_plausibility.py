"""What is believed at once, and what waits for a person's reason."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carveout.engine.parties.lists.guard import ListRefused
from carveout.engine.parties.snapshots.plausibility import Implausible
from carveout.engine.parties.snapshots.publications import Publication, Publications
from carveout.engine.parties.snapshots.store import Snapshots
from carveout.engine.parties.snapshots.taking import Offer, take

from .samples import NOW, Rows, Take, csl_json, sdn_csv, sdn_xml, several

DAY = date(2024, 5, 7)
NEXT = DAY + timedelta(days=1)


def without(rows: Rows, *uids: int) -> Rows:
    return {uid: x for uid, x in rows.items() if int(uid) not in uids}


def test_a_list_that_grows_or_loses_a_few_is_believed(taking: Take) -> None:
    taking(sdn_xml(DAY, several(40)))
    assert taking(sdn_xml(NEXT, several(60))).new
    assert taking(sdn_xml(NEXT + timedelta(days=1), without(several(60), 3, 17, 30))).new


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (several(15), "us.ofac.sdn has 15 entries, and had 40"),
        (several(29), "it has 29 entries, 11 fewer than on 2024-05-07"),
        (several(40, start=1000), "has 40 of the 40 entries of 2024-05-07 no more"),
        (several(40, "BLUE"), r"no entry is under us.ofac.sdn/RED \(40 on 2024-05-07\) any more"),
    ],
    ids=["half gone", "a quarter gone", "numbered anew", "programme gone"],
)
def test_what_lost_too_much_is_not_believed(rows: Rows, why: str, taking: Take) -> None:
    taking(sdn_xml(DAY, several(40)))
    with pytest.raises(Implausible, match=why):
        taking(sdn_xml(NEXT, rows))


@pytest.mark.parametrize("left", [37, 39])
def test_rows_that_stand_alone_must_not_end_early(left: int, taking: Take) -> None:
    taking(sdn_csv(several(40)), published=DAY)
    with pytest.raises(Implausible, match=rf"just the last .* are missing \({40 - left}\): was it cut short"):
        taking(sdn_csv(several(left)), published=NEXT)
    assert taking(sdn_csv(without(several(40), 20)), published=NEXT).new


def test_more_than_twice_as_many_are_not_believed(taking: Take) -> None:
    taking(sdn_xml(DAY, several(100)))
    with pytest.raises(Implausible, match="201 entries, more than twice the 100"):
        taking(sdn_xml(NEXT, several(201)))


def test_a_list_that_vanished_is_not_believed_however_short_it_was(taking: Take) -> None:
    sdn, other = "Specially Designated Nationals (SDN) - Treasury Department", "Unverified List (UVL) - BIS"
    rows = [(sdn, str(n), f"Firm {n}", "RED") for n in range(30)]
    taking(csl_json(DAY, [*rows, (other, "u1", "Somebody", "")]))
    with pytest.raises(Implausible, match=r"us\.bis\.unverified has 0 entries, and had 1"):
        taking(csl_json(NEXT, rows))


def test_another_format_and_fewer_fields_are_not_believed(taking: Take) -> None:
    taking(sdn_xml(DAY, several(40)))
    with pytest.raises(Implausible) as refused:
        taking(sdn_csv(several(40)), published=NEXT)
    assert any("the format is ofac-csv, and was ofac-xml" in x for x in refused.value.doubts)
    assert any("does not say all of addresses, countries, names, remarks" in x for x in refused.value.doubts)


def test_days_must_be_possible(taking: Take) -> None:
    with pytest.raises(Implausible, match="still to come"):
        taking(sdn_xml(NOW.date() + timedelta(days=2), several(3)))
    assert taking(sdn_xml(NOW.date() + timedelta(days=1), several(3))).new  # it is tomorrow already east of here
    with pytest.raises(Implausible, match="before there were such lists"):
        taking(sdn_csv(several(3)), published=date(1024, 5, 7))


def test_entries_listed_after_the_day_of_the_file_are_noticed(taking: Take) -> None:
    text = (
        '"Name"\t"Street_Address"\t"City"\t"State"\t"Country"\t"Postal_Code"\t"Effective_Date"\t"Expiration_Date"\t'
        '"Standard_Order"\t"Last_Update"\t"Action"\t"FR_Citation"\n'
        '"BELAVIA"\t""\t"MINSK"\t""\t"BY"\t""\t"06/16/2022"\t"12/13/2022"\t"Y"\t"2022-06-21"\t"ADDED"\t"87 FR 36782"\n'
    )
    with pytest.raises(Implausible, match="1 of its entries was listed later"):
        taking(text, published=date(2021, 1, 1))
    assert taking(text, published=date(2022, 6, 21)).new


def test_a_second_file_of_one_day_may_add_and_not_remove(taking: Take) -> None:
    taking(sdn_xml(DAY, several(40)))
    assert taking(sdn_xml(DAY, several(41))).new
    with pytest.raises(Implausible, match="1 of its entries are missing: which is the later"):
        taking(sdn_xml(DAY, without(several(41), 7)))


def test_an_older_file_must_fit_between_its_neighbours(taking: Take) -> None:
    taking(sdn_xml(DAY, several(400)))
    taking(sdn_xml(DAY + timedelta(days=10), several(400)))
    gap = sdn_xml(DAY + timedelta(days=5), without(several(400), *range(100, 120)))
    with pytest.raises(Implausible, match="20 entries are in the files of 2024-05-07 and 2024-05-17 and not in this"):
        taking(gap)


def test_what_the_authority_shows_now_is_not_older_than_what_is_held(taking: Take) -> None:
    taking(sdn_xml(NEXT, several(40)))
    with pytest.raises(Implausible, match="a file of 2024-05-08 is held already"):
        taking(sdn_xml(DAY, several(40)), current=True)
    assert taking(sdn_xml(DAY, several(40))).new
    with pytest.raises(Implausible, match="a file of 2024-05-08 is held already"):
        taking(sdn_xml(DAY, several(40)), current=True)  # though it is held itself


def test_a_first_file_must_have_a_list_s_usual_size(store: Snapshots, tmp_path: object) -> None:
    from pathlib import Path

    known = Publications({"us.ofac.sdn": Publication(at_least={"us.ofac.sdn": 50})})
    path = Path(str(tmp_path)) / "sdn.xml"
    path.write_text(sdn_xml(DAY, several(49)))
    with pytest.raises(Implausible, match="has 49 entries, and fewer than 50 are not expected"):
        take(store, known, Offer([path]), now=NOW)
    path.write_text(sdn_xml(DAY, several(50)))
    assert take(store, known, Offer([path]), now=NOW).new


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 119), ended=st.booleans())
def test_a_file_cut_at_a_line_end_is_never_believed(cut: int, ended: bool, taking: Take, store: Snapshots) -> None:
    whole = sdn_csv(several(120))
    taking(whole, published=DAY)
    lines = whole.removesuffix("\x1a").splitlines(keepends=True)
    with pytest.raises(ListRefused):
        taking("".join(lines[:cut]) + ("\x1a" if ended else ""), published=NEXT)
    with store.reading() as view:
        assert [x.entries for x in view.snapshots()] == [120]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 3_000))
def test_a_file_cut_anywhere_is_never_believed(cut: int, taking: Take, store: Snapshots) -> None:
    whole = sdn_xml(DAY, several(12))
    taking(whole)
    later = sdn_xml(NEXT, several(12)).encode()
    with pytest.raises(ListRefused):
        taking(later[: min(cut, len(later) - 2)])
    with store.reading() as view:
        assert len(view.snapshots()) == 1
