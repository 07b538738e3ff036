"""A list file, or the files of one list, read whole or refused."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from carveout.engine.parties.lists.entry import ListFile
from carveout.engine.parties.lists.guard import Content, Limits, ListRefused, contents
from carveout.engine.parties.lists.reading import Reading
from carveout.engine.parties.lists.recognise import recognise

_LIMITS = Limits()


def read_list(
    *paths: Path, published: date | None = None, otherwise: date | None = None, limits: Limits = _LIMITS
) -> ListFile:
    """Reads the files of one list, packed or not, in any known format.

    The day of publication must be given where the file does not say it: `published` must agree with a file that does,
    `otherwise` is asked only where it does not. Raises ListRefused, with what to do, unless every file was read whole
    and is what it says it is.
    """
    files = sorted((found for path in paths for found in contents(path, limits)), key=lambda found: found.name)
    if not files:
        raise ListRefused("no list file was given")
    form, *others = {recognise(file): None for file in files}
    if others:
        names = ", ".join(sorted(other.name for other in (form, *others)))
        raise files[0].refuse(f"comes with files of other formats ({names}); read one list at a time")
    reading = form.read(files)
    _check(files[0], reading, limits)
    day, dated_by = _day(files[0], reading.published, published, otherwise)
    return ListFile(
        format=form.name,
        publication=reading.publication,
        published=day,
        entries=tuple(reading.entries),
        rows=reading.rows,
        digest=_digest(files),
        notes=reading.notes,
        silent=reading.silent,
        dated_by=dated_by,
    )


def _check(file: Content, reading: Reading, limits: Limits) -> None:
    if not reading.entries:
        raise file.refuse("has no entries; fetch it again")
    if len(reading.entries) > limits.entries:
        raise file.refuse(f"has more than {limits.entries:,} entries")
    if reading.declared is not None and reading.declared != reading.rows:
        raise file.refuse(f"says it has {reading.declared:,} entries and has {reading.rows:,}; fetch it again")
    times = Counter((entry.list, entry.uid) for entry in reading.entries)
    if twice := [uid for (_, uid), count in times.items() if count > 1]:
        raise file.refuse(f"has the entry {min(twice)} twice; fetch it again")


def _day(file: Content, said: str, given: date | None, otherwise: date | None) -> tuple[date, str]:
    try:
        told = date.fromisoformat(said)
    except ValueError:
        told = None
    if told is not None and given is not None and told != given:
        raise file.refuse(f"says it was published on {told}, not on {given}; leave the day out")
    for found, by in ((told, "file"), (given, "given"), (otherwise, "assumed")):
        if found is not None:
            return found, by
    raise file.refuse("does not say when it was published; give the day")


def _digest(files: Iterable[Content]) -> str:
    digests = sorted(file.digest for file in files)
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
