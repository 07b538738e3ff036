"""What the formats of the Office of Foreign Assets Control have in common: its lists, its programme tags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from carveout.engine.parties.lists.entry import (
    AIRCRAFT,
    ORGANISATION,
    PERSON,
    UNKNOWN,
    VESSEL,
    Identifier,
    ListEntry,
    distinct,
)

SDN, NON_SDN = "us.ofac.sdn", "us.ofac.non-sdn"
KINDS = {"individual": PERSON, "entity": ORGANISATION, "vessel": VESSEL, "aircraft": AIRCRAFT}

# Tags that entries of the non-SDN file carry; `UKRAINE-EO13662` stands for its sectoral directives.
_ELSEWHERE = (
    (re.compile(r"^NS-PLC$"), "us.ofac.plc"),
    (re.compile(r"^CMIC"), "us.ofac.cmic"),
    (re.compile(r"^FSE-"), "us.ofac.fse"),
    (re.compile(r"^(561-Related|CAPTA|HIFPAA-CAPTA)"), "us.ofac.capta"),
    (re.compile(r"^(HKAA|MBS)"), "us.ofac.ns-mbs"),
    (re.compile(r"^UKRAINE-EO13662$"), "us.ofac.ssi"),
)
_ORDER = re.compile(r"(?:Executive Order|EO) (\d{5})")
_DIRECTIVE = re.compile(r"Directive (\d[a-z]?)\b", re.IGNORECASE)
_SINGLE = re.compile(r"EO\d{5}-D\d[A-Z]?$")
_TAIL = re.compile(r"^[A-Z0-9]{1,3}-?[A-Z0-9]{2,6}$")


def kind_of(word: str) -> str:
    """Our kind for OFAC's, whose CSV files leave the column empty (`-0-`) for entities."""
    word = word.strip().casefold().removeprefix("-0-")
    return KINDS.get(word, UNKNOWN) if word else ORGANISATION


def programmes(tags: Iterable[str], features: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The tags of an entry, and one more for each directive that its features (label, text) name.

    A directive forbids less than the programme it stands under: `RUSSIA-EO14024-D3` is not `RUSSIA-EO14024`.
    """
    found = list(distinct(tags))
    for label, text in features:
        order = _ORDER.search(label)
        directive = _DIRECTIVE.search(label) or (_DIRECTIVE.search(text) if order else None)
        if order and directive:
            tag = next((tag for tag in found if tag.endswith(f"EO{order[1]}")), f"EO{order[1]}")
            found.append(f"{tag}-D{directive[1].upper()}")
    return distinct(found)


def whole(tags: Iterable[str]) -> tuple[str, ...]:
    """The programmes without those of single directives, which add nothing where a party is blocked."""
    return tuple(tag for tag in tags if not _SINGLE.search(tag))


def with_registration(entry: ListEntry) -> ListEntry:
    """An aircraft is listed under its registration, which is an identifier too."""
    if entry.kind != AIRCRAFT or any(x.kind == "registration" for x in entry.identifiers):
        return entry
    tails = [name.name for name in entry.names if _TAIL.match(name.name) and any(map(str.isdigit, name.name))]
    tails = tails or [name.name for name in entry.names if re.fullmatch(r"[A-Z]{1,2}-[A-Z]{3,4}", name.name)]
    return replace(
        entry, identifiers=entry.identifiers + tuple(Identifier("registration", tail, "name") for tail in tails)
    )


def sorted_out(entries: Sequence[ListEntry]) -> tuple[str, list[ListEntry]]:
    """Which of OFAC's two files this is, by the tags of its entries, and the entries with the list of each.

    The two have one format and nothing that tells them apart but what is in them: more than half of the entries of
    the non-SDN file have a tag of its lists, fewer than one in twenty of the other.
    """
    own = [_elsewhere(entry) for entry in entries]
    if 2 * sum(map(bool, own)) <= len(entries):
        return SDN, [replace(entry, list=SDN, programmes=whole(entry.programmes)) for entry in entries]
    return NON_SDN, [replace(entry, list=name or "us.ofac.ns-mbs") for entry, name in zip(entries, own, strict=True)]


def _elsewhere(entry: ListEntry) -> str:
    # A menu-based sanction is told by a directive under another order than that of the sectoral ones.
    if any(_SINGLE.search(tag) and not tag.startswith("UKRAINE-EO13662") for tag in entry.programmes):
        return "us.ofac.ns-mbs"
    return next((name for tag, name in _ELSEWHERE if any(map(tag.search, entry.programmes))), "")
