"""The statuses of one recorded subject through time, and why it has them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from carveout.engine.law.norms import Listing, Ownership, Unresolved
from carveout.engine.law.ruleset import OTHER
from carveout.engine.law.truth import FALSE, TRUE, UNKNOWN


class Source(NamedTuple):
    """Why a thing has a status."""

    status: str
    truth: int
    listing: Listing | None
    path: tuple[str, ...] = ()
    open_questions: tuple[Unresolved, ...] = ()
    ownership: Ownership | None = None


def listed_at(listing: Listing, moment: int) -> tuple[int, tuple[Unresolved, ...]]:
    """Whether a listing gives its status at a moment, and the open questions that bear on it."""
    truth = listing.effective.in_force(moment)
    if not listing.unresolved:
        return truth, ()
    open_questions = tuple(u for u in listing.unresolved if u.bears(moment))
    for unresolved in open_questions:
        if truth == TRUE or (unresolved.lifts and truth == FALSE):
            truth = UNKNOWN
    return truth, open_questions


def statuses_from(
    found: Sequence[Source], asked: frozenset[str], known: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Truth by status: under its programme, under its list, and as `other` where no norm asks for the programme.

    That some norm asks for the list as a whole makes no difference: another may ask for what is left of it.
    """
    result: dict[str, int] = dict(known or {})
    for source in found:
        status, truth = source.status, source.truth
        name = status.split("/")[0]
        if status == name or status not in asked:
            result[f"{name}/{OTHER}"] = max(result.get(f"{name}/{OTHER}", FALSE), truth)
        result[status] = max(result.get(status, FALSE), truth)
        result[name] = max(result.get(name, FALSE), truth)
    return result


class Stretch(NamedTuple):
    """A time in which the listings of a subject stay the same."""

    sources: list[Source]
    statuses: dict[str, int]
    reasons: dict[str, list[dict[str, Any]]]
    """By status: why the subject has it, as a decision says it."""


class Timeline:
    """The statuses of one recorded subject through time: constant between the edges of its listings."""

    __slots__ = ("asked", "covered", "edges", "ended", "known", "listings")

    def __init__(self, listings: Sequence[Listing], asked: frozenset[str]) -> None:
        self.listings, self.asked = listings, asked
        self.covered: bool | None = None
        edges = {edge for listing in listings for edge in listing.effective.edges()}
        edges |= {e for n in listings for q in n.unresolved for b in (q.begins, q.ends) for e in (b.after, b.by)}
        self.edges = sorted(edges)
        self.known: dict[int, Stretch] = {}
        self.ended: dict[int, tuple[Listing, ...]] = {}

    def fill(self) -> None:
        """Work out every stretch now, so that the first act to meet the subject costs no more than the next."""
        for moment in (*(edge - 1 for edge in self.edges[:1]), *self.edges):
            self.at(moment)
            self.over(moment)

    def over(self, moment: int) -> tuple[Listing, ...]:
        """The listings that had ended by a moment: why a name everybody knows from a list does not block."""
        stretch = bisect_right(self.edges, moment)
        found = self.ended.get(stretch)
        if found is None:
            over = (n for n in self.listings if n.effective.ends.by <= moment)
            found = tuple(n for n in over if listed_at(n, moment)[0] == FALSE)
            found = self.ended[stretch] = tuple(n for n in found if not any(m for m in self._still(n, moment)))
        return found

    def _still(self, ended: Listing, moment: int) -> list[Listing]:
        return [n for n in self.listings if n.list == ended.list and n.effective.in_force(moment)]

    def all_covered(self, covered: Callable[[str], bool]) -> bool:
        """Does some prohibition ask for every status that the subject can ever have?"""
        if self.covered is None:
            self.covered = all(covered(status) for listing in self.listings for status in listing.statuses)
        return self.covered

    def at(self, moment: int) -> Stretch:
        """The sources and the statuses at a moment; not to be changed by the caller."""
        stretch = bisect_right(self.edges, moment)
        known = self.known.get(stretch)
        if known is None:
            found: list[Source] = []
            for listing in self.listings:
                truth, open_questions = listed_at(listing, moment)
                if truth:
                    found += [Source(status, truth, listing, (), open_questions) for status in listing.statuses]
            known = self.known[stretch] = Stretch(found, statuses_from(found, self.asked), {})
        return known
