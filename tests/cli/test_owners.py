"""`carveout owners`: files in, what is kept, who owns whom; and what a check then says."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[bytes]]
HEAD = "company,company_country,owner,percent,from"
TABLE = f"{HEAD}\nHolding One,DE,Belavia,60,2020-01-01\nHolding One,DE,\x1b[31mHans,20,\n"
ACT = {
    "activity": "sale",
    "at": "2025-06-01T12:00:00-04:00",
    "place": "US",
    "parties": [
        {"name": "Ohio Parts", "roles": ["seller"], "country": "US", "owners": []},
        {"name": "Holding One", "roles": ["buyer", "end_user"], "country": "DE"},
    ],
    "items": [{"name": "bolt", "eccn": "EAR99", "origin": "US", "destination": "DE"}],
    "assets": [],
}


def test_from_a_file_to_a_decision(run: Run, tmp_path: Path) -> None:
    (tmp_path / "owners.csv").write_text(TABLE)
    (tmp_path / "act.json").write_text(json.dumps(ACT))
    before = json.loads(run("check", "act.json", "--json").stdout)
    assert "owners" not in before["made_with"]

    done = run("owners", "import", "owners.csv", "--published", "2025-01-01", "--source", "our files")
    assert done.returncode == 0, done.stderr
    assert "CSV, 2 read, 3 about parties, 2 about relationships, 0 broken" in done.stdout.decode()
    status = json.loads(run("owners", "status", "--json").stdout)
    assert [(i["source"], i["published"]) for i in status["imports"]] == [("our files", "2025-01-01")]
    tree = run("owners", "show", "holding one", "--on", "2025-06-01").stdout.decode()
    assert "Belavia: 60 % (shareholding) since 2020-01-01" in tree and "owners not known: 20 %" in tree
    assert "source: our files, 2025-01-01" in tree and "\x1b" not in tree

    after = run("check", "act.json", "--json")
    body = json.loads(after.stdout)
    assert after.returncode == 20 and body["made_with"]["owners"] == status["fingerprint"]
    paths = [because["path"] for f in body["findings"] for because in f.get("because", []) if "path" in because]
    assert ["Belavia 60 % -> Holding One"] in paths


def test_a_refused_file_leaves_the_others_and_says_why(run: Run, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(TABLE)
    (tmp_path / "bad.json").write_text("[{")
    done = run("owners", "import", "bad.json", "good.csv", "missing.csv", "--published", "2025-01-01")
    error = done.stderr.decode()
    assert done.returncode == 2 and "bad.json: " in error and "missing.csv: there is no such file" in error
    assert len(json.loads(run("owners", "status", "--json").stdout)["imports"]) == 1


def test_a_day_is_needed_where_the_file_has_none(run: Run, tmp_path: Path) -> None:
    (tmp_path / "owners.csv").write_text(TABLE)
    done = run("owners", "import", "owners.csv")
    assert (done.returncode, done.stdout) == (2, b"") and b"give the day" in done.stderr
    assert run("owners", "import", "owners.csv", "--published", "2999-01-01").returncode == 2
    assert run("owners", "show", "X").returncode == 2


def test_a_damaged_register_stops_every_check(run: Run, tmp_path: Path) -> None:
    (tmp_path / "owners.csv").write_text(TABLE)
    (tmp_path / "act.json").write_text(json.dumps(ACT))
    assert run("owners", "import", "owners.csv", "--published", "2025-01-01").returncode == 0
    (kept,) = (tmp_path / "home" / "owners").iterdir()
    kept.write_bytes(kept.read_bytes()[:100])
    done = run("check", "act.json")
    assert (done.returncode, done.stdout) == (1, b"") and b"import its source again" in done.stderr
