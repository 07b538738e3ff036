"""Kinds of identifier, in our words, from the labels that lists give them."""

from __future__ import annotations

import re
from functools import lru_cache

from carveout.engine.parties.lists.entry import Identifier

# The first pattern that is found in a label says its kind.
_KINDS = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"tail number|aircraft registration", "registration"),
        (r"\(MSN\)|serial number|construction number", "serial"),
        (r"vessel registration|\bIMO num|imonumber|^IMO$", "imo"),
        (r"\bIMO$", "imo_company"),
        (r"\bMMSI\b", "mmsi"),
        (r"call ?sign", "call_sign"),
        (r"\bLEI\b|legal entity identifier|lei_?code", "lei"),
        (r"SWIFT|\bBIC\b|swiftbic", "bic"),
        (r"passport", "passport"),
        (r"\btax|\bV\.?A\.?T|\bINN\b|fiscal|\bNIT\b|\bRUC\b|\bRIF\b|R\.?F\.?C|\bFEIN\b|\bCUIT\b|\bUNP\b", "tax"),
        (
            r"regist|company number|enterprise number|commerc|\bOGRN\b|\bC\.R\. No|business number|USCC|\bD-U-N-S"
            r"|legal entity number|matricula|folio mercantil|trade lic|chamber of|tradelic|regnumber|unified social",
            "company",
        ),
        (
            r"national id|cedula|c\.u\.r\.p|identification n|identification card|\bD\.N\.I|personal id|social security"
            r"|\bSSN\b|residen|birth cert|electoral|travel document|driv|identity|\bid\b|\bSNILS\b|idnumber",
            "national_id",
        ),
        (r"digital currency|wallet|crypto", "wallet"),
        (r"BIK|government gazette|OKPO", "company"),
        (r"\bISIN\b|ticker|issuer name", "security"),
    )
)
_NOTHING = re.compile(r"^(?:n/?a|none|unknown|-0-|-)?$", re.IGNORECASE)
_IMO_COMPANY = re.compile(r"IMO:? ?(\d{7})$")
_IMO = re.compile(r"(?<!\d)(\d{7})(?!\d)")


@lru_cache(maxsize=4096)
def _kind_of(label: str) -> str:
    return next((kind for pattern, kind in _KINDS if pattern.search(label)), "")


def identifier(label: str, value: str, country: str = "") -> Identifier | None:
    """The identifier that a label and a value are; none if the label is of something else or the value empty."""
    value = " ".join(value.split()).lstrip("# ")
    kind = _kind_of(label)
    if not kind or _NOTHING.match(value):
        return None
    if kind == "imo":
        found = _IMO.search(value)
        kind, value = ("imo", found[1]) if found else ("company", value)
    elif kind in ("company", "national_id") and (owner := _IMO_COMPANY.match(value)):
        kind, value = "imo_company", owner[1]
    return Identifier(kind, value, label, country)
