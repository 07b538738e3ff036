"""The real lists as snapshots: what their README counts, and a real change (CARVEOUT_REALDATA names their folder)."""

import gzip
import os
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from carveout.engine.parties.lists.guard import ListRefused
from carveout.engine.parties.snapshots.asking import find, listed_on
from carveout.engine.parties.snapshots.comparison import compare
from carveout.engine.parties.snapshots.plausibility import Implausible
from carveout.engine.parties.snapshots.publications import Publications, read_publications
from carveout.engine.parties.snapshots.speaking import histories
from carveout.engine.parties.snapshots.status import ages, status
from carveout.engine.parties.snapshots.store import Snapshots
from carveout.engine.parties.snapshots.taking import Offer, Taken, take

REAL = os.environ.get("CARVEOUT_REALDATA", "")
pytestmark = [pytest.mark.meaning, pytest.mark.skipif(not REAL, reason="CARVEOUT_REALDATA is not set")]

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FOUR = tuple(f"us_ofac/csv_2021-07/{name}.csv.gz" for name in ("sdn", "add", "alt", "sdn_comments"))
SDN_03, SDN_09 = "us_ofac/sdn_2023-08-03.csv.gz", "us_ofac/sdn_2023-08-09.csv.gz"
# files in the order of time: publication, day, whether the file says it, entries as the README has them, why confirmed
FILES: dict[tuple[str, ...], tuple[str, date, bool, int, str]] = {
    ("uk/ofsi_conlist_2020-04-27.csv.gz",): ("uk.ofsi", date(2020, 4, 27), True, 2_114, ""),
    FOUR: ("us.ofac.sdn", date(2021, 7, 7), False, 8_976, ""),
    ("us_bis/csl_2022-05_official.csv.gz",): ("us.csl", date(2022, 5, 1), False, 14_160, ""),
    ("uk/ofsi_conlist_2022-05-04.xlsx",): ("uk.ofsi", date(2022, 5, 4), True, 3_430, "format"),
    ("us_bis/dpl_2022-09.txt",): ("us.bis.denied-persons", date(2022, 9, 1), False, 581, ""),
    (SDN_03,): ("us.ofac.sdn", date(2023, 8, 3), False, 12_800, "does not say all of"),
    (SDN_09,): ("us.ofac.sdn", date(2023, 8, 9), False, 12_817, ""),
    ("ch/seco_example_amendment.xml",): ("ch.seco", date(2024, 1, 17), True, 3, "fewer than"),
    ("us_ofac/cons_nonsdn_2024-05-06.xml.gz",): ("us.ofac.non-sdn", date(2024, 5, 6), True, 443, ""),
    ("us_ofac/sdn_2024-05-07.xml.gz",): ("us.ofac.sdn", date(2024, 5, 7), True, 14_966, "format"),
    ("eu/eu_fsf_2024-05-13_full_1_1.xml.gz",): ("eu.fsf", date(2024, 5, 13), True, 4_811, ""),
    ("ca/sema_2025-05.xml.gz",): ("ca.schedule-1", date(2025, 5, 1), False, 4_759, ""),
    ("un/un_consolidated_2026-02-27.xml.gz",): ("un.security-council", date(2026, 2, 27), True, 1_003, ""),
    ("us_ofac/sdn_2026-07-11_names_aliases_programs.json.gz",): (
        "us.ofac.sdn", date(2026, 7, 11), True, 19_143, "format",
    ),
    ("us_bis/csl_2026-07-31_compact.json.gz",): ("us.csl", date(2026, 7, 31), True, 25_921, "format"),
}  # fmt: skip
KNOWN = read_publications()


def taken(store: Snapshots, paths: tuple[str, ...], confirmed: str = "") -> Taken:
    _, day, told, _, _ = FILES[paths]
    offer = Offer([Path(REAL, x) for x in paths], published=None if told else day, confirmed=confirmed)
    return take(store, KNOWN, offer, now=NOW)


@pytest.fixture(scope="module")
def all_of_them(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshots]:
    store = Snapshots(tmp_path_factory.mktemp("real") / "lists")
    for paths, (*_, why) in FILES.items():
        if why:
            with pytest.raises(Implausible, match=why):
                taken(store, paths)
        assert taken(store, paths, "known to be right" if why else "").new
    yield store


def test_every_real_list_is_taken_with_the_counts_that_are_stated(all_of_them: Snapshots) -> None:
    with all_of_them.reading() as view:
        held = {(x.publication, x.published): x for x in view.snapshots()}
        assert {key: x.entries for key, x in held.items()} == {(x[0], x[1]): x[3] for x in FILES.values()}
        for snapshot in held.values():
            counts: dict[str, int] = {}
            for entry in view.entries(snapshot):
                counts[entry.list] = counts.get(entry.list, 0) + 1
            assert counts == snapshot.counts
    assert not taken(all_of_them, (SDN_09,)).new


def test_belavia_was_added_in_august_2023(all_of_them: Snapshots) -> None:
    with all_of_them.reading() as view:
        before, after = (x for x in view.snapshots("us.ofac.sdn") if x.published.year == 2023)
        found = compare(view.entries(before), view.entries(after))
        assert len(found.added) == 17 and not found.removed
        assert "44541" in {x.uid for x in found.added}
        entries = find(view, "44541")

        def listed(on: date, until: date | None = None) -> str:
            [answer] = listed_on(view, KNOWN, entries, on, until)
            return answer.listed

        assert listed(date(2023, 8, 8)) == "no" and listed(date(2023, 8, 9)) == "yes"
        assert listed(date(2023, 8, 9), until=date(2023, 8, 8)) == "no"
        assert listed(date(2024, 5, 7)) == listed(date(2026, 7, 10)) == "yes"
        assert listed(date(2026, 7, 11)) == listed(date(2026, 11, 23)) == "no"
        assert listed(date(2021, 7, 6)) == "unknown"
        # the short file of 2026 has no addresses: what the long one of 2024 said goes on
        [kept] = histories(view, KNOWN, entries={("us.ofac.sdn", "36")})
        assert kept.spells[-1].snapshot.format == "ofac-json"
        assert kept.spells[-1].fuller and kept.spells[-1].entry.addresses


def test_every_history_ends_in_what_speaks_now(all_of_them: Snapshots) -> None:
    with all_of_them.reading() as view:
        told = {x.uid: x for x in histories(view, KNOWN, lists=["us.ofac.sdn"])}
        some = random.Random(5).sample(sorted(told), 200)
        assert {x.uid: x for x in histories(view, KNOWN, entries={("us.ofac.sdn", uid) for uid in some})} == {
            uid: told[uid] for uid in some
        }
        last = {(x.uid, s.standing) for x in told.values() for s in x.spells if s.ends is None}
        now, disputed = ({uid for uid, word in last if word == wanted} for wanted in ("listed", "disputed"))
        newest = {x.uid for x in view.entries(view.snapshots("us.ofac.sdn")[-1])}
        copy = {x.uid for x in view.entries(view.snapshots("us.csl")[-1]) if x.list == "us.ofac.sdn"}
    assert now | disputed >= newest and now <= newest
    assert disputed <= newest ^ copy and len(disputed) > 100


def test_the_real_lists_are_stale_by_now(all_of_them: Snapshots) -> None:
    with all_of_them.reading() as view:
        found = {x.publication: x.state for x in status(view, KNOWN, NOW)}
        by_list = {x.list: x for x in ages(view, KNOWN, NOW)}
    assert len(by_list) == 18 and all(x.stale for x in by_list.values())
    assert by_list["us.ofac.sdn"].entries == 19_143 and by_list["us.ofac.sdn"].disputed_by == ("us.csl",)
    assert by_list["us.bis.entity-list"].entries == 3_420 and by_list["us.ofac.fse"].disputed_by == ("us.csl",)
    assert found["us.ofac.sdn"] == found["eu.fsf"] == "stale" and found["uk.sanctions-list"] == "not_held"


def test_sdn_cut_at_a_line_end_is_never_believed(tmp_path: Path) -> None:
    store = Snapshots(tmp_path / "lists")
    assert taken(store, (SDN_03,)).new
    lines = gzip.decompress(Path(REAL, SDN_09).read_bytes()).splitlines(keepends=True)
    chance, cut = random.Random(1), tmp_path / "sdn.csv"
    for end in [*sorted(chance.sample(range(len(lines) - 700), 5)), len(lines) - 1]:
        for mark in (b"", b"\x1a") if end < len(lines) - 1 else (b"",):
            cut.write_bytes(b"".join(lines[:end]) + mark)
            with pytest.raises(ListRefused):
                take(store, KNOWN, Offer([cut], published=date(2023, 8, 9)), now=NOW)
    with store.reading() as view:
        assert [x.entries for x in view.snapshots()] == [12_800]


def test_sdn_in_another_order_is_the_same_list(tmp_path: Path) -> None:
    store = Snapshots(tmp_path / "lists")
    first = taken(store, (SDN_03,)).snapshot
    lines = gzip.decompress(Path(REAL, SDN_03).read_bytes()).splitlines(keepends=True)
    random.Random(2).shuffle(rows := lines[:-1])
    other = tmp_path / "sdn.csv"
    other.write_bytes(b"".join([*rows, lines[-1]]))
    again = take(store, Publications(), Offer([other], published=first.published), now=NOW)
    assert not again.new and again.snapshot.key == first.key
