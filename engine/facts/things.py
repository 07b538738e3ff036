"""The things of a transaction as the engine decides on them: the act, its parties, items and assets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from carveout.engine.law.clocks import Instant


class Stake(NamedTuple):
    """A stated share: `holder` is None where it is not known who holds it."""

    holder: Thing | None
    percent: Decimal
    since: date | None
    until: date | None
    joint: bool


class Thing:
    """A party, an item or an asset, with its facts by name.

    Facts are normalised: places and words as text, many-valued facts as tuples, links as Things, `status` and `subject`
    as mappings to truth values. An absent fact is an absent key.
    """

    __slots__ = (
        "also_named",
        "answers",
        "behind",
        "candidates",
        "controllers",
        "denied",
        "doubtful",
        "facts",
        "id",
        "kind",
        "label",
        "listed",
        "name",
        "nameless",
        "not_subjects",
        "number",
        "open",
        "owners",
        "registered",
        "stated",
        "unread",
        "unreadable",
    )

    def __init__(self, kind: str, number: int, id: str, name: str) -> None:
        self.kind = kind
        self.number = number
        self.id = id
        self.name = name
        self.label = ""
        """How an open thing is asked for: the role it fills."""
        self.facts: dict[str, Any] = {}
        self.stated: dict[str, Any] = {}
        """The facts as the user stated them, before records and statuses are added."""
        self.unreadable: dict[str, str] = {}
        """Facts stated in a way that cannot be read, as written: they count as unknown."""
        self.nameless = False
        """True for a stated thing without a name, registration or number: it may be one that is listed."""
        self.unread = ""
        """Why its name does not say who it is, where one is stated that does not."""
        self.open = False
        """True for a thing that nobody named: nothing is assumed about it."""
        self.doubtful = False
        """True for an open thing of an absent list: it may not exist at all."""
        self.owners: tuple[Stake, ...] | None = None
        self.controllers: tuple[Thing, ...] | None = None
        self.listed: tuple[str, ...] = ()
        self.not_subjects: tuple[str, ...] = ()
        self.candidates: tuple[Any, ...] = ()
        self.denied: tuple[str, ...] = ()
        """Recorded subjects that it looks like, and is not as the user says."""
        self.answers: tuple[Any, ...] = ()
        """What people answered to who it is, whether it still holds or not (parties/adjudications)."""
        self.also_named: tuple[str, ...] = ()
        """Further names under which it is screened."""
        self.behind = False
        """True for an owner that the ownership register brought in: it has no part in the act."""
        self.registered: Any = None
        """What the ownership register knows of it, where there is a register (parties/registers/supplement.py)."""

    def __repr__(self) -> str:
        return f"Thing({self.kind} {self.name!r}{' open' if self.open else ''})"


class Authorisation(NamedTuple):
    """An authorisation that the user says to hold: relied on, not seen."""

    issuer: str
    reference: str
    lifts: tuple[str, ...]
    grants: str | None
    things: frozenset[Thing]
    """What it is limited to; empty: not limited."""
    limited: bool
    first: int
    last: int


class Act:
    """One act at one moment: what is decided on."""

    __slots__ = (
        "asked_on",
        "assets",
        "assumed_empty",
        "at",
        "authorisations",
        "bound",
        "candidates",
        "context",
        "controllers",
        "doubtful",
        "facts",
        "grounds",
        "id",
        "items",
        "kind",
        "known",
        "label",
        "listed",
        "moment",
        "name",
        "none",
        "number",
        "open",
        "owners",
        "parties",
        "read_as",
        "stated",
        "stated_parts",
        "things",
        "unreadable",
    )

    def __init__(self, at: Instant) -> None:
        self.kind = "act"
        self.id = "act"
        self.name = "the act"
        self.label = ""
        self.number = 0
        self.at = at
        self.moment = at.first
        self.asked_on: date | None = None
        self.facts: dict[str, Any] = {}
        self.stated: dict[str, Any] = {}
        self.unreadable: dict[str, str] = {}
        self.parties: list[Thing] = []
        """Every party with a part in the act, named or open."""
        self.items: list[Thing] = []
        self.assets: list[Thing] = []
        self.things: list[Thing] = []
        """Everything stated or open, also owners and operators that take no part in the act."""
        self.none: frozenset[str] = frozenset()
        self.grounds: frozenset[str] = frozenset()
        self.authorisations: tuple[Authorisation, ...] = ()
        self.assumed_empty: tuple[str, ...] = ()
        """Lists (`items`, `assets`) left out where the activity moves none."""
        self.read_as: list[dict[str, str]] = []
        """What was stated in other words than the engine's, and how it was read: `fact`, `of`, `stated`, `read`."""
        self.open = False
        self.doubtful = False
        self.listed: tuple[str, ...] = ()
        self.owners = None
        self.controllers = None
        self.candidates: tuple[Any, ...] = ()
        self.known = 0
        """How many of `things` the statement brought in; records and gaps bring in more."""
        self.stated_parts: tuple[list[Thing], list[Thing], list[Thing]] | None = None
        """Parties, items and assets as the statement brought them in."""
        self.bound: dict[str, Thing] = {}
        """The things asked about outside a quantifier, while inside it."""
        self.context: Any = None
        """Set by the decision for the time it takes."""

    def of_kind(self, kind: str) -> list[Thing]:
        """The things of the act of one kind."""
        if kind == "party":
            return self.parties
        return self.items if kind == "item" else self.assets


Facts = Mapping[str, Any]
