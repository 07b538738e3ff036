"""What a thing meets, remembered: which norms can matter to a thing with such values, found once for each of these.

A lookup in the index (decide/index.py) sees a few facts of closed lists only: the country, the role, the statuses, the
destination. Their values come again with every transaction, although no transaction does. What was found for them is
kept under the values of all the facts that the lookup can see: nothing else could change what it finds, and moments,
names and amounts have no part in it. The index does not change after loading, so that what is kept never grows old.

Memory is bounded: what is kept for one kind of thing weighs at most `MOST_KEPT`, a norm in a find and each find itself
counted as one and as eight; then all of it is forgotten, and begun again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from carveout.engine.decide.index import Index
from carveout.engine.decide.plans import generated
from carveout.engine.facts.things import Act

_T = TypeVar("_T")
_Met = TypeVar("_Met")
MOST_KEPT = 200_000
"""Norms in everything kept of one kind of thing, about 16 MB with their keys."""
_EACH = 8
MAPPED = ("status", "subject")
"""Facts whose values are mappings, of which a lookup sees the keys alone."""
Key = Callable[[dict[str, Any], dict[str, Any]], tuple[Any, ...]]


class Meetings(Generic[_T, _Met]):
    """The finds of one index, each kept as what `make` makes of it."""

    def __init__(self, index: Index[_T], make: Callable[[Sequence[_T]], _Met]) -> None:
        self.index, self.make = index, make
        self.known: dict[str, tuple[Key, dict[tuple[Any, ...], _Met]]] = {}
        self.weight = 0
        self.keep = True

    def in_an_act(self, activity: str) -> tuple[Key, dict[tuple[Any, ...], _Met]]:
        """For acts of that activity: what makes a key of the facts of a thing and the act, and what is kept."""
        known = self.known.get(activity)
        if known is None:
            known = self.known[activity] = key_of(self.index.names(activity)), {}
        return known

    def of(self, thing: Any, act: Act) -> _Met:
        """What the thing meets in the act."""
        key_in, kept = self.in_an_act(act.facts["activity"])
        key = key_in(thing.facts, act.facts)
        found = kept.get(key)
        return self.find(key, thing, act) if found is None else found

    def find(self, key: tuple[Any, ...], thing: Any, act: Act) -> _Met:
        """The same for a thing with a key that was not met before: looked up, and kept."""
        norms = list(dict.fromkeys(self.index.find(thing, act)))
        found = self.make(norms)
        if self.weight > MOST_KEPT:
            self.forget()
        if self.keep:
            self.weight += len(norms) + _EACH
            self.in_an_act(act.facts["activity"])[1][key] = found
        return found

    def remember(self, flag: bool) -> None:
        """Keep what is found from now on, or find all of it anew each time."""
        self.keep = flag
        self.forget()

    def forget(self) -> None:
        """Begin again."""
        self.weight = 0
        for _, kept in list(self.known.values()):
            kept.clear()


def key_of(names: Sequence[tuple[str, str]]) -> Key:
    """A function that takes the values of these facts, as something that can be looked up."""
    values = []
    for where, name in names:
        value = f"{'facts' if where == 'thing' else 'act_facts'}.get({name!r})"
        values.append(f"None if (v := {value}) is None else tuple(v)" if name in MAPPED else value)
    return generated("facts, act_facts", [f"return ({''.join(f'{value}, ' for value in values)})"], {})  # type: ignore[no-any-return]
