"""Files changed at random, of every format: refused with a reason, or read; never anything else."""

import re
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carveout.engine.parties.lists.entry import ListFile
from carveout.engine.parties.lists.files import read_list
from carveout.engine.parties.lists.guard import ListRefused
from carveout.engine.parties.lists.recognise import FORMATS

from .conftest import SAMPLES

PUT_IN = [b"", b"\0", b'"', b"<", b">", b"&", b"\n", b",", b"\t", b"{", b"}", b"[", b"]", b"null", b"1e999", b"-1"]
PUT_IN += [b"\xff", b"\xed\xa0\x80", b"\\ud800", b"9" * 30, b"&#0;", b"]]>", b"<!--", b"\x1a", b"[[[]]]", b'{"a":{}}']
TARGETS = (rb'"[^"\n]{0,60}"', rb">[^<\n]+<", rb"\d+", rb"\n", rb"[^\n]*\n", rb"[A-Za-z_]+")
"""What is replaced: values, texts, figures, line ends, lines, words."""


@st.composite
def change(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """One change of a file's bytes, at a place that is a share of its length."""
    where, what = (
        draw(st.floats(0, 1)),
        draw(st.sampled_from(["cut", "drop", "double", "put in", "replace", "replace"])),
    )
    length, text, target = draw(st.integers(1, 200)), draw(st.sampled_from(PUT_IN)), draw(st.sampled_from(TARGETS))

    def made(content: bytes) -> bytes:
        at = int(where * len(content))
        if what == "cut":
            return content[:at]
        if what == "drop":
            return content[:at] + content[at + length :]
        if what == "double":
            return content[: at + length] + content[at:]
        if what == "put in":
            return content[:at] + text + content[at:]
        found = re.compile(target).search(content, at)
        return content[: found.start()] + text + content[found.end() :] if found else content

    return made


def parts(name: str) -> dict[str, bytes]:
    folder = SAMPLES / name / "parts"
    folder = folder if folder.exists() else SAMPLES / name
    return {x.relative_to(folder).as_posix(): x.read_bytes() for x in sorted(folder.rglob("*")) if x.is_file()}


def written(name: str, content: dict[str, bytes], folder: Path) -> list[Path]:
    if not (SAMPLES / name / "parts").exists():
        for file, text in content.items():
            (folder / file).write_bytes(text)
        return [folder / file for file in content]
    packed = folder / f"list.{name.partition('-')[2]}"
    with zipfile.ZipFile(packed, "w") as archive:
        for file, text in content.items():
            archive.writestr(file, text)
    return [packed]


def told(paths: list[Path]) -> ListFile:
    try:
        return read_list(*paths)
    except ListRefused as error:
        if "does not say when" not in str(error):
            raise
        return read_list(*paths, published=date(2024, 1, 1))


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_what_was_changed_is_refused_or_read(name: str, tmp_path: Path) -> None:
    whole = parts(name)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.sampled_from(sorted(whole)), st.lists(change(), min_size=1, max_size=3))
    def tried(file: str, changes: list[Callable[[bytes], bytes]]) -> None:
        content = whole[file]
        for each in changes:
            content = each(content)
        try:
            read = told(written(name, {**whole, file: content}, tmp_path))
        except ListRefused as error:
            assert str(error).strip()
            return
        assert read.entries and all(entry.uid and entry.names for entry in read.entries)
        assert len({(entry.list, entry.uid) for entry in read.entries}) == len(read.entries)

    tried()


@pytest.mark.parametrize("schema", ["[]", "{}", "null", "7"])
def test_an_entity_whose_kind_is_no_word_is_refused(schema: str, tmp_path: Path) -> None:
    [(file, content)] = parts("ftm-jsonl").items()
    first, *rest = content.decode().splitlines()
    changed = re.sub(r'"schema":\s*"\w+"', f'"schema": {schema}', rest[0])
    assert changed != rest[0]
    (tmp_path / file).write_text("\n".join([first, changed, *rest[1:]]) + "\n")
    with pytest.raises(ListRefused, match="line 2 is no entity with id, schema and properties"):
        told([tmp_path / file])
