"""One missing name is one line: the open findings about it are counted, and listed when asked for."""

import json
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from carveout.engine import Engine
from carveout.engine.analyse.open_things import FEW, folded, is_open, open_things

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


def test_one_missing_bank_is_one_line(run: Run, fixtures: Path) -> None:
    file = fixtures / "transactions" / "payment-without-a-bank.json"
    body = json.loads(run("check", file, "--json").stdout)
    open_ones = [f for f in body["findings"] if is_open(f)]
    assert len(open_ones) > 10
    short, full = (run("check", file, *more).stdout.decode() for more in ((), ("--all",)))
    assert f"unnamed bank in the payment: {len(open_ones)} findings" in short
    assert short.index("To answer") < short.index("open: a person must look")
    of = Counter(f["authority"] for f in open_ones)  # a few of one authority are said in full
    assert not any(f["title"] in short for f in open_ones if of[f["authority"]] > FEW)
    assert all(f["title"][:20] in " ".join(full.split()) for f in open_ones)


def test_folding_loses_no_finding(fixtures: Path) -> None:
    engine = Engine.load()
    for file in sorted((fixtures / "transactions").glob("*.json")):
        body = engine.check(json.loads(file.read_text("utf-8"))).body
        for act in body.get("acts", [body]):
            things = open_things(act["findings"])
            assert sum(thing.total for thing in things) == sum(map(is_open, act["findings"]))
            listed, many = folded(act["findings"])
            assert len(listed) + sum(thing.total for thing in many) == len(act["findings"])
