"""What is recorded of subjects, as screening sees it: names in plain words, codes painted on things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from carveout.engine.parties.alphabets import latin_code
from carveout.engine.parties.names import clipped, words
from carveout.engine.parties.trade_words import without_forms

THINGS = frozenset({"aircraft", "vessel", "property", "funds", "place_of_property"})
"""Kinds of subject that are no party."""

_PAINTED = frozenset({"registration", "tail", "imo"})  # identifiers by which people call the thing itself
_MISREAD = str.maketrans("OI", "01")


class NameRecord(Protocol):
    """A recorded name."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...  # primary | alias | weak


class Record(Protocol):
    """What is recorded of a subject: who or what it is, no law."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def names(self) -> Sequence[NameRecord]: ...
    @property
    def identifiers(self) -> Mapping[str, str]: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class RecordedName:
    """A name, its words, and whose it is."""

    record: Record
    text: str
    kind: str
    words: tuple[str, ...]

    @property
    def in_words(self) -> str:
        """The name as a reason speaks of it."""
        kind = {"primary": "recorded name", "weak": "weak alias"}.get(self.kind, "alias")
        return f"{kind} `{clipped(self.text)[0][:120]}`"


def painted(code: str) -> str:
    """A registration as it is compared: O and 0, I and 1 are one."""
    return latin_code(code).translate(_MISREAD)


def painted_on(record: Record) -> set[str]:
    """The codes by which people call a thing itself, as `painted` writes them."""
    if record.kind not in THINGS:
        return set()
    codes = [str(value) for key, value in record.identifiers.items() if key in _PAINTED]
    codes += [name.name for name in record.names if record.kind == "aircraft" and _has_digit(name.name)]
    return {code for code in map(painted, codes) if code}


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def names_of(record: Record) -> Iterable[RecordedName]:
    """The names of a record that are no code."""
    codes = painted_on(record)
    for name in record.names:
        if painted(name.name) in codes:
            continue
        found = words(name.name)
        if record.kind != "person":
            found = without_forms(found)
        yield RecordedName(record, name.name, name.kind, found)
