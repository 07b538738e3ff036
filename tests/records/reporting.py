"""A process that works out the report on one change until it is killed: `reporting.py HOME URL ID`."""

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

from carveout.engine.analyse.reports import make_report
from carveout.engine.records.changes import Changes
from carveout.engine.records.store import Store


def changing() -> Any:
    """The changes to try, beside this file."""
    spec = importlib.util.spec_from_file_location("changing", Path(__file__).with_name("changing.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Report for ever."""
    changes, engine = Changes(Store.open(Path(sys.argv[1]), sys.argv[2])), changing().small()
    os.write(1, b"working\n")
    while True:
        make_report(changes, sys.argv[3], "bob", engine)


if __name__ == "__main__":
    main()
