"""Files are taken whole, once, each in its place in time; what was given is kept byte for byte."""

import gzip
import random
import sqlite3
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carveout.engine.parties.lists.entry import Address, Identifier, ListedName, ListEntry
from carveout.engine.parties.lists.guard import ListRefused
from carveout.engine.parties.snapshots.coding import decode, encode
from carveout.engine.parties.snapshots.comparison import compare
from carveout.engine.parties.snapshots.model import SnapshotsError
from carveout.engine.parties.snapshots.originals import opened
from carveout.engine.parties.snapshots.plausibility import Implausible
from carveout.engine.parties.snapshots.store import FILE, Snapshots

from .samples import NOW, Take, sdn_csv, sdn_xml, several

DAY = date(2024, 5, 7)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
several_texts = st.lists(texts, max_size=3).map(tuple)
entries = st.builds(
    ListEntry,
    list=texts, uid=texts, kind=st.sampled_from(["person", "organisation", "unknown"]),
    names=st.lists(
        st.builds(ListedName, texts, st.sampled_from(["primary", "alias", "weak"]), texts, texts), max_size=3
    ).map(tuple),
    programmes=several_texts, countries=several_texts, birth_dates=several_texts, birth_places=several_texts,
    identifiers=st.lists(st.builds(Identifier, texts, texts, texts, texts), max_size=3).map(tuple),
    addresses=st.lists(st.builds(Address, texts, texts, texts), max_size=3).map(tuple),
    listed_on=texts, updated_on=texts, ends_on=texts, remarks=texts, details=st.dictionaries(texts, texts, max_size=3),
)  # fmt: skip


@given(entries)
def test_an_entry_is_kept_without_loss(entry: ListEntry) -> None:
    assert decode(encode(entry)) == entry


def test_what_is_kept_is_what_was_read(taking: Take, store: Snapshots) -> None:
    rows = {"7": ("Ромашка ООО", "RED", "Romashka LLC", "=cmd|' /C calc'!A0"), "9": ("Firm \x1b[31m", "BLUE")}
    text = sdn_xml(DAY, rows).replace("\x1b", "")
    taken = taking(text, source="https://example.org/SDN.XML")

    with store.reading() as view:
        [snapshot] = view.snapshots()
        held = view.entries(snapshot)
    assert taken.new and taken.newest and taken.snapshot == snapshot
    assert (snapshot.publication, snapshot.published, snapshot.dated_by) == ("us.ofac.sdn", DAY, "file")
    assert (snapshot.format, snapshot.rows, snapshot.counts) == ("ofac-xml", 2, {"us.ofac.sdn": 2})
    assert (snapshot.source, snapshot.taken_at) == ("https://example.org/SDN.XML", NOW)
    assert [x.name for x in held[0].names] == ["Ромашка ООО", "Romashka LLC", "=cmd|' /C calc'!A0"]
    [original] = snapshot.originals
    with opened(store.folder, original) as file:
        assert file.read() == text.encode()


def test_packed_bytes_are_kept_as_they_are(taking: Take, store: Snapshots) -> None:
    packed = gzip.compress(sdn_xml(DAY, several(3)).encode())
    [original] = taking(packed).snapshot.originals
    with opened(store.folder, original) as file:
        assert file.read() == packed


def test_the_same_file_twice_is_one_snapshot(taking: Take, store: Snapshots) -> None:
    text = sdn_xml(DAY, several(3))
    first, again = taking(text), taking(gzip.compress(text.encode()))
    assert first.new and not again.new and again.snapshot == first.snapshot
    with store.reading() as view:
        assert len(view.snapshots()) == 1
        assert [x.outcome for x in view.visits("us.ofac.sdn")] == ["unchanged", "taken"]


def test_the_same_content_of_another_day_speaks_for_that_day(taking: Take) -> None:
    text = sdn_csv(several(3))
    assert taking(text, published=DAY).new
    assert taking(text, published=DAY + timedelta(days=3)).new
    # a day that nobody stated, such as that of a server, does not make another list of the same bytes
    assert not taking(text, otherwise=DAY + timedelta(days=9)).new


def test_an_older_file_is_history_in_its_place(taking: Take, store: Snapshots) -> None:
    taking(sdn_xml(DAY, several(12)))
    older = taking(sdn_xml(DAY - timedelta(days=30), several(11)))
    assert older.new and not older.newest
    with store.reading() as view:
        assert [x.published for x in view.snapshots()] == [DAY - timedelta(days=30), DAY]


def test_a_state_that_returns_is_kept_each_time(taking: Take, store: Snapshots) -> None:
    one, other = several(12), several(13)
    for rows in (one, other, one, other):
        taking(sdn_xml(DAY, rows), confirmed="seen on the page")
    with store.reading() as view:
        held = view.snapshots()
        assert [x.entries for x in held] == [12, 13, 12, 13] and len({x.key for x in held}) == 4


def test_an_entry_is_stored_once_however_many_snapshots_hold_it(taking: Take, store: Snapshots) -> None:
    for number in range(5):
        taking(sdn_xml(DAY + timedelta(days=number), several(30 + number)))
    connection = sqlite3.connect(store.folder / FILE)
    assert connection.execute("SELECT count(*) FROM version").fetchone() == (34,)
    connection.close()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_the_order_of_rows_says_nothing(seed: int, taking: Take, store: Snapshots) -> None:
    rows = several(20)
    taking(sdn_xml(DAY, rows))
    order = list(rows)
    random.Random(seed).shuffle(order)
    again = taking(sdn_xml(DAY, {uid: rows[uid] for uid in order}))
    assert not again.new
    with store.reading() as view:
        assert len(view.snapshots()) == 1


def test_nothing_is_changed_or_removed(taking: Take, store: Snapshots) -> None:
    taking(sdn_xml(DAY, several(3)))
    connection = sqlite3.connect(store.folder / FILE)
    for table in ("snapshot", "version", "name", "visit"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET rowid = 9" if table != "name" else ""):
            if statement:
                with pytest.raises(sqlite3.IntegrityError, match="never changed or removed"):
                    connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("text", ["", "<html><body>Maintenance</body></html>", "a,b\n1,2\n", '{"error": "quota"}'])
def test_what_is_no_list_leaves_nothing_behind(text: str, taking: Take, store: Snapshots) -> None:
    with pytest.raises(ListRefused):
        taking(text, published=DAY)
    assert not store.folder.exists()


def test_half_a_letter_is_refused_whole(taking: Take, store: Snapshots) -> None:
    taking(sdn_xml(DAY, several(3)))
    text = (
        '{"downloaded_at": "2024-05-08", "entry_count": 1, "entries": '
        '[{"uid": "1", "name": "\\ud800", "aliases": [], "program": "RED", "type": "-0-"}]}'
    )
    with pytest.raises(ListRefused):
        taking(text, confirmed="whatever")
    with store.reading() as view:
        assert len(view.snapshots()) == 1


def test_a_damaged_state_is_said_to_be_so(taking: Take, store: Snapshots) -> None:
    taking(sdn_xml(DAY, several(3)))
    (store.folder / FILE).write_bytes(b"no database at all" * 300)
    for ending in ("-wal", "-shm"):
        (store.folder / (FILE + ending)).unlink(missing_ok=True)
    with pytest.raises(SnapshotsError, match="damaged: put back a copy"), store.reading() as view:
        view.snapshots()


def test_a_file_of_another_publication_than_was_asked_for_is_refused(taking: Take) -> None:
    with pytest.raises(ListRefused, match=r"is a file of us\.ofac\.sdn, and eu\.fsf was asked for"):
        taking(sdn_xml(DAY, several(3)), expected="eu.fsf", source="https://example.org")


def test_comparison_names_what_changed() -> None:
    def entry(uid: str, name: str, *programmes: str) -> ListEntry:
        return ListEntry("x", uid, "organisation", (ListedName(name), ListedName("Other", "alias")), programmes)

    before = [entry("1", "Ada"), entry("2", "Bea", "A", "B"), entry("3", "Cia"), entry("4", "Dot")]
    after = [entry("5", "Eva"), entry("2", "Bea", "B", "A"), entry("3", "Cio"), entry("1", "Ada", "C")]
    found = compare(before, after)
    assert [x.uid for x in found.added] == ["5"] and [x.uid for x in found.removed] == ["4"]
    assert [(x.after.uid, x.fields) for x in found.changed] == [("1", ("programmes",)), ("3", ("names",))]
    assert [x.after.uid for x in found.renamed] == ["3"]
    assert not compare(before, reversed(before))


def test_implausible_is_refused_until_a_reason_is_given(taking: Take, store: Snapshots) -> None:
    taking(sdn_xml(DAY, several(40)))
    half = sdn_xml(DAY + timedelta(days=1), several(15))
    for reason in ("", "   "):
        with pytest.raises(Implausible):
            taking(half, confirmed=reason)
    with store.reading() as view:
        assert [x.entries for x in view.snapshots()] == [40]
    taken = taking(half, confirmed="programme RED was ended by an order of that day").snapshot
    assert taken.confirmed.startswith("programme RED") and any("15 entries" in x for x in taken.doubts)
