"""The command line as a user runs it: a process of its own, with its exit status and both streams."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run `carveout` with arguments, `stdin` and variables of the environment."""

    def run_it(*arguments: object, stdin: bytes = b"", **variables: str) -> "subprocess.CompletedProcess[bytes]":
        environment = {**os.environ, "CARVEOUT_HOME": str(tmp_path / "home"), "COLUMNS": "200", **variables}
        command = [sys.executable, "-m", "carveout.engine.cli", *map(str, arguments)]
        return subprocess.run(
            command, input=stdin, capture_output=True, timeout=120, env=environment, check=False, cwd=tmp_path
        )

    return run_it


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The folder of examples."""
    return ROOT / "fixtures"


@pytest.fixture(scope="session")
def shipped() -> Path:
    """The rules of the checkout."""
    return ROOT / "rules"
