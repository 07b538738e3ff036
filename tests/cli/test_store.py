"""What the command line decides is stored, replayed and audited; with `--dry` nothing is."""

import re
from pathlib import Path

from .conftest import Run

EXAMPLE = "belavia-737-part-letter.json"


def test_a_check_is_stored_and_replays(run: Run, fixtures: Path) -> None:
    checked = run("check", fixtures / "transactions" / EXAMPLE)
    found = re.search(rb"stored as ([0-9a-f-]{36})", checked.stdout)
    assert checked.returncode == 0 and found is not None

    id = found[1].decode()
    recorded = run("replay", id)
    early = run("replay", id, "--today", "--as-known", "2025-09-01T00:00:00Z")

    assert recorded.returncode == 0 and b"the same, byte for byte" in recorded.stdout
    assert early.returncode == 10 and b"/outcome" in early.stdout
    assert run("replay", "nothing").returncode == 2
    assert run("store", "purge").stdout.startswith(b"0 decisions were deleted")


def test_dry_stores_nothing(run: Run, fixtures: Path, tmp_path: Path) -> None:
    assert b"stored as" not in run("check", fixtures / "transactions" / EXAMPLE, "--dry").stdout
    table = fixtures / "csv" / "screening.csv"
    assert run("screen", table, "-o", tmp_path / "out.csv", "--dry").returncode in (0, 10, 20)

    assert not (tmp_path / "home" / "carveout.db").exists()
    assert run("screen", table, "-o", tmp_path / "again.csv").returncode in (0, 10, 20)
    assert (tmp_path / "home" / "carveout.db").exists()
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "again.csv").read_bytes()


def test_what_cannot_be_stored_is_not_said(run: Run, fixtures: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    refused = run("check", fixtures / "transactions" / EXAMPLE, CARVEOUT_HOME=str(tmp_path / "file"))

    assert refused.returncode == 1 and not refused.stdout and b"--dry" in refused.stderr


def test_a_changed_export_is_found_without_a_store(run: Run, fixtures: Path, tmp_path: Path) -> None:
    file, head = tmp_path / "audit.jsonl", tmp_path / "head"
    run("check", fixtures / "transactions" / EXAMPLE)
    assert run("audit", "export", "-o", file).returncode == run("audit", "head", "-o", head).returncode == 0
    nowhere = {"CARVEOUT_HOME": str(tmp_path / "nowhere")}

    whole = run("audit", "verify", file, "--head", head, **nowhere)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:-1]))
    cut = run("audit", "verify", file, "--head", head, **nowhere)
    file.write_bytes(b"".join(lines).replace(b'"kind":"decision"', b'"kind": "decision"'))
    spaced = run("audit", "verify", file, **nowhere)

    assert whole.returncode == 0 and b"whole: 4 entries" in whole.stdout, whole.stderr
    assert cut.returncode == 1 and b"the rest is gone" in cut.stderr
    assert spaced.returncode == 1 and b"line 3" in spaced.stderr
    assert not (tmp_path / "nowhere").exists()
    assert run("audit", "verify").returncode == 0
    assert run("audit", "rotate-key").returncode == 0 and run("audit", "verify").returncode == 0
