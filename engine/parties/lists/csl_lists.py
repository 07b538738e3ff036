"""The lists in the Consolidated Screening List: their names here, and the programmes of their entries."""

from __future__ import annotations

import re
from collections.abc import Iterable

from carveout.engine.parties.lists import ofac
from carveout.engine.parties.lists.entry import GENERAL, distinct

_LISTS = {
    "SDN": "us.ofac.sdn",
    "SSI": "us.ofac.ssi",
    "PLC": "us.ofac.plc",
    "CMIC": "us.ofac.cmic",
    "CAP": "us.ofac.capta",
    "NS-MBS": "us.ofac.ns-mbs",
    "FSE": "us.ofac.fse",
    "EL": "us.bis.entity-list",
    "DPL": "us.bis.denied-persons",
    "UVL": "us.bis.unverified",
    "MEU": "us.bis.military-end-user",
    "DTC": "us.ddtc.debarred",
    "ISN": "us.state.nonproliferation",
}
_CODE = re.compile(r"\(([A-Z-]+)(?: List)?\)")
# 15 CFR part 744, Supplement No. 4: the licence requirement of a footnote entry names the foreign direct product rule
# that the footnote stands for, 734.9(e)(1), (e)(2), (e)(3) or (g); some rows give only the footnote's number.
_FOOTNOTES = (
    (re.compile(r"734\.9\(e\) ?(\(1\)|1\b)"), "footnote-1"),
    (re.compile(r"734\.9\(g\)"), "footnote-3"),
    (re.compile(r"734\.9\(e\)(\(2\)|(?=[^(\d][^)]*\) ?4\b))"), "footnote-4"),
    (re.compile(r"734\.9\(e\)\(3\)"), "footnote-5"),
)


def list_of(source: str) -> str:
    """Our name for the list that a row comes from; one made of its title where the list is new to us."""
    found = _CODE.search(source)
    if found and found[1] in _LISTS:
        return _LISTS[found[1]]
    return "us.csl." + (re.sub(r"[^a-z0-9]+", "-", source.casefold()).strip("-") or "unnamed")


def programmes_of(
    name: str, tags: Iterable[str], requirement: str, features: Iterable[tuple[str, str]]
) -> tuple[str, ...]:
    """The programmes of an entry on the list of that name."""
    if name == "us.bis.entity-list":
        said = " ".join(requirement.split())
        return ("entity", *(note for pattern, note in _FOOTNOTES if pattern.search(said)))
    found = distinct(tags) if name == ofac.SDN else ofac.programmes(tags, features)
    return found or (GENERAL,)
