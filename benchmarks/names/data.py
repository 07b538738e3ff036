"""Real lists and judged names to measure on, from CARVEOUT_REALDATA; read once and kept for the next time."""

from __future__ import annotations

import csv
import gzip
import os
import pickle
import sys
import tempfile
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

sys.path.append(str(Path(__file__).resolve().parents[2] / ".types"))

from carveout.engine.parties.lists.entry import ListFile
from carveout.engine.parties.lists.files import read_list
from carveout.engine.parties.lists.guard import ListRefused
from carveout.engine.parties.matching.index import Entry

REAL = Path(os.environ.get("CARVEOUT_REALDATA", "../shared/data"))
NAMES = REAL / "names"
LISTS = {
    "sdn": "us_ofac/sdn_2024-05-07.xml.gz",
    "nonsdn": "us_ofac/cons_nonsdn_2024-05-06.xml.gz",
    "un": "un/un_consolidated_2026-02-27.xml.gz",
    "eu": "eu/eu_fsf_2024-05-13_full_1_1.xml.gz",
    "uk": "uk/ofsi_conlist_2022-05-04.xlsx",
    "ca": "ca/sema_2025-05.xml.gz",
    "csl": "us_bis/csl_2026-07-31_compact.json.gz",
}
KINDS = {"Person": "person", "Company": "organisation", "Organization": "organisation", "Vessel": "vessel"}


class Listed(NamedTuple):
    """An entry of a list as the measurements need it."""

    list: str
    uid: str
    kind: str
    names: tuple[str, ...]
    strengths: tuple[str, ...]


class Judged(NamedTuple):
    """Two names, or two records, and whether they are one."""

    schema: str
    asked: str
    listed: str
    same: bool
    grade: str
    asked_record: Mapping[str, Any]
    listed_record: Mapping[str, Any]

    @property
    def kind(self) -> str | None:
        return KINDS.get(self.schema)


@cache
def listed(key: str) -> tuple[Listed, ...]:
    """The entries of one list."""
    kept = Path(tempfile.gettempdir()) / f"carveout-bench-{os.getuid()}" / f"{key}.pickle"
    if kept.exists():
        return tuple(Listed(*row) for row in pickle.loads(kept.read_bytes()))
    found = [
        Listed(x.list, x.uid, x.kind, tuple(n.name for n in x.names), tuple(n.kind for n in x.names))
        for x in _read(key).entries
    ]
    kept.parent.mkdir(mode=0o700, exist_ok=True)
    kept.write_bytes(pickle.dumps([tuple(x) for x in found]))
    return tuple(found)


def _read(key: str) -> ListFile:
    file = REAL / LISTS[key]
    try:
        return read_list(file)
    except ListRefused:  # it does not say when it was published, which does not matter here
        return read_list(file, published=date(2026, 1, 1))


def entries(keys: Iterable[str]) -> tuple[list[Entry], list[Listed]]:
    """The names of several lists for an index, and who owns them, by number."""
    names: list[Entry] = []
    owners: list[Listed] = []
    for key in keys:
        for one in listed(key):
            names += [
                Entry(len(owners), name, one.kind, strength == "weak")
                for name, strength in zip(one.names, one.strengths, strict=True)
            ]
            owners.append(one)
    return names, owners


@cache
def judged() -> tuple[Judged, ...]:
    """The judged pairs of names and of records, pooled."""
    with (NAMES / "name_pairs.csv").open(encoding="utf-8", newline="") as file:
        found = [
            Judged(
                row["schema"], row["name1"], row["name2"], row["is_match"] == "true", row["quality"],
                {"name": row["name1"]}, {"name": row["name2"]},
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip
    for case in yaml.safe_load((NAMES / "entity_pairs.yml").read_text("utf-8"))["checks"]:
        asked, other = case["query"], case["candidate"]
        found.append(Judged(case["schema"], _name(asked), _name(other), case["match"], "", asked, other))
    return tuple(found)


def _name(record: Mapping[str, Any]) -> str:
    parts = [record.get("firstName"), record.get("middleName") or record.get("fatherName"), record.get("lastName")]
    name = record.get("name") or " ".join(filter(None, parts))
    return name if isinstance(name, str) else str(name[0])


@cache
def strangers() -> tuple[dict[str, str], ...]:
    """Made-up people, none of whom is listed."""
    with gzip.open(NAMES / "synthetic_people_negatives.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
