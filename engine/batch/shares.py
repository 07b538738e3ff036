"""A share as people write it in one line: `Belavia 50%`, `? 30%` where the holder is not known."""

from __future__ import annotations

import re

HOW = "a share is written NAME 50% (? 30% if unknown)"
_SHARE = re.compile(r"(?P<holder>.*\S)\s+(?P<percent>[0-9]+([.][0-9]+)?)\s*%")


def read_share(text: str) -> dict[str, str] | None:
    """An owner as a transaction states it; None for what is no share."""
    share = _SHARE.fullmatch(text.strip())
    if share is None:
        return None
    holder = {"unknown": "yes"} if share["holder"] == "?" else {"party": share["holder"]}
    return {**holder, "percent": share["percent"]}
