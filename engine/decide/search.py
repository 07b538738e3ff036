"""Looking somebody up: whom a name may be, on which lists they stand, and why the name is like theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from carveout.engine.law.clocks import FOREVER, Boundary
from carveout.engine.law.truth import NAMES
from carveout.engine.parties.anonymous import says_nobody
from carveout.engine.parties.matching.index import THINGS
from carveout.engine.parties.matching.portal import NOT_SHOWN, portal_score
from carveout.engine.parties.screening import Candidate

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
    born: str | None = None  # 1970, 1970-05 or 1970-05-02
    address: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As an answer repeats it; what is empty is left out."""
        said = {
            "name": self.name,
            "kind": self.kind,
            "countries": list(self.countries),
            "identifiers": dict(self.identifiers),
            "born": self.born,
            "address": self.address,
        }
        return {key: value for key, value in said.items() if value}


def search(engine: Engine, query: Query, moment: int) -> list[dict[str, Any]]:
    """The candidates for a name, best first, each with its statuses at a moment (seconds since 1970 in UTC)."""
    found = engine.subjects.screen(
        query.name,
        kind=query.kind,
        countries=query.countries,
        identifiers=dict(query.identifiers),
        birth_dates=(query.born,) if query.born else (),
        addresses=(query.address,) if query.address else (),
    )
    return [_candidate(engine, query, candidate, moment) for candidate in found]


def nearby(engine: Engine, query: Query, found: Sequence[Mapping[str, Any]], moment: int) -> list[dict[str, Any]]:
    """Whom the name is somewhat like beside those found: shown to people who look up, no candidate of any decision.

    Whoever looks up may know a part of a name: `Harbour Bank` shows Harbour Bank of Doria.
    """
    told = [candidate["subject"] for candidate in found]
    near = engine.subjects.nearby(query.name, query.kind, told)
    return [_candidate(engine, query, candidate, moment) for candidate in near]


def unread(query: Query, found: Sequence[Mapping[str, Any]]) -> str | None:
    """Why it means nothing that nobody else is found: the name says nobody; none where it was compared."""
    if query.identifiers or query.kind in THINGS or any(candidate["verdict"] == "same" for candidate in found):
        return None
    return says_nobody(query.name) or None


def _candidate(engine: Engine, query: Query, candidate: Candidate, moment: int) -> dict[str, Any]:
    subject = engine.subjects[candidate.subject]
    sources = engine.program.timeline(candidate.subject).at(moment).sources
    names = list(dict.fromkeys(name.name for name in subject.names))
    return {
        "subject": subject.id,
        "name": subject.name,
        "kind": subject.kind,
        "list": engine.subjects.list_of(subject.id) or None,
        "verdict": candidate.verdict,
        "score": candidate.score,
        "reason": candidate.reason,
        "words": [list(pair) for pair in candidate.words],
        "features": dict(candidate.features),
        "portal_score": _portal(query.name, names),
        "names": names[:MOST_NAMES],
        "names_in_all": len(names),
        "identifiers": dict(subject.identifiers),
        "statuses": _statuses(sources),
    }


def _portal(asked: str, names: Sequence[str]) -> int | None:
    """What OFAC's own search would show for the best of the names; none if it would not show it."""
    best = max((portal_score(asked, name) for name in names), default=NOT_SHOWN)
    return None if best == NOT_SHOWN else best


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
