"""What of a rule set a change touches, so that answers it cannot reach need not be worked out again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from carveout.engine.law.conditions import VerdictIs, walk
from carveout.engine.law.norms import Duty, Exemption, Norm
from carveout.engine.law.ruleset import RuleSet, conditions_of
from carveout.engine.records.contents import Changed


@dataclass(frozen=True, slots=True)
class Touched:
    """What is other in a rule set."""

    norms: frozenset[str]
    """Norms that are new, other or gone."""
    prohibitions: frozenset[str] | None
    """Verdicts can be others only where one of these is met; None: anywhere."""

    def reaches(self, met: frozenset[str]) -> bool:
        """Can an answer that names these norms become another?"""
        return self.prohibitions is None or not self.prohibitions.isdisjoint(met)


def touched(before: RuleSet, after: RuleSet, changed: Changed) -> Touched:
    """What a change touches. An exemption lifts the prohibitions it names, where they are met, and nothing else.

    A prohibition that is not met before is not met after: whether it engages hangs on no exemption. But a norm may read
    another authority's verdict, also the one it would give if it had nexus, of which no finding tells: so an exemption
    that reads that of a touched authority touches what it shields, and so on; and where a prohibition or a listing
    reads one, nothing can be left out. A duty and a worked case change no verdict.
    """
    paths = [path for path in changed.paths if not path.endswith((".cases.yaml", ".duty.yaml"))]
    files = {f"rules/{path}" for path in changed.paths}
    norms = [norm for rules in (before, after) for norm in rules.norms.values() if in_files(norm, files)]
    ids = frozenset(norm.id for norm in norms)
    if not all(path.endswith(".exemption.yaml") for path in paths):
        return Touched(ids, None)
    return Touched(ids, _reached([norm for norm in norms if isinstance(norm, Exemption)], (before, after)))


def _reached(exemptions: Sequence[Exemption], both: Sequence[RuleSet]) -> frozenset[str] | None:
    """The prohibitions that some exemptions can bear on, by way of verdicts that are read too; None: any."""
    found = {id for norm in exemptions for id in norm.shields}
    authorities = {norm.authority for norm in exemptions}
    reading = [(norm, read) for rules in both for norm in rules.norms.values() if (read := _verdicts_read(norm))]
    while True:
        more = [(norm, read) for norm, read in reading if read & authorities]
        reading = [(norm, read) for norm, read in reading if not read & authorities]
        if not more:
            return frozenset(found)
        for norm, _ in more:
            if isinstance(norm, Exemption):
                found.update(norm.shields)
                authorities.add(norm.authority)
            elif not isinstance(norm, Duty):
                return None


def _verdicts_read(norm: Norm) -> set[str]:
    """The authorities whose verdict a norm reads."""
    return {part.authority for held in conditions_of(norm) for part in walk(held) if isinstance(part, VerdictIs)}


def in_files(norm: Norm, files: set[str]) -> bool:
    """Was the norm read from one of some files, whatever the folder was called?"""
    return f"rules/{norm.file.partition('/')[2]}" in files
