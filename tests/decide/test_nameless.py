"""Something that is there and that nobody named: it may be any recorded one of its kind, whatever is said besides."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from carveout.engine import Engine
from carveout.engine.law.ruleset import RuleSet, build_rules
from carveout.engine.parties.lists.entry import ListedName, ListEntry
from carveout.engine.parties.watchlist.history import Edition, Editions, History, Spell
from carveout.engine.parties.watchlist.stored import write
from carveout.engine.parties.watchlist.watchlist import FILE, Watchlist, store_names

from ..law.small import CITED, documents

LIST, DAY = "xx.office.list", date(2023, 1, 1)


def rules() -> RuleSet:
    return build_rules(
        documents(
            {
                "xx/office/ships.prohibition.yaml": f"""
title: No dealings in what is listed itself
authority: xx.office
{CITED}
for_each: asset
grounds: [person]
programmes: [xx.office.list/RED]
effect: prohibited
"""
            }
        )
    )


def kept(folder: Path, kind: str) -> Engine:
    """An engine with one list kept, whose only entry is of that kind."""
    entry = ListEntry(LIST, "7", kind, (ListedName("Blue Heron"),), ("RED",))
    editions = Editions([(LIST, [Edition(DAY, "xx", "f" * 64)])])
    write(folder / FILE, [History(LIST, "7", (Spell(entry, DAY, None),))], editions, "lists-1")
    store_names(folder)
    return Engine(rules(), watchlist=Watchlist(folder))


def lease(**asset: Any) -> dict[str, Any]:
    return {
        "activity": "lease",
        "at": "2023-06-01T12:00:00-04:00",
        "parties": [
            {"name": "Ohio Jet Parts", "roles": ["lessee"], "country": "US", "owners": []},
            {"name": "Holding One", "roles": ["lessor"], "country": "DE", "owners": []},
        ],
        "assets": [asset],
        "items": [],
    }


@pytest.mark.parametrize(
    ("listed", "asset", "said"),
    [
        ("vessel", {"kind": "vessel"}, "review"),  # which ship? it may be the listed one
        ("vessel", {"kind": "vessel", "name": "Blue Heron"}, "prohibited"),
        ("vessel", {"kind": "vessel", "name": "Grey Gull"}, "not_prohibited"),
        ("vessel", {"kind": "aircraft"}, "not_prohibited"),  # no aircraft is on a list, and none is recorded
        ("vessel", {"id": "it"}, "review"),  # it may be a vessel
        ("aircraft", {"kind": "vessel"}, "not_prohibited"),
        ("organisation", {"kind": "vessel"}, "not_prohibited"),
    ],
)
def test_it_may_be_one_of_those_on_the_lists_kept(
    tmp_path: Path, listed: str, asset: dict[str, str], said: str
) -> None:
    decision = kept(tmp_path, listed).check(lease(**asset))
    assert decision.verdict("xx.office") == said
    asked = [q["question"] for q in decision.body["questions"]]
    assert (said == "review") == any("Which registration or name" in question for question in asked)


def test_without_lists_nothing_recorded_may_be_meant() -> None:
    assert Engine(rules()).check(lease(kind="vessel")).verdict("xx.office") == "not_prohibited"


def test_a_listing_stated_beside_says_nothing_of_the_others(tmp_path: Path) -> None:
    engine = kept(tmp_path, "vessel")
    assert engine.check(lease(kind="vessel", listed=["yy.ministry.list"])).verdict("xx.office") == "review"
    assert engine.check(lease(kind="vessel", listed=["xx.office.list/RED"])).verdict("xx.office") == "prohibited"


def test_a_party_without_a_name_has_the_listing_that_is_stated_of_it() -> None:
    statement = lease(kind="vessel", name="Grey Gull")
    statement["parties"][1] = {"roles": ["lessor"], "listed": ["xx.office.list/RED"]}
    statement["activity"] = "contract"
    statement["assets"] = []
    said = Engine(rules()).check(statement)
    assert said.verdict("xx.office") == "prohibited"
