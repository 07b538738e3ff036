"""What the columns of a table mean: every fact of the vocabulary has a column, by its name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from carveout.engine.facts.statement import STRUCTURAL
from carveout.engine.law.documents import did_you_mean
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.law.vocabulary import LINKS, Vocabulary

TRANSACTION, REFERENCE, CARRIED = "transaction", "reference", "x_"
"""The column of JSON, the column that is never part of a decision, and how columns begin that are only carried."""
MOST_COLUMNS = 1_000
MOST_FAULTS = 50
NUMBERED = re.compile(r"(.+?)_([2-9]|[1-9][0-9])(_.+)?")
CALLED_BY_REGISTRATION = frozenset({"asset", "aircraft"})
"""Columns whose own cell is a registration, as a bare text is in a list of assets."""

Form = Literal["text", "link", "many", "owners", "pairs", "json"]
_DECISION = frozenset({"outcome", "exemptions", "missing", "citations", "error"})


@dataclass(frozen=True, slots=True)
class Column:
    """What a cell of one column states: the field of a thing, and how the cell is written."""

    thing: Literal["act", "party", "item", "asset", "carried"]
    field: str
    form: Form = "text"
    group: str = ""
    """The role or kind that names the thing, with its number: `bank`, `bank 2`, `item`."""
    word: str = ""
    """The role of a party, the kind of an asset."""


def columns_of(rules: RuleSet) -> dict[str, Column]:
    """Every column without a number that the vocabulary gives, by its name."""
    vocabulary = rules.vocabulary
    found = {name: Column("act", name, form) for name, form in _act_fields(vocabulary).items()}
    for thing, prefixes in _prefixes(vocabulary).items():
        fields = _fields(vocabulary, thing)
        for prefix, word in prefixes.items():
            own = "registration" if prefix in CALLED_BY_REGISTRATION else "name"
            found.setdefault(prefix, Column(thing, own, "text", prefix, word))
            for name, form in fields.items():
                found.setdefault(f"{prefix}_{name}", Column(thing, name, form, prefix, word))
    return found


def _act_fields(vocabulary: Vocabulary) -> dict[str, Form]:
    plain: dict[str, Form] = {name: "text" for name in (REFERENCE, "activity", "at", "zone", "asked_on")}
    return {
        **plain, TRANSACTION: "json", "none": "many", "grounds": "many", **_facts(vocabulary, "act"),
    }  # fmt: skip


def _prefixes(vocabulary: Vocabulary) -> dict[Literal["party", "item", "asset"], dict[str, str]]:
    return {
        "party": {role: role for role in vocabulary.words.get("role", {})},
        "item": {"item": ""},
        "asset": {"asset": "", **{kind: kind for kind in vocabulary.words.get("asset_kind", {})}},
    }


def _fields(vocabulary: Vocabulary, thing: str) -> dict[str, Form]:
    found: dict[str, Form] = {"id": "text", "name": "text", **_facts(vocabulary, thing)}
    if thing == "item":
        return {**found, "in_sets": "many", "not_in_sets": "many"}
    found |= {"subject": "text", "not_subject": "many", "listed": "many", "identifiers": "pairs"}
    if thing == "asset":
        return found
    return {**found, "born": "text", "address": "text", "owners": "owners", "controlled_by": "many"}


def _facts(vocabulary: Vocabulary, thing: str) -> dict[str, Form]:
    return {
        name: "many" if fact.many else "link" if fact.type in LINKS else "text"
        for fact in vocabulary.facts_of(thing)
        if fact.path not in STRUCTURAL
        for name in (fact.name, *fact.also)
    }


def spelled(header: str) -> str:
    """A heading as columns are named: `Item ECCN` and `item.eccn` are `item_eccn`."""
    return re.sub(r"[\s._-]+", "_", header.strip().lower())


def column_named(name: str, known: Mapping[str, Column]) -> Column | None:
    """The column of that name; `bank_2_country` is the country of a second bank."""
    if name in known:
        return known[name]
    if name.startswith(CARRIED):
        return Column("carried", name)
    numbered = NUMBERED.fullmatch(name)
    if numbered is None:
        return None
    prefix, number, rest = numbered.groups()
    column = known.get(prefix + (rest or ""))
    if column is None or column.group != prefix:
        return None
    return replace(column, group=f"{prefix} {number}")


def read_header(header: Sequence[str], rules: RuleSet) -> tuple[list[Column], list[str]]:
    """The meaning of each column, and everything that is wrong with the header."""
    if len(header) > MOST_COLUMNS:
        return [], [f"the table has {len(header)} columns: more than {MOST_COLUMNS} are refused"]
    known, answers = columns_of(rules), _DECISION | {spelled(authority) for authority in rules.authorities}
    columns: list[Column] = []
    faults: list[str] = []
    first: dict[str, int] = {}
    for number, heading in enumerate(header, 1):
        name = spelled(heading)
        column = column_named(name, known)
        if not name:
            column = Column("carried", "")
        elif name in first:
            faults.append(f"column {number}: `{heading[:80]}` is also column {first[name]}")
        elif column is None and name in answers:
            faults.append(f"column {number}: `{heading[:80]}` is a column of an earlier answer: leave it out")
        elif column is None and len(faults) < MOST_FAULTS:
            hint = did_you_mean(name[:80], known)
            faults.append(f"column {number}: unknown column `{heading[:80]}` ({hint})")
        first.setdefault(name, number)
        columns.append(column or Column("carried", name))
    if TRANSACTION not in first:
        faults += [f"column `{name}` is missing" for name in ("activity", "at") if name not in first]
    return columns, faults[:MOST_FAULTS]
