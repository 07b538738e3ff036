"""Everybody who is recorded: the subjects of the rule set, and the entries of official lists, as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from carveout.engine.law.clocks import date_in, day_start
from carveout.engine.law.norms import Listing, Name, Subject
from carveout.engine.law.ruleset import OTHER, RuleSet
from carveout.engine.parties.screening import BESIDE_THE_SAME, MOST_NEARBY, Candidate, Screener, list_of
from carveout.engine.parties.watchlist.agreement import agreed
from carveout.engine.parties.watchlist.history import Edition, Editions, History
from carveout.engine.parties.watchlist.listings import Lists, listings_of
from carveout.engine.parties.watchlist.watchlist import Watchlist

_STRONG = frozenset({"imo", "lei", "registration", "serial", "bic"})
"""Identifiers that are nobody else's, whoever issued them."""


class Subjects(Mapping[str, Subject]):
    """Subjects by id: those of the rule set as they are, entries of lists as `LIST:UID`, looked up when asked for.

    An entry that is a subject of the rule set is that subject, and no other.
    """

    def __init__(
        self,
        rules: RuleSet,
        screener: Screener,
        watchlist: Watchlist | None = None,
        known: int | None = None,
        same: dict[str, str] | None = None,
    ) -> None:
        """`known`: a moment; what snapshots published later say is left out. `same`: see `known_at`."""
        self.rules, self.screener, self.watchlist, self.known = rules, screener, watchlist, known
        self.lists = Lists(rules.authorities)
        self._listings: dict[str, tuple[Listing, ...]] = {}
        self._entries: dict[str, Subject] = {}
        self._may_be: dict[tuple[str, frozenset[str] | None], frozenset[str]] = {}
        self._same = same if same is not None else self._linked() if watchlist is not None else {}
        self._entries_of: dict[str, list[str]] = {}
        for entry, subject in self._same.items():
            self._entries_of.setdefault(subject, []).append(entry)
        self.editions = self._editions()
        self._limits: list[tuple[int, str, Edition]] | None = None

    def known_at(self, rules: RuleSet, moment: int) -> Subjects:
        """The same as it was public at a moment, under that rule set."""
        return Subjects(rules, self.screener, self.watchlist, moment, self._same)

    # ---- a mapping of subjects

    def __getitem__(self, id: str) -> Subject:
        found = self.rules.subjects.get(id) or self._entries.get(id)
        if found is None:
            found = self._entries[id] = self._subject(self._history(id))
        return found

    def __contains__(self, id: object) -> bool:
        return id in self.rules.subjects or (
            isinstance(id, str) and self.watchlist is not None and self.watchlist.number_of(id) is not None
        )

    def __iter__(self) -> Iterator[str]:
        """The subjects of the rule set; the entries of lists are too many to go through."""
        return iter(self.rules.subjects)

    def __len__(self) -> int:
        return len(self.rules.subjects)

    def list_of(self, id: str) -> str:
        """The list that a subject was found on; empty for one of the rule set."""
        return "" if id in self.rules.subjects else self._history(id).list

    def shown_as(self, id: str) -> str:
        """The subject that screening shows for an entry of a list: itself, or whom of the rule set it is."""
        return self._same.get(id, id)

    @property
    def watched(self) -> bool:
        """Is there a watchlist beside the rule set?"""
        return self.watchlist is not None

    @property
    def fingerprint(self) -> str | None:
        """Of the snapshots behind it; none without."""
        return None if self.watchlist is None else self.watchlist.fingerprint

    @property
    def threshold(self) -> float | None:
        """From which score on a name is a candidate, where that was set."""
        return self.screener.threshold

    def overdue(self, moment: int) -> list[tuple[str, str, date]]:
        """The lists of which no copy is kept that is young enough at a moment: list, authority, day of the newest."""
        if self._limits is None:
            self._limits = [
                (day_start(newest.published + timedelta(days=newest.days + 1), self.lists.zone(name)), name, newest)
                for name, found in sorted(self.editions.by_list.items())
                if found and (newest := found[-1])
            ]
        return [(n, self.lists.authority(n), newest.published) for limit, n, newest in self._limits if moment >= limit]

    @property
    def unkept(self) -> list[tuple[str, str]]:
        """The lists of the rule set of which no copy is kept, nor was known: list, authority.

        Of whom they name, only those are found whom the rule set itself records.
        """
        return [
            (name, authority.id)
            for authority in self.rules.authorities.values()
            for name in authority.lists
            if not any(self.editions.of(published) for published in self.lists.published(name))
        ]

    # ---- law

    def listings(self, id: str) -> tuple[Listing, ...]:
        """A subject's listings: by their instruments, and as the snapshots say."""
        found = self._listings.get(id)
        if found is None:
            found = self._listings[id] = self._made(id)
        return found

    def _made(self, id: str) -> tuple[Listing, ...]:
        norms = self.rules.listings_of.get(id, ())
        if self.watchlist is None:
            return norms
        histories = self.histories(id)
        made = [
            listing for history in histories for listing in listings_of(id, history, self.editions, self.lists, norms)
        ]
        return (*agreed(norms, histories, self.editions, self.lists), *made)

    def histories(self, id: str) -> list[History]:
        """What the lists say of a subject, as far as it is known. Raises KeyError."""
        if id in self.rules.subjects:
            entries: Sequence[str] = self._entries_of.get(id, ())
        else:
            entries = (id,)
        return [found for entry in entries if (found := self._known(self._history(entry))) is not None]

    def _editions(self) -> Editions:
        if self.watchlist is None:
            return Editions(())
        if self.known is None:
            return self.watchlist.editions
        return Editions(
            (name, [e for e in found if e.published <= self._day(name)])
            for name, found in self.watchlist.editions.by_list.items()
        )

    def _known(self, history: History) -> History | None:
        return history if self.known is None else history.known_by(self._day(history.list))

    def _day(self, name: str) -> date:
        """The last day of which snapshots of a list were public at the moment of knowing."""
        assert self.known is not None
        return date_in(self.known, self.lists.zone(name))

    def may_be(self, thing: str, kinds: frozenset[str] | None) -> frozenset[str]:
        """Every status that a thing which nobody named may have, because one that is recorded may be meant.

        `kinds`: those that it may be of; None where its kind was not said. What is law is left aside: who is recorded
        with some status at any time counts. With lists kept, every programme of a list that has entries of that kind.
        """
        known = self._may_be.get((thing, kinds))
        if known is None:
            known = self._may_be[thing, kinds] = frozenset(self._perhaps(thing, kinds))
        return known

    def _perhaps(self, thing: str, kinds: frozenset[str] | None) -> Iterator[str]:
        for subject in self.rules.subjects.values():
            if subject.thing == thing and (kinds is None or subject.kind in kinds):
                for listing in self.rules.listings_of.get(subject.id, ()):
                    yield from listing.statuses
        if self.watchlist is None:
            return
        for authority in self.rules.authorities.values():
            for name, entry in authority.lists.items():
                if thing == "party" or any(self.watchlist.has(of, kinds) for of in self.lists.published(name)):
                    yield from (f"{name}/{programme}" for programme in (*entry.programmes, OTHER))

    # ---- who

    def screen(self, name: str, *, aside: frozenset[str] = frozenset(), **beside: Any) -> tuple[Candidate, ...]:
        """Whom a stated name may be, in the rule set and on the lists; best first (see `Screener.screen`).

        `aside`: subjects that it is not; the others are found as if these were not recorded.
        """
        found = {candidate.subject: candidate for candidate in self.screener.screen(name, aside=aside, **beside)}
        if self.watchlist is None:
            return tuple(found.values())
        if aside:
            aside |= {entry for subject in aside for entry in self._entries_of.get(subject, ())}
        for candidate in self.watchlist.screen(name, aside=aside, **beside):
            subject = self._same.get(candidate.subject, candidate.subject)
            known = found.get(subject)
            if known is None or _rank(candidate) < _rank(known):
                found[subject] = replace(candidate, subject=subject)
        same = [id for id, candidate in found.items() if candidate.verdict == "same" and not list_of(id)]
        if same:  # a recorded firm is no person of a name that is only like its own, nor the other way round
            people = {self[id].kind == "person" for id in same}
            found = {
                id: c
                for id, c in found.items()
                if c.verdict == "same" or c.score >= BESIDE_THE_SAME or (self[id].kind == "person") in people
            }
        return tuple(sorted(found.values(), key=_rank))

    def nearby(self, name: str, kind: str | None, found: Iterable[str]) -> tuple[Candidate, ...]:
        """Whom a name is somewhat like, beside the subjects `found`; best first (see `Screener.nearby`)."""
        told, near = set(found), {c.subject: c for c in self.screener.nearby(name, kind)}
        for candidate in self.watchlist.nearby(name, kind) if self.watchlist is not None else ():
            subject = self._same.get(candidate.subject, candidate.subject)
            if subject not in near or _rank(candidate) < _rank(near[subject]):
                near[subject] = replace(candidate, subject=subject)
        left = [candidate for subject, candidate in near.items() if subject not in told]
        return tuple(sorted(left, key=_rank)[:MOST_NEARBY])

    def _linked(self) -> dict[str, str]:
        """Which entries are subjects of the rule set: by the entry's number, an identifier, or a whole name."""
        assert self.watchlist is not None
        same: dict[str, str] = {}
        for subject in self.rules.subjects.values():
            for entry in self._found_by_number(subject):
                same[entry] = subject.id
            for entry in self._found_by_name(subject):
                same.setdefault(entry, subject.id)
        return same

    def _found_by_number(self, subject: Subject) -> Iterable[str]:
        assert self.watchlist is not None
        for key, value in subject.identifiers.items():
            if self.watchlist.number_of(f"{key}:{value}") is not None:
                yield f"{key}:{value}"

    def _found_by_name(self, subject: Subject) -> Iterable[str]:
        """Entries that bear one of its primary names and no other identifier of a kind that both have."""
        assert self.watchlist is not None
        for name in subject.names:
            if name.kind != "primary":
                continue
            for candidate in self.watchlist.screen(name.name, kind=subject.kind, identifiers=subject.identifiers):
                if candidate.verdict == "same" and not self._contradicts(subject, candidate.subject):
                    yield candidate.subject

    def _contradicts(self, subject: Subject, entry: str) -> bool:
        numbers: dict[str, set[str]] = {}
        for found in self._history(entry).latest.identifiers:
            numbers.setdefault(found.kind, set()).add(found.value)
        return any(
            key in _STRONG and key in numbers and value not in numbers[key]
            for key, value in subject.identifiers.items()
        )

    def _history(self, id: str) -> History:
        number = self.watchlist.number_of(id) if self.watchlist is not None else None
        if self.watchlist is None or number is None:
            raise KeyError(id)
        return self.watchlist.history(number)

    @staticmethod
    def _subject(history: History) -> Subject:
        names = tuple(Name(name.name, name.kind, name.language) for name in history.names)
        identifiers = {found.kind: found.value for found in reversed(history.latest.identifiers)}
        return Subject(history.id, history.latest.kind, names, identifiers)


def _rank(candidate: Candidate) -> tuple[bool, int, str, str]:
    return candidate.verdict != "same", -candidate.score, candidate.subject, candidate.reason


def together(candidates: Sequence[Candidate], subjects: Subjects, most: int) -> tuple[tuple[str, ...], ...]:
    """Who somebody of those candidates is: one subject of each list, as one list names one person once.

    Candidates of one list are alternatives; those of different lists are all true at once. Empty where there would be
    more than `most` combinations.
    """
    groups: dict[str, list[str]] = {}
    for candidate in candidates:
        groups.setdefault(subjects.list_of(candidate.subject), []).append(candidate.subject)
    found: list[tuple[str, ...]] = [()]
    for group in groups.values():
        if len(found) * len(group) > most:
            return ()
        found = [(*sofar, subject) for sofar in found for subject in group]
    # a subject of the rule set comes first: it has facts and owners of its own
    return tuple(tuple(sorted(who, key=subjects.list_of)) for who in found)
