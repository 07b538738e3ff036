"""A process that decides and stores until it is killed: `deciding.py HOME URL ROUND`; says each answer on a line.

A check is asked under the key `ROUND-NUMBER`, a table of some rows under `ROUND-tNUMBER`.
"""

import importlib.util
import itertools
import os
import sys
import threading
from pathlib import Path
from typing import Any

from carveout.engine.batch.screening import screen_bytes
from carveout.engine.decide.decision import Decision
from carveout.engine.records.canonical import digest
from carveout.engine.records.store import Store
from carveout.engine.records.writes import Key

THREADS = 4
HEADER = b"activity,at,seller,seller_country,buyer\n"


def key_of(name: str) -> Key:
    """The key of that name; a name is always asked the same."""
    return Key("me", digest(name.encode()), digest(b"request " + name.encode()))


def engine() -> Any:
    """A small rule set, which is read in no time."""
    path = Path(__file__).resolve().parents[1] / "law" / "small.py"
    spec = importlib.util.spec_from_file_location("small", path)
    assert spec is not None and spec.loader is not None
    small = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(small)
    return small.small_engine()


def check(store: Store, engine: Any, name: str) -> str:
    """Decide and store one transaction; the id of the decision."""
    stated = {
        "activity": "sale",
        "at": "2025-09-12T12:00:00Z",
        "parties": [{"name": f"Seller {name}", "roles": ["seller"], "country": "US"}],
    }
    kept = store.keep(engine.rules, stated, engine.check(stated), person="me", key=key_of(name)).result()
    return kept.envelope.id


def screen(store: Store, engine: Any, name: str) -> str:
    """Screen and store a table of 30 rows; the digest of its answer."""
    rows = (f"sale,2025-09-12,Seller {name} {i},US,Buyer {i}\n".encode() for i in range(30))
    data = HEADER + b"".join(rows)
    table = store.table(engine.rules, person="me", key=key_of(name))

    def keep(numbers: list[int], transaction: Any, result: Any) -> None:
        if isinstance(result, Decision):
            table.add(numbers, transaction, result)
        else:
            table.add_failed(numbers, [str(problem.message) for problem in result])

    answer, _ = screen_bytes(engine, data, keep=keep)
    return digest(store.finish(table, data, answer))


def main() -> None:
    """Decide for ever."""
    home, url, round_ = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    asked, store = engine(), Store.open(home, url)
    numbers = itertools.count()

    def work() -> None:
        for number in numbers:
            name = f"{round_}-t{number}" if number % 10 == 9 else f"{round_}-{number}"
            answer = (screen if "t" in name else check)(store, asked, name)
            os.write(1, f"{name} {answer}\n".encode())  # a line at once, or nothing of it

    for _ in range(THREADS):
        threading.Thread(target=work).start()


if __name__ == "__main__":
    main()
