"""Measures the matching of names against the peers, prints the tables and writes docs/matching-figures.md.

python benchmarks/names/run.py [pairs] [scripts] [alarms] [evasion] [speed] [memory] [portal]
"""

from __future__ import annotations

import csv
import json
import platform
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import alarms
import evasion
import pairs
import scripts
import speed
from data import NAMES

from carveout.engine.parties.matching.model import model
from carveout.engine.parties.matching.portal import portal_score

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/matching-figures.md"


def portal() -> dict[str, float]:
    """How near our reproduction of the score of OFAC's search is."""
    with (NAMES / "ofac_portal_scores.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    apart = [abs(portal_score(x["query_name"], x["result_name"]) - int(x["ofac_score"])) for x in rows]
    return {
        "rows": len(rows),
        "within 1 point": sum(x <= 1 for x in apart) / len(rows),
        "within 5 points": sum(x <= 5 for x in apart) / len(rows),
    }


PARTS = {
    "pairs": pairs.table,
    "scripts": scripts.table,
    "alarms": alarms.table,
    "evasion": lambda: evasion.table(model().threshold, every=100),
    "speed": speed.table,
    "memory": speed.memory,
    "portal": portal,
}


def shown(value: Any) -> str:
    """A figure in few digits."""
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1_000 else f"{value:,.0f}"
    return str(value)


def as_table(name: str, found: Any) -> list[str]:
    """A part's figures in Markdown."""
    lines = [f"## {name}", ""]
    if isinstance(found, list):
        found = {str(number): row for number, row in enumerate(found, 1)}
    simple = {key: value for key, value in found.items() if not isinstance(value, dict)}
    if simple:
        lines += [
            "| figure | value |",
            "|---|---|",
            *(f"| {key} | {shown(value)} |" for key, value in simple.items()),
            "",
        ]
    nested = {key: value for key, value in found.items() if isinstance(value, dict)}
    if nested and all(not any(isinstance(x, dict) for x in value.values()) for value in nested.values()):
        columns = list(dict.fromkeys(column for value in nested.values() for column in value))
        if len(columns) <= 9:
            lines += ["| | " + " | ".join(map(str, columns)) + " |", "|---" * (len(columns) + 1) + "|"]
            lines += [
                f"| {key} | " + " | ".join(shown(value.get(column, "")) for column in columns) + " |"
                for key, value in nested.items()
            ]
            return [*lines, ""]
    for key, value in nested.items():
        lines += [f"### {key}", "", *as_table("", {str(x): y for x, y in value.items()})[2:]]
    return lines


def main(wanted: list[str]) -> None:
    """Measure what is wanted; with everything measured, write the page."""
    lines = [
        "# How well names are matched: figures", "",
        f"Written by `make bench-names` on {platform.machine()}, Python {platform.python_version()}, one core.",
        "Shares are of 1. What each part measures stands at the head of its file in `benchmarks/names/`; what they",
        "mean is in [matching.md](matching.md). Seconds are of this machine; ratios travel.", "",
    ]  # fmt: skip
    for name in wanted or PARTS:
        began = time.time()
        found = PARTS[name]()
        print(name, json.dumps(found, ensure_ascii=False, default=str), f"({time.time() - began:.0f} s)", flush=True)
        lines += as_table(name, found)
    if not wanted:
        PAGE.write_text("\n".join(lines).rstrip() + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
