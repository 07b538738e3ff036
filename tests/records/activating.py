"""A process that makes one of two changes the law, then the other, until it is killed: `activating.py HOME URL`."""

import os
import sys
from pathlib import Path

from carveout.engine.records.changes import Changes
from carveout.engine.records.proposals import ChangeFault
from carveout.engine.records.store import Store


def main() -> None:
    """Activate for ever."""
    changes = Changes(Store.open(Path(sys.argv[1]), sys.argv[2]))
    while True:
        for change in changes.all():
            try:
                if change.state == "superseded":
                    changes.activate(change.proposal.id, "bob")
            except ChangeFault:
                continue
            os.write(1, b"activated\n")


if __name__ == "__main__":
    main()
