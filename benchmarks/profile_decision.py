"""Where the time of a decision goes: `python benchmarks/profile_decision.py [SIZE]` prints functions by their own time.

(A file called `profile.py` beside `decision.py` would hide the module of that name that cProfile needs.)
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from decision import prepare


def main() -> None:
    """Profile decisions on transactions that the engine has not seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", type=int, nargs="?", default=1_000)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--sort", default="tottime", choices=("tottime", "cumtime", "ncalls"))
    parser.add_argument("--lines", type=int, default=40)
    options = parser.parse_args()
    made = prepare(options.size, options.count)
    acts = made.acts()
    profiler = cProfile.Profile()
    profiler.enable()
    for act in acts:
        made.engine.decide_act(act)
    profiler.disable()
    pstats.Stats(profiler).strip_dirs().sort_stats(options.sort).print_stats(options.lines)
    print(f"{options.count} decisions at {options.size} norms; divide by that for each")


if __name__ == "__main__":
    main()
