"""The words of the rule set as they are answered over HTTP."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from carveout.api.finding_answers import Answer
from carveout.engine.law.ruleset import RuleSet


class FactAnswer(Answer):
    """A fact that can be stated, and what its absence means."""

    path: str = Field(examples=["item.eccn"])
    title: str
    type: str
    many: bool
    required: bool
    question: str
    absent: str = Field(description="asked | claimed | assumed | as | none")
    default: str = Field(description="the value assumed, or the path of the fact it follows")
    also: list[str] = Field(description="other names for it")


class WordAnswer(Answer):
    """A word of a closed list."""

    title: str
    broader: str | None = None
    moves: list[str] = Field([], description="of an activity: the things that it moves")
    needs: list[str] = Field([], description="of an activity: the roles that it needs filled")


class CodeAnswer(Answer):
    """A kind of code."""

    title: str
    pattern: str
    example: str


class CodeSetAnswer(Answer):
    """A named set of codes, by their beginnings."""

    title: str
    type: str
    codes: list[str]
    complete: bool


class PlaceAnswer(Answer):
    """A country, a region or a group of them."""

    title: str
    within: list[str] = Field(description="everything it lies in")


class ListAnswer(Answer):
    """An official list."""

    title: str
    programmes: list[str]


class AuthorityAnswer(Answer):
    """Who makes the law."""

    title: str
    short: str
    zone: str
    advisory: bool
    countries: list[str]
    lists: dict[str, ListAnswer]
    grounds: dict[str, str] = Field(description="grounds of nexus, with their titles")


class VocabularyAnswer(Answer):
    """All words of the rule set."""

    facts: list[FactAnswer]
    words: dict[str, dict[str, WordAnswer]]
    codes: dict[str, CodeAnswer]
    sets: dict[str, CodeSetAnswer]
    places: dict[str, PlaceAnswer]
    authorities: dict[str, AuthorityAnswer]
    subjects: dict[str, str] = Field(description="who and what is recorded, by id")


def vocabulary_answer(rules: RuleSet) -> dict[str, Any]:
    """The vocabulary as data."""
    v = rules.vocabulary
    return {
        "facts": [
            {
                "path": f.path,
                "title": f.title,
                "type": f.type,
                "many": f.many,
                "required": f.required,
                "question": f.question,
                "absent": f.absent,
                "default": f.default,
                "also": list(f.also),
            }
            for f in v.facts.values()
        ],
        "words": {
            kind: {
                w.word: {"title": w.title, "broader": w.broader, "moves": list(w.moves), "needs": list(w.needs)}
                for w in words.values()
            }
            for kind, words in v.words.items()
        },
        "codes": {
            c.name: {"title": c.title, "pattern": c.pattern.pattern, "example": c.example} for c in v.codes.values()
        },
        "sets": {
            s.name: {"title": s.title, "type": s.type, "codes": list(s.codes), "complete": s.complete}
            for s in v.sets.values()
        },
        "places": {
            place: {"title": title, "within": sorted(v.within.get(f"place:{place}", frozenset()) - {place})}
            for place, title in v.places.items()
        },
        "authorities": {
            a.id: {
                "title": a.title,
                "short": a.short,
                "zone": a.zone.key,
                "advisory": a.advisory,
                "countries": list(a.countries),
                "lists": {
                    i: {"title": entry.title, "programmes": list(entry.programmes)} for i, entry in a.lists.items()
                },
                "grounds": {g.id: g.title for g in a.grounds.values()},
            }
            for a in rules.authorities.values()
        },
        "subjects": {s.id: s.name for s in rules.subjects.values()},
    }
