"""`carveout rules propose` from a git checkout, `carveout changes`, `carveout rules export`, as a user runs them."""

import importlib.util
import json
import os
import pwd
import subprocess
from pathlib import Path
from typing import Any

import pytest

from carveout.engine import Engine
from carveout.engine.analyse.reports import approve
from carveout.engine.records.changes import Changes
from carveout.engine.records.contents import Contents
from carveout.engine.records.people import People, Role
from carveout.engine.records.store import Store

from .conftest import Run

LICENCE = "xx/office/licence-1.exemption.yaml"
SALE = {
    "activity": "service",
    "at": "2025-03-01T12:00:00Z",
    "parties": [
        {"name": "Seller", "roles": ["provider"], "country": "US"},
        {"name": "Alpha Tractor Works", "roles": ["customer"], "subject": "zz.alpha"},
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the small rule set."""
    path = Path(__file__).resolve().parents[1] / "law" / "small.py"
    spec = importlib.util.spec_from_file_location("small", path)
    assert spec is not None and spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    Contents.of_rules(module.small_engine().rules).write(tmp_path / "folder")
    return tmp_path / "folder"


def entered(tmp_path: Path) -> str:
    """The account that the tests run as is an author and an approver, bob an approver; its name."""
    me = pwd.getpwuid(os.geteuid()).pw_name
    store = Store.open(tmp_path / "home")
    People(store).add(me, "Me", [Role.AUTHOR, Role.APPROVER], "system")
    People(store).add("bob", "Bob", [Role.APPROVER], "system")
    store.close()
    return me


def test_a_change_from_a_git_checkout_to_the_law_and_back(run: Run, folder: Path, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    Contents.of_folder(folder).write(checkout / "rules")
    (checkout / "README.md").write_text("ours", "utf-8")
    subprocess.run(["git", "init", "-q", checkout], check=True)
    subprocess.run(["git", "-C", checkout, "checkout", "-q", "-b", "ours.yaml"], check=True)
    licence = checkout / "rules" / LICENCE
    licence.write_text("# prolonged\n" + licence.read_text("utf-8").replace("2024-07-01T00", "2027-07-01T00"), "utf-8")
    (tmp_path / "sale.json").write_text(json.dumps(SALE), "utf-8")
    ask = {"CARVEOUT_RULES": str(folder)}

    me = entered(tmp_path)
    assert run("check", "sale.json", **ask).returncode == 20
    proposed = run("rules", "propose", checkout, "--title", "Prolonged", "--reason", "the office said so", **ask)
    assert proposed.returncode == 0, proposed.stderr
    (change, first) = json.loads(run("changes", "list", "--json", **ask).stdout)
    assert change["state"] == "proposed" and change["proposed"]["person"] == me and first["state"] == "active"
    id = change["id"]
    assert run("changes", "approve", id, **ask).returncode != 0
    reported = run("changes", "report", id, "--json", **ask)
    assert reported.returncode == 10, reported.stderr
    assert json.loads(reported.stdout)["stored"]["directions"] == {"laxer": 1}
    refused = run("changes", "approve", id, **ask)
    assert refused.returncode != 0 and b"who proposed may not approve" in refused.stderr

    store = Store.open(tmp_path / "home")
    approve(Changes(store), id, "bob", Engine.load(folder))
    store.close()
    assert run("changes", "activate", id, **ask).returncode == 0
    assert run("check", "sale.json", **ask).returncode == 0
    assert run("rules", "export", tmp_path / "out", **ask).returncode == 0
    assert (tmp_path / "out" / LICENCE).read_bytes() == licence.read_bytes()
    assert run("rules", "export", tmp_path / "out", **ask).returncode != 0
    shown = run("changes", "show", id, **ask)
    assert b"active" in shown.stdout and b"bob" in shown.stdout
    assert run("changes", "activate", first["id"], **ask).returncode == 0
    assert run("check", "sale.json", **ask).returncode == 20
    assert run("audit", "verify", **ask).returncode == 0


def test_a_checkout_whose_root_is_the_folder(run: Run, folder: Path, tmp_path: Path) -> None:
    entered(tmp_path)
    subprocess.run(["git", "init", "-q", folder], check=True)
    subprocess.run(["git", "-C", folder, "checkout", "-q", "-b", "ours.yaml"], check=True)

    nothing = run("rules", "propose", folder, "--title", "x", CARVEOUT_RULES=str(folder))
    assert nothing.returncode != 0 and b"nothing differs" in nothing.stderr
    (folder / "xx/office/bad.listing.yaml").write_text("title: x\n", "utf-8")
    faulty = run("rules", "propose", folder, "--title", "x", CARVEOUT_RULES=str(folder))
    assert faulty.returncode != 0 and b"bad.listing.yaml" in faulty.stderr


def test_who_is_not_entered_cannot_propose(run: Run, folder: Path) -> None:
    refused = run("rules", "propose", folder, "--title", "x", CARVEOUT_RULES=str(folder))
    assert refused.returncode != 0 and b"no person of this store" in refused.stderr
    assert run("changes", "list", CARVEOUT_RULES=str(folder)).returncode == 0
    assert run("changes", "show", "no-such", CARVEOUT_RULES=str(folder)).returncode != 0
