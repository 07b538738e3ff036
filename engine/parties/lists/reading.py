"""What a reader makes of a file, before it is checked as a whole."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from carveout.engine.parties.lists.entry import ListEntry
from carveout.engine.parties.lists.guard import Content


@dataclass(frozen=True, slots=True)
class Reading:
    """The entries of a file, and what it says of itself."""

    publication: str
    entries: list[ListEntry]
    rows: int
    published: str = ""  # as known_date writes it; empty where the file does not say
    declared: int | None = None  # how many rows the file says it has
    notes: tuple[str, ...] = ()  # what is missing by the nature of the file
    silent: frozenset[str] = frozenset()  # fields of an entry of which it says nothing, or not all


Reader = Callable[[Sequence[Content]], Reading]


def only(contents: Sequence[Content]) -> Content:
    """The one file of a format that has one. Raises ListRefused."""
    if len(contents) > 1:
        raise contents[1].refuse("is a list of its own; read one list at a time")
    return contents[0]


def made_uid(*parts: str) -> str:
    """A number of our own for an entry of a list that gives none, the same in every snapshot."""
    return "h" + hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def with_own_uids(entries: Sequence[ListEntry]) -> list[ListEntry]:
    """The entries; where a list has one number several times, all but one with `#2`, `#3` after it.

    Which of them has which is settled by what they say, so that rows in another order get the same numbers.
    """
    times = Counter((entry.list, entry.uid) for entry in entries)
    several = sorted(
        (entry.list, entry.uid, repr(entry), place)
        for place, entry in enumerate(entries)
        if times[entry.list, entry.uid] > 1
    )
    told, seen = list(entries), Counter[tuple[str, str]]()
    for on, uid, _, place in several:
        seen[on, uid] += 1
        if (number := seen[on, uid]) > 1:
            told[place] = replace(entries[place], uid=f"{uid}#{number}")
    return told
