"""The legal cases with every official list loaded: what no list changes stays as it is without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from carveout.engine import Engine

from .real_lists import REAL, everything
from .test_outcomes import CASES, confirmed

pytestmark = pytest.mark.skipif(not REAL, reason="CARVEOUT_REALDATA is not set")

BELAVIA = "us.ofac.belarus.belavia"


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """An engine that asks all the real lists."""
    return everything(tmp_path_factory.mktemp("home"))


def said(body: dict[str, Any]) -> dict[str, Any]:
    return {"outcome": body["outcome"], **{a["authority"]: a["verdict"] for a in body["authorities"]}}


def test_the_cases_that_name_no_list_are_decided_as_without(listed: Engine) -> None:
    plain = Engine(listed.rules)
    different = {}
    for case in CASES:
        if case.get("lists"):
            continue
        for transaction in (case["transaction"], *([confirmed(case)] if "identity" in case else [])):
            without, with_all = said(plain.check(transaction).body), said(listed.check(transaction).body)
            if without != with_all:
                different[case["id"]] = {k: (without[k], with_all[k]) for k in without if without[k] != with_all[k]}
    assert not different


def payment(to: str, at: str, **more: Any) -> dict[str, Any]:
    parties = [
        {"name": "Ohio Jet Parts LLC", "roles": ["payer"], "country": "US"},
        {"name": to, "roles": ["payee"], **more},
        {"name": "Erie Savings Bank", "roles": ["bank"], "country": "US"},
    ]
    return {"activity": "payment", "at": at, "currency": "EUR", "parties": parties}


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("Rosoboronexport", {}),
        ("Рособоронэкспорт", {}),
        ("BANK MELLI IRAN", {}),
        ("Viktor Anatolijevitch BOUT", {}),
    ],
)
def test_the_listed_of_other_regimes_are_stopped(listed: Engine, name: str, more: dict[str, Any]) -> None:
    body = listed.check(payment(name, "2024-05-20T10:00:00-04:00", **more)).body
    assert said(body)["us.ofac"] in {"prohibited", "review"} and body["outcome"] != "proceed"


def test_a_check_before_and_after_a_designation_differs(
    listed: Engine, record_property: Callable[[str, object], None]
) -> None:
    """uid 44541 came to the list of 2023-08-09; here without the instrument, by the snapshots alone."""
    watchlist = listed.subjects.watchlist
    assert watchlist is not None
    history = watchlist.history(watchlist.number_of("us.ofac.sdn:44541") or -1)
    assert str(history.spells[0].since) == "2023-08-09"
    assert history.known_by(history.spells[0].since.replace(day=8)) is None
