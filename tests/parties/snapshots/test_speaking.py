"""Who speaks for a list on which day, what a shorter form takes away (nothing), and what was known when."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carveout.engine.parties.snapshots.asking import Answer, find, listed_on
from carveout.engine.parties.snapshots.names import folded
from carveout.engine.parties.snapshots.publications import Publications
from carveout.engine.parties.snapshots.speaking import History, fingerprint, histories, state_of, stretches
from carveout.engine.parties.snapshots.store import Snapshots

from .samples import Take, csl_json, sdn_csv, sdn_xml, several

SDN = "Specially Designated Nationals (SDN) - Treasury Department"
MAY, JUNE, JULY = date(2024, 5, 1), date(2024, 6, 1), date(2024, 7, 1)
BELAVIA = {"44541": ("BELAVIA BELARUSIAN AIRLINES", "BELARUS", "Belavia, JSC")}


def asked(store: Snapshots, known: Publications, text: str, on: date, until: date | None = None) -> list[Answer]:
    with store.reading() as view:
        return listed_on(view, known, find(view, text), on, until)


def said(store: Snapshots, known: Publications, text: str, on: date, until: date | None = None) -> str:
    [answer] = asked(store, known, text, on, until)
    return answer.listed


def test_listed_from_one_snapshot_to_the_next_as_known_then(
    taking: Take, store: Snapshots, known: Publications
) -> None:
    taking(sdn_xml(MAY, several(20)))
    taking(sdn_xml(JUNE, {**several(20), **BELAVIA}))
    taking(sdn_xml(JULY, several(20)))
    day = timedelta(days=1)
    assert said(store, known, "44541", MAY - day) == "unknown"
    assert said(store, known, "44541", MAY) == said(store, known, "44541", JUNE - day) == "no"
    assert said(store, known, "44541", JUNE) == said(store, known, "44541", JULY - day) == "yes"
    assert said(store, known, "44541", JULY) == said(store, known, "44541", JULY + 900 * day) == "no"
    # as it was known: the newest file published by then goes on speaking
    assert said(store, known, "44541", JUNE, JUNE - day) == "no"
    assert said(store, known, "44541", JULY, JULY - day) == "yes"
    assert said(store, known, "44541", MAY, MAY - day) == "unknown"
    [answer] = asked(store, known, "44541", JUNE)
    assert answer.speaks is not None and answer.speaks.published == JUNE
    [spell] = answer.history.spells
    assert (spell.begins, spell.ends, spell.standing, spell.snapshot.published) == (JUNE, JULY, "listed", JUNE)


@pytest.mark.parametrize("name", ["belavia jsc", "Belavia, JSC", "JSC «Bélavia»", "airlines belarusian BELAVIA"])
def test_a_name_is_found_by_its_words(name: str, taking: Take, store: Snapshots, known: Publications) -> None:
    taking(sdn_xml(MAY, {**several(20), **BELAVIA}))
    assert said(store, known, name, MAY) == "yes"
    assert asked(store, known, "Belavia Services", MAY) == []


@given(st.text(max_size=60))
def test_folding_is_settled_and_ignores_order(name: str) -> None:
    assert folded(folded(name)) == folded(name)
    assert folded(" ".join(reversed(name.split()))) == folded(" ".join(name.split()))


def test_the_authority_s_own_publication_speaks_before_a_copy(
    taking: Take, store: Snapshots, known: Publications
) -> None:
    taking(csl_json(MAY, [(SDN, "1", "Ada Ltd", "RED"), (SDN, "2", "Bea Ltd", "RED")]))
    taking(sdn_xml(JUNE, {"2": ("Bea Ltd", "RED"), "3": ("Cia Ltd", "RED")}))
    with store.reading() as view:
        told = stretches("us.ofac.sdn", view.snapshots(), known)
    assert [(x.begins, x.speaks.publication, x.own) for x in told] == [
        (MAY, "us.csl", False), (JUNE, "us.ofac.sdn", True),
    ]  # fmt: skip
    assert said(store, known, "1", MAY) == "yes" and said(store, known, "1", JUNE) == "no"
    assert said(store, known, "3", MAY) == "no" and said(store, known, "3", JUNE) == "yes"


def test_a_younger_copy_that_says_otherwise_raises_a_doubt(taking: Take, store: Snapshots, known: Publications) -> None:
    taking(sdn_xml(MAY, {str(n): (f"Firm {n}", "RED") for n in range(1, 21)}))
    copy = [(SDN, str(n), f"Firm {n}", "RED") for n in range(2, 21)]
    taking(csl_json(JUNE, [*copy, (SDN, "99", "Newly Listed", "RED")]))
    assert said(store, known, "1", MAY) == said(store, known, "2", JUNE) == "yes"
    assert said(store, known, "1", JUNE) == "disputed"  # off the copy, still on the list
    assert said(store, known, "99", JUNE) == "disputed"  # on the copy, not yet on the list
    taking(sdn_xml(JULY, {**{str(n): (f"Firm {n}", "RED") for n in range(2, 21)}, "99": ("Newly Listed", "RED")}))
    assert said(store, known, "1", JULY) == "no" and said(store, known, "99", JULY) == "yes"
    assert said(store, known, "99", JUNE) == "disputed"  # and it stays what it was on that day


def test_an_entry_numbered_otherwise_in_a_copy_is_no_doubt(taking: Take, store: Snapshots, known: Publications) -> None:
    taking(sdn_xml(MAY, {"1": ("Ada Ltd", "RED", "Ada Limited"), "2": ("Bea", "RED")}))
    taking(csl_json(JUNE, [(SDN, "x1", "ADA LIMITED", "RED"), (SDN, "2", "Bea", "RED")]))
    assert said(store, known, "1", JUNE) == "yes"


def test_a_shorter_form_takes_no_alias_away(taking: Take, store: Snapshots, known: Publications) -> None:
    rows = {**several(20), **BELAVIA}
    taking(sdn_xml(MAY, rows))
    taking(sdn_csv(rows), published=JUNE, confirmed="the long form could not be had")
    with store.reading() as view:
        [history] = histories(view, known, entries=find(view, "44541"))
    [first, second] = history.spells
    assert not first.fuller and second.fuller and second.ends is None
    assert [x.name for x in second.entry.names] == ["BELAVIA BELARUSIAN AIRLINES", "Belavia, JSC"]
    # one that the long form never had stands as the short one has it
    taking(sdn_csv({**rows, "7000": ("Nova Ltd", "RED")}), published=JULY)
    with store.reading() as view:
        [history] = histories(view, known, entries=find(view, "7000"))
    assert [x.name for x in history.spells[0].entry.names] == ["Nova Ltd"] and not history.spells[0].fuller


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_histories_say_day_by_day_what_the_snapshots_say(data: st.DataObject, known: Publications) -> None:
    """Against the plain meaning: the newest snapshot on or before the day."""
    import tempfile
    from pathlib import Path

    from carveout.engine.parties.snapshots.taking import Offer, take

    from .samples import NOW

    days = sorted(data.draw(st.sets(st.integers(0, 9), min_size=1, max_size=5)))
    states = {n: data.draw(st.sets(st.integers(1, 6), min_size=1)) for n in days}
    with tempfile.TemporaryDirectory() as folder:
        store, path = Snapshots(Path(folder) / "lists"), Path(folder) / "list"
        for n in data.draw(st.permutations(days)):
            path.write_text(sdn_xml(MAY + timedelta(days=n), {str(x): (f"Firm {x}", "RED") for x in states[n]}))
            take(store, known, Offer([path], confirmed="drawn"), now=NOW)
        until = data.draw(st.integers(0, 9))
        limit = MAY + timedelta(days=until)
        with store.reading() as view:
            told = {x.uid: x for x in histories(view, known, until=limit)}
            alone = [*histories(view, known, until=limit, entries={("us.ofac.sdn", "3")})]
        assert alone == [told["3"]] if "3" in told else not alone
        for n in range(11):
            day = MAY + timedelta(days=n)
            speaking = [x for x in days if x <= min(n, until)]
            listed = states[speaking[-1]] if speaking else set()
            for x in range(1, 7):
                spells = told[str(x)].spells if str(x) in told else ()
                counts = [s for s in spells if s.begins <= day and (s.ends is None or day < s.ends)]
                assert len(counts) == (x in listed)


def test_the_fingerprint_is_of_the_state_and_not_of_the_way_to_it(
    taking: Take, store: Snapshots, known: Publications
) -> None:
    from carveout.engine.parties.snapshots.taking import Offer, take

    from .samples import NOW

    def fingerprint_of(kept: Snapshots, order: Publications = known) -> str:
        with kept.reading() as view:
            return fingerprint(view, order)

    empty = fingerprint_of(store)
    taking(sdn_xml(MAY, several(20)))
    one = fingerprint_of(store)
    taking(sdn_xml(MAY, several(20)))
    assert fingerprint_of(store) == one != empty
    taking(sdn_xml(JUNE, several(21)))
    both = fingerprint_of(store)
    other = Snapshots(store.folder.parent / "other")
    for day, count in ((JUNE, 21), (MAY, 20)):
        path = store.folder.parent / "list"
        path.write_text(sdn_xml(day, several(count)))
        take(other, known, Offer([path]), now=NOW)
    assert fingerprint_of(other) == both != one
    assert fingerprint_of(other, Publications(known.of, {"us.ofac.sdn": ["us.csl"]})) != both
    # what is too old is said in an answer, so a limit that the user sets is part of what it was made with
    about = known.get("us.ofac.sdn")
    strict = Publications(
        {**known.of, "us.ofac.sdn": about.model_copy(update={"stale_after": timedelta(hours=1)})}, known.lists
    )
    assert fingerprint_of(other, strict) != both


def test_every_state_is_found_again_by_its_fingerprint(taking: Take, store: Snapshots, known: Publications) -> None:
    told: dict[str, list[History]] = {}
    for rows in (several(20), {**several(20), **BELAVIA}, several(21)):
        taking(sdn_xml(MAY if not told else JUNE if len(told) == 1 else date(2024, 5, 15), rows))  # the last comes late
        with store.reading() as view:
            told[fingerprint(view, known)] = list(histories(view, known))
    assert len(told) == 3

    with store.reading() as view:
        for wanted, then in told.items():
            state = state_of(view, known, wanted)
            assert state is not None and fingerprint(state, known) == wanted
            assert list(histories(state, known)) == then
        assert state_of(view, known, "0" * 64) is None
        assert state_of(view, Publications(lists={"us.ofac.sdn": ["us.csl"]}), wanted) is None
