"""Whether a file can be what it says it is: held against the snapshots beside it, and against the calendar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from carveout.engine.parties.lists.entry import ListEntry, ListFile
from carveout.engine.parties.lists.guard import ListRefused
from carveout.engine.parties.snapshots.comparison import Comparison
from carveout.engine.parties.snapshots.model import Snapshot
from carveout.engine.parties.snapshots.publications import Publications
from carveout.engine.parties.snapshots.shape import another_shape, odd_shape

FEW = 10
"""A list or programme of fewer entries may shrink to any number overnight, but for none."""
OLDEST = date(1990, 1, 1)
"""None of these lists is older."""
LOST = 0.05
"""The share of all entries that may go from one file to the next; the largest delistings of one day were smaller."""
NAMED = 5
"""How many vanished programmes are named."""
_LINES = frozenset({"ofac-csv", "csl-csv", "ofsi-csv", "uk-csv", "bis-denied-persons", "ftm-jsonl"})
"""Formats whose rows stand alone, so that a file that was cut between two of them reads like a whole one."""
_AHEAD = timedelta(hours=14)  # the clock that is furthest ahead of UTC


class Implausible(ListRefused):
    """A file that was read whole and is not believed: it stays out until a person confirms it, with a reason."""

    def __init__(self, doubts: Sequence[str], file: ListFile, last: Snapshot | None) -> None:
        super().__init__("; ".join(doubts))
        self.doubts = tuple(doubts)
        self.file, self.last = file, last
        """What was read, and the snapshot before it."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A snapshot beside a file in time, and the comparison of the earlier with the later of the two."""

    snapshot: Snapshot
    entries: Sequence[ListEntry]
    comparison: Comparison


def doubts(
    file: ListFile, before: Beside | None, after: Beside | None, known: Publications, now: datetime
) -> Iterator[str]:
    """What speaks against a file, each with its figures; `now` in UTC."""
    yield from _dates(file, now)
    counts = file.counts
    if before is None:
        for name, least in known.get(file.publication).at_least.items():
            if counts.get(name, 0) < least:
                yield f"{name} has {counts.get(name, 0):,} entries, and fewer than {least:,} are not expected"
        yield from odd_shape(file)
    else:
        yield from _since(file, before)
    if after is not None:
        yield from _until(file, before, after)


def _dates(file: ListFile, now: datetime) -> Iterator[str]:
    if file.published > (now + _AHEAD).date():
        yield f"it says it was published on {file.published}, which is still to come"
    if file.published < OLDEST:
        yield f"it says it was published on {file.published}, before there were such lists"
    day = file.published.isoformat()
    later = [x.listed_on for x in file.entries if len(x.listed_on) == 10 and x.listed_on > day]
    if later and max(later) > (file.published + timedelta(days=1)).isoformat():
        yield f"it is dated {day}, and {_count(len(later))} listed later (up to {max(later)})"


def _since(file: ListFile, before: Beside) -> Iterator[str]:
    last, removed = before.snapshot, before.comparison.removed
    if last.format != file.format:
        yield f"the format is {file.format}, and was {last.format} on {last.published}"
    if fewer := sorted(file.silent - last.silent):
        yield f"it does not say all of {', '.join(fewer)}, as the file of {last.published} did"
    yield from _lists(file, before)
    yield from _programmes(file, before)
    if last.format == file.format:
        yield from another_shape(file, before.entries, last.published, last.silent)
    net = len(before.entries) - len(file.entries)
    if net > max(FEW, LOST * len(before.entries)):
        yield f"it has {len(file.entries):,} entries, {net:,} fewer than on {last.published}"
    elif removed and last.format == file.format in _LINES and _gone_at_the_end(before) == len(removed):
        yield f"just the last of the file of {last.published} are missing ({len(removed):,}): was it cut short?"
    if last.published == file.published and removed:
        yield f"a file of the same day is held, and {len(removed):,} of its entries are missing: which is the later?"


def _lists(file: ListFile, before: Beside) -> Iterator[str]:
    counts, day = file.counts, before.snapshot.published
    gone = Counter(entry.list for entry in before.comparison.removed)
    for name, had in before.snapshot.counts.items():
        has = counts.get(name, 0)
        if not has or (had >= FEW and 2 * has < had):
            yield f"{name} has {has:,} entries, and had {had:,} on {day}"
        elif had >= FEW and 2 * gone[name] > had and before.snapshot.format == file.format:
            yield f"{name} has {gone[name]:,} of the {had:,} entries of {day} no more"
        elif had >= 10 * FEW and has > 2 * had:
            yield f"{name} has {has:,} entries, more than twice the {had:,} of {day}"


def _programmes(file: ListFile, before: Beside) -> Iterator[str]:
    if "programmes" in file.silent | before.snapshot.silent:
        return
    had, has = (Counter(x for e in entries for x in e.statuses) for entries in (before.entries, file.entries))
    gone = {x: count for x, count in had.items() if count >= FEW and not has[x]}
    gone = {x: count for x, count in gone.items() if file.counts.get(x.partition("/")[0])}
    if gone:
        day, most = before.snapshot.published, sorted(gone, key=lambda x: (-gone[x], x))
        named = ", ".join(f"{x} ({gone[x]:,} on {day})" for x in most[:NAMED])
        more = f" and {len(most) - NAMED} more" if len(most) > NAMED else ""
        yield f"no entry is under {named}{more} any more"


def _gone_at_the_end(before: Beside) -> int:
    """How many entries at the end of the earlier file are missing in the later one."""
    gone = {(entry.list, entry.uid) for entry in before.comparison.removed}
    count = 0
    for entry in reversed(before.entries):
        if (entry.list, entry.uid) not in gone:
            break
        count += 1
    return count


def _until(file: ListFile, before: Beside | None, after: Beside) -> Iterator[str]:
    """Doubts about a file that is older than what is held: it must fit what came after it."""
    counts, day = file.counts, after.snapshot.published
    for name, will in after.snapshot.counts.items():
        if will >= 10 * FEW and 3 * counts.get(name, 0) < will:
            yield f"{name} has {counts.get(name, 0):,} entries, and will have {will:,} on {day}"
    if before is not None:
        came = {(x.list, x.uid) for x in after.comparison.added}
        if (lost := sum((x.list, x.uid) in came for x in before.comparison.removed)) > FEW:
            yield f"{lost:,} entries are in the files of {before.snapshot.published} and {day} and not in this, between"


def _count(number: int) -> str:
    return f"{number:,} of its entries were" if number > 1 else "1 of its entries was"
