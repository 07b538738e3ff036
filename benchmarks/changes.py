"""What a change to a general licence does to stored decisions: the report, beside deciding everything twice.

`python benchmarks/changes.py [--decisions 100000] [--facts 25000] [--database URL]`. Decisions on parts, services and
payments for Belavia and others, in the months around general licence 11, are made and stored; then the licence is made
to end on another day. The report is timed, then every stored transaction is decided under both rule sets one by one,
and what flips must be the same by id, before and after. Exit status 1 if it is not.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from carveout.engine import Engine
from carveout.engine.analyse.effects import Comparing, effect_on_stored
from carveout.engine.law.ruleset import SHIPPED
from carveout.engine.records.changes import Changes
from carveout.engine.records.contents import Changed, Contents
from carveout.engine.records.store import Store

LICENCE = "us/ofac/belarus/gl-11.exemption.yaml"
ENDS = b"until: {at: 2025-11-05,", b"until: {at: 2025-10-06,"
FIRST, DAYS = datetime(2025, 8, 1, tzinfo=UTC), 150
BUYERS = ("Belavia", "Turkish Airlines", "Pegasus", "Belinvestbank", "Minsk Tractor Works", "Air Astana")
SEATS = ("US", "US", "DE", "TR", "GB")


def transaction(chance: random.Random) -> dict[str, Any]:
    """A part, a service or a payment, by a seller of many."""
    seller = {"name": f"Jet Parts {chance.randrange(400)} LLC", "roles": ["seller"], "country": chance.choice(SEATS)}
    buyer = {"name": chance.choice(BUYERS), "roles": ["buyer", "end_user"]}
    at = FIRST + timedelta(hours=chance.randrange(24 * DAYS))
    stated: dict[str, Any] = {"activity": "sale", "at": at.isoformat(), "place": "TR", "parties": [seller, buyer]}
    kind = chance.randrange(3)
    if kind == 0:
        part = {"name": "part", "eccn": chance.choice(("9A991.d", "EAR99")), "origin": "US", "destination": "TR"}
        return {**stated, "items": [part]}
    return {**stated, "activity": ("maintenance", "payment")[kind - 1]}


def fill(store: Store, engine: Engine, count: int, facts: int) -> dict[str, Any]:
    """Decide and store so many, drawn from so many different ones; what was stated, by id."""
    chance = random.Random(11)
    drawn = [transaction(chance) for _ in range(facts)]
    made = [engine.check(stated) for stated in drawn]
    found: dict[str, Any] = {}
    waiting: list[Any] = []
    for number in range(count):
        which = number if number < facts else chance.randrange(facts)
        stated = {**drawn[which], "reference": f"r{number}"}
        waiting.append((store.keep(engine.rules, stated, made[which], person="benchmark"), stated))
        if len(waiting) == 5_000:
            found.update((future.result().envelope.id, asked) for future, asked in waiting)
            waiting.clear()
    found.update((future.result().envelope.id, asked) for future, asked in waiting)
    return found


def said(engine: Engine, stated: Any) -> tuple[str, list[tuple[str, str, str | None]]]:
    """Outcome, and each authority's verdict and manner."""
    body = engine.check(stated).body
    return body["outcome"], [(r["authority"], r["verdict"], r["manner"]) for r in body["authorities"]]


def recomputed(engines: tuple[Engine, Engine], asked: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Every flip by its id, found by deciding everything under both, one by one."""
    flips = {}
    for id, stated in asked.items():
        before, after = (said(engine, stated) for engine in engines)
        if before != after:
            flips[id] = before[0], after[0]
    return flips


def main() -> None:
    """Print both times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=100_000)
    parser.add_argument("--facts", type=int, default=25_000)
    parser.add_argument("--database")
    args = parser.parse_args()
    held = Contents.of_folder(SHIPPED)
    assert ENDS[0] in held.files[LICENCE]
    after = Contents({**held.files, LICENCE: held.files[LICENCE].replace(*ENDS)})
    engines = Engine(held.rules), Engine(after.rules)
    with tempfile.TemporaryDirectory() as home:
        store = Store.open(Path(home), args.database)
        begun = time.perf_counter()
        asked = fill(store, engines[0], args.decisions, args.facts)
        stored = time.perf_counter()
        comparing = Comparing(*engines, Changed.between(held, after))
        effect = effect_on_stored(store, comparing, 0, Changes(store).last_decision())
        reported = time.perf_counter()
        truth = recomputed(engines, asked)
        ended = time.perf_counter()
        store.close()
    told = {
        name: (group.flip.outcome[0], group.flip.outcome[1]) for group in effect.groups.values() for name in group.named
    }
    print(
        json.dumps(
            {
                "decisions": effect.asked,
                "distinct": effect.distinct,
                "flips": dict(Counter(f"{a} -> {b}" for a, b in told.values())),
                "same": told == truth,
                "seconds": {
                    "storing": round(stored - begun, 1),
                    "report": round(reported - stored, 1),
                    "recomputing": round(ended - reported, 1),
                },
            },
            indent=2,
        )
    )
    raise SystemExit(told != truth)


if __name__ == "__main__":
    main()
