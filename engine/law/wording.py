"""Reading `vocabulary.yaml`, `places.yaml` and the code sets into a Vocabulary."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from carveout.engine.law.documents import Document, Fault, did_you_mean
from carveout.engine.law.fact_checks import fact_faults
from carveout.engine.law.vocabulary import (
    PLAIN_TYPES,
    THINGS,
    CodeSet,
    CodeType,
    Fact,
    Telling,
    Vocabulary,
    Word,
    close_hierarchy,
    holdings,
)


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WordShape(_Shape):
    """A word of a closed list."""

    title: str
    broader: str | None = None
    moves: list[Literal["items", "assets"]] = []
    needs: list[str] = []
    roles: dict[str, str] = {}


class TellingShape(_Shape):
    """A fact that the beginning of a code tells."""

    until: str = Field(min_length=1)
    then: str
    beginnings: dict[str, str]
    patterns: dict[str, str] = {}


class TypeShape(_Shape):
    """A kind of code."""

    title: str
    pattern: str
    drop: str = ""
    example: str = ""
    implies: dict[str, str] = {}
    tells: dict[str, TellingShape] = {}
    whole: bool = False


class FactShape(_Shape):
    """A fact."""

    type: str
    many: bool = False
    absent: str | dict[str, str] = "asked"
    title: str = ""
    question: str
    also: list[str] = []
    role: str | None = None
    required: bool = False
    applies: dict[str, Any] | None = None
    filled_by: str | None = None


class VocabularyShape(_Shape):
    """vocabulary.yaml"""

    types: dict[str, TypeShape] = {}
    words: dict[str, dict[str, WordShape]]
    facts: dict[str, FactShape]


class RegionShape(_Shape):
    """A region of a country."""

    within: str | None = None
    title: str

    def __init__(self, **data: Any) -> None:
        if "in" in data:  # `in` is no name a Python field can have
            data["within"] = data.pop("in")
        super().__init__(**data)


class GroupShape(_Shape):
    """A named group of places."""

    title: str
    members: list[str]
    notes: str = ""
    citation: Any = None


class PlacesShape(_Shape):
    """places.yaml"""

    countries: dict[str, str]
    regions: dict[str, dict[str, Any]] = {}
    groups: dict[str, GroupShape] = {}


class CodeSetShape(_Shape):
    """A file of codes."""

    title: str
    type: str
    codes: list[str]
    complete: bool = True
    citation: Any = None
    notes: str = ""
    checked: str | None = None


def shape_faults(document: Document, error: ValidationError) -> list[Fault]:
    """What pydantic found, as faults with the line of the offending node."""
    faults = []
    for problem in error.errors():
        path = tuple(
            step for step in problem["loc"] if not (isinstance(step, str) and step.startswith(("function-", "dict[")))
        )
        word = path[-1] if path else ""
        hint = ""
        if problem["type"] == "extra_forbidden":
            message = f"unknown key `{word}`"
        elif problem["type"] == "missing":
            message = f"`{word}` is missing"
        else:
            shown = problem.get("input")
            detail = f" `{shown}`" if isinstance(shown, str | int) and len(str(shown)) < 80 else ""
            message = f"`{word}`{detail}: {problem['msg'][0].lower()}{problem['msg'][1:]}"
        faults.append(document.fault(path, message, hint))
    return faults


def read_vocabulary(
    document: Document, places: Document, code_sets: Iterable[tuple[str, Document]]
) -> tuple[Vocabulary, list[Fault]]:
    """A Vocabulary from its files, with every fault found in them."""
    vocabulary, faults = Vocabulary(), []
    try:
        shape = VocabularyShape.model_validate(document.data)
    except ValidationError as error:
        return vocabulary, shape_faults(document, error)
    for name, kind in shape.types.items():
        try:
            pattern = re.compile(kind.pattern)
            tells = tuple(
                Telling(
                    path,
                    told.until,
                    re.compile(told.then),
                    told.beginnings,
                    tuple((re.compile(p), v) for p, v in told.patterns.items()),
                )
                for path, told in kind.tells.items()
            )
        except re.error as problem:
            steps = ("types", name, "pattern" if str(problem.pattern) == kind.pattern else "tells")
            faults.append(document.fault(steps, f"not a regular expression: {problem}"))
            continue
        vocabulary.codes[name] = CodeType(
            name, kind.title, pattern, kind.drop, kind.example, kind.implies, kind.whole, tells
        )
    for name, words in shape.words.items():
        vocabulary.words[name] = {
            word: Word(word, entry.title, entry.broader, tuple(entry.moves), tuple(entry.needs), entry.roles)
            for word, entry in words.items()
        }
        parents = {word: (entry.broader,) if entry.broader else () for word, entry in words.items()}
        try:
            vocabulary.within |= close_hierarchy(name, parents)
        except ValueError as problem:
            faults.append(document.fault(("words", name), str(problem)))
    faults += _read_places(vocabulary, places)
    groups = places.data.get("groups", {}) if isinstance(places.data, dict) else {}
    vocabulary.holds = holdings(vocabulary.within, groups)
    for path, entry in shape.facts.items():
        faults += _read_fact(vocabulary, document, path, entry)
    faults += fact_faults(vocabulary, document)
    for name, file in code_sets:
        faults += _read_code_set(vocabulary, name, file)
    for word in vocabulary.words.get("activity", {}).values():
        for role in (*word.needs, *word.roles, *word.roles.values()):
            if role not in vocabulary.words.get("role", {}):
                hint = did_you_mean(role, vocabulary.words.get("role", {}))
                faults.append(document.fault(("words", "activity", word.word), f"unknown role `{role}`", hint))
    return vocabulary, faults


def _read_places(vocabulary: Vocabulary, document: Document) -> list[Fault]:
    try:
        shape = PlacesShape.model_validate(document.data)
        regions = {code: RegionShape(**entry) for code, entry in shape.regions.items()}
    except ValidationError as error:
        return shape_faults(document, error)
    parents: dict[str, set[str]] = {code: set() for code in (*shape.countries, *regions, *shape.groups)}
    faults = []
    for code, region in regions.items():
        if region.within is None or region.within not in parents:
            faults.append(document.fault(("regions", code), f"`{code}` lies in unknown place `{region.within}`"))
        else:
            parents[code].add(region.within)
    for name, group in shape.groups.items():
        for member in group.members:
            if member not in parents:
                hint = did_you_mean(member, parents)
                faults.append(document.fault(("groups", name), f"unknown place `{member}`", hint))
            else:
                parents[member].add(name)
    vocabulary.places = {
        **shape.countries,
        **{c: r.title for c, r in regions.items()},
        **{n: g.title for n, g in shape.groups.items()},
    }
    try:
        vocabulary.within |= close_hierarchy("place", {code: tuple(sorted(above)) for code, above in parents.items()})
    except ValueError as problem:
        faults.append(document.fault((), str(problem)))
    return faults


def _read_fact(vocabulary: Vocabulary, document: Document, path: str, shape: FactShape) -> list[Fault]:
    where = ("facts", path)
    thing, _, name = path.partition(".")
    if thing not in THINGS or not name.isidentifier():
        return [
            document.fault(where, f"`{path}` is no path of a fact", "write act., party., item. or asset. and a name")
        ]
    known = PLAIN_TYPES | set(vocabulary.words) | set(vocabulary.codes) | {"party_kind", "asset_kind"}
    if shape.type not in known:
        return [document.fault((*where, "type"), f"unknown type `{shape.type}`", did_you_mean(shape.type, known))]
    if shape.filled_by is not None:
        if shape.type != "party" or thing not in ("item", "asset"):
            return [
                document.fault((*where, "filled_by"), "only a link of an item or asset to a party is filled by a role")
            ]
        if shape.filled_by not in vocabulary.words.get("role", {}):
            hint = did_you_mean(shape.filled_by, vocabulary.words.get("role", {}))
            return [document.fault((*where, "filled_by"), f"unknown role `{shape.filled_by}`", hint)]
    absent, default = shape.absent, ""
    if isinstance(absent, dict):
        if len(absent) != 1 or next(iter(absent)) not in ("assumed", "as"):
            return [document.fault((*where, "absent"), "`absent` is a word, `{assumed: VALUE}` or `{as: PATH}`")]
        absent, default = next(iter(absent.items()))
    elif absent not in ("asked", "claimed", "none"):
        hint = did_you_mean(absent, ["asked", "claimed", "none"])
        return [document.fault((*where, "absent"), f"unknown word `{absent}`", hint)]
    vocabulary.facts[path] = Fact(
        path,
        thing,
        name,
        shape.type,
        shape.many,
        absent,
        default,
        shape.title or name.replace("_", " "),
        shape.question,
        tuple(shape.also),
        shape.role,
        shape.required,
        shape.applies,
        shape.filled_by,
    )
    return []


def _read_code_set(vocabulary: Vocabulary, name: str, document: Document) -> list[Fault]:
    try:
        shape = CodeSetShape.model_validate(document.data)
    except ValidationError as error:
        return shape_faults(document, error)
    kind = vocabulary.codes.get(shape.type)
    if kind is None:
        hint = did_you_mean(shape.type, vocabulary.codes)
        return [document.fault(("type",), f"unknown type of code `{shape.type}`", hint)]
    codes = []
    for i, raw in enumerate(shape.codes):
        text = raw
        for character in kind.drop:
            text = text.replace(character, "")
        if not text:
            return [document.fault(("codes", i), f"`{raw}` is no code")]
        codes.append(text)
    vocabulary.sets[name] = CodeSet(name, shape.title, shape.type, tuple(codes), shape.complete, kind.whole)
    return []
