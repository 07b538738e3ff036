"""Killed at random moments: what was answered is stored, nothing twice, the chain whole, and it goes on by itself."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from carveout.engine.records import schema
from carveout.engine.records.auditing import verify_store
from carveout.engine.records.store import Answered, Store

from . import deciding

pytestmark = pytest.mark.meaning

ROUNDS = 10 + 19 * int(os.environ.get("CARVEOUT_SOAK", "0"))
"""`make soak` says 10, and that makes 200."""


def test_killed_at_random_moments(url: str, tmp_path: Path) -> None:
    home, chance = tmp_path / "home", random.Random(ROUNDS)
    answered: dict[str, str] = {}
    for round_ in range(ROUNDS):
        command = [sys.executable, str(Path(deciding.__file__)), str(home), url, str(round_)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert child.stdout is not None
        first = child.stdout.readline()  # it is at work
        assert first, f"round {round_}: it does not start again"
        time.sleep(chance.uniform(0, 0.4))
        child.kill()
        lines = (first + child.stdout.read()).decode().splitlines()
        child.stdout.close()
        child.wait()
        answered.update((name, answer) for name, answer in (line.split(" ") for line in lines))

    store, engine = Store.open(home, url), deciding.engine()
    try:
        assert len(answered) >= ROUNDS and any("t" in name for name in answered)
        for name, answer in answered.items():
            found = store.answered(deciding.key_of(name))
            assert found is not None, f"{name} was answered and is not stored"
            if not isinstance(found, Answered):
                assert found.envelope.id == answer
        stored = count(store)
        # those that were sent when the end came are sent again: stored now, or known already
        sent = {f"{name.partition('-')[0]}-{int(name.partition('-')[2].lstrip('t')) + 1}" for name in answered}
        sent = {name for name in sent if not name.endswith("9")}
        known = sum(store.answered(deciding.key_of(name)) is not None for name in sent)
        again = {name: deciding.check(store, engine, name) for name in sent}
        assert count(store) == stored + len(sent) - known
        assert all(again[name] == answered[name] for name in sent & set(answered))
        assert halves(store) == []
        verify_store(store)
    finally:
        store.close()


def halves(store: Store) -> list[str]:
    """Tables that are not there with all their decisions."""
    decisions, tables = schema.decisions.c, schema.tables.c
    with store.database.reading() as connection:
        grouped = connection.execute(select(decisions.table, func.count()).group_by(decisions.table)).all()
        listed = connection.execute(select(tables.id, tables.distinct)).all()
    held = {row[0]: row[1] for row in grouped if row[0] is not None}
    whole = {row[0]: row[1] for row in listed}
    return [str(id) for id in held.keys() | whole.keys() if held.get(id) != whole.get(id)]


def count(store: Store) -> int:
    with store.database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(schema.decisions)).scalar_one())
