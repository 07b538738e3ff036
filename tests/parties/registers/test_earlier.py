"""The register of an earlier time is found again by its fingerprint, and no other is taken for it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from carveout.engine.parties.registers.home import FOLDER, earlier_owners, import_owners, open_owners

START = datetime(2024, 6, 1, 12, tzinfo=UTC)


def take(home: Path, number: int, *, after: timedelta = timedelta(0)) -> None:
    """Import the file of that number, which was published in January of the year 2000 + number."""
    file = home / f"{number}.csv"
    file.write_text(f"company,owner,percent\nFirm {number},Somebody,60\n")
    import_owners(home, file, published=date(2000 + number, 1, 1), now=START + after)


@pytest.mark.parametrize("apart", [timedelta(days=1), timedelta(0)], ids=["days apart", "within a second"])
def test_every_register_is_found_again(tmp_path: Path, apart: timedelta) -> None:
    states: dict[str, int] = {}
    for number in range(1, 5):
        take(tmp_path, number, after=number * apart)
        register = open_owners(tmp_path)
        assert register is not None
        states[register.fingerprint] = number
    take(tmp_path, 1, after=timedelta(days=30))  # the same again, which counts as new

    for fingerprint, many in states.items():
        found = earlier_owners(tmp_path, fingerprint)
        assert found is not None and found.fingerprint == fingerprint and len(found.imports) == many
    assert earlier_owners(tmp_path, "0" * 64) is None


def test_what_was_public_on_a_day_is_found_by_its_own_fingerprint(tmp_path: Path) -> None:
    for number in (1, 3, 2):
        take(tmp_path, number, after=timedelta(days=number))
    register, day = open_owners(tmp_path), date(2002, 6, 1)
    assert register is not None
    reduced = register.known_at(day).fingerprint

    found = earlier_owners(tmp_path, reduced, day)

    assert found is not None and found.known_at(day).fingerprint == reduced
    assert earlier_owners(tmp_path, reduced, date(2001, 6, 1)) is None


def test_many_imports_are_found_by_the_time_of_their_coming(tmp_path: Path) -> None:
    for number in range(1, 13):
        take(tmp_path, number, after=timedelta(days=number))
    register = open_owners(tmp_path)
    assert register is not None
    take(tmp_path, 13, after=timedelta(days=13))

    found = earlier_owners(tmp_path, register.fingerprint)

    assert found is not None and len(found.imports) == 12
    next((tmp_path / FOLDER).glob("*.owners")).unlink()
    assert earlier_owners(tmp_path, register.fingerprint) is None
