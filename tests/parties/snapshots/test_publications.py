"""What is known of publications is data, and the user's file changes it key by key."""

from datetime import timedelta
from pathlib import Path

import pytest

from carveout.engine.parties.snapshots.download import allowed
from carveout.engine.parties.snapshots.publications import OWN, PublicationsError, read_publications


def test_what_comes_with_carveout_can_be_used() -> None:
    known = read_publications()
    assert all(about.title and about.source for about in known.of.values())
    assert all(allowed(x, first=False) for about in known.of.values() for x in about.addresses)
    assert all(set(order) <= set(known.of) for order in known.lists.values())
    assert known.precedence("us.ofac.sdn", ["us.csl"]) == ["us.ofac.sdn", "us.csl"]
    assert known.precedence("zz.new", ["b", "zz.new", "a"]) == ["zz.new", "a", "b"]


def test_the_user_s_file_changes_single_keys(tmp_path: Path) -> None:
    (tmp_path / OWN).write_text(
        "publications:\n  us.ofac.sdn: {stale_after: 2 days, addresses: [https://mirror.example/sdn.xml]}\n"
        "  zz.new: {title: A new one}\nlists:\n  us.ofac.sdn: [us.csl]\n"
    )
    known = read_publications(tmp_path)
    assert known.get("us.ofac.sdn").stale_after == timedelta(days=2)
    assert known.get("us.ofac.sdn").addresses == ["https://mirror.example/sdn.xml"]
    assert known.get("us.ofac.sdn").at_least == read_publications().get("us.ofac.sdn").at_least
    assert known.get("zz.new").title == "A new one" and known.get("zz.unheard").title == "zz.unheard"
    assert known.precedence("us.ofac.sdn", []) == ["us.csl"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("publications: {us.csl: {stale_after: soon}}", "`soon` is no span of time"),
        ("publications: {us.csl: {zone: Mars}}", "not a time zone"),
        ("publications: {us.csl: {adresses: []}}", "adresses"),
        ("publications: [a]", "`publications` holds no keys"),
        ("publication: {}", "publication"),
        ("lists: {us.ofac.sdn: []}", r"lists\.us\.ofac\.sdn"),
        ("[a]", "holds no keys"),
        ("a: [", "not YAML"),
    ],
)
def test_a_fault_is_named(text: str, why: str, tmp_path: Path) -> None:
    (tmp_path / OWN).write_text(text)
    with pytest.raises(PublicationsError, match=why):
        read_publications(tmp_path)
