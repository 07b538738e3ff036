"""From what was measured to the report."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from carveout.engine import __version__
from carveout.engine.analyse.alterations import KINDS
from carveout.engine.analyse.validation.measuring import LOWEST, UNALTERED, Measured, Tally, share_of
from carveout.engine.analyse.validation.report import (
    FORMAT,
    Alarm,
    Alarms,
    AtThreshold,
    Bin,
    Change,
    Group,
    ListUsed,
    Report,
)
from carveout.engine.decide.decision import Engine
from carveout.engine.parties.matching.model import model

WIDTH = 2
"""Points of score in one bar of the picture."""
MOST_WORST = 40


def report_of(engine: Engine, measured: Measured, *, seed: int, source: str, seconds: float) -> Report:
    """The report on what was measured with an engine. `source`: where the ordinary parties came from."""
    subjects, found = engine.subjects, measured
    lossless = found.lossless.share("all")
    asked = sum(found.alarms.asked.values())
    return Report(
        format=FORMAT,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        engine=__version__,
        seed=seed,
        threshold=subjects.threshold if subjects.threshold is not None else model().threshold,
        threshold_shipped=model().threshold,
        rules=engine.rules.fingerprint,
        lists_fingerprint=subjects.fingerprint,
        lists=_lists(engine),
        entries=len(subjects) + (len(subjects.watchlist) if subjects.watchlist is not None else 0),
        sampled=len(found.sampled),
        ordinary_source=source,
        complete=found.complete,
        seconds=round(seconds, 1),
        unaltered=found.changes.share(UNALTERED),
        recall=lossless,
        changes=[
            Change(
                kind=kind.name, says=kind.says, loses=kind.loses, recall=found.changes.share(kind.name),
                example=found.examples.get(kind.name), missed=found.missed.get(kind.name, []),
            )
            for kind in KINDS
        ],
        by_script=_groups(found.scripts),
        by_list=_groups(found.lists),
        by_kind=_groups(found.kinds),
        alarms=_alarms("all", sum(found.alarms.found.values()), asked, sum(found.same.values())),
        alarms_by_group=[
            _alarms(group, found.alarms.found[group], count, found.same[group])
            for group, count in sorted(found.alarms.asked.items())
        ],
        worst=[
            Alarm(
                party=party.name, verdict=best.verdict, score=best.score, subject=best.subject,
                name=subjects[best.subject].name,
            )
            for party, best in sorted(found.alarming, key=lambda one: (-one[1].score, one[0].name))[:MOST_WORST]
        ],
        scores=_bins(found),
        below=(sum(x < LOWEST for x in found.scores), sum(x < LOWEST for x in found.ordinary_scores)),
        thresholds=[_at(threshold, found) for threshold in range(60, 100, 2)],
    )  # fmt: skip


def _lists(engine: Engine) -> list[ListUsed]:
    overdue = {name for name, _, _ in engine.subjects.overdue(int(datetime.now(UTC).timestamp()))}
    return [
        ListUsed(
            list=name, publication=newest.publication, published=newest.published.isoformat(), key=newest.key,
            too_old=name in overdue,
        )
        for name, editions in sorted(engine.subjects.editions.by_list.items())
        if editions and (newest := editions[-1])
    ]  # fmt: skip


def _groups(tally: Tally) -> list[Group]:
    order = sorted(tally.asked, key=lambda key: (-tally.asked[key], key))
    return [Group(name=key, recall=tally.share(key)) for key in order]


def _alarms(group: str, found: int, asked: int, same: int) -> Alarms:
    return Alarms(group=group, alarms=share_of(found, asked), possible=found - same, same=same)


def _bins(found: Measured) -> list[Bin]:
    altered = Counter((score - LOWEST) // WIDTH for score in found.scores if score >= LOWEST)
    ordinary = Counter((score - LOWEST) // WIDTH for score in found.ordinary_scores if score >= LOWEST)
    return [
        Bin(score=LOWEST + WIDTH * i, altered=altered[i], ordinary=ordinary[i])
        for i in range((100 - LOWEST) // WIDTH + 1)
    ]


def _at(threshold: int, found: Measured) -> AtThreshold:
    altered, ordinary = found.scores, found.ordinary_scores
    return AtThreshold(
        threshold=threshold,
        recall=round(sum(x >= threshold for x in altered) / len(altered), 6) if altered else None,
        alarms_of_10000=round(10_000 * sum(x >= threshold for x in ordinary) / len(ordinary), 2) if ordinary else None,
    )
