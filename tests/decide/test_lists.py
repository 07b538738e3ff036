"""Decisions with official lists kept: what a snapshot says counts as law does, and what it cannot say is a question."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from carveout.api.decision_view import view_of
from carveout.engine import Decision, Engine
from carveout.engine.batch.screening import screen_bytes
from carveout.engine.cli.showing import show_decision
from carveout.engine.facts.case import StatementError
from carveout.engine.parties.lists.entry import ListedName, ListEntry
from carveout.engine.parties.watchlist.history import Edition, Editions, History, Spell
from carveout.engine.parties.watchlist.stored import write
from carveout.engine.parties.watchlist.watchlist import FILE, Watchlist, store_names

from ..law.small import small_engine

LIST = "xx.office.list"
JAN, FEB, MAR = (date(2024, month, 1) for month in (1, 2, 3))


def entry(uid: str, name: str, *programmes: str, list: str = LIST, kind: str = "organisation") -> ListEntry:
    return ListEntry(list, uid, kind, (ListedName(name),), programmes)


def with_lists(folder: Path, *spells: tuple[ListEntry, date, date | None], days: Sequence[date] = (JAN,)) -> Engine:
    histories = [History(e.list, e.uid, (Spell(e, since, until),)) for e, since, until in spells]
    names = {e.list for e, _, _ in spells} | {LIST}
    editions = Editions((name, [Edition(day, "xx", f"{day:%Y%m%d}" * 8) for day in days]) for name in sorted(names))
    write(folder / FILE, histories, editions, "lists-1")
    store_names(folder)
    return Engine(small_engine().rules, watchlist=Watchlist(folder))


def pay(
    engine: Engine, name: str, at: str = "2024-02-10T12:00:00Z", as_known: str | None = None, **more: Any
) -> dict[str, Any]:
    payer = {"name": "Ohio Tools", "roles": ["payer"], "country": "US"}
    payee = {"name": name, "roles": ["payee"], **more}
    bank = {"name": "Erie Mutual", "roles": ["bank"], "country": "US"}
    stated = {"activity": "payment", "at": at, "currency": "EUR", "parties": [payer, payee, bank]}
    return engine.check(stated, as_known=as_known).body


def verdict(body: dict[str, Any], authority: str = "xx.office") -> str:
    return next(str(a["verdict"]) for a in body["authorities"] if a["authority"] == authority)


def test_an_entry_of_a_list_is_engaged_like_a_recorded_subject(tmp_path: Path) -> None:
    body = pay(with_lists(tmp_path, (entry("7", "Zubr Ferrous Alloys", "RED"), JAN, None)), "Zubr Ferrous Alloys")
    assert verdict(body) == "prohibited" and body["outcome"] == "stop"
    assert body["made_with"]["lists"] == "lists-1"
    assert body["identity"][0]["candidates"][0]["subject"] == f"{LIST}:7"
    because = next(f for f in body["findings"] if f["prohibition"] == "xx.office.blocking")["because"]
    assert because[0]["listing"]["citations"][0]["instrument"] == "List of X, snapshot of 2024-01-01"


def test_without_lists_the_body_says_nothing_of_them() -> None:
    body = pay(small_engine(), "Zubr Ferrous Alloys")
    assert "lists" not in body["made_with"] and verdict(body) == "not_prohibited"


def test_the_days_of_the_snapshots_decide(tmp_path: Path) -> None:
    engine = with_lists(tmp_path, (entry("7", "Zubr Ferrous Alloys", "RED"), FEB, MAR), days=(JAN, FEB, MAR))
    found = [
        verdict(pay(engine, "Zubr Ferrous Alloys", at=at))
        for at in ("2024-01-31T12:00:00Z", "2024-02-10T12:00:00Z", "2024-03-01T12:00:00Z", "2024-03-03T12:00:00Z")
    ]
    assert found == ["not_prohibited", "prohibited", "review", "not_prohibited"]


def test_as_known_then_the_younger_snapshot_was_not_there(tmp_path: Path) -> None:
    engine = with_lists(tmp_path, (entry("7", "Zubr Ferrous Alloys", "RED"), FEB, None), days=(JAN, FEB))
    assert verdict(pay(engine, "Zubr Ferrous Alloys")) == "prohibited"
    assert verdict(pay(engine, "Zubr Ferrous Alloys", as_known="2024-01-20T12:00:00Z")) == "not_prohibited"


def test_a_programme_without_a_norm_is_a_review_of_its_authority(tmp_path: Path) -> None:
    body = pay(
        with_lists(tmp_path, (entry("7", "Zubr Ferrous Alloys", "MAUVE", list="xx.office.new"), JAN, None)),
        "Zubr Ferrous Alloys",
    )
    assert verdict(body) == "review" and body["outcome"] == "review"
    assert any("MAUVE" in u["question"] for u in body["unresolved"])
    assert any("MAUVE" in line for line in body["words"])


def test_a_list_of_an_authority_that_is_not_held_is_a_review_without_a_verdict(tmp_path: Path) -> None:
    listed = entry("7", "Zubr Ferrous Alloys", "any", list="au.dfat.list")
    body = pay(with_lists(tmp_path, (listed, JAN, None)), "Zubr Ferrous Alloys")
    assert verdict(body) == "not_prohibited" and body["outcome"] == "review"
    assert any("au.dfat.list" in line for line in body["words"])


def test_somebody_on_two_lists_is_on_both(tmp_path: Path) -> None:
    engine = with_lists(
        tmp_path,
        (entry("7", "Zubr Ferrous Alloys", "RED"), JAN, None),
        (entry("n", "Zubr Ferrous Alloys", "general", list="yy.ministry.list"), JAN, None),
    )
    for more in ({}, {"subject": f"{LIST}:7"}, {"subject": "yy.ministry.list:n"}):
        body = pay(engine, "Zubr Ferrous Alloys", country="DE", **more)
        assert (verdict(body), verdict(body, "yy.ministry")) == ("prohibited", "license_required"), more


def test_two_of_one_list_who_bear_a_name_are_alternatives(tmp_path: Path) -> None:
    red, mauve = entry("7", "Zubr Ferrous Alloys", "RED"), entry("8", "Zubr Ferrous Alloys", "MAUVE")
    body = pay(with_lists(tmp_path, (red, JAN, None), (mauve, JAN, None)), "Zubr Ferrous Alloys")
    assert verdict(body) == "review"
    assert {c["subject"] for c in body["identity"][0]["candidates"]} == {f"{LIST}:7", f"{LIST}:8"}


def test_an_entry_that_is_a_recorded_subject_is_nobody_else(tmp_path: Path) -> None:
    engine = with_lists(tmp_path, (entry("7", "Alpha Tractor Works", "BLUE"), JAN, None))
    body = pay(engine, "Alpha Tractor Works")
    assert [c["subject"] for c in body["identity"][0]["candidates"]] == ["zz.alpha"]
    programmes = {
        f.get("programme"): f["engaged"] for f in body["findings"] if f["prohibition"] == "xx.office.blocking"
    }
    # RED by its instrument, which the snapshot does not bear out; BLUE by the snapshot alone
    assert programmes == {f"{LIST}/RED": "unknown", f"{LIST}/BLUE": "true"}
    assert any("does not have it" in u["question"] for u in body["unresolved"])


def test_who_it_is_may_be_stated_by_the_lists_number_and_nothing_else(tmp_path: Path) -> None:
    engine = with_lists(tmp_path, (entry("7", "Zubr Ferrous Alloys", "RED"), JAN, None))
    assert verdict(pay(engine, "Z. F. A.", subject=f"{LIST}:7")) == "prohibited"
    with pytest.raises(StatementError, match="unknown subject"):
        pay(engine, "Z. F. A.", subject=f"{LIST}:8")


def test_a_list_too_old_for_the_act_is_said_where_it_has_a_say(tmp_path: Path) -> None:
    engine = with_lists(tmp_path, (entry("7", "Zubr Ferrous Alloys", "RED"), JAN, None))
    young, old = (pay(engine, "Somebody Else", at=at) for at in ("2024-01-05T12:00:00Z", "2024-03-05T12:00:00Z"))
    assert "overdue_lists" not in young
    assert [(found["list"], found["newest"]) for found in old["overdue_lists"]] == [(LIST, "2024-01-01")]
    assert any("too old" in line and "List of X" in line for line in old["words"])


def test_lists_of_which_no_copy_is_kept_are_said_where_they_have_a_say(tmp_path: Path) -> None:
    def unkept(body: dict[str, Any]) -> list[str]:
        return [found["list"] for found in body.get("lists_not_kept", ())]

    none = pay(small_engine(), "Somebody Else", country="US")
    assert LIST in unkept(none) and "yy.ministry.list" not in unkept(none)  # which has no say
    assert any("No copy of any official list is kept" in line for line in none["words"])
    assert "yy.ministry.list" in unkept(pay(small_engine(), "Somebody Else", country="DE"))

    engine = with_lists(tmp_path, (entry("7", "Zubr Ferrous Alloys", "RED"), FEB, None), days=(FEB,))
    some = pay(engine, "Somebody Else", country="DE")
    assert "yy.ministry.list" in unkept(some) and LIST not in unkept(some)
    line = next(line for line in some["words"] if "no copy is kept" in line)
    titles = [found["title"] for found in some["lists_not_kept"]]
    assert all(title in line for title in titles)
    # before the first copy was public there was none
    assert LIST in unkept(pay(engine, "Somebody Else", as_known="2024-01-15T12:00:00Z"))

    out = Console(file=StringIO(), width=400)
    show_decision(Decision(some), engine.rules, out)
    assert isinstance(out.file, StringIO) and line in out.file.getvalue()
    assert view_of(some, engine.rules)["acts"][0]["unkept"] == line


def test_a_list_too_old_is_said_wherever_a_decision_is_shown(tmp_path: Path) -> None:
    engine = with_lists(tmp_path, (entry("7", "Zubr Ferrous Alloys", "RED"), JAN, None))
    table = b"activity,at,currency,payer,payer_country,payee\npayment,%s,EUR,Ohio Tools,US,Somebody Else\n"
    for day, too_old in ((b"2024-01-05T12:00:00Z", False), (b"2024-03-05T12:00:00Z", True)):
        answer, _ = screen_bytes(engine, table % day)
        assert (b"lists too old for that day: xx.office.list (2024-01-01)" in answer) is too_old
        out = StringIO()
        decision = Decision(pay(engine, "Somebody Else", at=day.decode()))
        show_decision(decision, engine.rules, Console(file=out, width=200))
        assert ("the newest copy is of 2024-01-01" in out.getvalue()) is too_old
        view = view_of(decision.body, engine.rules)
        assert bool(view["acts"][0]["overdue"] if "acts" in view else view["overdue"]) is too_old


def test_the_threshold_is_a_setting_that_a_decision_names(tmp_path: Path) -> None:
    strict = Engine(small_engine().rules, threshold=99)
    assert pay(strict, "Alpha Tractor Work")["identity"] == []
    assert pay(small_engine(), "Alpha Tractor Work")["identity"] != []
    assert pay(strict, "Nobody")["made_with"]["threshold"] == "99"
