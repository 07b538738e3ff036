"""Whose turn it is: of several processes one watches, and another once that one is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, or_, update

from carveout.engine.records import schema
from carveout.engine.records.ids import later, new_id, now

if TYPE_CHECKING:
    from carveout.engine.records.store import Store

HELD_SECONDS = 15
"""A turn that is not taken anew for so long goes to whoever asks."""


class Turn:
    """The turn at one kind of work, for one process (or one thread of it)."""

    def __init__(self, store: Store, what: str) -> None:
        self.store, self.what = store, what
        self.holder = new_id()

    def take(self) -> bool:
        """Take the turn, or keep it; False: somebody else has it. Raises StoreFault."""
        table, time = schema.turns, now()
        mine = update(table).where(table.c.what == self.what, or_(table.c.holder == self.holder, table.c.until < time))
        with self.store.database.writing() as connection:
            done = connection.execute(mine.values(holder=self.holder, until=later(time, HELD_SECONDS)))
            return done.rowcount == 1

    def leave(self) -> None:
        """Let somebody else have it at once. Raises StoreFault."""
        table = schema.turns
        mine = update(table).where(table.c.what == self.what, table.c.holder == self.holder)
        with self.store.database.writing() as connection:
            connection.execute(mine.values(until=""))

    def held(self) -> Any:
        """The condition that nobody else has taken it."""
        table = schema.turns
        return exists().where(table.c.what == self.what, table.c.holder == self.holder)
