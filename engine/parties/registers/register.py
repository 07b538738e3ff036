"""The ownership register: all kept imports together, asked who a party is and who has what of it, step by step."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import Final

from carveout.engine.facts.blanks import says_something
from carveout.engine.parties.registers.holdings import Holding
from carveout.engine.parties.registers.kept import FORMAT, Import, Kept, PartyRecord, code_of, name_key

Place = tuple[int, int]
"""A party of one import: the number of the import, and of the party in it."""
Entry = tuple[Place, ...]
"""A party of the register: all places that bear a number in common, in order."""
LEI: Final = "XI-LEI"
_LEI = re.compile(r"[A-Z0-9]{18}[0-9]{2}")
_NUMBER_WORDS = frozenset({"companynumber", "registrationnumber", "registernumber", "registrationno", "crn", "company"})
_MOST_PLACES = 200
_CACHED = 65_536


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a stated party is taken to be, or may be."""

    entries: tuple[Entry, ...]  # one if sure
    sure: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Account:
    """Who has what of one party, and which imports say so."""

    holdings: tuple[tuple[Entry | None, Holding], ...]
    sources: tuple[Kept, ...]


class Register:
    """Asks kept imports. The same imports give the same answers in the same order, on any machine."""

    def __init__(self, imports: Iterable[Import]) -> None:
        # `imported` does not count: the same file kept on another day is the same register
        self.imports = tuple(sorted(imports, key=lambda i: (i.kept.published, i.kept.source, i.kept.digest)))
        told = [[i.kept.digest, i.kept.source, i.kept.published.isoformat(), FORMAT] for i in self.imports]
        self.fingerprint = hashlib.sha256(json.dumps(told).encode()).hexdigest()
        self.entry_at = lru_cache(maxsize=_CACHED)(self._entry_at)
        self.account = lru_cache(maxsize=_CACHED)(self._account)

    def known_at(self, day: date) -> Register:
        """The register as it could be known on a day: without imports that were published later."""
        return Register(i for i in self.imports if i.kept.published <= day)

    # ---- who

    def find(
        self, name: str, countries: Sequence[str] = (), identifiers: Mapping[str, str] = {}, kind: str | None = None
    ) -> Match | None:
        """The party meant, by its numbers first, then by the whole name with its country; None where none is known.

        A name without a country on either side, and one that several bear, is only possibly the same.
        """
        by_number = self._by_number(countries, identifiers)
        if by_number:
            entries = tuple(sorted({entry for entry, _ in by_number}))
            if len(entries) == 1:
                return Match(entries, True, f"the number {by_number[0][1]}")
            return Match(entries[:5], False, "several parties of the register bear its numbers")
        surely, perhaps = [], []
        if kind == "person":
            return None
        places = [(at, n) for at, each in enumerate(self.imports) for n in each.by_name(name)]
        for entry in sorted({self.entry_at(place) for place in places}):
            record = self.record(entry)
            if record.kind == "person" or not record.known:
                continue
            known = {country.split("-")[0] for country in record.countries}
            stated = {country.split("-")[0] for country in countries}
            if known & stated:
                surely.append(entry)
            elif not known or not stated:
                perhaps.append(entry)
        telling = [entry for entry in surely if self.account(entry).holdings]
        imports = [at for entry in surely for at in {at for at, _ in entry}]
        if len(telling) == 1 and len(set(imports)) == len(imports):
            return Match((telling[0],), True, "the same name and country")
        if telling:
            return Match(tuple(telling[:5]), False, "several parties of the register have that name and country")
        telling = [entry for entry in perhaps if self.account(entry).holdings]
        if telling:
            return Match(tuple(telling[:5]), False, "the same name; the country is not known")
        return None

    def above(self, entry: Entry) -> Match:
        """Whom an owner is: itself where the register says who owns it, else one that another import tells of."""
        if not self.account(entry).holdings:
            record = self.record(entry)
            for name in record.names[:3]:
                match = self.find(name, record.countries, {}, record.kind)
                if match is not None:
                    return Match(match.entries, match.sure, f"an owner in the register; {match.reason}")
        return Match((entry,), True, "an owner in the register")

    def named(self, text: str) -> list[Entry]:
        """All entries of that name or number, for people who look something up."""
        found = {self.entry_at((at, n)) for at, i in enumerate(self.imports) for n in i.by_name(text)}
        found |= {self.entry_at((at, n)) for at, i in enumerate(self.imports) for n, _ in i.by_number(text)}
        return sorted(found)

    def _by_number(self, countries: Sequence[str], identifiers: Mapping[str, str]) -> list[tuple[Entry, str]]:
        stated = {country.split("-")[0] for country in countries}
        found = []
        for key, number in sorted(identifiers.items()):
            code, word = code_of(number), code_of(key).casefold()
            lei = _is_lei(code)
            for at, each in enumerate(self.imports):
                for n, scheme in each.by_number(number):
                    same = word == code_of(scheme).casefold() or (lei and scheme == LEI)
                    national = word in _NUMBER_WORDS and scheme.partition("-")[0] in stated
                    if same or national:
                        found.append((self.entry_at((at, n)), f"{scheme} {number}"))
        return found

    def _entry_at(self, place: Place) -> Entry:
        """All places that are the same party: those with a number of the same register in common."""
        seen, todo = {place}, [place]
        while todo:
            at, n = todo.pop()
            for scheme, number in self.imports[at].party(n).identifiers:
                bearers = [
                    (other, m)
                    for other, each in enumerate(self.imports)
                    for m, its in each.by_number(number)
                    if its == scheme and (other, m) not in seen
                ]
                if len(seen) + len(bearers) <= _MOST_PLACES:
                    seen.update(bearers)
                    todo += bearers
        return tuple(sorted(seen))

    def record(self, entry: Entry) -> PartyRecord:
        """What is known of a party; the newest import speaks first."""
        records = [self.imports[at].party(n) for at, n in reversed(entry)]
        return PartyRecord(
            names=tuple(dict.fromkeys(chain.from_iterable(r.names for r in records))),
            kind=next((r.kind for r in records if r.kind), ""),
            countries=tuple(dict.fromkeys(chain.from_iterable(r.countries for r in records))),
            identifiers=tuple(dict.fromkeys(chain.from_iterable(r.identifiers for r in records))),
            known=any(r.known for r in records),
            arrangement=any(r.arrangement for r in records),
        )

    # ---- who has what

    def _account(self, entry: Entry) -> Account:
        """Who has what of a party: of each holder what the import with the newest statement about it says."""
        found: dict[Entry | None, dict[int, list[Holding]]] = {}
        for at, n in entry:
            for holder, holding in self.imports[at].holdings(n):
                owner = self.entry_at((at, holder)) if holder is not None else None
                if owner is not None and not self._told(owner):
                    owner = None
                found.setdefault(owner, {}).setdefault(at, []).append(holding)
        told: list[tuple[Entry | None, Holding]] = []
        used: set[int] = set()
        for owner, by_import in self._same_owners(found).items():
            newest = max(by_import, key=lambda at: (max(h.dated or date.min for h in by_import[at]), at))
            for at in sorted(by_import) if owner is None else (newest,):
                used.add(at)
                told += [(owner, h) for h in by_import[at]]
        return Account(tuple(told), tuple(self.imports[at].kept for at in sorted(used)))

    def _told(self, owner: Entry) -> bool:
        """Is it said who it is, in a name that can be screened?"""
        record = self.record(owner)
        return record.known and any(says_something(name) for name in record.names)

    def _same_owners(
        self, found: Mapping[Entry | None, Mapping[int, list[Holding]]]
    ) -> dict[Entry | None, dict[int, list[Holding]]]:
        """Holders of one name that different imports tell of are one; within one import they are several."""
        merged: dict[Entry | None, dict[int, list[Holding]]] = {}
        by_name: dict[str, Entry] = {}
        for owner in sorted(found, key=lambda o: o or ()):
            by_import = found[owner]
            target = owner
            if owner is not None and len(self.imports) > 1:
                keys = {name_key(name) for name in self.record(owner).names} - {""}
                twin = next((by_name[key] for key in sorted(keys) if key in by_name), None)
                if twin is not None and not set(merged[twin]) & set(by_import):
                    target = twin
                by_name.update(dict.fromkeys(keys - set(by_name), target or ()))
            place = merged.setdefault(target, {})
            for at, holdings in by_import.items():
                place.setdefault(at, []).extend(holdings)
        return merged


def _is_lei(code: str) -> bool:
    """ISO 17442: twenty letters and digits, of which the last two check the others (ISO 7064, 97-10)."""
    return bool(_LEI.fullmatch(code)) and int("".join(str(int(c, 36)) for c in code)) % 97 == 1
