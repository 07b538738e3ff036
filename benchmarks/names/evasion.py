"""Names of SDN individuals as the package `sanctions-screening-benchmark` alters them, and its strangers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from data import entries, listed

from carveout.engine.parties.matching.index import Index
from carveout.engine.parties.matching.matcher import find

LOSE = frozenset({"token_drop", "initials", "truncate"})
"""Classes that lose information: reported, with no target."""


def _straight(name: str) -> str:
    last, _, first = name.partition(", ")
    return f"{first} {last}".strip()


def cases() -> tuple[list[Any], dict[str, tuple[str, ...]]]:
    """The cases of the package, and the names of each entry as the list has them."""
    from ssb.benchmark import build
    from ssb.sources import Entity, ListSnapshot

    people = [x for x in listed("sdn") if x.kind == "person"]
    entities = [
        Entity(x.uid, _straight(x.names[0]), "individual", [], [_straight(n) for n in x.names[1:]]) for x in people
    ]
    made = build(ListSnapshot("ofac_sdn", "", entities), limit=None, seed=0, individuals_only=True)
    return made.cases, {x.uid: x.names for x in people}


def table(threshold: float, every: int = 1) -> dict[str, dict[str, float]]:
    """For each class its cases, and the shares that we, the package's baseline and logic-v2 find at their thresholds.

    Ours is asked over the whole SDN index. The peers, which have no index, are spared the search: for an altered name
    they are asked about the right entry alone, for a stranger about the ten candidates of our index.
    """
    found, names = cases()
    every_name, owners = entries(["sdn"])
    index = Index.of(every_name)
    result: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    peers = peers_at()
    for number, case in enumerate(found):
        row = result[case.perturbation]
        row["cases"] += 1
        hits = find(index, case.query, "person", least=threshold)
        people = [hit for hit in hits if owners[hit.owner].kind == "person"]
        if case.expected_entity_id is None:
            row["ours"] += bool(people)
        else:
            row["ours"] += any(owners[hit.owner].uid == case.expected_entity_id for hit in people)
        if number % every:
            continue
        row["sample"] += 1
        if case.expected_entity_id is None:
            near = [index.texts[hit.number] for hit in find(index, case.query, "person")[:10]]
        else:
            near = list(names[case.expected_entity_id])
        for peer, says in peers.items():
            row[peer] += says(case.query, near)
    return {
        name: {
            "cases": row["cases"],
            "ours": row["ours"] / row["cases"],
            **{peer: row[peer] / row["sample"] for peer in peers if row["sample"]},
        }
        for name, row in sorted(result.items())
    }


def peers_at() -> dict[str, Callable[[str, Iterable[str]], bool]]:
    """Whether a peer takes a name for one of those, at its own default threshold."""
    from peers import alike_by
    from ssb.matching import BaselineMatcher

    baseline, logic = BaselineMatcher(), alike_by("logic-v2")
    return {
        "baseline 0.85": lambda query, near: any(baseline(query, x) >= 0.85 for x in near),
        "logic-v2 0.7": lambda query, near: logic(query, near, "Person") >= 0.7,
    }
