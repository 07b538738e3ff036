"""Arrays in a folder: written whole, mapped into memory when read, and refused if not what was written."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import shutil
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

FORMAT = "carveout names"
VERSION = 1
"""Of the stored form."""

_ABOUT = "index.json"
_SOURCES = (
    "letters.py",
    "names.py",
    "lexicon.py",
    "sounds.py",
    "vowelless.py",
    "vocabulary.py",
    "index.py",
    "../alphabets.py",
)


class StaleIndex(ValueError):
    """What is stored is no index, not whole, or made by another version; build it again."""


@cache
def made_by() -> str:
    """What decides which words a name has: code, tables and transliteration. Another of these, another index."""
    digest = hashlib.sha256(importlib.metadata.version("anyascii").encode())
    here = Path(__file__).resolve().parent
    for file in [*(here / x for x in _SOURCES), *sorted((here / "data").iterdir())]:
        if file.name != "model.json":
            digest.update(file.read_bytes())
    return digest.hexdigest()[:32]


def save(folder: Path, columns: dict[str, NDArray[Any]]) -> None:
    """Store the arrays; the old ones are read until the last of the new is there. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / ".new"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    digests = {}
    for name, column in columns.items():
        np.save(beside / f"{name}.npy", column, allow_pickle=False)
        digests[name] = _digest(beside / f"{name}.npy")
    whole = hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()[:16]
    place = folder / whole
    shutil.rmtree(place, ignore_errors=True)
    beside.rename(place)
    about = {"format": FORMAT, "version": VERSION, "made_by": made_by(), "place": whole, "digests": digests}
    new = folder / (_ABOUT + ".new")
    new.write_text(json.dumps(about, indent=1, sort_keys=True) + "\n", "utf-8")
    new.replace(folder / _ABOUT)
    for other in folder.iterdir():
        if other.is_dir() and other.name != whole:
            shutil.rmtree(other, ignore_errors=True)


def load(folder: Path) -> dict[str, NDArray[Any]]:
    """The stored arrays, mapped into memory, read-only. Raises StaleIndex, and OSError where there is nothing."""
    text = (folder / _ABOUT).read_bytes()
    try:
        about = json.loads(text)
        if about["format"] != FORMAT:
            raise StaleIndex(f"{folder}: no index of names; build it again")
        if (about["version"], about["made_by"]) != (VERSION, made_by()):
            raise StaleIndex(f"{folder}: stored by another version; build the index again")
        place = folder / Path(str(about["place"])).name
        columns = {}
        for name, digest in about["digests"].items():
            file = place / f"{Path(name).name}.npy"
            if _digest(file) != digest:
                raise StaleIndex(f"{folder}: {file.name} is damaged; build the index again")
            columns[name] = np.load(file, mmap_mode="r" if file.stat().st_size > 4096 else None, allow_pickle=False)
    except StaleIndex:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, OSError, EOFError) as wrong:
        raise StaleIndex(f"{folder}: not whole; build the index again") from wrong
    return columns


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def packed(texts: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Texts as one run of bytes, and where each ends."""
    encoded = [x.encode("utf-8", "surrogatepass") for x in texts]
    return np.frombuffer(b"".join(encoded), np.uint8), np.cumsum([len(x) for x in encoded], dtype=np.int64)


def unpacked(blob: NDArray[np.uint8], ends: NDArray[np.int64]) -> list[str]:
    """The texts of `packed`."""
    return list(Texts(blob, ends))


class Texts(Sequence[str]):
    """Texts read from their bytes when asked for."""

    def __init__(self, blob: NDArray[np.uint8], ends: NDArray[np.int64]) -> None:
        self._blob, self._ends = blob, ends

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        if isinstance(at, slice):
            return [self[x] for x in range(*at.indices(len(self)))]
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        at %= len(self)
        first = int(self._ends[at - 1]) if at else 0
        return self._blob[first : int(self._ends[at])].tobytes().decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        first = 0
        whole = self._blob.tobytes()
        for end in self._ends.tolist():
            yield whole[first:end].decode("utf-8", "surrogatepass")
            first = end
