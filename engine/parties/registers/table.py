"""Owners from a CSV file (RFC 4180): one row a share; the columns are in docs/owners.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from carveout.engine.parties.lists.guard import Content
from carveout.engine.parties.lists.tables import Columns, Row, delimited
from carveout.engine.parties.names import normalise
from carveout.engine.parties.registers.bods import MOST_FAULTS, UNREADABLE
from carveout.engine.parties.registers.interests import KNOWN, SHARES, type_named
from carveout.engine.parties.registers.statements import (
    Fault,
    Interest,
    PartyStatement,
    Reading,
    Relationship,
    StatementFault,
)
from carveout.engine.parties.registers.values import bounds, day, text

NEEDED: Final = ("company", "owner")
COLUMNS: Final = (
    "company", "company_id", "company_scheme", "company_country", "owner", "owner_id", "owner_scheme",
    "owner_country", "owner_kind", "percent", "minimum", "maximum", "interest", "from", "until", "as_of",
)  # fmt: skip
KINDS: Final = ("person", "organisation", "government")
UNKNOWN_NAMES: Final = frozenset({"?", "unknown", "not known", "n/a", "undisclosed"})
_DELIMITERS = (",", ";", "\t", "|")
_COMMA = re.compile(r"\d+,\d+")


def looks_like_owners(content: Content) -> bool:
    """Has the first line the columns that are needed?"""
    return set(NEEDED) <= set(_heading(content)[1])


def _heading(content: Content) -> tuple[str, list[str]]:
    first = content.head.decode(content.encoding, "replace").lstrip("\ufeff").partition("\n")[0][:10_000]
    best = max(_DELIMITERS, key=lambda sign: sum(name in COLUMNS for name in _names(first, sign)))
    return best, _names(first, best)


def _names(line: str, delimiter: str) -> list[str]:
    return [cell.strip().strip('"').strip().casefold() for cell in line.split(delimiter)]


def read_table(content: Content) -> Reading:
    """The shares that a table states. Raises ListRefused where it cannot be read as a whole."""
    reading = Reading("CSV", content.digest)
    delimiter, _ = _heading(content)
    rows = delimited(content, delimiter)
    header = [name.lstrip("\ufeff") for name in next(rows, [])]
    columns = Columns(content, header, NEEDED)
    if unknown := [name for name in columns.names if name and name.casefold() not in COLUMNS]:
        raise content.refuse(f"has the column `{unknown[0][:40]}`, which is not read: {', '.join(COLUMNS)} are")
    table = _Table(reading, columns)
    for number, row in enumerate(rows, 2):
        if any(cell.strip() for cell in row):
            reading.read += 1
            table.take(number, columns.whole(row, number))
            if len(reading.faults) > MOST_FAULTS:
                raise content.refuse(f"has more than {MOST_FAULTS:,} broken rows (the first: {reading.faults[0]})")
    if not reading.relationships:
        first = f" (the first: {reading.faults[0]})" if reading.faults else ""
        raise content.refuse(f"has a header and no row that can be read{first}")
    table.join_names()
    reading.parties.extend(table.parties.values())
    return reading


class _Table:
    def __init__(self, reading: Reading, columns: Columns) -> None:
        self.reading, self.columns = reading, columns
        self.parties: dict[str, PartyStatement] = {}
        self.seen: dict[tuple[Any, ...], Interest] = {}

    def take(self, number: int, row: Row) -> None:
        """One row: a party, its owner and the share. A broken one leaves the party with owners nobody knows."""
        cells = {name: self.columns.cell(row, name) for name in COLUMNS}
        held = ""
        try:
            held = self._party(cells, "company", "organisation")
            self._share(number, cells, held)
        except StatementFault as fault:
            self.reading.faults.append(Fault(f"row {number}", str(fault)))
            if held:
                id = f"unreadable row {number}"
                self.reading.relationships.append(Relationship(id, id, held, None, UNREADABLE))

    def _share(self, number: int, cells: Mapping[str, str], held: str) -> None:
        unnamed = cells["owner"].casefold() in UNKNOWN_NAMES
        owner = None if unnamed and not cells["owner_id"] else self._party(cells, "owner", cells["owner_kind"])
        share = {key: _number(cells[column]) for key, column in _SHARES if cells[column]}
        low, high, stated = bounds(share, "percent")
        kind = type_named(text(cells["interest"], "interest")) or SHARES
        if kind not in KNOWN:
            raise StatementFault(f"`interest`: `{cells['interest'][:40]}` is none of {', '.join(sorted(KNOWN))}")
        since, until, dated = (day(cells[name], name) for name in ("from", "until", "as_of"))
        if since is not None and until is not None and until < since:
            raise StatementFault(f"`until` {until} lies before `from` {since}")
        interest = Interest(kind, low, high, stated, since=since, until=until)
        record = f"{held} < {owner or '?'} < {kind}"
        same = self.seen.setdefault((record, since, dated), interest)
        if same is not interest:
            if same == interest:
                self.reading.left_out["stated twice"] += 1
                return
            raise StatementFault("states another share of the same owner from the same day")
        reason = "" if owner else "unknown"
        self.reading.relationships.append(
            Relationship(f"row {number:09}", record, held, owner, reason, (interest,), dated)
        )

    def join_names(self) -> None:
        """One name without number or country is the party that has them elsewhere in the table, if it is one only."""
        by_name: dict[str, set[str]] = {}
        for key, party in self.parties.items():
            for name in {normalise(name) for name in party.names} - {""}:
                by_name.setdefault(name, set()).add(key)
        is_: dict[str, str] = {}
        several: set[str] = set()
        for name, keys in by_name.items():
            bare = f"{name}|"
            others = sorted(keys - {bare})
            if bare in keys and len(others) == 1:
                is_[bare] = others[0]
            elif bare in keys and others:
                several.add(bare)
        for at, told in enumerate(self.reading.relationships):
            held, holder = is_.get(told.held, told.held), is_.get(told.holder or "", told.holder)
            if several & {held, holder}:
                which = ", ".join(sorted(several & {held, holder or ""})).rstrip("|")
                message = f"`{which}` names several parties of this table: give its country or number"
                self.reading.faults.append(Fault(re.sub(r" 0+", " ", told.id), message))
                holder = None if holder in several else holder
            record = f"{held} < {holder or '?'} < {told.record.rpartition(' < ')[2]}"
            reason = told.reason if holder else told.reason or "unknown"
            self.reading.relationships[at] = replace(told, held=held, holder=holder, record=record, reason=reason)
        for bare in is_:
            del self.parties[bare]

    def _party(self, cells: Mapping[str, str], what: str, kind: str) -> str:
        name = text(cells[what], what)
        number, scheme = text(cells[f"{what}_id"], f"{what}_id"), text(cells[f"{what}_scheme"], f"{what}_scheme")
        country = text(cells[f"{what}_country"], f"{what}_country").upper()
        if not name and not number:
            raise StatementFault(f"`{what}` is missing")
        if number and not scheme:
            raise StatementFault(f"`{what}_scheme` is missing: which register gave the number (XI-LEI, GB-COH ...)?")
        if country and not re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", country):
            raise StatementFault(f"`{what}_country`: `{country[:20]}` is no code of a country")
        if kind and kind not in KINDS:
            raise StatementFault(f"`{what}_kind`: `{kind[:20]}` is none of {', '.join(KINDS)}")
        key = f"{scheme.upper()}:{number}" if number else f"{normalise(name)}|{country}"
        known = self.parties.get(key)
        names = tuple(dict.fromkeys((*(known.names if known else ()), *([name] if name else []))))
        countries = (*(known.countries if known else ()), *([country.split("-")[0]] if country else []))
        self.parties[key] = PartyStatement(
            id=key,
            record=key,
            kind=(known.kind if known and known.kind else "") or kind,
            names=names,
            countries=tuple(dict.fromkeys(countries)),
            identifiers=((scheme.upper(), number),) if number else (),
        )
        return key


_SHARES = (("exact", "percent"), ("minimum", "minimum"), ("maximum", "maximum"))


def _number(written: str) -> str | Decimal:
    written = written.removesuffix("%").strip()
    return written.replace(",", ".") if _COMMA.fullmatch(written) else written
