"""What is told to the audit chain of lists and owners that are taken in: digests and counts, no names."""

from __future__ import annotations

from typing import Any

from carveout.engine.parties.registers.kept import Kept
from carveout.engine.parties.snapshots.taking import Taken
from carveout.engine.parties.snapshots.telling import snapshot_data
from carveout.engine.records.canonical import canonical_json, digest
from carveout.engine.records.chain import Entry

LIST, OWNERS = "list", "owners"


def entry_of_list(taken: Taken, by: str) -> Entry:
    """The entry for an official list that was offered, also where it was held already."""
    snapshot = taken.snapshot
    data: dict[str, Any] = {
        "publication": snapshot.publication, "published": snapshot.published.isoformat(), "new": taken.new,
        "manifest": digest(canonical_json(snapshot_data(snapshot))), "confirmed": bool(snapshot.confirmed),
        "files": [original.sha256 for original in snapshot.originals],
    }  # fmt: skip
    return Entry(LIST, snapshot.key, by, data)


def entry_of_owners(kept: Kept, by: str) -> Entry:
    """The entry for an import into the ownership register."""
    manifest = digest(canonical_json(kept.as_json()))
    return Entry(OWNERS, kept.digest, by, {"manifest": manifest, "published": kept.published.isoformat()})
