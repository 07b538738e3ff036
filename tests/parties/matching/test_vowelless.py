"""Names without their vowels: when a name is taken for one, and what its words may then be."""

import pytest

from carveout.engine.parties.matching.index import Entry, Index
from carveout.engine.parties.matching.letters import BARE, words_of
from carveout.engine.parties.matching.matcher import find
from carveout.engine.parties.matching.model import model
from carveout.engine.parties.matching.vowelless import bare, same_without_vowels

INDEX = Index.of(
    Entry(owner, text, "person")
    for owner, text in enumerate(
        ("FAYAD, Saleh Mahmoud", "OLIVAS OJEDA, Juan Carlos", "HAQQANI, Jalaluddin Khwaja", "AL-NIDA, 'Abd-al-Rahman")
    )
)


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("Slh Mhmd FYD", 0),
        ("Slh Mhmd Fd", 0),
        ("Jn Crls OLVS OJDA", 1),
        ("Jllddn Khwja Hqqni", 2),
        ("'bd-l-Rhmn AL-NDA", 3),
    ],
)
def test_all_words_without_vowels(text: str, owner: int) -> None:
    assert [hit.owner for hit in find(INDEX, text, "person", least=model().threshold)] == [owner]


@pytest.mark.parametrize("text", ["Slh Mhmd FRD", "Jn Crls Smth", "Hqqni", "BP KLM", "VTB"])
def test_other_consonants_are_another_name(text: str) -> None:
    assert find(INDEX, text, None, least=model().threshold) == []


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        ("Vldmr Ptn", True),
        ("Essa Jan HJI QYM", True),
        ("Vladimir Putin", False),
        ("Vldmr Putin", False),
        ("Ng Wu", False),
        ("Ptn", False),
        ("BP 2000 KLMN", False),
        ("Влдмр Птн", True),
    ],
)
def test_whose_vowels_are_left_out(text: str, left_out: bool) -> None:
    words = bare(words_of(text))
    assert (words is not None) is left_out
    assert not words or any(word.tells == BARE for word in words)


def test_the_more_consonants_the_surer_and_ends_count() -> None:
    of_three, of_two, of_one = (same_without_vowels(*x) for x in (("crls", "carlos"), ("jn", "juan"), ("li", "lie")))
    assert 1 > of_three > of_two > of_one > 0
    assert same_without_vowels("ojda", "ojeda") > same_without_vowels("ojd", "ojeda") > 0
    assert same_without_vowels("lqi", "aulaqi") > 0
    assert same_without_vowels("ojdo", "ojeda") < same_without_vowels("ojda", "ojeda")
    assert same_without_vowels("crls", "charles") == same_without_vowels("carolas", "crls") == 0
