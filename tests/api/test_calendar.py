"""`/v1/calendar` as JSON and as iCalendar; `carveout calendar` says the same."""

import json
import os
import subprocess
import sys
from pathlib import Path

from fastapi.testclient import TestClient
from icalendar import Calendar


def test_what_is_coming(client: TestClient) -> None:
    said = client.get("/v1/calendar?days=3660").json()
    assert said["days"] == 3660 and said["coming"] and {"at", "by", "what", "of", "words"} <= said["coming"][0].keys()
    assert len(client.get("/v1/calendar?days=1").json()["coming"]) < len(said["coming"])
    for address, accept in (("/v1/calendar?days=3660&form=ics", "*/*"), ("/v1/calendar?days=3660", "text/calendar")):
        answer = client.get(address, headers={"accept": accept})
        assert answer.headers["content-type"].startswith("text/calendar")
        assert len(Calendar.from_ical(answer.content).walk("VEVENT")) == len(said["coming"])
    for wrong in ("days=0", "days=x", "days=999999", "form=pdf"):
        assert client.get(f"/v1/calendar?{wrong}").status_code == 422


def test_on_the_command_line(tmp_path: Path) -> None:
    def run(*arguments: str) -> "subprocess.CompletedProcess[bytes]":
        environment = {**os.environ, "CARVEOUT_HOME": str(tmp_path / "home")}
        command = [sys.executable, "-m", "carveout.engine.cli", "calendar", "--days", "3660", *arguments]
        return subprocess.run(command, capture_output=True, env=environment, cwd=tmp_path, timeout=120, check=True)

    said = json.loads(run("--json").stdout)
    lines = run().stdout.decode().splitlines()
    assert len(lines) == len(said) > 0 and said[0]["of"] in lines[0]
    run("--ics", "out.ics")
    assert len(Calendar.from_ical((tmp_path / "out.ics").read_bytes()).walk("VEVENT")) == len(said)
