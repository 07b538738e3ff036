"""The stored index: the same answers, and refused if it is not what was written."""

import json
from pathlib import Path

import numpy as np
import pytest

from carveout.engine.parties.matching.index import Entry, Index
from carveout.engine.parties.matching.matcher import find
from carveout.engine.parties.matching.storage import StaleIndex

ENTRIES = [
    Entry(0, "PUTIN, Vladimir", "person"),
    Entry(1, "ОАО «Белавиа»", "organisation"),
    Entry(1, "Belavia", "organisation", True),
    Entry(2, "", "organisation"),
    Entry(3, "name with a nought \0 and half a sign \ud800", "unknown"),
]
QUERIES = ["Wladimir Putin", "Belavia", "Belawia", "nobody", "", "name with a nought"]


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    Index.of(ENTRIES, [(1, "unp:600390798")]).save(tmp_path / "index")
    return tmp_path / "index"


def answers(index: Index) -> list[list[tuple[int, float, str]]]:
    return [[(x.owner, x.score, index.texts[x.number]) for x in find(index, query)] for query in QUERIES]


def test_the_same_answers(stored: Path) -> None:
    index = Index.load(stored)
    assert answers(index) == answers(Index.of(ENTRIES))
    assert list(index.texts) == [entry.text for entry in ENTRIES]
    assert index.texts[-1] == ENTRIES[-1].text
    assert index.of_code("unp:600390798") == [1]
    assert index.of_code("unp:1") == []


def test_saved_again_it_is_replaced(stored: Path) -> None:
    Index.of(ENTRIES[:1]).save(stored)
    assert len(Index.load(stored)) == 1
    assert len([x for x in stored.iterdir() if x.is_dir()]) == 1


def test_an_index_of_nothing(tmp_path: Path) -> None:
    Index.of([]).save(tmp_path)
    assert find(Index.load(tmp_path), "anybody") == []


def test_nothing_stored(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"index\.json"):
        Index.load(tmp_path)


@pytest.mark.parametrize("about", [b"", b"{", b"[]", b"{}", b'{"format": "other"}', b"\xff"])
def test_a_foreign_file_is_refused(stored: Path, about: bytes) -> None:
    (stored / "index.json").write_bytes(about)
    with pytest.raises(StaleIndex, match="again"):
        Index.load(stored)


@pytest.mark.parametrize(("key", "value"), [("version", 0), ("made_by", "another"), ("version", "1")])
def test_another_version_is_refused(stored: Path, key: str, value: object) -> None:
    about = json.loads((stored / "index.json").read_text())
    (stored / "index.json").write_text(json.dumps({**about, key: value}))
    with pytest.raises(StaleIndex, match="another version"):
        Index.load(stored)


def test_a_damaged_file_is_refused(stored: Path) -> None:
    file = next(stored.glob("*/postings.npy"))
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(StaleIndex, match=r"postings\.npy is damaged"):
        Index.load(stored)


def test_a_missing_or_cut_file_is_refused(stored: Path) -> None:
    file = next(stored.glob("*/words.npy"))
    file.write_bytes(file.read_bytes()[:40])
    with pytest.raises(StaleIndex):
        Index.load(stored)
    file.unlink()
    with pytest.raises(StaleIndex, match="not whole"):
        Index.load(stored)


def test_no_pickle_is_ever_read(stored: Path) -> None:
    file = next(stored.glob("*/words.npy"))
    np.save(file, np.array([{}], object), allow_pickle=True)
    with pytest.raises(StaleIndex):
        Index.load(stored)
