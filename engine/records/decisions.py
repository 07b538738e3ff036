"""A stored decision: its envelope, and the bytes it is answered with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from carveout.engine.records.canonical import canonical_json, digest
from carveout.engine.records.chain import Entry


@dataclass(frozen=True, slots=True)
class Envelope:
    """Everything about a decision but its body and what was stated, which stand here by their digests."""

    id: str
    time: str
    person: str
    reference: str | None
    outcome: str
    body: str
    stated: str
    rules: str
    """The rule version, by its digest."""
    fingerprint: str
    """Of the rule set, as the body has it."""
    lists: str | None
    """Fingerprint of the official lists, as the body has it; None: no list was in use."""
    format: int
    engine: str
    threshold: str | None
    """From which score on a name was a candidate, as the body has it; None: the shipped one."""
    as_known: str | None
    table: str | None
    rows: str | None
    """Of a table: the numbers of its rows (from 1) that share this decision, as a JSON list."""
    retain_until: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Envelope:
        """From a row of the table `decisions`."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})

    def values(self) -> dict[str, Any]:
        """As a row of the table `decisions`, without its number."""
        return {name: getattr(self, name) for name in _COLUMNS}

    def digest(self) -> str:
        """Of the canonical JSON of all this."""
        return digest(canonical_json(self.values()))

    def entry(self) -> Entry:
        """Its entry in the audit chain: digests only, so that the entry may outlive the decision."""
        data = {"body": self.body, "envelope": self.digest(), "outcome": self.outcome, "stated": self.stated}
        return Entry("decision", self.id, self.person, data)


_COLUMNS = tuple(field.name for field in fields(Envelope))


@dataclass(frozen=True, slots=True)
class Kept:
    """A decision that is stored."""

    envelope: Envelope
    n: int
    """The number of its audit entry."""
    body: bytes

    @property
    def answer(self) -> bytes:
        """What is answered over HTTP."""
        e = self.envelope
        return answer_of(e.id, e.time, e.reference, self.body)


def answer_of(id: str, time: str, reference: str | None, body: bytes) -> bytes:
    """A decision with its id and time around it; the body byte for byte the engine's."""
    head = json.dumps({"id": id, "time": time, "reference": reference}, ensure_ascii=False)
    return head.encode()[:-1] + b', "body": ' + body + b"}"
