"""What comes from outside is opened here: packed or not, of bounded size, in a known encoding, or refused whole."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

_CHUNK = 1 << 20
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, UnicodeError, NotImplementedError, RuntimeError)
"""What the unpacking and decoding of damaged files raises."""


class ListRefused(ValueError):
    """A list file that was not read; nothing of it counts. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read of a file before it is refused."""

    bytes: int = 512 << 20  # unpacked
    packing: int = 200  # unpacked bytes for each packed one; official lists stay below 25
    depth: int = 64  # of elements in elements
    text: int = 1 << 20  # letters in one field
    entries: int = 1_000_000  # rows, lines or records


@dataclass(frozen=True, slots=True)
class Content:
    """An unpacked file: its bytes can be opened again and again."""

    name: str
    path: Path
    member: str | None  # of a zip archive
    head: bytes
    encoding: str
    digest: str
    limits: Limits

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The unpacked bytes; damage that shows while they are read, here or in their text, refuses the file."""
        try:
            with _unpacked(self.path, self.member) as stream:
                yield stream
        except DAMAGE as error:
            raise self.refuse(f"cannot be read ({error}): cut short or damaged; fetch it again") from None

    @contextmanager
    def text(self) -> Iterator[IO[str]]:
        """The text, decoded strictly, line ends as they are."""
        with self.open() as stream:
            yield io.TextIOWrapper(stream, encoding=self.encoding, errors="strict", newline="")

    def refuse(self, why: str) -> ListRefused:
        """The exception that refuses this file."""
        return ListRefused(f"{self.name}: {why}")


def contents(path: Path, limits: Limits = Limits()) -> list[Content]:
    """The list files in a file: itself, or the members of an archive. Raises ListRefused."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
        if start == _ZIP and (members := _archived(path, limits)):
            return [_checked(path, member, limits) for member in members]
        return [_checked(path, None, limits)]
    except FileNotFoundError:
        raise ListRefused(f"{path.name}: there is no such file") from None
    except DAMAGE as error:
        raise ListRefused(f"{path.name}: cut short or damaged ({error}); fetch it again") from None


def _archived(path: Path, limits: Limits) -> list[str]:
    """The members of a zip archive that are lists; none if the archive is itself one (a spreadsheet)."""
    with zipfile.ZipFile(path) as archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
        if len(members) > 1_000 or sum(info.file_size for info in members) > limits.bytes:
            raise ListRefused(f"{path.name}: unpacks to more than {limits.bytes >> 20} MB or 1,000 files")
        if any(info.file_size > max(10 << 20, info.compress_size * limits.packing) for info in members):
            raise ListRefused(f"{path.name}: is packed more than {limits.packing} to one, as no list is")
        if any(info.flag_bits & 1 for info in members):
            raise ListRefused(f"{path.name}: is encrypted; give the unpacked file")
        names = [info.filename for info in members]
    if "mimetype" in names or "[Content_Types].xml" in names:
        return []
    return [name for name in names if not name.rsplit("/", 1)[-1].startswith((".", "__"))]


def _checked(path: Path, member: str | None, limits: Limits) -> Content:
    """Reads the content once through: size, packing, encoding and digest."""
    name = f"{path.name}/{member}" if member else path.name
    packed = path.stat().st_size
    size, head, digest = 0, b"", hashlib.sha256()
    utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")("strict")
    with _unpacked(path, member) as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > limits.bytes:
                raise ListRefused(f"{name}: unpacks to more than {limits.bytes >> 20} MB")
            if size > max(10 << 20, packed * limits.packing):
                raise ListRefused(f"{name}: is packed more than {limits.packing} to one, as no list is")
            head += chunk[: max(0, (1 << 16) - len(head))]
            digest.update(chunk)
            utf8 = _still(utf8, chunk)
    if not size:
        raise ListRefused(f"{name}: is empty; fetch it again")
    if head[:2] == _GZIP or (head[:4] == _ZIP and (member or path.suffix == ".gz")):
        raise ListRefused(f"{name}: is packed twice; unpack it first")
    return Content(name, path, member, head, _encoding(head, _still(utf8, b"", final=True)), digest.hexdigest(), limits)


def _still(
    decoder: codecs.IncrementalDecoder | None, chunk: bytes, final: bool = False
) -> codecs.IncrementalDecoder | None:
    try:
        if decoder is not None:
            decoder.decode(chunk, final)
        return decoder
    except UnicodeDecodeError:
        return None


def _encoding(head: bytes, utf8: codecs.IncrementalDecoder | None) -> str:
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    # ASCII letters in two bytes each, without a mark at the start
    even, odd = head[0:2000:2].count(0), head[1:2000:2].count(0)
    if max(even, odd) > len(head[:2000]) // 8:
        return "utf-16-be" if even > odd else "utf-16-le"
    return "utf-8" if utf8 is not None else "cp1252"


@contextmanager
def _unpacked(path: Path, member: str | None) -> Iterator[BinaryIO]:
    if member is not None:
        with zipfile.ZipFile(path) as archive, archive.open(member) as inner:
            yield cast(BinaryIO, inner)
        return
    with path.open("rb") as file:
        if file.read(2) == _GZIP:
            file.seek(0)
            with gzip.GzipFile(fileobj=file) as inner:
                yield cast(BinaryIO, inner)
        else:
            file.seek(0)
            yield file
