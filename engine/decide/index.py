"""Finding the norms that can matter without asking the others.

Each norm is filed under the values that its condition needs: the plain tests joined by `all` at its top, of the thing
itself or of the act, whose possible values are a closed list, a status or a subject. Norms that need values of the same
facts share a table; a lookup takes the values that the thing has, and where a fact is not there (so that the test may
be UNKNOWN) every value of that fact. What is not found this way is FALSE for certain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Any, Generic, TypeVar

from carveout.engine.decide.leaves import truth_table
from carveout.engine.decide.plans import generated
from carveout.engine.facts.things import Act
from carveout.engine.law.conditions import Condition, Junction, Leaf
from carveout.engine.law.vocabulary import Vocabulary

_T = TypeVar("_T")
MOST_KEYS = 64
"""A norm is filed at most under so many combinations of values; facts that would need more are left to the test."""
MOST_FACTS = 4
ACTIVITY = ("act", "activity")
Need = tuple[str, str, frozenset[Any]]
"""Whose fact (`act` or `thing`), which fact, and the values it may have."""
Names = tuple[tuple[str, str], ...]
Finder = Callable[[dict[str, Any], dict[str, Any], list[Any]], None]
"""From the facts of a thing and of the act to what is found, put into the list."""


def needs_of(condition: Condition | None, thing: str, statuses: Iterable[str], vocabulary: Vocabulary) -> list[Need]:
    """What a condition needs at the least: the activity, then the most telling facts first."""
    found: dict[tuple[str, str], frozenset[Any]] = {}
    if statuses:
        found["thing", "status"] = frozenset(statuses)
    joined = isinstance(condition, Junction) and condition.kind == "all"
    parts = condition.parts if joined and isinstance(condition, Junction) else (condition,) if condition else ()
    for part in parts:
        if not isinstance(part, Leaf) or part.path.links or part.test != "is" or part.path.root not in ("act", thing):
            continue
        fact = part.path.fact
        closed = vocabulary.closed(fact.type) is not None
        if not closed and fact.type not in ("status", "subject"):
            continue
        if fact.absent == "assumed":
            continue  # an assumed value is there even where nothing is stated
        values = frozenset(truth_table(part, vocabulary))
        key = "act" if part.path.root == "act" else "thing", fact.name
        if key not in found:
            found[key] = values
        elif closed and not fact.many:
            found[key] &= values
    needs = [(where, name, values) for (where, name), values in found.items()]
    return sorted(needs, key=lambda need: (need[:2] != ACTIVITY, len(need[2]), need[:2]))


class Table(Generic[_T]):
    """Norms that need values of the same facts."""

    __slots__ = ("names", "norms", "partial")

    def __init__(self, names: Names) -> None:
        self.names = names
        self.norms: dict[Any, list[_T]] = {}
        self.partial: dict[tuple[bool, ...], dict[tuple[Any, ...], list[_T]]] = {}

    def find_partly(self, facts: dict[str, Any], act_facts: dict[str, Any], found: list[_T]) -> None:
        """What is found where some fact is not there: whatever it is."""
        values = [(facts if where == "thing" else act_facts).get(name) for where, name in self.names]
        if any(value is not None and not value for value in values):
            return
        known = tuple(value is not None for value in values)
        norms = self.partial.get(known) or self._project(known)
        options = [(value,) if value.__class__ is str else value for value in values if value is not None]
        for key in product(*options):
            found += norms.get(key, ())

    def _project(self, known: tuple[bool, ...]) -> dict[tuple[Any, ...], list[_T]]:
        """The table filed under the known facts alone; made when first needed."""
        found: dict[tuple[Any, ...], dict[_T, None]] = {}
        for key, norms in self.norms.items():
            short = tuple(value for value, is_known in zip(key, known, strict=True) if is_known)
            found.setdefault(short, {}).update(dict.fromkeys(norms))
        made = self.partial[known] = {key: list(norms) for key, norms in found.items()}
        return made


class Index(Generic[_T]):
    """Norms by the values they need; first of all by the activity, which every act states."""

    def __init__(self) -> None:
        self.tables: dict[str | None, dict[Names, Table[_T]]] = {None: {}}
        self.finders: dict[str | None, Finder] = {}

    def names(self, activity: str) -> list[tuple[str, str]]:
        """Whose facts, and which, a lookup for that activity looks at; nothing else can change what it finds."""
        tables = self.tables[None] | self.tables.get(activity, {})
        return list(dict.fromkeys(each for names in tables for each in names))

    def add(self, needs: list[Need], norm: _T) -> None:
        """File a norm under its needs."""
        self.finders.clear()
        activities: Iterable[str | None] = (None,)
        if needs and needs[0][:2] == ACTIVITY:
            activities, needs = sorted(needs[0][2]), needs[1:]
        chosen: list[Need] = []
        keys = 1
        for need in needs:
            if len(chosen) < MOST_FACTS and keys * max(1, len(need[2])) <= MOST_KEYS:
                chosen.append(need)
                keys *= max(1, len(need[2]))
        names = tuple((where, name) for where, name, _ in chosen)
        for activity in activities:
            tables = self.tables.setdefault(activity, {})
            table = tables.get(names)
            if table is None:
                table = tables[names] = Table(names)
            for values in product(*(sorted(need[2], key=str) for need in chosen)):
                table.norms.setdefault(values, []).append(norm)

    def ready(self) -> None:
        """Make every lookup now, so that the first act to need one costs no more than the next."""
        for activity in self.tables:
            self._finder(activity)

    def find(self, thing: Any, act: Act) -> list[_T]:
        """The norms that the thing may satisfy; a norm may come twice."""
        found: list[_T] = []
        activity = act.facts["activity"]
        finder = self.finders.get(activity) or self._finder(activity if activity in self.tables else None)
        finder(thing.facts, act.facts, found)
        return found

    def _finder(self, activity: str | None) -> Finder:
        """One lookup in all tables of an activity: it is the first thing that every thing of every act goes through."""
        known = self.finders.get(activity)
        if known is None:
            tables = list(self.tables[None].values())
            if activity is not None:
                tables = [*self.tables[activity].values(), *tables]
            known = self.finders[activity] = _finder_in(tables)
        return known


def _finder_in(tables: Sequence[Table[Any]]) -> Finder:
    """A function that looks values up in every table; each fact is looked at once."""
    lines: list[str] = []
    values: dict[tuple[str, str], str] = {}
    names: dict[str, Any] = {}
    for number, table in enumerate(tables):
        for where, name in table.names:
            if (where, name) not in values:
                value = values[where, name] = f"v{len(values)}"
                lines.append(f"{value} = {'facts' if where == 'thing' else 'act_facts'}.get({name!r})")
                lines.append(f"if {value}.__class__ is str: {value} = ({value},)")
        mine = [values[each] for each in table.names]
        names |= {f"get{number}": table.norms.get, f"partly{number}": table.find_partly}
        indent = ""
        if mine:
            lines.append(f"if {' or '.join(f'{value} is None' for value in mine)}:")
            lines += [f" partly{number}(facts, act_facts, found)", "else:"]
            indent = " "
        for i, value in enumerate(mine):
            lines.append(f"{indent}for x{i} in {value}:")
            indent += " "
        key = "".join(f"x{i}, " for i in range(len(mine)))
        lines += [f"{indent}some = get{number}(({key}))", f"{indent}if some is not None: found += some"]
    return generated("facts, act_facts, found", lines or ["pass"], names)  # type: ignore[no-any-return]
