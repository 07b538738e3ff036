"""What a change does to answers: to every stored decision and to a portfolio; equal facts are decided once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from carveout.engine import __version__
from carveout.engine.analyse.flips import LAXER, MIXED, OPEN, Answered, Flip, answered, flip, named_in, unanswered
from carveout.engine.analyse.touching import Touched, touched
from carveout.engine.decide.answer import FORMAT
from carveout.engine.decide.decision import Decider, Engine
from carveout.engine.facts.problems import StatementError
from carveout.engine.law.clocks import parse_moment
from carveout.engine.records import schema
from carveout.engine.records.canonical import canonical_json, digest, read_back
from carveout.engine.records.contents import Changed
from carveout.engine.records.store import Store

Progress = Callable[[int, int], None]
"""Told how many are done, of how many."""
_Questions = tuple[list["Asked"], str, str | None, str]
"""Questions with equal facts: digest of what is stated, as known when, digest of the body or nothing."""
CHUNK = 250
MOST_EXAMPLES = 5
LONGEST_FAULT = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """One question that was answered before: by which decision or row of a portfolio, and what was stated."""

    name: str
    reference: str | None


@dataclass(slots=True)
class Group:
    """Flips with one reason and one direction."""

    reason: tuple[str, ...]
    """The norms of the change that the answers rest on, before or after."""
    flip: Flip
    named: list[str] = field(default_factory=list)
    examples: list[dict[str, Any]] = field(default_factory=list)

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "reason": list(self.reason), "direction": self.flip.direction,
            "outcome": {"before": self.flip.outcome[0], "after": self.flip.outcome[1]},
            "authorities": [
                {"authority": id, "before": before, "after": after, "direction": way}
                for id, before, after, way in self.flip.authorities
            ],
            "count": len(self.named), "examples": self.examples, "all": self.named,
        }  # fmt: skip


@dataclass(slots=True)
class Effect:
    """What flips, grouped; and how many questions were asked, how many of them distinct."""

    asked: int = 0
    distinct: int = 0
    groups: dict[Any, Group] = field(default_factory=dict)

    @property
    def flips(self) -> int:
        """How many questions have another answer."""
        return sum(len(group.named) for group in self.groups.values())

    @property
    def laxer(self) -> int:
        """How many of them are milder for some authority, or cannot be compared."""
        kinds = (LAXER, MIXED, OPEN)
        return sum(len(group.named) for group in self.groups.values() if group.flip.direction in kinds)

    def add(self, asked: Sequence[Asked], flip: Flip, reason: tuple[str, ...], fault: str = "") -> None:
        """Questions with equal facts, whose answer flips."""
        group = self.groups.setdefault((reason, flip), Group(reason, flip))
        group.named += [one.name for one in asked]
        for one in asked[: MOST_EXAMPLES - len(group.examples)]:
            example = {"of": one.name, "reference": one.reference}
            group.examples.append({**example, "fault": fault} if fault else example)

    def data(self) -> dict[str, Any]:
        """As JSON data: the largest groups first."""
        ways: dict[str, int] = {}
        for group in self.groups.values():
            ways[group.flip.direction] = ways.get(group.flip.direction, 0) + len(group.named)
        order = sorted(self.groups.values(), key=lambda group: (-len(group.named), group.reason, group.named))
        return {
            "asked": self.asked,
            "distinct": self.distinct,
            "flips": self.flips,
            "directions": dict(sorted(ways.items())),
            "groups": [group.data() for group in order],
        }


class Comparing:
    """Two engines, before and after a change, that are asked the same."""

    def __init__(self, before: Engine, after: Engine, changed: Changed) -> None:
        """Both should ask the same lists and the same register: what flips is then the change's doing."""
        self.before, self.after = before.pinned(), after.pinned()
        self.touched: Touched = touched(before.rules, after.rules, changed)
        self.changed = changed
        self._known: dict[tuple[bool, str], Decider] = {}

    def ask(
        self,
        asked: Sequence[Asked],
        stated: Any,
        effect: Effect,
        then: Answered | None = None,
        known: str | None = None,
    ) -> None:
        """Compare the answers to one set of facts, and add what flips. `then`: the answer before, where it is known."""
        old = then if then is not None else self._answer(False, stated, known)
        effect.asked += len(asked)
        effect.distinct += 1
        if not old.fault and not self.touched.reaches(old.met):
            return
        new = self._answer(True, stated, known)
        found = flip(old, new)
        if found is not None:
            effect.add(asked, found, self._reason(old, new), old.fault or new.fault)

    def _answer(self, after: bool, stated: Any, known: str | None) -> Answered:
        engine = self.after if after else self.before
        try:
            decider = engine.now if known is None else self._known_at(after, engine, known)
            return answered(decider.decide(decider.reader.read(stated)).body)
        except StatementError as error:
            return unanswered("; ".join(f"{p.field}: {p.message}" for p in error.problems)[:LONGEST_FAULT])
        except Exception as error:  # one that the engine cannot decide is a flip to be looked at, and hides no other
            return unanswered(f"{type(error).__name__}: {error}"[:LONGEST_FAULT])

    def _known_at(self, after: bool, engine: Engine, known: str) -> Decider:
        key = after, known
        if key not in self._known:
            while len(self._known) >= 4:
                del self._known[next(iter(self._known))]
            self._known[key] = engine.now.known_at(parse_moment(known, None))
        return self._known[key]

    def _reason(self, old: Answered, new: Answered) -> tuple[str, ...]:
        """The norms of the change that either answer names; where none does, the files that are other."""
        named = {*named_in(old.body), *named_in(new.body)} & self.touched.norms
        return tuple(sorted(named or self.changed.paths))

    def made_before(self, made_with: Mapping[str, Any]) -> bool:
        """Was an answer made just as the engine before would make it now?"""
        return dict(made_with) == self.before.answer.made_with and made_with["format"] == FORMAT


def effect_on_stored(
    store: Store, comparing: Comparing, after: int, until: int, progress: Progress = lambda done, of: None
) -> Effect:
    """What a change does to the stored decisions numbered after one until another. Raises StoreFault."""
    effect, seen = Effect(), 0
    table = schema.decisions
    with store.database.reading() as connection:
        among = (table.c.n > after, table.c.n <= until)
        total = int(connection.execute(select(func.count()).where(*among)).scalar_one())
    by_facts: dict[tuple[str, str | None], _Questions] = {}
    for rows in _pages(store, after, until):
        for row in rows:
            asked = Asked(row.id, row.reference)
            key = row.stated, row.as_known
            if key in by_facts:
                by_facts[key][0].append(asked)
            else:
                body = row.body if row.engine == __version__ else ""
                by_facts[key] = [asked], row.stated, row.as_known, body
    for group in _chunks(_equal(store, by_facts.values())):
        bodies = store.contents(body for _, _, known, body in group if body and known is None)
        for questions, stated, known, body in group:
            comparing.ask(questions, stated, effect, _then(comparing, bodies.get(body)), known)
            seen += len(questions)
        progress(seen, total)
    return effect


def effect_on_portfolio(
    comparing: Comparing, transactions: Iterable[tuple[str, Any]], progress: Progress = lambda done, of: None
) -> Effect:
    """What a change does to transactions by their names (the number of their line or row)."""
    effect = Effect()
    by_facts: dict[str, tuple[list[Asked], Any]] = {}
    for name, stated in transactions:
        reference, rest = _parted(stated)
        by_facts.setdefault(digest(canonical_json(rest)), ([], stated))[0].append(Asked(name, reference))
    total = sum(len(asked) for asked, _ in by_facts.values())
    for asked, stated in by_facts.values():
        comparing.ask(asked, stated, effect)
        progress(effect.asked, total)
    return effect


def _pages(store: Store, after: int, until: int) -> Iterator[Sequence[Any]]:
    table = schema.decisions
    columns = [table.c[name] for name in ("n", "id", "reference", "stated", "body", "as_known", "engine")]
    while True:
        query = select(*columns).where(table.c.n > after, table.c.n <= until).order_by(table.c.n).limit(5_000)
        with store.database.reading() as connection:
            rows = connection.execute(query).all()
        if not rows:
            return
        yield rows
        after = rows[-1].n


def _equal(store: Store, groups: Iterable[_Questions]) -> Iterator[tuple[list[Asked], Any, str | None, str]]:
    """The same with what is stated, questions that differ in their reference alone together."""
    merged: dict[tuple[str, str | None], _Questions] = {}
    for chunk in _chunks(groups):
        texts = store.contents(stated for _, stated, _, _ in chunk)
        for asked, stated, known, body in chunk:
            _, rest = _parted(read_back(texts[stated]))
            key = digest(canonical_json(rest)), known
            merged.setdefault(key, ([], stated, known, body))[0].extend(asked)
    for chunk in _chunks(merged.values()):
        texts = store.contents(stated for _, stated, _, _ in chunk)
        for asked, stated, known, body in chunk:
            yield asked, read_back(texts[stated]), known, body


def _parted(stated: Any) -> tuple[str | None, Any]:
    """The reference of a transaction, which decides nothing, and the rest."""
    if not isinstance(stated, dict):
        return None, stated
    reference = stated.get("reference")
    return None if reference is None else str(reference), {k: v for k, v in stated.items() if k != "reference"}


def _then(comparing: Comparing, body: bytes | None) -> Answered | None:
    """The stored answer, where the engine before would give the same."""
    if body is None:
        return None
    told: dict[str, Any] = read_back(body)
    made_with = (told.get("acts") or [told])[0]["made_with"]
    return answered(told) if comparing.made_before(made_with) else None


def _chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    chunk: list[Any] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
