"""Other scripts: names of the EU list in Cyrillic and Arabic letters, asked of an index of its Latin names alone."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from anyascii import anyascii
from data import entries
from rapidfuzz import fuzz, process

from carveout.engine.parties.matching.index import Index
from carveout.engine.parties.matching.matcher import find


def script(name: str) -> str:
    """The script of most letters."""
    found = Counter(unicodedata.name(x, "?").split()[0] for x in name if x.isalpha())
    return found.most_common(1)[0][0] if found else "?"


def _plain(text: str) -> str:
    return " ".join(sorted(re.findall("[a-z0-9]+", anyascii(text).lower())))


def table() -> list[dict[str, object]]:
    """For each kind and script: the share of names that find their entity among the first three."""
    names, owners = entries(["eu"])
    latin = [x for x in names if script(x.text) == "LATIN"]
    with_latin = {x.owner for x in latin}
    alone, full = Index.of(latin), Index.of(names)
    # An entity listed under two programmes is one party: what stands before the stroke is its number.
    party = [owner.uid.split("/")[0] for owner in owners]
    choices = [_plain(x.text) for x in latin]
    rows = []
    for kind in ("person", "organisation"):
        for letters in ("CYRILLIC", "ARABIC"):
            asked = [x for x in names if x.kind == kind and x.owner in with_latin and script(x.text) == letters]
            hits: Counter[str] = Counter()
            for one in asked:
                own = party[one.owner]
                hits["latin"] += own in _first(party[hit.owner] for hit in find(alone, one.text, kind))
                hits["full"] += own in _first(party[hit.owner] for hit in find(full, one.text, kind))
                near = process.extract(_plain(one.text), choices, scorer=fuzz.ratio, limit=12)
                hits["plain"] += own in _first(party[latin[place].owner] for _, _, place in near)
            rows.append(
                {
                    "kind": kind, "script": letters.title(), "names": len(asked),
                    "Latin names alone": hits["latin"] / len(asked), "full index": hits["full"] / len(asked),
                    "plain transliteration, sorted": hits["plain"] / len(asked),
                }
            )  # fmt: skip
    return rows


def _first(parties: object) -> list[str]:
    return list(dict.fromkeys(parties))[:3]  # type: ignore[call-overload, no-any-return]
