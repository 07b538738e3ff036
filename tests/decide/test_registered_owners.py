"""Owners of the register in a decision: they count as stated ones do, and what is not known leaves bounds."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from carveout.engine import Engine
from carveout.engine.parties.registers.kept import write_import
from carveout.engine.parties.registers.reading import read_register
from carveout.engine.parties.registers.register import Register

from ..law.small import small_engine
from ..parties.registers.making import entity, holds, kept

AT = "2023-06-01T12:00:00-04:00"
HEAD = "company,company_country,company_id,company_scheme,owner,percent,minimum,maximum,interest,from,until"


@pytest.fixture
def engine(tmp_path: Path) -> Any:
    """An engine with a register of these rows: company, owner, percent (or from-to), interest, from, until."""

    def make(*rows: tuple[str, ...]) -> Engine:
        lines = [HEAD]
        for company, owner, share, *more in rows:
            low, _, high = share.partition("-")
            exact = "" if high else low
            interest, since, until = (*more, "", "", "")[:3]
            bounds = f"{low if high else ''},{high}"
            lines.append(f"{company},DE,,,{owner},{exact},{bounds},{interest},{since or '2020-01-01'},{until}")
        return engine_of(tmp_path, "\n".join(lines))

    return make


def engine_of(folder: Path, *tables: str) -> Engine:
    imports = []
    for number, table in enumerate(tables):
        file = folder / f"{number}.csv"
        file.write_text(table)
        imports.append(
            write_import(None, read_register(file), source=f"S{number}", published=date(2022, 1, 1), imported="")
        )
    return Engine(small_engine().rules, owners=Register(imports))


def contract(**changed: Any) -> dict[str, Any]:
    return {
        "activity": "contract",
        "at": AT,
        "parties": [
            {"name": "Ohio Jet Parts", "roles": ["actor"], "country": ["US", "DE"], "owners": []},
            {"name": "Holding One", "roles": ["counterparty"], "country": "DE", **changed},
        ],
    }


def verdicts(engine: Engine, **changed: Any) -> tuple[str, str]:
    decision = engine.check(contract(**changed))
    return decision.verdict("xx.office"), decision.verdict("yy.ministry")


ONE, ALPHA, BETA = "Holding One", "Alpha Tractor Works", "Beta Mineral Water"

# FAQ 401: shares pass whole through companies held by at least half, and not at all through others. The rest is Hans's.
FAQ_401 = [
    ("down the chain", [(ONE, "A", "50"), ("A", ALPHA, "50")], "prohibited"),
    ("two arms", [(ONE, "A", "25"), (ONE, "B", "25"), ("A", ALPHA, "50"), ("B", ALPHA, "50")], "prohibited"),
    ("indirect and direct", [(ONE, "A", "40"), (ONE, ALPHA, "10"), ("A", ALPHA, "50")], "prohibited"),
    (
        "one arm too thin",
        [(ONE, "A", "25"), (ONE, "B", "25"), ("A", ALPHA, "50"), ("B", ALPHA, "25")],
        "not_prohibited",
    ),
    ("both too thin", [(ONE, "A", "50"), (ONE, "B", "50"), ("A", ALPHA, "25"), ("B", ALPHA, "25")], "not_prohibited"),
    ("never multiplied", [(ONE, "A", "60"), ("A", ALPHA, "60")], "prohibited"),
]


@pytest.mark.parametrize(("_", "rows", "said"), FAQ_401, ids=[name for name, _, _ in FAQ_401])
def test_owners_in_a_register_count_by_faq_401(_: str, rows: list[tuple[str, ...]], said: str, engine: Any) -> None:
    full = list(rows)
    for company in {company for company, _, _ in rows}:
        rest = 100 - sum(int(percent) for held, _, percent in rows if held == company)
        full += [(company, "Hans", str(rest))] if rest else []
    assert verdicts(engine(*full))[0] == said


def test_the_answer_shows_source_date_and_path(engine: Any) -> None:
    body = engine((ONE, "A", "60"), ("A", ALPHA, "70")).check(contract()).body
    because = next(f["because"] for f in body["findings"] if f["authority"] == "xx.office")
    assert because[0]["path"] == ["Alpha Tractor Works 70 % -> A", "A 60 % -> Holding One"]
    shown = body["registered_owners"][0]
    assert (shown["party"], shown["reason"], shown["remainder"]) == (ONE, "the same name and country", "40")
    assert [(s["source"], s["published"]) for s in shown["sources"]] == [("S0", "2022-01-01")]
    assert "Owners of Holding One, which is Holding One: S0 (2022-01-01)." in body["words"]
    assert len(body["made_with"]["owners"]) == 64


def test_without_a_register_and_without_a_match_nothing_is_said(engine: Any) -> None:
    plain = small_engine().check(contract()).body
    other = engine(("Somebody Else", ALPHA, "100")).check(contract()).body
    assert "registered_owners" not in other
    assert {**other, "made_with": plain["made_with"]} == plain


def test_an_unknown_remainder_leaves_bounds_and_says_whom_to_ask(engine: Any) -> None:
    made = engine((ONE, ALPHA, "30"), (ONE, "Hans", "40"))
    assert verdicts(made) == ("review", "review")
    questions = made.check(contract()).body["questions"]
    assert (
        "Listed owners count for between 30 and 60 percent of Holding One: ask for the owners of the remaining "
        "30 percent of Holding One." in questions[0]["question"]
    )


def test_a_remainder_further_up_is_asked_for_where_it_is(engine: Any) -> None:
    body = engine((ONE, "A", "100"), ("A", ALPHA, "45"), ("A", "Hans", "45")).check(contract()).body
    assert body["outcome"] == "review"
    assert "the owners of the remaining 10 percent of A." in body["questions"][0]["question"]


@pytest.mark.parametrize(
    ("share", "said"),
    [("25-49", "not_prohibited"), ("25-50", "review"), ("50-75", "prohibited"), ("40-60", "review")],
)
def test_a_range_counts_from_its_least_to_its_greatest(share: str, said: str, engine: Any) -> None:
    rest = 100 - int(share.partition("-")[0])
    known = str(100 - int(share.partition("-")[2]))
    made = engine((ONE, ALPHA, share), (ONE, "Hans", known if said == "not_prohibited" else f"{known}-{rest}"))
    assert verdicts(made)[0] == said


def test_a_share_ended_before_the_day_does_not_count(engine: Any) -> None:
    made = engine((ONE, ALPHA, "100", "", "2020-01-01", "2023-06-01"), (ONE, "Hans", "100", "", "2023-06-01"))
    assert verdicts(made) == ("not_prohibited", "not_prohibited")
    before = contract() | {"at": "2023-05-31T12:00:00-04:00"}
    assert made.check(before).outcome == "stop"


def test_a_bare_date_on_which_a_share_begins_sees_both(engine: Any) -> None:
    made = engine((ONE, "Hans", "100", "", "2020-01-01", "2023-06-01"), (ONE, ALPHA, "100", "", "2023-06-01"))
    assert made.check(contract() | {"at": "2023-06-01"}).outcome == "review"
    assert made.check(contract() | {"at": "2023-06-03"}).outcome == "stop"


def test_control_counts_where_the_authority_says_so(engine: Any) -> None:
    assert verdicts(engine((ONE, ALPHA, "51", "votingRights"), (ONE, "Hans", "100"))) == (
        "not_prohibited",
        "prohibited",
    )
    perhaps = engine((ONE, ALPHA, "", "boardMember"), (ONE, "Hans", "100"))
    assert verdicts(perhaps) == ("not_prohibited", "review")


def test_a_circle_of_owners_is_open(engine: Any) -> None:
    made = engine((ONE, "A", "60"), (ONE, ALPHA, "40"), ("A", ONE, "100"))
    assert verdicts(made)[0] == "review"


def test_a_stated_list_wins_and_a_difference_leaves_it_open(engine: Any) -> None:
    made = engine((ONE, ALPHA, "60"), (ONE, "Hans", "40"))
    stated = [{"party": "Hans", "percent": "100"}]
    assert verdicts(made, owners=stated) == ("review", "review")
    body = made.check(contract(owners=stated)).body
    assert "the register says otherwise" in body["registered_owners"][0]["beside"]
    same = [{"party": "Hans", "percent": "40"}, {"party": ALPHA, "percent": "60"}]
    assert "nothing else" in made.check(contract(owners=same)).body["registered_owners"][0]["beside"]
    assert verdicts(made, owners=same) == ("prohibited", "prohibited")
    # the stricter: what the register does not know cannot free what was stated
    clean = engine((ONE, "Hans", "100"))
    assert verdicts(clean, owners=[{"party": ALPHA, "percent": "60"}])[0] == "prohibited"


def test_what_both_say_is_counted_once(engine: Any) -> None:
    made = engine((ONE, ALPHA, "30"), (ONE, "Hans", "70"))
    same = [{"party": ALPHA, "percent": "30"}, {"party": "Hans", "percent": "70"}]
    assert verdicts(made, owners=same)[0] == "not_prohibited"


def test_recorded_owners_stay_beside_the_register(engine: Any) -> None:
    made = engine(("Gamma Optical Instruments", "Hans", "100"))
    assert verdicts(made, name="Gamma Optical Instruments")[0] == "prohibited"


def test_a_name_without_a_country_is_a_question(engine: Any) -> None:
    made = engine((ONE, ALPHA, "60"))
    decision = made.check(contract(country=None))
    assert decision.verdict("xx.office") == "review"
    asked = [
        q["question"]
        for q in decision.body["questions"]
        if "Is Holding One the registered Holding One" in q["question"]
    ]
    assert asked
    assert verdicts(engine((ONE, "Hans", "60")), country=None)[0] == "not_prohibited"
    assert verdicts(made, country="FR")[0] == "not_prohibited"


def test_a_number_is_surer_than_a_name(tmp_path: Path) -> None:
    lei = "213800LH1BZH3DI6G760"
    made = engine_of(tmp_path, f"{HEAD}\nOther Name,DE,{lei},XI-LEI,{ALPHA},60,,,,2020-01-01,\n")
    assert verdicts(made)[0] == "not_prohibited"
    assert verdicts(made, identifiers={"LEI": lei.lower()})[0] == "prohibited"
    assert verdicts(made, identifiers={"LEI": "213800LH1BZH3DI6G761"})[0] == "not_prohibited"


def test_a_broken_row_never_frees(tmp_path: Path) -> None:
    made = engine_of(tmp_path, f"{HEAD}\nHolding One,DE,,,{ALPHA},600,,,,,\n")
    assert verdicts(made)[0] == "review"


def test_as_known_leaves_out_what_was_published_later(engine: Any) -> None:
    made = engine((ONE, ALPHA, "60"))
    known = made.check(contract(), as_known="2026-06-01T00:00:00Z").body
    before = made.as_known("2021-12-31T00:00:00Z")
    assert "registered_owners" in known
    assert before.owners is not None and before.owners.imports == ()


def test_the_same_register_gives_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    one = f"{HEAD}\nHolding One,DE,,,A,60,,,,,\nHolding One,DE,,,{BETA},40,,,,,\n"
    two = f"{HEAD}\nA,DE,,,{ALPHA},60,,,,,\n"
    first = engine_of(tmp_path, one, two)
    assert first.owners is not None
    again = Engine(first.rules, owners=Register(reversed(first.owners.imports)))
    assert first.check(contract()).canonical() == again.check(contract()).canonical()
    assert first.check(contract()).canonical() == first.check(contract()).canonical()


def test_an_owner_is_screened_under_all_its_names(tmp_path: Path) -> None:
    file = [entity("x", ONE, country="DE"), entity("a", "株式会社"), holds("r", "x", "a", 100)]
    file[1]["recordDetails"]["alternateNames"] = ["Harmless Trading", ALPHA]
    made = Engine(small_engine().rules, owners=Register([kept(tmp_path, file)]))
    assert verdicts(made)[0] == "prohibited"
    file[1]["recordDetails"]["alternateNames"] = []  # a name that cannot be compared names nobody known
    made = Engine(small_engine().rules, owners=Register([kept(tmp_path, file)]))
    assert verdicts(made)[0] == "review"
