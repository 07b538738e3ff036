"""The timeline of a subject: one lane an authority, what is forbidden and the exemptions over it."""

from __future__ import annotations

from dataclasses import dataclass

from carveout.api.naming import Naming, leaves_of, subjects_in
from carveout.api.stretches import Row, stretches
from carveout.engine.law.norms import Exemption, Listing, Norm, Prohibition, Subject
from carveout.engine.law.ruleset import RuleSet


@dataclass(slots=True)
class Lane:
    """One authority."""

    authority: str
    rows: list[Row]


def timeline(rules: RuleSet, subject: Subject) -> list[Lane]:
    """One lane for each authority that has a norm naming the subject, its lists or its places."""
    naming = Naming(rules, subject)
    lanes = []
    for authority in sorted(rules.authorities):
        norms = [norm for norm in rules.norms.values() if norm.authority == authority]
        exemptions = [n for n in norms if isinstance(n, Exemption) and naming.covered(n)]
        rows = [Row(n, stretches(n)) for n in naming.listings if n.authority == authority]
        for norm in norms:
            if isinstance(norm, Prohibition) and (row := naming.row(norm)):
                rows.append(row)
        for row in rows:
            met = _prohibitions_met(rules, row.norm)
            row.exemptions = [(e, stretches(e)) for e in exemptions if not met.isdisjoint(e.shields)]
        if rows := _sorted(rows):
            lanes.append(Lane(authority, rows))
    return sorted(lanes, key=lambda lane: not any(row.exemptions for row in lane.rows))


def most_named(rules: RuleSet) -> str | None:
    """The subject that most norms name: who is interesting to look at first."""
    count = dict.fromkeys(rules.subjects, 0)
    for id, listings in rules.listings_of.items():
        count[id] += len(listings)
    for norm in rules.of_kind(Exemption):
        for id in {s for c in norm.covers.values() for s in subjects_in(c)} & set(count):
            count[id] += 1
    return max(count, key=lambda id: count[id], default=None)


def _prohibitions_met(rules: RuleSet, norm: Norm) -> set[str]:
    """The prohibitions that a row stands for."""
    if not isinstance(norm, Listing):
        return {norm.id}
    statuses = {norm.list, *norm.statuses}
    return {
        ban.id
        for ban in rules.of_kind(Prohibition)
        if statuses & set(ban.statuses)
        or any(leaf.path.fact.type == "status" and statuses & set(leaf.values) for leaf in leaves_of(ban.when))
    }


def _sorted(rows: list[Row]) -> list[Row]:
    """What exemptions are about comes first, then listings, then the rest by date."""
    return sorted(
        rows, key=lambda r: (not r.exemptions, not isinstance(r.norm, Listing), r.stretches[0].start, r.norm.id)
    )
