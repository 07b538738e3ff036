"""What the entry of a list file is called in the norms: `LIST/PROGRAMME`, by the lists that authorities declare.

The mapping is law, so it is data of the rule set: the key `official` of a list in `authority.yaml` (docs/rules.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from carveout.engine.law.norms import Authority, ListOf, Official
from carveout.engine.law.ruleset import OTHER
from carveout.engine.parties.lists.entry import ListEntry


@dataclass(frozen=True, slots=True)
class Given:
    """What an entry gives: the statuses that norms know of, and those that this rule set does not hold."""

    statuses: tuple[str, ...]
    unheld: tuple[str, ...]


class Naming:
    """The names that a rule set has for what is in list files."""

    def __init__(self, authorities: Mapping[str, Authority] | Iterable[Authority]) -> None:
        held = authorities.values() if isinstance(authorities, Mapping) else authorities
        self._lists = {name: found for authority in held for name, found in authority.lists.items()}
        self._mapped = [found for found in self._lists.values() if found.official]

    def given(self, entry: ListEntry) -> Given:
        """The statuses of an entry.

        Of each status that the file gives it, the first of the `official` rows of a list that fits counts; where rows
        ask for a `part` of a detail, once for each of its parts. What some part has no row for is under the programme
        as the file names it. What a declared list has no programme for is `LIST/other`: listed, under something that
        no norm asks for by name. A list that nobody declares is not held, and said to be so.
        """
        found: dict[str, None] = {}
        used: set[str] = set()
        for declared in self._mapped:
            parts = _parts(declared, entry)
            for status in entry.statuses:
                rows = [next((x for x in declared.official if _fits(x, status, part, entry)), None) for part in parts]
                found |= {f"{declared.id}/{row.programme}": None for row in rows if row is not None}
                if None not in rows:
                    used.add(status)
        own = self._lists.get(entry.list)
        if own is not None:
            found |= dict.fromkeys(_own(own, entry, used))
            return Given(tuple(found), ())
        return Given(tuple(found), tuple(x for x in entry.statuses if x not in used))


def _own(declared: ListOf, entry: ListEntry, used: set[str]) -> list[str]:
    """The statuses that no `official` row names, under the programmes as the file has them."""
    other = f"{declared.id}/{OTHER}"
    left = [x for x in entry.programmes if f"{entry.list}/{x}" not in used]
    if not left:
        return [] if used else [other]
    return [f"{declared.id}/{x}" if x in declared.programmes else other for x in left]


def _parts(declared: ListOf, entry: ListEntry) -> list[dict[str, str]]:
    """The details that rows look at part by part, `Iran (Nuclear); Syria`, in every combination of their parts."""
    keys = dict.fromkeys(key for row in declared.official for key, _ in row.part)
    said = [[x.strip() for x in entry.details.get(key, "").split(";") if x.strip()] or [""] for key in keys]
    return [dict(zip(keys, each, strict=True)) for each in product(*said)]


def _fits(row: Official, status: str, part: Mapping[str, str], entry: ListEntry) -> bool:
    return (
        any(_like(pattern).fullmatch(status) for pattern in row.statuses)
        and all(_says(entry.details.get(key, ""), words) for key, words in row.says)
        and all(any(_like(_plain(x)).fullmatch(_plain(part[key])) for x in words) for key, words in row.part)
    )


def _says(text: str, words: tuple[str, ...]) -> bool:
    """Whether a text holds one of some wordings, whatever their case and spaces."""
    plain = _plain(text)
    return any(_plain(x) in plain for x in words)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


@lru_cache(maxsize=4_096)
def _like(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)
