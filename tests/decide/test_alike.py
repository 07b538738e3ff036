"""Findings that differ in the programme alone are told once of somebody nobody knows."""

from __future__ import annotations

from carveout.engine.decide.alike import gathered, spoken_of

OPEN = {
    "authority": "xx.office",
    "effect": "prohibited",
    "thing": {"kind": "party", "name": "unnamed a bank"},
    "engaged": "unknown",
    "best": "not_prohibited",
    "worst": "prohibited",
    "manner": None,
    "shields": [],
    "facts": [],
    "because": [],
    "missing": [{"fact": "party.status", "of": "unnamed a bank"}],
}


def finding(prohibition: str, programme: str, **changed: object) -> dict[str, object]:
    return {**OPEN, "prohibition": prohibition, "title": prohibition, "programme": programme, **changed}


def test_the_first_stands_for_those_that_say_the_same() -> None:
    found = gathered([finding("xx.a", "xx.list/A"), finding("xx.b", "xx.list/B"), finding("xx.c", "xx.list/C")])
    assert [f["prohibition"] for f in found] == ["xx.a"]
    assert found[0]["likewise"] == [
        {"prohibition": "xx.b", "programme": "xx.list/B"},
        {"prohibition": "xx.c", "programme": "xx.list/C"},
    ]
    assert "2 other programmes" in found[0]["title"]


def test_what_differs_in_more_than_the_programme_is_told_apart() -> None:
    apart = [
        finding("xx.a", "xx.list/A"),
        finding("xx.b", "xx.list/B", engaged="true"),
        finding("xx.c", "xx.list/C", worst="review"),
        finding("xx.d", "xx.list/D", shields=[{"exemption": "xx.e"}]),
        finding("xx.e", "xx.list/E", because=[{"status": "xx.list/E", "truth": "unknown", "path": ["X"]}]),
        finding("xx.f", "xx.list/F", thing={"kind": "party", "name": "another"}),
    ]
    assert gathered(apart) == apart


def test_the_same_reason_under_another_programme_is_the_same() -> None:
    reasons = [[{"status": f"xx.list/{tag}", "truth": "unknown", "path": ["somebody"]}] for tag in "AB"]
    found = gathered([finding(f"xx.{i}", f"xx.list/{i}", because=reason) for i, reason in enumerate(reasons)])
    assert len(found) == 1


def test_open_law_of_what_is_only_named_likewise_is_left_out() -> None:
    found = {"xx.office": gathered([finding("xx.a", "xx.list/A"), finding("xx.b", "xx.list/B")])}
    unresolved = [{"norm": "xx.a"}, {"norm": "xx.b"}, {"norm": "xx.other"}]
    assert spoken_of(found, unresolved) == [{"norm": "xx.a"}, {"norm": "xx.other"}]
