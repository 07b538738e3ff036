"""The answer of a person to "is this party the listed one?", and all such answers that are kept."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from carveout.engine.parties.adjudications.stated import digest_of

SAME, DIFFERENT = "same", "different"
IN_FORCE, PROPOSED = "in_force", "proposed"
"""The states of an answer that counts, and of one that waits for a second person and settles nothing until then."""


@dataclass(frozen=True, slots=True)
class Adjudication:
    """One answer: a party as it was stated is, or is not, somebody who is recorded as they were recorded then."""

    id: str
    subject: str
    """The recorded subject, or the entry of a list (`LIST:NUMBER`)."""
    answer: Literal["same", "different"]
    stated: Mapping[str, Any]
    """The party as stated (`stated_of`)."""
    record: str
    """Digest of what was recorded of the subject."""
    reason: str
    person: str
    made: str
    """The moment, in UTC, ISO 8601."""
    until: str
    """The first day (UTC) on which it holds no longer, YYYY-MM-DD."""
    state: str = IN_FORCE
    withdrawn: str | None = None
    """The moment at which it was taken back."""
    confirmed_by: str | None = None
    """The second person, where one was asked for."""
    confirmed: str | None = None
    """The moment at which they confirmed it."""

    @property
    def party(self) -> str:
        """Digest of the party as stated."""
        return digest_of(self.stated)

    @property
    def digest(self) -> str:
        """Of all that was answered; what became of it later is no part."""
        said = (self.id, self.subject, self.answer, self.party, self.record, self.reason, self.person, self.made)
        return digest_of([*said, self.until])

    def known_by(self, moment: int) -> bool:
        """Had it been given by a moment (seconds since 1970), and not been taken back?"""
        return seconds(self.made) < moment + 1 and (self.withdrawn is None or seconds(self.withdrawn) >= moment + 1)

    def expired(self, moment: int) -> bool:
        """Is its time over at a moment?"""
        return moment >= seconds(f"{self.until}T00:00:00+00:00")


class Adjudications:
    """Answers, and the moment for which they are asked. Immutable."""

    def __init__(self, answers: Iterable[Adjudication] = (), moment: int | None = None) -> None:
        """`moment`: seconds since 1970; left out, it is the present one, whenever that is."""
        self.moment = moment
        self._all = tuple(answers)
        self._about: dict[str, list[Adjudication]] = {}
        for answer in self._all:
            if answer.withdrawn is None:
                self._about.setdefault(answer.subject, []).append(answer)

    def __bool__(self) -> bool:
        return bool(self._about)

    def __iter__(self) -> Iterator[Adjudication]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def about(self, subject: str) -> list[Adjudication]:
        """The answers about a subject that nobody has taken back, the oldest first; also those that wait."""
        return self._about.get(subject, [])

    def known_at(self, moment: int) -> Adjudications:
        """Those that were known at a moment, asked for that moment; what was taken back later stood then."""
        return Adjudications((_as_of(a, moment) for a in self._all if a.known_by(moment)), moment)

    def made_with(self, named: Mapping[str, Mapping[str, Any]], moment: int) -> Adjudications:
        """Those that a decision of a moment names, by id as it tells of them: so they stood then, whatever came later.

        Answers of before a second person was asked for counted then, and do in a replay of what was decided then.
        """
        return Adjudications((_as_told(a, named[a.id]) for a in self._all if a.id in named), moment)

    def standing(self) -> Adjudications:
        """The same asked for one moment, so that one decision sees one state."""
        if self.moment is not None or not self:
            return self
        found = Adjudications.__new__(Adjudications)
        found.moment, found._all, found._about = int(time.time()), self._all, self._about
        return found


NONE = Adjudications()


def _as_of(answer: Adjudication, moment: int) -> Adjudication:
    if answer.confirmed is None or seconds(answer.confirmed) < moment + 1:
        return replace(answer, withdrawn=None)
    return replace(answer, withdrawn=None, state=PROPOSED, confirmed_by=None, confirmed=None)


def _as_told(answer: Adjudication, told: Mapping[str, Any]) -> Adjudication:
    state = told.get("state", IN_FORCE)
    return replace(answer, withdrawn=None, state=state, confirmed_by=told.get("confirmed_by"))


def seconds(text: str) -> float:
    """Seconds since 1970 of a moment in ISO 8601 with its offset."""
    return datetime.fromisoformat(text).astimezone(UTC).timestamp()
