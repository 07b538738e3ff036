"""`people`, `keys` and the link that `serve` shows first, by the command line."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from .conftest import Run


def test_people_and_keys(run: Run) -> None:
    assert (
        run("people", "add", "ann", "--name", "Ann Example", "--role", "screener", "--role", "author").returncode == 0
    )
    again = run("people", "add", "ann", "--name", "Ann")
    assert again.returncode == 2 and b"entered already" in again.stderr and not again.stdout
    assert run("people", "add", "bob", "--name", "Bob", "--role", "god").returncode == 2
    assert b"author, screener" in run("people", "list").stdout
    assert run("people", "roles", "ann", "--role", "auditor").returncode == 0
    assert json.loads(run("people", "list", "--json").stdout)[0]["roles"] == ["auditor"]

    made = run("keys", "create", "ann", "--name", "laptop", "--days", 3)
    key = made.stdout.decode().strip()
    assert re.fullmatch(r"cvk_\w{8}_\w{43}", key)
    (listed,) = json.loads(run("keys", "list", "--json").stdout)
    assert listed["works"] and key not in json.dumps(listed)
    assert run("keys", "revoke", listed["id"]).returncode == 0
    assert b"does not work" in run("keys", "list", "ann").stdout
    assert run("keys", "create", "zoe", "--name", "x").returncode == 2
    assert b"/sign-in/link?token=cvl_" in run("people", "link", "ann").stdout
    assert run("people", "disable", "ann").returncode == 0 and b"disabled" in run("people", "list").stdout
    assert run("people", "enable", "ann").returncode == 0


def test_the_first_start_shows_a_link_that_makes_the_administrator(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-m", "carveout.engine.cli", "serve", "--port", "0"]
    with log.open("wb") as out:
        server = subprocess.Popen(
            command, env={**os.environ, "CARVEOUT_HOME": str(tmp_path / "home")}, stdout=out, stderr=out
        )
    try:
        said = _await(log, r"running on (http://127\.0\.0\.1:\d+)")
        token = re.search(r"/sign-in/link\?token=(cvl_\w+)", said)
        base = re.search(r"running on (http://127\.0\.0\.1:\d+)", said)
        assert token is not None and base is not None
        with httpx2.Client(
            base_url=base[1], headers={"user-agent": "tests", "sec-fetch-site": "same-origin"}
        ) as client:
            assert client.get("/v1/rules").status_code == 200, "nobody has been entered"
            assert client.post("/sign-in/link", data={"token": token[1]}).status_code == 303
            assert client.get("/v1/me").json()["person"]["id"] == "administrator"
            time.sleep(1.1)
            assert httpx2.get(f"{base[1]}/v1/rules").status_code == 401
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def _await(log: Path, pattern: str) -> str:
    for _ in range(600):
        said = log.read_text("utf-8", "replace")
        if re.search(pattern, said):
            return said
        time.sleep(0.1)
    pytest.fail(f"the server does not start: {log.read_text('utf-8', 'replace')[-2000:]}")
