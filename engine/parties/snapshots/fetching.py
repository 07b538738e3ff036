"""Publications are fetched from the addresses that are known of them, and taken as snapshots."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import httpx2

from carveout.engine.parties.lists.guard import ListRefused
from carveout.engine.parties.snapshots.download import Fetched, FetchError, Manners, client, download
from carveout.engine.parties.snapshots.model import SnapshotsError
from carveout.engine.parties.snapshots.plausibility import Implausible
from carveout.engine.parties.snapshots.publications import Publication, Publications
from carveout.engine.parties.snapshots.store import Snapshots
from carveout.engine.parties.snapshots.taking import Offer, Taken, take

REFUSED = "refused"
"""The folder of files that were fetched and are not believed, for a person to look at and to import."""
MANNERS = Manners()


@dataclass(frozen=True, slots=True)
class Visited:
    """What came of looking at a publication."""

    publication: str
    outcome: Literal["taken", "unchanged", "refused", "implausible", "failed"]
    detail: str
    taken: Taken | None = None
    kept: tuple[Path, ...] = ()  # of what is implausible: the files, to be imported when somebody has looked


def due(store: Snapshots, known: Publications, now: datetime) -> list[str]:
    """The publications with an address at which nobody has looked for as long as their `every` says; `now` in UTC.

    One whose last visit failed or was refused is due at once.
    """
    found = []
    with store.reading() as view:
        for name, about in known.of.items():
            last = next(iter(view.visits(name, 1)), None)
            well = last is not None and last.outcome in ("taken", "unchanged") and last.current
            if about.addresses and not (well and last is not None and now - last.at < about.every):
                found.append(name)
    return found


def fetch(
    store: Snapshots,
    known: Publications,
    names: Iterable[str],
    *,
    manners: Manners = MANNERS,
    using: httpx2.Client | None = None,
) -> Iterator[Visited]:
    """Look at publications one after the other; what goes wrong with one leaves the others and what is held alone.

    Raises SnapshotsError where the snapshots cannot be kept.
    """
    with using or client(manners) as open_client:
        for name in names:
            yield _visit(store, known, name, open_client, manners)


def _visit(store: Snapshots, known: Publications, name: str, using: httpx2.Client, manners: Manners) -> Visited:
    about = known.get(name)
    if not about.addresses:
        return Visited(
            name, "failed", "no address is known of it: import its file by hand, or name one (docs/lists.md)"
        )
    now = datetime.now(UTC)
    try:
        store.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=store.folder, prefix=".fetching-") as place:
            return _looked(store, known, name, about, using, manners, Path(place), now)
    except FetchError as error:
        return _noted(store, Visited(name, "failed", str(error)), now)
    except OSError as error:
        raise SnapshotsError(f"{store.folder}: {error.strerror or error} (set CARVEOUT_HOME)") from None


def _looked(
    store: Snapshots,
    known: Publications,
    name: str,
    about: Publication,
    using: httpx2.Client,
    manners: Manners,
    place: Path,
    now: datetime,
) -> Visited:
    files = _files(store, name, about, using, manners, place)
    if files is None:
        with store.writing() as change:
            change.visit(name, now, "unchanged", "the server says so", current=True)
        return Visited(name, "unchanged", "the server says that nothing changed")
    paths = [x.path for x in files if x.path is not None]
    days = [day for x in files if (day := x.day(about.zone))]
    offer = Offer(
        paths,
        source=", ".join(about.addresses),
        otherwise=max(days) if days else now.astimezone(about.zone).date(),
        names=[_called(x) for x in about.addresses],
        expected=name,
        current=True,
    )
    try:
        taken = take(store, known, offer, now=now)
    except Implausible as error:
        kept = _set_aside(store, name, paths)
        return _noted(store, Visited(name, "implausible", str(error), kept=kept), now)
    except ListRefused as error:
        return _noted(store, Visited(name, "refused", str(error)), now)
    with store.writing() as change:  # only now: a file that was refused must be fetched again
        for address, file in zip(about.addresses, files, strict=True):
            change.validate(address, file.etag, file.modified)
    outcome: Literal["taken", "unchanged"] = "taken" if taken.new else "unchanged"
    return Visited(name, outcome, f"of {taken.snapshot.published}", taken)


def _files(
    store: Snapshots, name: str, about: Publication, using: httpx2.Client, manners: Manners, place: Path
) -> list[Fetched] | None:
    """The files of a publication; None if the server knows that all of them are as they were."""
    with store.reading() as view:
        held = bool(view.snapshots(name))
        known = [view.validators(address) if held else ("", "") for address in about.addresses]
    ask = all(any(x) for x in known)
    found = [
        download(
            using,
            address,
            place / f"{number}-{_called(address)}",
            _headers(manners, *known[number] if ask else ("", "")),
            manners,
        )
        for number, address in enumerate(about.addresses)
    ]
    if all(x.path is None for x in found):
        if not ask:
            raise FetchError(f"{about.addresses[0]}: answered 304 although nothing was held")
        return None
    return [  # one of several changed: they belong together, so all are fetched
        x
        if x.path is not None
        else download(using, address, place / f"{number}-{_called(address)}", _headers(manners, "", ""), manners)
        for number, (x, address) in enumerate(zip(found, about.addresses, strict=True))
    ]


def _headers(manners: Manners, etag: str, modified: str) -> dict[str, str]:
    headers = {"user-agent": manners.agent, "accept": "*/*"}
    if etag:
        headers["if-none-match"] = etag
    if modified:
        headers["if-modified-since"] = modified
    return headers


def _called(address: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "_", urlsplit(address).path.rsplit("/", 1)[-1])[-80:] or "list"


def _set_aside(store: Snapshots, name: str, paths: Iterable[Path]) -> tuple[Path, ...]:
    """Keep the last implausible files of a publication where a person can look at them."""
    folder = store.folder / REFUSED / name
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    return tuple(path.replace(folder / path.name) for path in paths)


def _noted(store: Snapshots, visited: Visited, now: datetime) -> Visited:
    with store.writing() as change:
        change.visit(visited.publication, now, visited.outcome, visited.detail)
    return visited
