"""Columns: every fact of the vocabulary has one."""

import pytest

from carveout.engine.batch.columns import MOST_COLUMNS, column_named, columns_of, read_header, spelled
from carveout.engine.facts.statement import STRUCTURAL
from carveout.engine.law.ruleset import RuleSet, load_rules


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    """The shipped rules."""
    return load_rules()


def test_every_fact_of_the_vocabulary_can_be_stated(rules: RuleSet) -> None:
    known = columns_of(rules)
    stated = {(column.thing, column.field) for column in known.values()}
    for fact in rules.vocabulary.facts.values():
        if fact.path not in STRUCTURAL:
            assert (fact.thing, fact.name) in stated, fact.path
            assert {(fact.thing, other) for other in fact.also} <= stated
    assert {(thing, field) for thing in ("party", "asset") for field in ("subject", "listed")} <= stated


def test_every_role_and_kind_has_its_columns_and_no_two_share_a_name(rules: RuleSet) -> None:
    known = columns_of(rules)
    for role in rules.vocabulary.words["role"]:
        assert known[role].word == role
        assert known[f"{role}_country"].field == "country"
    for kind in rules.vocabulary.words["asset_kind"]:
        assert known[kind].word == kind
    act = {name for name, column in known.items() if column.thing == "act"}
    assert not act & {*rules.vocabulary.words["role"], *rules.vocabulary.words["asset_kind"], "item", "asset"}


@pytest.mark.parametrize(
    ("written", "name"),
    [("Item ECCN", "item_eccn"), ("item.eccn", "item_eccn"), (" BANK-2 Country ", "bank_2_country"), ("at", "at")],
)
def test_headings_are_read_as_people_write_them(written: str, name: str, rules: RuleSet) -> None:
    assert spelled(written) == name
    assert column_named(spelled(written), columns_of(rules)) is not None


def test_numbers_make_second_things(rules: RuleSet) -> None:
    known = columns_of(rules)
    second = column_named("bank_2_country", known)
    assert second is not None and (second.group, second.word, second.field) == ("bank 2", "bank", "country")
    for name in ("bank_1", "bank_0", "currency_2", "bank_2_colour", "item_eccn_2"):
        assert column_named(name, known) is None, name


def test_all_faults_of_a_header_at_once(rules: RuleSet) -> None:
    header = ["activty", "Actor", "actor", "outcome", "us.ofac", "x_desk"]
    _, faults = read_header(header, rules)
    told = "\n".join(faults)
    assert "unknown column `activty`" in told and "did you mean `activity`" in told
    assert "`actor` is also column 2" in told
    assert "`outcome` is a column of an earlier answer" in told and "`us.ofac`" in told
    assert "`activity` is missing" in told and "`at` is missing" in told
    assert "x_desk" not in told


def test_a_table_as_wide_as_the_sea_is_refused_at_once(rules: RuleSet) -> None:
    _, faults = read_header([f"c{i}" for i in range(1_000_000)], rules)
    assert len(faults) == 1 and str(MOST_COLUMNS) in faults[0]
