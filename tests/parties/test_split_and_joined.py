"""Names whose words are split or joined otherwise: whom a plain comparison finds is found in a list of any size."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from carveout.engine.parties.lists.files import read_list
from carveout.engine.parties.matching.matcher import compare
from carveout.engine.parties.matching.model import model
from carveout.engine.parties.screening import Screener

from .test_screening import Named, Subject, subject

REAL = Path(os.environ.get("CARVEOUT_REALDATA", "nowhere"))


def test_the_very_letters_come_before_many_who_have_all_that_is_said() -> None:
    """Arabic consonants alone are like many Latin words: whoever bears them has every word stated, as it were."""
    arabic = ("محمد", "محمود", "أحمد", "يحيى", "معلا", "حسن")
    crowd = [
        subject(f"xx:{i}", "person", f"{a} {b} {c}")
        for i, (a, b, c) in enumerate((a, b, c) for a in arabic for b in arabic for c in arabic)
    ]
    screener = Screener([*crowd, subject("it", "person", "Mohamed Yehya MAALA")])
    for written in ("Moha med Yehya MAALA", "Mohamed Ye hya Maala", "MohamedYehya MAALA"):
        assert "it" in {candidate.subject for candidate in screener.screen(written, kind="person")}


@pytest.mark.parametrize("written", ["MerkurBank", "Merkur Ba nk", "MERKURBANK"])
def test_a_bank_written_as_one_word_is_found_among_banks(written: str) -> None:
    banks = [
        subject(f"xx:{i:03}", "organisation", f"Bank {word}") for i, word in enumerate(["Melli", "Saderat", "MRB"] * 30)
    ]
    screener = Screener([*banks, subject("it", "organisation", "Merkur Bank")])
    assert "it" in {candidate.subject for candidate in screener.screen(written)}


@pytest.mark.parametrize(
    ("recorded", "written"),
    [
        ("AMAN DAMASCUS JOINT STOCK COMPANY", "AMAN DAMASCUS JOINT STOCKCOMPANY"),
        ("OBORONLOGISTICS LIMITED LIABILITY COMPANY", "OBORONLOGISTICSLIMITEDLIABILITYCOMPANY"),
        ("OBORONLOGISTICS LIMITED LIABILITY COMPANY", "OBORONLOGISTICS LIMITED LIABILITY COMP ANY"),
    ],
)
def test_legal_forms_that_are_torn_or_joined_hide_nobody(recorded: str, written: str) -> None:
    screener = Screener([subject("it", "organisation", recorded)], ["Damascus"])
    assert [candidate.subject for candidate in screener.screen(written)] == ["it"]


def _split(name: str, chance: random.Random) -> str:
    words = name.split()
    long = [i for i, word in enumerate(words) if len(word) >= 6 and word.isalpha()]
    if long:
        at = chance.choice(long)
        cut = chance.randint(2, len(words[at]) - 2)
        words[at] = f"{words[at][:cut]} {words[at][cut:]}"
    return " ".join(words)


def _joined(name: str, chance: random.Random) -> str:
    words = name.replace(",", " ").split()
    if len(words) > 1:
        at = chance.randrange(len(words) - 1)
        words[at : at + 2] = [words[at] + words[at + 1]]
    return " ".join(words)


@pytest.mark.skipif(not REAL.joinpath("us_ofac").exists(), reason="real lists are not here (CARVEOUT_REALDATA)")
def test_as_a_plain_comparison_on_a_real_list() -> None:
    entries = read_list(REAL / "us_ofac" / "sdn_2024-05-07.xml.gz").entries
    records = [
        Subject(f"{e.list}:{e.uid}", e.kind, tuple(Named(n.name, n.kind) for n in e.names))
        for e in entries
        if e.kind in ("person", "organisation")
    ]
    screener, chance, least = Screener(records), random.Random(11), model().threshold
    asked = missed = 0
    for record in chance.sample(records, 150):
        name = record.names[0].name
        for written in (_split(name, chance), _joined(name, chance)):
            if written != name and compare(written, name, record.kind).score >= least:
                asked += 1
                missed += record.id not in {c.subject for c in screener.screen(written, kind=record.kind)}
    assert asked > 200
    assert missed <= asked // 100  # what `abd` begins is read in parts, and its letters are not counted as written
