"""The real files: what stands in them, counted by hand (CARVEOUT_REALDATA names their folder)."""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from carveout.engine.parties.registers.kept import write_import
from carveout.engine.parties.registers.reading import read_register
from carveout.engine.parties.registers.register import Register

from .making import said

REAL = os.environ.get("CARVEOUT_REALDATA", "")
pytestmark = pytest.mark.skipif(not REAL, reason="CARVEOUT_REALDATA is not set")
FOLDER = Path(REAL) / "ownership"
FILES = sorted(path for path in FOLDER.rglob("bods*") if path.is_file()) + sorted(
    path for part in ("bods_standard_examples", "bods_v04_fixtures") for path in (FOLDER / part).glob("[!b]*.json")
)


def register_of(path: Path) -> Register:
    reading = read_register(path)
    return Register(
        [write_import(None, reading, source="R", published=reading.newest or date(2026, 1, 1), imported="")]
    )


def raw(path: Path) -> list[dict[str, object]]:
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return (
        [json.loads(x) for x in text.splitlines() if x.strip()] if b"jsonl" in path.name.encode() else json.loads(text)
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_statement_of_every_file_is_read(path: Path) -> None:
    kinds = Counter(statement["recordType"] for statement in raw(path))
    counts = register_of(path).imports[0].kept.counts
    assert counts["read"] == kinds.total()
    assert counts["parties"] == kinds["entity"] + kinds["person"]
    assert counts["relationships"] == kinds["relationship"]
    assert counts["broken"] == counts["referred to and not described"] == 0


def test_all_the_files_are_there() -> None:
    assert len(FILES) == 24


@pytest.mark.parametrize(
    ("day", "shares"),
    [
        ("2019-09-10", []),
        ("2019-09-11", [("Patrick O'Donohue", "50", "50"), ("Riyadh Byrne-Amin", "50", "50")]),
        ("2021-04-02", [("Patrick O'Donohue", "50", "50"), ("Riyadh Byrne-Amin", "50", "50")]),
        ("2021-04-03", [("Declan Byrne-Amin", "50", "50"), ("Patrick O'Donohue", "50", "50")]),
        ("2022-01-20", [("Declan Byrne-Amin", "50", "50"), ("Patrick O'Donohue", "50", "50")]),
        ("2022-01-21", [("Patrick O'Donohue", "100", "100")]),
    ],
)
def test_fermcat_through_its_updates(day: str, shares: list[tuple[str, str, str]]) -> None:
    assert said(register_of(FOLDER / "bods_standard_examples/fermcat.json"), "Fermcat", day) == (shares, [])


@pytest.mark.parametrize(
    ("day", "shares", "rest"),
    [
        ("2002-03-08", [], []),
        ("2021-09-23", [("Maria Esteves", "100", "100")], []),
        ("2021-09-24", [("Shear Trust", "60", "60"), ("Maria Esteves", "40", "40")], []),
        ("2022-09-21", [("Shear Trust", "70", "70"), ("Maria Esteves", "30", "30")], []),
        ("2023-03-03", [("Shear Trust", "80", "80")], ["20"]),
    ],
)
def test_tecido_through_its_updates(day: str, shares: list[tuple[str, str, str]], rest: list[str]) -> None:
    assert said(register_of(FOLDER / "bods_standard_examples/tecido.json"), "Tecido", day) == (shares, rest)


def test_numbers_of_two_registers_make_one_party_of_the_nine_groups() -> None:
    register = register_of(FOLDER / "bods04_nine_groups.jsonl.gz")
    assert register.named("00102498") == register.named("213800LH1BZH3DI6G760") == register.named("BP P.L.C.")
    assert said(register, "BP AGUNG I", "2025-01-01") == (
        [("BP EXPLORATION OPERATING COMPANY LIMITED", "75", "100")],
        ["25"],
    )


def test_what_an_unable_company_says_is_not_known() -> None:
    register = register_of(FOLDER / "bods_v04_fixtures/11-anonymous-person.json")
    assert said(register, "Opaque Holdings SA", "2026-05-01") == ([], ["100"])


def test_a_company_exempt_from_disclosure_says_nothing_of_shares() -> None:
    path = FOLDER / "bods_standard_examples/listed-company-exempt-from-disclosure.json"
    register = register_of(path)
    name = next(s["recordDetails"]["name"] for s in raw(path) if s["recordType"] == "entity")  # type: ignore[index]
    assert said(register, name, "2026-05-01") == ([], [])
