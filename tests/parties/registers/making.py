"""Statements made in a few words, and registers of them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from carveout.engine.parties.registers.kept import Import, write_import
from carveout.engine.parties.registers.reading import read_register
from carveout.engine.parties.registers.register import Register
from carveout.engine.parties.registers.shown import owners_on, remainder_on

DAY = date(2025, 1, 1)
Statement = dict[str, Any]


def entity(record: str, name: str, *, country: str = "GB", number: str = "", day: str = "2020-01-01") -> Statement:
    """An organisation, as 0.4 writes it."""
    details = {"isComponent": False, "entityType": {"type": "registeredEntity"}, "name": name}
    details["jurisdiction"] = {"code": country, "name": "somewhere"}
    if number:
        details["identifiers"] = [{"scheme": "GB-COH", "id": number}]
    return _new("entity", record, details, day)


def person(record: str, name: str, **details: Any) -> Statement:
    """A person, as 0.4 writes it."""
    return _new("person", record, {"personType": "knownPerson", "names": [{"fullName": name}], **details}, "2020-01-01")


def holds(
    record: str, held: str, holder: Any, share: Any = None, *, day: str = "2020-01-01", status: str = "new", **more: Any
) -> Statement:
    """A relationship, as 0.4 writes it."""
    interest = {"type": "shareholding", "directOrIndirect": "direct", "startDate": "2020-01-01", **more}
    if share is not None:
        interest["share"] = share if isinstance(share, dict) else {"exact": share}
    interest = {key: value for key, value in interest.items() if value is not None}
    details = {"isComponent": False, "subject": held, "interestedParty": holder, "interests": [interest]}
    return _new("relationship", record, details, day, status)


def _new(kind: str, record: str, details: Statement, day: str, status: str = "new") -> Statement:
    return {
        "statementId": f"{record} of {day}",
        "declarationSubject": record,
        "statementDate": day,
        "publicationDetails": {"publicationDate": "2025-01-01", "bodsVersion": "0.4", "publisher": {"name": "R"}},
        "recordId": record,
        "recordStatus": status,
        "recordType": kind,
        "recordDetails": details,
    }


def old(kind: str, id: str, version: str, **more: Any) -> Statement:
    """A statement of 0.2 or 0.3."""
    return {
        "statementID": id,
        "statementType": kind,
        "statementDate": "2020-01-01",
        "publicationDetails": {"publicationDate": "2020-01-01", "bodsVersion": version, "publisher": {"name": "R"}},
        **more,
    }


def kept(
    folder: Path, content: Any, name: str = "register.json", *, source: str = "R", published: date = DAY
) -> Import:
    """The content, written to a file and read."""
    file = folder / name
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return write_import(None, read_register(file), source=source, published=published, imported="")


def said(register: Register, name: str, day: str) -> tuple[list[tuple[str, str, str]], list[str]]:
    """The shares in a party on a day, and the unknown remainder."""
    (entry,) = register.named(name)
    account = register.account(entry)
    on = date.fromisoformat(day)
    shares = [
        (owner["name"], owner["from_percent"], owner["to_percent"])
        for owner in owners_on(register, account, on)
        if owner["counts"] == "share"
    ]
    return shares, [format(part.normalize(), "f") for part in remainder_on(register, entry, account, on)]
