"""The score of two names: what speaks against their being one, weighed as learnt from judged pairs."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from carveout.engine.parties.matching.features import FEATURES
from carveout.engine.parties.matching.lexicon import DATA


@dataclass(frozen=True, slots=True)
class Model:
    """What each feature takes from 100, as the power of e."""

    weights: tuple[float, ...]  # in the order of FEATURES; none is below zero
    threshold: float  # from this score on a name is a candidate

    def score(self, found: Sequence[float]) -> float:
        """From 0 to 100, which is had only where nothing speaks against it."""
        return 100.0 * math.exp(-sum(weight * x for weight, x in zip(self.weights, found, strict=True)))

    def taken(self, found: Sequence[float]) -> tuple[tuple[str, float], ...]:
        """What each feature takes away, in hundredths of what the others left, the most first."""
        parts = ((name, weight * x) for name, weight, x in zip(FEATURES, self.weights, found, strict=True))
        return tuple(
            (name, round(100 * (1 - math.exp(-part)), 1))
            for name, part in sorted(parts, key=lambda x: -x[1])
            if part > 0.005
        )


@lru_cache(maxsize=1)
def model() -> Model:
    """The one that is shipped."""
    stored = json.loads((DATA / "model.json").read_text())
    return Model(tuple(float(stored["weights"].get(name, 0.0)) for name in FEATURES), float(stored["threshold"]))
