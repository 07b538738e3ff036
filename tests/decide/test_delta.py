"""A change from one file of a list to the next, in decisions: before it, after it, and as known before it came."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from carveout.engine import Engine
from carveout.engine.decide.kept import LISTS, engine_at
from carveout.engine.parties.snapshots.comparison import compare
from carveout.engine.parties.snapshots.publications import Publications
from carveout.engine.parties.snapshots.store import Snapshots
from carveout.engine.parties.snapshots.taking import Offer, take

from ..outcomes.real_lists import REAL, with_lists
from ..parties.snapshots.samples import sdn_csv, several

BELAVIA, HOIST = "44541", "990001"
OLD, NEW = date(2023, 8, 3), date(2023, 8, 9)
BEFORE, AFTER = "2023-08-07T12:00:00-04:00", "2023-08-10T12:00:00-04:00"
KNOWN_BEFORE, KNOWN_AFTER = "2023-08-08T23:00:00-04:00", "2023-08-10T00:00:00-04:00"


def payment(to: str, at: str, **more: Any) -> dict[str, Any]:
    parties = [
        {"name": "Ohio Jet Parts LLC", "roles": ["payer"], "country": "US"},
        {"name": to, "roles": ["payee"], **more},
        {"name": "Erie Savings Bank", "roles": ["bank"], "country": "US"},
    ]
    return {"activity": "payment", "at": at, "currency": "EUR", "parties": parties}


def ofac(engine: Engine, to: str, at: str, as_known: str | None = None, **more: Any) -> str:
    body = engine.check(payment(to, at, **more), as_known=as_known).body
    return next(str(a["verdict"]) for a in body["authorities"] if a["authority"] == "us.ofac")


def four_answers(engine: Engine, to: str, **more: Any) -> list[str]:
    """Of an act before and after, and of the later act as known before and after."""
    asked = ((BEFORE, None), (AFTER, None), (AFTER, KNOWN_BEFORE), (AFTER, KNOWN_AFTER))
    return [ofac(engine, to, at, known, **more) for at, known in asked]


def added(home: Path) -> dict[str, str]:
    """What is new in the younger of the two snapshots kept in a home: number and name."""
    with Snapshots(home / LISTS).reading() as view:
        old, new = (
            next(x for x in view.snapshots() if (x.publication, x.published) == ("us.ofac.sdn", day))
            for day in (OLD, NEW)
        )
        found = compare(view.entries(old), view.entries(new))
        return {entry.uid: entry.names[0].name for entry in found.added}


@pytest.fixture
def small(tmp_path: Path) -> tuple[Engine, Path]:
    """Two small files of the SDN list: the younger has Belavia, and a firm that no norm names, more."""
    store, known = Snapshots(tmp_path / "home" / LISTS), Publications(lists={"us.ofac.sdn": ["us.ofac.sdn"]})
    entries: dict[str, tuple[str, str]] = several(40, "BELARUS-EO14038")
    more = {
        BELAVIA: ("BELAVIA BELARUSIAN AIRLINES", "BELARUS-EO14038"),
        HOIST: ("ZUBROVKA LIFTING GEAR", "BELARUS-EO14038"),
    }
    for day, rows in ((OLD, entries), (NEW, {**entries, **more})):
        file = tmp_path / f"sdn-{day}.csv"
        file.write_text(sdn_csv(rows))
        take(store, known, Offer([file], published=day), now=datetime(2026, 11, 23, tzinfo=UTC))
    return engine_at(tmp_path / "home"), tmp_path / "home"


def test_small_files(small: tuple[Engine, Path]) -> None:
    engine, home = small
    assert set(added(home)) == {BELAVIA, HOIST}
    expected = ["not_prohibited", "prohibited", "not_prohibited", "prohibited"]
    assert four_answers(engine, "Belavia Belarusian Airlines") == expected
    assert four_answers(engine, "Zubrovka Lifting Gear") == expected  # by the snapshots alone
    assert four_answers(engine, "Firm 7 Trading") == ["prohibited"] * 4


def test_a_likeness_of_what_is_new_is_a_question_from_then_on(small: tuple[Engine, Path]) -> None:
    assert four_answers(small[0], "Zubrovka Lifting Geer") == ["not_prohibited", "review", "not_prohibited", "review"]


@pytest.mark.meaning
@pytest.mark.skipif(not REAL, reason="CARVEOUT_REALDATA is not set")
def test_the_real_delta(tmp_path: Path) -> None:
    engine = with_lists(tmp_path, ("us_ofac/sdn_2023-08-03", "us_ofac/sdn_2023-08-09"))
    new = added(tmp_path)
    assert "BELAVIA" in new[BELAVIA] and len(new) > 10
    expected = ["not_prohibited", "prohibited", "not_prohibited", "prohibited"]
    assert four_answers(engine, "Belavia Belarusian Airlines") == expected
    for uid in new:  # whatever else was new: listed by the snapshots alone, and found by its number
        found = four_answers(engine, "Somebody of the delta", subject=f"us.ofac.sdn:{uid}")
        assert found[0] == found[2] == "not_prohibited", (uid, found)
        assert found[1] == found[3] != "not_prohibited", (uid, found)
