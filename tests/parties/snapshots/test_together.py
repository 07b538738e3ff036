"""Several processes at one folder: importers wait for each other, and one that is killed leaves the old state."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from carveout.engine.parties.snapshots.originals import FOLDER, opened
from carveout.engine.parties.snapshots.store import Snapshots

from .samples import Take, sdn_xml, several

DAY = date(2024, 5, 7)
PROGRAM = """
import sys
from pathlib import Path
from carveout.engine.parties.snapshots.publications import Publications
from carveout.engine.parties.snapshots.store import Snapshots
from carveout.engine.parties.snapshots.taking import Offer, take
for path in sys.argv[2:]:
    print("taking", flush=True)
    take(Snapshots(Path(sys.argv[1])), Publications(), Offer([Path(path)], confirmed="a test"))
print("done", flush=True)
"""


def started(store: Snapshots, *paths: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", PROGRAM, store.folder, *paths], stdout=subprocess.PIPE)


def written(folder: Path, number: int, count: int) -> Path:
    path = folder / f"{number}.xml"
    path.write_text(sdn_xml(DAY + timedelta(days=number), several(count)))
    return path


def state(store: Snapshots) -> list[tuple[date, int, int]]:
    """Day, entries by the manifest, entries that are really there; every original can be read."""
    with store.reading() as view:
        held = view.snapshots()
        for snapshot in held:
            for original in snapshot.originals:
                with opened(store.folder, original) as file:
                    assert len(file.read()) == original.size
        return [(x.published, x.entries, len(view.entries(x))) for x in held]


def test_two_importers_at_once_both_come_through(store: Snapshots, tmp_path: Path) -> None:
    files = [written(tmp_path, number, 300 + number) for number in range(8)]
    both = [started(store, *files[:5]), started(store, *reversed(files[3:]))]  # two files are taken by both
    assert [x.communicate()[0].count(b"done") for x in both] == [1, 1] and not any(x.returncode for x in both)
    assert state(store) == [(DAY + timedelta(days=n), 300 + n, 300 + n) for n in range(8)]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_an_importer_that_is_killed_leaves_the_old_state(store: Snapshots, taking: Take, tmp_path: Path) -> None:
    taking(sdn_xml(DAY, several(50)))
    file = written(tmp_path, 1, 20_000)
    chance, outcomes = random.Random(4), set()
    for _ in range(6):
        importer = started(store, file)
        assert importer.stdout is not None
        assert importer.stdout.readline() == b"taking\n"
        time.sleep(chance.uniform(0.05, 1.2))  # reading, comparing, writing: wherever it is
        os.kill(importer.pid, signal.SIGKILL)
        importer.communicate()
        found = state(store)
        assert found[0] == (DAY, 50, 50)
        assert found[1:] in ([], [(DAY + timedelta(days=1), 20_000, 20_000)])
        outcomes.add(len(found))
    last = started(store, file)
    assert last.communicate()[0].endswith(b"done\n")
    assert state(store)[1:] == [(DAY + timedelta(days=1), 20_000, 20_000)]
    assert 1 in outcomes  # else it was never killed in time


def test_one_who_asks_sees_one_state_while_another_imports(store: Snapshots, taking: Take) -> None:
    taking(sdn_xml(DAY, several(50)))
    with store.reading() as view:
        assert len(view.snapshots()) == 1
        taking(sdn_xml(DAY + timedelta(days=1), several(51)))
        assert len(view.snapshots()) == 1
    assert len(state(store)) == 2


def test_what_a_killed_importer_left_is_used_by_the_next(store: Snapshots, taking: Take) -> None:
    text = sdn_xml(DAY, several(50))
    taking(text)
    [kept] = (store.folder / FOLDER).iterdir()
    again = Snapshots(store.folder.parent / "again")
    (again.folder / FOLDER).mkdir(parents=True)
    kept.rename(again.folder / FOLDER / kept.name)
    from carveout.engine.parties.snapshots.publications import Publications
    from carveout.engine.parties.snapshots.taking import Offer, take

    path = store.folder / "list"
    path.write_text(text)
    assert take(again, Publications(), Offer([path])).new
    assert len(list((again.folder / FOLDER).iterdir())) == 1 and state(again) == [(DAY, 50, 50)]
