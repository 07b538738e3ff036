"""Ordinary parties: made up of common names, or a user's own file; what screening should let pass."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data" / "ordinary.tsv"
LARGEST_FILE = 64 << 20
MOST_PARTIES = 200_000
FIRMS = "firms"
_FIRMS_OF_TEN = 3
_NAME = ("name", "full_name", "party", "customer", "buyer", "payee")
"""Columns that a file of parties has its names in, the first that is there."""


class OrdinaryRefused(ValueError):
    """A file of ordinary parties that cannot be read; says what to do."""


@dataclass(frozen=True, slots=True)
class Party:
    """An ordinary party: its name, what it is if that is known, and to which group of the report it belongs."""

    name: str
    kind: str | None
    group: str


def made_up(count: int, seed: int) -> list[Party]:
    """So many different parties, seven people to three firms, from each region as many; the same for the same seed."""
    chance = random.Random(f"ordinary {seed}")
    makings = _makings()
    regions = sorted(set(makings) - {FIRMS})
    found: dict[str, Party] = {}
    tries = 0
    while len(found) < count:
        tries += 1
        if tries > 50 * count + 1_000:
            raise OrdinaryRefused(f"no more than {len(found)} different parties can be made up")
        region = chance.choice(regions)
        if chance.randrange(10) < _FIRMS_OF_TEN:
            party = Party(_firm(makings, region, chance), "organisation", FIRMS)
        else:
            party = Party(_person(makings[region], region, chance), "person", region)
        found.setdefault(party.name, party)
    return list(found.values())


def _person(parts: dict[str, list[str]], region: str, chance: random.Random) -> str:
    given, family = chance.choice(parts["given"]), chance.choice(parts["family"])
    if region == "chinese_letters":
        return family + given
    if region == "chinese":
        return f"{family} {given}"
    middle = chance.choice(parts["given"]) if chance.random() < 0.35 else ""
    last = f"{family} {chance.choice(parts['family'])}" if region == "spanish" and chance.random() < 0.6 else family
    return " ".join(filter(None, (given, middle if middle != given else "", last)))


def _firm(makings: dict[str, dict[str, list[str]]], region: str, chance: random.Random) -> str:
    words = makings[FIRMS]
    if chance.random() < 0.4 and makings[region]["family"][0].isascii():
        own = chance.choice(makings[region]["family"])
        own = f"{own} & {chance.choice(['Sons', 'Partners', 'Co', 'Brothers'])}" if chance.random() < 0.4 else own
    else:
        own = " ".join(chance.sample(words["own"], chance.choice([1, 1, 2])))
    return " ".join((own, chance.choice(words["trade"]), chance.choice(words["form"])))


def _makings() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for line in DATA.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            region, part, words = line.split("\t")
            found.setdefault(region, {})[part] = [word.replace("_", " ") for word in words.split()]
    return found


def read_ordinary(path: Path) -> list[Party]:
    """The parties of a CSV file with a column `name` and, if it has one, `kind`. Raises OrdinaryRefused, OSError."""
    if path.stat().st_size > LARGEST_FILE:
        raise OrdinaryRefused(f"{path} is larger than {LARGEST_FILE >> 20} MB: take a part of it")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OrdinaryRefused(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8") from None
    try:
        return list(_rows(path, text))
    except csv.Error as error:
        raise OrdinaryRefused(f"{path} is no CSV that can be read: {error}") from None


def _rows(path: Path, text: str) -> Iterator[Party]:
    first = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t|", key=first.count), strict=True)
    headings = {heading.strip().casefold(): heading for heading in rows.fieldnames or ()}
    column = next((headings[name] for name in _NAME if name in headings), None)
    if column is None:
        raise OrdinaryRefused(f"{path} has no column `name` (its columns: {', '.join(headings)[:200]})")
    count = 0
    for row in rows:
        name = (row[column] or "").strip()
        kind = (row.get(headings.get("kind", "")) or "").strip().casefold() or None
        if not name:
            continue
        count += 1
        if count > MOST_PARTIES:
            raise OrdinaryRefused(f"{path} has more than {MOST_PARTIES:,} parties: take a part of it")
        yield Party(name, kind, kind or "of your file")
    if not count:
        raise OrdinaryRefused(f"{path} has no party in its column `{column}`")
