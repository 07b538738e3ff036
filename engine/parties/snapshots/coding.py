"""An entry of a list as compact text, and back without loss."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

from carveout.engine.parties.lists.entry import Address, Identifier, ListedName, ListEntry

_EMPTY: tuple[Any, ...] = ("", "", "", (), (), (), (), (), (), (), "", "", "", "", {})


def encode(entry: ListEntry) -> str:
    """The entry as a JSON array: its fields in their order, without what is empty at the end."""
    fields: list[Any] = [
        entry.list,
        entry.uid,
        entry.kind,
        [_short([x.name, x.kind, x.language, x.script]) for x in entry.names],
        entry.programmes,
        entry.countries,
        entry.birth_dates,
        entry.birth_places,
        [_short([x.kind, x.value, x.label, x.country]) for x in entry.identifiers],
        [_short([x.text, x.city, x.country]) for x in entry.addresses],
        entry.listed_on,
        entry.updated_on,
        entry.ends_on,
        entry.remarks,
        dict(entry.details),
    ]
    return json.dumps(_short(fields), ensure_ascii=False, separators=(",", ":"))


def decode(text: str) -> ListEntry:
    """The entry that `encode` made into this text."""
    fields = json.loads(text)
    fields += _EMPTY[len(fields) :]
    return ListEntry(
        fields[0],
        fields[1],
        fields[2],
        tuple(ListedName(*_long(x, 2)) for x in fields[3]),
        tuple(fields[4]),
        tuple(fields[5]),
        tuple(fields[6]),
        tuple(fields[7]),
        tuple(Identifier(*_long(x, 2)) for x in fields[8]),
        tuple(Address(*_long(x, 1)) for x in fields[9]),
        fields[10],
        fields[11],
        fields[12],
        fields[13],
        MappingProxyType(fields[14]),
    )


def _short(values: list[Any]) -> list[Any]:
    while values and not values[-1]:
        values.pop()
    return values


def _long(values: list[str], least: int) -> list[str]:
    return values + [""] * (least - len(values))
