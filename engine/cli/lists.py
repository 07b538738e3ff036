"""`lists`: official lists taken as dated snapshots, fetched, compared, and asked what they said on a day."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from carveout.engine import __version__
from carveout.engine.cli.changes import acting
from carveout.engine.cli.list_views import (
    show_answers,
    show_comparison,
    show_offer,
    show_status,
    show_taken,
    show_visited,
)
from carveout.engine.cli.look import BAD_INPUT, FAULT, PROCEED, REVIEW, console, errors, refuse
from carveout.engine.cli.reading import settings
from carveout.engine.cli.store_keeping import open_store, person
from carveout.engine.parties.lists.guard import ListRefused
from carveout.engine.parties.snapshots.asking import find, listed_on
from carveout.engine.parties.snapshots.comparison import comparable, compare
from carveout.engine.parties.snapshots.model import Snapshot, SnapshotsError
from carveout.engine.parties.snapshots.publications import Publications, PublicationsError, read_publications
from carveout.engine.parties.snapshots.status import status
from carveout.engine.parties.snapshots.store import Snapshots
from carveout.engine.parties.snapshots.view import View

if TYPE_CHECKING:
    from carveout.engine.parties.snapshots.taking import Taken
    from carveout.engine.records.list_offers import ListOffers
    from carveout.engine.records.store import Store

lists = typer.Typer(no_args_is_help=True, help="Official lists as dated snapshots: take, fetch, compare, ask them.")
JsonOption = Annotated[bool, typer.Option("--json", help="As JSON, for other programs.")]
OfferArgument = Annotated[str, typer.Argument(metavar="ID", help="Of what was offered (carveout lists offers).")]
UNREACHED = 3
"""Exit status: an authority could not be reached, or what it sent was no list."""


@lists.command("import")
def import_lists(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The files of one list, packed or not.")],
    published: Annotated[
        str | None, typer.Option(metavar="DAY", help="When it was published, if the file does not say.")
    ] = None,
    source: Annotated[str, typer.Option(metavar="TEXT", help="Where it came from; kept with it.")] = "",
    confirm: Annotated[
        str, typer.Option(metavar="REASON", help="Take it although it seems implausible; the reason is kept.")
    ] = "",
) -> None:
    """Take the files of one list. Exit status: 0 taken or held already, 10 not believed until confirmed, 2 refused.

    Once people are entered, a list that is not believed waits for a second person (lists confirm), whatever the reason.
    """
    from carveout.engine.parties.snapshots.plausibility import Implausible
    from carveout.engine.parties.snapshots.taking import Offer  # brings all readers along
    from carveout.engine.records.list_offers import ListOffer, ListOffers
    from carveout.engine.records.people import People
    from carveout.engine.records.proposals import ChangeFault

    day = _day("--published", published)
    with _state() as (store, known), open_store() as records:
        try:
            offer = Offer(files, source=source or ", ".join(x.name for x in files), published=day, confirmed=confirm)
            by = acting() if People(records).anybody() else person()
            taken = ListOffers(records, store, known).receive(offer, by)
            if isinstance(taken, ListOffer):
                show_offer(taken, console())
                refuse([f"not taken: another person confirms it (carveout lists confirm {taken.proposal.id})"], REVIEW)
            noted(records, taken)
            show_taken(taken, console())
        except ChangeFault as fault:
            refuse([f"it is not believed, and nothing was taken: {fault}"], FAULT)
        except Implausible as error:
            refuse([*error.doubts, "nothing was taken; if it is right, say why: --confirm REASON"], REVIEW)
        except ListRefused as error:
            refuse([str(error)])


@lists.command("offers")
def offered_lists(as_json: JsonOption = False) -> None:
    """List what was offered and not believed, newest first, with what became of it."""
    with _offers() as (offers, _):
        found = offers.all()
    if as_json:
        typer.echo(json.dumps([one.data() for one in found], ensure_ascii=False, indent=2).encode("utf-8", "replace"))
        return
    for one in found:
        show_offer(one, console())
    if not found:
        errors().print("Nothing was offered that was not believed.", style="dim")


@lists.command("confirm")
def confirm_list(id: OfferArgument) -> None:
    """Confirm a list that is not believed, as another person with the role approver: it is in force from now on."""
    with _offers() as (offers, records):
        _, taken = offers.confirm(id, acting())
        noted(records, taken)
        show_taken(taken, console())


@lists.command("decline")
def decline_list(
    id: OfferArgument, reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")] = ""
) -> None:
    """Have a list that is not believed stay out."""
    with _offers() as (offers, _):
        show_offer(offers.decline(id, acting(), reason), console())


@contextmanager
def _offers() -> Iterator[tuple[ListOffers, Store]]:
    from carveout.engine.records.list_offers import ListOffers
    from carveout.engine.records.proposals import ChangeFault

    with _state() as (store, known), open_store() as records:
        try:
            yield ListOffers(records, store, known), records
        except (ChangeFault, ListRefused) as fault:
            refuse([str(fault)], FAULT)


@lists.command("fetch")
def fetch_lists(
    names: Annotated[list[str] | None, typer.Argument(metavar="[LIST]...", help="Publications (else all).")] = None,
    only_due: Annotated[bool, typer.Option("--due", help="Only those whose time has come.")] = False,
    every: Annotated[
        float | None, typer.Option(metavar="HOURS", min=0.01, max=8_760, help="Again and again, until interrupted.")
    ] = None,
) -> None:
    """Fetch lists from their authorities. Exit status: 0, 10 something is not believed, 3 not reached or no list."""
    from carveout.engine.parties.snapshots.download import Manners  # httpx takes a while to load
    from carveout.engine.parties.snapshots.fetching import due, fetch

    manners = Manners(agent=f"carveout/{__version__}")
    while True:
        worst = PROCEED
        with _state() as (store, known), open_store() as records:
            wanted = names or [name for name, about in known.of.items() if about.addresses]
            if unknown := [name for name in wanted if name not in known.of]:
                refuse([f"unknown publication `{x}` (known: {', '.join(known.of)})" for x in unknown])
            if only_due:
                time_has_come = set(due(store, known, datetime.now(UTC)))
                wanted = [name for name in wanted if name in time_has_come]
            for visited in fetch(store, known, wanted, manners=manners):
                if visited.taken is not None and visited.taken.new:
                    noted(records, visited.taken)
                show_visited(visited, console())
                worst = _worse(worst, visited.outcome)
        if every is None:
            raise typer.Exit(worst)
        time.sleep(every * 3_600)


def noted(records: Store, taken: Taken) -> None:
    """Tell the audit chain of a list that was taken."""
    from carveout.engine.records.imports import entry_of_list
    from carveout.engine.records.writes import Write

    records.journal.write(Write(entries=[entry_of_list(taken, person())]))


def _worse(worst: int, outcome: str) -> int:
    status_of = {"implausible": REVIEW, "failed": UNREACHED, "refused": UNREACHED}
    return worst if REVIEW in (worst, found := status_of.get(outcome, PROCEED)) and worst else found or worst


@lists.command("status")
def status_of_lists(as_json: JsonOption = False) -> None:
    """Say what is held and how old it is. Exit status: 0, or 10 if a list is older than its limit or none is held."""
    with _state() as (store, known), store.reading() as view:
        found = list(status(view, known, datetime.now(UTC)))
    show_status(found, console(), as_json=as_json)
    bad = any(x.state == "stale" for x in found) or all(x.newest is None for x in found)
    raise typer.Exit(REVIEW if bad else PROCEED)


@lists.command("compare")
def compare_lists(
    before: Annotated[str, typer.Argument(metavar="A", help="A snapshot: its key, or PUBLICATION@DAY.")],
    after: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    as_json: JsonOption = False,
    everything: Annotated[bool, typer.Option("--all", help="Every entry, not the first of each kind.")] = False,
) -> None:
    """Compare two snapshots: added, removed, renamed, changed. Exit status: 0, or 2 if there is no such snapshot."""
    with _state() as (store, _), store.reading() as view:
        one, other = _snapshot(view, before), _snapshot(view, after)
        names = comparable((one.format, one.silent), (other.format, other.silent))
        found = compare(view.entries(one), view.entries(other), names)
    show_comparison(one, other, found, console(), as_json=as_json, everything=everything)


@lists.command("show")
def show_entry(
    text: Annotated[str, typer.Argument(metavar="UID|NAME", help="An entry's number, or its exact name.")],
    on: Annotated[str | None, typer.Option("--on", metavar="DAY", help="Was it listed on that day?")] = None,
    until: Annotated[
        str | None, typer.Option("--known", metavar="DAY", help="By what was published by the end of that day.")
    ] = None,
    name: Annotated[str | None, typer.Option("--list", metavar="LIST", help="On that list only.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show an entry through time, or whether it was listed on a day. Exit status: 0, or 2 if nothing is found."""
    day, known_by = _day("--on", on), _day("--known", until)
    with _state() as (store, known), store.reading() as view:
        entries = find(view, text, [name] if name else None)
        answers = listed_on(view, known, entries, day or known_by or date.today(), known_by)
    if not answers:
        refuse([f"no snapshot has an entry with the number or the exact name `{text}`: that does not clear anybody"])
    show_answers(answers, day, known_by, console(), as_json=as_json)


@contextmanager
def _state() -> Iterator[tuple[Snapshots, Publications]]:
    folder = settings().lists
    try:
        yield Snapshots(folder), read_publications(folder)
    except (SnapshotsError, PublicationsError) as error:
        refuse([str(error)], FAULT)


def _snapshot(view: View, text: str) -> Snapshot:
    held = view.snapshots()
    publication, at, day = text.partition("@")
    found = [x for x in held if x.publication == publication and str(x.published) == day] if at else []
    found = found or [x for x in held if len(text) >= 4 and x.key.startswith(text)]
    if not found:
        refuse([f"no snapshot `{text}`: write its key or PUBLICATION@DAY (`carveout lists status --json` says them)"])
    if len(found) > 1 and not at:
        refuse([f"`{text}` begins the keys of several snapshots: {', '.join(x.key for x in found[:5])}"], BAD_INPUT)
    return found[-1]


def _day(option: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        refuse([f"{option}: `{text}` is not a date (write YYYY-MM-DD)"])
