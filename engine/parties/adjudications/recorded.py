"""What is recorded of a candidate: what an answer is bound to on the side of the lists."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from carveout.engine.law.norms import Subject
from carveout.engine.parties.adjudications.stated import digest_of
from carveout.engine.parties.lists.entry import ListEntry
from carveout.engine.parties.subjects import Subjects
from carveout.engine.parties.watchlist.history import History


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is recorded of a subject, as JSON data, its digest, and since when a list has it so (none: no list has)."""

    data: dict[str, Any]
    digest: str
    changed: date | None


def record_of(subjects: Subjects, id: str) -> Recorded:
    """All that the rule set and the lists say of somebody: the newest wording, and every name and number they had.

    A change of anything that a list says of an entry, its programmes too, makes another record. Raises KeyError.
    """
    histories = subjects.histories(id)
    entries = [_entry(history) for history in histories]
    own = subjects.rules.subjects.get(id)
    data: dict[str, Any] = {"id": id, "entries": sorted(entries, key=lambda entry: str(entry["entry"]))}
    if own is not None:
        data["subject"] = _subject(own)
    changed = max((history.spells[-1].since for history in histories), default=None)
    return Recorded(data, digest_of(data), changed)


def _subject(subject: Subject) -> dict[str, Any]:
    return {
        "kind": subject.kind,
        "names": [[name.name, name.kind] for name in subject.names],
        "identifiers": {key: str(value) for key, value in subject.identifiers.items()},
        "facts": {key: value if isinstance(value, list) else str(value) for key, value in subject.facts.items()},
    }


def _entry(history: History) -> dict[str, Any]:
    numbers = {(found.kind, found.value) for spell in history.spells for found in spell.entry.identifiers}
    return {
        "entry": history.id,
        "wording": _wording(history.latest),
        "names": sorted({(name.name, name.kind) for name in history.names}),
        "identifiers": sorted(numbers),
    }


def _wording(entry: ListEntry) -> dict[str, Any]:
    """Everything that a list says of an entry; what it does not say is left out."""
    said = {
        "kind": entry.kind,
        "names": [[name.name, name.kind, name.language, name.script] for name in entry.names],
        "programmes": list(entry.programmes),
        "countries": list(entry.countries),
        "birth_dates": list(entry.birth_dates),
        "birth_places": list(entry.birth_places),
        "identifiers": [list(asdict(found).values()) for found in entry.identifiers],
        "addresses": [list(asdict(found).values()) for found in entry.addresses],
        "listed_on": entry.listed_on,
        "updated_on": entry.updated_on,
        "ends_on": entry.ends_on,
        "remarks": entry.remarks,
        "details": dict(entry.details),
    }
    return {key: value for key, value in said.items() if value}
