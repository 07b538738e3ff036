"""A file of an official list is taken into the snapshots, or refused whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from carveout.engine.parties.lists.entry import ListFile
from carveout.engine.parties.lists.files import read_list
from carveout.engine.parties.lists.guard import Limits, ListRefused
from carveout.engine.parties.snapshots.comparison import Comparison, comparable, compare
from carveout.engine.parties.snapshots.model import Original, Snapshot
from carveout.engine.parties.snapshots.originals import keep
from carveout.engine.parties.snapshots.plausibility import Beside, Implausible, doubts
from carveout.engine.parties.snapshots.publications import Publications
from carveout.engine.parties.snapshots.store import Snapshots
from carveout.engine.parties.snapshots.view import Change

LONGEST = 1_000
"""Letters of a reason, a source or a file name."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The files of one list that are to be taken: where they lie, and what is said of them."""

    paths: Sequence[Path]
    source: str = ""
    published: date | None = None  # must agree with the file if that says it
    otherwise: date | None = None  # counts if the file does not say it
    names: Sequence[str] = ()  # what the files are called, if not as their paths
    confirmed: str = ""  # why it is taken although it seems implausible
    accepted: frozenset[str] | None = None  # what may be doubted of it, where that is `confirmed`; None: anything
    expected: str = ""  # the publication it must be of
    current: bool = False  # the authority shows it now, so that one older than is held is a doubt


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an offer."""

    snapshot: Snapshot  # the new one, or the one held that says the same
    new: bool
    newest: bool  # whether it is the newest of its publication
    comparison: Comparison | None  # with the snapshot before it


def take(
    store: Snapshots,
    known: Publications,
    offer: Offer,
    *,
    now: datetime | None = None,
    limits: Limits | None = None,
    allow: Callable[[], None] = lambda: None,
) -> Taken:
    """Take the files of one list: all of them or nothing. `allow` is asked last, and may raise.

    Raises ListRefused for what cannot be read; Implausible, a ListRefused, for what is not believed, unless
    `offer.confirmed` says why it is right; SnapshotsError where the snapshots cannot be kept. `now` is a time in UTC.
    """
    now = now or datetime.now(UTC)
    file = read_list(*offer.paths, published=offer.published, otherwise=offer.otherwise, limits=limits or Limits())
    if offer.expected and file.publication != offer.expected:
        raise ListRefused(f"{offer.source}: is a file of {file.publication}, and {offer.expected} was asked for")
    with store.writing() as change:
        try:
            taken = _take(store.folder, change, known, offer, file, now, allow)
        except UnicodeEncodeError as error:
            raise ListRefused(f"{file.publication}: `{ascii(error.object)[:80]}` has a letter that is none") from None
        outcome = "taken" if taken.new else "unchanged"
        change.visit(file.publication, now, outcome, offer.source or _called(offer)[0], current=offer.current)
    return taken


def _called(offer: Offer) -> Sequence[str]:
    return offer.names or [path.name for path in offer.paths]


def _take(
    folder: Path, change: Change, known: Publications, offer: Offer, file: ListFile, now: datetime,
    allow: Callable[[], None],
) -> Taken:  # fmt: skip
    held = change.snapshots(file.publication)
    earlier = [x for x in held if x.published <= file.published]
    last = earlier[-1] if earlier else None
    following = held[len(earlier)] if len(earlier) < len(held) else None
    before = _beside(change, last, file, earlier=True)
    behind = offer.current and following is not None  # also where it is held: it is not what is in force
    if last is not None and before is not None and not behind and _same(last, file, before.comparison):
        return Taken(last, False, last.key == held[-1].key, None)
    found = list(doubts(file, before, _beside(change, following, file, earlier=False), known, now))
    if behind:
        found.append(f"it is of {file.published}, and a file of {held[-1].published} is held already")
    believed = offer.confirmed.strip() and (offer.accepted is None or offer.accepted.issuperset(found))
    if found and not believed:
        raise Implausible(found, file, last)
    allow()
    originals = [keep(folder, x, name[-LONGEST:]) for x, name in zip(offer.paths, _called(offer), strict=True)]
    manifest = _manifest(file, offer, originals, now, last, found)
    key = change.add(manifest, file.publication, file.published, file.entries)
    [snapshot] = [x for x in change.snapshots(file.publication) if x.key == key]
    return Taken(snapshot, True, following is None, before.comparison if before else None)


def _beside(change: Change, snapshot: Snapshot | None, file: ListFile, *, earlier: bool) -> Beside | None:
    if snapshot is None:
        return None
    entries = change.entries(snapshot)
    names = comparable((snapshot.format, snapshot.silent), (file.format, file.silent))
    one, other = (entries, file.entries) if earlier else (file.entries, entries)
    return Beside(snapshot, entries, compare(one, other, names))


def _same(last: Snapshot, file: ListFile, comparison: Comparison) -> bool:
    """Whether what is held says the same, so that there is nothing to take."""
    if last.content == file.digest:
        return last.published == file.published or file.dated_by == "assumed"
    alike = (last.published, last.format, last.silent) == (file.published, file.format, file.silent)
    return alike and not comparison


def _manifest(
    file: ListFile,
    offer: Offer,
    originals: Sequence[Original],
    now: datetime,
    last: Snapshot | None,
    found: Sequence[str],
) -> Mapping[str, Any]:
    return {
        "format": file.format,
        "content": file.digest,
        "dated_by": file.dated_by,
        "originals": [{"name": x.name, "sha256": x.sha256, "size": x.size} for x in originals],
        "source": offer.source[:LONGEST],
        "taken_at": now.isoformat(timespec="seconds"),
        "rows": file.rows,
        "counts": dict(sorted(file.counts.items())),
        "notes": list(file.notes),
        "silent": sorted(file.silent),
        "compared_with": last.key if last else None,
        "doubts": list(found),
        "confirmed": offer.confirmed.strip()[:LONGEST] if found else "",
    }
