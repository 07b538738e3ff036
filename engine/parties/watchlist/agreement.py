"""Listings by instrument beside the snapshots: the instrument decides, until a younger snapshot says otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from carveout.engine.law.clocks import FOREVER, NEVER, Boundary, day_start
from carveout.engine.law.norms import Listing, Unresolved
from carveout.engine.law.truth import FALSE, TRUE
from carveout.engine.parties.watchlist.history import Edition, Editions, History
from carveout.engine.parties.watchlist.listings import Lists


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
    changes = sorted({edge for other in held for edge in other.effective.edges()})
    # A list that has its parties under another name may hold only some of them: where it never had this one, its
    # silence says nothing.
    had = {h.list for h in histories if any(s == status for s, _ in h.under(lists.statuses))}
    own = status.split("/")[0]
    for name in sorted(had | ({own} & lists.published(own))):
        zone = lists.zone(name)
        days = editions.of(name)
        for i, edition in enumerate(days):
            at = day_start(edition.published, zone)
            if not any(edge <= at for edge in changes):
                continue  # no instrument yet: the snapshot is older than the first one
            by_norm = max(other.effective.in_force(at) for other in held)
            on_it = any(h.list == name and _has(h, status, edition.published, lists) for h in histories)
            if by_norm not in (TRUE, FALSE) or (by_norm == TRUE) == on_it:
                continue
            till = day_start(days[i + 1].published, zone) if i + 1 < len(days) else FOREVER
            till = min([till, *(edge for edge in changes if edge > at)])
            yield _disagreement(norm, status, edition, on_it, (at, till), lists)


def _has(history: History, status: str, day: date, lists: Lists) -> bool:
    return any(
        given == status and spell.since <= day and (spell.until is None or day < spell.until)
        for given, spell in history.under(lists.statuses)
    )


def _disagreement(
    norm: Listing, status: str, edition: Edition, on_it: bool, span: tuple[int, int], lists: Lists
) -> Unresolved:
    snapshot = f"The snapshot of {edition.published} of {lists.title(status.split('/')[0])}"
    by_instrument = f"{norm.id} ({norm.citations[0]})"
    if on_it:
        question = f"{snapshot} still has it under {status}, which ended by {by_instrument}: is it listed?"
    else:
        question = f"{snapshot} does not have it under {status}, as it is by {by_instrument}: is it still listed?"
    return Unresolved(
        question=question,
        readings=("listed", "not listed"),
        sources=(edition.cited, str(norm.citations[0])),
        begins=Boundary(span[0], span[0], span[0]),
        ends=NEVER if span[1] == FOREVER else Boundary(span[1], span[1], span[1]),
        lifts=on_it,
    )
