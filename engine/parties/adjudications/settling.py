"""What people's answers come to for one party: which candidates are settled, which answers fell away and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from carveout.engine.facts.things import Thing
from carveout.engine.law.vocabulary import Vocabulary
from carveout.engine.parties.adjudications.model import IN_FORCE, Adjudication, Adjudications
from carveout.engine.parties.adjudications.recorded import Recorded, record_of
from carveout.engine.parties.adjudications.stated import digest_of, otherwise, stated_of
from carveout.engine.parties.names import words
from carveout.engine.parties.subjects import Subjects

MOST_NAMED = 8
WAITS = "a second person must confirm it"
"""Why an answer does not hold that nobody else has confirmed yet."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """An answer that was looked at for a party; `why` it does not hold, empty where it does."""

    adjudication: Adjudication
    why: str = ""

    @property
    def holds(self) -> bool:
        """Does it settle the candidate?"""
        return not self.why

    def as_json(self, name: str) -> dict[str, Any]:
        """As the body of a decision has it; `name` is the subject's."""
        a = self.adjudication
        said = {
            "id": a.id, "subject": a.subject, "name": name, "answer": a.answer, "by": a.person, "made": a.made,
            "until": a.until, "reason": a.reason, "holds": self.holds,
        }  # fmt: skip
        if a.state != IN_FORCE:
            said["state"] = a.state
        if a.confirmed_by is not None:
            said["confirmed_by"] = a.confirmed_by
        return {**said, "why": self.why} if self.why else said


def record_changed(answer: Adjudication, record: Recorded) -> str:
    """In words, how the record is another than the one that was looked at; empty if it is not."""
    if answer.record == record.digest:
        return ""
    if record.changed is not None and record.changed.isoformat() >= answer.made[:10]:
        return f"the list entry changed on {record.changed.isoformat()}"
    if record.changed is not None:
        return f"the list entry is another than was looked at (as it is since {record.changed.isoformat()})"
    return "what is recorded of it is another than was looked at"


class Settler:
    """Looks the answers up for one party as it is stated."""

    def __init__(self, thing: Thing, subjects: Subjects, vocabulary: Vocabulary, answers: Adjudications) -> None:
        self.subjects, self.answers = subjects, answers
        self.stated = stated_of(thing, vocabulary)
        self.party = digest_of(self.stated)
        self.rulings: dict[str, tuple[Ruling, ...]] = {}
        """By subject: what was looked at so far."""

    def of(self, subject: str) -> Adjudication | None:
        """The answer that holds for a candidate; none where there is none, or where those there are contradict."""
        found = self.rulings.get(subject)
        if found is None:
            about = self.answers.about(subject)
            found = self.rulings[subject] = tuple(self._ruled(subject, about)) if about else ()
        return next((ruling.adjudication for ruling in found if ruling.holds), None)

    def used(self) -> tuple[Ruling, ...]:
        """Every answer that bore on the party, in the order of their subjects."""
        return tuple(ruling for _, found in sorted(self.rulings.items()) for ruling in found)

    def _ruled(self, subject: str, about: Sequence[Adjudication]) -> Iterable[Ruling]:
        of_party = [answer for answer in about if self._of_party(answer)]
        if not of_party:
            return
        record = record_of(self.subjects, subject)
        rulings = [Ruling(answer, self._why_not(answer, record)) for answer in of_party]
        holding = [ruling for ruling in rulings if ruling.holds]
        if len({ruling.adjudication.answer for ruling in holding}) > 1:
            for ruling in holding:
                yield Ruling(ruling.adjudication, "another answer says the opposite: withdraw the one that is wrong")
        elif holding:  # the same said twice: the later one, which lasts longer
            yield max(holding, key=lambda ruling: (ruling.adjudication.until, ruling.adjudication.id))
        else:
            yield max(rulings, key=lambda ruling: (ruling.adjudication.made, ruling.adjudication.id))

    def _of_party(self, answer: Adjudication) -> bool:
        """Is it of this party, or was it when the party was stated otherwise?"""
        then = answer.stated
        if then.get("kind") != self.stated["kind"]:
            return False
        return then.get("name") == self.stated["name"] or words(str(then.get("name"))) == words(self.stated["name"])

    def _why_not(self, answer: Adjudication, record: Recorded) -> str:
        if answer.party != self.party:
            named = otherwise(answer.stated, self.stated)
            shown = ", ".join(f"`{name}`" for name in named[:MOST_NAMED])
            return f"the party is stated otherwise than then ({shown})"
        if why := record_changed(answer, record):
            return why
        if answer.expired(self.answers.moment or 0):
            return f"it held until {answer.until}"
        if answer.state != IN_FORCE:
            return WAITS
        return ""
