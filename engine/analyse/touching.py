"""What of a rule set a change touches, so that answers it cannot reach need not be worked out again."""

from __future__ import annotations

from dataclasses import dataclass

from carveout.engine.law.norms import Exemption, Norm
from carveout.engine.law.ruleset import RuleSet
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

    A prohibition that is not met before is not met after: whether it engages hangs on no exemption, but for those of
    another authority whose verdict it reads; so that the answer only holds where no condition reads a verdict, or
    where no verdict changes, which is what was to be shown. A duty and a worked case change no verdict.
    """
    paths = [path for path in changed.paths if not path.endswith((".cases.yaml", ".duty.yaml"))]
    files = {f"rules/{path}" for path in changed.paths}
    norms = [norm for rules in (before, after) for norm in rules.norms.values() if in_files(norm, files)]
    ids = frozenset(norm.id for norm in norms)
    if all(path.endswith(".exemption.yaml") for path in paths):
        return Touched(ids, frozenset(id for norm in norms if isinstance(norm, Exemption) for id in norm.shields))
    return Touched(ids, None)


def in_files(norm: Norm, files: set[str]) -> bool:
    """Was the norm read from one of some files, whatever the folder was called?"""
    return f"rules/{norm.file.partition('/')[2]}" in files
