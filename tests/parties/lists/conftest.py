"""Samples of every format of official list; spreadsheets are packed from their parts."""

import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from carveout.engine.parties.lists.entry import ListEntry, ListFile
from carveout.engine.parties.lists.files import read_list

SAMPLES = Path(__file__).resolve().parent.parent / "fixtures" / "lists"
DAY = date(2024, 1, 1)

Sample = Callable[[str], list[Path]]
Read = Callable[..., ListFile]


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    """The files of a format's sample."""

    def files(name: str) -> list[Path]:
        parts = SAMPLES / name / "parts"
        if not parts.exists():
            return sorted(SAMPLES.joinpath(name).iterdir())
        packed = tmp_path / f"{name}.{name.partition('-')[2]}"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(parts.rglob("*")):
                if part.is_file():
                    archive.write(part, part.relative_to(parts).as_posix())
        return [packed]

    return files


@pytest.fixture
def read() -> Read:
    """Reads files, with a day for those that do not say theirs."""

    def reading(*paths: Path) -> ListFile:
        try:
            return read_list(*paths)
        except ValueError as error:
            if "does not say when" not in str(error):
                raise
            return read_list(*paths, published=DAY)

    return reading


@pytest.fixture
def entry(sample: Sample, read: Read) -> Iterator[Callable[[str, str], ListEntry]]:
    """The entry of a number in a format's sample."""

    def found(name: str, uid: str) -> ListEntry:
        [one] = [x for x in read(*sample(name)).entries if x.uid == uid]
        return one

    yield found
