"""Who is reached through shares and control, and how large a share some holders have together.

What is itself owned to the threshold passes its whole stake on, what is not passes nothing, and nothing is
multiplied down the chain (OFAC FAQ 401); stakes add up (FAQ 399). Other authorities differ in the policy, not
in the way. What is not known is counted once not at all and once in full, and the truth lies between the two.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from carveout.engine.law.truth import FALSE, TRUE, UNKNOWN
from carveout.engine.parties.counting import Closure, Counting
from carveout.engine.parties.shares import WHOLE, Control, Policy, Stake, total

__all__ = ["Closure", "Control", "Policy", "Reached", "Stake", "controlling", "counted", "reach", "share"]


@dataclass(frozen=True, slots=True)
class Reached:
    """That the seeds reach a party, through whom, and with what share."""

    truth: int  # TRUE: on what is certain; UNKNOWN: only with all counted that is not known
    by: tuple[str, ...]  # the seeds whose stakes or control counted along the whole way, as surely as `truth`
    low: Decimal  # the share that counts for certain
    high: Decimal  # the share that counts with all counted that is not known
    path: tuple[str, ...]  # the steps in plain words, the farthest first
    perhaps: tuple[str, ...] = ()  # further seeds that count only with all counted that is not known


def reach(
    stakes: Sequence[Stake],
    controls: Sequence[tuple[str, str]],
    seeds: Mapping[str, int],
    policy: Policy,
    day: date | None = None,
    closure: Closure | None = None,
    found: Sequence[Control] = (),
    shown: Container[str] | None = None,
) -> dict[str, Reached]:
    """Every party that the seeds surely or perhaps reach; any other is not reached (OFAC FAQ 398, 399, 401).

    `controls` are pairs of controller and controlled. Without a day, dated stakes are not known to count.
    `found`: further controls, dated or not certain. `shown`: the parties to which the path is worked out, else all.
    `closure`, if given, follows the steps for which one holder is enough.
    """
    surely_by, perhaps_by = controlling(controls, found, day) if policy.control else ((), ())
    low, high = _count(stakes, surely_by, seeds, policy, day, closure, perhaps_by)
    surely = low.seeds_that_counted()
    perhaps = surely if high is low else high.seeds_that_counted()
    answer = {}
    for party in sorted(high.reached):
        certain = party in low.reached
        by = surely[party] if certain else perhaps[party]
        answer[party] = Reached(
            TRUE if certain else UNKNOWN,
            by,
            low.share(party),
            high.share(party),
            (low if certain else high).path(party) if shown is None or party in shown else (),
            () if by == perhaps[party] else tuple(sorted({*perhaps[party]} - {*by})),
        )
    return answer


def share(
    stakes: Sequence[Stake],
    holders: Mapping[str, int],
    held: str,
    policy: Policy,
    day: date | None = None,
    closure: Closure | None = None,
) -> tuple[Decimal, Decimal, tuple[str, ...]]:
    """Bounds of the share of `held` that the holders have together, and the steps to it (OFAC FAQ 401).

    A step that reaches the threshold of the policy passes its whole stake on; a holder is not its own owner.
    """
    low, high = counted(stakes, holders, policy, day, closure)
    return low.share(held), high.share(held), high.path(held)


def counted(
    stakes: Sequence[Stake],
    holders: Mapping[str, int],
    policy: Policy,
    day: date | None = None,
    closure: Closure | None = None,
) -> tuple[Counting, Counting]:
    """The two countings behind `share`, for asking of many parties: what is certain, and what may be."""
    return _count(stakes, (), holders, policy, day, closure)


def controlling(
    controls: Sequence[tuple[str, str]], found: Sequence[Control], day: date | None
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """Pairs of controller and controlled: those certain on that day, and those that are only perhaps."""
    truths = [((c.controller, c.controlled), _in_force(c, day)) for c in found]
    surely = (*controls, *(pair for pair, truth in truths if truth == TRUE))
    return surely, tuple(pair for pair, truth in truths if truth == UNKNOWN and pair not in surely)


def _count(
    stakes: Iterable[Stake],
    controls: Sequence[tuple[str, str]],
    seeds: Mapping[str, int],
    policy: Policy,
    day: date | None,
    closure: Closure | None,
    perhaps: Sequence[tuple[str, str]] = (),
) -> tuple[Counting, Counting]:
    """With nothing counted that is not known, and with all of it."""
    in_force = [(stake, truth) for stake in stakes if (truth := _in_force(stake, day)) != FALSE]
    certain = [stake for stake, truth in in_force if truth == TRUE]
    _check(certain)
    known = [stake for stake in certain if stake.owner is not None]
    surely = {seed for seed, truth in seeds.items() if truth == TRUE}
    possibly = {seed for seed, truth in seeds.items() if truth != FALSE}
    low = Counting(known, controls, surely, policy, closure)
    if len(known) == len(in_force) and surely == possibly and not perhaps:
        return low, low
    return low, Counting((stake for stake, _ in in_force), (*controls, *perhaps), possibly, policy, closure)


def _in_force(stake: Stake | Control, day: date | None) -> int:
    if stake.since is None and stake.until is None:
        return TRUE if stake.sure else UNKNOWN
    if day is None:
        return UNKNOWN
    begun = stake.since is None or stake.since <= day
    if not begun or (stake.until is not None and day >= stake.until):
        return FALSE
    return TRUE if stake.sure else UNKNOWN


def _check(stakes: Iterable[Stake]) -> None:
    """Refuses more than the whole of a party: the statements are wrong, and so would be any answer."""
    sums: dict[str, Decimal] = {}
    for stake in stakes:
        sums[stake.held] = total(sums.get(stake.held, Decimal(0)), stake.percent)
    for held, percent in sums.items():
        if percent > WHOLE:
            raise ValueError(f"the shares stated of `{held}` come to {percent} %, which is more than the whole")
