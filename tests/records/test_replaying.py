"""The same inputs give the same bytes, after the law has moved on too; and what differs is shown."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from carveout.engine import Engine
from carveout.engine.law.documents import parse_document
from carveout.engine.law.ruleset import build_rules
from carveout.engine.records.auditing import verify_store
from carveout.engine.records.canonical import read_back
from carveout.engine.records.recorded import Unreplayable
from carveout.engine.records.replaying import differences, replay
from carveout.engine.records.rule_versions import RuleVersion
from carveout.engine.records.store import Store

TRANSACTIONS = sorted((Path(__file__).resolve().parents[2] / "fixtures" / "transactions").iterdir())
GL_11 = "us/ofac/belarus/gl-11.exemption.yaml"


@pytest.fixture(scope="module")
def later(engine: Engine) -> Engine:
    """The law of another day: the same without general licence 11."""
    files = {path: data for path, data in RuleVersion.of(engine.rules).files.items() if path != GL_11}
    return Engine(build_rules({path: parse_document(data.decode(), path) for path, data in files.items()}))


def test_every_example_replays_to_the_byte(store: Store, engine: Engine) -> None:
    for path in TRANSACTIONS:
        transaction = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        kept = store.keep(engine.rules, transaction, engine.check(transaction), person="me").result()

        found, body = replay(store, kept)

        assert body == kept.body and found.same and found.same_bytes and not found.differences, path


def test_the_law_of_then_is_asked_and_not_that_of_today(
    store: Store, engine: Engine, later: Engine, part: dict[str, Any]
) -> None:
    stated = {**part, "at": "2025-09-11T18:00:00-04:00"}
    kept = store.keep(engine.rules, stated, engine.check(stated), person="me").result()
    store.keep_rules(later.rules)

    recorded, today = replay(store, kept)[0], replay(store, kept, later)[0]

    assert recorded.same_bytes
    assert not today.same and not today.same_verdicts and today.law == "today"
    ofac = {body: v for body, v in (("then", today.then), ("now", today.now))}
    verdicts = {
        name: next(a["verdict"] for a in body["authorities"] if a["authority"] == "us.ofac")
        for name, body in ofac.items()
    }
    assert verdicts == {"then": "authorized", "now": "prohibited"}
    assert any(one.path.endswith("/verdict") and one.now == "prohibited" for one in today.differences)


def test_as_known_is_recorded_and_can_be_asked(store: Store, engine: Engine, part: dict[str, Any]) -> None:
    early = "2025-09-01T00:00:00Z"
    stated = {**part, "at": "2025-09-12T12:00:00-04:00"}
    kept = store.keep(engine.rules, stated, engine.check(stated, as_known=early), person="me", as_known=early).result()

    assert kept.envelope.fingerprint != engine.rules.fingerprint
    assert replay(store, kept)[0].same_bytes
    now = replay(store, kept, engine)[0]
    assert now.then["outcome"] == "stop" and now.now["outcome"] == "proceed"
    assert replay(store, kept, engine, early)[0].same_bytes
    with pytest.raises(ValueError):
        replay(store, kept, as_known="yesterday")


def test_another_format_is_compared_by_meaning(store: Store, engine: Engine, part: dict[str, Any]) -> None:
    decision = engine.check(part)
    old = json.loads(decision.canonical())
    old["format"], old["words"] = 0, ["in other words"]
    kept = store.keep(engine.rules, part, replace(decision, body=old), person="me").result()

    found = replay(store, kept)[0]

    assert found.same and not found.same_bytes and found.same_verdicts and found.same_findings
    assert {one.path.split("/")[1] for one in found.differences} == {"format", "words"}
    old["authorities"][0]["verdict"] = "prohibited"
    changed = store.keep(engine.rules, part, replace(decision, body=old), person="me").result()
    assert not replay(store, changed)[0].same


def test_exact_numbers_come_back(store: Store, engine: Engine, part: dict[str, Any]) -> None:
    text = json.dumps({**part, "parties": [*part["parties"], {"name": "Holding", "roles": ["bank"]}]})
    stated = read_back(text.encode())
    stated["parties"][0]["owners"] = [
        {"party": "Belavia", "percent": read_back(b"49.99999999999999999999")}, {"unknown": True, "percent": 50.0}
    ]  # fmt: skip
    kept = store.keep(engine.rules, stated, engine.check(stated), person="me").result()

    assert replay(store, kept)[0].same_bytes
    assert b"49.99999999999999999999" in store.content(kept.envelope.stated)


def test_a_rule_set_that_this_engine_cannot_read_is_said(store: Store, engine: Engine, part: dict[str, Any]) -> None:
    broken = replace(engine.rules, fingerprint="f" * 64)
    kept = store.keep(broken, part, engine.check(part), person="me").result()
    from carveout.engine.records import recorded

    recorded._engines.clear()
    with pytest.raises(Unreplayable, match="fingerprint"):
        replay(store, kept)


def test_differences_are_pointers() -> None:
    then, now = {"a/b": [1, 2], "c": True, "d~": {"x": None}}, {"a/b": [1], "c": 1, "d~": {"x": None, "y": 0}}

    found = {one.path: (one.then, one.now) for one in differences(then, now)}

    assert found == {"/a~1b/1": (2, "(absent)"), "/c": (True, 1), "/d~0/y": ("(absent)", 0)}
    assert not differences(then, then)


def test_the_threshold_of_then_is_asked(store: Store, engine: Engine, part: dict[str, Any]) -> None:
    narrow = Engine(engine.rules, threshold=99.5)
    stated = {**part, "parties": [*part["parties"], {"name": "Belvia Airlnes", "roles": ["consignee"]}]}
    answers = [one.check(stated) for one in (narrow, engine)]
    assert answers[0].body["identity"] != answers[1].body["identity"]

    for decision, threshold in zip(answers, ("99.5", None), strict=True):
        kept = store.keep(engine.rules, stated, decision, person="me").result()
        again = store.kept(kept.envelope.id)
        assert again is not None and again.envelope == kept.envelope and again.envelope.threshold == threshold
        assert replay(store, again)[0].same_bytes
    verify_store(store)
