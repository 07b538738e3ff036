"""Our own decision, timed: `python benchmarks/decision.py 1000 100000` prints the medians and their ratio."""

from __future__ import annotations

import argparse
import gc
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from world import SIZES, World, documents, make_world, transactions  # noqa: E402

from carveout.engine.decide.decision import Engine, canonical  # noqa: E402
from carveout.engine.law.ruleset import build_rules  # noqa: E402

LEAST = 5
"""Prohibitions that each transaction engages or leaves open, at the least."""
SHARES = {5: 25, 6: 25, 7: 20, 8: 15, 9: 10, 10: 5}
"""How many in a hundred transactions meet how many prohibitions: the same at every size."""
OPEN_OR_TRUE = ("true", "unknown")


def calibration() -> int:
    """A fixed piece of Python, timed beside the decisions: ratios to it travel from machine to machine."""
    begun = time.perf_counter_ns()
    table: dict[str, int] = {}
    for number in range(400):
        key = f"k{number % 50}"
        table[key] = table.get(key, 0) + number
    sorted(table.items())
    return time.perf_counter_ns() - begun


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass
class Prepared:
    """An engine and what it will be asked, read and screened."""

    world: World
    engine: Engine
    stated: list[dict[str, Any]]
    acts: list[Any]
    load_seconds: float
    norms_met: list[int] = field(default_factory=list)
    findings_met: list[int] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def norms_met(body: dict[str, Any]) -> int:
    """Prohibitions that a decision found engaged or open."""
    return len({f["prohibition"] for f in body["findings"]})


def load(size: int) -> tuple[World, Engine, float]:
    """The world of that many norms and its engine, with the seconds that loading took."""
    world = make_world(size)
    begun = time.perf_counter()
    engine = Engine(build_rules(documents(world)))
    return world, engine, time.perf_counter() - begun


def chosen(world: World, engine: Engine, count: int, salt: int, skipped: Counter[str]) -> Iterator[tuple[dict[str, Any], int, int]]:
    """Transactions that meet as many norms as `SHARES` says."""
    room = {met: count * share // 100 for met, share in SHARES.items()}
    room[LEAST] += count - sum(room.values())
    for stated in transactions(world, salt):
        case = engine.reader.read(stated)
        act = case.acts[0]
        engine.identifier.screen(act)
        if any(thing.candidates for thing in act.things):
            skipped["a name is like a recorded one"] += 1
            continue
        body = engine.decide_act(act)
        met = norms_met(body)
        if met < LEAST:
            skipped[f"meets fewer than {LEAST}"] += 1
            continue
        if room.get(met, 0) <= 0:
            skipped["enough that meet as many"] += 1
            continue
        room[met] -= 1
        yield stated, met, len(body["findings"])


def prepare(size: int, count: int, salt: int = 0) -> Prepared:
    """Everything that is not timed."""
    world, engine, seconds = load(size)
    made = Prepared(world, engine, [], [], seconds)
    for stated, met, findings in islice(chosen(world, engine, count, salt, made.skipped), count):
        act = engine.reader.read(stated).acts[0]
        engine.identifier.screen(act)
        made.stated.append(stated)
        made.acts.append(act)
        made.norms_met.append(met)
        made.findings_met.append(findings)
    assert min(made.norms_met) >= LEAST
    texts = {str({k: v for k, v in s.items() if k != "reference"}) for s in made.stated}
    assert len(texts) == len(made.stated), "a transaction came twice"
    return made


def time_decisions(engine: Engine, acts: Sequence[Any]) -> tuple[list[int], list[int]]:
    """Nanoseconds of each decision, and of the calibration loop that ran between them."""
    decide, clock = engine.decide_act, time.perf_counter_ns
    taken, calibrated = [], []
    for number, act in enumerate(acts):
        begun = clock()
        decide(act)
        taken.append(clock() - begun)
        if number % 10 == 0:
            calibrated.append(calibration())
    return taken, calibrated


def main() -> None:
    """Print the figures for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[SIZES[1], SIZES[-1]])
    parser.add_argument("--count", type=int, default=2_000, help="transactions for each size")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    medians: dict[int, float] = {}
    for size in options.sizes:
        made = prepare(size, options.count)
        gc.collect()
        gc.freeze()
        rounds = [time_decisions(made.engine, made.acts) for _ in range(options.rounds)]
        taken = [ns / 1_000 for each, _ in rounds for ns in each]
        medians[size] = percentile(taken, 0.5)
        begun = time.perf_counter_ns()
        for act in made.acts[:300]:
            canonical(made.engine.decide_act(act))
        calibrated = percentile([ns / 1_000 for _, each in rounds for ns in each], 0.5)
        print(
            f"{size:>7} norms: median {medians[size]:8.1f} µs  p90 {percentile(taken, 0.9):8.1f}  p99 {percentile(taken, 0.99):8.1f}"
            f"  (calibration {calibrated:.1f} µs, so {medians[size] / calibrated:.2f} of it)\n"
            f"          load {made.load_seconds:.1f} s, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB,"
            f" prohibitions met: least {min(made.norms_met)}, median {percentile(made.norms_met, 0.5)}, p90 {percentile(made.norms_met, 0.9)},"
            f" most {max(made.norms_met)}; findings median {percentile(made.findings_met, 0.5)}; left out {dict(made.skipped)}",
            flush=True,
        )
        gc.unfreeze()
        del made, rounds
    first, last = options.sizes[0], options.sizes[-1]
    if first != last:
        print(f"median at {last} norms is {medians[last] / medians[first]:.2f} times that at {first}")


if __name__ == "__main__":
    main()
