"""An act gets the owners that the register knows: new parties behind the stated ones, to be screened like them."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from carveout.engine.facts.blanks import says_something
from carveout.engine.facts.things import Act, Thing
from carveout.engine.law.vocabulary import Vocabulary
from carveout.engine.parties.names import normalise
from carveout.engine.parties.registers.holdings import Holding
from carveout.engine.parties.registers.register import Account, Entry, Match, Register
from carveout.engine.parties.registers.shown import day_of, shown_account
from carveout.engine.parties.registers.stakes import Hold, Part, holds_of, parts_of
from carveout.engine.parties.shares import NOUGHT

MOST_OWNERS: Final = 20_000
"""Owners and owners of owners that one act brings in; what lies beyond is counted as not known."""
MOST_SHOWN: Final = 1_000
"""Parties whose owners an answer can show: as many as an act can state."""
MOST_NAMES: Final = 20
"""Of one owner, under which it is screened."""
FIRST_NUMBER: Final = 1_000_000
AGREES: Final = "the owners stated in the transaction count; the register says nothing else"
DISAGREES: Final = (
    "the owners stated in the transaction count; the register says otherwise, and where that would change the outcome, "
    "the answer is open"
)


@dataclass(frozen=True, slots=True)
class Registered:
    """What the register knows of a party of an act; owners are things of the act."""

    parts: tuple[Part, ...]
    holds: tuple[Hold, ...]
    sure: bool
    """False: the party may be another one of the same name."""
    shown: Mapping[str, Any] | None
    """As the body of the decision has it; None beyond MOST_SHOWN."""


class Supplement:
    """Brings the owners of a register into acts. Keeps nothing from one act to the next."""

    def __init__(self, register: Register, vocabulary: Vocabulary) -> None:
        self.register = register
        self.kinds = vocabulary.words.get("party_kind", {})
        self.places = vocabulary.places

    def into(self, act: Act) -> None:
        """Look up every named party, and its owners upward."""
        _Climb(self, act).climb()


class _Climb:
    def __init__(self, supplement: Supplement, act: Act) -> None:
        self.with_, self.register, self.act = supplement, supplement.register, act
        self.things: dict[Entry, Thing] = {}
        self.brought = self.steps = 0
        self.waiting: deque[tuple[Thing, Match]] = deque()

    def climb(self) -> None:
        for thing in list(self.act.things):
            if thing.kind != "party" or thing.open or thing.nameless:
                continue
            match = self._find(thing)
            if match is not None:
                self.waiting.append((thing, match))
                if match.sure:
                    self.things.setdefault(match.entries[0], thing)
        while self.waiting:
            self._step(*self.waiting.popleft())

    def _find(self, thing: Thing) -> Match | None:
        kind = thing.facts.get("kind")
        return self.register.find(
            thing.name,
            thing.facts.get("country") or (),
            thing.facts.get("identifiers") or {},
            kind if isinstance(kind, str) else None,
        )

    def _step(self, thing: Thing, match: Match) -> None:
        if thing.registered is not None:
            return
        parts: list[Part] = []
        holds: list[Hold] = []
        accounts: list[tuple[Entry, Account]] = []
        for entry in match.entries:
            account = self.register.account(entry)
            if not account.holdings:
                continue
            accounts.append((entry, account))
            told: list[tuple[Thing | None, Holding]] = [
                (self._thing(owner) if owner is not None else None, h)
                for owner, h in account.holdings
                if h.what != "silent"
            ]
            parts += parts_of(told, together=self.register.record(entry).arrangement)
            holds += holds_of(told)
        if accounts:
            self.steps += 1
            shown = None
            if self.steps <= MOST_SHOWN:
                shown = shown_account(self.register, thing.name, match, accounts, day_of(self.act.at.first))
            if shown is not None and thing.owners is not None:
                shown["beside"] = AGREES if self._agrees(thing, parts) else DISAGREES
            thing.registered = Registered(tuple(parts), tuple(holds), match.sure, shown)

    def _agrees(self, thing: Thing, parts: list[Part]) -> bool:
        """Could what the transaction states of the owners and what the register says both be so, on the day?"""
        day = day_of(self.act.at.first)
        told: dict[str, list[Decimal]] = {}  # certain, and at most
        rest = NOUGHT
        for part in parts:
            if (part.since is None or part.since <= day) and (part.until is None or day < part.until):
                if part.owner is None:
                    rest = part.percent
                    continue
                shares = told.setdefault(normalise(part.owner.name), [NOUGHT, NOUGHT])
                shares[0] += part.percent if part.sure else 0
                shares[1] += part.percent
        stated: dict[str, Decimal] = {}
        for stake in thing.owners or ():
            if stake.holder is not None and (stake.since is None or stake.since <= day):
                name = normalise(stake.holder.name)
                stated[name] = stated.get(name, NOUGHT) + (stake.percent if not stake.until or day < stake.until else 0)
        unknown = sum((s.percent for s in thing.owners or () if s.holder is None), NOUGHT)
        return all(
            told.get(name, (NOUGHT, NOUGHT))[0] <= stated.get(name, NOUGHT) + unknown
            and stated.get(name, NOUGHT) <= told.get(name, (NOUGHT, NOUGHT))[1] + rest
            for name in {*told, *stated}
        )

    def _thing(self, entry: Entry) -> Thing | None:
        """The thing of the act that is that owner, or a new one behind the act; None for one too many."""
        known = self.things.get(entry)
        if known is not None:
            return known
        if self.brought >= MOST_OWNERS:
            return None
        record = self.register.record(entry)
        names = [name for name in record.names if says_something(name)]
        name = names[0]
        thing = Thing("party", FIRST_NUMBER + self.brought, name, name)
        self.brought += 1
        thing.behind, thing.also_named = True, tuple(names[1:MOST_NAMES])
        thing.facts["role"] = ()
        if record.kind in self.with_.kinds:
            thing.facts["kind"] = record.kind
        countries = tuple(country for country in record.countries if country in self.with_.places)
        if countries:
            thing.facts["country"] = countries
        if record.identifiers:
            thing.facts["identifiers"] = dict(sorted(record.identifiers)[:20])
        thing.stated = dict(thing.facts)
        self.act.things.append(thing)
        self.things[entry] = thing
        self.waiting.append((thing, self.register.above(entry)))
        return thing
