"""The form of the first page: its fields come from the vocabulary, and what is filled in becomes a transaction."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from carveout.engine.batch.shares import HOW, read_share
from carveout.engine.law.norms import Exemption, Prohibition
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.law.vocabulary import LINKS, Fact

GROUPS = {"party": ("parties", 6), "item": ("items", 2), "asset": ("assets", 2)}
"""Kinds of thing, the list of a transaction that holds them, and how many the form has room for."""
AUTHORISATIONS = 2
"""How many of them the form has room for."""
FIRST = {
    "act": ("place", "destination", "departure", "currency", "amount", "purpose"),
    "party": ("name", "roles", "country", "kind"),
    "item": ("name", "eccn", "hs", "origin", "end_user", "aircraft"),
    "asset": ("registration", "model", "eccn", "origin", "operator", "registered_in"),
}
"""The facts shown at once, where the vocabulary has them; all others are below `more facts`."""
NOT_IN_FORM = {"act": ("activity",), "party": ("role", "subject", "status"), "asset": ("subject", "status"), "item": ()}
_OFFSET = re.compile(r"Z|[+-]\d{2}:?\d{2}")
_STEP = re.compile(r"\.?[^.\[]+|\[\d+\]")


@dataclass(frozen=True, slots=True)
class Field:
    """One input: its name, its label, and the list that it chooses from, if any."""

    name: str
    label: str
    hint: str = ""
    choices: str | None = None
    kind: str = "text"
    listed: str = ""
    """The datalist it offers."""
    many: bool = False
    """Several values, with semicolons between."""


@dataclass(frozen=True, slots=True)
class Group:
    """The inputs for one thing."""

    title: str
    prefix: str
    first: tuple[Field, ...]
    more: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """All inputs, and the lists they choose from."""

    act: Group
    groups: dict[str, tuple[Group, ...]]
    choices: dict[str, tuple[tuple[str, str], ...]]
    zones: tuple[str, ...]
    place_names: dict[str, str]
    offers: dict[str, tuple[tuple[str, str], ...]]
    """Lists of words that inputs offer, each word with what it is."""
    """Code of each place by its name in small letters."""


@dataclass(slots=True)
class Filled:
    """A transaction from a form, and which input each of its fields came from."""

    transaction: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)
    """Inputs that cannot be read, with what to do."""

    def input_of(self, problem: str) -> str | None:
        """The input that a field of the transaction came from, or the nearest above it."""
        steps = _STEP.findall(problem)
        while steps:
            if (name := self.inputs.get("".join(steps))) is not None:
                return name
            steps.pop()
        return None


def form_of(rules: RuleSet) -> Form:
    """The form for a rule set's vocabulary."""
    vocabulary = rules.vocabulary
    choices = {
        kind: tuple((w.word, _sentence(w.title)) for w in words.values()) for kind, words in vocabulary.words.items()
    }
    choices["place"] = tuple(sorted(vocabulary.places.items(), key=lambda p: ("." in p[0], p[1])))
    choices["yes_no"] = (("yes", "yes"), ("no", "no"))
    groups = {
        key: tuple(_group(rules, thing, f"{key}-{i}", f"{_sentence(thing)} {i + 1}") for i in range(room))
        for thing, (key, room) in GROUPS.items()
    }
    groups["authorisations"] = tuple(_authorisation(i) for i in range(AUTHORISATIONS))
    choices["authority"] = tuple((a.id, a.short) for a in rules.authorities.values())
    zones = tuple(sorted({"UTC", *(a.zone.key for a in rules.authorities.values())}))
    return Form(
        _group(rules, "act", "act", "The act"),
        groups,
        choices,
        zones,
        {title.casefold(): place for place, title in choices["place"]},
        {
            "subjects": tuple(sorted(((s.id, s.name) for s in rules.subjects.values()), key=lambda s: s[1].casefold())),
            "prohibitions": tuple((norm.id, norm.title) for norm in rules.of_kind(Prohibition)),
            "permits": tuple((norm.id, norm.title) for norm in rules.of_kind(Exemption) if norm.granted),
        },
    )


def _group(rules: RuleSet, thing: str, prefix: str, title: str) -> Group:
    facts = {f.name: f for f in rules.vocabulary.facts_of(thing) if f.name not in NOT_IN_FORM[thing]}
    fields = {name: _field(rules, fact, prefix) for name, fact in facts.items()}
    if thing in ("party", "item"):
        fields["name"] = Field(f"{prefix}-name", "Name")
    if thing == "party":
        fields["roles"] = Field(f"{prefix}-roles", "Part in the act", choices="role")
        fields["subject"] = Field(
            f"{prefix}-subject", "Who it is in the law", "if that is established", listed="subjects"
        )
        fields["owners"] = Field(f"{prefix}-owners", "Owners", "A Holding 50%; ? 30%", many=True)
    first = tuple(fields[name] for name in FIRST[thing] if name in fields)
    return Group(title, prefix, first, tuple(f for f in fields.values() if f not in first))


def _authorisation(number: int) -> Group:
    prefix = f"authorisations-{number}"
    first = (
        Field(f"{prefix}-issuer", "Granted by", choices="authority"),
        Field(f"{prefix}-reference", "Its number"),
        Field(f"{prefix}-lifts", "Prohibitions it lifts", "with ; between", listed="prohibitions", many=True),
        Field(f"{prefix}-grants", "Or the derogation it grants", listed="permits"),
    )
    more = (
        Field(f"{prefix}-things", "Only for", "names, with ; between", many=True),
        Field(f"{prefix}-from", "From", kind="date"),
        Field(f"{prefix}-until", "Through", kind="date"),
    )
    return Group(f"Authorisation {number + 1}", prefix, first, more)


def _field(rules: RuleSet, fact: Fact, prefix: str) -> Field:
    vocabulary = rules.vocabulary
    closed = fact.type if fact.type in ("place", "yes_no") or fact.type in vocabulary.words else None
    if fact.type == "place" and (fact.thing not in ("act", "party") or fact.name not in FIRST[fact.thing]):
        closed, listed = None, "places"  # a select of all places for each would make the page ten times as long
    else:
        listed = ""
    code = vocabulary.codes.get(fact.type)
    hint = f"like {code.example}" if code else "its name" if fact.type in LINKS else "country" if listed else ""
    label = code.name.upper() if code and len(code.name) <= 4 else _sentence(fact.name.replace("_", " "))
    kind = "date" if fact.type == "date" else "text"
    return Field(f"{prefix}-{fact.name}", _titled(label), hint, closed, kind, listed)


def transaction_from(values: Mapping[str, str], form: Form) -> Filled:
    """The transaction that a filled-in form states: empty inputs and empty things are left out."""
    filled = Filled()
    transaction, inputs = filled.transaction, filled.inputs
    if activity := values.get("act-activity", "").strip():
        transaction["activity"] = activity
    inputs |= {"activity": "act-activity", "at": "act-date", "zone": "act-zone"}
    _when(values, transaction)
    for one in (*form.act.first, *form.act.more):
        _put(transaction, filled, values, one, "", form)
    for key, groups in form.groups.items():
        things: list[dict[str, Any]] = []
        for group in groups:
            thing: dict[str, Any] = {}
            for one in (*group.first, *group.more):
                _put(thing, filled, values, one, f"{key}[{len(things)}].", form)
            if thing:
                inputs[f"{key}[{len(things)}]"] = group.first[0].name
                for one in (*group.first, *group.more):  # also what is left out and must not be
                    inputs.setdefault(f"{key}[{len(things)}].{one.name.rpartition('-')[2]}", one.name)
                things.append(thing)
        if things:
            transaction[key] = things
    none = [key for key in ("items", "assets") if values.get(f"none-{key}")]
    if role := values.get("none-role", "").strip():
        none.append(role)
    if none:
        transaction["none"] = none
    return filled


def _when(values: Mapping[str, str], transaction: dict[str, Any]) -> None:
    day, time, zone = (values.get(f"act-{name}", "").strip() for name in ("date", "time", "zone"))
    if not day:
        return
    offset = zone if _OFFSET.fullmatch(zone) else ""
    transaction["at"] = f"{day}T{time}{offset}" if time else day
    if zone and not offset:
        transaction["zone"] = zone


def _put(thing: dict[str, Any], filled: Filled, values: Mapping[str, str], one: Field, path: str, form: Form) -> None:
    fact = one.name.rpartition("-")[2]
    value = values.get(one.name, "").strip()
    if not value:
        return
    filled.inputs[path + fact] = one.name
    if not one.many:
        thing[fact] = form.place_names.get(value.casefold(), value) if one.listed == "places" else value
        return
    parts = [part.strip() for part in value.split(";") if part.strip()]
    if fact != "owners":
        thing[fact] = parts
        return
    shares = [read_share(part) for part in parts]
    filled.problems += [
        (path + fact, f"`{part[:80]}`: {HOW}") for part, share in zip(parts, shares, strict=True) if share is None
    ]
    thing[fact] = [share for share in shares if share is not None]


def values_from(transaction: Mapping[str, Any]) -> dict[str, str]:
    """What the form would have to hold to state a plain transaction; what it has no room for is left out."""
    values: dict[str, str] = {}
    day, _, clock = str(transaction.get("at", "")).partition("T")
    offset = _OFFSET.search(clock)
    zone = str(transaction.get("zone") or (offset[0] if offset else ""))
    values |= {"act-date": day, "act-time": clock[:5], "act-zone": zone}
    for key, value in transaction.items():
        if isinstance(value, str) and key not in ("at", "zone"):
            values[f"act-{key}"] = value
    for key, room in (*GROUPS.values(), ("authorisations", AUTHORISATIONS)):
        for i, thing in enumerate((transaction.get(key) or [])[:room]):
            for name, value in thing.items() if isinstance(thing, Mapping) else (("name", thing),):
                plain = value[0] if isinstance(value, list) and value else value
                if name in ("lifts", "things") and isinstance(value, list):
                    plain = "; ".join(map(str, value))
                elif name == "owners":
                    plain = "; ".join(filter(None, map(_share, value or [])))
                if isinstance(plain, str):
                    values[f"{key}-{i}-{name}"] = plain
    return values


def _share(owner: Any) -> str:
    """A share in one line; nothing for one that does not fit there."""
    if not isinstance(owner, Mapping) or not set(owner) <= {"party", "unknown", "percent"}:
        return ""
    holder = owner.get("party", "?")
    return f"{holder} {owner.get('percent')}%" if isinstance(holder, str) else ""


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _titled(label: str) -> str:
    return label.replace("Us ", "US ")
