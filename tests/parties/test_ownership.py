"""Ownership: the examples of the law, the ways of not knowing, and a slow plain reading of the same rule."""

import random
import time
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carveout.engine.decide import settling
from carveout.engine.law.truth import FALSE, TRUE, UNKNOWN
from carveout.engine.parties.ownership import Closure, Policy, Reached, Stake, reach, share

OFAC = Policy(D(50), inclusive=True)
EU_BEFORE = Policy(D(50), inclusive=False, control=True)  # until 2024-07-03
EU_SINCE = Policy(D(50), inclusive=True, control=True)
UK = Policy(D(50), inclusive=False, adds_up=False, control=True)

DAY = date(2026, 11, 23)


def stakes(*rows: tuple[str | None, str, str]) -> list[Stake]:
    return [Stake(owner, held, D(percent)) for owner, percent, held in rows]


def truth(answer: Mapping[str, Reached], party: str) -> int:
    return answer[party].truth if party in answer else FALSE


FAQ_401 = [
    ("1: down the chain", [("X", "50", "A"), ("A", "50", "B")], "AB"),
    ("2: two arms", [("X", "50", "A"), ("X", "50", "B"), ("A", "25", "C"), ("B", "25", "C")], "ABC"),
    ("3: indirect and direct", [("X", "50", "A"), ("X", "10", "B"), ("A", "40", "B")], "AB"),
    ("4: one arm too thin", [("X", "50", "A"), ("X", "25", "B"), ("A", "25", "C"), ("B", "25", "C")], "A"),
    ("5: both too thin", [("X", "25", "A"), ("X", "25", "B"), ("A", "50", "C"), ("B", "50", "C")], ""),
    ("never multiplied", [("X", "60", "A"), ("A", "60", "B")], "AB"),
]


@pytest.mark.parametrize(("_", "rows", "blocked"), FAQ_401, ids=[name for name, _, _ in FAQ_401])
def test_examples_of_faq_401(_: str, rows: list[tuple[str | None, str, str]], blocked: str) -> None:
    answer = reach(stakes(*rows), [], {"X": TRUE}, OFAC)

    assert "".join(answer) == blocked
    assert all(found.truth == TRUE and found.by == ("X",) for found in answer.values())


def test_stakes_add_up_and_the_status_carries_all_owners() -> None:
    answer = reach(
        stakes(("Belavia", "30", "K"), ("Transaviaexport", "20", "K"), ("private", "50", "K")),
        [],
        {"Transaviaexport": TRUE, "Belavia": TRUE},
        OFAC,
    )

    assert answer == {
        "K": Reached(
            TRUE,
            ("Belavia", "Transaviaexport"),
            D(50),
            D(50),
            ("Belavia 30 % -> K", "Transaviaexport 20 % -> K"),
        )
    }


def test_owners_along_the_whole_way_are_carried() -> None:
    rows = stakes(("X", "50", "A"), ("Y", "1", "A"), ("A", "40", "B"), ("Z", "10", "B"), ("W", "49", "C"))
    answer = reach(rows, [], {"X": TRUE, "Y": TRUE, "Z": TRUE, "W": TRUE}, OFAC)

    assert answer["B"].by == ("X", "Y", "Z")
    assert answer["B"].path == ("X 50 % -> A", "Y 1 % -> A", "A 40 % -> B", "Z 10 % -> B")
    assert "C" not in answer


@pytest.mark.parametrize(
    ("percent", "policy", "expected"),
    [
        ("50", OFAC, TRUE),
        ("49.99999999999999999999999999999999999999", OFAC, FALSE),
        ("50", EU_BEFORE, FALSE),
        ("50.00000000000000000000000000000000000001", EU_BEFORE, TRUE),
        ("50", EU_SINCE, TRUE),
        ("50", UK, FALSE),
        ("50.1", UK, TRUE),
    ],
)
def test_threshold_to_the_last_decimal(percent: str, policy: Policy, expected: int) -> None:
    assert truth(reach(stakes(("X", percent, "A")), [], {"X": TRUE}, policy), "A") == expected


def test_sums_are_exact() -> None:
    third = "16." + "6" * 48
    rows = stakes(("X", third, "A"), ("Y", third, "A"), ("Z", third + "7", "A"))
    answer = share(rows, {"X": TRUE, "Y": TRUE, "Z": TRUE}, "A", OFAC)

    assert answer[0] == D("49." + "9" * 47 + "87")


def test_uk_counts_single_holders_and_joint_arrangements() -> None:
    apart = [Stake("X", "A", D(30)), Stake("Y", "A", D(30))]
    together = [Stake("X", "A", D(30), joint=True), Stake("Y", "A", D(30), joint=True)]
    besides = [*together, Stake("Z", "A", D(35))]
    seeds = {"X": TRUE, "Y": TRUE, "Z": TRUE}

    assert reach(apart, [], seeds, UK) == {}
    assert share(apart, seeds, "A", UK) == (D(30), D(30), ("X 30 % -> A", "Y 30 % -> A"))
    assert reach(together, [], seeds, UK)["A"].path == ("X 30 % jointly -> A", "Y 30 % jointly -> A")
    assert reach(besides, [], seeds, UK)["A"].by == ("X", "Y")
    # An arrangement with somebody who is not designated adds nothing to what the others have.
    assert reach(together, [], {"X": TRUE}, UK) == {}


def test_uk_joint_holder_has_its_own_shares_besides() -> None:
    rows = [
        Stake("X", "A", D(20), joint=True),
        Stake("Y", "A", D(20), joint=True),
        Stake("X", "A", D(11)),
    ]

    assert reach(rows, [], {"X": TRUE, "Y": TRUE}, UK)["A"].by == ("X",)
    assert reach(rows[:2], [], {"X": TRUE, "Y": TRUE}, UK) == {}


def test_control_counts_where_the_policy_says_so() -> None:
    rows, controls = stakes(("Belavia", "20", "K"), ("K", "60", "L")), [("Belavia", "K"), ("nobody", "M")]

    assert reach(rows, controls, {"Belavia": TRUE}, OFAC) == {}  # FAQ 398: ownership, not control
    answer = reach(rows, controls, {"Belavia": TRUE}, UK)
    assert list(answer) == ["K", "L"]
    assert answer["K"] == Reached(TRUE, ("Belavia",), D(20), D(20), ("Belavia controls K",))
    assert answer["L"].path == ("Belavia controls K", "K 60 % -> L")


def test_control_and_shares_both_count() -> None:
    answer = reach(stakes(("X", "60", "K")), [("Y", "K")], {"X": TRUE, "Y": UNKNOWN}, UK)

    assert answer["K"].by == ("X",)
    assert answer["K"].perhaps == ("Y",)


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2024, 7, 2), FALSE), (date(2024, 7, 3), TRUE), (date(2025, 1, 1), FALSE), (None, UNKNOWN)],
)
def test_since_counts_and_until_does_not(day: date | None, expected: int) -> None:
    rows = [
        Stake("X", "A", D(60), date(2024, 7, 3), date(2025, 1, 1)),
        Stake("Y", "A", D(60), until=date(2024, 7, 3)),
        Stake("Y", "A", D(60), since=date(2025, 1, 1)),
    ]

    answer = reach(rows, [], {"X": TRUE}, OFAC, day)
    assert truth(answer, "A") == expected


def test_shares_of_holders_not_known_are_bounds() -> None:
    rows = stakes(("X", "30", "A"), (None, "20.0", "A"), ("A", "55", "B"), (None, "45", "B"), (None, "49", "C"))
    answer = reach(rows, [], {"X": TRUE}, OFAC)

    assert list(answer) == ["A", "B"]
    assert answer["A"] == Reached(UNKNOWN, ("X",), D(30), D(50), ("X 30 % -> A", "holder not known 20 % -> A"))
    assert (answer["B"].truth, answer["B"].low, answer["B"].high) == (UNKNOWN, D(0), D(100))
    assert truth(reach(rows[1:2], [], {"X": TRUE}, OFAC), "A") == FALSE
    assert reach(stakes((None, "60", "A")), [], {}, OFAC)["A"].by == ()


def test_holder_not_known_may_be_the_largest_holder() -> None:
    rows = stakes(("X", "30", "A"), ("Y", "20", "A"), (None, "25", "A"))

    assert reach(rows, [], {"X": TRUE, "Y": TRUE}, UK)["A"] == Reached(
        UNKNOWN, ("X",), D(30), D(55), ("X 30 % -> A", "holder not known 25 % -> A")
    )


def test_doubtful_seeds_count_only_perhaps() -> None:
    rows = stakes(("X", "50", "A"), ("Y", "10", "A"), ("Y", "90", "B"))
    answer = reach(rows, [], {"X": TRUE, "Y": UNKNOWN, "Z": FALSE}, OFAC)

    assert answer["A"] == Reached(TRUE, ("X",), D(50), D(60), ("X 50 % -> A",), ("Y",))
    assert answer["B"] == Reached(UNKNOWN, ("Y",), D(0), D(90), ("Y 90 % -> B",))


def test_share_of_named_holders_passes_only_through_majorities() -> None:
    rows = stakes(("X", "50", "A"), ("A", "20", "C"), ("X", "49", "B"), ("B", "30", "C"), ("Y", "5", "C"))

    assert share(rows, {"X": TRUE}, "C", OFAC) == (D(20), D(20), ("X 50 % -> A", "A 20 % -> C"))
    assert share(rows, {"X": TRUE, "Y": UNKNOWN}, "C", OFAC)[:2] == (D(20), D(25))
    assert share(rows, {"X": TRUE}, "X", OFAC) == (D(0), D(0), ())


def test_cycles_end_and_nobody_lifts_itself_into_being_reached() -> None:
    rows = stakes(("A", "100", "B"), ("B", "60", "A"), ("X", "10", "A"), ("S", "50", "S"))

    assert reach(rows, [], {"X": TRUE}, OFAC) == {}
    assert list(reach(rows, [], {"B": TRUE}, OFAC)) == ["A", "B"]
    assert share(rows, {"B": TRUE}, "A", OFAC)[0] == 60


@pytest.mark.parametrize("closure", [None, settling.closure])
def test_ten_thousand_deep(closure: Closure | None) -> None:
    chain = stakes(("X", "50", "0"), *((str(n), "50", str(n + 1)) for n in range(10_000)))
    adding = stakes(("X", "50", "0"))
    for n in range(10_000):
        adding += stakes((str(n), "30", str(n + 1)), ("X", "20", str(n + 1)))

    for rows in (chain, adding):
        start = time.perf_counter()
        answer = reach(rows, [], {"X": TRUE}, OFAC, closure=closure)
        assert time.perf_counter() - start < 10  # about half a second; by squares it would take minutes
        assert len(answer) == 10_001
        assert answer["10000"].path[0] == "..."
        assert len(answer["10000"].path) == 13


def test_more_than_the_whole_is_refused() -> None:
    rows = stakes(("X", "60", "Handler K"), ("Y", "30", "Handler K"), (None, "10.5", "Handler K"))

    with pytest.raises(ValueError, match=r"the shares stated of `Handler K` come to 100\.5 %"):
        reach(rows, [], {"X": TRUE}, OFAC)
    with pytest.raises(ValueError, match="Handler K"):
        share(rows, {}, "another", OFAC)


@pytest.mark.parametrize("percent", ["-1", "100.01", "NaN", "Infinity", "1E-51"])
def test_what_is_no_share_is_refused(percent: str) -> None:
    with pytest.raises(ValueError, match=r"a share of `.*` % in `A`: from 0 to 100"):
        Stake("X", "A", D(percent))


@pytest.mark.parametrize(
    ("threshold", "inclusive"), [("0", True), ("100", False), ("-1", False), ("101", True), ("NaN", True)]
)
def test_what_is_no_threshold_is_refused(threshold: str, inclusive: bool) -> None:
    with pytest.raises(ValueError, match="everybody or nobody"):
        Policy(D(threshold), inclusive)


# The same rule, read slowly: no worklist, no tallies, fractions.

Plain = tuple[set[str], dict[str, Fraction], dict[str, set[str]]]


def plainly(rows: Sequence[Stake], controls: Sequence[tuple[str, str]], seeds: set[str], policy: Policy) -> Plain:
    parties = {row.held for row in rows} | {held for _, held in controls}
    reached: set[str] = set()

    def portion(party: str, owner: str | None, joint: bool | None = None) -> Fraction:
        mine = [r for r in rows if r.held == party and r.owner == owner and joint in (None, r.joint)]
        return sum((Fraction(row.percent) for row in mine), Fraction(0))

    def each(party: str) -> dict[str, Fraction]:
        owners = {r.owner for r in rows if r.held == party and r.owner in seeds | reached and r.percent}
        named = {owner for owner in owners if owner is not None}
        jointly = sum((portion(party, owner, True) for owner in named), Fraction(0))
        return {o: portion(party, o, False) + (jointly if portion(party, o, True) else 0) for o in named}

    def counted(party: str) -> Fraction:
        one = each(party)
        mine = sum((portion(party, o) for o in one), Fraction(0)) if policy.adds_up else max(one.values(), default=0)
        return min(Fraction(100), mine + portion(party, None))

    def enough(number: Fraction) -> bool:
        return number >= policy.threshold if policy.inclusive else number > policy.threshold

    def through(party: str) -> set[str]:
        by = {a for a, b in controls if b == party and a in seeds | reached}
        if enough(counted(party)):
            by |= {o for o, n in each(party).items() if policy.adds_up or enough(n + portion(party, None))}
        return by

    while more := {p for p in parties - reached if enough(counted(p)) or through(p)}:
        reached |= more

    def origin(party: str) -> set[str]:
        seen, to_visit = set(), [party]
        while to_visit:
            for owner in through(to_visit.pop()):
                if owner not in seen:
                    seen.add(owner)
                    if owner in reached:
                        to_visit.append(owner)
        return seen & seeds

    return reached, {p: counted(p) for p in parties}, {p: origin(p) for p in reached}


PARTIES = "ABCDEF"
some = st.sampled_from
DATES = some([(None, None), (None, None), (date(2026, 1, 1), None), (None, DAY), (DAY, date(2027, 1, 1))])
PERCENT = some(["0", "5", "10", "24.9", "25", "25.1", "30", "40", "49.9", "50", "50.1", "60", "100"])
ROW = st.tuples(some([*PARTIES, None]), some(PARTIES), PERCENT, DATES, st.booleans())
POLICY = st.builds(
    Policy,
    some([D(50), D(25), D("49.9")]),
    st.booleans(),
    adds_up=st.booleans(),
    control=st.booleans(),
)
SEEDS = st.dictionaries(some(PARTIES), some([FALSE, UNKNOWN, TRUE]), max_size=3)
CONTROLS = st.lists(st.tuples(some(PARTIES), some(PARTIES)), max_size=2)


@st.composite
def consistent(draw: st.DrawFn) -> list[Stake]:
    rows: list[Stake] = []
    for owner, held, percent, (since, until), joint in draw(st.lists(ROW, max_size=12)):
        if sum(row.percent for row in rows if row.held == held) + D(percent) <= 100:
            rows.append(Stake(owner, held, D(percent), since, until, joint))
    return rows


def in_force(row: Stake) -> bool:
    return (row.since is None or row.since <= DAY) and (row.until is None or row.until > DAY)


@settings(max_examples=400, deadline=None)
@given(consistent(), CONTROLS, SEEDS, POLICY, st.sampled_from([DAY, None]), st.randoms(use_true_random=False))
def test_as_read_slowly(
    rows: list[Stake],
    controls: list[tuple[str, str]],
    seeds: dict[str, int],
    policy: Policy,
    day: date | None,
    order: random.Random,
) -> None:
    certain = [row for row in rows if (in_force(row) if day else row.since is row.until is None)]
    sure = {seed for seed, truth in seeds.items() if truth == TRUE}
    perhaps = {seed for seed, truth in seeds.items() if truth != FALSE}
    pairs = controls if policy.control else []
    low = plainly([row for row in certain if row.owner is not None], pairs, sure, policy)
    high = plainly(certain if day else rows, pairs, perhaps, policy)

    answer = reach(rows, controls, seeds, policy, day)

    assert set(answer) == high[0]
    for party, found in answer.items():
        reached, _, by = low if found.truth == TRUE else high
        assert (found.truth == TRUE) == (party in low[0])
        assert party in reached
        assert set(found.by) == by[party]
        assert set(found.perhaps) == high[2][party] - by[party]
        assert Fraction(found.low) == low[1].get(party, 0)
        assert Fraction(found.high) == high[1].get(party, 0)
        assert found.path or not found.by
    for party in PARTIES if not controls else ():
        least, most, _ = share(rows, seeds, party, policy, day)
        assert (Fraction(least), Fraction(most)) == (low[1].get(party, 0), high[1].get(party, 0))

    mixed, turned = [*rows], [*controls]
    order.shuffle(mixed)
    order.shuffle(turned)
    again = reach(mixed, turned, dict(reversed(seeds.items())), policy, day, closure=settling.closure)
    assert again == answer


@settings(max_examples=200, deadline=None)
@given(consistent(), CONTROLS, SEEDS, POLICY, some([DAY, None]), some([*PARTIES, None]), some(PARTIES))
def test_one_stake_more_never_frees_anybody(
    rows: list[Stake],
    controls: list[tuple[str, str]],
    seeds: dict[str, int],
    policy: Policy,
    day: date | None,
    owner: str | None,
    held: str,
) -> None:
    room = 100 - sum(row.percent for row in rows if row.held == held)
    before = reach(rows, controls, seeds, policy, day)
    after = reach([*rows, Stake(owner, held, D(room))], controls, seeds, policy, day)

    for party, found in before.items():
        assert found.truth <= after[party].truth
        assert found.low <= after[party].low
        assert found.high <= after[party].high


@settings(max_examples=100, deadline=None)
@given(consistent(), CONTROLS, SEEDS, POLICY)
def test_learning_who_a_holder_is_stays_within_the_bounds(
    rows: list[Stake], controls: list[tuple[str, str]], seeds: dict[str, int], policy: Policy
) -> None:
    before = reach(rows, controls, seeds, policy, DAY)
    for known in ("A", "stranger"):
        named = [
            Stake(known, row.held, row.percent, row.since, row.until, row.joint) if row.owner is None else row
            for row in rows
        ]
        learnt = {seed: TRUE if truth == UNKNOWN else truth for seed, truth in seeds.items()}
        after = reach(named, controls, learnt, policy, DAY)

        for party in {*before, *after}:
            if truth(before, party) != UNKNOWN:
                assert truth(after, party) == truth(before, party)
