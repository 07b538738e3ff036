"""The score that OFAC's own search would show, beside rows of what it has shown."""

import csv
import os
from pathlib import Path

import pytest

from carveout.engine.parties.matching.portal import NOT_SHOWN, portal_score

REAL = os.environ.get("CARVEOUT_REALDATA")


@pytest.mark.parametrize(
    ("asked", "listed", "shown"),
    [
        ("PUTIN", "PUTIN, Vladimir Vladimirovich", 100),
        ("PUTIN VLADIMIR", "TURIN, Vladimir", 92),
        ("OSAMA BIN LADEN", "BIN LADIN, Osama", 97),
        ("AL-QAEDA", "AL QAEDA", 100),
        ("Владимир Путин", "PUTIN, Vladimir", NOT_SHOWN),
        ("", "PUTIN, Vladimir", NOT_SHOWN),
    ],
)
def test_rows_of_the_search(asked: str, listed: str, shown: int) -> None:
    assert portal_score(asked, listed) == pytest.approx(shown, abs=1)


@pytest.mark.skipif(not REAL, reason="CARVEOUT_REALDATA is not set")
def test_nine_rows_of_ten_within_five_points() -> None:
    with (Path(str(REAL)) / "names/ofac_portal_scores.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    near = sum(abs(portal_score(x["query_name"], x["result_name"]) - int(x["ofac_score"])) <= 5 for x in rows)
    assert near / len(rows) >= 0.9
