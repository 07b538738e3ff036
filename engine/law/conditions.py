"""The condition language: small, closed, checked when it is read (docs/rules.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from carveout.engine.law.clocks import parse_date, zone_named
from carveout.engine.law.documents import did_you_mean
from carveout.engine.law.vocabulary import LINKS, YES_NO, Fact, Vocabulary

UTC = zone_named("UTC")
VERDICTS = ("no_nexus", "not_prohibited", "authorized", "review", "license_required", "prohibited")
"""Mildest first."""
QUANTIFIERS = {f"{kind}_{thing}": (kind, thing) for kind in ("any", "every") for thing in ("party", "item", "asset")}
COMPARISONS = ("at_least", "more_than", "at_most", "less_than")
DATES = ("before", "from")
MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Path:
    """A fact of the thing asked, or of one it is linked to: `item.end_user.country`."""

    root: str
    links: tuple[Fact, ...]
    fact: Fact
    text: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """One test of one fact. `values` are words, codes, numbers, dates or sets, by the test."""

    path: Path
    test: str
    values: tuple[Any, ...]
    rest: bool = False
    """The values are what is left of a list (`other_than`): no status is asked for by its own programme."""


@dataclass(frozen=True, slots=True)
class Junction:
    """`all` or `any` of some conditions."""

    kind: str
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The mirror of a condition."""

    part: Condition


@dataclass(frozen=True, slots=True)
class Quantified:
    """`any_party`, `every_item` ...: a condition asked of each thing of a kind."""

    kind: str
    thing: str
    part: Condition
    if_empty: bool
    """What `every_*` is worth where there is no such thing; `any_*` is FALSE there."""


@dataclass(frozen=True, slots=True)
class OwnedBy:
    """The share of named subjects, of whoever is listed, or of parties that satisfy a condition, in a party."""

    root: str
    links: tuple[Fact, ...]
    subjects: tuple[str, ...]
    listed: tuple[str, ...]
    other_than: tuple[str, ...]
    threshold: Decimal
    inclusive: bool
    control: bool = False
    """Or controlled otherwise than by shares, as stated."""
    parties: Condition | None = None
    """What those satisfy whose share counts; nothing is assumed of owners that were not stated."""
    zone: ZoneInfo = UTC
    """By whose calendar dated shares begin and end: that of the authority whose norm asks."""


@dataclass(frozen=True, slots=True)
class VerdictIs:
    """Another authority's verdict on the same act."""

    authority: str
    verdicts: tuple[str, ...]
    supposing_nexus: bool


Condition = Leaf | Junction | Not | Quantified | OwnedBy | VerdictIs
ALWAYS_TRUE = Junction("all", ())


@dataclass(slots=True)
class Names:
    """What a condition may name beside facts: subjects, statuses and authorities of the rule set."""

    subjects: frozenset[str] | set[str]
    statuses: frozenset[str] | set[str]
    authorities: frozenset[str] | set[str]


class ConditionError(ValueError):
    """A condition that cannot be read; `path` leads to the offending node."""

    def __init__(self, path: tuple[str | int, ...], message: str, hint: str = "") -> None:
        super().__init__(message)
        self.path, self.message, self.hint = path, message, hint


def walk(condition: Condition) -> Iterator[Condition]:
    """The condition and every condition within it."""
    yield condition
    if isinstance(condition, Junction):
        for part in condition.parts:
            yield from walk(part)
    elif isinstance(condition, Not | Quantified):
        yield from walk(condition.part)
    elif isinstance(condition, OwnedBy) and condition.parties is not None:
        yield from walk(condition.parties)


@dataclass(slots=True)
class ConditionReader:
    """Reads raw conditions against a vocabulary and the names of a rule set."""

    vocabulary: Vocabulary
    names: Names
    zone: ZoneInfo = UTC
    """Of the authority whose norms are read."""

    def read(self, raw: Any, thing: str, path: tuple[str | int, ...] = (), *, quantifiers: str = "both") -> Condition:
        """The condition asked of one `thing`. `quantifiers`: `both`, or `every` where `any_*` is an error.

        Raises ConditionError.
        """
        return self._read(raw, {"act", thing}, path, quantifiers, 0)

    def _read(self, raw: Any, bound: set[str], path: tuple[str | int, ...], quantifiers: str, depth: int) -> Condition:
        if depth > MAX_DEPTH:
            raise ConditionError(path, f"conditions are nested more than {MAX_DEPTH} deep", "split the norm")
        if not isinstance(raw, Mapping) or not raw:
            raise ConditionError(path, "a condition is a mapping like `{fact: ..., is: ...}`")
        keys = set(raw)
        if "fact" in keys:
            return self._leaf(raw, bound, path)
        if "verdict" in keys:
            return self.read_verdict(raw, path)
        if len(keys - {"if_empty"}) != 1:
            extra = sorted(keys)[1]
            raise ConditionError(
                (*path, extra),
                f"a condition has one form; `{extra}` stands beside `{sorted(keys)[0]}`",
                "put them below `all:`",
            )
        key = next(iter(keys - {"if_empty"}))
        if "if_empty" in keys and not key.startswith("every_"):
            raise ConditionError((*path, "if_empty"), "`if_empty` belongs to `every_*` only")
        value, where = raw[key], (*path, key)
        if key in ("all", "any"):
            if not isinstance(value, list) or not value:
                raise ConditionError(where, f"`{key}` is a list of conditions")
            return Junction(
                key, tuple(self._read(v, bound, (*where, i), quantifiers, depth + 1) for i, v in enumerate(value))
            )
        if key == "not":
            return Not(self._read(value, bound, where, quantifiers, depth + 1))
        if key in QUANTIFIERS and quantifiers == "none":
            raise ConditionError(where, f"`{key}` may not stand in `parties`", "say what each owner is by itself")
        if key in QUANTIFIERS:
            return self._quantified(raw, key, bound, path, quantifiers, depth)
        if key == "owned_by" and quantifiers == "none":
            raise ConditionError(where, "`owned_by` may not stand in `parties`", "shares are followed by themselves")
        if key == "owned_by":
            return self._owned_by(value, bound, where, depth)
        allowed = ["all", "any", "not", "fact", "owned_by", "verdict", *QUANTIFIERS]
        raise ConditionError(where, f"unknown form `{key}`", did_you_mean(key, allowed))

    def _quantified(
        self, raw: Any, key: str, bound: set[str], path: tuple[str | int, ...], quantifiers: str, depth: int
    ) -> Condition:
        kind, thing = QUANTIFIERS[key]
        if kind == "any" and quantifiers == "every":
            raise ConditionError(
                (*path, key),
                f"`{key}` may not stand in `covers` or `except`",
                f"write `every_{thing}`: one thing must not carry another",
            )
        if_empty = raw.get("if_empty")
        if kind == "every" and if_empty not in ("holds", "fails"):
            raise ConditionError(
                (*path, key), f"`{key}` must say what an empty list means", "add `if_empty: holds` or `if_empty: fails`"
            )
        part = self._read(raw[key], bound | {thing}, (*path, key), quantifiers, depth + 1)
        return Quantified(kind, thing, part, if_empty == "holds")

    def path(self, text: Any, bound: set[str], where: tuple[str | int, ...]) -> Path:
        """A fact path, checked against the vocabulary. Raises ConditionError."""
        if not isinstance(text, str):
            raise ConditionError(where, "a fact is a path like `item.end_user.country`")
        steps = text.split(".")
        if steps[0] not in bound:
            raise ConditionError(where, f"`{text}` begins with `{steps[0]}`", did_you_mean(steps[0], bound))
        thing = steps[0]
        links: list[Fact] = []
        for i, step in enumerate(steps[1:], 1):
            fact = self.vocabulary.facts.get(f"{thing}.{step}")
            if fact is None:
                known = [f.path for f in self.vocabulary.facts_of(thing)]
                raise ConditionError(where, f"unknown fact `{thing}.{step}`", did_you_mean(f"{thing}.{step}", known))
            if i == len(steps) - 1:
                return Path(steps[0], tuple(links), fact, text)
            if fact.type not in LINKS:
                raise ConditionError(where, f"`{fact.path}` names no other thing, so nothing follows it")
            links.append(fact)
            thing = LINKS[fact.type]
        raise ConditionError(where, f"`{text}` is no fact", "write the thing and a fact of it")

    def _leaf(self, raw: Any, bound: set[str], where: tuple[str | int, ...]) -> Condition:
        path = self.path(raw["fact"], bound, (*where, "fact"))
        if "other_than" in raw:
            return self._rest(path, raw, where)
        tests = [key for key in raw if key != "fact"]
        allowed = ["is", "in", *COMPARISONS, *DATES, "in_set"]
        if len(tests) != 1:
            raise ConditionError(where, f"a fact has one test, not {len(tests)}", did_you_mean("", allowed))
        test = tests[0]
        if test not in allowed:
            raise ConditionError((*where, test), f"unknown test `{test}`", did_you_mean(test, allowed))
        at = (*where, test)
        value = raw[test]
        if test == "in":
            if not isinstance(value, list) or not value:
                raise ConditionError(at, "`in` is a list of values")
            return Leaf(path, "is", tuple(self._value(path.fact, v, (*at, i)) for i, v in enumerate(value)))
        if test == "is":
            return Leaf(path, "is", (self._value(path.fact, value, at),))
        if test in COMPARISONS:
            if path.fact.type not in ("number", "percent"):
                raise ConditionError(at, f"`{test}` compares numbers; `{path.text}` is {path.fact.type}")
            return Leaf(path, test, (self._number(value, at),))
        if test in DATES:
            if path.fact.type != "date":
                raise ConditionError(at, f"`{test}` compares dates; `{path.text}` is {path.fact.type}")
            try:
                return Leaf(path, test, (parse_date(str(value)),))
            except ValueError as error:
                raise ConditionError(at, str(error)) from None
        code_set = self.vocabulary.sets.get(value) if isinstance(value, str) else None
        if code_set is None:
            raise ConditionError(at, f"unknown set `{value}`", did_you_mean(str(value), self.vocabulary.sets))
        if code_set.type != path.fact.type:
            raise ConditionError(at, f"`{value}` is a set of {code_set.type}; `{path.text}` is {path.fact.type}")
        return Leaf(path, "in_set", (code_set,))

    def _rest(self, path: Path, raw: Mapping[str, Any], where: tuple[str | int, ...]) -> Condition:
        """`{fact: party.status, is: LIST, other_than: [LIST/PROGRAMME]}`: on the list under some other programme.

        Who is on it under one of these and under another as well satisfies it.
        """
        known = {"fact", "is", "other_than"}
        if unknown := sorted(set(raw) - known):
            raise ConditionError((*where, unknown[0]), f"unknown key `{unknown[0]}`", did_you_mean(unknown[0], known))
        name, left_out = raw.get("is"), raw["other_than"]
        at = (*where, "other_than")
        own = {status for status in self.names.statuses if status.startswith(f"{name}/")}
        if path.fact.type != "status" or not own:
            raise ConditionError(at, "`other_than` stands beside `is: LIST` of a status")
        if not isinstance(left_out, list) or not left_out:
            raise ConditionError(at, "`other_than` is a list of statuses")
        for i, status in enumerate(left_out):
            if status not in own:
                raise ConditionError((*at, i), f"`{status}` is no status of {name}", did_you_mean(str(status), own))
        return Leaf(path, "is", tuple(sorted(own - set(left_out))), rest=True)

    def _number(self, value: Any, at: tuple[str | int, ...]) -> Decimal:
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            raise ConditionError(at, f"`{value}` is not a number") from None
        if not number.is_finite():
            raise ConditionError(at, f"`{value}` is not a number")
        return number

    def _value(self, fact: Fact, value: Any, at: tuple[str | int, ...]) -> Any:
        if not isinstance(value, str):
            raise ConditionError(at, "a value is plain text")
        kind = fact.type
        closed = self.vocabulary.closed(kind)
        if closed is not None:
            if value not in closed:
                raise ConditionError(at, f"unknown {kind} `{value}`", did_you_mean(value, closed))
            return value
        if kind == "yes_no":
            if value not in YES_NO:
                raise ConditionError(at, f"`{value}` is neither `yes` nor `no`")
            return YES_NO[value]
        if kind == "subject":
            if value not in self.names.subjects:
                raise ConditionError(at, f"unknown subject `{value}`", did_you_mean(value, self.names.subjects))
            return value
        if kind == "status":
            if value not in self.names.statuses:
                raise ConditionError(at, f"unknown status `{value}`", did_you_mean(value, self.names.statuses))
            return value
        if kind in self.vocabulary.codes:
            code = value
            for character in self.vocabulary.codes[kind].drop:
                code = code.replace(character, "")
            if not code:
                raise ConditionError(at, f"`{value}` is no {kind}")
            return code
        if kind == "text":
            return value
        if kind in ("number", "percent"):
            return self._number(value, at)
        if kind == "date":
            try:
                return parse_date(value)
            except ValueError as error:
                raise ConditionError(at, str(error)) from None
        raise ConditionError(at, f"`{fact.path}` names another thing: test a fact of it, such as `{fact.path}.subject`")

    def _owned_by(self, value: Any, bound: set[str], at: tuple[str | int, ...], depth: int) -> Condition:
        if not isinstance(value, Mapping):
            raise ConditionError(at, "`owned_by` is a mapping like `{subjects: [...], at_least: 50}`")
        known_keys = {"of", "subjects", "listed", "parties", "other_than", "at_least", "more_than", "control"}
        unknown = set(value) - known_keys
        if unknown:
            word = sorted(unknown)[0]
            raise ConditionError(
                (*at, word),
                f"unknown key `{word}`",
                did_you_mean(word, known_keys),
            )
        thresholds = [key for key in ("at_least", "more_than") if key in value]
        if len(thresholds) != 1 or len({"subjects", "listed", "parties"} & set(value)) != 1:
            raise ConditionError(
                at, "`owned_by` has one of `subjects`, `listed` and `parties`, and `at_least` or `more_than`"
            )
        root = "party"
        links: tuple[Fact, ...] = ()
        if "of" in value:
            link = self.path(value["of"], bound, (*at, "of"))
            if LINKS.get(link.fact.type) != "party":
                raise ConditionError((*at, "of"), f"`{link.text}` names no party")
            root, links = link.root, (*link.links, link.fact)
        elif "party" not in bound:
            raise ConditionError(at, "no party is asked here", "name one with `of: item.end_user`")
        groups: dict[str, tuple[str, ...]] = {}
        for key, known, kind in (
            ("subjects", self.names.subjects, "subject"),
            ("listed", self.names.statuses, "status"),
            ("other_than", self.names.subjects, "subject"),
        ):
            words = value.get(key, [])
            if not isinstance(words, list):
                raise ConditionError((*at, key), f"`{key}` is a list")
            for i, word in enumerate(words):
                if word not in known:
                    raise ConditionError((*at, key, i), f"unknown {kind} `{word}`", did_you_mean(str(word), known))
            groups[key] = tuple(words)
        threshold = self._number(value[thresholds[0]], (*at, thresholds[0]))
        control = value.get("control", "false")
        if control not in ("true", "false"):
            raise ConditionError((*at, "control"), f"`{control}` is neither `true` nor `false`")
        inclusive = thresholds[0] == "at_least"
        subjects, listed, other_than = groups["subjects"], groups["listed"], groups["other_than"]
        parties = None
        if "parties" in value:  # asked of each owner by itself, who is no thing of the condition around
            parties = self._read(value["parties"], {"act", "party"}, (*at, "parties"), "none", depth + 1)
        return OwnedBy(
            root, links, subjects, listed, other_than, threshold, inclusive, control == "true", parties, self.zone
        )

    def read_verdict(self, raw: Any, at: tuple[str | int, ...]) -> Condition:
        """`{verdict: us.ofac, in: [...]}`. Raises ConditionError."""
        unknown = set(raw) - {"verdict", "in", "supposing_nexus"}
        if unknown:
            raise ConditionError((*at, sorted(unknown)[0]), f"unknown key `{sorted(unknown)[0]}`")
        authority = raw["verdict"]
        if authority not in self.names.authorities:
            raise ConditionError(
                (*at, "verdict"),
                f"unknown authority `{authority}`",
                did_you_mean(str(authority), self.names.authorities),
            )
        words = raw.get("in")
        if not isinstance(words, list) or not words:
            raise ConditionError(at, "`verdict` needs `in: [...]`")
        for i, word in enumerate(words):
            if word not in VERDICTS:
                raise ConditionError((*at, "in", i), f"unknown verdict `{word}`", did_you_mean(str(word), VERDICTS))
        supposing = raw.get("supposing_nexus", "false")
        if supposing not in ("true", "false"):
            raise ConditionError((*at, "supposing_nexus"), f"`{supposing}` is neither `true` nor `false`")
        return VerdictIs(authority, tuple(words), supposing == "true")
