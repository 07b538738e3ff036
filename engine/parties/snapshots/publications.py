"""What is known of each publication beforehand: data, in `publications.yaml` and in a file of the user's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from carveout.engine.law.clocks import zone_named
from carveout.engine.law.documents import RuleError, read_document

SHIPPED = Path(__file__).resolve().with_name("publications.yaml")
OWN = "publications.yaml"
"""The user's file, in the folder of the snapshots."""
_SPAN = re.compile(r"([1-9]\d{0,4}) (hour|day)s?")


class PublicationsError(ValueError):
    """The file of publications cannot be used; the message says where and what to do."""


def _span(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    found = _SPAN.fullmatch(str(value))
    if not found:
        raise ValueError(f"`{value}` is no span of time (write `12 hours` or `4 days`)")
    return timedelta(**{f"{found[2]}s": int(found[1])})


def _zone(value: Any) -> ZoneInfo:
    return value if isinstance(value, ZoneInfo) else zone_named(str(value))


class Publication(BaseModel):
    """What is known of one publication."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
    title: str = ""
    zone: Annotated[ZoneInfo, BeforeValidator(_zone)] = ZoneInfo("UTC")
    addresses: list[str] = []
    stale_after: Annotated[timedelta, BeforeValidator(_span)] = timedelta(days=7)
    every: Annotated[timedelta, BeforeValidator(_span)] = timedelta(days=1)
    at_least: dict[str, int] = {}
    source: str = ""
    sure: Literal["primary", "secondary", "recalled"] = "recalled"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    publications: dict[str, Publication] = {}
    lists: dict[str, Annotated[list[str], Field(min_length=1)]] = {}


@dataclass(frozen=True, slots=True)
class Publications:
    """All that is known of them."""

    of: Mapping[str, Publication] = field(default_factory=dict)
    lists: Mapping[str, list[str]] = field(default_factory=dict)

    def get(self, publication: str) -> Publication:
        """What is known of a publication; of a new one, what holds for all."""
        return self.of.get(publication) or Publication(title=publication)

    def precedence(self, name: str, carrying: Iterable[str]) -> list[str]:
        """The publications that speak for a list, the first before all others."""
        known = self.lists.get(name, [])
        others = sorted(set(carrying) - set(known), key=lambda x: (x != name, x))
        return [*known, *others]


def read_publications(folder: Path | None = None) -> Publications:
    """What comes with Carveout, changed by the user's file in the folder of the snapshots. Raises PublicationsError."""
    said = _data(SHIPPED)
    own = folder / OWN if folder else None
    if own is not None and own.exists():
        for part, things in _data(own).items():
            known = said.setdefault(part, {})
            for name, value in _pairs(own, part, things):
                merged = isinstance(value, dict) and isinstance(known.get(name), dict)
                known[name] = {**known[name], **value} if merged else value
    try:
        file = _File.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise PublicationsError(f"{own if own and own.exists() else SHIPPED}: {where}: {first['msg']}") from None
    return Publications(file.publications, file.lists)


def _data(path: Path) -> dict[str, Any]:
    try:
        data = read_document(path, str(path)).data
    except RuleError as error:
        raise PublicationsError(str(error.faults[0])) from None
    except OSError as error:
        raise PublicationsError(f"{path}: {error.strerror or error}") from None
    if not isinstance(data, dict):
        raise PublicationsError(f"{path}: holds no keys (`publications`, `lists`)")
    return data


def _pairs(path: Path, part: str, things: Any) -> Iterable[tuple[str, Any]]:
    if not isinstance(things, dict):
        raise PublicationsError(f"{path}: `{part}` holds no keys")
    return list(things.items())
