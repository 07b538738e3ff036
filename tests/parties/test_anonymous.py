"""Names that say nobody: who is meant is asked, and who can be read stays a party and is compared."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carveout.engine import Engine
from carveout.engine.facts.blanks import is_blank
from carveout.engine.parties.anonymous import TOO_ROUGH, TURNED, UNWRITTEN, readable_part, says_nobody
from carveout.engine.parties.matching.letters import words_of
from carveout.engine.parties.matching.names import without_forms
from carveout.engine.parties.stand_ins import PARTS, STAND_INS

LEGAL_FORMS = ("Ltd", "LLC", "GmbH", "OOO", "S.A.", "Co., Ltd.")
NO_LETTERS = st.text(st.characters(exclude_categories=["L", "N", "Cs"]), max_size=12)


@pytest.mark.parametrize(
    "name",
    ["", " ", "-", "?", "...", "n/a", "н/д", "N.A.", "unknown", "to be confirmed", "TBD", "Ｎ／Ａ", "№", "™", "😀",
     "👩‍✈️✈", "\u200b", "\u200b\u200d\ufeff"],
)  # fmt: skip
def test_what_has_no_letter_of_a_name_names_nobody(name: str) -> None:
    assert says_nobody(name) == UNWRITTEN


@pytest.mark.parametrize(
    "name",
    ["various", "Diverse", "divers", "varios", "разные", "см. приложение", "siehe Anlage", "see attached",
     "as per annex", "not yet confirmed", "n.n.", "xx", "XXXX", "Unknown Ltd", "to be determined GmbH",
     "various suppliers", "the customer", "Final End User", "Kunde", "покупатель", "buyer and seller",
     "Buyer Company", "private individual", "не указано", "Mr", "Dr.", "The Captain", "Sheikh",
     "Mr President", "4711", "①②", "S.A.", "Al", "Ltd", "ООО", "Co., Ltd.", "Sociedad Anonima",
     "The Company Ltd", "Company", "Belarus", "Bank", "Air", "\u3164"],
)  # fmt: skip
def test_what_stands_for_a_name_names_nobody(name: str) -> None:
    assert says_nobody(name)


@pytest.mark.parametrize(
    "name",
    ["X", "Supplier S", "Bank F", "Private", "Prince", "Prince LLC", "Major Ltd",
     "7-Eleven", "3M", "1C", "X Corp", "A & B Ltd", "M&M", "AT&T",
     "4711 GmbH", "9876543 Canada Inc", "AB Bank", "Customer Ltd", "Ltd Group", "Bank of China", "Le Van Do",
     "Ali", "Nguyễn Ế", "Ivanov", "Иванов", "Ελλάς Α.Ε.", "Unknown Worlds Entertainment",
     "Various Artists Records", "Personal Genomics", "𝔅𝔢𝔩𝔞𝔳𝔦𝔞", "Ⓑⓔⓛⓐⓥⓘⓐ", "中国银行 Bank of China",
     "بيلافيا Belavia", "株式会社 Nakamura Trading"],
)  # fmt: skip
def test_what_can_be_read_is_a_name(name: str) -> None:
    assert says_nobody(name) == ""


@pytest.mark.parametrize(
    "name", ["中国银行", "محمد", "ბელავია", "中国银行 Ltd", "محمد Ali", "银行 Limited China", "中国 Bank", "中 X"]
)
def test_too_little_beside_a_script_that_is_read_roughly_is_not_enough(name: str) -> None:
    assert says_nobody(name) == TOO_ROUGH


def test_a_name_that_is_turned_around_must_be_written_anew() -> None:
    assert says_nobody("Bel\u202eaiva") == TURNED


@given(NO_LETTERS)
def test_signs_alone_never_name_anybody(text: str) -> None:
    assert says_nobody(text)


NO_FORMS = sorted(word for word in STAND_INS if not without_forms(words_of(f"x {word}"))[1])
"""Without what is a legal form too: `Absender e.K.` is a merchant of that name."""


@given(
    st.sampled_from(sorted(STAND_INS | PARTS)),
    st.sampled_from(NO_FORMS),
    st.sampled_from(["", "the ", "our "]),
)
def test_stand_ins_together_are_none(one: str, other: str, before: str) -> None:
    assert says_nobody(f"{before}{one} {other}")
    assert says_nobody(other.upper())


@given(st.from_regex(r"[A-Z]{1,2}[bcdfghklmnprstvz]{2}[aeiou]rq[aeiou]v", fullmatch=True), st.sampled_from(LEGAL_FORMS))
def test_a_word_of_its_own_is_a_name_with_and_without_a_legal_form(word: str, form: str) -> None:
    assert says_nobody(word) == "" == says_nobody(f"{word} {form}")


@given(st.text(max_size=40))
def test_every_text_has_an_answer_and_ornaments_change_none(text: str) -> None:
    assert isinstance(says_nobody(text), str)
    assert isinstance(readable_part(text), str)


@given(st.text(st.characters(codec="ascii"), max_size=20))
def test_full_width_letters_are_as_blank_as_plain_ones(text: str) -> None:
    wide = "".join(chr(ord(x) + 0xFEE0) if "!" <= x <= "~" else x for x in text)
    assert unicodedata.normalize("NFKC", wide) == text
    assert is_blank(wide) == is_blank(text)


@given(st.text(max_size=20))
def test_a_letter_is_only_blank_where_the_plain_word_is(text: str) -> None:
    if is_blank(text) and any(map(str.isalnum, text)):
        assert is_blank(unicodedata.normalize("NFKC", text))


# ---- in a decision


def payment(name: str, **beside: Any) -> dict[str, Any]:
    return {
        "activity": "payment",
        "at": "2025-01-10T12:00:00-05:00",
        "parties": [
            {"name": "Ohio Jet Parts LLC", "roles": ["payer"], "country": "US", "kind": "organisation"},
            {"name": name, "roles": ["payee"], "country": "DE", **beside},
        ],
        "none": ["bank"],
    }


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


UNSAID = ["-", "?", "n/a", "unknown", "to be confirmed", "TBD", "various", "diverse", "см. приложение", "😀", "\u200b",
          "4711", "Ltd", "Mr", "中国公司", "Bel\u202eaiva"]  # fmt: skip


@pytest.mark.parametrize("name", UNSAID)
def test_a_party_that_nobody_named_is_asked_for_and_never_proceeds(engine: Engine, name: str) -> None:
    body = engine.check(payment(name)).body
    assert body["outcome"] == "review"
    assert any(question["question"].startswith("Who is it") for question in body["questions"])


def test_the_question_says_what_would_settle_it(engine: Engine) -> None:
    [question] = engine.check(payment("中国公司")).body["questions"]
    assert question["stated"] == "中国公司"
    assert "state the name in Latin letters, or a number" in question["question"]


@pytest.mark.parametrize(
    "told",
    [payment("Zhongguo Gongsi 中国公司"), payment("中国公司", identifiers={"lei": "529900T8BM49AURSDO55"})],
)
def test_a_name_in_latin_letters_or_a_number_settles_it(engine: Engine, told: dict[str, Any]) -> None:
    assert engine.check(told).outcome == "proceed"


@pytest.mark.parametrize("name", [*UNSAID, "Somebody Else Trading"])
def test_who_is_owned_by_a_blocked_one_is_stopped_however_it_is_called(engine: Engine, name: str) -> None:
    assert engine.check(payment(name, owners=[{"party": "Belavia", "percent": "60"}])).outcome == "stop"


@pytest.mark.parametrize("name", UNSAID)
def test_stating_owners_makes_no_authority_milder(engine: Engine, name: str) -> None:
    """An unknown party may be on any list, whatever is known of who is behind it."""
    less = engine.check(payment(name))
    more = engine.check(payment(name, owners=[{"party": "Belavia", "percent": "60"}]))
    for authority in less.body["authorities"]:
        if authority["verdict"] == "review":
            assert more.verdict(authority["authority"]) in ("review", "prohibited", "license_required")


def test_a_candidate_is_asked_about_beside_who_it_is(engine: Engine) -> None:
    body = engine.check(payment("ბელავია")).body
    asked = [question["question"] for question in body["questions"]]
    assert body["outcome"] == "review"
    assert any(text.startswith("Is ბელავია the recorded") for text in asked)
    assert any(text.startswith("Who is it: ბელავია?") for text in asked)


def test_without_the_only_candidate_it_is_still_somebody_unknown(engine: Engine) -> None:
    body = engine.check(payment("ბელავია", not_subject=["by.belavia"])).body
    assert body["outcome"] == "review"
    [who] = [q["question"] for q in body["questions"] if q["fact"] == "party.name"]
    assert who.startswith("Who is it: ბელავია?")
    told = payment("ბელავია", not_subject=["by.belavia"], identifiers={"tax": "123456789"})
    assert engine.check(told).outcome == "proceed"


@pytest.mark.parametrize(
    "name", ["白俄罗斯航空公司 Belavia", "Belavia 白俄罗斯航空公司", "بيلافيا Belavia Belarusian Airlines"]
)
def test_a_listed_name_beside_another_script_is_found(engine: Engine, name: str) -> None:
    found = engine.subjects.screen(name, kind="organisation")
    assert "by.belavia" in {candidate.subject for candidate in found}
    assert engine.check(payment(name)).outcome in ("review", "stop")
