"""False alarms among made-up people, and recall of altered UN names, against the UN and OFAC lists together."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

from data import entries, strangers

from carveout.engine.analyse.alterations import RECIPE
from carveout.engine.parties.matching.index import Index
from carveout.engine.parties.matching.matcher import find
from carveout.engine.parties.matching.model import model

FROM = 70


def table() -> dict[str, object]:
    """Alarms and recall from a score of 70 on, by the kind of change at the shipped threshold."""
    names, owners = entries(["sdn", "nonsdn", "un"])
    index = Index.of(names)
    chance = random.Random(5)
    found: dict[str, list[float]] = defaultdict(list)
    for number, owner in enumerate(owners):
        if not owner.list.startswith("un") or owner.kind != "person" or not owner.names[0].isascii():
            continue
        for name, change in RECIPE.items():
            written = change(owner.names[0], chance)
            if written != owner.names[0]:
                hits = find(index, written, "person", least=FROM)
                found[name].append(next((hit.score for hit in hits if hit.owner == number), 0.0))
    alarms: list[tuple[float, int, str, str]] = []
    for number, person in enumerate(strangers()):
        hits = find(index, person["full_name"], "person", least=FROM)
        people = [hit for hit in hits if owners[hit.owner].kind not in ("vessel", "aircraft")]
        if people:
            alarms.append((people[0].score, number, person["full_name"], index.texts[people[0].number]))
    every = [score for scores in found.values() for score in scores]
    at = model().threshold
    return {
        "threshold": at,
        "strangers": len(strangers()),
        "altered names": len(every),
        "by threshold": {
            t: {
                "recall": sum(x >= t for x in every) / len(every),
                "alarms": sum(x[0] >= t for x in alarms),
                "alarms in the half not learnt from": sum(x[0] >= t and x[1] % 2 == 1 for x in alarms),
            }
            for t in sorted({*range(FROM, 90, 2), at - 1, at + 1, at})
        },
        "recall by change": {name: sum(x >= at for x in scores) / len(scores) for name, scores in found.items()},
        "who": Counter(f"{asked} / {listed} ({score:.1f})" for score, _, asked, listed in alarms if score >= at),
    }
