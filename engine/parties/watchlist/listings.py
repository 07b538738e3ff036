"""What snapshots say of a subject as listings: law that speaks from a snapshot's day to the next one's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from carveout.engine.law.clocks import ALWAYS, FOREVER, NEVER, Boundary, Effective, day_start, zone_named
from carveout.engine.law.norms import Authority, Citation, Listing, ListOf, Unresolved
from carveout.engine.law.truth import FALSE, TRUE
from carveout.engine.parties.lists.entry import ListEntry
from carveout.engine.parties.watchlist.history import Edition, Editions, History

_DAY = timedelta(days=1)
_UTC = zone_named("UTC")


class Lists:
    """The lists that a rule set knows, by the names under which they are published."""

    def __init__(self, authorities: Mapping[str, Authority]) -> None:
        self.authority_of: dict[str, Authority] = {}
        self.titles: dict[str, str] = {}
        self.renamed: dict[str, str] = {}
        for authority in authorities.values():
            for name, held in authority.lists.items():
                self.authority_of[name] = authority
                self.titles[name] = held.title
                self.renamed.update((published, _as_held(published, held)) for published in held.published_as)
        self.authorities = authorities

    def published(self, status: str) -> set[str]:
        """The lists whose snapshots speak of a status, by the names under which they are published."""
        name = status.split("/")[0]
        return {name, *(p.split("/")[0] for p, held in self.renamed.items() if held.split("/")[0] == name)}

    def status(self, published: str) -> str:
        """The status that norms speak of, for one that a snapshot gives."""
        if published in self.renamed:
            return self.renamed[published]
        name, _, programme = published.partition("/")
        return f"{self.renamed.get(name, name)}/{programme}"

    def authority(self, name: str) -> str:
        """Whose list it is: as the rule set says, else as its name begins; empty where nobody's."""
        if name in self.authority_of:
            return self.authority_of[name].id
        parts = name.split(".")
        heads = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((head for head in heads if head in self.authorities), "")

    def zone(self, name: str) -> ZoneInfo:
        """The clock by which its days begin."""
        authority = self.authorities.get(self.authority(name))
        return authority.zone if authority is not None else _UTC

    def title(self, name: str) -> str:
        """The list in words."""
        return self.titles.get(name, name)


def _as_held(published: str, held: ListOf) -> str:
    """A whole list is held under another name; a status of it under its own programme, or the list's first."""
    programme = published.partition("/")[2]
    if not programme:
        return held.id
    return f"{held.id}/{programme}" if programme in held.programmes else f"{held.id}/{held.programmes[0]}"


def listings_of(
    subject: str, history: History, editions: Editions, lists: Lists, norms: Sequence[Listing] = ()
) -> Iterator[Listing]:
    """The listings that the snapshots of one list give a subject.

    `norms` are the subject's listings by their instruments. A status that one of them gives is left to it.
    """
    decided = {status for norm in norms for status in norm.statuses}
    zone = lists.zone(history.list)
    for published, since, until, entry in history.programme_spells():
        status = lists.status(published)
        if status in decided:
            continue
        edition = editions.on(history.list, since)
        first = editions.first(history.list) == since
        before = None if first else _before(editions.of(history.list), since)
        yield Listing(
            id=f"{history.id}@{since}",
            title=f"{lists.title(status.split('/')[0])}: {entry.names[0].name}",
            authority=lists.authority(status.split("/")[0]),
            citations=(_citation(entry, edition, since, lists),),
            effective=Effective(_begins(entry, since, before, first, zone), _ends(until, zone)),
            checked=since.isoformat(),
            unresolved=(*_since_when(entry, since, first, zone, lists), *_run_out(entry, since, zone, lists)),
            list=status.split("/")[0],
            statuses=(status,),
            subject=subject,
            number=history.uid,
        )


def agreed(
    norms: Sequence[Listing], histories: Iterable[History], editions: Editions, lists: Lists
) -> tuple[Listing, ...]:
    """A subject's listings by instrument, UNKNOWN where a snapshot younger than the instrument says otherwise."""
    found = list(histories)
    result = []
    for norm in norms:
        questions: list[Unresolved] = []
        for status in norm.statuses:
            held = [other for other in norms if status in other.statuses]
            questions += _disagreements(norm, status, held, found, editions, lists)
        result.append(replace(norm, unresolved=(*norm.unresolved, *questions)) if questions else norm)
    return tuple(result)


def _disagreements(
    norm: Listing,
    status: str,
    held: Sequence[Listing],
    histories: Sequence[History],
    editions: Editions,
    lists: Lists,
) -> Iterator[Unresolved]:
    """Snapshots of the list that were published after the last change by instrument and say otherwise."""
    by_list: dict[str, list[History]] = {}
    for history in histories:
        if any(lists.status(p) == status for p, *_ in history.programme_spells()):
            by_list.setdefault(history.list, []).append(history)
    for name in sorted(lists.published(status) | set(by_list)):
        zone = lists.zone(name)
        days = editions.of(name)
        for i, edition in enumerate(days):
            at = day_start(edition.published, zone)
            changes = sorted({edge for other in held for edge in other.effective.edges()})
            if not any(edge <= at for edge in changes):
                continue  # no instrument yet: the snapshot is older than the first one
            by_norm = max(other.effective.in_force(at) for other in held)
            by_list_ = any(_has(h, status, edition.published, lists) for h in by_list.get(name, ()))
            if by_norm not in (TRUE, FALSE) or (by_norm == TRUE) == by_list_:
                continue
            till = day_start(days[i + 1].published, zone) if i + 1 < len(days) else FOREVER
            till = min([till, *(edge for edge in changes if edge > at)])
            yield _disagreement(norm, status, edition, by_list_, (at, till), lists)


def _has(history: History, status: str, day: date, lists: Lists) -> bool:
    return any(
        lists.status(published) == status and since <= day and (until is None or day < until)
        for published, since, until, _ in history.programme_spells()
    )


def _disagreement(
    norm: Listing, status: str, edition: Edition, on_it: bool, span: tuple[int, int], lists: Lists
) -> Unresolved:
    snapshot = f"the snapshot of {edition.published} of {lists.title(status.split('/')[0])}"
    by_instrument = f"{norm.id} ({norm.citations[0]})"
    if on_it:
        question = f"{snapshot} still has it under {status}, which ended by {by_instrument}: is it listed?"
    else:
        question = f"{snapshot} does not have it under {status}, as it is by {by_instrument}: is it still listed?"
    return Unresolved(
        question=question[0].upper() + question[1:],
        readings=(f"listed, as {'the snapshot' if on_it else 'the instrument'} says", "not listed"),
        sources=(f"snapshot {edition.digest[:12]}", str(norm.citations[0])),
        begins=Boundary(span[0], span[0], span[0]),
        ends=NEVER if span[1] == FOREVER else Boundary(span[1], span[1], span[1]),
        lifts=on_it,
    )


def _citation(entry: ListEntry, edition: Edition | None, since: date, lists: Lists) -> Citation:
    published = edition.published if edition is not None else since
    return Citation(
        instrument=f"{lists.title(entry.list)}, snapshot of {published}",
        paragraph=f"entry {entry.uid}",
        published=published.isoformat(),
        source=f"snapshot {edition.digest[:12]}" if edition is not None else "",
        sure="primary",
    )


def _before(editions: Sequence[Edition], since: date) -> date | None:
    return next((edition.published for edition in reversed(editions) if edition.published < since), None)


def _begins(entry: ListEntry, since: date, before: date | None, first: bool, zone: ZoneInfo) -> Boundary:
    """From the day the entry says it was listed on; UNKNOWN while an older snapshot did not have it yet."""
    seen = day_start(since, zone)
    said = _day(entry.listed_on)
    if said is None or said >= since:
        return Boundary(seen, seen, seen)
    sure = said if first or (before is not None and before < said) else since
    return Boundary(day_start(said, zone), day_start(sure, zone), seen)


def _ends(until: date | None, zone: ZoneInfo) -> Boundary:
    """Gone at some hour of the day on which a snapshot first lacks it."""
    if until is None:
        return NEVER
    start = day_start(until, zone)
    return Boundary(start, day_start(until + _DAY, zone), start)


def _since_when(entry: ListEntry, since: date, first: bool, zone: ZoneInfo, lists: Lists) -> Iterator[Unresolved]:
    if first and _day(entry.listed_on) is None:
        start = day_start(since, zone)
        yield Unresolved(
            question=f"The oldest snapshot kept of {lists.title(entry.list)} is of {since} and has "
            f"{entry.names[0].name} on it, without the day of its listing: was it listed before?",
            readings=("listed already", "not listed yet"),
            sources=(f"{entry.list} {entry.uid}",),
            begins=ALWAYS,
            ends=Boundary(start, start, start),
            lifts=True,
        )


def _run_out(entry: ListEntry, since: date, zone: ZoneInfo, lists: Lists) -> Iterator[Unresolved]:
    if (last := _day(entry.ends_on)) is not None:
        over = day_start(max(last + _DAY, since), zone)
        yield Unresolved(
            question=f"{lists.title(entry.list)} of {since} has {entry.names[0].name} with an end on {last}: "
            "was it renewed?",
            readings=("it ended on that day", "it was renewed, or the list is right to have it still"),
            sources=(f"{entry.list} {entry.uid}",),
            begins=Boundary(over, over, over),
        )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
