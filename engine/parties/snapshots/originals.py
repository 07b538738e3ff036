"""The files as they were given, byte for byte, each once, under the digest of its bytes."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from carveout.engine.parties.snapshots.model import Original, SnapshotsError

FOLDER = "originals"
_PACKED = (b"\x1f\x8b", b"PK")
_CHUNK = 1 << 20


def keep(folder: Path, path: Path, name: str) -> Original:
    """Keep a file, compressed unless it is so already. Raises SnapshotsError.

    It is there whole or not at all. One that no snapshot names (the process died before) is harmless: the next import
    of the same file finds it.
    """
    target = folder / FOLDER
    try:
        target.mkdir(parents=True, exist_ok=True)
        digest, size, packed = _look(path)
        place = target / (digest + (".kept" if packed else ".gz"))
        if not place.exists():
            with tempfile.NamedTemporaryFile(dir=target, prefix=".new-", delete=False) as new:
                try:
                    with path.open("rb") as source:
                        if packed:
                            shutil.copyfileobj(source, new, _CHUNK)
                        else:
                            with gzip.GzipFile("", "wb", 6, new, mtime=0) as writer:
                                shutil.copyfileobj(source, writer, _CHUNK)
                    new.flush()
                    os.fsync(new.fileno())
                    os.replace(new.name, place)
                except BaseException:
                    Path(new.name).unlink(missing_ok=True)
                    raise
            _sync(target)
    except OSError as error:
        raise SnapshotsError(f"{target} cannot be written to: {error.strerror or error} (set CARVEOUT_HOME)") from None
    return Original(name, digest, size)


@contextmanager
def opened(folder: Path, original: Original) -> Iterator[BinaryIO]:
    """The bytes as they were given. Raises SnapshotsError if they are not there."""
    for ending in (".gz", ".kept"):
        place = folder / FOLDER / (original.sha256 + ending)
        if place.exists():
            with gzip.open(place) if ending == ".gz" else place.open("rb") as file:
                yield cast(BinaryIO, file)
            return
    raise SnapshotsError(f"{folder / FOLDER} lacks {original.sha256}, the bytes of {original.name}; put back a copy")


def _look(path: Path) -> tuple[str, int, bool]:
    digest, size, head = hashlib.sha256(), 0, b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            head = head or chunk[:2]
            size += len(chunk)
            digest.update(chunk)
    return digest.hexdigest(), size, head in _PACKED


def _sync(folder: Path) -> None:
    """The new name of a file is safe only when its folder is on the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
