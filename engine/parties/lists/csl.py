"""The Consolidated Screening List of the US government, as CSV with its 29 columns and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from carveout.engine.parties.lists import ofac
from carveout.engine.parties.lists.csl_lists import list_of, programmes_of
from carveout.engine.parties.lists.dates import known_date
from carveout.engine.parties.lists.entry import (
    ALIAS,
    PERSON,
    UNKNOWN,
    Address,
    Identifier,
    ListedName,
    ListEntry,
    as_printed,
    distinct,
)
from carveout.engine.parties.lists.guard import Content
from carveout.engine.parties.lists.identifiers import identifier
from carveout.engine.parties.lists.json_stream import members
from carveout.engine.parties.lists.reading import Reading, made_uid, only, with_own_uids
from carveout.engine.parties.lists.tables import Columns, delimited, ends_with_line

PUBLICATION = "us.csl"
NEEDED = ("_id", "source", "entity_number", "type", "programs", "name", "addresses", "alt_names", "ids")
_APART = "; "


@dataclass(frozen=True, slots=True)
class _Number:
    label: str
    value: str
    country: str


def read_csv(contents: Sequence[Content]) -> Reading:
    """Reads the CSV form whole. Raises ListRefused."""
    content = only(contents)
    if not ends_with_line(content):
        raise content.refuse("ends within a line: cut short; fetch it again")
    rows = delimited(content)
    columns = Columns(content, next(rows, []), NEEDED)
    names = columns.names
    entries = []
    for line, row in enumerate(rows, 2):
        if row:
            record: dict[str, Any] = dict(zip(names, columns.exact(row, line), strict=True))
            entries.append(_entry(content, record | _apart(record)))
    return Reading(PUBLICATION, with_own_uids(entries), len(entries))


def read_json(contents: Sequence[Content]) -> Reading:
    """Reads the JSON form whole, `{"results": [...]}` or the bare array. Raises ListRefused."""
    content = only(contents)
    entries = []
    for name, record in members(content):
        if name in ("results", ""):
            if not isinstance(record, dict):
                raise content.refuse("has a result that is no object; fetch it again")
            shaped = {
                "addresses": [_address(x) for x in _listed(record, "addresses")],
                "ids": [
                    _Number(_text(x, "type"), _text(x, "number"), _text(x, "country")) for x in _listed(record, "ids")
                ],
            }
            entries.append(_entry(content, record | shaped))
    return Reading(PUBLICATION, with_own_uids(entries), len(entries))


def _apart(record: dict[str, str]) -> dict[str, Any]:
    """What the CSV form writes in one cell each."""
    several = ("programs", "alt_names", "citizenships", "dates_of_birth", "nationalities", "places_of_birth")
    shaped: dict[str, Any] = {name: record.get(name, "").split(_APART) for name in several}
    shaped["addresses"] = [_written_address(text) for text in record["addresses"].split(_APART) if text.strip()]
    shaped["ids"] = list(_written_numbers(record["ids"]))
    return shaped


def _written_address(text: str) -> Address:
    parts = text.strip().rsplit(", ", 1)
    country = parts[-1] if len(parts[-1]) == 2 and parts[-1].isupper() else ""
    return Address(text.strip(), "", country)


def _written_numbers(text: str) -> Iterator[_Number]:
    """`QA, 28940000602, National ID No.; JO, 2014-08-30, 2009-08-31, K475336, Passport`."""
    for part in text.split(_APART):
        values = [value.strip() for value in part.split(", ")]
        if len(values) > 1:
            country = values[0] if len(values) > 2 and len(values[0]) == 2 and values[0].isalpha() else ""
            yield _Number(values[-1], values[-2], country)


def _address(record: dict[str, Any]) -> Address:
    parts = [_text(record, name) for name in ("address", "city", "state", "postal_code", "country")]
    return Address(", ".join(filter(None, parts)), parts[1], parts[4])


def _entry(content: Content, record: dict[str, Any]) -> ListEntry:
    name, source = _text(record, "name"), _text(record, "source")
    if not name or not source:
        raise content.refuse(f"has an entry without name or source (`{name or source}`); fetch it again")
    numbers: list[_Number] = record["ids"]
    identifiers = [found for x in numbers if (found := identifier(x.label, x.value, x.country))]
    if call_sign := _text(record, "call_sign"):
        identifiers.append(Identifier("call_sign", call_sign, "call_sign"))
    addresses = tuple(address for address in record["addresses"] if address.text)
    kind = ofac.kind_of(_text(record, "type")) if _text(record, "type") else UNKNOWN
    on, notice = list_of(source), _text(record, "federal_register_notice")
    aliases = (alias.removeprefix("and ") for alias in _texts(record, "alt_names"))
    told = ("license_requirement", "license_policy", "federal_register_notice", "standard_order")
    return ofac.with_registration(
        ListEntry(
            list=on,
            uid=_text(record, "entity_number")
            or _text(record, "_id")
            or _text(record, "id")
            or made_uid(on, name, notice),
            kind=kind,
            names=as_printed([ListedName(name), *(ListedName(alias, ALIAS) for alias in aliases)]),
            programmes=programmes_of(
                on,
                _texts(record, "programs"),
                _text(record, "license_requirement"),
                [(x.label, x.value) for x in numbers],
            ),
            countries=distinct(
                [
                    *(address.country for address in addresses),
                    *_texts(record, "nationalities"),
                    *_texts(record, "citizenships"),
                    *_texts(record, "country"),
                    _text(record, "vessel_flag"),
                    *(found.country for found in identifiers),
                ]
            ),
            birth_dates=distinct(map(known_date, _texts(record, "dates_of_birth"))) if kind == PERSON else (),
            birth_places=_texts(record, "places_of_birth"),
            identifiers=tuple(identifiers),
            addresses=addresses,
            listed_on=known_date(_text(record, "start_date")),
            ends_on=known_date(_text(record, "end_date")),
            remarks="; ".join(distinct([_text(record, "title"), _text(record, "remarks")])),
            details={key: text for key in told if (text := _text(record, key))},
        )
    )


def _text(record: dict[str, Any], name: str) -> str:
    value = record.get(name)
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _texts(record: dict[str, Any], name: str) -> tuple[str, ...]:
    value = record.get(name)
    values: Iterable[Any] = [value] if isinstance(value, str) else value if isinstance(value, list) else ()
    return distinct(text for text in values if isinstance(text, str))


def _listed(record: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = record.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
