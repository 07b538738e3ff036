"""The recipe changes names as it says, the same way for the same seed."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carveout.engine.analyse.alterations import KINDS, RECIPE, Kind
from carveout.engine.parties.alphabets import seen

NAME = "Aleksandr Ivanovich Rnicolenko"


def made(name: str, text: str = NAME, tries: int = 40) -> set[str]:
    kind = next(kind for kind in KINDS if kind.name == name)
    return {kind.change(text, random.Random(seed)) for seed in range(tries)}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_says_what_it_does_and_does_it(kind: Kind) -> None:
    changed = made(kind.name)
    assert kind.says and kind.says[0].islower()
    assert any(found != NAME for found in changed)
    assert kind.change(NAME, random.Random(3)) == kind.change(NAME, random.Random(3))


def test_the_changes_are_what_they_are_called() -> None:
    letters = sorted(NAME)
    assert all(sorted(found) == letters for found in made("transposed") | made("swapped"))
    assert {len(found) for found in made("dropped")} == {len(NAME) - 1}
    assert {len(found) for found in made("doubled")} == {len(NAME) + 1}
    assert all(seen(found) == NAME and found != NAME for found in made("invisible"))
    assert all(any("CYRILLIC" in unicodedata.name(x, "") for x in found) for found in made("homoglyph"))
    assert all(found.replace(" ", "") == NAME.replace(" ", "") for found in made("split") | made("joined"))
    assert all(len(found.split()) == 4 for found in made("split"))
    assert all(len(found.split()) == 2 for found in made("joined") | made("word_dropped"))
    assert all(NAME.startswith(found) and len(found) < len(NAME) for found in made("truncated"))
    assert made("other_letters", "Щукин") == {"Shchukin"} and made("other_letters", "Shchukin") == {"Щукин"}
    assert {"Comelius", "C0rnelius", "Corne1ius"} <= made("misread", "Cornelius", 200)


def test_what_the_weights_were_learnt_with_comes_first() -> None:
    assert list(RECIPE) == ["transposed", "dropped", "doubled", "swapped", "romanised"]
    assert [kind.name for kind in KINDS][:5] == list(RECIPE)


@given(st.text(max_size=60), st.integers(0, 1_000))
def test_no_name_breaks_it(text: str, seed: int) -> None:
    for kind in KINDS:
        assert isinstance(kind.change(text, random.Random(seed)), str)
