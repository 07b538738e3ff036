"""A JSON parse of OFAC's SDN.CSV and ALT.CSV by others: uid, name, aliases, programme and type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from carveout.engine.parties.lists import ofac
from carveout.engine.parties.lists.dates import known_date
from carveout.engine.parties.lists.entry import ALIAS, ListedName, ListEntry, as_printed
from carveout.engine.parties.lists.guard import Content
from carveout.engine.parties.lists.json_stream import members
from carveout.engine.parties.lists.reading import Reading, only

_SILENT = frozenset({"names", "birth_dates", "birth_places", "identifiers", "addresses", "countries", "remarks"})


def read(contents: Sequence[Content]) -> Reading:
    """Reads the file whole. Raises ListRefused."""
    content = only(contents)
    entries, said = [], {}
    for name, value in members(content):
        if name == "entries":
            entries.append(_entry(content, value))
        else:
            said[name] = value
    publication, entries = ofac.sorted_out(entries)
    declared = said.get("entry_count")
    day = known_date(str(said.get("downloaded_at", "")))
    count = declared if isinstance(declared, int) else None
    notes = ("birth dates, numbers, addresses and weak aliases are missing",)
    return Reading(publication, entries, len(entries), day, count, notes, _SILENT)


def _entry(content: Content, row: Any) -> ListEntry:
    uid = str(row.get("uid", "")).strip() if isinstance(row, dict) else ""
    name = str(row.get("name", "")).strip() if uid else ""
    if not name:
        raise content.refuse(f"has an entry without uid or name (`{str(row)[:80]}`); fetch it again")
    aliases = (ListedName(str(alias).strip(), ALIAS) for alias in row.get("aliases") or ())
    return ofac.with_registration(
        ListEntry(
            list=ofac.SDN,
            uid=uid,
            kind=ofac.kind_of(str(row.get("type") or "")),
            names=as_printed([ListedName(name), *aliases]),
            programmes=ofac.programmes(str(row.get("program") or "").split("] ["), ()),
        )
    )
