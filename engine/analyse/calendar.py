"""What is coming: norms that begin, end, are suspended or resumed, exemptions nobody looked at, lists too old."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from carveout.engine.law.clocks import FOREVER, Boundary
from carveout.engine.law.norms import Exemption, Norm
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.law.truth import FALSE
from carveout.engine.parties.adjudications.model import IN_FORCE, Adjudication, seconds
from carveout.engine.parties.snapshots.publications import read_publications
from carveout.engine.parties.snapshots.status import Status, status
from carveout.engine.parties.snapshots.store import Snapshots
from carveout.engine.records.adjudications import read
from carveout.engine.records.changes import Activation, Change, Changes
from carveout.engine.records.store import Store

WORDS = {
    "begins": "begins", "ends": "ends", "suspended": "is suspended", "resumes": "resumes",
    "question_opens": "has an open question from now on", "question_closes": "has one open question less",
    "stale": "was not looked at for so long that it counts for nothing certain",
    "list_stale": "is older than its limit",
    "answer_ends": "ends: who that is will be asked again",
    "activation": "becomes the law that is asked", "confirm": "is an emergency that a second person confirms",
}  # fmt: skip
"""What can come, in words that follow a title."""


@dataclass(frozen=True, slots=True)
class Coming:
    """Something that comes at some moment in `[at, by]` (seconds of UTC; equal where the moment is certain)."""

    at: int
    by: int
    what: str
    of: str
    title: str
    authority: str | None = None
    overdue: bool = False
    """It was due before, and nobody has done anything about it."""

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "at": _text(self.at), "by": _text(self.by), "what": self.what, "of": self.of, "title": self.title,
            "authority": self.authority, "overdue": self.overdue, "words": f"{self.title} {WORDS[self.what]}",
        }  # fmt: skip


def calendar_of(
    rules: RuleSet,
    begin: int,
    until: int,
    *,
    lists: Iterable[Status] = (),
    scheduled: Iterable[Activation] = (),
    changes: Iterable[Change] = (),
    answers: Iterable[Adjudication] = (),
) -> list[Coming]:
    """What comes in `[begin, until)`, in its order; what is overdue at the beginning stands first.

    Boundaries of law are what the texts recorded in this rule set say will be. `lists` are as at `begin`.
    """
    found: list[Coming] = []
    for norm in rules.norms.values():
        found += _of_norm(norm, begin, until)
    found += (one for held in lists for one in _of_list(held, begin, until))
    titles = {change.proposal.id: change.proposal.title for change in changes}
    for activation in scheduled:
        at = _moment(activation.at)
        if begin <= at < until:
            title = titles.get(activation.proposal, activation.proposal)
            found.append(Coming(at, at, "activation", activation.proposal, title))
    for change in changes:
        if change.confirm_by is not None and change.withdrawn is None:
            at = _moment(change.confirm_by)
            if at < until:
                due = max(at, begin)
                found.append(Coming(due, due, "confirm", change.proposal.id, change.proposal.title, None, at < begin))
    for answer in answers:
        at = int(seconds(f"{answer.until}T00:00:00+00:00"))
        if begin <= at < until and answer.state == IN_FORCE and answer.withdrawn is None:
            found.append(Coming(at, at, "answer_ends", answer.id, f"The answer about {answer.subject}"))
    return sorted(found, key=lambda one: (not one.overdue, one.at, one.by, one.of, one.what))


def _of_norm(norm: Norm, begin: int, until: int) -> Iterator[Coming]:
    effective = norm.effective
    pairs = [("begins", effective.begins), ("ends", effective.ends)]
    for suspended, resumes in effective.suspended:
        pairs += [("suspended", suspended), ("resumes", resumes)]
    for question in norm.unresolved:
        pairs += [("question_opens", question.begins), ("question_closes", question.ends)]
    told = set()
    for what, boundary in pairs:
        if _within(boundary, begin, until) and (what, boundary) not in told:
            told.add((what, boundary))
            yield Coming(boundary.after, boundary.by, what, norm.id, norm.title, norm.authority)
    if isinstance(norm, Exemption) and norm.stale_from < until:
        at = max(norm.stale_from, begin)
        if effective.in_force(at) != FALSE:
            yield Coming(at, at, "stale", norm.id, norm.title, norm.authority, norm.stale_from < begin)


def _within(boundary: Boundary, begin: int, until: int) -> bool:
    """Does some of a boundary that is uncertain by a time still lie ahead?"""
    return -FOREVER < boundary.after < until and begin <= boundary.by < FOREVER


def _of_list(held: Status, begin: int, until: int) -> Iterator[Coming]:
    title = held.about.title or held.publication
    if held.state in ("not_held", "superseded") or held.age is None:  # nothing comes that is not there already
        return
    left = held.about.stale_after - held.age
    at = begin + max(0, int(left.total_seconds()))
    if at < until:
        yield Coming(at, at, "list_stale", held.publication, title, None, left < timedelta(0))


def _moment(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _text(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


def coming_at(rules: RuleSet, lists: Path, store: Store, now: datetime, days: int) -> list[Coming]:
    """What comes within so many days, of a rule set, the folder of the lists and a store.

    Raises StoreFault, SnapshotsError, PublicationsError.
    """
    changes = Changes(store)
    known = read_publications(lists)
    with Snapshots(lists).reading() as view:
        held = list(status(view, known, now))
    begin = int(now.timestamp())
    return calendar_of(
        rules, begin, begin + 86_400 * days,
        lists=held, scheduled=changes.schedule(), changes=changes.all(), answers=read(store),
    )  # fmt: skip
