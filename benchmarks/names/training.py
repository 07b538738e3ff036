"""Learns what the features of two names weigh, and how common words are; writes the tables that the matcher ships.

python benchmarks/names/training.py

Learnt from: the judged pairs; altered names of people on the EU, British and Canadian lists, found again (one person);
every second of the made-up people against those lists (two people). The UN and OFAC lists, on which false alarms and
recall are measured, are not learnt from. How common words are: official lists, and the counts of names in the census
of 1990 of the United States (public domain), as the package `names` brings them.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import math
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))

from data import entries, judged, listed, strangers

from carveout.engine.analyse.alterations import RECIPE
from carveout.engine.parties.matching.features import FEATURES
from carveout.engine.parties.matching.index import Index
from carveout.engine.parties.matching.lexicon import DATA
from carveout.engine.parties.matching.matcher import compare, find
from carveout.engine.parties.matching.names import TERM, WORD, analyse
from carveout.engine.parties.matching.sounds import sound

Floats = NDArray[np.float64]
EXTRA_WEIGHT = 200.0
"""What the made examples of each side weigh together, in judged pairs."""
_RIDGE = 30.0
_LEAST_COUNT = 3


def fit(x: Floats, y: NDArray[np.bool_], weights: Floats | None = None, rounds: int = 4_000) -> tuple[float, Floats]:
    """Logistic regression whose weights are none below zero: nothing that speaks against may speak for. (b, weights)"""
    weights = np.ones(len(y)) if weights is None else weights
    signs = np.where(y, 1.0, -1.0)
    design = np.column_stack([np.ones(len(y)), -x])
    curve = 0.25 * np.linalg.eigvalsh((design * weights[:, None]).T @ design)[-1] + 1 / _RIDGE
    found = before = np.append(1.0, np.ones(x.shape[1]))
    pace = 1.0
    for _ in range(rounds):  # the accelerated projected gradient of Beck and Teboulle (2009)
        next_pace = (1 + math.sqrt(1 + 4 * pace * pace)) / 2
        ahead = found + (pace - 1) / next_pace * (found - before)
        pull = -signs * weights / (1 + np.exp(np.clip(signs * (design @ ahead), -500, 500)))
        slope = design.T @ pull + np.append(0.0, ahead[1:]) / _RIDGE
        before, found = found, ahead - slope / curve
        found[1:] = np.maximum(found[1:], 0.0)
        pace = next_pace
        if np.max(np.abs(found - before)) < 1e-6:
            break
    return float(found[0]), found[1:]


def best_threshold(scores: Floats, y: NDArray[np.bool_]) -> float:
    """The score from which saying yes gives the best F1."""
    cuts = np.unique(scores)
    cuts = (cuts[1:] + cuts[:-1]) / 2
    values = [2 * ((scores > t) & y).sum() / ((scores > t).sum() + y.sum()) for t in cuts]
    return float(cuts[int(np.argmax(values))])


def of_pairs() -> tuple[Floats, NDArray[np.bool_]]:
    """The features of the judged pairs, and which are one."""
    x = np.array([compare(pair.asked, pair.listed, pair.kind).features for pair in judged()])
    return x, np.array([pair.same for pair in judged()])


def made() -> tuple[Floats, Floats]:
    """The features of altered names beside their own, and of strangers beside what is nearest."""
    names, owners = entries(["uk", "ca", "eu"])
    index = Index.of(names)
    of_owner = defaultdict(list)
    for entry in names:
        of_owner[entry.owner].append(entry.text)
    chance = random.Random(11)
    people = [number for number, owner in enumerate(owners) if owner.kind == "person"]
    chance.shuffle(people)
    same, other = [], []
    seen: set[str] = set()
    for number in people:
        name = next((x for x in of_owner[number] if x.isascii()), None)
        if name is None or name in seen:
            continue
        seen.add(name)
        if len(seen) > 1_100:
            break
        for change in (*RECIPE.values(), *_MORE):
            written = change(name, chance)
            if written == name:
                continue
            hits = find(index, written, "person")  # one person may be on two lists: any owner of that very name
            same += [hit.features for hit in hits if name in of_owner[hit.owner]][:1]
        latin = [x for x in of_owner[number] if x.isascii()]
        for written in of_owner[number]:
            if not written.isascii() and len(same) % 2:
                same.append(max((compare(written, x, "person") for x in latin), key=lambda x: x.score).features)
    for person in strangers()[::2]:
        hits = find(index, person["full_name"], "person")
        other += [x.features for x in hits[:3] if x.score > 30 and owners[x.owner].kind not in ("vessel", "aircraft")]
    return np.array(same), np.array(other)


def learn(
    x: Floats, y: NDArray[np.bool_], extra: tuple[Floats, Floats] | None, weight: float = EXTRA_WEIGHT
) -> tuple[float, Floats]:
    """Weights from judged pairs and made examples."""
    if extra is None:
        return fit(x, y)
    same, other = extra
    return fit(
        np.concatenate([x, same, other]),
        np.concatenate([y, np.ones(len(same), bool), np.zeros(len(other), bool)]),
        np.concatenate([np.ones(len(y)), *(np.full(len(x), weight / len(x)) for x in extra)]),
    )


def scaled(base: float, weights: Floats, x: Floats, y: NDArray[np.bool_]) -> Floats:
    """Weights such that the best threshold of the judged pairs is a score of 60."""
    cut = best_threshold(base - x @ weights, y)
    return np.asarray(weights * (-math.log(0.60) / (base - cut)))


def _in_words(change: Callable[[str], str]) -> Callable[[str, random.Random], str]:
    return lambda text, _: " ".join(map(change, text.split()))


def _ocr(text: str, chance: random.Random) -> str:
    pairs = (("rn", "m"), ("m", "rn"), ("l", "1"), ("I", "l"), ("o", "0"), ("O", "0"), ("cl", "d"), ("s", "5"))
    fitting = [pair for pair in pairs if pair[0] in text]
    return text.replace(*chance.choice(fitting), 1) if fitting else text


def _key(text: str, chance: random.Random) -> str:
    at = chance.choice([i for i, letter in enumerate(text) if letter.isalpha()] or [0])
    return text[:at] + chance.choice("abcdefghijklmnopqrstuvwxyz") + text[at + 1 :]


def _glued(text: str, chance: random.Random) -> str:
    words = text.split()
    if len(words) < 2:
        return text
    at = chance.randrange(len(words) - 1)
    return " ".join([*words[:at], words[at] + words[at + 1], *words[at + 2 :]])


def _particle(text: str, chance: random.Random) -> str:
    return re.sub(
        r"(?i)\b(al|el|bin|abu|de|van)[ -]", lambda found: chance.choice(["", found[1], found[1] + "-"]), text
    )


def _title(text: str, chance: random.Random) -> str:
    return chance.choice(["Dr. ", "Gen. ", "Mr. ", ""]) + text + chance.choice([" Jr.", " II", ""])


def _less(text: str, chance: random.Random) -> str:
    words = text.split()
    if len(words) < 4:
        return text
    del words[chance.randrange(1, len(words) - 1)]
    return " ".join(words)


_MORE = (
    _in_words(lambda x: x if len(x) < 4 else x[0] + re.sub("[aeiouAEIOU]", "", x[1:-1]) + x[-1]),
    _ocr, _key, _glued, _particle, _title, _less,
)  # fmt: skip


def count() -> bytes:
    """How many parties, and people of a census, bear a word of that sound."""
    found: Counter[str] = Counter()
    for key in ("csl", "eu", "un", "uk", "ca"):
        for one in listed(key):
            sounds = set()
            for name in one.names:
                for token in analyse(name, one.kind).tokens:
                    if token.kind in (WORD, TERM) and token.tells == "full" and token.plain.isascii():
                        sounds |= {token.sound, token.other} - {""}
            found.update(sounds)
    package = importlib.util.find_spec("names")
    if package is None or package.origin is None:
        raise SystemExit("install the package `names` first: it brings the counts of the census")
    for file in ("dist.all.last", "dist.male.first", "dist.female.first"):
        for line in (Path(package.origin).parent / file).read_text().splitlines():
            name, share, *_ = line.split()
            if (times := round(1000 * float(share))) >= 5:
                found[sound(name.lower())] += times
    by_count = defaultdict(list)
    for word, times in found.items():
        if times >= _LEAST_COUNT:
            by_count[times if times < 20 else round(times, -1 if times < 1000 else -2)].append(word)
    lines = [f"{times}\t{' '.join(sorted(words))}" for times, words in sorted(by_count.items())]
    return gzip.compress("\n".join(lines).encode(), 9, mtime=0)


def main() -> None:
    """Write counts (with the argument `counts`) and model."""
    if "counts" in sys.argv:
        (DATA / "counts.tsv.gz").write_bytes(count())
        print("counts written; run again without `counts`")
        return
    x, y = of_pairs()
    base, weights = learn(x, y, made())
    known = json.loads((DATA / "model.json").read_text())
    stored = {
        "threshold": known["threshold"],
        "weights": {name: round(float(w), 4) for name, w in zip(FEATURES, scaled(base, weights, x, y), strict=True)},
    }
    (DATA / "model.json").write_text(json.dumps(stored, indent=1) + "\n")
    print(stored)


if __name__ == "__main__":
    main()
