"""Distinct names a second on one core, memory, and the peers on the same ten candidates, as ratios."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from data import entries, strangers
from peers import alike_by
from rapidfuzz import fuzz, process

from carveout.engine.analyse.alterations import RECIPE
from carveout.engine.parties.matching.index import Entry, Index
from carveout.engine.parties.matching.matcher import find
from carveout.engine.parties.matching.model import model

QUERIES, PEER_QUERIES = 1_000, 60
_MEMORY = """
import re, sys, time
from pathlib import Path
from carveout.engine.parties.matching.index import Index
from carveout.engine.parties.matching.matcher import find
began = time.perf_counter()
index = Index.load(Path(sys.argv[1]))
find(index, "Vladimir Putin", "person")
ready = time.perf_counter() - began
for name in sys.stdin.read().splitlines():
    find(index, name, None, least=70)
print(ready, re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1], len(index))
"""


def names_of(size: int) -> list[Entry]:
    """So many names: listed ones, then others made of their halves."""
    found, owners = entries(["sdn", "un"] if size <= 41_000 else ["sdn", "un", "csl", "eu", "uk", "ca"])
    chance = random.Random(9)
    base = [x for x in found if x.text.isascii()]
    number = len(owners)
    while len(found) < size:
        one, other = chance.choice(base), chance.choice(base)
        first, last = one.text.split(), other.text.split()
        text = " ".join(first[: max(1, len(first) // 2)] + last[len(last) // 2 :])
        found.append(Entry(number, text, one.kind))
        number += 1
    return found[:size]


def _rate(work: object, queries: list[str]) -> float:
    began = time.process_time()
    for query in queries:
        work(query)  # type: ignore[operator]
    return len(queries) / (time.process_time() - began)


def table() -> list[dict[str, float]]:
    """Names a second for each size, for strangers and for altered listed names; peers as so many times slower."""
    rows = []
    for size in (40_000, 400_000):
        names = names_of(size)
        index = Index.of(names)
        chance = random.Random(3)
        people = [x["full_name"] for x in chance.sample(strangers(), QUERIES)]
        altered = [chance.choice(list(RECIPE.values()))(x.text, chance) for x in chance.sample(names, QUERIES)]
        least = model().threshold
        row = {
            "names": float(size),
            "people a second": _rate(lambda x, i=index, t=least: find(i, x, "person", least=t), people),
            "altered listed names a second": _rate(lambda x, i=index, t=least: find(i, x, None, least=t), altered),
        }
        mixed = [*people[: PEER_QUERIES // 2], *altered[: PEER_QUERIES // 2]]
        near = {x: [index.texts[h.number] for h in find(index, x, None)[:10]] for x in mixed}
        ours = _rate(lambda x, i=index, t=least: find(i, x, None, least=t), mixed)
        for peer in ("logic-v2", "logic-v1"):
            score = alike_by(peer)
            row[f"{peer}, ten candidates: times slower"] = ours / _rate(
                lambda x, s=score, n=near: s(x, n[x], "Person"), mixed
            )
        texts = [x.text.lower() for x in names]
        row["rapidfuzz scan (WRatio): times slower"] = ours / _rate(
            lambda x, t=texts: process.extract(x.lower(), t, scorer=fuzz.WRatio, limit=10),
            mixed[:: 20 if size > 41_000 else 4],
        )
        rows.append(row)
    return rows


def memory() -> dict[str, float]:
    """All lists together: names, seconds until ready from the stored index, resident memory after 1,000 queries."""
    names, _ = entries(["sdn", "nonsdn", "un", "csl", "eu", "uk", "ca"])
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        Index.of(names).save(Path(folder) / "index")
        built = time.process_time() - began
        stored = sum(x.stat().st_size for x in Path(folder).rglob("*.npy"))
        queries = "\n".join(x["full_name"] for x in strangers()[:QUERIES])
        told = subprocess.run(
            [sys.executable, "-c", _MEMORY, f"{folder}/index"],
            input=queries,
            capture_output=True,
            check=True,
            text=True,
        )
    ready, kilobytes, count = told.stdout.split()
    return {
        "names": float(count), "seconds to build": built, "megabytes stored": stored / 1e6,
        "seconds until ready": float(ready), "resident megabytes": int(kilobytes) / 1024,
    }  # fmt: skip
