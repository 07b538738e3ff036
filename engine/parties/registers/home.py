"""Where imports are kept: the folder `owners` of CARVEOUT_HOME, one file an import."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from carveout.engine.parties.registers.kept import Import, StoreFault, open_import, write_import
from carveout.engine.parties.registers.reading import RegisterRefused, read_register
from carveout.engine.parties.registers.register import Register

FOLDER = "owners"


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


def status_of(register: Register | None) -> dict[str, Any]:
    """The imports that are kept, as data."""
    if register is None:
        return {"fingerprint": None, "imports": []}
    return {"fingerprint": register.fingerprint, "imports": [each.kept.as_json() for each in register.imports]}


__all__ = ["FOLDER", "RegisterRefused", "StoreFault", "import_owners", "open_owners", "status_of"]
