"""How long it takes to keep a portfolio and to ask about all of it again, beside deciding each entry alone.

    python benchmarks/watch.py [--entries 2000]

Half of the entries get another answer (a change of general licence 11 comes between), so half are stored anew with an
alert each. The ratio is the time of the round over that of `Engine.check` for the same transactions.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from carveout.engine import Engine
from carveout.engine.analyse.entries import checked, keep
from carveout.engine.analyse.telling import at_moment
from carveout.engine.analyse.watch import Watch
from carveout.engine.law.clocks import parse_moment
from carveout.engine.records.alerts import Alerts
from carveout.engine.records.store import Store

BEFORE, AFTER = (parse_moment(text, None) for text in ("2025-09-10T12:00:00Z", "2025-09-12T12:00:00Z"))


def transaction(number: int) -> dict[str, Any]:
    """Advice to somebody whom the licence frees, or to nobody in particular."""
    customer = "Belavia" if number % 2 else f"Northern Trading House {number}"
    return {
        "reference": f"r{number}",
        "activity": "advice",
        "parties": [
            {"name": f"Ohio Jet Parts {number} LLC", "roles": ["provider"], "kind": "organisation", "country": "US"},
            {"name": customer, "roles": ["customer"]},
        ],
    }


def main() -> None:
    """Measure, and say it as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=2_000)
    count = parser.parse_args().entries
    engine = Engine.load()
    stated = [transaction(number) for number in range(count)]
    entries = checked([(one["reference"], one) for one in stated], engine)
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder))
        watch = Watch(store, lambda: engine)
        begun = time.perf_counter()
        keep(watch, engine, entries, "me", "me", BEFORE)
        kept = time.perf_counter() - begun
        begun = time.perf_counter()
        found = watch.look(AFTER)
        asked = time.perf_counter() - begun
        alerts = len(Alerts(store).page(limit=count + 1))
        store.close()
    begun = time.perf_counter()
    for one in stated:
        engine.check(at_moment(one, AFTER))
    alone = time.perf_counter() - begun
    assert found is not None and found.changed == alerts
    said = {"entries": count, "kept_seconds": kept, "round_seconds": asked, "alerts": alerts, "alone_seconds": alone}
    print(json.dumps({name: round(value, 2) for name, value in {**said, "ratio": asked / alone}.items()}))


if __name__ == "__main__":
    main()
