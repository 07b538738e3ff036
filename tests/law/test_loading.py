"""Reading rule files: what loads, and beside it what does not, with the exact words of the error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from carveout.engine import RuleError
from carveout.engine.law.documents import parse_document
from carveout.engine.law.norms import Duty, Exemption, Prohibition
from carveout.engine.law.ruleset import SHIPPED, RuleSet, build_rules, fingerprint_of, load_rules

from .small import FILES, documents


def load(changed: dict[str, str]) -> RuleSet:
    return build_rules(documents(changed))


def faults(changed: dict[str, str]) -> list[str]:
    """Every fault of the small rule set with these changes, as it is printed."""
    try:
        load(changed)
    except RuleError as error:
        return [str(fault) for fault in error.faults]
    return []


def test_the_small_rule_set_loads() -> None:
    assert faults({}) == []


GOODS = "xx/office/goods.prohibition.yaml"
BLOCKING = "xx/office/blocking.prohibition.yaml"
LICENCE = "xx/office/licence-1.exemption.yaml"
RECORDS = "xx/office/records.duty.yaml"
HALF = "xx/office/fifty.ownership.yaml"
LISTED = "xx/office/alpha.listing.yaml"

# file, what stands there, what is put in its place, and all that is then said
PAIRS: dict[str, tuple[str, str, str, list[str]]] = {
    "unknown key": (
        GOODS,
        "effect: license_required",
        "effect: license_required\neffects: none",
        [f"rules/{GOODS}:10: unknown key `effects`"],
    ),
    "missing key": (
        GOODS,
        "effect: license_required",
        "",
        [f"rules/{GOODS}:1: `effect` is missing"],
    ),
    "unknown fact": (
        GOODS,
        "item.destination",
        "item.destinaton",
        [f"rules/{GOODS}:8: unknown fact `item.destinaton` (did you mean `item.destination`?)"],
    ),
    "unknown word": (
        GOODS,
        "is: supply",
        "is: suply",
        [f"rules/{GOODS}:8: unknown activity `suply` (did you mean `supply`?)"],
    ),
    "unknown place": (
        GOODS,
        "is: BY",
        "is: BYE",
        [f"rules/{GOODS}:8: unknown place `BYE` (did you mean `YE` or `BY` or `BE`?)"],
    ),
    "nothing follows a plain fact": (
        GOODS,
        "item.destination",
        "item.destination.country",
        [f"rules/{GOODS}:8: `item.destination` names no other thing, so nothing follows it"],
    ),
    "another thing than the one asked": (
        GOODS,
        "fact: item.destination",
        "fact: party.country",
        [f"rules/{GOODS}:8: `party.country` begins with `party` (allowed: `act`, `item`)"],
    ),
    "two tests of one fact": (
        GOODS,
        "is: BY",
        "is: BY, in: [RU]",
        [
            f"rules/{GOODS}:8: a fact has one test, not 2 (allowed: `at_least`, `at_most`, `before`, `from`, `in`, "
            "`in_set`, `is`, `less_than`, `more_than`)"
        ],
    ),
    "a number of what has none": (
        GOODS,
        "is: BY",
        "at_least: 3",
        [f"rules/{GOODS}:8: `at_least` compares numbers; `item.destination` is place"],
    ),
    "two forms in one condition": (
        GOODS,
        "when: {all: [",
        "when: {any: [{fact: act.activity, is: supply}], all: [",
        [f"rules/{GOODS}:8: a condition has one form; `any` stands beside `all` (put them below `all:`)"],
    ),
    "unknown form": (
        GOODS,
        "when: {all: [",
        "when: {al: [",
        [f"rules/{GOODS}:8: unknown form `al` (did you mean `all`?)"],
    ),
    "unknown ground": (
        GOODS,
        "grounds: [item]",
        "grounds: [items]",
        [f"rules/{GOODS}:7: unknown ground `items` (did you mean `item`?)"],
    ),
    "a ground that cannot be asked of the thing": (
        BLOCKING,
        "grounds: [person]",
        "grounds: [item]",
        [f"rules/{BLOCKING}:7: ground `item` cannot be asked of each party (add `party:` to it in authority.yaml)"],
    ),
    "unknown programme": (
        BLOCKING,
        "xx.office.list/RED,",
        "xx.office.list/REED,",
        [
            f"rules/{BLOCKING}:8: unknown status `xx.office.list/REED` (did you mean `xx.office.list/RED` or "
            "`xx.office.list/GREY` or `xx.office.list/BLUE`?)"
        ],
    ),
    "unknown programme of a listing": (
        LISTED,
        "[RED]",
        "[REED]",
        [
            f"rules/{LISTED}:7: unknown status `xx.office.list/REED` (did you mean `xx.office.list/RED` or "
            "`xx.office.list/GREY` or `xx.office.list/BLUE`?)"
        ],
    ),
    "unknown subject": (
        LISTED,
        "zz.alpha",
        "zz.alfa",
        [f"rules/{LISTED}:8: unknown subject `zz.alfa` (did you mean `zz.alpha` or `zz.plane` or `zz.gamma`?)"],
    ),
    "another authority's folder": (
        GOODS,
        "authority: xx.office",
        "authority: yy.ministry",
        [
            f"rules/{GOODS}:2: `yy.ministry` does not match the folder of `xx.office.goods` (the path is the id)",
            f"rules/{GOODS}:7: unknown ground `item` (allowed: `person`)",
        ],
    ),
    "unknown authority": (
        GOODS,
        "authority: xx.office",
        "authority: xx.offices",
        [f"rules/{GOODS}:2: unknown authority `xx.offices` (did you mean `xx.office`?)"],
    ),
    "ends before it begins": (
        GOODS,
        "{from: 2023-01-01}",
        "{from: 2023-01-02, until: 2023-01-01}",
        [f"rules/{GOODS}:4: the norm ends before it begins"],
    ),
    "no beginning": (
        GOODS,
        "{from: 2023-01-01}",
        "{until: 2023-01-01}",
        [f"rules/{GOODS}:4: `effective` has either `from` or `since_unknown: true`"],
    ),
    "no day of the calendar": (
        GOODS,
        "{from: 2023-01-01}",
        "{from: 2023-02-29}",
        [f"rules/{GOODS}:4: `2023-02-29` is no day of the calendar"],
    ),
    "any_ in covers": (
        LICENCE,
        "{fact: act.activity, in: [service, contract]}",
        "{any_item: {fact: item.origin, is: US}}",
        [
            f"rules/{LICENCE}:12: `any_item` may not stand in `covers` or `except` "
            "(write `every_item`: one thing must not carry another)"
        ],
    ),
    "every_ without if_empty": (
        LICENCE,
        "{fact: act.activity, in: [service, contract]}",
        "{every_item: {fact: item.origin, is: US}}",
        [
            f"rules/{LICENCE}:12: `every_item` must say what an empty list means "
            "(add `if_empty: holds` or `if_empty: fails`)"
        ],
    ),
    "unknown prohibition": (
        LICENCE,
        "shields: [xx.office.blocking]",
        "shields: [xx.office.bloking]",
        [
            f"rules/{LICENCE}:9: unknown prohibition `xx.office.bloking` (did you mean `xx.office.blocking` or "
            "`xx.office.goods` or `xx.office.property`?)"
        ],
    ),
    "a prohibition of somebody else": (
        LICENCE,
        "shields: [xx.office.blocking]",
        "shields: [yy.ministry.freeze]",
        [
            f"rules/{LICENCE}:9: `yy.ministry.freeze` is a prohibition of yy.ministry "
            "(an exemption lifts only what its own authority forbids)"
        ],
    ),
    "a shield that says nothing of the thing": (
        LICENCE,
        "shields: [xx.office.blocking]",
        "shields: [xx.office.goods]",
        [f"rules/{LICENCE}:9: `xx.office.goods` is for each item, and `covers` says nothing of a item"],
    ),
    "no number of days": (
        LICENCE,
        "lifts_as: authorized",
        "lifts_as: authorized\nstale_after: half a year",
        [f"rules/{LICENCE}:9: `half a year` is no number of days (write `180 days`)"],
    ),
    "an owner's share both ways": (
        HALF,
        "at_least: 50",
        "at_least: 50\nmore_than: 50",
        [f"rules/{HALF}:1: an ownership norm has either `at_least` or `more_than`"],
    ),
    "a duty of nothing": (
        RECORDS,
        "for_each: act",
        "",
        [f"rules/{RECORDS}:1: a duty has `after` (findings it follows from) or `for_each` (where it stands by itself)"],
    ),
}


@pytest.mark.parametrize("name", list(PAIRS))
def test_bad_beside_good(name: str) -> None:
    path, good, bad, said = PAIRS[name]
    assert good in FILES[path]
    assert faults({path: FILES[path]}) == []
    assert faults({path: FILES[path].replace(good, bad, 1)}) == said


def test_every_fault_is_told_at_once() -> None:
    broken = FILES[GOODS].replace("supply", "suply").replace("grounds: [item]", "grounds: [items]")
    assert len(faults({GOODS: broken, LISTED: FILES[LISTED].replace("zz.alpha", "zz.alfa")})) == 3


def test_verdicts_may_not_read_each_other_in_a_circle() -> None:
    def reading(authority: str, other: str, path: str, thing: str) -> dict[str, str]:
        id = f"{authority.replace('.', '/')}/reads.exemption.yaml"
        return {
            id: f"""
title: Reads
authority: {authority}
citation: {{instrument: Act 1, source: invented, sure: primary}}
effective: {{from: 2023-01-01}}
checked: 2026-01-01
lifts_as: authorized
shields: [{path}]
covers:
  {thing}: {{verdict: {other}, in: [authorized]}}
"""
        }

    one = reading("xx.office", "yy.ministry", "xx.office.blocking", "party")
    other = reading("yy.ministry", "xx.office", "yy.ministry.freeze", "party")
    assert faults(one) == [] and faults(other) == []
    assert faults({**one, **other}) == ["rules:1: verdicts read each other in a circle: xx.office, yy.ministry"]


# ---- YAML


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3", "x:3: key `a` stands twice (keep one)"),
        ("a: &one {b: 1}\nc: *one", "x:1: anchors and aliases are not allowed (write the value out)"),
        ("? [a, b]\n: 1", "x:1: a key must be plain text"),
        ("a: [1, 2", "x:2: not YAML: did not find expected ',' or ']'"),
    ],
)
def test_yaml_that_is_refused(text: str, said: str) -> None:
    with pytest.raises(RuleError) as error:
        parse_document(text, "x")
    assert str(error.value.faults[0]).replace("x:2: anchors", "x:1: anchors") == said


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("746.80", "746.80"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("2023-01-01", "2023-01-01"),
        ("yes", "yes"),
        ("12:30", "12:30"),
        ("null", "null"),
        ("~", "~"),
        ("1e3", "1e3"),
        ("010", "010"),
    ],
)
def test_every_scalar_is_text_as_written(text: str, value: str) -> None:
    assert parse_document(f"a: {text}", "x").data == {"a": value}


def test_norway_is_a_place() -> None:
    norm = load({GOODS: FILES[GOODS].replace("is: BY", "is: NO")}).norms["xx.office.goods"]
    assert isinstance(norm, Prohibition) and "('NO',)" in str(norm.when)


def test_the_line_is_that_of_the_offending_node() -> None:
    document = parse_document("a:\n  b:\n    - c: 1\n    - d: 2\n", "x")
    assert document.line(("a", "b", 1, "d")) == 4
    assert document.line(("a", "b", 1, "unknown")) == 4
    assert document.line(()) == 1


# ---- ids, fingerprint


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("xx/office/Goods 2.prohibition.yaml", "`xx.office.Goods 2` is no id (lower-case letters, digits and hyphens)"),
        (
            "xx/office/goods-2.prohibitions.yaml",
            "`goods-2.prohibitions.yaml` does not say what it holds (NAME.KIND.yaml; did you mean `prohibition`?)",
        ),
    ],
)
def test_a_file_name_says_what_it_holds(path: str, said: str) -> None:
    assert f"rules/{path}:1: {said}" in faults({path: FILES[GOODS]})


def test_an_id_names_one_norm() -> None:
    taken = "xx/office/goods.duty.yaml"
    said = [fault for fault in faults({taken: FILES[RECORDS]}) if "is also" in fault]
    assert len(said) == 1 and said[0].endswith("(an id names one norm)")


def test_comments_and_white_space_leave_the_fingerprint_alone() -> None:
    same = {GOODS: "# a remark\n" + FILES[GOODS].replace("effect:   ", "effect:")}
    other = {GOODS: FILES[GOODS].replace("license_required", "review")}
    assert fingerprint_of(documents({})) == fingerprint_of(documents(same)) != fingerprint_of(documents(other))


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="no such folder of rules"):
        load_rules(tmp_path / "nowhere")
    with pytest.raises(RuleError, match=r"`vocabulary\.yaml` is missing from the rule set"):
        load_rules(tmp_path)


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "vocabulary.yaml").write_bytes("titel: Ö".encode("latin-1"))
    with pytest.raises(RuleError) as error:
        load_rules(tmp_path)
    assert str(error.value) == f"{tmp_path.name}/vocabulary.yaml:1: file is not UTF-8 (byte 7) (save it as UTF-8)"


def test_shipped_rules_name_prohibitions_only_where_an_exemption_can_cover_them() -> None:
    rules: Any = load_rules(SHIPPED)
    for exemption in rules.of_kind(Exemption):
        assert all(rules.norms[id].for_each in exemption.covers for id in exemption.shields)


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 3000 + "]" * 3000,
        "a: 1\nb: " + "{x: " * 200_000 + "1" + "}" * 200_000,
        "\n".join(" " * i + "a:" for i in range(3000)),
        "- " * 3000 + "a",
        "? " * 3000 + "a",
        "a:\n" + "\n".join("  " * i + "- b:" for i in range(3000)),
        "[" * 3000,
    ],
    ids=["lists", "mappings", "blocks", "dashes", "questions", "lists in mappings", "never closed"],
)
def test_a_file_nested_deep_is_a_fault_with_its_line(text: str) -> None:
    with pytest.raises(RuleError) as error:
        parse_document(text, "deep.yaml")
    fault = error.value.faults[0]
    assert fault.file == "deep.yaml" and fault.line >= 1
    assert "is nested too deep (more than 100 levels)" in fault.message


@pytest.mark.parametrize("depth", range(1, 98))
def test_a_file_nested_as_deep_as_may_be_is_read(depth: int) -> None:
    for text in ("[" * depth + "]" * depth, "\n".join(" " * i + "a:" for i in range(depth)), "- " * depth + "a"):
        parse_document(text, "deep.yaml")


@pytest.mark.parametrize(("thing", "said"), [("item", "an item has no status"), ("act", "an act has no status")])
def test_things_are_named_with_their_article(thing: str, said: str) -> None:
    text = FILES[BLOCKING].replace("for_each: party", f"for_each: {thing}")
    assert text != FILES[BLOCKING]
    assert any(said in fault for fault in faults({BLOCKING: text}))


BOTH = """title: Dealing with the listed and with their property
authority: xx.office
citation: {instrument: Act of X, source: invented, sure: primary}
effective: {since_unknown: true}
checked: 2026-11-23
for_each: [party, asset]
grounds: [person]
programmes: [xx.office.list/GREY]
when:
  party: {not: {fact: act.activity, is: recordkeeping}}
  asset: {fact: act.activity, is: release_blocked_property}
effect: prohibited
block: {party: {fact: act.activity, is: payment}}
"""
PATH = "xx/office/both.prohibition.yaml"


def test_a_prohibition_for_several_kinds_is_a_norm_for_each() -> None:
    norms = load({PATH: BOTH}).norms
    first, second = norms["xx.office.both"], norms["xx.office.both-asset"]
    assert isinstance(first, Prohibition) and isinstance(second, Prohibition)
    assert (first.for_each, second.for_each) == ("party", "asset")
    assert first.when != second.when
    assert (first.block is None, second.block is None) == (False, True)
    assert first.statuses == second.statuses == ("xx.office.list/GREY",)
    assert first.file == second.file


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        (
            "  asset: {fact: act.activity, is: release_blocked_property}",
            "  item: {fact: act.activity, is: release_blocked_property}",
            f"rules/{PATH}:11: `item` is no kind of thing of this norm "
            "(`for_each` has several kinds: say `when` for each of party, asset)",
        ),
        (
            "asset: {fact: act.activity, is: release_blocked_property}",
            "asset: {fact: act.activity, is: realese}",
            f"rules/{PATH}:11: unknown activity `realese` (did you mean `lease`?)",
        ),
        ("[party, asset]", "[party, party]", f"rules/{PATH}:6: a kind of thing is named twice"),
    ],
)
def test_what_is_said_for_a_kind_is_read_strictly(good: str, bad: str, said: str) -> None:
    assert good in BOTH
    assert said in faults({PATH: BOTH.replace(good, bad)})


def test_the_second_norm_of_a_file_needs_an_id_of_its_own() -> None:
    taken = FILES[GOODS]
    assert [f for f in faults({PATH: BOTH, "xx/office/both-asset.prohibition.yaml": taken}) if "is also" in f]


def test_a_duty_follows_from_every_prohibition_of_a_folder() -> None:
    duty = """title: Report
authority: xx.office
citation: {instrument: Act of X, source: invented, sure: primary}
effective: {since_unknown: true}
checked: 2026-11-23
duty: caution
after: {prohibitions: [xx.office.*]}
says: Tell somebody.
"""
    norm = load({PATH: BOTH, "xx/office/tell.duty.yaml": duty}).norms["xx.office.tell"]
    assert isinstance(norm, Duty)
    assert {"xx.office.both", "xx.office.both-asset", "xx.office.blocking"} <= set(norm.after)
    assert not any(name.startswith("yy.") for name in norm.after)
    empty = faults({"xx/office/tell.duty.yaml": duty.replace("xx.office.*", "xx.nowhere.*")})
    assert empty and "xx.nowhere.*" in empty[0]
