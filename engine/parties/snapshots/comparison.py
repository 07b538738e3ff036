"""Two snapshots held against each other: what was added, removed, renamed, changed; by list and number of the entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from carveout.engine.parties.lists.entry import ListEntry
from carveout.engine.parties.snapshots.names import folded

ALL = tuple(x.name for x in fields(ListEntry) if x.name not in ("list", "uid"))
ACROSS = ("kind", "names", "programmes")
"""What two formats of one list write alike."""


@dataclass(frozen=True, slots=True)
class Changed:
    """An entry that says something else than before."""

    before: ListEntry
    after: ListEntry
    fields: tuple[str, ...]

    @property
    def renamed(self) -> bool:
        """Whether it is called otherwise than before."""
        return folded(name_of(self.before)) != folded(name_of(self.after))


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is in the later of two snapshots and was not in the earlier, and the other way round."""

    added: tuple[ListEntry, ...]
    removed: tuple[ListEntry, ...]
    changed: tuple[Changed, ...]
    compared: tuple[str, ...]  # the fields that were compared

    @property
    def renamed(self) -> tuple[Changed, ...]:
        """The changed ones that are called otherwise."""
        return tuple(x for x in self.changed if x.renamed)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def name_of(entry: ListEntry) -> str:
    """What an entry is called first."""
    return next((x.name for x in entry.names if x.kind == "primary"), entry.names[0].name if entry.names else "")


def comparable(before: tuple[str, frozenset[str]], after: tuple[str, frozenset[str]]) -> tuple[str, ...]:
    """The fields that two files, each by format and silence, say in one way.

    Across formats they are few, and what one alone is silent about is never among them.
    """
    names = ALL if before[0] == after[0] else ACROSS
    return tuple(x for x in names if x not in before[1] ^ after[1])


def compare(before: Iterable[ListEntry], after: Iterable[ListEntry], names: Iterable[str] = ALL) -> Comparison:
    """What became of the entries; the order of entries, and of values within a field, says nothing."""
    old, new = ({(x.list, x.uid): x for x in side} for side in (before, after))
    chosen = tuple(names)
    changed = []
    for key in old.keys() & new.keys():
        one, other = old[key], new[key]
        if one != other and (differ := tuple(x for x in chosen if _said(one, x) != _said(other, x))):
            changed.append(Changed(one, other, differ))
    return Comparison(
        _sorted(new[key] for key in new.keys() - old.keys()),
        _sorted(old[key] for key in old.keys() - new.keys()),
        tuple(sorted(changed, key=lambda x: _order(x.before))),
        chosen,
    )


def _said(entry: ListEntry, name: str) -> object:
    value = getattr(entry, name)
    if isinstance(value, tuple):
        return frozenset(value)
    return dict(value) if isinstance(value, Mapping) else value


def _sorted(entries: Iterable[ListEntry]) -> tuple[ListEntry, ...]:
    return tuple(sorted(entries, key=_order))


def _order(entry: ListEntry) -> tuple[str, int, str]:
    return entry.list, len(entry.uid), entry.uid
