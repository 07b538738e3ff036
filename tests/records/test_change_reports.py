"""What a report says is what deciding everything twice gives; the cases, their coverage, and approval on a report."""

import json
from collections import Counter
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carveout.engine import Engine, StatementError
from carveout.engine.analyse.effects import Comparing, effect_on_portfolio, effect_on_stored
from carveout.engine.analyse.portfolio import PortfolioFault, read_portfolio
from carveout.engine.analyse.reports import Portfolio, approve, make_report, read_report
from carveout.engine.records.changes import Changes
from carveout.engine.records.contents import Changed
from carveout.engine.records.proposals import ChangeFault
from carveout.engine.records.store import Store

from .changing import BLOCKING, LICENCE, LONGER, begun, contents, longer, other, sale, small

pytestmark = pytest.mark.meaning
NARROWER = {BLOCKING: (b"RED, xx.office.list/BLUE", b"RED")}
STRICTER = {
    "yy/ministry/freeze.prohibition.yaml": (
        b"programmes: [yy.ministry.list/general]",
        b"when: {fact: act.activity, in: [payment, service]}",
    )
}
CHANGES: list[dict[str, Any]] = [
    {LICENCE: LONGER},
    {LICENCE: None},
    NARROWER,
    STRICTER,
    {"yy/ministry/permit.exemption.yaml": (b"granted: true\n", b"")},
    {"xx/office/alpha.listing.yaml": None},
    {"xx/office/fifty.ownership.yaml": (b"at_least: 50", b"at_least: 70")},
    {"subjects/zz/gamma.subject.yaml": (b"percent: 60", b"percent: 40")},
    {"xx/office/records.duty.yaml": None},
]


READING: dict[str, Any] = {
    "yy/ministry/reads.exemption.yaml": b"""title: What X authorises
authority: yy.ministry
citation: {instrument: Act 2, source: invented, sure: primary}
effective: {from: 2023-01-01}
checked: 2026-01-01
lifts_as: authorized
shields: [yy.ministry.freeze]
covers:
  party: {verdict: xx.office, in: [authorized, not_prohibited], supposing_nexus: true}
""",
    "ww/bureau/authority.yaml": b"""title: Bureau of W
short: WB
zone: Europe/Paris
calendar: FR
countries: [FR]
grounds:
  person:
    title: somebody of Y takes part
    citation: {instrument: Act 3, source: invented, sure: primary}
    when: {any_party: {fact: party.country, is: EU}}
""",
    "ww/bureau/services.prohibition.yaml": b"""title: No services
authority: ww.bureau
citation: {instrument: Act 3, source: invented, sure: primary}
effective: {from: 2023-01-01}
checked: 2026-01-01
for_each: act
grounds: [person]
when: {fact: act.activity, in: [service, contract]}
effect: prohibited
""",
    "ww/bureau/reads.exemption.yaml": b"""title: What Y authorises
authority: ww.bureau
citation: {instrument: Act 3, source: invented, sure: primary}
effective: {from: 2023-01-01}
checked: 2026-01-01
lifts_as: authorized
shields: [ww.bureau.services]
covers:
  act: {verdict: yy.ministry, in: [authorized, not_prohibited], supposing_nexus: false}
""",
}
"""Norms that read the verdict of another authority, one by way of the other."""


@cache
def engines_of(*numbers: int, reading: bool = False) -> tuple[Engine, Engine, Changed]:
    """Before and after some of the changes, and what is other."""
    before = other(READING) if reading else contents()
    after = other({path: what for number in numbers for path, what in CHANGES[number].items()}, before)
    return Engine(before.rules) if reading else small(), Engine(after.rules), Changed.between(before, after)


def keep(store: Store, engine: Engine, stated: Any, as_known: str | None = None) -> str:
    """Decide and store; the id."""
    decision = engine.check(stated, as_known=as_known)
    return store.keep(engine.rules, stated, decision, person="x", as_known=as_known).result().envelope.id


def recomputed(engines: tuple[Engine, Engine], asked: dict[str, Any]) -> dict[str, str]:
    """By name what flips, found by deciding everything twice, without any shortcut."""
    found = {}
    for name, (stated, known) in asked.items():
        said = []
        for engine in engines:
            try:
                body = engine.check(stated, as_known=known).body
                said.append(
                    (body["outcome"], [(r["authority"], r["verdict"], r["manner"]) for r in body["authorities"]])
                )
            except StatementError:
                said.append(("", []))
        if said[0] != said[1]:
            found[name] = f"{said[0][0]} {said[1][0]}"
    return found


def named(data: dict[str, Any]) -> dict[str, str]:
    """The same from a report."""
    return {
        name: f"{group['outcome']['before']} {group['outcome']['after']}".replace("none", "")
        for group in data["groups"]
        for name in group["all"]
    }


NAMES = st.sampled_from(["Alpha Tractor Works", "Alfa", "Beta Mineral Water", "Gamma Optical Instruments", "Someone"])
TRANSACTIONS = st.fixed_dictionaries(
    {
        "activity": st.sampled_from(["service", "payment", "supply", "contract"]),
        "at": st.sampled_from(["2024-03-01T12:00:00Z", "2024-07-01", "2025-03-01", "2025-03-12T00:00:00-04:00"]),
        "parties": st.lists(
            st.fixed_dictionaries(
                {"name": NAMES, "roles": st.sampled_from([["seller"], ["buyer"], ["customer"]])},
                optional={"country": st.sampled_from(["US", "BE", "BY"])},
            ),
            min_size=1,
            max_size=3,
        ),
    },
    optional={
        "reference": st.text("ab", max_size=2),
        "items": st.just([{"name": "part", "origin": "US", "destination": "BY"}]),
    },
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(TRANSACTIONS, min_size=1, max_size=8),
    st.integers(0, len(CHANGES) - 1),
    st.integers(0, len(CHANGES) - 1),
    st.booleans(),
)
def test_a_portfolio_flips_as_deciding_twice_says(stated: list[Any], one: int, two: int, reading: bool) -> None:
    before, after, changed = engines_of(one, two, reading=reading)
    comparing = Comparing(before, after, changed)

    effect = effect_on_portfolio(comparing, [(str(i), one_) for i, one_ in enumerate(stated)])

    assert named(effect.data()) == recomputed((before, after), {str(i): (s, None) for i, s in enumerate(stated)})
    assert effect.asked == len(stated) >= effect.distinct


def test_a_verdict_that_another_authority_reads_flips_too() -> None:
    """Of the authority whose licence changes there is no finding: it has no nexus, and is supposed to have it."""
    engines = engines_of(0, reading=True)
    stated = sale(1)
    stated["parties"][0]["country"] = "BE"

    data = effect_on_portfolio(Comparing(*engines), [("it", stated)]).data()

    assert named(data) == recomputed(engines[:2], {"it": (stated, None)}) == {"it": "stop proceed"}
    moved = {ruling["authority"] for ruling in data["groups"][0]["authorities"]}
    assert moved == {"yy.ministry", "ww.bureau"}


@pytest.mark.parametrize("number", range(len(CHANGES)))
def test_stored_decisions_flip_as_deciding_twice_says(store: Store, number: int) -> None:
    engine, after, changed = engines_of(number)
    old = Engine(other({LICENCE: None}).rules)  # some were decided under rules that are not the base
    asked: dict[str, Any] = {}
    for i in [*range(40), *range(6)]:
        stated = sale(i % 20, at=("2024-03-01T12:00:00Z", "2025-03-01T12:00:00Z", "2024-07-01")[i % 3])
        stated["activity"] = ("service", "payment", "contract", "supply")[i % 4]
        stated["parties"][1]["name"] = ("Alpha Tractor Works", "Beta Mineral Water", "Gamma Optical Instruments")[i % 3]
        if i % 40 < 20:
            del stated["parties"][1]["subject"]
        known = "2024-01-15T00:00:00Z" if i % 5 == 0 else None
        asked[keep(store, old if i % 7 == 0 else engine, stated, known)] = stated, known
    comparing = Comparing(engine, after, changed)
    seen: list[tuple[int, int]] = []

    effect = effect_on_stored(
        store, comparing, 0, Changes(store).last_decision(), lambda done, of: seen.append((done, of))
    )

    assert named(effect.data()) == recomputed((engine, after), asked)
    assert effect.asked == len(asked) > effect.distinct and seen[-1] == (len(asked), len(asked))
    if number < 3:
        assert effect.flips, "the change does something to these"


def test_what_flips_is_grouped_by_the_norm_and_the_way(store: Store) -> None:
    changes = begun(store)
    ids = [keep(store, small(), sale(i)) for i in range(9)]
    untouched = keep(store, small(), sale(1, at="2024-03-01T12:00:00Z"))
    id = changes.propose(longer(), "ann", title="Prolonged").proposal.id

    report, said = make_report(changes, id, "bob", small())

    (group,) = said["stored"]["groups"]
    assert (group["reason"], group["direction"], group["count"]) == (["xx.office.licence-1"], "laxer", 9)
    assert group["authorities"][0] == {
        "authority": "xx.office", "before": "prohibited", "after": "authorized", "direction": "laxer",
    }  # fmt: skip
    assert sorted(group["all"]) == sorted(ids) and untouched not in group["all"] and len(group["examples"]) == 5
    assert group["examples"][0] == {"of": ids[0], "reference": "r0"}
    assert said["stored"]["asked"] == 10 and (report.flips, report.laxer, report.decisions) == (9, 9, 10)
    assert read_report(changes, report) == json.loads(json.dumps(said))


def test_approval_wants_a_report_of_all_that_is_stored(store: Store) -> None:
    changes = begun(store)
    id = changes.propose(longer(), "ann", title="Prolonged").proposal.id
    make_report(changes, id, "bob", small())
    keep(store, small(), sale(1))

    with pytest.raises(ChangeFault) as fault:
        approve(changes, id, "bob", small())
    assert fault.value.kind == "report-outdated"
    make_report(changes, id, "bob", small())
    harmless = keep(store, small(), sale(1, at="2024-03-01T12:00:00Z"))  # it flips nothing: the report is taken on
    change = approve(changes, id, "bob", small())

    assert change.report is not None and change.report.decisions == 2
    assert change.report.until == changes.last_decision() and harmless
    assert read_report(changes, change.report)["until"] == change.report.until


CASE = b"""
- id: one
  title: Under the licence
  confidence: verified
  transaction:
    activity: service
    at: '2024-03-01T12:00:00Z'
    parties:
      - {name: S, roles: [provider], country: US}
      - {name: Alpha Tractor Works, subject: zz.alpha, roles: [customer]}
  expected: {xx.office: EXPECTED}
  reason: It is covered.
  citation: [Licence 1]
  tags: [x]
"""


def test_cases_are_run_and_what_they_do_not_show_is_said(store: Store) -> None:
    changes = begun(store)
    cases = "xx/office/licence-1.cases.yaml"
    right = other({LICENCE: LONGER, cases: CASE.replace(b"EXPECTED", b"authorized")})
    wrong = other({LICENCE: LONGER, cases: CASE.replace(b"EXPECTED", b"prohibited")})
    good, bad = (changes.propose(made, "ann", title="x").proposal.id for made in (right, wrong))

    report, said = make_report(changes, good, "bob", small())
    assert not report.faults and said["cases"] == {"run": 1, "differ": 0, "known_gaps": 0, "not_run": 0}
    assert said["coverage"]["to_show"] == 2 and said["coverage"]["shown"] == 1
    (gap,) = said["coverage"]["not_shown"]
    assert "covers party" in gap and "act.activity" in gap and "never false" in gap

    report, said = make_report(changes, bad, "bob", small())
    assert report.faults == 1 and "case `one`" in said["faults"][0]
    with pytest.raises(ChangeFault, match="1 fault"):
        approve(changes, bad, "bob", small())


def test_a_transaction_that_the_new_rules_cannot_read_is_a_flip() -> None:
    before = contents()
    after = other({"subjects/zz/gamma.subject.yaml": None})
    comparing = Comparing(Engine(before.rules), Engine(after.rules), Changed.between(before, after))
    stated = sale(1)
    stated["parties"][1] = {"name": "G", "roles": ["customer"], "subject": "zz.gamma"}

    data = effect_on_portfolio(comparing, [("line 1", stated)]).data()

    assert data["directions"] == {"undecided": 1} and "zz.gamma" in data["groups"][0]["examples"][0]["fault"]


def test_a_portfolio_is_read_whole_or_not_at_all() -> None:
    rules = small().rules
    lines = b"\n".join(json.dumps(sale(i)).encode() for i in range(3)) + b"\n\n"
    table = b"activity,at,seller,seller_country,buyer\nsale,2025-01-01,Somebody,US,Alpha Tractor Works\n"

    assert [name for name, _ in read_portfolio(lines, rules).transactions] == ["line 1", "line 2", "line 3"]
    ((name, stated),) = read_portfolio(table, rules).transactions
    assert name == "row 1" and stated["activity"] == "sale"
    for bad, what in (
        (lines + b"{", "line 5"), (b'{"a": 1, "a": 2}', "line 1"), (b"{\xff}", "UTF-8"), (b"", "empty"),
        (b"[1]", "unknown column"),
        (table + b"sale,,,\n", "row 2"),
    ):  # fmt: skip
        with pytest.raises(PortfolioFault, match=what):
            read_portfolio(bad, rules)


def test_a_portfolio_counts_for_an_emergency_too(store: Store) -> None:
    changes = begun(store)
    id = changes.propose(longer(), "ann", title="x").proposal.id

    report, said = make_report(changes, id, "bob", small(), Portfolio("0" * 64, [("line 1", sale(1))]))

    assert said["portfolio"]["directions"] == {"laxer": 1} and report.laxer == 1 and report.flips == 0
    assert Counter(group["count"] for group in said["portfolio"]["groups"]) == {1: 1}
