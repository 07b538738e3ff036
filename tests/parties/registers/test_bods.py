"""The standard's statements, in the spelling of each version: who has what, when, and what is not known."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from carveout.engine.parties.registers.reading import RegisterRefused, read_register
from carveout.engine.parties.registers.register import Register
from carveout.engine.parties.registers.stakes import parts_of

from .making import entity, holds, kept, old, person, said

X, A, P = entity("x", "X Ltd", number="00000001"), entity("a", "A Ltd", number="00000002"), person("p", "Pat Doe")


def test_version_0_2_refers_to_statements(tmp_path: Path) -> None:
    file = [
        old("entityStatement", "e1", "0.2", entityType="registeredEntity", name="X Ltd"),
        old("personStatement", "p1", "0.2", personType="knownPerson", names=[{"fullName": "Pat Doe"}]),
        old(
            "ownershipOrControlStatement",
            "o1",
            "0.2",
            subject={"describedByEntityStatement": "e1"},
            interestedParty={"describedByPersonStatement": "p1"},
            interests=[
                {
                    "type": "shareholding",
                    "interestLevel": "direct",
                    "startDate": "2020-01-01",
                    "share": {"minimum": 25, "maximum": 50, "exclusiveMinimum": True, "exclusiveMaximum": False},
                },
                {"type": "voting-rights", "share": {"minimum": 25, "maximum": 50}},
            ],
        ),
    ]
    register = Register([kept(tmp_path, file)])

    assert register.imports[0].kept.format == "BODS 0.2"
    assert said(register, "X Ltd", "2024-01-01") == ([("Pat Doe", "25", "50")], ["75"])


def test_a_replaced_statement_of_0_3_counts_until_its_successors_do(tmp_path: Path) -> None:
    relation = {
        "subject": {"describedByEntityStatement": "e1"},
        "interestedParty": {"describedByPersonStatement": "p1"},
    }
    share = {"type": "shareholding", "directOrIndirect": "direct", "startDate": "2018-01-01", "share": {"exact": 100}}
    half = {**share, "startDate": "2021-05-01", "share": {"exact": 50}}
    unspecified = {"unspecified": {"reason": "interestedPartyHasNotProvidedInformation"}}
    file = [
        old("entityStatement", "e1", "0.3", entityType="registeredEntity", name="X Ltd"),
        old("entityStatement", "e2", "0.3", entityType="registeredEntity", name="X PLC", replacesStatements=["e1"]),
        old("personStatement", "p1", "0.3", personType="knownPerson", names=[{"fullName": "Pat Doe"}]),
        old("ownershipOrControlStatement", "o1", "0.3", interests=[share], **relation),
        # one statement replaced by two: each stands
        old(
            "ownershipOrControlStatement", "o2", "0.3", interests=[half], replacesStatements=["o1"], **relation
        ) | {"statementDate": "2021-06-01"},
        old(
            "ownershipOrControlStatement", "o3", "0.3", interests=[half], replacesStatements=["o1"],
            **{**relation, "subject": {"describedByEntityStatement": "e2"}, "interestedParty": unspecified},
        ) | {"statementDate": "2021-06-01"},
    ]  # fmt: skip
    register = Register([kept(tmp_path, file)])

    assert said(register, "X PLC", "2021-04-30") == ([("Pat Doe", "100", "100")], [])
    assert said(register, "X Ltd", "2021-05-01") == ([("Pat Doe", "50", "50")], ["50"])


def test_the_newest_statement_about_a_record_wins_from_the_day_it_speaks_of(tmp_path: Path) -> None:
    file = [
        X,
        P,
        holds("r", "x", "p", 100),
        holds("r", "x", "p", 40, day="2022-02-01", status="updated", startDate="2022-01-15"),
        holds("r", "x", "p", 40, day="2023-01-01", status="closed", startDate="2022-01-15", endDate="2022-12-01"),
    ]
    register = Register([kept(tmp_path, file)])

    assert said(register, "X", "2022-01-14") == ([("Pat Doe", "100", "100")], [])
    assert said(register, "X", "2022-01-15") == ([("Pat Doe", "40", "40")], ["60"])
    assert said(register, "X", "2022-11-30") == ([("Pat Doe", "40", "40")], ["60"])
    assert said(register, "X", "2022-12-01") == ([], [])  # an end told later counts from that end on


def test_a_closed_record_without_an_end_ends_with_its_statement(tmp_path: Path) -> None:
    register = Register([kept(tmp_path, [X, P, holds("r", "x", "p", 60, day="2023-03-03", status="closed")])])

    assert said(register, "X", "2023-03-02")[0] == [("Pat Doe", "60", "60")]
    assert said(register, "X", "2023-03-03")[0] == []


@pytest.mark.parametrize(
    ("share", "bounds", "rest"),
    [
        ({"exact": 33.333}, ("33.333", "33.333"), "66.667"),
        ({"minimum": 25, "maximum": 50}, ("25", "50"), "75"),
        ({"minimum": 75, "exclusiveMaximum": 100}, ("75", "100"), "25"),
        ({"exclusiveMinimum": 25}, ("25", "100"), None),
        ({"maximum": 10}, ("0", "10"), "100"),
        (None, ("0", "100"), "100"),
    ],
)
def test_a_share_is_exact_or_lies_between_bounds(
    share: Any, bounds: tuple[str, str], rest: str | None, tmp_path: Path
) -> None:
    shares, left = said(Register([kept(tmp_path, [X, P, holds("r", "x", "p", share)])]), "X", "2024-01-01")

    assert shares == [("Pat Doe", *bounds)]
    assert rest is None or left == [rest]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (holds("r", "x", "p", 101), "`share.exact`: `101` lies not between 0 and 100"),
        (holds("r", "x", "p", -1), "`share.exact`: `-1` lies not between 0 and 100"),
        (holds("r", "x", "p", {"minimum": 60, "maximum": 40}), "`share`: the minimum is more than the maximum"),
        (holds("r", "x", "p", {"exact": "many"}), "`share.exact`: `many` is no number"),
        (holds("r", "x", "p", {"exact": True}), "`share.exact` must be a number"),
        (holds("r", "x", "p", {"exact": 1e400}), None),
        (holds("r", "x", "p", 50, startDate="2020-02-30"), "`startDate`: `2020-02-30` is no day (YYYY-MM-DD)"),
        (holds("r", "x", "p", 50, endDate="2019-01-01"), "`endDate` 2019-01-01 lies before `startDate` 2020-01-01"),
        (holds("r", "x", {}, 50), "`interestedParty` says neither who it is nor why that is not said"),
        (holds("r", "x", ["p"], 50), "`interestedParty` must be an object"),
    ],
)
def test_a_broken_relationship_is_told_with_its_place_and_leaves_the_owners_unknown(
    wrong: Any, message: str | None, tmp_path: Path
) -> None:
    text = json.dumps([X, P, holds("q", "x", "p", 60), wrong]).replace("Infinity", "1e400")
    register = Register([kept(tmp_path, text)])

    (fault,) = register.imports[0].kept.faults
    assert fault.startswith("statement 4: ")
    assert message is None or fault == f"statement 4: {message}"
    assert said(register, "X", "2025-06-01") == ([("Pat Doe", "60", "60")], ["40"])
    only = Register([kept(tmp_path, json.dumps([X, P, wrong]).replace("Infinity", "1e400"))])
    assert said(only, "X", "2025-06-01") == ([], ["100"])


def test_anonymous_and_unspecified_owners_are_not_known(tmp_path: Path) -> None:
    anonymous = person("n", "", personType="anonymousPerson", names=[])
    held = holds("r", "x", "n", 60)
    assert said(Register([kept(tmp_path, [X, anonymous, held])]), "X", "2024-01-01") == ([], ["100"])
    unspecified = holds("r", "x", {"reason": "unknown"}, 60)
    both = [X, P, unspecified, holds("q", "x", "p", 40)]
    assert said(Register([kept(tmp_path, both)]), "X", "2024-01-01") == ([("Pat Doe", "40", "40")], ["60"])


def test_that_nobody_has_to_be_named_says_nothing_of_shares(tmp_path: Path) -> None:
    exempt = holds("r", "x", {"reason": "subjectExemptFromDisclosure"})
    del exempt["recordDetails"]["interests"]
    assert said(Register([kept(tmp_path, [X, exempt])]), "X", "2024-01-01") == ([], [])


def test_an_indirect_share_is_told_by_its_components_or_perhaps_everything(tmp_path: Path) -> None:
    indirect = holds("r", "x", "p", 60, directOrIndirect="indirect")
    register = Register([kept(tmp_path, [X, P, indirect])])
    (entry,) = register.named("X")
    assert [h.what for _, h in register.account(entry).holdings] == ["perhaps"]
    indirect["recordDetails"]["componentRecords"] = ["q"]
    chain = [X, P, A, indirect, holds("q", "x", "a", 60), holds("s", "a", "p", 100)]
    assert said(Register([kept(tmp_path, chain)]), "X", "2024-01-01")[0] == [("A Ltd", "60", "60")]


@pytest.mark.parametrize(
    ("kind", "share", "what"),
    [
        ("votingRights", {"exact": 51}, "control"),
        ("votingRights", {"exact": 50}, None),
        ("votingRights", {"minimum": 25, "maximum": 75}, "perhaps_control"),
        ("appointmentOfBoard", None, "control"),
        ("boardMember", None, "perhaps_control"),
        ("otherInfluenceOrControl", None, "perhaps_control"),
        ("nominee", None, "perhaps_control"),
        ("somethingNew", None, "perhaps_control"),
        ("shareholding", {"exact": 100}, None),
    ],
)
def test_which_interests_control(kind: str, share: Any, what: str | None, tmp_path: Path) -> None:
    register = Register([kept(tmp_path, [X, P, holds("r", "x", "p", share, type=kind)])])
    (entry,) = register.named("X")
    assert [h.what for _, h in register.account(entry).holdings if "control" in h.what] == ([what] if what else [])


def test_parties_with_a_number_in_common_are_one(tmp_path: Path) -> None:
    again = entity("other", "X Limited (formerly Y)", number="0000 0001")
    register = Register(
        [kept(tmp_path, [X, P, holds("r", "x", "p", 60)]), kept(tmp_path, [again, A, holds("r2", "other", "a", 20)])]
    )
    (entry,) = register.named("00000001")
    assert len(entry) == 2
    assert said(register, "00000001", "2024-01-01") == ([("Pat Doe", "60", "60"), ("A Ltd", "20", "20")], ["20"])


def test_of_two_imports_the_newer_statement_about_a_relationship_wins(tmp_path: Path) -> None:
    before = kept(tmp_path, [X, A, holds("r", "x", "a", 60)])
    after = kept(tmp_path, [X, A, holds("other id", "x", "a", 70, day="2024-01-01")], source="S")
    for imports in ([before, after], [after, before]):
        assert said(Register(imports), "X", "2025-01-01")[0] == [("A Ltd", "70", "70")]


def test_contradicting_shares_are_not_certain(tmp_path: Path) -> None:
    register = Register([kept(tmp_path, [X, A, P, holds("r", "x", "a", 70), holds("q", "x", "p", 60)])])
    match = register.find("X Ltd", ["GB"])
    assert match is not None and match.sure

    (entry,) = match.entries
    parts = [p for p in parts_of(list(register.account(entry).holdings)) if p.until is None]
    assert [(p.percent, p.sure) for p in parts] == [(Decimal(70), False), (Decimal(60), False)]


def test_packed_lines_are_read_like_the_array(tmp_path: Path) -> None:
    statements = [X, P, holds("r", "x", "p", 60)]
    lines = "\n".join(json.dumps(s) for s in statements).encode()
    one = kept(tmp_path, statements)
    two = kept(tmp_path, gzip.compress(lines), "register.jsonl.gz")
    three = kept(tmp_path, {"statements": statements})
    assert one.kept.counts == two.kept.counts == three.kept.counts
    assert said(Register([one]), "X", "2024-01-01") == said(Register([two]), "X", "2024-01-01")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"[{", "cut short"),
        (b'[{"statementId": "a"}', "cut short"),
        (b"[" * 100_000, "cut short"),
        (b"[]", "holds no statement that can be read"),
        (b'{"statementGroups": [{}]}', "version 0.1"),
        (b"hello", "is neither"),
        (lambda: gzip.compress(b"[" + b" " * 200_000_000), "packed more than"),
        (lambda: gzip.compress(b'[{"statementId": "a"}]')[:-6], "cut short or damaged"),
    ],
)
def test_a_file_that_is_broken_is_refused_whole(content: bytes | Callable[[], bytes], why: str, tmp_path: Path) -> None:
    file = tmp_path / "register.json"
    file.write_bytes(content() if callable(content) else content)
    with pytest.raises(RegisterRefused, match=why):
        read_register(file)
