"""A process that watches until it is killed: `watching.py HOME URL MOMENT`."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from carveout.engine import Engine
from carveout.engine.analyse.watch import Overtaken, Watch, standing_now
from carveout.engine.records.changes import Changes
from carveout.engine.records.store import Store

_MADE: dict[str, Engine] = {}


def engine_in_force(store: Store) -> Engine:
    """An engine for the rule set that is in force."""
    standing = standing_now(store)
    assert standing is not None
    if standing.version not in _MADE:
        _MADE[standing.version] = Engine(Changes(store).rules(standing.version))
    return _MADE[standing.version]


def main() -> None:
    """Watch for ever."""
    store = Store.open(Path(sys.argv[1]), sys.argv[2])
    watch = Watch(store, lambda: engine_in_force(store))
    engine_in_force(store)
    os.write(1, b"watching\n")
    while True:
        try:
            watch.look(int(sys.argv[3]))
        except Overtaken:
            time.sleep(0.01)


if __name__ == "__main__":
    main()
