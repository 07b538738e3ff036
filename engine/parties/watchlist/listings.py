"""What snapshots say of a subject as listings: law that speaks from a snapshot's day to the next one's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from carveout.engine.law.clocks import ALWAYS, NEVER, Boundary, Effective, day_start, zone_named
from carveout.engine.law.norms import Authority, Citation, Listing, Unresolved
from carveout.engine.parties.lists.entry import ListEntry
from carveout.engine.parties.snapshots.statuses import Naming
from carveout.engine.parties.watchlist.history import Edition, Editions, History, Spell

_DAY = timedelta(days=1)
_UTC = zone_named("UTC")


class Lists:
    """The lists that a rule set knows, and whose they are."""

    def __init__(self, authorities: Mapping[str, Authority]) -> None:
        self.authorities = authorities
        self._held = {name: authority for authority in authorities.values() for name in authority.lists}
        self._naming = Naming(authorities)

    def statuses(self, entry: ListEntry) -> tuple[str, ...]:
        """The statuses that an entry gives, as norms speak of them; what no norm can know as the file has it."""
        given = self._naming.given(entry)
        return (*given.statuses, *given.unheld)

    def authority(self, name: str) -> str:
        """Whose list it is: as the rule set says, else as its name begins; empty where nobody's."""
        if name in self._held:
            return self._held[name].id
        parts = name.split(".")
        heads = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((head for head in heads if head in self.authorities), "")

    def zone(self, name: str) -> ZoneInfo:
        """The clock by which its days begin."""
        authority = self.authorities.get(self.authority(name))
        return authority.zone if authority is not None else _UTC

    def title(self, name: str) -> str:
        """The list in words."""
        return self._held[name].lists[name].title if name in self._held else name

    def published(self, name: str) -> set[str]:
        """The lists whose snapshots speak of a list of the norms, by the names under which they are published."""
        held = self._held[name].lists[name].official if name in self._held else ()
        return {status.split("/")[0] for row in held for status in row.statuses} or {name}


def listings_of(
    subject: str, history: History, editions: Editions, lists: Lists, norms: Sequence[Listing] = ()
) -> Iterator[Listing]:
    """The listings that the snapshots of one list give a subject.

    `norms` are the subject's listings by their instruments. A status that one of them gives is left to it.
    """
    decided = {status for norm in norms for status in norm.statuses}
    zone = lists.zone(history.list)
    for status, spell in history.under(lists.statuses):
        if status in decided:
            continue
        name, entry, since = status.split("/")[0], spell.entry, spell.since
        first = editions.first(history.list) == since
        before = None if first else editions.before(history.list, since)
        questions = (
            *_since_when(entry, since, first, zone, lists),
            *_run_out(entry, since, zone, lists),
            *_disputed(spell, zone, lists),
        )
        yield Listing(
            id=f"{history.id}@{since}",
            title=f"{lists.title(name)}: {entry.names[0].name} ({', '.join(entry.programmes)})",
            authority=lists.authority(name),
            citations=(_citation(entry, editions.on(history.list, since), since, lists),),
            effective=Effective(_begins(entry, since, before, first, zone), _ends(spell.until, zone)),
            checked=since.isoformat(),
            unresolved=questions,
            list=name,
            statuses=(status,),
            subject=subject,
            number=history.uid,
        )


def _citation(entry: ListEntry, edition: Edition | None, since: date, lists: Lists) -> Citation:
    published = edition.published if edition is not None else since
    return Citation(
        instrument=f"{lists.title(entry.list)}, snapshot of {published}",
        paragraph=f"entry {entry.uid}",
        published=published.isoformat(),
        source=edition.cited if edition is not None else "",
        sure="primary",
    )


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


def _disputed(spell: Spell, zone: ZoneInfo, lists: Lists) -> Iterator[Unresolved]:
    if spell.disputed:
        entry, start = spell.entry, day_start(spell.since, zone)
        yield Unresolved(
            question=f"From {spell.since} the copies kept of {lists.title(entry.list)} disagree about "
            f"{entry.names[0].name} ({', '.join(entry.programmes)}): is it listed?",
            readings=("listed, as one copy says", "not so listed, as the other says"),
            sources=(f"{entry.list} {entry.uid}",),
            begins=Boundary(start, start, start),
        )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
