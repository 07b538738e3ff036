"""A place to keep snapshots, and the taking of small ones."""

from datetime import datetime
from pathlib import Path

import pytest

from carveout.engine.parties.snapshots.publications import Publications
from carveout.engine.parties.snapshots.store import Snapshots
from carveout.engine.parties.snapshots.taking import Offer, Taken, take

from .samples import NOW, Take


@pytest.fixture
def store(tmp_path: Path) -> Snapshots:
    """A place for snapshots, not there yet."""
    return Snapshots(tmp_path / "home" / "lists")


@pytest.fixture
def known() -> Publications:
    """Who speaks for which list; no floors, so that small lists are believed."""
    return Publications(lists={"us.ofac.sdn": ["us.ofac.sdn", "us.csl"]})


@pytest.fixture
def taking(store: Snapshots, known: Publications, tmp_path: Path) -> Take:
    """Takes the text of a file; what else is said goes into the offer."""

    def taken(text: str | bytes, now: datetime = NOW, **said: object) -> Taken:
        path = tmp_path / "list"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return take(store, known, Offer([path], **said), now=now)  # type: ignore[arg-type]

    return taken
