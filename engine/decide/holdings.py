"""Who holds what in an act: stated owners, and the recorded owners of recorded subjects, as one graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from carveout.engine.decide.registered import found_owners
from carveout.engine.facts.problems import Problem, StatementError
from carveout.engine.facts.things import Act, Thing
from carveout.engine.law.truth import TRUE
from carveout.engine.parties.circles import circles
from carveout.engine.parties.ownership import Control, Stake


class Graph(NamedTuple):
    """Who holds what: nodes are `s:SUBJECT` for recorded subjects, `t:NUMBER` for other parties."""

    stakes: tuple[Stake, ...]
    controls: tuple[tuple[str, str], ...]
    subjects: frozenset[str]
    found: tuple[Control, ...] = ()
    """Controls that the ownership register knows of."""


def node_of(thing: Thing) -> str:
    """The node of a party in the ownership graph."""
    for subject, truth in thing.facts.get("subject", {}).items():
        if truth == TRUE:
            return f"s:{subject}"
    return f"t:{thing.number}"


def _held(things: Sequence[Thing], subjects: Mapping[str, Any]) -> bool:
    """Has anybody a share in one of them, or control of it?"""
    for thing in things:
        if thing.owners is not None or thing.controllers or thing.registered is not None:
            return True
        for subject in thing.facts.get("subject", ()):
            if subjects[subject].owners:
                return True
    return False


def graph_of(act: Act, subjects: Mapping[str, Any]) -> Graph | None:
    """The ownership graph of an act: what was stated, and the recorded owners of recorded subjects."""
    if not _held(act.things, subjects):
        return None
    stakes: list[Stake] = []
    controls: list[tuple[str, str]] = []
    todo: list[str] = []
    stated: set[str] = set()
    for thing in act.things:
        if thing.kind != "party":
            continue
        node = node_of(thing)
        if thing.owners is not None:
            if node in stated:
                names = " and ".join(t.name for t in act.things if t.kind == "party" and node_of(t) == node)
                raise StatementError([Problem("parties", f"{names} are the same party: state its owners once")])
            stated.add(node)
            stakes += [
                Stake(
                    node_of(s.holder) if s.holder and not s.holder.open else None,
                    node,
                    s.percent,
                    s.since,
                    s.until,
                    s.joint,
                )
                for s in thing.owners
            ]
            todo += [node_of(s.holder)[2:] for s in thing.owners if s.holder and node_of(s.holder).startswith("s:")]
        elif node.startswith("s:"):
            todo.append(node[2:])
        controls += [(node_of(c), node) for c in thing.controllers or ()]
        todo += [node_of(c)[2:] for c in thing.controllers or () if node_of(c).startswith("s:")]
    seen: set[str] = set()
    while todo:
        id = todo.pop()
        if id in seen:
            continue
        seen.add(id)
        if f"s:{id}" in stated:
            continue
        for held in subjects[id].owners:
            since = date.fromisoformat(held.since) if held.since else None
            until = date.fromisoformat(held.until) if held.until else None
            stakes.append(Stake(f"s:{held.subject}", f"s:{id}", held.percent, since, until))
            todo.append(held.subject)
    known = stated | {f"s:{id}" for id in seen if subjects[id].owners}
    found, found_controls = found_owners(act, node_of, known, stakes)
    stakes += found
    if not stakes and not controls and not found_controls:
        return None
    return Graph(tuple(stakes), tuple(controls), frozenset(seen), tuple(found_controls))


def circular(stakes: Sequence[Stake]) -> tuple[Stake, ...] | None:
    """The stakes with those held within a circle of owners as held by nobody known; None where there is no circle.

    What a company holds of itself, through others, belongs in the end to whoever else holds it: how much of it to whom,
    the shares do not tell.
    """
    circle = circles((stake.owner, stake.held) for stake in stakes if stake.owner is not None)
    turned = tuple(
        replace(stake, owner=None) if stake.owner is not None and circle[stake.owner] == circle[stake.held] else stake
        for stake in stakes
    )
    return turned if turned != tuple(stakes) else None
