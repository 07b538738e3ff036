"""Our own decision, timed: `python benchmarks/decision.py 1000 100000` prints the medians and their ratio."""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from facts import found_by_ours
from world import SIZES, World, documents, make_world, transactions

from carveout.engine.decide import settling
from carveout.engine.decide.decision import Engine, canonical
from carveout.engine.law.ruleset import build_rules

LEAST = 5
"""Prohibitions that each transaction engages or leaves open, at the least."""
SHARES = {5: 36, 6: 28, 7: 18, 8: 11, 9: 5, 10: 2}
"""How many in a hundred transactions meet how many prohibitions: the same at every size."""
PARTS = (
    "again",
    "at once again",
    "nothing remembered",
    "read",
    "screen",
    "serialise",
    "first with durable-rules",
    "first with the formula",
)


def calibration() -> float:
    """Microseconds of a fixed piece of Python, run beside the decisions: ratios to it travel between machines."""
    begun = time.perf_counter_ns()
    table: dict[str, int] = {}
    for number in range(100):
        key = f"k{number % 50}"
        table[key] = table.get(key, 0) + number
    sorted(table.items())
    return (time.perf_counter_ns() - begun) / 1_000


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass
class Prepared:
    """An engine, and what it will be asked for the first time."""

    world: World
    engine: Engine
    stated: list[dict[str, Any]]
    load_seconds: float
    met: list[dict[str, Any]]
    """For each transaction what a copy of the engine found, so that this one has not seen it."""
    skipped: dict[str, int]

    def acts(self) -> list[Any]:
        """Read and screened anew, not decided on yet."""
        return [read(self.engine, stated) for stated in self.stated]


def read(engine: Engine, stated: dict[str, Any]) -> Any:
    """One act, read and screened."""
    act = engine.reader.read(stated).acts[0]
    engine.identifier.screen(act)
    return act


def load(size: int) -> tuple[World, Engine, float]:
    """The world of that many norms and its engine, with the seconds that loading took."""
    world = make_world(size)
    begun = time.perf_counter()
    engine = Engine(build_rules(documents(world)))
    return world, engine, time.perf_counter() - begun


def choose(
    world: World, engine: Engine, count: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, int]]:
    """Transactions that meet as many norms as `SHARES` says, with what was found, and why others were left out."""
    room = {met: count * share // 100 for met, share in SHARES.items()}
    room[LEAST] += count - sum(room.values())
    taken: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    skipped: Counter[str] = Counter()
    for stated in transactions(world):
        if len(taken) == count:
            break
        act = read(engine, stated)
        if any(thing.candidates for thing in act.things):
            skipped["a name is like a recorded one"] += 1
            continue
        body = engine.decide_act(act)
        met = len({f["prohibition"] for f in body["findings"]})
        if room.get(met, 0) <= 0:
            skipped[f"meets fewer than {LEAST}" if met < LEAST else "enough that meet as many"] += 1
            continue
        room[met] -= 1
        taken.append(stated)
        certain, possible = found_by_ours(body)
        asked = {s["exemption"] for f in body["findings"] for s in f["shields"]}
        found.append(
            {
                "prohibitions": met,
                "findings": len(body["findings"]),
                "exemptions": len(asked),
                "outcome": body["outcome"],
                "open": sum(f["best"] != f["worst"] for f in body["findings"]),
                "certain": sorted(certain),
                "possible": sorted(possible),
            }
        )
    return taken, found, dict(skipped)


def prepare(size: int, count: int) -> Prepared:
    """Everything that is not timed. The choice is made in a fork, and leaves no trace in the engine."""
    world, engine, seconds = load(size)
    gc.collect()
    gc.freeze()
    stated, met, skipped = in_a_fork(lambda: choose(world, engine, count))
    assert min(each["prohibitions"] for each in met) >= LEAST
    texts = {str({k: v for k, v in s.items() if k != "reference"}) for s in stated}
    assert len(texts) == len(stated), "a transaction came twice"
    for other in islice(transactions(world, 1), 300):  # an engine at work, that has never seen what it will be asked
        engine.decide_act(read(engine, other))
    return Prepared(world, engine, stated, seconds, met, skipped)


def in_a_fork(work: Callable[[], Any]) -> Any:
    """What a copy of this process answers, as JSON; the copy is gone afterwards."""
    sys.stdout.flush()
    with tempfile.TemporaryFile() as answer:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                answer.write(json.dumps(work()).encode())
                answer.flush()
                status = 0
            finally:
                os._exit(status)
        if os.waitpid(child, 0)[1]:
            raise RuntimeError("the copy that chooses transactions failed")
        answer.seek(0)
        return json.load(answer)


def time_each(
    ask: Callable[[Any], Any],
    things: Sequence[Any],
    seconds: float = 60.0,
    before: Callable[[Any], Any] | None = None,
) -> tuple[list[float], list[float]]:
    """Microseconds of each call, and of the calibration loop that runs between them; stops when the time is up.

    `before` is done with the thing before each call, and not timed.
    """
    clock = time.perf_counter_ns
    taken, calibrated = [], []
    stop = clock() + seconds * 1e9
    for number, thing in enumerate(things):
        if before is not None:
            before(thing)
        begun = clock()
        ask(thing)
        ended = clock()
        taken.append((ended - begun) / 1_000)
        if number % 10 == 0 or ended > stop:
            calibrated.append(calibration())
        if ended > stop:
            break
    return taken, calibrated


def summary(taken: Sequence[float], calibrated: Sequence[float]) -> dict[str, float]:
    """Median, p90 and p99 in microseconds, and the median in calibration loops."""
    return {
        "median": percentile(taken, 0.5),
        "p90": percentile(taken, 0.9),
        "p99": percentile(taken, 0.99),
        "loops": percentile(taken, 0.5) / percentile(calibrated, 0.5),
        "count": len(taken),
    }


def without_subjects(stated: dict[str, Any]) -> dict[str, Any]:
    """The same with nobody identified, so that every name must be screened."""
    parties = [{key: value for key, value in party.items() if key != "subject"} for party in stated["parties"]]
    return {**stated, "parties": parties}


def measure(made: Prepared) -> dict[str, Any]:
    """All figures of our own at one size. Each transaction is decided once, and was never decided before."""
    engine = made.engine
    acts = made.acts()
    gc.collect()
    gc.freeze()
    known = remembered(engine)
    figures: dict[str, Any] = {"decide": summary(*time_each(engine.decide_act, acts))}
    looked_up = sum(1 + len(act.parties) + len(act.items) + len(act.assets) for act in acts)
    figures["lookups remembered"] = 1 - (remembered(engine) - known) / looked_up
    figures["again"] = summary(*time_each(engine.decide_act, made.acts()))
    some = made.stated[:300]
    figures["read"] = summary(*time_each(engine.reader.read, some))
    unknown = [engine.reader.read(without_subjects(stated)).acts[0] for stated in some]
    figures["screen"] = summary(*time_each(engine.identifier.screen, unknown))
    bodies = [engine.decide_act(act) for act in acts[:300]]
    figures["serialise"] = summary(*time_each(canonical, bodies))
    figures["bytes"] = percentile([len(canonical(body)) for body in bodies], 0.5)
    figures["at once again"] = summary(*time_each(engine.decide_act, acts[:300], before=engine.decide_act))
    figures["nothing remembered"] = summary(
        *time_each(engine.decide_act, acts[:300], before=lambda _: engine.program.remember(True))
    )
    for name, reference in (("first with durable-rules", False), ("first with the formula", True)):
        figures[name] = summary(
            *time_each(first_time(engine, reference), [read(engine, stated) for stated in some], 10)
        )
    settling.use_reference(False)
    figures["settled by"] = settling.at_work()
    return figures


def remembered(engine: Engine) -> int:
    """How many lookups an engine keeps."""
    return sum(len(kept) for each in engine.program.meetings.values() for _, kept in each.known.values())


def first_time(engine: Engine, reference: bool) -> Callable[[Any], Any]:
    """A decision whose patterns were never settled."""

    def decide(act: Any) -> Any:
        settling.use_reference(reference)
        engine.program.forget_fates()
        return engine.decide_act(act)

    return decide


def report(size: int, count: int) -> dict[str, Any]:
    """The figures of one size, with what was asked."""
    made = prepare(size, count)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    figures = measure(made)
    spread = Counter(each["prohibitions"] for each in made.met)
    return {
        "size": size,
        "load": made.load_seconds,
        "megabytes": peak,
        **figures,
        "skipped": made.skipped,
        "prohibitions": {str(met): spread[met] for met in sorted(spread)},
        "findings": percentile([each["findings"] for each in made.met], 0.5),
        "exemptions": percentile([each["exemptions"] for each in made.met], 0.5),
        "with open findings": sum(each["open"] > 0 for each in made.met),
        "outcomes": dict(Counter(each["outcome"] for each in made.met)),
        "asked": [
            {"stated": s, "certain": m["certain"], "possible": m["possible"]}
            for s, m in zip(made.stated, made.met, strict=True)
        ],
    }


def main() -> None:
    """Print the figures for each size, or write them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[SIZES[1], SIZES[-1]])
    parser.add_argument("--count", type=int, default=1_000, help="transactions for each size")
    parser.add_argument("--json", type=Path, help="write the figures of one size here, with the transactions")
    options = parser.parse_args()
    medians: dict[int, float] = {}
    for size in options.sizes:
        figures = report(size, options.count)
        if options.json:
            options.json.write_text(json.dumps(figures))
        decide = figures["decide"]
        medians[size] = decide["median"]
        parts = ", ".join(f"{name} {figures[name]['median']:.1f}" for name in PARTS)
        print(
            f"{size:>7} norms: median {decide['median']:7.1f} µs  p90 {decide['p90']:7.1f}  p99 {decide['p99']:7.1f}"
            f"  ({decide['loops']:.2f} calibration loops); load {figures['load']:.1f} s, {figures['megabytes']} MB\n"
            f"          {parts}; {figures['lookups remembered']:.0%} of lookups remembered\n"
            f"          prohibitions met {figures['prohibitions']}, findings {figures['findings']},"
            f" exemptions {figures['exemptions']}, {figures['with open findings']} with open findings,"
            f" {figures['outcomes']}; left out {figures['skipped']}",
            flush=True,
        )
        gc.unfreeze()
    first, last = options.sizes[0], options.sizes[-1]
    if first != last:
        print(f"median at {last} norms is {medians[last] / medians[first]:.2f} times that at {first}")


if __name__ == "__main__":
    main()
