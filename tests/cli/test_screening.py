"""`carveout screen`: a table in, a table out, and the exit status of the strictest row."""

import csv
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[bytes]]
HEADER = b"reference,activity,at,actor,actor_country,counterparty\n"
PROCEED = b"1,advice,2025-11-22T10:00:00-05:00,Great Lakes Consultancy LLC,US,Belavia\n"
STOP = b"2,advice,2024-11-22T10:00:00-05:00,Great Lakes Consultancy LLC,US,Belavia\n"
REVIEW = b"3,advice,2024-11-22T10:00:00,Great Lakes Consultancy LLC,US,Belavia\n"


@pytest.mark.parametrize(
    ("rows", "status"), [(PROCEED, 0), (PROCEED + REVIEW, 10), (PROCEED + REVIEW + STOP, 20)], ids=["0", "10", "20"]
)
def test_exit_status_is_that_of_the_strictest_row(run: Run, tmp_path: Path, rows: bytes, status: int) -> None:
    (tmp_path / "in.csv").write_bytes(HEADER + rows)
    done = run("screen", "in.csv", "-o", "out.csv")
    assert (done.returncode, done.stdout) == (status, b""), done.stderr
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as answer:
        written = list(csv.DictReader(answer))
    assert len(written) == rows.count(b"\n")
    assert all(row["outcome"] for row in written)
    assert str(len(written)).encode() in done.stderr


def test_wrong_columns_are_refused_all_at_once_and_nothing_is_written(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(b"activty,actor,actor\nadvice,A,B\n")
    done = run("screen", "in.csv", "-o", "out.csv")
    assert (done.returncode, done.stdout) == (2, b"")
    error = done.stderr.decode()
    assert "did you mean `activity`" in error and "`actor` is also column 2" in error and "`at` is missing" in error
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("data", [b"", b"\x00" * 100, b"\xff\xfe", HEADER + b'1,"advice\n', HEADER])
def test_what_is_no_table_is_refused(run: Run, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "in.csv").write_bytes(data)
    done = run("screen", "in.csv", "-o", "out.csv")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"error: in.csv: " in done.stderr and b"Traceback" not in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_files_that_cannot_be_used(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(HEADER + PROCEED)
    for arguments in (
        ("no.csv", "-o", "out.csv"),
        ("in.csv", "-o", "no/out.csv"),
        ("in.csv", "-o", "in.csv"),
        (".", "-o", "x"),
    ):
        done = run("screen", *arguments)
        assert done.returncode == 2, arguments
        assert b"Traceback" not in done.stderr
    assert (tmp_path / "in.csv").read_bytes() == HEADER + PROCEED


def test_the_encoding_that_was_read_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(HEADER + PROCEED.replace(b"Great", "Größe".encode("cp1252")))
    done = run("screen", "in.csv", "-o", "out.csv")
    assert done.returncode == 0, done.stderr
    assert b"read as cp1252" in done.stderr
