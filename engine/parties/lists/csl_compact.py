"""A compact form of the Consolidated Screening List: short field names, and tables that hold what rows share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from carveout.engine.parties.lists import ofac
from carveout.engine.parties.lists.csl import PUBLICATION
from carveout.engine.parties.lists.csl_lists import list_of, programmes_of
from carveout.engine.parties.lists.dates import known_date
from carveout.engine.parties.lists.entry import ALIAS, UNKNOWN, ListedName, ListEntry, as_printed, distinct
from carveout.engine.parties.lists.guard import Content
from carveout.engine.parties.lists.json_stream import members
from carveout.engine.parties.lists.reading import Reading, made_uid, only, with_own_uids

# field of a row: the table that its number points into
_TABLES = {"s": "sources", "lr": "licenceRequirements", "lp": "licencePolicies", "pg": "programmes"}

# Of the programmes the tags are there, but not the directives, which the official forms tell among the numbers.
_SILENT = frozenset(
    {"programmes", "birth_dates", "birth_places", "identifiers", "addresses", "listed_on", "ends_on", "remarks"}
)


def read(contents: Sequence[Content]) -> Reading:
    """Reads the file whole. Raises ListRefused."""
    content = only(contents)
    rows: list[dict[str, Any]] = []
    said: dict[str, Any] = {}
    for name, value in members(content):
        if name != "entries":
            said[name] = value
        elif isinstance(value, dict):
            rows.append(value)
        else:
            raise content.refuse("has an entry that is no object; fetch it again")
    tables, declared = said.get("tables"), said.get("entryCount")
    if not isinstance(tables, dict) or not all(isinstance(tables.get(x), list) for x in _TABLES.values()):
        raise content.refuse("lacks its tables; fetch it again")
    entries = [_entry(content, row, tables) for row in rows]
    return Reading(
        PUBLICATION,
        with_own_uids(entries),
        len(entries),
        known_date(str(said.get("sourceGeneratedAt", ""))),
        declared if isinstance(declared, int) else None,
        ("birth dates, numbers, addresses and the directives of programmes are missing",),
        _SILENT,
    )


def _entry(content: Content, row: dict[str, Any], tables: dict[str, list[Any]]) -> ListEntry:
    try:
        shared = {key: str(tables[name][row[key]]) for key, name in _TABLES.items() if key in row}
        name, on = str(row["n"]).strip(), list_of(shared["s"])
        if any(isinstance(row.get(key), int) and row[key] < 0 for key in _TABLES) or not name:
            raise IndexError(name)
    except (KeyError, IndexError, TypeError):
        raise content.refuse(
            f"has an entry that its tables do not explain (`{row.get('n')}`); fetch it again"
        ) from None
    requirement, notice = shared.get("lr", ""), str(row.get("fr", ""))
    told = {
        "license_requirement": requirement,
        "license_policy": shared.get("lp", ""),
        "federal_register_notice": notice,
    }
    return ofac.with_registration(
        ListEntry(
            list=on,
            uid=str(row.get("e") or made_uid(on, name, notice)),
            kind=ofac.kind_of(str(row["t"])) if row.get("t") else UNKNOWN,
            names=as_printed(
                [ListedName(name), *(ListedName(str(alias).strip(), ALIAS) for alias in row.get("a", ()))]
            ),
            programmes=programmes_of(on, shared.get("pg", "").split("; "), requirement, ()),
            countries=distinct(map(str, row.get("c", ()))),
            details={key: text for key, text in told.items() if text},
        )
    )
