"""What one request does through the journal: once for its Idempotency-Key, with its answer, in one transaction.

The answer is told from the store as the act leaves it, before anything is committed. So whoever is killed between the
two has either done nothing, or done it and kept what is answered to the same request when it is sent again.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import cast

from carveout.engine.records.journal import Journal
from carveout.engine.records.store import Answered, KeyUsed, Store
from carveout.engine.records.writes import Key, Write, Written

Tell = Callable[[Store, str], bytes]
"""What is answered, from the store as the act leaves it and what the entry of the act is of."""
Holds = Callable[[Store], bool]
"""Whether what the request rests on is still so."""


class AnsweredBefore(Exception):
    """The same request with the same key was answered before: what was done then, and nothing was done now."""

    def __init__(self, answered: Answered) -> None:
        self.answered = answered
        super().__init__("answered before")


class Moved(Exception):
    """What the request rests on is otherwise by now; nothing was done."""


class Errand:
    """One request of one person.

    `kind`: of the entry of the audit chain with which the act is done; what else is written on the way, for one the
    rule version that is stored when it is first named, may be written twice without harm. `holds` is asked in the
    transaction of the first write that bears the name of the person.
    """

    def __init__(
        self, person: str, key: Key | None, kind: str, tell: Tell, *, status: int = 200, holds: Holds | None = None
    ) -> None:
        self.person, self.key, self.kind = person, key, kind
        self._tell, self._status, self._holds = tell, status, holds
        self.answered: Answered | None = None
        """What is answered, once it is done."""

    def on(self, store: Store) -> Store:
        """The same store, with which the errand is done: its writes raise AnsweredBefore, KeyUsed and Moved too."""
        view = copy.copy(store)
        view.journal = cast(Journal, _ErrandJournal(store, self))
        return view

    def write(self, store: Store, write: Write) -> Written:
        """Write something of the errand."""
        entries = [*write.entries, *(row.entry for row in write.rows)]
        if all(entry.by != self.person for entry in entries):
            return store.journal.write(write)
        holds, self._holds = self._holds, None
        if holds is not None:
            write = replace(write, holds=lambda: holds(store))
        of = next((entry.of for entry in write.entries if entry.kind == self.kind), None)
        if self.answered is None and of is not None:
            write = replace(write, key=self.key, tell=lambda: (self._status, self._tell(store, of)))
        written = store.journal.write(write)
        if written.moved:
            raise Moved
        if written.before is not None and self.key is not None:
            if written.before["request"] != self.key.request:
                raise KeyUsed
            raise AnsweredBefore(Answered(written.before["status"], store.content(written.before["content"])))
        if written.told is not None:
            self.answered = Answered(*written.told)
        return written


def resting_on(store: Store, person: str, holds: Holds | None) -> Store:
    """The same store; the first write that bears the name of a person raises Moved unless something holds then."""
    return store if holds is None else Errand(person, None, "", lambda store, of: b"", holds=holds).on(store)


class _ErrandJournal:
    """The journal as an errand uses it."""

    def __init__(self, store: Store, errand: Errand) -> None:
        self._store, self._errand = store, errand

    def write(self, write: Write) -> Written:
        """Write, and wait until it is committed. Raises StoreFault, AnsweredBefore, KeyUsed, Moved."""
        return self._errand.write(self._store, write)
