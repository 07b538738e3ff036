"""`make bench`: one decision of ours beside five peers, on the same norms and facts, at four sizes.

Prints a table and writes it into docs/benchmarks.md, between its two marks.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
MARKS = "<!-- figures: written by make bench -->", "<!-- end of figures -->"
SIZES = (100, 1_000, 10_000, 100_000)
PEERS = {"clips_": "clipspy", "zen_": "zen-engine", "cedar": "cedarpy", "rego": "regopy", "rule_engine_": "rule-engine"}
SECONDS_A_PEER, MEGABYTES = 110, 4_096
GOAL_MICROSECONDS, GOAL_RATIO = 100, 1.5


def ask_ours(size: int, count: int, file: Path) -> dict[str, Any]:
    """Our own figures, from a process of their own."""
    subprocess.run(
        [sys.executable, HERE / "decision.py", str(size), "--count", str(count), "--json", file],
        check=True,
        timeout=300,
    )
    figures: dict[str, Any] = json.loads(file.read_text())
    del figures["asked"]
    return figures


def ask_peer(module: str, size: int, file: Path) -> dict[str, Any]:
    """One peer's figures, or why there are none."""
    begun = time.monotonic()
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as wrong:
        peer = subprocess.Popen(
            [sys.executable, HERE / "worker.py", module, str(size), file], stdout=said, stderr=wrong, text=True
        )
        why_not = ""
        while peer.poll() is None and not why_not:
            time.sleep(0.1)
            if megabytes(peer.pid) > MEGABYTES:
                why_not = f"more than {MEGABYTES} MB"
            elif time.monotonic() - begun > SECONDS_A_PEER:
                why_not = f"no answer in {SECONDS_A_PEER} s"
        if why_not:
            peer.kill()
            peer.wait()
            return {"why not": why_not}
        said.seek(0)
        wrong.seek(0)
        answer, errors = said.read(), wrong.read()
    if peer.returncode == 0:
        figures: dict[str, Any] = json.loads(answer.splitlines()[-1])
        return figures
    if peer.returncode == -signal.SIGALRM:
        return {"why not": "not loaded in 60 s"}
    last = (errors.strip().splitlines() or [f"ended by signal {-peer.returncode}"])[-1]
    return {"why not": f"{last[:100]} (after {time.monotonic() - begun:.0f} s)"}


def megabytes(pid: int) -> int:
    """What a process holds; 0 where the system does not say. (Reserved addresses do not count: regopy needs many.)"""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() // 1024**2
    except OSError:
        return 0


def milli(microseconds: float) -> str:
    """A time in a unit that reads well."""
    if microseconds < 1_000:
        return f"{microseconds:.0f} µs"
    return f"{microseconds / 1_000:.1f} ms" if microseconds < 1e6 else f"{microseconds / 1e6:.1f} s"


def row(*cells: object) -> str:
    """A line of a table."""
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def ours_table(ours: dict[int, dict[str, Any]]) -> list[str]:
    """Our own figures."""
    lines = [row("norms", *(f"{size:,}" for size in ours)), row("---", *("---:" for _ in ours))]
    for title, key, part in (
        ("**decision with its full trace, median**", "decide", "median"),
        ("p90", "decide", "p90"),
        ("p99", "decide", "p99"),
        ("the same transactions a second time, median", "again", "median"),
        ("decision after all that is remembered was forgotten, median", "nothing remembered", "median"),
        ("apart: reading and validating", "read", "median"),
        ("apart: screening the names", "screen", "median"),
        ("apart: body to canonical JSON", "serialise", "median"),
        ("decision with all patterns new, durable-rules", "first with durable-rules", "median"),
        ("decision with all patterns new, reference formula", "first with the formula", "median"),
    ):
        lines.append(row(title, *(milli(figures[key][part]) for figures in ours.values())))
    lines.append(row("lookups of norms remembered", *(f"{f['lookups remembered']:.0%}" for f in ours.values())))
    lines.append(
        row("median in calibration loops", *(f"{figures['decide']['loops']:.1f}" for figures in ours.values()))
    )
    first = next(iter(ours.values()))["decide"]["median"]
    lines.append(
        row(
            f"median against {next(iter(ours)):,} norms",
            *(f"{figures['decide']['median'] / first:.2f}" for figures in ours.values()),
        )
    )
    lines.append(
        row("to load (documents in memory to an engine)", *(f"{figures['load']:.1f} s" for figures in ours.values()))
    )
    lines.append(row("memory, peak", *(f"{figures['megabytes']} MB" for figures in ours.values())))
    lines.append(row("transactions timed, each once", *(figures["decide"]["count"] for figures in ours.values())))
    spreads = (
        " ".join(f"{met}:{count}" for met, count in figures["prohibitions"].items()) for figures in ours.values()
    )
    lines.append(row("prohibitions engaged or open (how many: transactions)", *spreads))
    lines.append(row("findings, median", *(figures["findings"] for figures in ours.values())))
    lines.append(
        row("transactions with an open finding", *(figures["with open findings"] for figures in ours.values()))
    )
    return lines


def peers_table(ours: dict[int, dict[str, Any]], peers: dict[str, dict[int, dict[str, Any]]], key: str) -> list[str]:
    """Medians of everybody with the ratio to ours."""
    lines = [row("norms", *(f"{size:,}" for size in ours)), row("---", *("---:" for _ in ours))]
    own = "decide" if key == "decide" else None
    mine = {
        size: f["decide"]["median"] + (0 if own else f["read"]["median"] + f["screen"]["median"])
        for size, f in ours.items()
    }
    lines.append(row("**carveout**", *(f"**{milli(value)}**" for value in mine.values())))
    for module, name in PEERS.items():
        cells = []
        for size in ours:
            figures = peers[module].get(size, {"why not": "not tried: the size before did not load"})
            if "why not" in figures:
                cells.append(figures["why not"])
            else:
                cells.append(f"{milli(figures[key]['median'])} ({figures[key]['median'] / mine[size]:.1f}x)")
        lines.append(row(name, *cells))
    return lines


def agreement(peers: dict[str, dict[int, dict[str, Any]]]) -> str:
    """How often the peers found what we found."""
    known = [figures for by_size in peers.values() for figures in by_size.values() if "compared" in figures]
    compared, different = sum(f["compared"] for f in known), sum(f["differences"] for f in known)
    examples = [each for f in known for each in f["different"]][:3]
    return f"{compared} answers of peers compared with ours: {different} differences." + (
        f" For example {examples}." if examples else ""
    )


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--count", type=int, default=1_000, help="transactions for each size")
    parser.add_argument("--no-page", action="store_true", help="leave docs/benchmarks.md as it is")
    options = parser.parse_args()
    begun = time.monotonic()
    ours: dict[int, dict[str, Any]] = {}
    peers: dict[str, dict[int, dict[str, Any]]] = {module: {} for module in PEERS}
    with tempfile.TemporaryDirectory() as folder:
        for size in options.sizes:
            file = Path(folder) / f"{size}.json"
            ours[size] = ask_ours(size, options.count, file)
            for module, name in PEERS.items():
                if any("why not" in figures for figures in peers[module].values()):
                    continue
                peers[module][size] = figures = ask_peer(module, size, file)
                told = (
                    figures.get("why not")
                    or f"median {milli(figures['decide']['median'])}, loaded in {figures['load']:.1f} s"
                )
                print(f"{size:>7} norms: {name}: {told}", flush=True)
    versions = ", ".join(f"{name} {version(name)}" for name in PEERS.values())
    worst = ours[1_000]["decide"]["median"] if 1_000 in ours else None
    text = [
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores ({platform.machine()}, {platform.system()}),"
        f" Python {platform.python_version()}; {versions}; settled by {next(iter(ours.values()))['settled by']};"
        f" {(time.monotonic() - begun) / 60:.0f} minutes in all.",
        "",
        "### Our own",
        "",
        *ours_table(ours),
        "",
        "### Beside the peers: evaluation alone, median (and how many times ours)",
        "",
        *peers_table(ours, peers, "decide"),
        "",
        "### Beside the peers: from the stated transaction on",
        "",
        "Ours with reading, validation and screening; theirs with making rows and facts of it, without any validation.",
        "",
        *peers_table(ours, peers, "with conversion"),
        "",
        agreement(peers),
        "",
    ]
    if worst is not None:
        ratio = ours[options.sizes[-1]]["decide"]["median"] / worst
        text.append(
            f"Goal: at most {GOAL_MICROSECONDS} µs at 1,000 norms and at most {GOAL_RATIO} times that at 100,000."
            f" Here: {worst:.0f} µs, and {ratio:.2f} times at {options.sizes[-1]:,}."
        )
    print("\n" + "\n".join(text))
    if not options.no_page:
        page = PAGE.read_text(encoding="utf-8")
        before, rest = page.split(MARKS[0])
        after = rest.split(MARKS[1])[1]
        PAGE.write_text("\n".join([before + MARKS[0], "", *text, "", MARKS[1] + after]), encoding="utf-8")


if __name__ == "__main__":
    main()
