"""The watchlist file: what was written is read, entry by entry, and a damaged file is refused."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carveout.engine.parties.lists.entry import Address, Identifier, ListedName, ListEntry
from carveout.engine.parties.watchlist.history import Edition, Editions, History, Spell
from carveout.engine.parties.watchlist.stored import Stored, WatchlistError, write

DAY = date(2024, 5, 7)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ENTRIES = st.builds(
    ListEntry,
    list=st.just("xx.list"),
    uid=st.just("1"),
    kind=st.sampled_from(["person", "organisation", "vessel", "aircraft", "unknown"]),
    names=st.lists(st.builds(ListedName, TEXT, st.sampled_from(["primary", "weak"]), TEXT), min_size=1).map(tuple),
    programmes=st.lists(TEXT).map(tuple),
    countries=st.lists(TEXT).map(tuple),
    birth_dates=st.lists(TEXT).map(tuple),
    identifiers=st.lists(st.builds(Identifier, TEXT, TEXT, TEXT, TEXT)).map(tuple),
    addresses=st.lists(st.builds(Address, TEXT, TEXT, TEXT)).map(tuple),
    listed_on=TEXT,
    ends_on=TEXT,
    remarks=TEXT,
    details=st.dictionaries(TEXT, TEXT),
)


def editions() -> Editions:
    return Editions([("xx.list", [Edition(DAY, "xx.publication", "f" * 64)])])


@given(st.lists(ENTRIES, min_size=1, max_size=3))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, found: list[ListEntry]) -> None:
    path = tmp_path_factory.mktemp("watchlist") / "watchlist.sqlite"
    spells = tuple(Spell(entry, DAY + timedelta(days=i), None) for i, entry in enumerate(found))
    history = History("xx.list", "1", spells)
    assert write(path, [history], editions(), "abc") == 1
    stored = Stored(path)
    assert list(stored) == [history] == [stored.history(0)]
    assert (stored.number_of("xx.list:1"), stored.number_of("xx.list:2"), len(stored)) == (0, None, 1)
    assert (stored.fingerprint, stored.editions.by_list) == ("abc", editions().by_list)


def test_the_kinds_of_entries_are_known_by_list(tmp_path: Path) -> None:
    path = tmp_path / "watchlist.sqlite"
    ship, firm = (
        ListEntry("xx.list", n, kind, (ListedName("A"),)) for n, kind in (("1", "vessel"), ("2", "organisation"))
    )
    found = [History(e.list, e.uid, (Spell(e, DAY, None),)) for e in (ship, firm)]
    write(path, found, editions(), "abc")
    assert Stored(path).kinds == {"xx.list": frozenset({"vessel", "organisation"})}


def test_a_file_that_is_not_there_or_not_whole_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "watchlist.sqlite"
    with pytest.raises(WatchlistError, match="build it from the snapshots"):
        Stored(path)
    write(path, [], editions(), "abc")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(WatchlistError, match="build it again"):
        Stored(path)
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(WatchlistError, match="build it again"):
        Stored(path)


def test_writing_anew_takes_the_place_of_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "watchlist.sqlite"
    entry = ListEntry("xx.list", "1", "person", (ListedName("A"),))
    write(path, [History("xx.list", "1", (Spell(entry, DAY, None),))], editions(), "old")

    def fails() -> object:
        yield History("xx.list", "2", (Spell(entry, DAY, None),))
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        write(path, fails(), editions(), "new")  # type: ignore[arg-type]
    assert Stored(path).fingerprint == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["watchlist.sqlite"]
