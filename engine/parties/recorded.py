"""What is recorded of subjects, as screening sees it: names, numbers, and codes painted on things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from carveout.engine.parties.alphabets import latin_code
from carveout.engine.parties.matching.evidence import Particulars
from carveout.engine.parties.matching.index import THINGS, Entry
from carveout.engine.parties.names import words
from carveout.engine.parties.trade_words import without_forms

__all__ = [
    "THINGS",
    "NameRecord",
    "Record",
    "codes_of",
    "entries_of",
    "name_key",
    "painted",
    "painted_on",
    "particulars_of",
    "values",
]

_PAINTED = frozenset({"registration", "tail", "imo"})  # identifiers by which people call the thing itself
_MISREAD = str.maketrans("OI", "01")


class NameRecord(Protocol):
    """A recorded name."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...  # primary | alias | weak


class Record(Protocol):
    """What is recorded of a subject: who or what it is, no law.

    An identifier is a value or several. Of the facts `country`, `birth_date` and `address` (or `countries` ...) are
    looked at, one value or several each; a birth date as far as it is known: 1970, 1970-05, 1970-05-02, `~` after it if
    approximate, two with `/` between for a span.
    """

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def names(self) -> Sequence[NameRecord]: ...
    @property
    def identifiers(self) -> Mapping[str, Any]: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...


def values(found: Any) -> tuple[str, ...]:
    """One value or several as several."""
    if found is None:
        return ()
    return (found,) if isinstance(found, str) else tuple(str(x) for x in found)


def particulars_of(record: Record) -> Particulars:
    """What is recorded beside the names."""
    facts = record.facts
    return Particulars(
        birth_dates=values(facts.get("birth_date", facts.get("birth_dates"))),
        countries=values(facts.get("country", facts.get("countries"))),
        addresses=values(facts.get("address", facts.get("addresses"))),
        identifiers={key: values(value) for key, value in record.identifiers.items()},
    )


def painted(code: str) -> str:
    """A registration as it is compared: O and 0, I and 1 are one."""
    return latin_code(code).translate(_MISREAD)


def painted_on(record: Record) -> set[str]:
    """The codes by which people call a thing itself, as `painted` writes them."""
    if record.kind not in THINGS:
        return set()
    codes = [code for key, value in record.identifiers.items() if key in _PAINTED for code in values(value)]
    codes += [name.name for name in record.names if record.kind == "aircraft" and _has_digit(name.name)]
    return {code for code in map(painted, codes) if code}


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def codes_of(owner: int, record: Record) -> Iterable[tuple[int, str]]:
    """The codes of a record as the index keeps them."""
    for key, value in record.identifiers.items():
        for each in values(value):
            if code := latin_code(each):
                yield owner, f"{key}:{code}"
    codes = painted_on(record)
    for code in codes:
        yield owner, f"painted:{code}"
    for name in record.names:
        if painted(name.name) not in codes:
            yield owner, f"name:{' '.join(name_key(words(name.name), record.kind))}"


def name_key(found: tuple[str, ...], kind: str) -> tuple[str, ...]:
    """The words by which one name is known: people's are written in either order, and `AO` may be part of them."""
    return ("person", *sorted(found)) if kind == "person" else without_forms(found)


def entries_of(owner: int, record: Record) -> Iterable[Entry]:
    """The names of a record that are no code, as the index keeps them."""
    codes = painted_on(record)
    for name in record.names:
        if painted(name.name) not in codes:
            yield Entry(owner, name.name, record.kind, name.kind == "weak")
