"""Templates: everything that is shown is escaped, and names cannot bend the page around them."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

TEMPLATES = Path(__file__).resolve().parent / "templates"
MOST_MARKS = 4
_DIRECTING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def environment() -> Environment:
    """The template environment of the pages."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )


def _shown(value: Any) -> Any:
    return tame(value) if type(value) is str else value


def tame(text: str) -> str:
    """Text as it is shown: what would turn the line around shows as its code, towers of accents are cut."""
    if text.isascii() and text.isprintable():
        return text
    text = _DIRECTING.sub(lambda m: f"⟨U+{ord(m[0]):04X}⟩", text)
    return _without_towers(_CONTROL.sub("\ufffd", text))


def _without_towers(text: str) -> str:
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= MOST_MARKS:
            kept.append(character)
        elif marks == MOST_MARKS + 1:
            kept.append("…")
    return "".join(kept)


__all__ = ["Markup", "environment", "tame"]
