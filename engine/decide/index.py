"""Finding the norms that can matter without asking the others.

Each norm is filed under the values that its condition needs: the plain tests joined by `all` at its top, of the thing
itself or of the act, whose possible values are a closed list, a status or a subject. Norms that need values of the same
facts share a table; a lookup takes the values that the thing has, and where a fact is not there (so that the test may
be UNKNOWN) every value of that fact. What is not found this way is FALSE for certain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any, Generic, TypeVar

from carveout.engine.decide.leaves import truth_table
from carveout.engine.facts.things import Act
from carveout.engine.law.conditions import Condition, Junction, Leaf
from carveout.engine.law.vocabulary import Vocabulary

_T = TypeVar("_T")
MOST_KEYS = 64
"""A norm is filed at most under so many combinations of values; facts that would need more are left to the test."""
MOST_FACTS = 4
Need = tuple[str, str, frozenset[Any]]
"""Whose fact (`act` or `thing`), which fact, and the values it may have."""


def needs_of(condition: Condition | None, thing: str, statuses: Iterable[str], vocabulary: Vocabulary) -> list[Need]:
    """What a condition needs at the least, the most telling facts first."""
    found: dict[tuple[str, str], frozenset[Any]] = {}
    if statuses:
        found["thing", "status"] = frozenset(statuses)
    parts = (
        condition.parts
        if isinstance(condition, Junction) and condition.kind == "all"
        else (condition,)
        if condition
        else ()
    )
    for part in parts:
        if not isinstance(part, Leaf) or part.path.links or part.test != "is" or part.path.root not in ("act", thing):
            continue
        fact = part.path.fact
        closed = vocabulary.closed(fact.type) is not None
        if not closed and fact.type not in ("status", "subject"):
            continue
        if fact.absent not in ("asked", "as", "claimed", "none"):
            continue  # an assumed value is there even where nothing is stated
        values = frozenset(truth_table(part, vocabulary))
        where = "act" if part.path.root == "act" else "thing"
        key = where, fact.name
        found[key] = found[key] & values if key in found and closed and not fact.many else found.get(key, values)
    return sorted(
        ((where, name, values) for (where, name), values in found.items()),
        key=lambda n: (n[1] != "activity", len(n[2]), n[:2]),
    )


class Index(Generic[_T]):
    """Norms by the values they need."""

    def __init__(self) -> None:
        self.tables: dict[tuple[tuple[str, str], ...], dict[tuple[Any, ...], list[_T]]] = {}
        self.partial: dict[tuple[tuple[tuple[str, str], ...], tuple[bool, ...]], dict[tuple[Any, ...], list[_T]]] = {}
        self.by_activity: (
            dict[Any, list[tuple[tuple[tuple[str, str], ...], dict[tuple[Any, ...], list[_T]]]]] | None
        ) = None

    def add(self, needs: list[Need], norm: _T) -> None:
        """File a norm under its needs."""
        chosen: list[Need] = []
        keys = 1
        for need in needs:
            if len(chosen) < MOST_FACTS and keys * max(1, len(need[2])) <= MOST_KEYS:
                chosen.append(need)
                keys *= max(1, len(need[2]))
        facts = tuple((where, name) for where, name, _ in chosen)
        table = self.tables.setdefault(facts, {})
        for values in product(*(sorted(need[2], key=str) for need in chosen)):
            table.setdefault(values, []).append(norm)

    def find(self, thing: Any, act: Act) -> Iterator[_T]:
        """The norms that the thing may satisfy; a norm may come twice."""
        facts, act_facts = thing.facts, act.facts
        for names, table in self.tables.items():
            options: list[Any] = []
            gaps = False
            for where, name in names:
                value = (act_facts if where == "act" else facts).get(name)
                if value is None:
                    gaps = True
                    options.append(None)
                elif isinstance(value, (tuple, dict)):
                    if not value:
                        break
                    options.append(tuple(value))
                else:
                    options.append((value,))
            else:
                if gaps:
                    known = tuple(option is not None for option in options)
                    table = self._projected(names, known)
                    options = [option for option in options if option is not None]
                for key in product(*options):
                    norms = table.get(key)
                    if norms is not None:
                        yield from norms

    def _projected(
        self, names: tuple[tuple[str, str], ...], known: tuple[bool, ...]
    ) -> dict[tuple[Any, ...], list[_T]]:
        """A table filed under the known facts alone; made when first needed."""
        found = self.partial.get((names, known))
        if found is None:
            found = {}
            for key, norms in self.tables[names].items():
                short = tuple(value for value, is_known in zip(key, known, strict=True) if is_known)
                bucket = found.setdefault(short, [])
                bucket += [norm for norm in norms if norm not in bucket] if len(bucket) < 64 else norms
            self.partial[names, known] = {key: list(dict.fromkeys(norms)) for key, norms in found.items()}
            found = self.partial[names, known]
        return found
