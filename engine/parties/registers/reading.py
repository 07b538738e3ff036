"""A register file read whole, in whichever known form, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from carveout.engine.parties.lists.guard import Limits, ListRefused, contents
from carveout.engine.parties.registers.bods import looks_like_bods, read_bods
from carveout.engine.parties.registers.statements import Reading
from carveout.engine.parties.registers.table import looks_like_owners, read_table

RegisterRefused = ListRefused
"""A file that was not read; nothing of it counts. The message says what to do."""
LIMITS: Final = Limits()


def read_register(path: Path, limits: Limits = LIMITS) -> Reading:
    """The statements of one file, packed or not: BODS 0.2 to 0.4 or CSV, recognised by what is in it.

    Raises RegisterRefused where it is damaged, too large, of no known form, or holds nothing that can be read.
    """
    found = contents(path, limits)
    if len(found) != 1:
        raise RegisterRefused(f"{path.name}: holds {len(found)} files; give one at a time")
    (content,) = found
    if looks_like_bods(content.head):
        return read_bods(content)
    if looks_like_owners(content):
        return read_table(content)
    raise content.refuse(
        "is neither a file of the Beneficial Ownership Data Standard (JSON, JSON lines) nor a CSV with the columns "
        "`company` and `owner` (docs/owners.md)"
    )
