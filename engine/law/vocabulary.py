"""The words of the rule set: facts, activities, roles, places and codes, and what the absence of a fact means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from carveout.engine.law.clocks import parse_date
from carveout.engine.law.truth import FALSE, TRUE, UNKNOWN

THINGS: Final = ("act", "party", "item", "asset")
"""The kinds of thing a fact can be about."""
LINKS: Final = {"party": "party", "item": "item", "asset": "asset"}
"""Fact types that name another thing."""
PLAIN_TYPES: Final = frozenset({"yes_no", "number", "percent", "date", "text", "place", "subject", "status", *LINKS})
RESERVED: Final = {
    "act": frozenset(
        [
            "at",
            "zone",
            "asked_on",
            "reference",
            "parties",
            "items",
            "assets",
            "acts",
            "none",
            "authorisations",
            "grounds",
        ]
    ),
    "party": frozenset(
        ["id", "name", "not_subject", "listed", "identifiers", "born", "address", "roles", "owners", "controlled_by"]
    ),
    "item": frozenset(["id", "name", "in_sets", "not_in_sets"]),
    "asset": frozenset(["id", "name", "not_subject", "listed", "identifiers"]),
}
"""Words of the form of a transaction, by kind of thing: no fact of the vocabulary may be called so."""
STRUCTURAL: Final = {
    "act.activity": "activity",
    "party.role": "role",
    "party.subject": "subject",
    "party.status": "status",
    "asset.subject": "subject",
    "asset.status": "status",
}
"""Facts that every vocabulary has, with their types: deciding starts from them."""
YES_NO: Final = {"yes": True, "no": False, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Word:
    """One allowed word of a closed list, below a broader one if it names a kind of that."""

    word: str
    title: str
    broader: str | None = None
    moves: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    """Of an activity: roles that mean another part in it than elsewhere (in a purchase the buyer is who acts)."""


@dataclass(frozen=True, slots=True)
class Telling:
    """A fact (by path) that codes tell by how they begin."""

    path: str
    until: str
    """What ends the beginning where the code is written whole: `-` in `EW-366PA`."""
    then: re.Pattern[str]
    """What may stand behind it: letters, because `TU-154` is a type and no mark of Côte d'Ivoire."""
    beginnings: Mapping[str, str]
    patterns: tuple[tuple[re.Pattern[str], str], ...] = ()
    """Whole codes that are written otherwise: `N123AB`, `EW-366PA`."""

    def of(self, code: str) -> str | None:
        """What the code tells, or None. A beginning counts only where `until` ends it: `FLEET` is no mark of France."""
        head, end, rest = code.partition(self.until)
        if end and head in self.beginnings and self.then.fullmatch(rest):
            return self.beginnings[head]
        return next((value for pattern, value in self.patterns if pattern.fullmatch(code)), None)


@dataclass(frozen=True, slots=True)
class CodeType:
    """A kind of code (ECCN, HS): what one looks like, and the characters it may be written with that do not count."""

    name: str
    title: str
    pattern: re.Pattern[str]
    drop: str
    example: str
    implies: Mapping[str, str] = field(default_factory=dict)
    """Facts (by path) that a readable code of this type tells as well: a registration mark, that it is an aircraft."""
    whole: bool = False
    """Its codes have no kinds: `USDT` is no `USD`."""
    tells: tuple[Telling, ...] = ()
    """Facts that the beginning of a code tells: a registration mark, the state of its register."""

    def read(self, raw: str) -> str | None:
        """The code in its one spelling, or None where it cannot be read as one."""
        text = raw.strip()
        for character in self.drop:
            text = text.replace(character, "")
        for candidate in (text, text.upper(), _tail_lower(text)):
            if self.pattern.fullmatch(candidate):
                return candidate
        return None


def _tail_lower(code: str) -> str:
    head, dot, tail = code.partition(".")
    return head.upper() + dot + tail.lower()


@dataclass(frozen=True, slots=True)
class CodeSet:
    """A named set of codes (by their beginnings), such as the HS headings of a supplement."""

    name: str
    title: str
    type: str
    codes: tuple[str, ...]
    complete: bool
    """False: the list was not seen whole, so a code that is not on it is UNKNOWN and not FALSE."""
    whole: bool = False
    """Its codes have no kinds."""

    def contains(self, code: str) -> int:
        """Three-valued: is the code, or everything it can stand for, in the set?"""
        result = FALSE if self.complete else UNKNOWN
        for member in self.codes:
            truth = code_test(code, member, whole=self.whole)
            if truth == TRUE:
                return TRUE
            result |= truth
        return result


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that can be stated about a thing of one kind, and what its absence means."""

    path: str
    thing: str
    name: str
    type: str
    many: bool
    absent: str
    """asked | claimed | assumed | as | none"""
    default: str
    """For `assumed` the value; for `as` the path of the other fact."""
    title: str
    question: str
    also: tuple[str, ...] = ()
    role: str | None = None
    required: bool = False
    applies: Any = None
    """Raw condition under which the fact is applicable at all, or None."""
    filled_by: str | None = None
    """A link: the role whose parties it leads to where it is not stated and the act has one such thing only."""


@dataclass(slots=True)
class Vocabulary:
    """All words, facts and places of a rule set."""

    facts: dict[str, Fact] = field(default_factory=dict)
    words: dict[str, dict[str, Word]] = field(default_factory=dict)
    codes: dict[str, CodeType] = field(default_factory=dict)
    sets: dict[str, CodeSet] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    """Title of each place: countries, regions, groups."""
    within: dict[str, frozenset[str]] = field(default_factory=dict)
    """For each place and word (as `kind:word`) everything it lies in, itself included."""
    holds: dict[str, frozenset[str]] = field(default_factory=dict)
    """For each of them everything that lies in it; a named group is nothing beside its members."""

    tables: dict[Any, Mapping[Any, int]] = field(default_factory=dict, repr=False, compare=False)
    """Truth tables made from these words, kept because thousands of norms ask for the same."""

    def overlapping(self, kind: str, word: str) -> set[str]:
        """The words that say something of `word`: what it lies in, what lies in it, and what shares a part with it."""
        found: set[str] = set()
        for part in self.holds[f"{kind}:{word}"]:
            found |= self.within[f"{kind}:{part}"]
        return found

    def facts_of(self, thing: str) -> list[Fact]:
        """The facts of one kind of thing, in file order."""
        return [fact for fact in self.facts.values() if fact.thing == thing]

    def closed(self, kind: str) -> Mapping[str, object] | None:
        """The allowed values of a closed type (words or places), None for an open one."""
        if kind == "place":
            return self.places
        return self.words.get(kind)

    def test(self, kind: str, value: str, wanted: str) -> int:
        """Three-valued: is a stated `value` a kind of `wanted`? UNKNOWN where it says less than is asked."""
        said, meant = self.holds[f"{kind}:{value}"], self.holds[f"{kind}:{wanted}"]
        if said <= meant:
            return TRUE
        return FALSE if said.isdisjoint(meant) else UNKNOWN

    def read(self, kind: str, text: str) -> Any:
        """A value of a plain fact as the engine holds it, from how a rule file writes it. Raises ValueError."""
        closed = self.closed(kind)
        if closed is not None:
            if text not in closed:
                raise ValueError(f"unknown {kind} `{text}`")
            return text
        if kind in self.codes:
            code = self.codes[kind].read(text)
            if code is None:
                raise ValueError(f"`{text}` is no {kind}")
            return code
        if kind == "yes_no":
            if text not in YES_NO:
                raise ValueError(f"`{text}` is neither `yes` nor `no`")
            return YES_NO[text]
        if kind in ("number", "percent"):
            try:
                number = Decimal(text)
            except InvalidOperation:
                raise ValueError(f"`{text}` is not a number") from None
            if not number.is_finite():
                raise ValueError(f"`{text}` is not a number")
            return number
        return parse_date(text) if kind == "date" else text

    def word(self, kind: str, word: str) -> Word:
        """One word of a closed list."""
        return self.words[kind][word]

    def thing_title(self, kind: str) -> str:
        """How a kind of thing is called in words."""
        return {"act": "the act", "party": "party", "item": "item", "asset": "asset"}[kind]


def lies_in(code: str, wider: str) -> bool:
    """Is the code one of those that begin with the other?

    Where codes have parts, the last one named counts whole: `3A001.a.12` is a `3A001.a`, and no `3A001.a.1`.
    """
    if not code.startswith(wider):
        return False
    rest = code[len(wider) :]
    return not (rest[:1].isalnum() and wider[-1:].isalnum()) or wider.isalnum()


def code_test(value: str, wanted: str, *, whole: bool = False) -> int:
    """Three-valued: `9A991.d` is a `9A991`; a stated `9A991` may be a `9A991.a`; anything else is not.

    `whole`: codes of that type have no kinds, and only the same code is the same.
    """
    if whole:
        return TRUE if value == wanted else FALSE
    if lies_in(value, wanted):
        return TRUE
    return UNKNOWN if lies_in(wanted, value) else FALSE


def holdings(within: Mapping[str, frozenset[str]], groups: Iterable[str] = ()) -> dict[str, frozenset[str]]:
    """What lies in each word, from what each word lies in; `groups` are nothing of their own."""
    found: dict[str, set[str]] = {key: set() for key in within}
    unions = set(groups)
    for key, above in within.items():
        kind, _, word = key.partition(":")
        if word not in unions:
            for each in above:
                found[f"{kind}:{each}"].add(word)
    return {key: frozenset(words) for key, words in found.items()}


def close_hierarchy(kind: str, parents: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    """For each word (as `kind:word`) all that it lies in. Raises ValueError on a cycle or an unknown parent."""
    done: dict[str, frozenset[str]] = {}

    def visit(word: str, trail: tuple[str, ...]) -> frozenset[str]:
        if word in done:
            return done[word]
        if word in trail:
            raise ValueError(f"`{word}` lies within itself")
        if word not in parents:
            raise ValueError(f"`{word}` is named as broader but not declared")
        found = {word}
        for parent in parents[word]:
            found |= visit(parent, (*trail, word))
        done[word] = frozenset(found)
        return done[word]

    for word in parents:
        visit(word, ())
    return {f"{kind}:{word}": within for word, within in done.items()}
