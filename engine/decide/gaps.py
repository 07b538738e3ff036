"""Parties that nobody named although an item has one: its end user.

Who buys a part is not always who uses it. As long as the end user is not stated, it may be anybody, so that the norms
about parties speak of it as they do of the unnamed bank of a payment (design.md, "Not knowing").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from carveout.engine.facts.things import Act, Thing
from carveout.engine.law.truth import TRUE, UNKNOWN
from carveout.engine.law.vocabulary import Fact

if TYPE_CHECKING:
    from carveout.engine.decide.program import Program


def open_links(program: Program, act: Act) -> None:
    """Let every link that gives a party its role, and is not stated but applies or may apply, lead to an open party."""
    for fact, applies in program.item_links:
        for item in act.items:
            if fact.name in item.facts or fact.name in item.unreadable:
                continue
            truth = TRUE if applies is None else applies.ask(item, act) & 3
            if item.doubtful:
                truth &= UNKNOWN
            if truth:
                item.facts[fact.name] = _open_party(act, fact, doubtful=truth != TRUE)


def _open_party(act: Act, fact: Fact, *, doubtful: bool) -> Thing:
    """One open party for all items that lack it: nothing tells two unknown end users apart."""
    label = f"{fact.title} of the items"
    for thing in act.things:
        if thing.open and thing.label == label:
            thing.doubtful &= doubtful
            return thing
    thing = Thing("party", 20_000 + len(act.things), f"unnamed {label}", f"unnamed {label}")
    thing.open, thing.doubtful, thing.label = True, doubtful, label
    thing.facts["role"] = (fact.role,)
    act.things.append(thing)
    act.parties.append(thing)
    return thing
