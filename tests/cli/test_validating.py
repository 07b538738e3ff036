"""`carveout validate`: figures on the terminal, a page and JSON in files, and what cannot be read is said."""

import json
from pathlib import Path

from .conftest import Run


def test_validate_writes_its_report(run: Run, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("name\nMüller GmbH\nBelavia\n", "utf-8")
    page, data = tmp_path / "v.html", tmp_path / "v.json"
    done = run("validate", "--names", 5, "--ordinary", tmp_path / "own.csv", "--html", page, "--json", data)
    assert done.returncode == 0, done.stderr
    assert b"transposed" in done.stdout and b"no official list is kept" in done.stdout
    found = json.loads(data.read_bytes())
    assert found["threshold"] == found["threshold_shipped"] and found["alarms"]["alarms"]["found"] == 1
    assert page.read_text("utf-8").startswith("<!doctype html>")
    strict = run("validate", "--names", 5, "--parties", 10, "--threshold", 95, "--json", data)
    assert strict.returncode == 0 and json.loads(data.read_bytes())["threshold"] == 95


def test_what_cannot_be_read_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n", "utf-8")
    for option in (("--ordinary", tmp_path / "bad.csv"), ("--ordinary", tmp_path / "none.csv"),
                   ("--html", tmp_path / "no" / "v.html"), ("--json", tmp_path), ("--threshold", "12")):  # fmt: skip
        done = run("validate", *option)
        assert done.returncode == 2 and not done.stdout and done.stderr, option
