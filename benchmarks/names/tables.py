"""Writes the tables that the matcher ships, from a checkout of rigour (MIT) and the official lists.

python benchmarks/names/tables.py RIGOUR
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import yaml

DATA = Path(__file__).resolve().parents[2] / "engine/parties/matching/data"


def phrases(values: list[str]) -> list[str]:
    return sorted({" ".join(str(x).split()).casefold() for x in values if str(x).strip()})


def write(name: str, groups: dict[str, list[str]]) -> None:
    lines = [f"{group}\t{'|'.join(found)}" for group, found in sorted(groups.items()) if found]
    (DATA / name).write_text("\n".join(lines) + "\n")


def main(rigour: Path) -> None:
    symbols = yaml.safe_load((rigour / "resources/names/symbols.yml").read_text())
    terms: dict[str, list[str]] = {}
    for section in ("org_symbols", "org_domains"):
        for group, found in symbols[section].items():
            terms.setdefault(str(group), []).extend(map(str, found or ()))
    write("terms.tsv", {group: phrases(found) for group, found in terms.items()})
    nicks = {str(group): phrases(found) for group, found in symbols["person_nick"].items()}
    write("nicknames.tsv", {group: found for group, found in nicks.items() if group != "khuylo"})
    forms: dict[str, list[str]] = {}
    for spec in yaml.safe_load((rigour / "resources/names/org_types.yml").read_text())["types"]:
        name = spec.get("generic") or spec.get("compare") or spec.get("display") or ""
        own = [spec.get("display") or "", spec.get("compare") or "", *spec["aliases"]]
        forms.setdefault(str(name).casefold() or "other", []).extend(filter(None, own))
    write("forms.tsv", {group: phrases(found) for group, found in forms.items()})
    write("places.tsv", places(rigour / "rust/data/territories/data.jsonl"))


ALPHABETS = re.compile("[ -~А-ӿͰ-Ͽ؀-ۿ]+$")


def places(file: Path) -> dict[str, list[str]]:
    """Countries by their names: English and official ones, and those in Cyrillic, Greek and Arabic letters."""
    found = {}
    for line in file.read_text().splitlines():
        land = json.loads(line)
        if not land.get("is_country") and land["code"] not in ("hk", "tw", "mo", "ps", "xk"):
            continue
        weak = [x for x in land.get("names_weak", ()) if not x.isascii()]
        names = [land["name"], *land.get("names_strong", ()), *weak]
        found[land["code"]] = [x for x in phrases(names) if ALPHABETS.match(x) and 4 <= len(x) <= 40]
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
