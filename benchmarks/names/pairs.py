"""Judged pairs: F1 by cross-validation, each threshold fixed before its test fold is seen; ours and the peers'."""

from __future__ import annotations

from typing import Any

import numpy as np
from data import judged
from numpy.typing import NDArray
from peers import record, scorer
from training import best_threshold, learn, made, of_pairs

FOLDS, ROUNDS, RESAMPLED = 10, 3, 2_000


def folds(y: NDArray[np.bool_], seed: int) -> NDArray[np.int64]:
    """Each pair's fold, as many of each kind in each."""
    chance = np.random.default_rng(seed)
    found = np.empty(len(y), np.int64)
    for kind in (True, False):
        places = np.flatnonzero(y == kind)
        chance.shuffle(places)
        found[places] = np.arange(len(places)) % FOLDS
    return found


def f1(said: NDArray[np.bool_], y: NDArray[np.bool_]) -> float:
    return float(2 * (said & y).sum() / (said.sum() + y.sum()))


def table() -> dict[str, Any]:
    """F1 of each matcher with its interval, the difference to logic-v2 with its own, errors in rows graded STRONG."""
    x, y = of_pairs()
    extra = made()
    said: dict[str, list[NDArray[np.bool_]]] = {"ours": [], "logic-v2": [], "logic-v1": []}
    peers = {name: _scores(name) for name in ("logic-v2", "logic-v1")}
    for seed in range(ROUNDS):
        fold = folds(y, seed)
        ours = np.zeros(len(y), bool)
        for number in range(FOLDS):
            known, asked = fold != number, fold == number
            base, weights = learn(x[known], y[known], extra)
            scores = base - x @ weights
            ours[asked] = scores[asked] > best_threshold(scores[known], y[known])
        said["ours"].append(ours)
        for name, scores in peers.items():
            theirs = np.zeros(len(y), bool)
            for number in range(FOLDS):
                known, asked = fold != number, fold == number
                theirs[asked] = scores[asked] > best_threshold(scores[known], y[known])
            said[name].append(theirs)
    chance = np.random.default_rng(1)
    samples = [chance.integers(0, len(y), len(y)) for _ in range(RESAMPLED)]
    result: dict[str, Any] = {"pairs": len(y)}
    for name, rounds in said.items():
        result[name] = _summary(
            [f1(x, y) for x in rounds], [f1(rounds[i % ROUNDS][s], y[s]) for i, s in enumerate(samples)]
        )
    apart = [
        f1(said["ours"][i % ROUNDS][s], y[s]) - f1(said["logic-v2"][i % ROUNDS][s], y[s]) for i, s in enumerate(samples)
    ]
    result["ours above logic-v2"] = _summary(
        [f1(a, y) - f1(b, y) for a, b in zip(said["ours"], said["logic-v2"], strict=True)], apart
    )
    strong = np.array([pair.grade == "STRONG" for pair in judged()])
    result["errors in STRONG rows"] = {
        name: max(int(((x != y) & strong).sum()) for x in rounds) for name, rounds in said.items()
    }
    return result


def _summary(rounds: list[float], samples: list[float]) -> dict[str, float]:
    low, high = np.percentile(samples, [2.5, 97.5])
    return {"mean": round(float(np.mean(rounds)), 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def _scores(name: str) -> NDArray[np.float64]:
    score = scorer(name)
    return np.array([score(record(x.schema, x.asked_record), record(x.schema, x.listed_record)) for x in judged()])
