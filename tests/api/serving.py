"""A server of a small rule set, to be killed: `serving.py HOME PORT [BYTES]`; no file may grow beyond BYTES.

The database is that of CARVEOUT_DATABASE.
"""

import importlib.util
import os
import resource
import sys
from pathlib import Path
from typing import Any

import uvicorn

from carveout.api import Settings, create_app


def engine() -> Any:
    """It is read in no time."""
    path = Path(__file__).resolve().parents[1] / "law" / "small.py"
    spec = importlib.util.spec_from_file_location("small", path)
    assert spec is not None and spec.loader is not None
    small = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(small)
    return small.small_engine()


def main() -> None:
    """Serve for ever."""
    app = create_app(
        engine=engine(), settings=Settings(home=Path(sys.argv[1]), database=os.environ.get("CARVEOUT_DATABASE"))
    )
    if len(sys.argv) > 3:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")


if __name__ == "__main__":
    main()
