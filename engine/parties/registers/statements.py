"""What a register states: parties, and relationships of a holder to what it holds, each as of a day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PartyStatement:
    """A person or an organisation as one statement describes it."""

    id: str  # of the statement
    record: str  # shared by all statements about the same party
    kind: str  # person | organisation | government; empty: not said
    names: tuple[str, ...]  # the first is the one to show
    countries: tuple[str, ...]  # ISO 3166, upper case
    identifiers: tuple[tuple[str, str], ...]  # pairs of scheme and number
    known: bool = True  # False: anonymous or unknown, as the register says
    arrangement: bool = False  # its members hold together what it holds
    dated: date | None = None
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Interest:
    """One interest of a holder; shares in percent, both bounds possible."""

    type: str
    low: Decimal
    high: Decimal
    stated: bool  # False: no share is stated
    direct: str = "unknown"  # direct | indirect | unknown
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Relationship:
    """What one statement says of the interests of one holder in one party."""

    id: str
    record: str  # shared by all statements about the same relationship
    held: str
    holder: str | None  # None: unspecified
    reason: str = ""  # why unspecified
    interests: tuple[Interest, ...] = ()
    dated: date | None = None
    closed: bool = False
    replaces: tuple[str, ...] = ()
    components: bool = False  # told in detail by other relationships of the register


@dataclass(frozen=True, slots=True)
class Fault:
    """A statement that could not be read, and where it stands."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class StatementFault(ValueError):
    """One statement is broken; the others may be used."""


@dataclass(slots=True)
class Reading:
    """All that a file states, and what of it was left out."""

    format: str
    digest: str = ""
    parties: list[PartyStatement] = field(default_factory=list)
    relationships: list[Relationship] = field(default_factory=list)
    read: int = 0
    faults: list[Fault] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    publisher: str = ""
    newest: date | None = None  # publication, as the statements say

    def counts(self) -> dict[str, object]:
        """How many statements were read, used and left out, and why."""
        return {
            "read": self.read,
            "parties": len(self.parties),
            "relationships": len(self.relationships),
            "broken": len(self.faults),
            "left_out": dict(sorted(self.left_out.items())),
        }
