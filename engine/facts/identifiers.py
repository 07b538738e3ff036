"""Kinds of identifier: which labels of a stated number are understood, and what a foreign label means.

A label is how a user calls a number (`UNP`, `VAT no.`). One that is not understood is kept: its number is then compared
with the numbers of every kind, as a possible match and no more, and the answer says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from carveout.engine.law.ruleset import RuleSet

KINDS = frozenset(
    {
        "registration", "msn", "serial", "imo", "imo_company", "mmsi", "call_sign", "lei", "bic", "passport", "tax",
        "company", "national_id", "wallet", "security", "iata", "icao", "ofac", "unp", "okpo",
    }
)  # fmt: skip
"""Kinds that lists and records have; the numbers that recorded subjects bear add theirs."""
SAME = {
    "swift": "bic", "swift_bic": "bic", "imo_number": "imo", "tail": "registration", "tail_number": "registration",
    "registration_mark": "registration", "construction_number": "msn", "manufacturers_serial": "msn",
    "legal_entity_identifier": "lei", "vat": "tax", "tin": "tax", "company_number": "company",
}  # fmt: skip
"""Other labels of the same kind."""
SHORTEST = 5
"""A code shorter than this says nothing without its kind."""
_TAIL = re.compile(r"_(?:no|nr|number|code|id)$")


def known_kinds(rules: RuleSet) -> frozenset[str]:
    """The kinds that are understood under a rule set."""
    return KINDS | {key for subject in rules.subjects.values() for key in subject.identifiers}


def plain_label(label: str) -> str:
    """A label as kinds are written: `Tail No.` is `tail_no`."""
    return re.sub(r"[^\w]+", "_", label.strip().casefold()).strip("_")


def kind_of(label: str, kinds: Iterable[str]) -> str | None:
    """The kind that a label means; None for a label that is not understood."""
    known = frozenset(kinds)
    plain = plain_label(label)
    for each in (label.strip().casefold(), plain, _TAIL.sub("", plain)):
        if (kind := SAME.get(each, each)) in known:
            return kind
    return None


def codes_in(value: str) -> set[str]:
    """What of a number can be compared whatever it is called: its letters and digits, and its digits if many."""
    plain = "".join(c for c in value.casefold() if c.isalnum())
    digits = "".join(c for c in plain if c.isdigit())
    return {code for code, least in ((plain, SHORTEST), (digits, SHORTEST + 1)) if len(code) >= least}
