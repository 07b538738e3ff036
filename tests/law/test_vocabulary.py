"""Words, places and codes are hierarchies: a narrower word is a kind of a broader one, a broader one may be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from carveout.engine.law.documents import RuleError
from carveout.engine.law.ruleset import build_rules, load_rules
from carveout.engine.law.truth import FALSE, TRUE, UNKNOWN
from carveout.engine.law.vocabulary import CodeSet, close_hierarchy, code_test

from .small import documents, words

RULES = load_rules()


@pytest.mark.parametrize(
    ("kind", "said", "wanted", "truth"),
    [
        ("activity", "maintenance", "service", TRUE),
        ("activity", "service", "maintenance", UNKNOWN),
        ("activity", "maintenance", "insurance", FALSE),
        ("activity", "sale", "sale", TRUE),
        ("role", "buyer", "counterparty", TRUE),
        ("role", "counterparty", "buyer", UNKNOWN),
        ("place", "UA-43", "UA", TRUE),
        ("place", "UA", "UA-43", UNKNOWN),
        ("place", "RU", "UA", FALSE),
        ("place", "DE", "EU", TRUE),
        ("place", "EU", "DE", UNKNOWN),
        ("place", "EU", "US", FALSE),
        ("place", "NO", "EU", FALSE),
        ("asset_kind", "funds", "property", TRUE),
    ],
)
def test_words_and_places(kind: str, said: str, wanted: str, truth: int) -> None:
    assert RULES.vocabulary.test(kind, said, wanted) == truth


@pytest.mark.parametrize(
    ("said", "wanted", "truth"),
    [
        ("9A991.d", "9A991", TRUE),
        ("9A991", "9A991.a", UNKNOWN),
        ("9A991.d", "9A991.a", FALSE),
        ("9A991", "9A", TRUE),
        ("EAR99", "9A991", FALSE),
        ("88", "880730", UNKNOWN),
        ("880730", "88", TRUE),
    ],
)
def test_codes(said: str, wanted: str, truth: int) -> None:
    assert code_test(said, wanted) == truth


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [
        ("eccn", "9a991.D", "9A991.d"),
        ("eccn", " ear99 ", "EAR99"),
        ("eccn", "9A99I.d", None),
        ("eccn", "USML-VIII(h)", "USML-VIII(h)"),
        ("hs", "8807.30", "880730"),
        ("hs", "8807 30 00", "88073000"),
        ("hs", "parts", None),
        ("registration", "ew-366pa", "EW-366PA"),
        ("currency", "usd", "USD"),
        ("currency", "dollars", None),
    ],
)
def test_a_code_has_one_spelling(kind: str, raw: str, code: str | None) -> None:
    assert RULES.vocabulary.codes[kind].read(raw) == code


def test_a_set_that_was_not_seen_whole_never_says_no() -> None:
    whole = CodeSet("s", "s", "hs", ("8807", "8542"), True)
    part = CodeSet("s", "s", "hs", ("8807", "8542"), False)
    assert [whole.contains(code) for code in ("880730", "88", "9403")] == [TRUE, UNKNOWN, FALSE]
    assert [part.contains(code) for code in ("880730", "88", "9403")] == [TRUE, UNKNOWN, UNKNOWN]


def test_a_hierarchy_has_no_circle() -> None:
    with pytest.raises(ValueError, match="`a` lies within itself"):
        close_hierarchy("x", {"a": ("b",), "b": ("a",)})
    with pytest.raises(ValueError, match="`c` is named as broader but not declared"):
        close_hierarchy("x", {"a": ("c",)})


def test_what_absence_means_is_a_closed_list() -> None:
    assumed = {fact.path for fact in RULES.vocabulary.facts.values() if fact.absent == "assumed"}
    assert assumed == {"act.knowledge_of_violation", "act.red_flag"}
    assert {fact.absent for fact in RULES.vocabulary.facts.values()} == {"asked", "claimed", "assumed", "as", "none"}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("asset.operator", "unknown role `pilot`"),
        ("asset.kind", "only a link of an item or asset to a party is filled by a role"),
    ],
)
def test_a_role_that_cannot_fill_a_link(path: str, said: str) -> None:
    whole = words()["vocabulary.yaml"].data
    facts = {**whole["facts"], path: {**whole["facts"][path], "filled_by": "pilot"}}
    changed = replace(words()["vocabulary.yaml"], data={**whole, "facts": facts})
    with pytest.raises(RuleError) as error:
        build_rules({**documents({}), "vocabulary.yaml": changed})
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("said", "wanted", "truth"),
    [
        ("3A001.a.1", "3A001.a", TRUE),
        ("3A001.a.12", "3A001.a.1", FALSE),
        ("3A001.a.1", "3A001.a.12", FALSE),
        ("USML-XI", "USML-X", FALSE),
        ("USML-IV(a)", "USML-IV", TRUE),
        ("9A991.d", "9", TRUE),
        ("880730", "8807", TRUE),
        ("3A001", "3A001.a.1", UNKNOWN),
    ],
)
def test_the_parts_of_a_code_are_whole(said: str, wanted: str, truth: int) -> None:
    assert code_test(said, wanted) == truth


def test_codes_without_kinds() -> None:
    assert code_test("USDT", "USD") == TRUE
    assert code_test("USDT", "USD", whole=True) == FALSE
    assert code_test("USD", "USD", whole=True) == TRUE
