"""Which facts keep a finding open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from carveout.engine.decide.findings import Finding
from carveout.engine.decide.held import for_whom
from carveout.engine.decide.leaves import OWNERS, Entry
from carveout.engine.decide.program import OpenQuestion
from carveout.engine.law.truth import UNKNOWN

if TYPE_CHECKING:
    from carveout.engine.decide.evaluation import Evaluation


def missing_facts(evaluation: Evaluation, finding: Finding) -> list[Entry]:
    """The facts that keep a finding open."""
    act, thing, ban = evaluation.act, finding.thing, finding.ban
    found: list[Entry] = []
    if finding.engaged == UNKNOWN:
        if thing.doubtful:
            found.append(Entry(thing, OWNERS, None))
        if finding.ground == UNKNOWN:
            for id in ban.grounds:
                found += _missing_ground(evaluation, id, thing)
        if ban.when is not None and finding.answer & 3 == UNKNOWN:
            found += ban.when.missing(finding.answer, thing, act)
        if finding.status is not None:
            found += _missing_status(evaluation, finding)
        for question in finding.open:
            found += _missing_question(evaluation, question, thing)
    for shield in finding.shields:
        if shield.truth == UNKNOWN and shield.held is not None and not shield.held.limited:
            found.append(Entry(act, for_whom(shield.held), None))
        if shield.truth == UNKNOWN and shield.cover is not None:
            if shield.answer & 3 == UNKNOWN:
                found += shield.cover.covers.missing(shield.answer, thing, act)
            for _, when, out in shield.excluded:
                if out & 3 == UNKNOWN:
                    found += when.missing(out, act if when.thing == "act" else thing, act)
            for question in shield.open:
                found += _missing_question(evaluation, question, thing)
    return found


def _missing_question(evaluation: Evaluation, question: OpenQuestion, thing: Any) -> Iterable[Entry]:
    if question.when is None:
        return ()
    asked = evaluation.act if question.when.thing == "act" else thing
    answer = question.when.ask(asked, evaluation.act)
    return question.when.missing(answer, asked, evaluation.act) if answer & 3 == UNKNOWN else ()


def _missing_ground(evaluation: Evaluation, id: str, thing: Any) -> Iterable[Entry]:
    ground = evaluation.program.grounds[id]
    if ground.on_act is not None:
        answer = ground.on_act.ask(evaluation.act, evaluation.act)
        if answer & 3 == UNKNOWN:
            yield from ground.on_act.missing(answer, evaluation.act, evaluation.act)
    part = ground.by_thing.get(thing.kind)
    if part is not None:
        answer = part.ask(thing, evaluation.act)
        if answer & 3 == UNKNOWN:
            yield from part.missing(answer, thing, evaluation.act)


def _missing_status(evaluation: Evaluation, finding: Finding) -> Iterable[Entry]:
    thing = finding.thing
    fact = evaluation.program.rules.vocabulary.facts[f"{thing.kind}.status"]
    known = thing.facts.get("status")
    if known is None:
        yield Entry(thing, fact, None)
    elif known.get(finding.status) == UNKNOWN:
        if thing.nameless:
            yield Entry(thing, fact, None)
        sources = evaluation.statuses.sources_of(thing, finding.status, finding.ban.authority)
        if any(source.ownership is not None for source in sources):
            yield Entry(thing, OWNERS, None)
