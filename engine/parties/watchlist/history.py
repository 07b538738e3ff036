"""What the snapshots of a list say of one entry, and on which days (design: "Lists and norms")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from carveout.engine.parties.lists.entry import ListedName, ListEntry, distinct


@dataclass(frozen=True, slots=True)
class Spell:
    """One wording of an entry, and the days on which it spoke."""

    entry: ListEntry
    since: date
    """The day of publication of the first snapshot that has it so."""
    until: date | None
    """The day of publication of the next snapshot, which has it otherwise or not at all; none where there is none."""


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
            Spell(s.entry, s.since, s.until if s.until is not None and s.until <= day else None)
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

    def programme_spells(self) -> Iterator[tuple[str, date, date | None, ListEntry]]:
        """Each programme with the stretches of days in which the entry was under it, and its newest wording then."""
        for status in distinct(status for spell in self.spells for status in spell.entry.statuses):
            yield from self._stretches(status)

    def _stretches(self, status: str) -> Iterator[tuple[str, date, date | None, ListEntry]]:
        open_: tuple[date, date | None, ListEntry] | None = None
        for spell in self.spells:
            if status not in spell.entry.statuses:
                continue
            if open_ is not None and open_[1] == spell.since:
                open_ = open_[0], spell.until, spell.entry
                continue
            if open_ is not None:
                yield (status, *open_)
            open_ = spell.since, spell.until, spell.entry
        if open_ is not None:
            yield (status, *open_)


@dataclass(frozen=True, slots=True)
class Edition:
    """One snapshot of a list, as a citation names it."""

    published: date
    publication: str
    digest: str


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

    def known_by(self, day: date) -> Editions:
        """Those that were public by a day."""
        return Editions((name, [e for e in found if e.published <= day]) for name, found in self.by_list.items())
