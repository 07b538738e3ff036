"""What compiling the engine with mypyc would give: `python benchmarks/compiled.py [SIZE]`, with a C compiler at hand.

Nothing of it ships (docs/decisions/0017-compiled.md). Two copies of the engine are made in a folder that is gone
afterwards, the modules below are compiled in one of them, and both decide the same transactions in turns, each run in a
process of its own. The bodies must be the same, byte for byte.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from decision import prepare, summary, time_each

import carveout.engine
from carveout.engine.decide.decision import canonical
from carveout.engine.law.ruleset import SHIPPED

MODULES = (
    *(f"decide/{name}.py" for name in (
        "alike", "answer", "assumptions", "body", "compile", "decision", "evaluation", "findings", "gaps", "held",
        "holdings", "index", "joint_leaves", "leaves", "meetings", "missing", "plans", "program", "questions", "soil",
        "statuses", "timelines", "uncovered", "words", "writing",
    )),
    "facts/defaults.py",
    "facts/things.py",
    "law/clocks.py",
    "parties/identity.py",
)  # fmt: skip
"""Left out: `decide/duties.py`, whose due dates come out wrong, and `decide/joining.py`, which mypyc cannot compile."""
SETUP = """
from mypyc.build import mypycify
from setuptools import setup
setup(name="carveout", ext_modules=mypycify({arguments!r}, opt_level="3"))
"""


def copied(folder: Path) -> Path:
    """A copy of the engine and of the shipped rules that can be imported from there."""
    package = folder / "carveout"
    shutil.copytree(Path(carveout.engine.__file__).parent, package / "engine")
    shutil.copytree(SHIPPED, package / "rules")
    (package / "__init__.py").touch()
    return folder


def compiled(folder: Path) -> Path:
    """The same with the modules compiled; a minute. Raises RuntimeError."""
    copied(folder)
    arguments = [*(f"carveout/engine/{module}" for module in MODULES), "--follow-imports=silent"]
    (folder / "setup.py").write_text(SETUP.format(arguments=arguments))
    command = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
    paths = {"PYTHONPATH": str(folder), "MYPYPATH": str(folder)}
    built = subprocess.run(command, cwd=folder, env={**os.environ, **paths}, capture_output=True, text=True)
    if built.returncode:
        raise RuntimeError(f"mypyc or the C compiler failed:\n{built.stdout[-2_000:]}{built.stderr[-2_000:]}")
    return folder


def asked(size: int, count: int) -> dict[str, Any]:
    """In a process of its own: the times of decisions on transactions never seen before, and a digest of the bodies."""
    made = prepare(size, count)
    acts = made.acts()
    gc.collect()
    gc.freeze()
    figures: dict[str, Any] = summary(*time_each(made.engine.decide_act, acts))
    digest = hashlib.sha256(b"".join(canonical(made.engine.decide_act(act)) for act in acts))
    return {**figures, "bodies": digest.hexdigest()}


def run(folder: Path, size: int, count: int) -> dict[str, Any]:
    """The same of the engine in a folder."""
    command = [sys.executable, __file__, str(size), "--count", str(count), "--ask"]
    answer = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(folder)}, stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(answer.stdout)  # type: ignore[no-any-return]


def main() -> None:
    """Print the fastest and the middle run of each, and whether they agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", type=int, nargs="?", default=1_000)
    parser.add_argument("--count", type=int, default=800, help="transactions")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ask", action="store_true", help="one run of the engine that is imported, as JSON")
    options = parser.parse_args()
    if options.ask:
        print(json.dumps(asked(options.size, options.count)))
        return
    with tempfile.TemporaryDirectory() as name:
        engines = {"as it is": copied(Path(name, "plain")), "compiled": compiled(Path(name, "compiled"))}
        runs: dict[str, list[dict[str, Any]]] = {engine: [] for engine in engines}
        for _ in range(options.rounds):
            for engine, folder in engines.items():
                runs[engine].append(run(folder, options.size, options.count))
    for engine, found in runs.items():
        medians = sorted(each["median"] for each in found)
        loops = sorted(each["loops"] for each in found)
        middle = len(found) // 2
        print(
            f"{engine:>9}: median of a decision {medians[0]:.1f} µs in the fastest of {len(found)} runs,"
            f" {medians[middle]:.1f} in the middle one ({loops[0]:.2f} and {loops[middle]:.2f} calibration loops)"
        )
    same = len({each["bodies"] for found in runs.values() for each in found}) == 1
    print(f"the bodies are {'the same' if same else 'NOT the same'}")
    sys.exit(not same)


if __name__ == "__main__":
    main()
