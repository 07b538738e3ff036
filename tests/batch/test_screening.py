"""Screening a table: each row is the single check of its transaction, in the order of the rows."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carveout.engine import Decision, Engine
from carveout.engine.batch import Summary, TableError, screen_bytes, screen_csv
from carveout.engine.batch.answers import harmless
from carveout.engine.batch.rows import Row
from carveout.engine.batch.screening import decided
from carveout.engine.batch.tables import read_table

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
ENGINE = Engine.load()


@pytest.fixture
def engine() -> Engine:
    """One engine with the shipped rules."""
    return ENGINE


def rows_of(data: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    """The rows of an answer."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter, strict=True))


def screened(engine: Engine, *lines: str) -> list[dict[str, str]]:
    """The answer to a table written line by line."""
    return rows_of(screen_bytes(engine, "\n".join(lines).encode())[0])


def test_the_desks_day(engine: Engine) -> None:
    data = (FIXTURES / "csv" / "screening.csv").read_bytes()
    answer, summary = screen_bytes(engine, data)
    rows, given_rows = rows_of(answer), rows_of(data)
    assert [row["reference"] for row in rows] == [row["reference"] for row in given_rows]
    for row, given_row in zip(rows, given_rows, strict=True):
        assert {key: row[key] for key in given_row} == given_row
        assert set(engine.rules.authorities) <= set(row)
    outcomes = {row["reference"]: row["outcome"] for row in rows}
    assert [outcomes[f"D-00{i}"] for i in range(1, 5)] == ["stop", "stop", "proceed", "proceed"]
    assert rows[2]["us.ofac"] == rows[2]["us.bis"] == "authorized"
    assert "us.ofac.belarus.gl-11" in rows[2]["exemptions"] and "15 CFR 744" in rows[2]["citations"]
    assert "ECCN" in rows[5]["missing"]
    assert (summary.rows, summary.errors, summary.outcome) == (21, 0, "stop")
    assert summary.stop + summary.review + summary.proceed == 21


def test_bad_rows_are_rows_to_review_with_their_error(engine: Engine) -> None:
    answer, summary = screen_bytes(engine, (FIXTURES / "csv" / "bad-rows.csv").read_bytes())
    rows = {row["reference"]: row for row in rows_of(answer)}
    told = {
        "E-002": "at: ",
        "E-003": "activity: ",
        "E-004": "activity: ",
        "E-005": "amount: ",
        "E-006": "actor_country: ",
    }
    for reference, word in told.items():
        assert rows[reference]["error"].startswith(word), rows[reference]["error"]
        assert rows[reference]["outcome"] == "review" and rows[reference]["us.ofac"] == ""
    assert "9A99I.d" in rows["E-007"]["missing"] and rows["E-007"]["error"] == ""
    assert summary.errors == len(told)


def test_ragged_rows_lose_nothing(engine: Engine) -> None:
    rows = screened(engine, "activity,at,actor", "advice,2025-11-22", "advice,2025-11-22,A,B,C", "advice,2025-11-22,A")
    assert "has 2 cells, the header has 3" in rows[0]["error"] and rows[0]["actor"] == ""
    assert "left over: `B`, `C`" in rows[1]["error"]
    assert rows[2]["error"] == ""


def test_facts_of_a_party_that_nobody_names_are_an_error(engine: Engine) -> None:
    head = "activity,at,actor,actor_country,counterparty,counterparty_country"
    (row,) = screened(engine, head, "advice,2024-05-20,A Inc,US,,TR")
    assert row["outcome"] == "review"
    assert row["error"] == "counterparty_country: is stated, and `counterparty` is empty"


def transaction(engine: Engine, **cells: str) -> dict[str, Any]:
    """The transaction of one row."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(cells))
    writer.writeheader()
    writer.writerow(cells)
    table = read_table(out.getvalue().encode(), engine.rules)
    return Row(table, table.rows[0]).transaction


def test_a_row_says_what_json_says(engine: Engine) -> None:
    said = transaction(
        engine, activity="payment", at="2025-10-01", place="US; TR", none="intermediary", actor="A", actor_country="US",
        counterparty="K", counterparty_owners="Belavia 30%; Big Air 20.5 %; ? 49.5%", counterparty_state_owner="none",
        counterparty_identifiers="unp=600390798; lei=X", bank="A", bank_2="B", bank_2_country="TR",
        item="bolt", item_eccn="EAR99", item_2_hs="8807.30", aircraft="EW-366PA", aircraft_eccn="9A991.b",
        funds="USD 5", x_desk="7",
    )  # fmt: skip
    assert said == {
        "activity": "payment", "at": "2025-10-01", "place": ["US", "TR"], "none": ["intermediary"],
        "parties": [
            {"name": "A", "country": ["US"], "roles": ["actor", "bank"]},
            {"name": "K", "roles": ["counterparty"], "state_owner": [],
             "identifiers": {"unp": "600390798", "lei": "X"},
             "owners": [{"party": "Belavia", "percent": "30"}, {"party": "Big Air", "percent": "20.5"},
                        {"unknown": "yes", "percent": "49.5"}]},
            {"name": "B", "country": ["TR"], "roles": ["bank"]},
        ],
        "items": [{"name": "bolt", "eccn": "EAR99"}, {"hs": "8807.30"}],
        "assets": [
            {"kind": "aircraft", "registration": "EW-366PA", "eccn": "9A991.b"},
            {"kind": "funds", "name": "USD 5"},
        ],
    }  # fmt: skip
    engine.check(said)


def test_none_says_that_there_is_none(engine: Engine) -> None:
    said = transaction(engine, activity="payment", at="2025-10-01", actor="A", bank="none", item="None", asset="none")
    assert said["none"] == ["bank", "items", "assets"] and "items" not in said
    engine.check(said)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("counterparty", "N/A"),
        ("counterparty", "-"),
        ("bank", "unknown"),
        ("item_end_user", "none"),
        ("aircraft", "none"),
    ],
)
def test_a_blank_in_words_is_no_party(engine: Engine, column: str, cell: str) -> None:
    (row,) = screened(engine, f"activity,at,actor,item,{column}", f"sale,2024-05-20,A Inc,bolt,{cell}")
    assert row["outcome"] == "review" and row["error"].startswith(f"{column}: ")


def test_whatever_is_richer_goes_into_the_transaction_column(engine: Engine) -> None:
    whole = json.loads((FIXTURES / "transactions" / "deal-of-two-acts.json").read_text("utf-8"))
    out = io.StringIO()
    csv.writer(out).writerows([["reference", "transaction"], ["d", json.dumps(whole)], ["e", "{"], ["f", "[1]"]])
    rows = rows_of(screen_bytes(engine, out.getvalue().encode())[0])
    assert rows[0]["outcome"] == engine.check(whole).outcome == "stop"
    assert rows[1]["error"].startswith("transaction: is not JSON")
    assert rows[2]["error"] == "transaction: must be a JSON object"


def test_columns_and_transaction_may_not_disagree(engine: Engine) -> None:
    data = b'activity;at;actor;transaction\nadvice;2025-11-22;;"{""at"": ""2025-11-23""}"\n'
    data += b'advice;2025-11-22;A;"{""parties"": 3}"\n'
    answers = rows_of(screen_bytes(engine, data)[0], ";")
    assert answers[0]["error"] == "at: says another thing than `transaction`"
    assert "says another thing" in answers[0]["error"]
    assert "must be a list" in answers[1]["error"]


CELLS = {
    "activity": st.sampled_from(["advice", "sale", "payment", "flight", "", "nonsense"]),
    "at": st.sampled_from(["2025-09-10T12:00:00-04:00", "2025-09-11", "2025-11-22T10:00:00Z", "2025-11-22T10:00:00"]),
    "actor": st.sampled_from(["Ohio Jet Parts LLC", "Belavia", ""]),
    "actor_country": st.sampled_from(["US", "DE", ""]),
    "counterparty": st.sampled_from(["Belavia", "Белавиа", "Bela Via Tours", "Ohio Jet Parts LLC"]),
    "bank": st.sampled_from(["Belinvestbank", "Erie Savings Bank", ""]),
    "item": st.sampled_from(["bolt", ""]),
    "item_eccn": st.sampled_from(["9A991.d", "9A99I.d", "EAR99", ""]),
    "item_origin": st.sampled_from(["US", "US; DE", "none", ""]),
    "item_aircraft": st.sampled_from(["EW-366PA", ""]),
    "aircraft": st.sampled_from(["EW-366PA", ""]),
    "reference": st.sampled_from(["a", "b", "=1+1", ""]),
    "x_note": st.sampled_from(["", "-", "@x\r", 'say "no"', "a,b\nc"]),
}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=8))
def test_each_row_is_the_single_check_of_its_transaction(rows: list[dict[str, str]]) -> None:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(CELLS), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    data = out.getvalue().encode()
    table = read_table(data, ENGINE.rules)
    seen: set[int] = set()
    for numbers, decision in decided(ENGINE, table):
        for number in numbers:
            assert number not in seen
            seen.add(number)
            if isinstance(decision, Decision):
                alone = ENGINE.check(Row(table, table.rows[number]).transaction)
                assert decision.canonical() == alone.canonical()
            else:
                assert decision
    assert seen == set(range(len(rows)))
    answer, summary = screen_bytes(ENGINE, data)
    answered = rows_of(answer)
    assert [row["reference"].removeprefix("'") for row in answered] == [row["reference"] for row in rows]
    assert [row["x_note"].removeprefix("'") for row in answered] == [row["x_note"] for row in rows]
    assert summary.rows == len(rows) and all(row["outcome"] for row in answered)


def test_rows_that_differ_in_their_reference_alone_are_decided_once(engine: Engine) -> None:
    lines = ["reference,activity,at,actor,x_desk", *(f"{i},advice,2025-11-22,A,{i}" for i in range(50))]
    answer, summary = screen_bytes(engine, "\n".join(lines).encode())
    assert (summary.rows, summary.distinct) == (50, 1)
    assert [row["reference"] for row in rows_of(answer)] == [str(i) for i in range(50)]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1+1", "'=1"])
def test_no_cell_runs_as_a_formula(cell: str, engine: Engine) -> None:
    assert harmless(cell).startswith("'")
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["activity", "at", "actor", "x_note"], ["advice", "2025-11-22", "A", cell]])
    (row,) = rows_of(screen_bytes(engine, out.getvalue().encode())[0])
    assert row["x_note"].startswith("'")


def test_an_error_with_a_lone_surrogate_can_be_written(engine: Engine) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["transaction"], ['{"activity": "\\ud800"}'], ['{"\\ud800": 1}']])
    for row in rows_of(screen_bytes(engine, out.getvalue().encode())[0]):
        assert row["error"] and row["outcome"] == "review"


def test_a_row_the_engine_cannot_decide_is_reviewed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(engine, "check", fault, raising=False)
    answer, summary = screen_bytes(engine, b"activity,at\nadvice,2025-11-22\n")
    assert "could not be decided: KeyError" in rows_of(answer)[0]["error"]
    assert (summary.review, summary.errors) == (1, 1)


def test_excel_gets_a_mark_where_it_gave_one(engine: Engine) -> None:
    text = "activity;at;actor\nadvice;2025-11-22;Müller\n"
    for encoding, marked in (("utf-8", False), ("utf-8-sig", True), ("cp1252", True), ("utf-16", True)):
        answer, _ = screen_bytes(engine, text.encode(encoding))
        assert answer.startswith(b"\xef\xbb\xbf") == marked
        assert rows_of(answer, ";")[0]["actor"] == "Müller"


def test_never_half_an_answer(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(b"activity,at\nadvice,2025-11-22\n")
    target.write_text("before")
    told: list[tuple[int, int]] = []
    summary: Summary = screen_csv(engine, source, target, lambda done, of: told.append((done, of)))
    assert summary.rows == 1 and told == [(0, 1), (1, 1)]
    assert rows_of(target.read_bytes())[0]["outcome"] == "review"
    target.write_text("before")
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("disk")))
    with pytest.raises(OSError, match="disk"):
        screen_csv(engine, source, target)
    source.write_bytes(b"nonsense\n1\n")
    with pytest.raises(TableError):
        screen_csv(engine, source, target)
    assert target.read_text() == "before" and sorted(p.name for p in tmp_path.iterdir()) == ["in.csv", "out.csv"]
