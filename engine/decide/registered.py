"""Owners found in the register, as shares and controls of the ownership graph.

Where the transaction states the owners of a party, or they are recorded with it, these are the ones that count. What
the register says beside them is then counted only as what may be: if that changes the outcome, the answer is open.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from decimal import Decimal

from carveout.engine.facts.things import Act, Thing
from carveout.engine.parties.ownership import Control, Stake
from carveout.engine.parties.shares import NOUGHT, total


def found_owners(
    act: Act, node_of: Callable[[Thing], str], known: Collection[str], stakes: list[Stake]
) -> tuple[list[Stake], list[Control]]:
    """The shares and controls that the register knows of the parties of an act.

    `known`: nodes of parties whose owners are known without it, by the shares in `stakes`.
    """
    found: list[Stake] = []
    controls: list[Control] = []
    done: set[str] = set()
    beside: dict[tuple[str, str], Decimal] = {}
    for stake in stakes:
        if stake.owner is not None:
            key = stake.held, stake.owner
            beside[key] = total(beside.get(key, NOUGHT), stake.percent)
    for thing in act.things:
        if thing.registered is None:
            continue
        node = node_of(thing)
        if node in done:
            continue
        done.add(node)
        told = [*_stakes(thing, node, node_of)]
        if node in known:
            told = [*_beyond(told, beside)]
        found += told
        controls += _controls(thing, node, node_of, sure=node not in known)
    return found, controls


def _stakes(thing: Thing, node: str, node_of: Callable[[Thing], str]) -> Iterator[Stake]:
    """Of one that may be another party of the same name they are perhaps the owners, and the remainder perhaps theirs.

    Nobody known holds nothing of it: that a stranger's owners are not known is no news about the party.
    """
    registered = thing.registered
    owners = dict.fromkeys(part.owner for part in registered.parts if part.owner is not None)
    for part in registered.parts:
        if part.owner is not None:
            sure = registered.sure and part.sure
            yield Stake(node_of(part.owner), node, part.percent, part.since, part.until, sure=sure)
        elif registered.sure:
            yield Stake(None, node, part.percent, part.since, part.until)
        else:
            for owner in owners:
                yield Stake(node_of(owner), node, part.percent, part.since, part.until, sure=False)


def _beyond(told: list[Stake], beside: dict[tuple[str, str], Decimal]) -> Iterator[Stake]:
    """Of shares told beside known ones, what is more than those."""
    left = dict(beside)
    for stake in told:
        if stake.owner is None:
            continue
        covered = min(stake.percent, left.get((stake.held, stake.owner), NOUGHT))
        if stake.since is None and stake.until is None and covered:
            left[stake.held, stake.owner] = total(left[stake.held, stake.owner], covered.copy_negate())
        more = total(stake.percent, covered.copy_negate())
        if more:
            yield replace(stake, percent=more, sure=False)


def _controls(thing: Thing, node: str, node_of: Callable[[Thing], str], *, sure: bool) -> Iterator[Control]:
    registered = thing.registered
    for hold in registered.holds:
        certain = sure and registered.sure and hold.sure
        yield Control(node_of(hold.owner), node, hold.since, hold.until, certain)
