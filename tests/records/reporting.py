"""A process that works out the report on one change until it is killed: `reporting.py HOME URL ID`."""

import os
import sys
from pathlib import Path

from carveout.engine.analyse.reports import make_report
from carveout.engine.records.changes import Changes
from carveout.engine.records.store import Store

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def main() -> None:
    """Report for ever."""
    from records.changing import small

    changes, engine = Changes(Store.open(Path(sys.argv[1]), sys.argv[2])), small()
    os.write(1, b"working\n")
    while True:
        make_report(changes, sys.argv[3], "bob", engine)


if __name__ == "__main__":
    main()
