"""`carveout doctor`, `carveout serve`, the settings, and the documentation of all commands."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from typer.testing import CliRunner

from carveout.engine.cli.app import app
from carveout.engine.cli.serving import APPLICATION, PROTOCOL, is_loopback
from carveout.engine.settings import MEANING, Settings, SettingsError, read_settings

Run = Callable[..., subprocess.CompletedProcess[bytes]]
ROOT = Path(__file__).resolve().parents[2]


def test_doctor_says_what_is_at_work(run: Run, tmp_path: Path) -> None:
    done = run("doctor")
    text = done.stdout.decode()
    assert done.returncode == 0, text
    assert "durable-rules" in text or "reference formula" in text
    assert str(tmp_path / "home") in text and "no snapshot" in text and "norms of" in text


def test_doctor_finds_what_does_not_work(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("doctor", CARVEOUT_HOME=str(tmp_path / "file"))
    assert done.returncode == 1 and b"cannot be written to" in done.stdout
    done = run("doctor", CARVEOUT_RULES=str(tmp_path / "none"))
    assert done.returncode == 1 and b"no such folder" in done.stdout
    done = run("doctor", CARVEOUT_PORT="http")
    assert (done.returncode, done.stdout) == (2, b"") and b"CARVEOUT_PORT" in done.stderr


def test_version_and_help(run: Run) -> None:
    assert run("--version").stdout.startswith(b"carveout ")
    assert run("--help").returncode == 0
    assert run("chekc").returncode == 2


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("127.8.8.8", True), ("0.0.0.0", False), ("::", False),
     ("192.168.1.7", False), ("desk.example", False)],
)  # fmt: skip
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_serve_hands_on_its_settings_and_warns(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    monkeypatch.setattr(uvicorn, "run", lambda *a, **k: calls.append((a, k)))
    for name in MEANING:
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("CARVEOUT_HOME", str(tmp_path))
    done = CliRunner().invoke(app, ["serve"])
    assert (
        done.exit_code == 0 and "whoever sits at this machine" in done.output and "/sign-in/link?token=" in done.output
    )
    (((named,), how),) = calls
    assert named == APPLICATION and how["http"] == PROTOCOL and how["factory"]
    assert (how["host"], how["port"], how["workers"]) == ("127.0.0.1", 8000, 1)
    assert how["access_log"] is False, "uvicorn's own lines show queries, with the names in them"
    done = CliRunner().invoke(app, ["serve", "--host", "0.0.0.0", "--port", "9000", "--workers", "2"])
    assert "nothing works without a key" in done.output
    assert read_settings().port == 9000 and read_settings().host == "0.0.0.0"


def test_settings() -> None:
    assert read_settings({}).host == "127.0.0.1"
    hosts = ("a.example", "b.example")
    given = Settings(Path("/h"), Path("/r"), "::1", 1, hosts, "by.belavia", threshold=81.5, database="postgresql://h/d")
    environment: dict[str, str] = {}
    given.hand_on(environment)
    assert read_settings(environment) == given
    for score in ("x", "49", "101", "nan"):
        with pytest.raises(SettingsError, match="CARVEOUT_THRESHOLD"):
            read_settings({"CARVEOUT_THRESHOLD": score})
    for port in ("x", "-1", "70000", "٣"):
        with pytest.raises(SettingsError, match="CARVEOUT_PORT"):
            read_settings({"CARVEOUT_PORT": port})


def test_doctor_shows_every_setting(run: Run) -> None:
    text = run("doctor", CARVEOUT_TIMELINE="by.belavia").stdout.decode()
    assert "CARVEOUT_TIMELINE=by.belavia (set)" in text and "CARVEOUT_HOST=127.0.0.1 (not set)" in text
    assert all(name in text for name in MEANING)


@pytest.mark.parametrize("url", ["postgresql://somebody:secret@h/d", "somebody secret"])
def test_doctor_shows_no_password(run: Run, url: str) -> None:
    text = run("doctor", CARVEOUT_DATABASE=url).stdout.decode()
    assert "CARVEOUT_DATABASE=" in text and "secret" not in text


def test_doctor_shows_no_secret_of_a_provider(run: Run) -> None:
    given = {"ISSUER": "https://p.example", "CLIENT": "carveout", "SECRET": "hush-hush"}
    text = run(
        "doctor", CARVEOUT_URL="https://h.example", **{f"CARVEOUT_OIDC_{name}": value for name, value in given.items()}
    ).stdout.decode()
    assert "CARVEOUT_OIDC_CLIENT=carveout (set)" in text and "CARVEOUT_OIDC_SECRET=(not shown)" in text
    assert "hush-hush" not in text


def test_a_start_with_a_provider_promises_no_open_house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(uvicorn, "run", lambda *_, **__: None)
    for name in MEANING:
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("CARVEOUT_HOME", str(tmp_path))
    for name, value in (
        ("CARVEOUT_URL", "https://h.example"), ("CARVEOUT_OIDC_ISSUER", "https://p.example"),
        ("CARVEOUT_OIDC_CLIENT", "c"), ("CARVEOUT_OIDC_SECRET", "s"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    said = CliRunner().invoke(app, ["serve"]).output
    assert "nothing works without a key" in said and "https://h.example/sign-in/link?token=cvl_" in said


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "command-line.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(CARVEOUT_\w+)` ", text, re.MULTILINE)) == set(MEANING)


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs" / "command-line.md").read_text("utf-8")
    groups = [(group.name, group.typer_instance) for group in app.registered_groups if group.typer_instance is not None]
    names = [c.name or c.callback.__name__ for c in app.registered_commands if c.callback]
    names += [
        f"{group} {c.name or c.callback.__name__}"
        for group, held in groups
        for c in held.registered_commands
        if c.callback
    ]
    for name in names:
        assert f"`carveout {name}" in text, name
