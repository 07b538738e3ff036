"""What the snapshots of a list say of one entry, and on which days (design: "Lists and norms")."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from carveout.engine.parties.lists.entry import ListedName, ListEntry, distinct

Statuses = Callable[[ListEntry], Iterable[str]]
"""What the statuses of an entry are called in the norms."""


@dataclass(frozen=True, slots=True)
class Spell:
    """One wording of an entry, and the days on which it spoke."""

    entry: ListEntry
    since: date
    """The day of publication of the first snapshot that has it so."""
    until: date | None
    """The day of publication of the next snapshot, which has it otherwise or not at all; none where there is none."""
    disputed: bool = False
    """Does a younger copy of the list say otherwise?"""


@dataclass(frozen=True, slots=True)
class History:
    """All that the snapshots of a list say of one entry, the oldest first."""

    list: str
    uid: str
    spells: tuple[Spell, ...]

    @property
    def id(self) -> str:
        """The entry's id among subjects: `LIST:UID`, as it was first published."""
        return f"{self.list}:{self.uid}"

    def known_by(self, day: date) -> History | None:
        """As it stood in the snapshots that were public by a day; none if it was in none of them."""
        spells = tuple(
            replace(s, until=s.until if s.until is not None and s.until <= day else None)
            for s in self.spells
            if s.since <= day
        )
        return History(self.list, self.uid, spells) if spells else None

    @property
    def latest(self) -> ListEntry:
        """The newest wording."""
        return self.spells[-1].entry

    @property
    def names(self) -> tuple[ListedName, ...]:
        """Every name that it had, the newest wording first."""
        found: dict[str, ListedName] = {}
        for spell in reversed(self.spells):
            for name in spell.entry.names:
                found.setdefault(name.name, name)
        return tuple(found.values())

    def under(self, statuses: Statuses) -> Iterator[tuple[str, Spell]]:
        """Each status with the stretches of days in which the entry gave it, and its newest wording then."""
        given = [(spell, tuple(statuses(spell.entry))) for spell in self.spells]
        for status in distinct(status for _, found in given for status in found):
            open_: Spell | None = None
            for spell, found in given:
                if status not in found:
                    continue
                if open_ is not None and open_.until == spell.since and open_.disputed == spell.disputed:
                    open_ = replace(spell, since=open_.since)
                    continue
                if open_ is not None:
                    yield status, open_
                open_ = spell
            if open_ is not None:
                yield status, open_


@dataclass(frozen=True, slots=True)
class Edition:
    """One snapshot of a list, as a citation names it."""

    published: date
    """The day from which it speaks."""
    publication: str
    key: str
    days: int = 7
    """So long after its day it may speak; beyond, a newer one should be there."""

    @property
    def cited(self) -> str:
        """The snapshot as a source."""
        return f"snapshot {self.key[:12]} of {self.publication}"


class Editions:
    """The snapshots of each list, the oldest first."""

    def __init__(self, by_list: Iterable[tuple[str, Sequence[Edition]]]) -> None:
        self.by_list = {name: tuple(sorted(found, key=lambda e: e.published)) for name, found in by_list}

    def of(self, name: str) -> tuple[Edition, ...]:
        """The snapshots of a list."""
        return self.by_list.get(name, ())

    def first(self, name: str) -> date | None:
        """The day of the oldest snapshot kept of a list."""
        found = self.of(name)
        return found[0].published if found else None

    def on(self, name: str, day: date) -> Edition | None:
        """The snapshot that speaks on a day."""
        return next((edition for edition in reversed(self.of(name)) if edition.published <= day), None)

    def before(self, name: str, day: date) -> date | None:
        """The day of the snapshot before that of a day."""
        return next((edition.published for edition in reversed(self.of(name)) if edition.published < day), None)
