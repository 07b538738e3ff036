"""An answer settles who a party is as it is stated, against the record as it is recorded, and nothing else."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carveout.engine import Engine
from carveout.engine.decide.decision import Decider
from carveout.engine.parties.adjudications.model import Adjudications

from .worlds import FEB, JAN, LIST, NEAR, SUBJECT, ZUBR, answered, engine_of, entry, payment, verdict


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """An engine with one entry on its list."""
    return engine_of(tmp_path, [(entry(), JAN, None)])


def who(body: dict[str, Any], party: str = NEAR) -> dict[str, Any]:
    return next(dict(one) for one in body["identity"] if one["party"] == party)


def test_without_an_answer_a_likeness_is_a_question(engine: Engine) -> None:
    body = engine.check(payment()).body
    assert verdict(body) == "review" and any(q["fact"] == "party.subject" for q in body["questions"])
    assert "adjudications" not in body["made_with"] and "answers" not in who(body)


def test_different_drops_the_hypothesis_and_the_body_names_the_answer(engine: Engine) -> None:
    made = answered(engine, "different")
    body = engine.check(payment()).body
    assert (verdict(body), body["outcome"]) == ("not_prohibited", "proceed")
    told = who(body)
    assert told["candidates"] == []
    assert [(a["id"], a["answer"], a["by"], a["holds"]) for a in told["answers"]] == [
        (made.id, "different", "mila", True)
    ]
    assert len(body["made_with"]["adjudications"]) == 64
    assert any("mila" in line and "is not" in line for line in body["words"])


def test_same_keeps_only_it(engine: Engine) -> None:
    answered(engine, "same")
    body = engine.check(payment()).body
    assert (verdict(body), body["outcome"]) == ("prohibited", "stop")
    assert [(c["subject"], c["verdict"]) for c in who(body)["candidates"]] == [(SUBJECT, "same")]


OTHERWISE: dict[str, dict[str, Any]] = {
    "a country more": {"country": "DE"},
    "a number more": {"identifiers": {"tax": "5550001234"}},
    "an address": {"address": "1 Mill Lane, Gomel"},
    "an owner": {"owners": [{"party": "Somebody", "percent": "10"}]},
    "a controller": {"controlled_by": ["Somebody"]},
    "what kind it is": {"kind": "organisation"},
    "stated as listed": {"listed": [f"{LIST}/GREY"]},
}


@pytest.mark.parametrize("more", OTHERWISE.values(), ids=OTHERWISE)
def test_a_party_stated_otherwise_is_asked_again_and_it_is_said_why(engine: Engine, more: dict[str, Any]) -> None:
    answered(engine, "different")
    body = engine.check(payment(**more)).body
    assert verdict(body) in ("review", "prohibited")
    (told,) = who(body)["answers"]
    assert told["holds"] is False and "stated otherwise" in told["why"] and f"`{next(iter(more))}`" in told["why"]
    assert any("no longer holds" in line for line in body["words"])


@pytest.mark.parametrize(
    "name", ["Zubr Ferrous Aloys", "ZUBR FEROUS ALLOYS", "Zubr Ferоus Alloys", "Zubr  Ferous Alloys."]
)
def test_another_spelling_is_another_party(engine: Engine, name: str) -> None:
    answered(engine, "different")
    assert engine.check(payment(name)).body["outcome"] == "review"


def test_the_role_is_no_part_of_who_it_is(engine: Engine) -> None:
    answered(engine, "different")
    as_bank = payment("Quill and Daughters")
    as_bank["parties"][2]["name"] = NEAR
    as_bank["parties"][2].pop("country")
    assert engine.check(as_bank).body["outcome"] == "proceed"


def test_an_answer_about_one_entry_says_nothing_of_another(tmp_path: Path) -> None:
    engine = engine_of(tmp_path, [(entry(), JAN, None)], [(entry("8", "Zubr Ferrous Aloys"), JAN, None)])
    answered(engine, "different")
    body = engine.check(payment()).body
    assert verdict(body) == "review"
    assert [c["subject"] for c in who(body)["candidates"]] == [f"{LIST}:8"]


def test_whoever_was_passed_over_beside_the_same_name_comes_forward(tmp_path: Path) -> None:
    far = entry("8", "Zubr Ferrum Alloy", "RED")
    engine = engine_of(tmp_path, [(entry(), JAN, None)], [(far, JAN, None)])
    alone = engine_of(tmp_path / "alone", [(far, JAN, None)])
    stated = payment(ZUBR, identifiers={"tax": "999888777"})
    assert verdict(alone.check(stated).body) == "review"  # by itself it is a candidate
    assert [c["subject"] for c in who(engine.check(stated).body, ZUBR)["candidates"]] == [SUBJECT]
    answered(engine, "different", stated, party=ZUBR)
    body = engine.check(stated).body
    assert verdict(body) == "review"
    assert [c["subject"] for c in who(body, ZUBR)["candidates"]] == [f"{LIST}:8"]


def test_whoever_was_passed_over_comes_forward_too_where_the_transaction_denies(tmp_path: Path) -> None:
    same, far = entry(numbers={"tax": "111222333"}), entry("8", "Zubr Ferrum Alloy", "RED")
    engine = engine_of(tmp_path, [(same, JAN, None)], [(far, JAN, None)])
    stated = payment(ZUBR, identifiers={"tax": "999888777"}, not_subject=[SUBJECT])
    assert verdict(engine.check(stated).body) == "review"


def test_a_homonym_with_the_very_same_name_can_be_answered(engine: Engine) -> None:
    for beside in ({"identifiers": {"tax": "999888777"}}, {"address": "1 Mill Lane, Gomel"}):
        stated = payment(ZUBR, **beside)
        assert engine.check(stated).body["outcome"] == "stop"
        answered(engine, "different", stated, party=ZUBR)
        assert engine.check(stated).body["outcome"] == "proceed"


def test_an_answer_about_the_very_name_alone_frees_nobody(engine: Engine) -> None:
    for more in ({}, {"country": "DE"}, {"kind": "organisation"}):
        answered(engine, "different", payment(ZUBR, **more), party=ZUBR, id=f"of-{more}")
        body = engine.check(payment(ZUBR, **more)).body
        assert verdict(body) == "review"
        assert "nothing is stated beside the very name" in who(body, ZUBR)["candidates"][0]["reason"]


@pytest.mark.parametrize(
    ("numbers", "stated"),
    [
        ({"tax": "5550001234"}, {"tax": "5550001234"}),
        ({"tax": ["5550001234", "777111222"]}, {"tax": "777111222"}),
        ({"tax": "5550001234"}, {"some register": "5550001234"}),
        ({"company": "5550001234"}, {"tax": "555 000 1234"}),
    ],
)
def test_a_number_in_common_is_not_answered_away(tmp_path: Path, numbers: Any, stated: Any) -> None:
    engine = engine_of(tmp_path, [(entry(numbers=numbers), JAN, None)])
    answered(engine, "different", payment(identifiers=stated))
    body = engine.check(payment(identifiers=stated)).body
    assert verdict(body) == "review" and body["outcome"] == "review"
    (candidate,) = who(body)["candidates"]
    assert candidate["verdict"] == "possible" and "contradicts" in candidate["reason"]


def test_a_second_number_of_a_kind_cannot_be_denied_by_the_transaction(tmp_path: Path) -> None:
    engine = engine_of(tmp_path, [(entry(numbers={"passport": ["AB111111", "CD222222"]}), JAN, None)])
    for number in ("AB111111", "CD222222"):
        stated = payment(ZUBR, identifiers={"passport": number}, not_subject=[SUBJECT])
        assert engine.check(stated).body["outcome"] == "review"


def test_an_answer_falls_away_when_the_entry_changes(tmp_path: Path) -> None:
    engine = engine_of(tmp_path / "before", [(entry(), JAN, None)])
    made = answered(engine, "different")
    for number, changed in enumerate(
        [entry(aliases=["Bison"]), entry(address="Minsk"), entry(numbers={"tax": "1"}), entry(programme="BLUE")]
    ):
        later = engine_of(
            tmp_path / str(number), [(entry(), JAN, FEB.replace(day=7)), (changed, FEB.replace(day=7), None)]
        )
        later.use_answers(Adjudications([made]))
        body = later.check(payment()).body
        assert body["outcome"] == "review"
        assert who(body)["answers"][0]["why"] == "the list entry changed on 2024-02-07"


def test_an_answer_about_a_recorded_subject_falls_away_when_the_list_links_more_to_it(tmp_path: Path) -> None:
    engine = engine_of(tmp_path / "before", [(entry(), JAN, None)])
    near = "Alpha Traktor Works"
    made = answered(engine, "different", payment(near), subject="zz.alpha", party=near)
    assert engine.check(payment(near)).body["outcome"] == "proceed"
    linked = entry("9", "Alpha Tractor Works", aliases=["Alfa Traktory"])
    later = engine_of(tmp_path / "after", [(entry(), JAN, None)], [(linked, JAN, None)])
    later.use_answers(Adjudications([made]))
    assert later.check(payment(near)).body["outcome"] == "review"


def test_it_holds_until_its_day_and_not_on_it(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    answered(engine, "different", until="2024-03-01")
    for now, outcome in ((1709251199, "proceed"), (1709251200, "review")):  # 2024-02-29T23:59:59Z, and a second later
        monkeypatch.setattr("carveout.engine.parties.adjudications.model.time.time", lambda now=now: now)
        assert engine.check(payment()).body["outcome"] == outcome
    assert who(engine.check(payment()).body)["answers"][0]["why"] == "it held until 2024-03-01"


def test_what_waits_for_a_second_person_or_was_withdrawn_counts_for_nothing(engine: Engine) -> None:
    for more in ({"state": "proposed"}, {"withdrawn": "2024-02-06T00:00:00+00:00"}):
        engine.use_answers(Adjudications())
        answered(engine, "different", **more)
        body = engine.check(payment()).body
        told = who(body).get("answers", [{"holds": False, "why": "a second person must confirm it"}])[0]
        assert body["outcome"] == "review" and not told["holds"] and told["why"] == "a second person must confirm it"
        assert ("answers" in who(body)) == ("state" in more)


def test_answers_that_contradict_count_for_nothing(engine: Engine) -> None:
    answered(engine, "different")
    answered(engine, "same")
    body = engine.check(payment()).body
    assert body["outcome"] == "review"
    assert {a["answer"]: a["holds"] for a in who(body)["answers"]} == {"different": False, "same": False}
    assert all("opposite" in a["why"] for a in who(body)["answers"])


def test_answers_taken_while_lists_are_read_anew_are_not_lost(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    answered(engine, "different")
    reading, go_on = threading.Event(), threading.Event()
    slow = Decider.of

    def slowly(*arguments: Any) -> Decider:
        reading.set()
        go_on.wait(10)
        return slow(*arguments)

    monkeypatch.setattr(Decider, "of", slowly)
    lists = threading.Thread(target=engine.use_lists, args=(engine.subjects.watchlist,))
    lists.start()
    reading.wait(10)
    withdrawal = threading.Thread(target=engine.use_answers, args=(Adjudications(),))
    withdrawal.start()
    withdrawal.join(0.3)  # it waits; if it did not, the lists would take it back
    go_on.set()
    lists.join()
    withdrawal.join()
    assert not engine.identifier.answers and engine.check(payment()).body["outcome"] == "review"


def test_as_known_asks_the_answers_of_then(engine: Engine) -> None:
    answered(engine, "different", made="2024-02-08T10:00:00+00:00", withdrawn="2024-02-20T10:00:00+00:00")
    outcomes = [
        engine.check(payment(), as_known=f"2024-02-{day}T12:00:00Z").body["outcome"] for day in ("07", "08", "19", "20")
    ]
    assert outcomes == ["review", "proceed", "proceed", "review"]
    assert engine.check(payment()).body["outcome"] == "review"


def test_the_same_on_one_list_leaves_the_question_of_another_open(tmp_path: Path) -> None:
    of_y = entry("n", "Zubr Ferous Aloys", "general", list="yy.ministry.list")
    engine = engine_of(tmp_path, [(entry(programme="other"), JAN, None)], [(of_y, JAN, None)])
    answered(engine, "same", payment(country="DE"))
    body = engine.check(payment(country="DE")).body
    assert verdict(body, "yy.ministry") == "review"
    assert {c["subject"]: c["verdict"] for c in who(body)["candidates"]} == {
        SUBJECT: "same", "yy.ministry.list:n": "possible"
    }  # fmt: skip


def test_the_same_does_not_free_from_whom_a_number_points_to(tmp_path: Path) -> None:
    other = entry("8", "Quite Another Firm", numbers={"tax": "5550001234"})
    engine = engine_of(tmp_path, [(entry(programme="GREY"), JAN, None)], [(other, JAN, None)])
    stated = payment(identifiers={"tax": "5550001234"})
    answered(engine, "same", stated)
    assert verdict(engine.check(stated).body) in ("prohibited", "review")
    assert f"{LIST}:8" in {c["subject"] for c in who(engine.check(stated).body)["candidates"]}


def test_in_a_deal_every_act_uses_the_answer_and_the_whole_says_so(engine: Engine) -> None:
    answered(engine, "different")
    act = payment()
    deal = {"acts": [act, {**act, "at": "2024-02-11T12:00:00Z"}]}
    body = engine.check(deal).body
    assert body["outcome"] == "proceed" and len(body["made_with"]["adjudications"]) == 64


def test_what_the_user_states_of_the_subject_is_still_said(tmp_path: Path) -> None:
    engine = engine_of(
        tmp_path, [(entry(), JAN, None)], [(entry("n", ZUBR, "general", list="yy.ministry.list"), JAN, None)]
    )
    stated = payment(ZUBR, subject=SUBJECT, country="DE", identifiers={"tax": "999888777"})
    answered(engine, "different", stated, subject="yy.ministry.list:n", party=ZUBR)
    body = engine.check(stated).body
    assert verdict(body) == "prohibited" and verdict(body, "yy.ministry") == "not_prohibited"
    assert [c["reason"] for c in who(body, ZUBR)["candidates"]] == ["as the user states"]


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    answer=st.sampled_from(["same", "different"]),
    more=st.sampled_from([{}, *OTHERWISE.values()]),
    said_of=st.sampled_from([{}, *OTHERWISE.values()]),
    name=st.sampled_from([NEAR, ZUBR, "Zubr Ferrous Aloys"]),
    about=st.sampled_from([SUBJECT, f"{LIST}:8"]),
)
def test_only_an_answer_of_that_party_about_each_candidate_makes_a_proceed(
    world: Engine, answer: str, more: dict[str, Any], said_of: dict[str, Any], name: str, about: str
) -> None:
    """Two candidates on a list: one answer never frees, and one of another statement changes nothing."""
    world.use_answers(Adjudications())
    before = world.check(payment(name, **more)).body
    answered(world, answer, payment(NEAR, **said_of), subject=about)
    after = world.check(payment(name, **more)).body
    assert after["outcome"] != "proceed"
    if name != NEAR or more != said_of:
        assert (after["outcome"], verdict(after)) == (before["outcome"], verdict(before))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """An engine with two entries of nearly one name."""
    folder = tmp_path_factory.mktemp("world")
    return engine_of(folder, [(entry(), JAN, None)], [(entry("8", "Zubr Ferrous Aloys"), JAN, None)])


def test_the_digest_hangs_on_everything_that_was_answered(engine: Engine) -> None:
    made = answered(engine, "different")
    changed = [
        replace(made, **{key: cast(Any, "another")})
        for key in ("id", "subject", "answer", "record", "reason", "person", "made", "until")
    ]
    assert len({made.digest, *(one.digest for one in changed)}) == 9
    assert replace(made, withdrawn="2024-02-06T00:00:00+00:00").digest == made.digest
