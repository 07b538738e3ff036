"""Authorisations that the user says to hold: what each lifts, and for whom.

One that names its `things` holds for them. One that names nobody holds for the one thing of a kind that meets what it
lifts; where several do, nobody can tell from here whom it was given to, so that it may cover each and surely covers
none (docs/decisions/0006).
"""

from __future__ import annotations

from collections.abc import Sequence

from carveout.engine.decide.findings import Finding, Shield
from carveout.engine.decide.settling import AUTHORIZED, LIMIT
from carveout.engine.facts.things import Act, Authorisation
from carveout.engine.law.truth import TRUE, UNKNOWN
from carveout.engine.law.vocabulary import Fact

LIFT = {"authorized": AUTHORIZED, "not_prohibited": LIMIT}
"""How an exemption lifts, as a number for settling."""


def hold(act: Act, moment: int, findings: Sequence[Finding], everything: Sequence[Finding]) -> None:
    """Add to the shields of some findings what is held; `everything`: all findings of their authority."""
    for held in act.authorisations:
        if held.first <= moment < held.last:
            meant = [finding for finding in everything if _could_lift(held, finding)]
            for finding in findings:
                if _could_lift(held, finding):
                    rivals = {id(other.thing) for other in meant if other.thing.kind == finding.thing.kind}
                    if held.limited:
                        truth = TRUE if finding.thing in held.things else 0
                    else:
                        truth = TRUE if len(rivals | {id(finding.thing)}) == 1 else UNKNOWN
                    if truth:
                        finding.shields = _held(held, finding.shields, truth)


def for_whom(held: Authorisation) -> Fact:
    """What is asked of an authorisation that may be meant for several."""
    question = f"For whom or what was the authorisation {held.reference} of {held.issuer} given (state its `things`)?"
    path = f"act.authorisations:{held.reference}"
    return Fact(path, "act", "authorisations", "text", True, "asked", "", "authorisations held", question)


def _could_lift(held: Authorisation, finding: Finding) -> bool:
    if held.grants is not None:
        return any(shield.cover is not None and shield.cover.norm.id == held.grants for shield in finding.shields)
    return finding.ban.norm.id in held.lifts and held.issuer == finding.ban.authority


def _held(held: Authorisation, shields: tuple[Shield, ...], truth: int) -> tuple[Shield, ...]:
    """The shields with what the authorisation lifts by itself, or with the derogation that it grants."""
    if held.grants is None:
        return (*shields, Shield(truth, AUTHORIZED, None, held, TRUE, (), (), False))
    result: list[Shield] = []
    for shield in shields:
        if shield.cover is None or shield.cover.norm.id != held.grants or shield.held is not None:
            result.append(shield)
            continue
        if truth == UNKNOWN:  # if it was not meant for this one, a permit is needed
            result.append(shield)
        granted = LIFT[shield.cover.norm.lifts_as]
        result.append(shield._replace(truth=shield.truth & truth, how=granted, held=held))
    return tuple(result)
