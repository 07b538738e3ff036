"""One peer at one size, in a process of its own: `worker.py PEER SIZE FILE` prints its figures as JSON.

It has 60 seconds to load (and 4 GB, which `run.py` watches). What it finds is compared with what we found.
"""

from __future__ import annotations

import gc
import importlib
import json
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from decision import summary, time_each
from facts import differences, rows_of, rules_of
from world import make_world

SECONDS_TO_LOAD = 60
SECONDS_TO_ASK = 4.0
CHECKED = 60


def main() -> None:
    """Load, compare, time."""
    module, size, file = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    peer_class = importlib.import_module(f"peers.{module}").Peer
    world = make_world(size)
    rules = rules_of(world)
    asked = json.loads(file.read_text())["asked"]
    signal.alarm(SECONDS_TO_LOAD)  # ends the process, wherever it is
    begun = time.perf_counter()
    peer = peer_class(rules)
    seconds = time.perf_counter() - begun
    signal.alarm(0)
    rows = [rows_of(each["stated"]) for each in asked]
    figures: dict[str, Any] = {"load": seconds, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}
    different, compared, until = [], 0, time.perf_counter() + SECONDS_TO_ASK
    for each, own in zip(asked[:CHECKED], rows, strict=False):
        certain, possible = ({(id, name) for id, name in each[key]} for key in ("certain", "possible"))
        hits = set(peer.evaluate(peer.prepare(own)))
        different += sorted(differences(hits, certain, possible, world))
        compared += 1
        if time.perf_counter() > until:
            break
    prepared = [peer.prepare(own) for own in rows[compared:]]
    gc.collect()
    gc.freeze()
    figures["decide"] = summary(*time_each(peer.evaluate, prepared, SECONDS_TO_ASK))
    stated = [each["stated"] for each in asked[compared:]]
    figures["with conversion"] = summary(
        *time_each(lambda each: peer.evaluate(peer.prepare(rows_of(each))), stated, SECONDS_TO_ASK)
    )
    print(json.dumps({**figures, "compared": compared, "different": different[:5], "differences": len(different)}))


if __name__ == "__main__":
    main()
