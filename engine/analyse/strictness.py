"""Whether a change can, by what is written in it, only make answers stricter: what an emergency may do."""

from __future__ import annotations

from collections.abc import Iterator

from carveout.engine.decide.decision import Engine
from carveout.engine.decide.search import Query, search
from carveout.engine.law.clocks import FOREVER
from carveout.engine.law.conditions import VERDICTS, Condition, Junction, Leaf, Not, OwnedBy, Quantified, VerdictIs
from carveout.engine.law.norms import Exemption, Listing, Norm, Prohibition
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.records.contents import Changed

ALLOWED = (".listing.yaml", ".prohibition.yaml", ".subject.yaml", ".cases.yaml")


def only_stricter(before: Engine, after: RuleSet, changed: Changed, moment: int) -> list[str]:
    """Why it cannot be said that a change only makes answers stricter; nothing where it can.

    It may add listings, prohibitions and subjects; what was there stays as it is, to the byte. Then an answer can
    become milder only where something already there hangs on the new: each way is looked for. `moment`: of asking.
    """
    old = before.rules
    found = [f"{path}: is changed; an emergency only adds" for path in changed.changed]
    found += [f"{path}: is taken away; an emergency only adds" for path in changed.removed]
    found += [
        f"{path}: is neither a listing nor a prohibition nor a subject"
        for path in changed.added
        if not path.endswith(ALLOWED)
    ]
    norms = [norm for id, norm in after.norms.items() if id not in old.norms]
    for norm in norms:
        if isinstance(norm, Listing):
            found += _milder_listing(norm, after)
    authorities = {norm.authority for norm in norms}
    for status in sorted(after.held_statuses - old.held_statuses):
        # until now who has it falls under the prohibition for other programmes, if there is one
        found.append(f"{status}: was until now a programme that no prohibition asks for")
    for id in sorted(after.subjects.keys() - old.subjects.keys()):
        subject = after.subjects[id]
        if subject.owners:
            found.append(f"{id}: has owners, and licences may cover what their holders own")
        named = [name.name for name in subject.names if search(before, Query(name.name), moment)]
        found += [f"{id}: `{name}` may be somebody who is recorded already, who is then less certain" for name in named]
    for held in old.norms.values():
        found += [
            f"{held.id}: may lift more where the verdict of {part.authority} becomes stricter"
            for part, rising in _parts(held)
            if isinstance(part, VerdictIs) and part.authority in authorities and not _falls_with(part, rising)
        ]
    return found


def _milder_listing(listing: Listing, rules: RuleSet) -> Iterator[str]:
    effective = listing.effective
    if effective.ends.after < FOREVER or effective.suspended:
        yield f"{listing.id}: ends or is suspended, and then speaks against a list that goes on"
    if listing.unresolved:
        yield f"{listing.id}: is open in law (`unresolved`), and then makes what a list says uncertain"
    for norm in rules.of_kind(Exemption):
        for part, rising in _parts(norm):
            if rising and (
                (isinstance(part, OwnedBy) and part.listed)
                or (isinstance(part, Leaf) and part.path.fact.name == "status" and _names(part, listing))
            ):
                yield f"{norm.id}: is a licence that covers whoever is listed so"


def _names(leaf: Leaf, listing: Listing) -> bool:
    """Does a test of statuses speak of one that a listing gives?"""
    wanted = {str(value) for value in leaf.values} | {
        str(one) for value in leaf.values if isinstance(value, frozenset | set | tuple) for one in value
    }
    given = {*listing.statuses, listing.list}
    return any(a == b or a.startswith(f"{b}/") or b.startswith(f"{a}/") for a in wanted for b in given)


def _falls_with(part: VerdictIs, rising: bool) -> bool:
    """Can a stricter verdict only take away what this condition lifts, or add to what it forbids?

    `rising`: more is lifted, or less forbidden, where the condition becomes true.
    """
    ranks = {VERDICTS.index(word) for word in part.verdicts}
    if part.supposing_nexus:  # there is always one
        ranks |= {0} if 1 in ranks else set()
    if rising:  # it must hold of the mildest only: all below one of them are among them
        return ranks == set(range(len(ranks)))
    return ranks == set(range(len(VERDICTS) - len(ranks), len(VERDICTS)))


def _parts(norm: Norm) -> Iterator[tuple[Condition, bool]]:
    """Every part of the conditions of a norm, and whether answers become milder where it becomes true."""
    if isinstance(norm, Exemption):
        for condition in norm.covers.values():
            yield from _signed(condition, True)
        for exclusion in norm.excepts:
            yield from _signed(exclusion.when, False)
    elif isinstance(norm, Prohibition):
        for one in (norm.when, norm.block, norm.reject):
            if one is not None:
                yield from _signed(one, False)
    for law in norm.unresolved:
        if law.when is not None:  # what is open makes a prohibition milder at best and a licence uncertain
            yield from _signed(law.when, isinstance(norm, Prohibition))


def _signed(condition: Condition, rising: bool) -> Iterator[tuple[Condition, bool]]:
    yield condition, rising
    if isinstance(condition, Junction):
        for part in condition.parts:
            yield from _signed(part, rising)
    elif isinstance(condition, Not):
        yield from _signed(condition.part, not rising)
    elif isinstance(condition, Quantified):
        yield from _signed(condition.part, rising)
