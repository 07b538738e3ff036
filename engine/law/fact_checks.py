"""What the lines of facts in `vocabulary.yaml` name must be there: words, values, other facts, free names.

A default that no value of the fact can be would make every test of it FALSE without anybody having said so.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterator

from pydantic import BaseModel

from carveout.engine.law.documents import Document, Fault, did_you_mean
from carveout.engine.law.vocabulary import LINKS, RESERVED, STRUCTURAL, Fact, Vocabulary

_OPEN = frozenset({"subject", "status", *LINKS})
"""Types of which nothing can be assumed."""


def fact_faults(vocabulary: Vocabulary, document: Document) -> Iterator[Fault]:
    """Every fault in what facts, and codes that tell facts, name beside themselves."""
    for path, type_ in STRUCTURAL.items():
        there = vocabulary.facts.get(path)
        if there is None or there.type != type_:
            yield document.fault(("facts", path), f"every vocabulary has the fact `{path}` of the type `{type_}`")
    for fact in vocabulary.facts.values():
        for steps, message, hint in _faults_of(fact, vocabulary):
            yield document.fault(("facts", fact.path, *steps), message, hint)
    for name, kind in vocabulary.codes.items():
        said: list[tuple[str, tuple[str, ...], dict[tuple[str, ...], str]]] = [
            (path, ("types", name, "implies", path), {(): text}) for path, text in kind.implies.items()
        ]
        for telling in kind.tells:
            values: dict[tuple[str, ...], str] = {("beginnings", c): text for c, text in telling.beginnings.items()}
            values |= {("patterns", pattern.pattern): text for pattern, text in telling.patterns}
            said.append((telling.path, ("types", name, "tells", telling.path), values))
        for path, where, texts in said:
            told = vocabulary.facts.get(path)
            if told is None:
                yield document.fault(where, f"unknown fact `{path}`", did_you_mean(path, vocabulary.facts))
                continue
            for steps, text in texts.items():
                for message, hint in _value(vocabulary, told, text):
                    yield document.fault((*where, *steps), message, hint)


Found = tuple[tuple[str, ...], str, str]


def _faults_of(fact: Fact, vocabulary: Vocabulary) -> Iterator[Found]:
    roles = vocabulary.words.get("role", {})
    for name in (fact.name, *fact.also):
        yield from _free(fact, name, vocabulary)
    if fact.role is not None and fact.role not in roles:
        yield ("role",), f"unknown role `{fact.role}`", did_you_mean(fact.role, roles)
    elif fact.role is not None and (fact.thing != "item" or fact.type != "party"):
        yield ("role",), "only a link of an item to a party gives that party a role", ""
    if fact.absent == "assumed":
        for message, hint in _value(vocabulary, fact, fact.default):
            yield ("absent", "assumed"), message, hint
    if fact.absent == "as":
        for message, hint in _leaning(fact, vocabulary):
            yield ("absent", "as"), message, hint


def _free(fact: Fact, name: str, vocabulary: Vocabulary) -> Iterator[Found]:
    taken = name in RESERVED[fact.thing] or keyword.iskeyword(name) or hasattr(BaseModel, name)
    linked = vocabulary.facts.get(f"item.{name}")
    if fact.thing == "act" and linked is not None and linked.type in LINKS:
        taken = True  # said beside the items, it holds for all of them
    if taken:
        yield (), f"`{name}` is a word of the form of a transaction", "call the fact by another name"
    for other in vocabulary.facts_of(fact.thing):
        if other is not fact and (name == other.name or name in other.also) and name in fact.also:
            yield ("also",), f"`{name}` is also a name of `{other.path}`", ""


def _value(vocabulary: Vocabulary, fact: Fact, text: str) -> Iterator[tuple[str, str]]:
    if fact.type in _OPEN:
        yield f"nothing can be assumed of `{fact.path}`, which is {fact.type}", ""
        return
    try:
        vocabulary.read(fact.type, text)
    except ValueError as error:
        yield str(error), did_you_mean(text, vocabulary.closed(fact.type) or {})


def _leaning(fact: Fact, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """`as`: a fact of the act, of the thing itself, or of the parties in a role."""
    root, _, name = fact.default.partition(".")
    roles = vocabulary.words.get("role", {})
    if root not in ("act", fact.thing, *roles):
        yield f"`{fact.default}` begins with `{root}`", did_you_mean(root, ["act", fact.thing, *roles])
        return
    thing = root if root in ("act", fact.thing) else "party"
    other = vocabulary.facts.get(f"{thing}.{name}")
    if other is None:
        known = [each.name for each in vocabulary.facts_of(thing)]
        yield f"unknown fact `{thing}.{name}`", did_you_mean(name, known)
    elif other.type != fact.type:
        yield f"`{other.path}` is {other.type}, and `{fact.path}` {fact.type}", ""
