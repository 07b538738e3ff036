"""The peers: nomenklatura's matchers on its own records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import count
from typing import Any

_numbers = count()


def record(schema: str, properties: Mapping[str, Any]) -> Any:
    """A record as the peer holds it, with an id of its own: the peer remembers names by the id."""
    from followthemoney import model

    values = {key: value if isinstance(value, list) else [value] for key, value in properties.items()}
    return model.get_proxy({"id": f"bench-{next(_numbers)}", "schema": schema, "properties": values}, cleaned=False)


@lru_cache(maxsize=50_000)
def _named(schema: str, name: str) -> Any:
    return record(schema, {"name": name})


def scorer(algorithm: str) -> Callable[[Any, Any], float]:
    """The score of two records, from 0 to 1."""
    from nomenklatura.matching import get_algorithm

    matcher = get_algorithm(algorithm)
    if matcher is None:
        raise LookupError(algorithm)
    config = matcher.default_config()
    return lambda asked, listed: float(matcher.compare(asked, listed, config).score)


def alike_by(algorithm: str) -> Callable[[str, Iterable[str], str], float]:
    """The best score of a name beside several."""
    score = scorer(algorithm)

    def best(query: str, near: Iterable[str], schema: str) -> float:
        asked = record(schema, {"name": query})
        return max((score(asked, _named(schema, name)) for name in near), default=0.0)

    return best
