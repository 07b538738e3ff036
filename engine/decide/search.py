"""Looking somebody up: whom a name may be, on which lists they stand, and why the name is like theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from carveout.engine.law.clocks import FOREVER, Boundary
from carveout.engine.law.truth import NAMES

if TYPE_CHECKING:
    from carveout.engine.decide.decision import Engine
    from carveout.engine.decide.timelines import Source

MOST_NAMES = 20
"""Names of one candidate that an answer repeats."""


@dataclass(frozen=True, slots=True)
class Query:
    """A name, and what is known beside it."""

    name: str
    kind: str | None = None  # person | organisation | vessel | aircraft ...
    countries: tuple[str, ...] = ()
    identifiers: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As an answer repeats it; what is empty is left out."""
        said = {
            "name": self.name,
            "kind": self.kind,
            "countries": list(self.countries),
            "identifiers": dict(self.identifiers),
        }
        return {key: value for key, value in said.items() if value}


def search(engine: Engine, query: Query, moment: int) -> list[dict[str, Any]]:
    """The candidates for a name, best first, each with its statuses at a moment (seconds since 1970 in UTC)."""
    found = engine.subjects.screen(
        query.name, kind=query.kind, countries=query.countries, identifiers=dict(query.identifiers)
    )
    return [_candidate(engine, candidate, moment) for candidate in found]


def _candidate(engine: Engine, candidate: Any, moment: int) -> dict[str, Any]:
    subject = engine.subjects[candidate.subject]
    sources, _ = engine.program.timeline(candidate.subject).at(moment)
    names = list(dict.fromkeys(name.name for name in subject.names))
    return {
        "subject": subject.id,
        "name": subject.name,
        "kind": subject.kind,
        "list": engine.subjects.list_of(subject.id) or None,
        "verdict": candidate.verdict,
        "score": candidate.score,
        "reason": candidate.reason,
        "names": names[:MOST_NAMES],
        "names_in_all": len(names),
        "identifiers": dict(subject.identifiers),
        "statuses": _statuses(sources),
    }


def _statuses(sources: Sequence[Source]) -> list[dict[str, Any]]:
    found = []
    for source in sources:
        listing = source.listing
        if listing is None:
            continue
        found.append(
            {
                "status": source.status,
                "truth": NAMES[source.truth],
                "authority": listing.authority or None,
                "norm": listing.id,
                "title": listing.title,
                "since": _day(listing.effective.begins),
                "citations": [citation.as_json() for citation in listing.citations],
                "open": [question.question for question in source.open_questions],
            }
        )
    return found


def _day(boundary: Boundary) -> int | None:
    """The moment at which a listing began for certain; none where it is not known."""
    return boundary.by if -FOREVER < boundary.by < FOREVER else None
