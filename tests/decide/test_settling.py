"""Settling: the formula, durable-rules against the formula, and what happens when durable-rules fails."""

import itertools
import os
import random
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carveout.engine.decide import durable_settling, settling
from carveout.engine.decide.durable_settling import Rules, Unusable
from carveout.engine.decide.settling import AUTHORIZED, FREE, GRANTABLE, LIMIT, STANDS, closure, settle
from carveout.engine.law.truth import FALSE, TRUE, UNKNOWN

KINDS = list(itertools.product((UNKNOWN, TRUE), (LIMIT, AUTHORIZED, GRANTABLE)))
SINGLE = [
    (engaged, shields)
    for engaged in (UNKNOWN, TRUE)
    for count in range(4)
    for shields in itertools.product(KINDS, repeat=count)
]

try:
    durable_settling.rules()
    IMPORTS = True
except ImportError:
    IMPORTS = False
durable = pytest.mark.skipif(not IMPORTS, reason="durable-rules cannot be imported here")


@pytest.fixture(autouse=True)
def afresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing kept, and faults of one test are not those of the next."""
    monkeypatch.setattr(settling, "_standing", settling._Standing())
    settling.use_reference(False)
    yield
    settling.use_reference(False)


def plainly(engaged: int, shields: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    """The formula by cases: every way in which the doubts may turn out."""
    worlds = []
    for there in (True,) if engaged == TRUE else (True, False):
        for chosen in itertools.product(*((True,) if sure == TRUE else (True, False) for sure, _ in shields)):
            left = [how for (_, how), counts in zip(shields, chosen, strict=True) if counts]
            worlds.append(min(left, default=STANDS) if there else FREE)
    engaged_worlds = [world for world in worlds if world != FREE]
    return min(worlds), max(engaged_worlds)


def test_formula_is_the_range_over_all_ways_the_doubts_may_turn_out() -> None:
    for engaged, shields in SINGLE:
        best, worst, due = settling.fate(engaged, frozenset(shields))
        assert (best, worst) == plainly(engaged, shields)
        assert due == (engaged == TRUE and worst == STANDS)


@durable
def test_durable_rules_agrees_on_every_single_engagement() -> None:
    for engaged, shields in SINGLE:
        assert settle(((engaged, shields, (7,)),)) == (
            (*plainly(engaged, shields), (7,) if settling.fate(engaged, frozenset(shields))[2] else ()),
        )
    assert settling.at_work().startswith("durable-rules 2.")


@durable
@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([UNKNOWN, TRUE]), st.lists(st.sampled_from(KINDS), unique=True)),
        max_size=20,
    )
)
def test_durable_rules_agrees_on_rounds(engagements: list[tuple[int, list[tuple[int, int]]]]) -> None:
    # Asked itself, past all that is kept; each shield also in the opposite order.
    for turned in (engagements, [(engaged, shields[::-1]) for engaged, shields in engagements][::-1]):
        found = durable_settling.rules().fates(turned)
        for (engaged, shields), (best, worst, due) in zip(turned, found, strict=True):
            said = (STANDS if best is None else best, STANDS if worst is None else worst, due)
            assert said == settling.fate(engaged, frozenset(shields))


@durable
def test_durable_rules_agrees_on_thousands_of_patterns() -> None:
    chance = random.Random(548)
    for _ in range(2_000):
        pattern = tuple(
            (chance.choice((UNKNOWN, TRUE)), tuple(chance.choices(KINDS, k=chance.randrange(4))), (n, n + 1))
            for n in range(chance.randint(0, 30))
        )
        settling._fates.clear()
        for (engaged, shields, duties), settled in zip(pattern, settle(pattern), strict=True):
            best, worst, due = settling.fate(engaged, frozenset(shields))
            assert settled == (best, worst, duties if due else ())
    assert settling._standing.fault == ""


def test_all_orders_of_a_pattern_settle_alike() -> None:
    engagements = (
        (TRUE, ((TRUE, GRANTABLE), (UNKNOWN, AUTHORIZED)), (1,)),
        (UNKNOWN, ((TRUE, LIMIT),), (2,)),
        (TRUE, (), (3, 4)),
        (TRUE, ((UNKNOWN, AUTHORIZED),), (5,)),
    )
    answers = (
        (AUTHORIZED, GRANTABLE, ()),
        (FREE, LIMIT, ()),
        (STANDS, STANDS, (3, 4)),
        (AUTHORIZED, STANDS, (5,)),
    )
    for order in itertools.permutations(range(4)):
        settling._fates.clear()
        assert settle(tuple(engagements[n] for n in order)) == tuple(answers[n] for n in order)


def test_the_same_pattern_is_settled_once() -> None:
    pattern = ((TRUE, ((TRUE, LIMIT),), ()),) * 8
    settle(pattern)
    before = settling._settle.cache_info().hits
    settle(tuple([*pattern]))
    assert settling._settle.cache_info().hits == before + 1


@pytest.mark.parametrize(
    ("engagement", "words"),
    [
        ((FALSE, (), ()), "TRUE or UNKNOWN, not `0`"),
        ((TRUE, ((FALSE, LIMIT),), ()), "TRUE or UNKNOWN, not `0`"),
        ((TRUE, ((TRUE, STANDS),), ()), r"\(0, 1, 2\), not `3`"),
    ],
)
def test_what_is_no_engagement_is_refused(engagement: settling.Engagement, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        settle((engagement,))


NAMES = st.sampled_from("abcdefgh")


@settings(max_examples=300, deadline=None)
@given(st.frozensets(NAMES), st.frozensets(st.tuples(NAMES, NAMES)))
def test_closure_is_the_least_set_closed_under_the_edges(
    seeds: frozenset[str], edges: frozenset[tuple[str, str]]
) -> None:
    least = set(seeds)
    while more := {held for owner, held in edges if owner in least and held not in least}:
        least |= more

    assert closure(seeds, edges) == least
    assert not IMPORTS or settling._standing.fault == ""


def test_closure_beyond_the_size_of_a_round() -> None:
    edges = frozenset((f"{n:05}", f"{n + 1:05}") for n in range(10_000))

    assert len(closure(frozenset({"05000"}), edges)) == 5_001


@durable
def test_largest_rounds_are_right() -> None:
    edges = frozenset((f"{n:03}", f"{n + 1:03}") for n in range(durable_settling.MOST_FACTS - 1))
    assert len(closure(frozenset({"000"}), edges)) == durable_settling.MOST_FACTS

    everybody = frozenset("abcdefghijklmn")
    all_of_them = frozenset(itertools.permutations(everybody, 2))
    assert closure(frozenset("a"), all_of_them) == everybody
    assert settling._standing.fault == ""


@durable
def test_eight_threads() -> None:
    wrong: list[object] = []

    def work(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(150):
            engagements = [
                (chance.choice((UNKNOWN, TRUE)), chance.sample(KINDS, chance.randint(0, 3))) for _ in range(5)
            ]
            found = [due for _, _, due in durable_settling.rules().fates(engagements)]
            if found != [settling.fate(engaged, frozenset(shields))[2] for engaged, shields in engagements]:
                wrong.append(engagements)
            settle(tuple((engaged, tuple(shields), (1,)) for engaged, shields in engagements))
            closure(frozenset({"a"}), frozenset({("a", chance.choice("bcd")), ("b", chance.choice("cde"))}))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert settling._standing.fault == ""


@durable
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # from Python 3.12 on, with threads about
def test_child_of_a_fork_in_the_middle_of_rounds() -> None:
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            durable_settling.rules().closure([0], [(n, n + 1) for n in range(20)])

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(5):
            child = os.fork()
            if child == 0:  # pragma: no cover
                right = durable_settling.rules().closure([1], [(1, 2), (2, 3), (4, 5)]) == {1, 2, 3}
                os._exit(0 if right else 1)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        stop.set()
        thread.join()


def test_reference_as_asked() -> None:
    settling.use_reference(True)

    assert settle(((TRUE, (), (1,)),)) == ((STANDS, STANDS, (1,)),)
    assert settling.at_work() == "reference formula (as asked)"


class Broken:
    """Stands in for the ruleset and fails."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error

    def fates(self, _: object) -> list[tuple[None, None, bool]]:
        if self.error:
            raise self.error
        return [(None, None, False)]

    closure = fates


def broken(monkeypatch: pytest.MonkeyPatch, error: BaseException | None) -> None:
    monkeypatch.setattr(durable_settling, "rules", lambda: Broken(error))


def test_formula_where_durable_rules_cannot_be_imported(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(durable_settling, "_rules", None)
    for module in ("durable", "durable.engine"):
        monkeypatch.setitem(sys.modules, module, None)

    assert settle(((TRUE, (), (1,)),)) == ((STANDS, STANDS, (1,)),)
    assert settling.at_work().startswith("reference formula (durable-rules cannot be imported: ")
    assert caplog.records == []  # expected from Python 3.13 on, and so not an error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RuntimeError("Error 302"), "durable-rules failed: RuntimeError: Error 302"),
        (None, "durable-rules failed: Unusable: it says"),
    ],
)
def test_formula_after_a_fault_or_a_difference(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception | None,
    words: str,
) -> None:
    broken(monkeypatch, error)

    assert settle(((TRUE, (), (1,)),)) == ((STANDS, STANDS, (1,)),)
    assert words in settling.at_work()
    assert words in caplog.text
    assert closure(frozenset("a"), frozenset({("a", "b")})) == {"a", "b"}
    assert len(caplog.records) == 1  # after it, durable-rules is not asked again


def test_interrupt_is_passed_on_and_leaves_the_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch, KeyboardInterrupt())

    with pytest.raises(KeyboardInterrupt):
        settle(((TRUE, (), ()),))
    assert settle(((TRUE, (), ()),)) == ((STANDS, STANDS, ()),)
    assert "KeyboardInterrupt" in settling.at_work()


@pytest.fixture
def spare() -> Rules:
    """Another ruleset, to be broken: only a test may have one."""
    if not IMPORTS:
        pytest.skip("durable-rules cannot be imported here")
    return Rules()


def test_error_in_an_action_is_not_lost(spare: Rules, monkeypatch: pytest.MonkeyPatch) -> None:

    def fail(*_: object) -> None:
        raise ZeroDivisionError("in an action")

    monkeypatch.setattr(spare, "_lift", fail)
    with pytest.raises(Unusable, match="in an action"):
        spare.fates([(TRUE, [(TRUE, LIMIT)])])
    with pytest.raises(Unusable, match="an earlier round broke off"):
        spare.closure([0], [])


def test_facts_left_over_are_noticed(spare: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[Any] = [{"kind": "engaged"}]
    monkeypatch.setattr(spare._rules, "get_facts", lambda _: left)

    with pytest.raises(Unusable, match="left over"):
        spare.closure([0], [(0, 1)])


def test_liftings_that_no_rule_compared_are_noticed(spare: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spare, "_outdone", frozenset({(0, 0, 2)}))

    with pytest.raises(Unusable, match="neither outdid the other"):
        spare._lifted = {(0, 0): {1, 3}}
        spare._mildest(0, 0)


def test_errors_of_durable_rules_are_raised_whatever_they_are() -> None:
    durable_settling._raise(None, None)
    with pytest.raises(Unusable, match="unknown error"):
        durable_settling._raise("unknown error", None)
    with pytest.raises(ZeroDivisionError):
        durable_settling._raise(ZeroDivisionError(), None)
