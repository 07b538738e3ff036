"""Worked examples that are shown in OpenAPI and on the first page: transactions as data, below `static/examples/`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "static" / "examples"


@cache
def examples() -> dict[str, Any]:
    """The example transactions by name."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}


def title(name: str) -> str:
    """An example's name in words."""
    return name.replace("-", " ").capitalize()
