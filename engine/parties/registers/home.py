"""Where imports are kept: the folder `owners` of CARVEOUT_HOME, one file an import."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

from carveout.engine.parties.registers.kept import Import, StoreFault, open_import, write_import
from carveout.engine.parties.registers.reading import RegisterRefused, read_register
from carveout.engine.parties.registers.register import Register

FOLDER = "owners"
MOST_COMBINED = 10
"""Imports of which every combination is tried to find the register of an earlier time."""


def import_owners(
    home: Path, file: Path, *, published: date | None = None, source: str | None = None, now: datetime | None = None
) -> Import:
    """Read a file and keep it, whole or not at all.

    `published` (a day) must be given where the file does not say it; `source` is who made it, else its publisher, else
    its file name. Raises RegisterRefused, StoreFault, OSError.
    """
    reading = read_register(file)
    moment = now or datetime.now(UTC)
    told = published or reading.newest
    if told is None:
        raise RegisterRefused(f"{file.name}: does not say when it was published; give the day")
    if told > moment.date():
        raise RegisterRefused(f"{file.name}: published on {told}, which is still to come; give the right day")
    return write_import(
        home / FOLDER,
        reading,
        source=(source or reading.publisher or file.name).strip()[:200],
        published=told,
        imported=moment.isoformat(timespec="seconds"),
    )


def open_owners(home: Path) -> Register | None:
    """The register of all kept imports; None where none was ever kept. Raises StoreFault where one is damaged."""
    folder = home / FOLDER
    try:
        files = sorted(folder.glob("*.owners"))
    except OSError as error:
        raise StoreFault(f"{folder}: cannot be read ({error.strerror})") from None
    return Register(open_import(file) for file in files) if files else None


def earlier_owners(home: Path, fingerprint: str, known: date | None = None) -> Register | None:
    """The register, of now or of any time before, that has a fingerprint; None where none has.

    `known`: a day; the fingerprint is of what was public by then. Raises StoreFault where an import is damaged.
    """
    register = open_owners(home)
    if register is None:
        return None
    for imports in _states(register.imports):
        state = Register(imports)
        if (state if known is None else state.known_at(known)).fingerprint == fingerprint:
            return state
    return None


def _states(imports: Sequence[Import]) -> Iterator[Sequence[Import]]:
    """The imports that may have been kept together once: those of now, then those until each import of them.

    Where they are few all others too: a file that is imported again counts as new.
    """
    for moment in sorted({each.kept.imported for each in imports}, reverse=True):
        yield [each for each in imports if each.kept.imported <= moment]
    if len(imports) <= MOST_COMBINED:
        for many in range(len(imports) - 1, 0, -1):
            yield from combinations(imports, many)


def status_of(register: Register | None) -> dict[str, Any]:
    """The imports that are kept, as data."""
    if register is None:
        return {"fingerprint": None, "imports": []}
    return {"fingerprint": register.fingerprint, "imports": [each.kept.as_json() for each in register.imports]}


__all__ = ["FOLDER", "RegisterRefused", "StoreFault", "earlier_owners", "import_owners", "open_owners", "status_of"]
