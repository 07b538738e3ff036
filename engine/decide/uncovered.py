"""Statuses for which the rule set holds no norm: nobody knows here what they forbid, so a person must look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from carveout.engine.decide.evaluation import Evaluation
from carveout.engine.decide.timelines import Source
from carveout.engine.facts.things import Thing


def uncovered_of(evaluation: Evaluation) -> Iterator[tuple[Thing, Source]]:
    """The parties and assets with a status that no prohibition asks for, and why they have it."""
    statuses = evaluation.statuses.sources
    if not statuses:
        return
    covered, plain = evaluation.program.covered, evaluation.statuses.plain
    for thing in (*evaluation.act.parties, *evaluation.act.assets):
        timeline = plain.get(thing)
        if timeline is not None and timeline.all_covered(covered):
            continue
        for source in statuses.get(id(thing), ()):
            if source.listing is None and source.ownership is not None:
                continue  # what somebody nobody knows may be listed under is asked for as such
            if source.truth and not covered(source.status):
                yield thing, source


def uncovered_json(evaluation: Evaluation, thing: Thing, source: Source) -> dict[str, Any]:
    """What is asked of it, among what is unresolved."""
    name, _, programme = source.status.partition("/")
    listing = source.listing
    return {
        "norm": listing.id if listing is not None else source.status,
        "title": listing.title if listing is not None else f"{thing.name} under {source.status}, as the user states",
        "question": f"{thing.name} is on the list {name} under {programme or 'no programme'}, for which this rule set "
        "holds no norm: what does that forbid?",
        "readings": [],
        "sources": [str(c) for c in listing.citations] if listing is not None else [],
        "authority": evaluation.program.subjects.lists.authority(name),
    }
