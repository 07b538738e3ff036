"""What the tests of the laws share: the shipped engine, the worked cases, and values that tell norms apart."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, settings

from carveout.engine import Decision, Engine, StatementError
from carveout.engine.law.clocks import FOREVER
from carveout.engine.law.conditions import VERDICTS, Leaf, walk
from carveout.engine.law.norms import Exemption, Norm, Prohibition
from carveout.engine.law.ruleset import conditions_of
from carveout.engine.law.vocabulary import CodeSet, Fact

Statement = dict[str, Any]

SOAK = int(os.environ.get("CARVEOUT_SOAK", "0"))
"""How many times as long as in a normal run the generated tests go on; 0 is a normal run, always with the same seed."""
TIMES = SOAK or 1
OUTCOMES = Path(__file__).resolve().parents[1] / "outcomes"
LISTS = {"party": "parties", "item": "items", "asset": "assets"}
HARMLESS = (
    "Hanse Technik GmbH",
    "Ohio Jet Parts LLC",
    "Bosphorus Air Cargo",
    "Kowalski Sp. z o.o.",
    "Quill and Daughters",
)


def examples(count: int) -> settings:
    """So many generated examples, the same ones in every run; more and other ones when soaking."""
    return settings(
        max_examples=count * TIMES,
        deadline=None,
        derandomize=not SOAK,
        database=None,
        print_blob=bool(SOAK),
        suppress_health_check=list(HealthCheck),
    )


@cache
def engine() -> Engine:
    """One engine with the shipped rules and no lists."""
    return Engine.load()


def decide(statement: Statement, by: Engine | None = None) -> Decision | None:
    """The decision, or None where the statement is refused."""
    try:
        return (by or engine()).check(statement)
    except StatementError:
        return None


def ranges(decision: Decision) -> dict[str, tuple[int, int]]:
    """Best and worst case of each authority, as ranks."""
    return {
        entry["authority"]: (VERDICTS.index(entry["best"]), VERDICTS.index(entry["worst"]))
        for entry in decision.body["authorities"]
    }


def left(new: Decision, old: Decision) -> list[str]:
    """The authorities whose new range is not within the old one, in words."""
    before = ranges(old)
    return [
        f"{id}: {VERDICTS[best]}..{VERDICTS[worst]} is not within {VERDICTS[before[id][0]]}..{VERDICTS[before[id][1]]}"
        for id, (best, worst) in ranges(new).items()
        if best < before[id][0] or worst > before[id][1]
    ]


def plain(statement: Statement) -> Statement:
    """A copy in which every thing is a mapping of its own."""
    found = copy.deepcopy(statement)
    for key, name in (("parties", "name"), ("items", "name"), ("assets", "registration")):
        if found.get(key) is not None:
            entries = found[key] if isinstance(found[key], list) else [found[key]]
            found[key] = [{name: entry} if isinstance(entry, str) else entry for entry in entries]
    return found


@cache
def case_statements() -> tuple[Statement, ...]:
    """The transaction of every worked case, one for each act of a deal."""
    found = []
    for path in sorted(OUTCOMES.glob("*/*.yaml")):
        for case in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader):
            statement = case["transaction"]
            shared = {key: value for key, value in statement.items() if key not in ("acts", "reference")}
            for act in statement.get("acts") or [{}]:
                found.append(plain({**shared, **act}))
    return tuple(found)


def prohibitions() -> list[Prohibition]:
    """Every prohibition of the shipped rules."""
    return engine().rules.of_kind(Prohibition)


def leaves_of(norm: Norm) -> Iterator[Leaf]:
    """Every test of a fact in a norm."""
    for condition in conditions_of(norm):
        for part in walk(condition):
            if isinstance(part, Leaf):
                yield part


@cache
def tested() -> dict[str, tuple[Any, ...]]:
    """For each fact the values that some norm tests it for, and what lies beside them, as a user would write them."""
    found: dict[str, dict[str, None]] = {}
    leaves = [leaf for norm in engine().rules.norms.values() for leaf in leaves_of(norm)]
    for authority in engine().rules.authorities.values():
        for ground in authority.grounds.values():
            for condition in ground.conditions.values():
                leaves += [part for part in walk(condition) if isinstance(part, Leaf)]
    for leaf in leaves:
        values = found.setdefault(leaf.path.fact.path, {})
        for value in leaf.values:
            for written in _beside(value):
                values[written] = None
    return {path: tuple(values) for path, values in found.items()}


def _beside(value: Any) -> Iterator[str]:
    if isinstance(value, CodeSet):
        yield from value.codes[:6]
    elif isinstance(value, bool):
        yield from ("yes", "no")
    elif isinstance(value, Decimal):
        yield from (str(value), str(value + 1), str(max(Decimal(0), value - 1)))
    elif isinstance(value, date):
        yield from (str(value), str(value - timedelta(days=1)), str(value + timedelta(days=1)))
    else:
        yield str(value)


PLACES = ("BY", "RU", "US", "DE", "GB", "CH", "CA", "TR", "UA", "UA-43", "KZ", "CU", "IR", "LT", "EU")
CODES = {
    "eccn": (
        "9A991",
        "9A991.b",
        "9A991.d",
        "9A99I.d",
        "EAR99",
        "9A610.x",
        "3A001.a",
        "5A992.c",
        "USML",
        "7A994",
        "9E991",
    ),
    "hs": ("8807.30", "88", "8411.91", "3104", "8542.31", "87", "not a code", "9403.20"),
    "registration": ("EW-366PA", "EW-001PA", "EW-465TQ", "D-ABCD", "EW-999ZZ", "??"),
    "currency": ("USD", "EUR", "BYN"),
}


def values_of(fact: Fact) -> tuple[Any, ...]:
    """Values a user may state of a fact (links, statuses and subjects apart)."""
    vocabulary = engine().rules.vocabulary
    own = tuple(
        value
        for value in tested().get(fact.path, ())
        if vocabulary.closed(fact.type) is None or value in (vocabulary.closed(fact.type) or ())
    )
    if fact.type == "place":
        return (*PLACES, *own)
    if fact.type in vocabulary.words:
        return tuple(vocabulary.words[fact.type])
    if fact.type == "yes_no":
        return ("yes", "no")
    if fact.type in CODES:
        return (*CODES[fact.type], *own)
    if fact.type in ("number", "percent"):
        return (*own, "0", "60")
    if fact.type == "date":
        return (*own, "2021-01-01", "2023-10-01", "2026-01-01")
    return (*own, "something else")


@cache
def edges() -> tuple[int, ...]:
    """Every moment at which some norm, or an open question of one, begins, ends or goes stale."""
    found: set[int] = set()
    for norm in engine().rules.norms.values():
        found.update(norm.effective.edges())
        for question in norm.unresolved:
            found.update(edge for b in (question.begins, question.ends) for edge in (b.after, b.by))
        if isinstance(norm, Exemption):
            found.add(norm.stale_from)
    return tuple(sorted(edge for edge in found if -FOREVER < edge < FOREVER))


def written(moment: int) -> str:
    """A moment as a user writes it."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
