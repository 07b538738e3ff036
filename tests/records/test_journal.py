"""Writes that are announced are waited for a moment, and never longer."""

import time
from concurrent.futures import Future

import pytest

from carveout.engine.records import schema
from carveout.engine.records.chain import Entry
from carveout.engine.records.database import StoreFault
from carveout.engine.records.journal import WAIT_SECONDS, Journal
from carveout.engine.records.store import Store
from carveout.engine.records.writes import Row, Write, Written


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many writes each commit had."""
    found: list[int] = []
    commit = Journal._commit

    def counted(journal: Journal, batch: list[tuple[Write, Future[Written]]]) -> None:
        found.append(len(batch))
        commit(journal, batch)

    monkeypatch.setattr(Journal, "_commit", counted)
    return found


def note(number: int) -> Write:
    return Write(entries=[Entry("note", str(number), "me", {})])


def test_what_is_announced_is_committed_together(
    store: Store, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("carveout.engine.records.journal.WAIT_SECONDS", 30.0)
    journal = store.journal
    coming = [journal.announce() for _ in range(4)]
    written = []
    for number, one in enumerate(coming):
        one.over()
        written.append(journal.submit(note(number)))
        time.sleep(0.01)

    numbers = [one.result(60).numbers[0] for one in written]

    assert numbers == sorted(numbers) and len(set(numbers)) == 4
    assert len(sizes) < 4, "half of them are waited for at least"


def test_what_is_announced_and_does_not_come_holds_nobody_up(store: Store, sizes: list[int]) -> None:
    journal = store.journal
    never = journal.announce()

    first = journal.write(note(1)).numbers[0]
    never.over()
    never.over()  # is counted once
    second = journal.write(note(2)).numbers[0]

    assert (second, sizes) == (first + 1, [1, 1])
    assert journal._coming == 0 and WAIT_SECONDS < 0.1


def test_a_write_that_the_database_refuses_is_not_stored_and_said(store: Store) -> None:
    """Its fault comes with the commit, since all is sent at once."""
    before = store.journal.begin()
    values = {"digest": "d" * 64, "name": None, "time": "now"}  # a name is demanded
    with pytest.raises(StoreFault, match="cannot be stored"):
        store.journal.write(Write(rows=[Row(schema.list_snapshots, values, Entry("list", "d" * 64, "me", {}))]))

    assert store.journal.begin() == before
    assert store.journal.write(note(1)).numbers[0] == before.n + 1
