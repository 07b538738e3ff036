"""Of every register: order does not matter, ended shares do not count, bounds hold, hostile files are told."""

from __future__ import annotations

import json
import random
import tempfile
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from carveout.engine.law.truth import TRUE
from carveout.engine.parties.circles import circles
from carveout.engine.parties.ownership import Policy, Stake, reach
from carveout.engine.parties.registers.holdings import Holding
from carveout.engine.parties.registers.kept import write_import
from carveout.engine.parties.registers.reading import RegisterRefused, read_register
from carveout.engine.parties.registers.register import Register
from carveout.engine.parties.registers.stakes import parts_of

from .making import DAY, entity, holds, kept, said

OFAC = Policy(Decimal(50), inclusive=True)
QUIET = settings(max_examples=60, deadline=None, derandomize=True, database=None)
days = st.dates(date(2018, 1, 1), date(2026, 1, 1))


@st.composite
def registers(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Three firms, and statements about who holds the first, newer ones about the same records among them."""
    statements = [entity(firm, f"{firm} firm", number=f"1000000{firm}") for firm in "123"]
    for number in range(draw(st.integers(1, 5))):
        start, dated = draw(days), draw(days)
        more: dict[str, Any] = {"startDate": draw(st.sampled_from([None, start.isoformat()]))}
        if draw(st.booleans()):
            more["endDate"] = (start + timedelta(draw(st.integers(0, 900)))).isoformat()
        statement = holds(
            draw(st.sampled_from(["r", "q"])),
            "1",
            draw(st.sampled_from(["2", "3", {"reason": "unknown"}])),
            draw(st.sampled_from([10, 50, {"minimum": 20, "maximum": 40}, None])),
            day=dated.isoformat(),
            status=draw(st.sampled_from(["new", "updated", "closed"])),
            **more,
        )
        statements.append({**statement, "statementId": f"s{number}"})
    return statements


def read(content: Any) -> Register:
    with tempfile.TemporaryDirectory() as folder:
        return Register([kept(Path(folder), content)])


@QUIET
@given(registers(), st.randoms(use_true_random=False), days)
def test_the_order_of_statements_does_not_matter(
    statements: list[dict[str, Any]], luck: random.Random, day: date
) -> None:
    shuffled = list(statements)
    luck.shuffle(shuffled)
    one, other = read(statements), read(shuffled)
    assert one.account(one.named("1 firm")[0]).holdings == other.account(other.named("1 firm")[0]).holdings
    assert said(one, "1 firm", day.isoformat()) == said(other, "1 firm", day.isoformat())


@QUIET
@given(days, st.integers(0, 2_000), st.integers(-2_000, 2_000))
def test_a_share_counts_from_its_start_until_its_end(start: date, length: int, after: int) -> None:
    end, asked = start + timedelta(length), start + timedelta(after)
    share = holds("r", "1", "2", 60, startDate=start.isoformat(), endDate=end.isoformat())
    shares, _ = said(read([entity("1", "X"), entity("2", "A"), share]), "X", asked.isoformat())
    assert bool(shares) == (start <= asked < end)


ranges = st.tuples(st.integers(0, 100), st.integers(0, 100)).map(sorted)


@QUIET
@given(st.lists(ranges, min_size=1, max_size=4), st.sets(st.integers(0, 3)), st.data())
def test_the_truth_lies_within_the_bounds(stated: list[list[int]], listed: set[int], data: st.DataObject) -> None:
    """Whatever the real shares are that the statements allow, what the listed ones hold lies within the bounds."""
    if sum(low for low, _ in stated) > 100:
        return
    holdings = [
        (f"o{i}", Holding("x", f"o{i}", "share", Decimal(low), Decimal(high), None, None, True, DAY, "shareholding"))
        for i, (low, high) in enumerate(stated)
    ]
    left = 100 - sum(low for low, _ in stated)
    real = []
    for low, high in stated:
        more = data.draw(st.integers(0, min(left, high - low)))
        left -= more
        real.append(low + more)
    unknown_listed = data.draw(st.integers(0, left))
    truth = sum(share for i, share in enumerate(real) if i in listed) + unknown_listed
    stakes = [Stake(p.owner, "x", p.percent, p.since, p.until, sure=p.sure) for p in parts_of(holdings)]
    seeds = {f"o{i}": TRUE for i in listed}
    reached = reach(stakes, [], seeds, OFAC, DAY).get("x")
    if truth >= 50:
        assert reached is not None and reached.low <= truth <= reached.high
    elif reached is not None:
        assert reached.truth != TRUE


@QUIET
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20))
def test_circles_are_those_from_which_one_comes_back(pairs: list[tuple[int, int]]) -> None:
    edges = [(str(a), str(b)) for a, b in pairs]
    leads = {a: {a} for edge in edges for a in edge}
    for _ in leads:
        for a, b in edges:
            for seen in leads.values():
                if a in seen:
                    seen.add(b)
    found = circles(edges)
    assert all((found[a] == found[b]) == (b in leads[a] and a in leads[b]) for a in leads for b in leads)


def test_a_chain_of_ten_thousand_owners_is_climbed_without_recursion() -> None:
    names = [f"n{i}" for i in range(10_000)]
    stakes = [Stake(b, a, Decimal(60)) for a, b in pairwise(names)]
    assert len(reach(stakes, [], {names[-1]: TRUE}, OFAC, DAY, shown={"n0"})) == 9_999
    assert len(set(circles((s.owner or "", s.held) for s in stakes).values())) == 10_000


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, inner in pairs for place in places(inner, (*path, key)))]


@settings(QUIET, max_examples=300)
@given(st.data())
def test_any_part_of_a_file_may_be_anything(data: st.DataObject) -> None:
    """Error or right, never a crash: what is read can be kept, asked and climbed."""
    good = [entity("1", "X", number="10000001"), entity("2", "A"), holds("r", "1", "2", {"minimum": 20, "maximum": 40})]
    broken = json.loads(json.dumps(good))
    where = data.draw(st.sampled_from(places(broken)[1:]))
    inner = broken
    for key in where[:-1]:
        inner = inner[key]
    inner[where[-1]] = data.draw(odd)
    use(json.dumps(broken).encode())


@settings(QUIET, max_examples=200)
@given(st.binary(max_size=60), st.integers(0, 400), st.integers(0, 40))
def test_any_bytes_may_be_damaged(noise: bytes, at: int, length: int) -> None:
    good = json.dumps([entity("1", "X"), entity("2", "A"), holds("r", "1", "2", 60)]).encode()
    table = b"company,owner,percent,from\nX,A,60,2020-01-01\nX,B,30%,\n"
    for content in (good, table, noise):
        use(content[:at] + noise + content[at + length :])


def use(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "file"
        file.write_bytes(content)
        try:
            reading = read_register(file)
        except RegisterRefused as error:
            assert str(error).startswith("file: ")
            return
        register = Register([write_import(None, reading, source="s", published=DAY, imported="")])
        for entry in register.named("X"):
            account = register.account(entry)
            assert all(part.percent > 0 for part in parts_of(list(account.holdings)))
            said(register, "X", "2025-01-01") if len(register.named("X")) == 1 else None
