"""What is coming: every boundary of every norm, lists and answers that grow old, changes; and the same as iCalendar."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from carveout.engine import Engine
from carveout.engine.analyse.calendar import WORDS, calendar_of, coming_at
from carveout.engine.analyse.calendar_file import calendar_file
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.law.truth import FALSE
from carveout.engine.parties.adjudications.model import IN_FORCE
from carveout.engine.records.changes import Activation
from carveout.engine.records.store import Store

DAY = 86_400
FIRST = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp())


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    """The shipped rules: what is tried here holds of any."""
    return Engine.load().rules


@settings(max_examples=40, deadline=None)
@given(begin=st.integers(FIRST, FIRST + 3_000 * DAY), days=st.integers(1, 1_000))
def test_whatever_changes_its_being_in_force_is_named(rules: RuleSet, begin: int, days: int) -> None:
    until = begin + days * DAY
    found = calendar_of(rules, begin, until)

    named = {one.of for one in found if one.what in ("begins", "ends", "suspended", "resumes")}
    for norm in rules.norms.values():
        edges = [edge for edge in norm.effective.edges() if begin < edge < until]
        truths = {norm.effective.in_force(moment) for moment in (begin, *edges)}
        assert len(truths) == 1 or norm.id in named, norm.id
    assert [(not one.overdue, one.at) for one in found] == sorted((not one.overdue, one.at) for one in found)
    assert all(one.at < until and one.by >= begin for one in found) and {one.what for one in found} <= WORDS.keys()
    for one in found:
        norm = rules.norms[one.of]
        if one.what == "stale":
            assert norm.effective.in_force(one.at) != FALSE and one.overdue == (norm.stale_from < begin)  # type: ignore[attr-defined]


def test_the_affiliates_rule_resumes(rules: RuleSet) -> None:
    begin = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp())
    resumes = [one for one in calendar_of(rules, begin, begin + 60 * DAY) if one.what == "resumes"]
    assert [one.data()["at"][:10] for one in resumes if one.of == "us.bis.affiliates-rule"] == ["2026-11-10"]


def test_lists_answers_and_changes() -> None:
    none: Any = SimpleNamespace(norms={})
    now = datetime(2026, 1, 1, tzinfo=UTC)
    begin = int(now.timestamp())

    def held(name: str, state: str, age: int | None) -> Any:
        about = SimpleNamespace(title=f"List {name}", stale_after=timedelta(days=2))
        return SimpleNamespace(
            publication=name, about=about, state=state, age=None if age is None else timedelta(days=age)
        )

    def answer(id: str, until: str, state: str = IN_FORCE, withdrawn: str | None = None) -> Any:
        return SimpleNamespace(id=id, subject="zz.alpha", until=until, state=state, withdrawn=withdrawn)

    def change(id: str, confirm_by: str | None) -> Any:
        return SimpleNamespace(proposal=SimpleNamespace(id=id, title=id.title()), confirm_by=confirm_by, withdrawn=None)

    said = [
        (one.what, one.of, one.overdue, one.data()["at"][:10])
        for one in calendar_of(
            none,
            begin,
            begin + 10 * DAY,
            lists=[
                held("a", "current", 1),
                held("b", "stale", 9),
                held("c", "not_held", None),
                held("d", "superseded", 9),
            ],
            scheduled=[
                Activation("1", "p", "v", "2026-01-03T00:00:00.000+00:00", "bob", "t"),
                Activation("2", "q", "v", "2025-12-31T00:00:00.000+00:00", "bob", "t"),
            ],
            changes=[
                change("p", None),
                change("late", "2025-12-31T12:00:00.000+00:00"),
                change("soon", "2026-01-01T12:00:00.000+00:00"),
            ],
            answers=[
                answer("x", "2026-01-05"),
                answer("y", "2026-01-05", withdrawn="t"),
                answer("z", "2026-02-05"),
                answer("w", "2025-12-05"),
            ],
        )
    ]
    assert said == [
        ("list_stale", "b", True, "2026-01-01"),
        ("confirm", "late", True, "2026-01-01"),
        ("confirm", "soon", False, "2026-01-01"),
        ("list_stale", "a", False, "2026-01-02"),
        ("activation", "p", False, "2026-01-03"),
        ("answer_ends", "x", False, "2026-01-05"),
    ]


def test_other_calendars_read_it(rules: RuleSet) -> None:
    begin = int(datetime(2025, 6, 1, tzinfo=UTC).timestamp())
    coming = calendar_of(rules, begin, begin + 400 * DAY)
    data = calendar_file(coming, datetime(2025, 6, 1, tzinfo=UTC))

    events = Calendar.from_ical(data).walk("VEVENT")
    assert len(events) == len(coming) > 10
    assert len({str(event["uid"]) for event in events}) == len({(one.what, one.of, one.at) for one in coming})
    for event, one in zip(events, coming, strict=True):
        assert int(event.decoded("dtstart").timestamp()) == one.at and one.title in str(event["summary"])
        assert event.decoded("dtend") > event.decoded("dtstart")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    again = calendar_file(coming, datetime(2025, 6, 2, tzinfo=UTC))
    assert [str(e["uid"]) for e in Calendar.from_ical(again).walk("VEVENT")] == [str(e["uid"]) for e in events]


def test_of_an_empty_store_without_lists(rules: RuleSet, tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    now = datetime(2026, 10, 1, tzinfo=UTC)
    found = coming_at(rules, tmp_path / "lists", store, now, 60)
    store.close()
    begin = int(now.timestamp())
    assert found == calendar_of(rules, begin, begin + 60 * DAY) != []
