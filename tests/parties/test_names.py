"""Names: one spelling for all ways of writing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carveout.engine.parties.alphabets import latin_code
from carveout.engine.parties.names import LONGEST, clipped, heard, normalise, words


@pytest.mark.parametrize(
    "written",
    [
        "Belavia",
        "BELAVIA",
        "  belavia\t",
        "ＢＥＬＡＶＩＡ",
        "Bélàvía",
        "Be\u0301lavia",
        "Bel\u200bavia",
        "Be\u00adlavia",
        "\u202eBelavia",
        "«Belavia»",
        "Belavia JSC",
        "Belavia, J.S.C.",
        "Belavia J S C",
        "Belavia Ltd.",
        "OJSC Belavia",
        "OAO Belavia",
        "Open Joint Stock Company “Belavia”",
        "Белавиа",
        "Белавія",
        "ОАО «Белавиа»",
        "ААТ «Белавія»",
        "Открытое акционерное общество «Белавиа»",
        "Адкрытае акцыянернае таварыства «Белавія»",
        "Веlаvіа",  # Cyrillic В, а, і
        "Bελavia".replace("ε", "e").replace("λ", "l"),
        "Βelaνia",  # Greek Β, ν
        "The Belavia",
        "Belavia & Co. Ltd",
    ],
)
def test_one_spelling_for_all_ways_of_writing(written: str) -> None:
    assert normalise(written) == "belavia"


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("ОАО «Авиакомпания «Белавиа»", "aviakompania belavia"),
        ("Łódź Airways Sp. z o.o.", "lodz airways"),
        ("O’Neill & Søn A/S", "oneill and son"),
        ("Straße", "strasse"),
        ("JSC", "jsc"),
        ("Белаэронавигация", "belaeronavigatsia"),
        ("Сергей Щукин", "sergei shchukin"),
        ("!!!", "!!!"),
        ("", ""),
        ("\u200b", ""),
        ("الخطوط", "الخطوط"),
    ],
)
def test_plain_spelling(written: str, plain: str) -> None:
    assert normalise(written) == plain


@pytest.mark.parametrize("other", ["Belavija", "Belaviya", "Bielavija", "Belawia", "Bellavia"])
def test_other_romanisations_sound_alike(other: str) -> None:
    assert heard(words(other)[0]) == heard("belavia")


@pytest.mark.parametrize("code", ["EW-366PA", "EW366PA", "ew 366 pa", "ЕW-366РА", "EW–366\u200bPA"])
def test_a_code_in_any_writing(code: str) -> None:
    assert latin_code(code) == "EW366PA"


def test_heaps_of_accents_do_not_push_a_name_out_of_sight() -> None:
    assert normalise("B" + "\u0301" * 10_000 + "elavia") == "belavia"


def test_a_long_name_is_cut_and_says_so() -> None:
    assert clipped("x" * LONGEST) == ("x" * LONGEST, False)
    assert clipped("x" * (LONGEST + 1)) == ("x" * LONGEST, True)


@given(st.text(st.characters(max_codepoint=0x52F), max_size=60))  # Latin, Greek and Cyrillic, marks and signs
def test_normal_names_stay_as_they_are(name: str) -> None:
    once = normalise(name)
    assert normalise(once) == once
    assert once == normalise(name)


@given(st.text(st.characters(categories=["Lu", "Ll", "Nd", "Lo"]), min_size=1, max_size=60))
def test_what_can_be_read_is_never_lost(name: str) -> None:
    assert normalise(name)
