"""From a statement to an act: links, roles, lists, owners, codes, and what is refused with which words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from carveout.engine import Engine, StatementError
from carveout.engine.facts.things import Act, Thing

ENGINE = Engine.load()
SALE: dict[str, Any] = {
    "activity": "sale",
    "at": "2025-09-10T12:00:00-04:00",
    "parties": [{"name": "Seller", "roles": ["seller"], "country": "US"}, {"name": "Buyer", "roles": ["buyer"]}],
}


def read(**changed: Any) -> Act:
    return ENGINE.reader.read({**SALE, **changed}).acts[0]


def problems(**changed: Any) -> dict[str, str]:
    with pytest.raises(StatementError) as error:
        ENGINE.reader.read({**SALE, **changed})
    return {problem.field: problem.message for problem in error.value.problems}


def named(act: Act, name: str) -> Thing:
    return next(thing for thing in act.things if thing.name == name)


# ---- lists


def test_a_list_that_is_left_out_is_unknown_where_the_activity_moves_it() -> None:
    act = read()
    assert [item.open and item.doubtful for item in act.items] == [True]
    assert act.assets == [] and "assets" in act.assumed_empty


@pytest.mark.parametrize(
    ("mark", "state"),
    [
        ("EW-290PA", "BY"),
        ("ew-290pa", "BY"),
        ("EW290PA", "BY"),
        ("D-AIQA", "DE"),
        ("DQ-FJU", "FJ"),
        ("N123AB", "US"),
        ("JA8089", "JP"),
        ("ra-89001", "RU"),
        ("RDPL-34001", "LA"),
        ("A4O-BA", "OM"),
        ("F-GSPA", "FR"),
        ("B-1234", None),  # four registers share it
        ("HB-JCA", None),  # Switzerland and Liechtenstein share it
        ("VP-BAB", None),
        ("VQ-BAB", None),
        ("TU-154", None),  # types of aircraft and engines, though their letters are marks
        ("C-130", None),
        ("SU-27", None),
        ("D-436", None),
        ("CP-140", None),
        ("A320-214", None),
        ("N262", None),
        ("FLEET", None),  # a word, though F is the mark of France
        ("Cessna", None),
        ("N-AME", None),
        ("XX-ABC", None),
    ],
)
def test_a_mark_tells_where_an_aircraft_is_registered(mark: str, state: str | None) -> None:
    def registers(**changed: Any) -> set[Any]:
        act = read(**changed)
        ENGINE.identifier.assume(act, {})
        return {each.facts.get("registered_in") for each in act.things if each.kind == "asset"}

    assert registers(items=[{"name": "part", "aircraft": mark}]) == {state}
    assert registers(assets=[{"id": "own", "registration": mark + " "}]) == {state}
    assert registers(assets=[{"registration": mark, "registered_in": "IE"}]) == {"IE"}
    assert registers(assets=[{"name": "ship", "kind": "vessel", "registration": mark}]) == {None}


def told(**asset: Any) -> list[dict[str, Any]]:
    body = ENGINE.check({**SALE, "items": [], "assets": [{"registration": "EI-ABC", **asset}]}).body
    return [each for each in body["assumptions"] if each["fact"] == "asset.registered_in"]


def test_the_answer_says_what_a_mark_told() -> None:
    """It is taken for the register, which somebody may know better; what is stated or recorded is no assumption."""
    said = {"fact": "asset.registered_in", "of": "EI-ABC", "assumed": "IE", "as": "asset.registration"}
    assert told() == [said]
    assert told(registered_in="IE") == []
    assert told(registration="EW-366PA") == []


def flight(*operators: str, **changed: Any) -> Act:
    parties = [{"name": name, "roles": ["operator"]} for name in operators]
    act = read(**{"activity": "flight", "parties": parties, "assets": [{"registration": "TC-ABC"}], **changed})
    ENGINE.identifier.screen(act)
    ENGINE.identifier.assume(act, {})
    return act


def test_who_operates_the_flight_operates_its_only_aircraft() -> None:
    act = flight("Anadolu")
    assert act.assets[0].facts["operator"] is act.parties[0]
    stated = flight("Anadolu", assets=[{"registration": "TC-ABC", "operator": "Bodrum"}])
    assert stated.assets[0].facts["operator"].name == "Bodrum"


def test_a_recorded_operator_is_not_unsaid_by_a_role() -> None:
    registration = next(s.identifiers["registration"] for s in ENGINE.rules.subjects.values() if "operator" in s.facts)
    recorded = flight("Anadolu", assets=[{"registration": registration}]).assets[0].facts["operator"]
    assert recorded.name != "Anadolu"


def test_which_of_several_operates_which_is_asked() -> None:
    assert "operator" not in flight("Anadolu", "Bodrum").assets[0].facts
    two = flight("Anadolu", assets=[{"registration": "TC-ABC"}, {"registration": "TC-ABD"}])
    assert all("operator" not in asset.facts for asset in two.assets)
    nobody = flight("Anadolu", assets=None)
    assert all("operator" not in asset.facts for asset in nobody.assets if asset.open)


def test_whoever_leases_it_is_its_lessee() -> None:
    parties = [
        {"name": n, "roles": [r]} for n, r in (("Lessor", "lessor"), ("Anna Lind", "lessee"), ("Berta Lind", "lessee"))
    ]
    act = flight(activity="lease", parties=parties)
    assert [party.name for party in act.assets[0].facts["lessee"]] == ["Anna Lind", "Berta Lind"]
    assert "operator" not in act.assets[0].facts


@pytest.mark.parametrize("changed", [{"items": []}, {"none": ["items"]}])
def test_a_list_that_is_empty_is_empty(changed: dict[str, Any]) -> None:
    assert read(**changed).items == []


def test_a_stated_list_is_complete() -> None:
    act = read(items=["a valve", {"name": "a hose"}])
    assert [(item.name, item.open) for item in act.items] == [("a valve", False), ("a hose", False)]


def test_a_service_moves_nothing() -> None:
    act = read(activity="service")
    assert act.items == act.assets == [] and set(act.assumed_empty) == {"items", "assets"}


# ---- roles


def test_a_narrower_role_fills_a_broader_one() -> None:
    assert [party.name for party in read().parties if party.open and not party.doubtful] == []


def test_an_unfilled_role_is_an_unknown_party() -> None:
    act = read(activity="payment", parties=[{"name": "Payer", "roles": ["payer"]}])
    assert [party.facts["role"] for party in act.parties if party.open] == [("counterparty",), ("bank",)]


def test_none_says_that_a_role_is_not_filled() -> None:
    act = read(activity="payment", parties=[{"name": "Payer", "roles": ["payer"]}], none=["bank"])
    assert [party.facts["role"] for party in act.parties if party.open] == [("counterparty",)]


def test_a_party_that_only_owns_takes_no_part() -> None:
    owned = {
        "name": "Buyer",
        "roles": ["buyer"],
        "owners": [{"party": "Owner", "percent": "60"}],
        "controlled_by": ["Master"],
    }
    act = read(parties=[SALE["parties"][0], owned, "Owner", {"name": "Master", "country": "BY"}])
    assert [party.name for party in act.parties if not party.open] == ["Seller", "Buyer"]
    assert named(act, "Master").facts["country"] == ("BY",)


# ---- links


def test_a_link_leads_to_what_was_stated() -> None:
    act = read(
        items=[{"name": "part", "end_user": "Buyer", "aircraft": "plane"}],
        assets=[{"id": "plane", "registration": "EW-366PA"}],
    )
    assert act.items[0].facts["end_user"] is named(act, "Buyer")
    assert act.items[0].facts["aircraft"] is act.assets[0]


def test_a_link_to_somebody_new_makes_him() -> None:
    act = read(
        items=[
            {"name": "part", "end_user": "Somebody", "aircraft": {"registration": "EW-001PA", "registered_in": "BY"}}
        ]
    )
    assert "end_user" in named(act, "Somebody").facts["role"]
    assert act.items[0].facts["aircraft"].facts["registered_in"] == "BY"


def test_what_is_stated_for_the_act_holds_for_items_that_say_nothing_else() -> None:
    act = read(items=["one", {"name": "two", "end_user": "Two's user"}], end_user="Buyer", aircraft="EW-366PA")
    assert [item.facts["end_user"].name for item in act.items] == ["Buyer", "Two's user"]
    assert len({id(item.facts["aircraft"]) for item in act.items}) == 1


def test_a_party_with_the_role_is_the_end_user_of_items_that_name_none() -> None:
    act = read(parties=[*SALE["parties"], {"name": "User", "roles": ["end_user"]}], items=["one"])
    assert act.items[0].facts["end_user"] is named(act, "User")


@pytest.mark.parametrize("changed", [{"none": ["aircraft"]}, {"assets": []}])
def test_items_for_no_aircraft(changed: dict[str, Any]) -> None:
    assert read(items=["part"], **changed).items[0].facts["aircraft"] == ()


# ---- owners


def test_owners_known_unknown_and_dated() -> None:
    owners = [
        {"party": "A", "percent": "50.5", "from": "2024-01-01", "until": "2025-01-01"},
        {"party": "B", "percent": 60, "from": "2025-01-01", "joint": "yes"},
        {"unknown": "yes", "percent": "1"},
    ]
    act = read(parties=[SALE["parties"][0], {"name": "Buyer", "roles": ["buyer"], "owners": owners}])
    stakes = named(act, "Buyer").owners
    assert stakes is not None
    assert [(s.holder and s.holder.name, s.percent, s.joint) for s in stakes] == [
        ("A", Decimal("50.5"), False),
        ("B", Decimal(60), True),
        (None, Decimal(1), False),
    ]


def test_an_empty_list_of_owners_is_not_one_left_out() -> None:
    act = read(parties=[{"name": "Seller", "roles": ["seller"], "owners": []}, SALE["parties"][1]])
    assert named(act, "Seller").owners == () and named(act, "Buyer").owners is None


@pytest.mark.parametrize(
    ("owners", "field", "said"),
    [
        (
            [{"party": "A", "percent": "60"}, {"party": "B", "percent": "40.01"}],
            "",
            "the shares come to 100.01 %, which is more than the whole",
        ),
        ([{"percent": "10"}], "[0].party", "is missing: who holds the share (or `unknown: yes`)?"),
        (
            [{"party": "A", "unknown": "yes", "percent": "10"}],
            "[0]",
            "an unknown owner has no name: state `party` or `unknown`",
        ),
        ([{"party": "A", "percent": "101"}], "[0].percent", "a percentage lies between 0 and 100"),
        ([{"party": "A", "percent": "-1"}], "[0].percent", "a percentage lies between 0 and 100"),
        (
            [{"party": "A", "percent": "NaN"}],
            "[0].percent",
            "must be a finite number, at most 1e18, with at most 30 decimals",
        ),
    ],
)
def test_owners_that_are_refused(owners: list[Any], field: str, said: str) -> None:
    found = problems(parties=[{"name": "Seller", "roles": ["seller"], "owners": owners}])
    assert found == {f"parties[0].owners{field}": said}


# ---- codes


def test_a_code_that_cannot_be_read_is_kept_and_quoted_in_the_question() -> None:
    statement = {
        **SALE,
        "place": "US",
        "items": [{"name": "part", "eccn": "9A99I.d", "origin": "US", "end_user": "Buyer", "destination": "BY"}],
    }
    act = ENGINE.reader.read(statement).acts[0]
    assert act.items[0].unreadable == {"eccn": "9A99I.d"} and "eccn" not in act.items[0].facts
    quoted = [q for q in ENGINE.check(statement).body["questions"] if q["fact"] == "item.eccn"]
    assert [(q["stated"], q["question"].endswith("“9A99I.d” cannot be read.")) for q in quoted] == [("9A99I.d", True)]


def test_codes_in_their_one_spelling() -> None:
    act = read(items=[{"name": "part", "eccn": "9a991.D", "hts": "8807.30.00"}])
    assert (act.items[0].facts["eccn"], act.items[0].facts["hs"]) == ("9A991.d", "88073000")


def test_null_is_the_same_as_left_out() -> None:
    act = read(items=[{"name": "part", "eccn": None, "origin": None}], place=None, assets=None)
    assert {"eccn", "origin"}.isdisjoint(act.items[0].facts)


# ---- refused


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"at": "2025-09-10T12:00"}, "at", "`2025-09-10T12:00` has no offset from UTC (write one, like -05:00 or Z)"),
        ({"at": None}, "at", "is missing: when does it happen (a time with its offset, or a date)?"),
        ({"activity": None}, "activity", "is missing: what is done?"),
        ({"activity": "maintenence"}, "activity", "unknown activity `maintenence`: did you mean `maintenance`?"),
        ({"colour": "red"}, "colour", "unknown field"),
        (
            {"parties": [{"name": "A", "roles": ["seler"]}]},
            "parties[0].roles[0]",
            "unknown role `seler`: did you mean `seller` or `supplier`?",
        ),
        ({"place": "Tyrkey"}, "place[0]", "unknown place `Tyrkey`: did you mean `TR` (Türkiye)?"),
        ({"zone": "Mars"}, "zone", "`Mars` is not a time zone (write one like America/New_York, or UTC)"),
        ({"zone": "localtime"}, "zone", "`localtime` is not a time zone (write one like America/New_York, or UTC)"),
        (
            {"items": [{"name": "a", "hs": "88", "hts": "88"}]},
            "items[0].hts",
            "is the same fact as `hs`: state it once",
        ),
        (
            {"items": [{"name": "a"}, {"name": "a"}]},
            "items[1]",
            "`a` names two things of this transaction: give each an `id` of its own",
        ),
        ({"parties": [{"name": "a\ud800"}]}, "parties[0].name", "text is not valid Unicode"),
        ({"parties": [{"name": "a" * 2001}]}, "parties[0].name", "text is longer than 2000 characters"),
        ({"parties": [{"name": str(i)} for i in range(1001)]}, "parties", "has 1001 entries; at most 1000 are read"),
        ({"amount": "1e400"}, "amount", "must be a finite number, at most 1e18, with at most 30 decimals"),
        (
            {"authorisations": [{"issuer": "eu", "reference": "1"}]},
            "authorisations[0]",
            "names either the prohibitions it lifts (`lifts`) or the derogation it grants (`grants`)",
        ),
        (
            {
                "authorisations": [
                    {"issuer": "us.ofac", "reference": "1", "lifts": ["us.ofac.belarus.548-201"], "things": ["X"]}
                ]
            },
            "authorisations[0].things[0]",
            "`X` is nothing of this transaction",
        ),
        ({"acts": []}, "acts", "is empty: a deal has at least one act"),
    ],
)
def test_refused(changed: dict[str, Any], field: str, said: str | None) -> None:
    found = problems(**changed)
    assert field in found, found
    assert said is None or found[field] == said


@pytest.mark.parametrize("raw", [None, 3, "sale", [], [SALE], {"parties": "x" * 10}])
def test_what_is_no_transaction(raw: object) -> None:
    with pytest.raises(StatementError):
        ENGINE.reader.read(raw)


def test_deep_nesting_is_refused() -> None:
    party: dict[str, Any] = {"name": "end"}
    for depth in range(3000):
        party = {"name": f"p{depth}", "acts_for": [party]}
    with pytest.raises(StatementError):
        ENGINE.reader.read({**SALE, "parties": [party]})


# ---- deals


def test_what_stands_beside_the_acts_holds_for_each_that_is_silent() -> None:
    case = ENGINE.reader.read(
        {
            "parties": SALE["parties"],
            "at": "2025-01-01",
            "place": "TR",
            "acts": [
                {"activity": "sale", "items": []},
                {"activity": "service", "at": "2025-02-02", "place": "DE", "parties": []},
            ],
        }
    )
    one, other = case.acts
    assert (one.at.text, one.facts["place"], one.items) == ("2025-01-01", ("TR",), [])
    assert (other.at.text, other.facts["place"]) == ("2025-02-02", ("DE",))
    assert [party.open for party in other.parties] == [True, True]


def test_a_fault_in_an_act_names_it() -> None:
    with pytest.raises(StatementError) as error:
        ENGINE.reader.read({"acts": [{"activity": "sale", "at": "2025-01-01"}, {"activity": "sale"}]})
    assert [problem.field for problem in error.value.problems] == ["acts[1].at"]
