"""What a file is silent about goes on as an earlier, fuller one said it.

SDN.CSV alone has no strong aliases: were it taken by the letter, a party named by its alias would be free as soon as
somebody imports the shorter file. A shorter form of a list takes nothing off it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from carveout.engine.parties.lists.entry import ALIAS, PRIMARY, ListedName, ListEntry, distinct


def completed(entry: ListEntry, fuller: ListEntry, silent: frozenset[str]) -> ListEntry:
    """The entry, with what a fuller file said before of the same number in the fields that this one is silent about."""
    changes: dict[str, Any] = {}
    for name in sorted(silent):
        if name == "names":
            changes[name] = _names(entry, fuller)
        elif name == "programmes":
            changes[name] = _programmes(entry, fuller)
        elif name == "remarks":
            changes[name] = fuller.remarks if len(fuller.remarks) > len(entry.remarks) else entry.remarks
        elif name == "countries":
            changes[name] = distinct([*entry.countries, *fuller.countries])
        else:
            changes[name] = getattr(entry, name) or getattr(fuller, name)
    return replace(entry, **changes)


def _names(entry: ListEntry, fuller: ListEntry) -> tuple[ListedName, ...]:
    known = {x.name for x in entry.names}
    more = (replace(x, kind=ALIAS) if x.kind == PRIMARY else x for x in fuller.names if x.name not in known)
    return entry.names + tuple(more)


def _programmes(entry: ListEntry, fuller: ListEntry) -> tuple[str, ...]:
    """Its own, and those by which the fuller file told them more closely (`TAG-D1` under `TAG`)."""
    closer = (x for x in fuller.programmes if any(x.startswith(f"{tag}-") for tag in entry.programmes))
    return distinct([*entry.programmes, *closer])
