"""Owners from CSV: the columns, the spellings of spreadsheets, and what is wrong with a row."""

from __future__ import annotations

from pathlib import Path

import pytest

from carveout.engine.parties.registers.reading import RegisterRefused, read_register
from carveout.engine.parties.registers.register import Register

from .making import kept, said

HEAD = "company,company_country,owner,owner_kind,percent,minimum,maximum,from,until"


def shares(folder: Path, content: str | bytes, day: str = "2025-06-01") -> tuple[list[tuple[str, str, str]], list[str]]:
    return said(Register([kept(folder, content, "owners.csv")]), "X", day)


def test_a_row_is_a_share(tmp_path: Path) -> None:
    table = f"{HEAD}\nX Ltd,GB,Pat Doe,person,30,,,2020-01-01,\nX Ltd,GB,A Ltd,,,25,50,,\nX Ltd,GB,?,,10,,,,\n"
    assert shares(tmp_path, table) == ([("Pat Doe", "30", "30"), ("A Ltd", "25", "50")], ["45"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_spreadsheets_write_it_in_many_ways(encoding: str, delimiter: str, tmp_path: Path) -> None:
    rows = [["company", "owner", "percent"], ["X Ltd", "Zoë Ångström", '"33,5"' if delimiter == "," else "33,5"]]
    table = "\r\n".join(delimiter.join(row) for row in rows)
    assert shares(tmp_path, table.encode(encoding)) == ([("Zoë Ångström", "33.5", "33.5")], ["66.5"])


def test_a_share_that_ended_does_not_count(tmp_path: Path) -> None:
    table = f"{HEAD}\nX Ltd,,A,,60,,,2020-01-01,2022-01-01\nX Ltd,,B,,60,,,2022-01-01,\n"
    assert shares(tmp_path, table, "2021-12-31")[0] == [("A", "60", "60")]
    assert shares(tmp_path, table, "2022-01-01")[0] == [("B", "60", "60")]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("X,,,,50,,,,", "`owner` is missing"),
        ("X,,A,,101,,,,", "`percent.exact`: `101` lies not between 0 and 100"),
        ("X,,A,,half,,,,", "`percent.exact`: `half` is no number"),
        ("X,,A,robot,50,,,,", "`owner_kind`: `robot` is none of person, organisation, government"),
        ("X,Utopia,A,,50,,,,", "`company_country`: `UTOPIA` is no code of a country"),
        ("X,,A,,50,,,1.1.2020,", "`from`: `1.1.2020` is no day (YYYY-MM-DD)"),
        ("X,,A,,50,,,2020-01-01,2019-01-01", "`until` 2019-01-01 lies before `from` 2020-01-01"),
        ("X,,B,,50,,,,", "states another share of the same owner from the same day"),
    ],
)
def test_a_broken_row_is_told_with_its_place(row: str, fault: str, tmp_path: Path) -> None:
    register = Register([kept(tmp_path, f"{HEAD}\nX,,B,,20,,,,\n{row}\n", "owners.csv")])
    assert register.imports[0].kept.faults == (f"row 3: {fault}",)
    if "Utopia" not in row:
        assert said(register, "X", "2025-06-01") == ([("B", "20", "20")], ["80"])


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("company,owner\n", "no row that can be read"),
        ("company,owner,stake\nX,A,50\n", "has the column `stake`, which is not read"),
        ("company,owner,owner\nX,A,50\n", "twice"),
        ("company,owner\nX,A,50\n", "row 2 has 3 cells"),
        ('company,owner\nX,"A\n', "cannot be read"),
        ("name,share\nX,A\n", "is neither"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_whole(table: str, why: str, tmp_path: Path) -> None:
    file = tmp_path / "owners.csv"
    file.write_text(table)
    with pytest.raises(RegisterRefused, match=why):
        read_register(file)


def test_a_name_is_the_party_that_has_its_country_elsewhere_in_the_table(tmp_path: Path) -> None:
    head = "company,company_country,owner,owner_country,percent"
    table = f"{head}\nX,DE,A,,60\nA,FR,B,,100\n"
    register = Register([kept(tmp_path, table, "owners.csv")])
    owner = register.account(register.named("X")[0]).holdings[0][0]
    assert owner is not None and register.account(owner).holdings
    both = Register([kept(tmp_path, f"{table}A,GB,C,,100\n", "owners.csv")])
    assert both.imports[0].kept.faults == (
        "row 2: `a` names several parties of this table: give its country or number",
    )
    assert said(both, "X", "2025-06-01") == ([], ["100"])


def test_another_import_tells_who_owns_an_owner(tmp_path: Path) -> None:
    head = "company,company_country,owner,owner_country,percent"
    one = kept(tmp_path, f"{head}\nX,DE,A Ltd,FR,60\n", "owners.csv")
    two = kept(tmp_path, f"{head}\nA Limited,FR,B,,100\n", "owners.csv", source="S")
    register = Register([one, two])
    owner = register.account(register.named("X")[0]).holdings[0][0]
    assert owner is not None
    match = register.above(owner)
    assert match.sure and register.account(match.entries[0]).holdings
