"""The real files: their counts, and that they are refused when cut (CARVEOUT_REALDATA names their folder)."""

import gzip
import os
from datetime import date
from pathlib import Path

import pytest

from carveout.engine.parties.lists.entry import ListFile
from carveout.engine.parties.lists.files import read_list
from carveout.engine.parties.lists.guard import ListRefused

REAL = os.environ.get("CARVEOUT_REALDATA", "")
pytestmark = pytest.mark.skipif(not REAL, reason="CARVEOUT_REALDATA is not set")

FOUR = tuple(f"us_ofac/csv_2021-07/{name}.csv.gz" for name in ("sdn", "add", "alt", "sdn_comments"))
SDN_03, SDN_09 = "us_ofac/sdn_2023-08-03.csv.gz", "us_ofac/sdn_2023-08-09.csv.gz"

# files, day if the file does not say it: format, day, rows, entries, names (None: not stated)
COUNTS: dict[tuple[str, ...], tuple[date | None, str, date, int, int, int | None]] = {
    ("us_ofac/sdn_2024-05-07.xml.gz",): (None, "ofac-xml", date(2024, 5, 7), 14_966, 14_966, 14_966 + 21_754),
    (SDN_03,): (date(2023, 8, 3), "ofac-csv", date(2023, 8, 3), 12_800, 12_800, None),
    (SDN_09,): (date(2023, 8, 9), "ofac-csv", date(2023, 8, 9), 12_817, 12_817, None),
    FOUR: (date(2021, 7, 7), "ofac-csv", date(2021, 7, 7), 8_976, 8_976, None),
    ("us_ofac/cons_nonsdn_2024-05-06.xml.gz",): (None, "ofac-xml", date(2024, 5, 6), 443, 443, None),
    ("us_ofac/sdn_2026-07-11_names_aliases_programs.json.gz",): (
        None, "ofac-json", date(2026, 7, 11), 19_143, 19_143, None,
    ),
    ("us_ofac/sdn_advanced_shape_sample.xml",): (date(2024, 1, 1), "ofac-advanced", date(2024, 1, 1), 2, 2, 3),
    ("us_bis/csl_2022-05_official.csv.gz",): (date(2022, 5, 1), "csl-csv", date(2022, 5, 1), 14_160, 14_160, None),
    ("us_bis/csl_2026-07-31_compact.json.gz",): (None, "csl-compact", date(2026, 7, 31), 25_921, 25_921, None),
    ("us_bis/dpl_2022-09.txt",): (date(2022, 9, 1), "bis-denied-persons", date(2022, 9, 1), 581, 581, 581),
    ("eu/eu_fsf_2024-05-13_full_1_1.xml.gz",): (None, "eu-xml", date(2024, 5, 13), 4_811, 4_811, 25_257),
    ("un/un_consolidated_2026-02-27.xml.gz",): (None, "un-xml", date(2026, 2, 27), 1_003, 1_003, None),
    ("uk/ofsi_conlist_2020-04-27.csv.gz",): (None, "ofsi-csv", date(2020, 4, 27), 9_492, 2_114, None),
    ("uk/ofsi_conlist_2022-05-04.xlsx",): (None, "ofsi-xlsx", date(2022, 5, 4), 15_261, 3_430, None),
    ("ca/sema_2025-05.xml.gz",): (date(2025, 5, 1), "ca-xml", date(2025, 5, 1), 4_759, 4_759, None),
    ("ch/seco_example_amendment.xml",): (None, "ch-xml", date(2024, 1, 17), 3, 3, 3),
}  # fmt: skip


def real(*paths: str) -> ListFile:
    return read_list(*(Path(REAL, path) for path in paths), published=COUNTS[paths][0])


@pytest.mark.parametrize("paths", COUNTS, ids=lambda paths: paths[0])
def test_real_files_have_the_counts_that_are_stated(paths: tuple[str, ...]) -> None:
    _, form, day, rows, entries, names = COUNTS[paths]
    found = real(*paths)
    assert (found.format, found.published, found.rows, len(found.entries)) == (form, day, rows, entries)
    if names is not None:
        assert sum(len(entry.names) for entry in found.entries) == names


def test_kinds_and_lists_of_real_files() -> None:
    un = real("un/un_consolidated_2026-02-27.xml.gz")
    assert [sum(entry.kind == kind for entry in un.entries) for kind in ("person", "organisation")] == [730, 273]
    assert len(real("us_bis/csl_2026-07-31_compact.json.gz").counts) == 12
    assert real("us_ofac/cons_nonsdn_2024-05-06.xml.gz").publication == "us.ofac.non-sdn"
    assert set(real("us_ofac/sdn_2024-05-07.xml.gz").counts) == {"us.ofac.sdn"}


def test_belavia_was_listed_between_the_two_days() -> None:
    before, after = ({entry.uid: entry for entry in real(path).entries} for path in (SDN_03, SDN_09))
    added = after.keys() - before.keys()
    assert {"44541", "44580"} <= added and "44541" not in before
    assert after["44541"].programmes == ("BELARUS-EO14038",)
    assert all(entry.uid != "44541" for entry in real("us_ofac/sdn_2026-07-11_names_aliases_programs.json.gz").entries)


@pytest.mark.parametrize("paths", [paths for paths in COUNTS if len(paths) == 1], ids=lambda paths: paths[0])
def test_a_real_file_cut_in_the_middle_is_refused(paths: tuple[str], tmp_path: Path) -> None:
    path = Path(REAL, paths[0])
    content = path.read_bytes()
    (tmp_path / path.name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ListRefused):
        read_list(tmp_path / path.name, published=COUNTS[paths][0])
    if path.suffix == ".gz":
        plain = gzip.decompress(content)
        (tmp_path / path.stem).write_bytes(plain[: len(plain) // 2])
        with pytest.raises(ListRefused):
            read_list(tmp_path / path.stem, published=COUNTS[paths][0])


@pytest.mark.parametrize(
    "paths",
    [(SDN_03,), ("us_bis/dpl_2022-09.txt",), ("un/un_consolidated_2026-02-27.xml.gz",), ("ca/sema_2025-05.xml.gz",)],
    ids=lambda paths: paths[0],
)
def test_a_real_file_in_another_encoding_says_the_same(paths: tuple[str], tmp_path: Path) -> None:
    path = Path(REAL, paths[0])
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    (tmp_path / "list").write_bytes(content.decode("utf-8").encode("utf-16"))
    assert read_list(tmp_path / "list", published=COUNTS[paths][0]).entries == real(*paths).entries
