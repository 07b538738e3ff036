"""Asking the screening what it finds: altered names of the lists, and ordinary parties."""

from __future__ import annotations

import math
import random
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from carveout.engine.analyse.alterations import KINDS, Kind
from carveout.engine.analyse.validation.ordinary import Party
from carveout.engine.analyse.validation.report import Share
from carveout.engine.decide.decision import Engine
from carveout.engine.parties.screening import Candidate
from carveout.engine.parties.subjects import Subjects

LOWEST = 50
UNALTERED = "unaltered"
Progress = Callable[[int, int], None]
MOST_MISSED = 12
MOST_LETTERS = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """A name of an entry: of whom, on which list, what it is, in which script."""

    subject: str
    list: str
    kind: str
    name: str
    script: str


@dataclass(slots=True)
class Tally:
    """Counts of found and asked, by some key; what is asked of one name in several ways is no sample of several."""

    asked: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    _of_names: dict[str, dict[str, list[int]]] = field(default_factory=dict)

    def add(self, key: str, found: bool, name: str = "") -> None:
        """One more; `name`: of which name, where several are asked of one."""
        self.asked[key] += 1
        self.found[key] += found
        if name:
            counts = self._of_names.setdefault(key, {}).setdefault(name, [0, 0])
            counts[0] += 1
            counts[1] += found

    def share(self, key: str) -> Share:
        """The share found."""
        return share_of(self.found[key], self.asked[key], self._worth(key))

    def _worth(self, key: str) -> float | None:
        """How many independent ones the sample is worth: by the spread of the names about the share (W. G. Cochran,
        Sampling Techniques, 3rd ed. 1977, 9A.2: clusters of unequal size)."""
        names, asked, p = self._of_names.get(key, {}), self.asked[key], self.found[key] / max(1, self.asked[key])
        if len(names) < 2 or not 0 < p < 1:
            return float(len(names)) if names else None
        squares = sum((found - p * count) ** 2 for count, found in names.values())
        spread = len(names) / (len(names) - 1) * squares / asked**2
        return min(float(asked), p * (1 - p) / spread) if spread else float(len(names))


@dataclass(slots=True)
class Measured:
    """All that was asked and found."""

    sampled: list[Listed] = field(default_factory=list)
    changes: Tally = field(default_factory=Tally)
    scripts: Tally = field(default_factory=Tally)
    lists: Tally = field(default_factory=Tally)
    kinds: Tally = field(default_factory=Tally)
    lossless: Tally = field(default_factory=Tally)
    examples: dict[str, tuple[str, str]] = field(default_factory=dict)
    missed: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    scores: list[int] = field(default_factory=list)
    """Of the right entry, for each altered name that lost nothing; 0: none."""
    alarms: Tally = field(default_factory=Tally)
    same: Counter[str] = field(default_factory=Counter)
    alarming: list[tuple[Party, Candidate]] = field(default_factory=list)
    ordinary_scores: list[int] = field(default_factory=list)
    complete: bool = True


def share_of(found: int, sample: int, worth: float | None = None) -> Share:
    """A share with Wilson's interval for 95 percent (E. B. Wilson, JASA 22 (1927), 209-212).

    `worth`: how many independent ones the sample is worth, where it is not as many as it has.
    """
    if not sample:
        return Share(found=0, sample=0, share=None, low=None, high=None)
    z, p, n = 1.959964, found / sample, float(sample) if worth is None else worth
    centre, spread = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = ((centre + sign * spread) / (1 + z * z / n) for sign in (-1, 1))
    return Share(
        found=found, sample=sample, share=round(p, 6), low=round(max(0.0, low), 6), high=round(min(1.0, high), 6)
    )


def script_of(name: str) -> str:
    """The script of most of its letters, by their Unicode names."""
    found = Counter(unicodedata.name(x, "?").split()[0] for x in name if x.isalpha())
    return found.most_common(1)[0][0].title() if found else "No letters"


def sample(subjects: Subjects, count: int, seed: int) -> list[Listed]:
    """Names of who is listed now or recorded, each entry once, half of them in other scripts where there are any."""
    chance = random.Random(f"sample {seed}")
    watchlist = subjects.watchlist
    if watchlist is None or not len(watchlist):
        own = [found for id in sorted(subjects.rules.subjects) if (found := _listed(subjects, id, False, chance))]
        return chance.sample(own, min(count, len(own)))
    order = list(range(len(watchlist)))
    chance.shuffle(order)
    latin: list[Listed] = []
    others: list[Listed] = []
    for number in order[: 60 * count]:
        history = watchlist.history(number)
        if history.spells[-1].until is not None:
            continue
        foreign = len(others) < count // 3
        found = _listed(subjects, history.id, foreign, chance)
        if found is None:
            continue
        into = others if found.script != "Latin" else latin
        if into is others or len(latin) < count:
            into.append(found)
        if len(latin) >= count and len(others) >= count // 3:
            break
    others = others[: count // 3]
    mixed = [*latin[: count - len(others)], *others]
    chance.shuffle(mixed)
    return mixed


def _listed(subjects: Subjects, id: str, foreign: bool, chance: random.Random) -> Listed | None:
    subject = subjects[id]
    names = [x.name for x in subject.names if x.kind != "weak" and 4 <= len(x.name) <= MOST_LETTERS]
    names = [name for name in names if sum(map(str.isalpha, name)) >= 4]
    if foreign and (other := [name for name in names if script_of(name) != "Latin"]):
        names = other
    if not names:
        return None
    name = chance.choice(names)
    return Listed(subjects.shown_as(id), subjects.list_of(id) or "rule set", subject.kind, name, script_of(name))


class Measuring:
    """Measures with two engines that differ in the threshold alone: the one in question, and the lowest there is."""

    def __init__(self, engine: Engine, lowest: Engine, seconds: float, progress: Progress | None = None) -> None:
        self.engine, self.lowest = engine, lowest
        self._end = time.monotonic() + seconds
        self._progress = progress or (lambda done, of: None)
        self._done = self._of = 0
        self.measured = Measured()

    def run(self, listed: Sequence[Listed], parties: Sequence[Party], seed: int) -> Measured:
        """Ask everything, or as much as there is time for; altered names and ordinary parties in turn."""
        chance = random.Random(f"changes {seed}")
        self.measured.sampled = list(listed)
        self._of = len(listed) + len(parties)
        each = max(1, len(parties) // max(1, len(listed)))
        waiting = iter(parties)
        for one in listed:
            if self._over():
                return self.measured
            self._alter(one, chance)
            for _ in range(each):
                if (party := next(waiting, None)) is not None:
                    self._ordinary(party)
        for party in waiting:
            if self._over():
                return self.measured
            self._ordinary(party)
        return self.measured

    def _over(self) -> bool:
        if time.monotonic() > self._end:
            self.measured.complete = False
        return not self.measured.complete

    def _alter(self, one: Listed, chance: random.Random) -> None:
        found = self.measured
        found.changes.add(UNALTERED, self._score(self.engine, one, one.name) is not None)
        for kind in KINDS:
            asked = kind.change(one.name, chance)
            if asked.casefold() == one.name.casefold() or not asked.strip():
                continue
            self._count(kind, one, asked)
        self._told()

    def _count(self, kind: Kind, one: Listed, asked: str) -> None:
        found = self.measured
        hit = self._score(self.engine, one, asked) is not None
        found.changes.add(kind.name, hit)
        if len(one.name) <= 40 and (kind.name not in found.examples or self._done < KINDS.index(kind) * 7):
            found.examples[kind.name] = one.name, asked  # another name for each kind
        if not hit and len(found.missed.setdefault(kind.name, [])) < MOST_MISSED:
            found.missed[kind.name].append((one.subject, one.name, asked))
        if kind.loses:
            return
        for tally, key in ((found.scripts, one.script), (found.lists, one.list), (found.kinds, one.kind)):
            tally.add(key, hit, one.subject)
        found.lossless.add("all", hit, one.subject)
        found.scores.append(self._score(self.lowest, one, asked) or 0)

    def _score(self, engine: Engine, one: Listed, asked: str) -> int | None:
        return next((c.score for c in engine.subjects.screen(asked, kind=one.kind) if c.subject == one.subject), None)

    def _ordinary(self, party: Party) -> None:
        found = self.measured
        candidates = engine_asked(self.engine, party)
        found.alarms.add(party.group, bool(candidates))
        if candidates:
            found.alarming.append((party, candidates[0]))
            found.same[party.group] += candidates[0].verdict == "same"
        best = candidates or engine_asked(self.lowest, party)
        found.ordinary_scores.append(best[0].score if best else 0)
        self._told()

    def _told(self) -> None:
        self._done += 1
        self._progress(self._done, self._of)


def engine_asked(engine: Engine, party: Party) -> tuple[Candidate, ...]:
    """Whom a party may be; things (ships, aircraft) are passed over, as screening of a party does."""
    subjects = engine.subjects
    return tuple(c for c in subjects.screen(party.name, kind=party.kind) if subjects[c.subject].thing == "party")
