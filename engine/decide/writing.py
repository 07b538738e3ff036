"""Facts as a decision writes them: `{"fact": path, "of": name, "value": value}`, each once for all findings of an act.

Which facts a finding shows depends on its condition and on what became of the tests in it, not on the act. So that is
made into a function once, for all conditions of the same shape that ask the same facts: it takes the entries of a thing
and gives the list of those that it names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from carveout.engine.decide.leaves import AskedLeaf
from carveout.engine.decide.plans import generated
from carveout.engine.facts.things import Act
from carveout.engine.law.truth import NAMES


def shown(value: Any) -> Any:
    """A fact's value as JSON."""
    kind = value.__class__
    if kind is str or value is None or kind is bool:
        return value
    if kind is tuple or kind is list:
        return [each if each.__class__ is str else shown(each) for each in value]
    if kind is dict:
        return {str(key): NAMES[truth] for key, truth in sorted(value.items())}
    if kind is Decimal:
        return format(value.normalize(), "f")
    if kind is date:
        return value.isoformat()
    if kind is frozenset:
        return sorted(value)
    return value.name  # a linked thing


@cache
def _parts_of(path: str) -> tuple[bool, str]:
    """Whether a path of the vocabulary is that of a fact of the act, and the name of the fact."""
    root, _, name = path.partition(".")
    return root == "act", name


class Written(dict[str, dict[str, Any]]):
    """The plain facts of a thing as they are written, by their paths; those of the act among them, shared by all."""

    __slots__ = ("named", "of_act", "thing")

    def __init__(self, thing: Any, of_act: Written | None) -> None:
        self.thing, self.of_act = thing, of_act
        self.named: dict[str, str] = {"kind": thing.kind, "name": thing.name}
        """The thing as findings name it."""

    def __missing__(self, path: str) -> dict[str, Any]:
        of_act, name = _parts_of(path)
        if of_act and self.of_act is not None:
            entry = self[path] = self.of_act[path]
            return entry
        thing = self.thing
        value = thing.facts.get(name)
        entry = {"fact": path, "of": thing.name, "value": value if value.__class__ is str else shown(value)}
        if name != "status":  # which each authority sees differently
            self[path] = entry
        return entry


Trace = Callable[[Written, Any, Act], list[dict[str, Any]]]
"""From what is written of a thing, the thing and the act to the facts that an answer rested on."""
_traces: dict[Any, dict[int, Trace]] = {}


def traces_for(shape: Any, leaves: Sequence[AskedLeaf]) -> dict[int, Trace]:
    """The traces by answer: one mapping for all conditions of a shape that ask the same plain facts in its places."""
    paths = tuple([leaf.path_alone for leaf in leaves])
    return _traces.setdefault((shape, paths), {}) if all(paths) else {}


def trace_of(leaves: Sequence[AskedLeaf]) -> Trace:
    """What writes the facts that these leaves used."""
    paths = tuple([leaf.path_alone for leaf in leaves])
    return _plain(paths) if all(paths) else _any(leaves)


@cache
def _plain(paths: tuple[str, ...]) -> Trace:
    return generated("w, t, act", [f"return [{', '.join(f'w[{path!r}]' for path in paths)}]"], {})  # type: ignore[no-any-return]


def _any(leaves: Sequence[AskedLeaf]) -> Trace:
    """Some of them look further than one fact of the thing or the act."""
    parts = [f"w[{leaf.path_alone!r}]" if leaf.path_alone else f"*told(L{i}, t, act)" for i, leaf in enumerate(leaves)]
    names = {f"L{i}": leaf for i, leaf in enumerate(leaves) if not leaf.path_alone}
    return generated("w, t, act", [f"return [{', '.join(parts)}]"], {"told": _told, **names})  # type: ignore[no-any-return]


def _told(leaf: AskedLeaf, thing: Any, act: Act) -> list[dict[str, Any]]:
    return [{"fact": e.fact.path, "of": e.thing.name, "value": shown(e.value)} for e in leaf.used(thing, act)]
