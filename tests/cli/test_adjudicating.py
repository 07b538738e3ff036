"""`carveout adjudicate`: an answer given, used by check and screen, listed, and taken back."""

import json
import os
import pwd
from contextlib import closing
from pathlib import Path

from carveout.engine.records.adjudications import confirm
from carveout.engine.records.people import People, Role
from carveout.engine.records.store import Store

from .conftest import Run

NEAR = "Belaviya Belarusian Airline"


def stated(tmp_path: Path, name: str = NEAR) -> Path:
    parties = [
        {"name": "Ohio Jet Parts LLC", "roles": ["payer"], "country": "US"},
        {"name": name, "roles": ["payee"]},
        {"name": "Erie Savings Bank", "roles": ["bank"], "country": "US"},
    ]
    file = tmp_path / "payment.json"
    act = {"activity": "payment", "at": "2025-09-01T12:00:00Z", "currency": "EUR", "parties": parties}
    file.write_text(json.dumps(act), "utf-8")
    return file


def test_an_answer_settles_a_check_and_a_table_until_it_is_withdrawn(run: Run, tmp_path: Path) -> None:
    me = pwd.getpwuid(os.geteuid()).pw_name
    with closing(Store.open(tmp_path / "home")) as store:
        People(store).add(me, "Me", [Role.ANALYST, Role.APPROVER], "system")
        People(store).add("bob", "Bob", [Role.APPROVER], "system")
    file = stated(tmp_path)
    table = tmp_path / "in.csv"
    table.write_text(
        "activity,at,currency,payer,payer_country,payee,bank,bank_country\n"
        f"payment,2025-09-01T12:00:00Z,EUR,Ohio Jet Parts LLC,US,{NEAR},Erie Savings Bank,US\n",
        "utf-8",
    )
    asked = run("check", file, "--json")
    assert asked.returncode == 10, asked.stderr
    question = next(q for q in json.loads(asked.stdout)["questions"] if q["fact"] == "party.subject")
    (subject,) = question["candidates"]

    option = ("--party", NEAR, "--subject", subject, "--answer", "different", "--reason", "another tax number")
    given = run("adjudicate", "add", file, *option, "--json")
    assert given.returncode == 0, given.stderr
    told = json.loads(given.stdout)
    assert told["state"] == "proposed" and told["person"] == me and told["party"]["name"] == NEAR
    waiting = run("check", file)
    assert waiting.returncode == 10 and b"a second person must confirm it" in waiting.stdout
    alone = run("adjudicate", "confirm", told["id"])
    assert alone.returncode == 2 and b"who answered may not confirm" in alone.stderr
    with closing(Store.open(tmp_path / "home")) as store:
        confirm(store, told["id"], "bob")

    checked = run("check", file)
    dry = json.loads(run("check", file, "--dry", "--json").stdout)
    assert checked.returncode == 0 and b"is not" in checked.stdout and b"another tax number" in checked.stdout
    assert dry["outcome"] == "proceed" and dry["identity"][0]["answers"][0]["id"] == told["id"]
    assert run("screen", table, "-o", tmp_path / "out.csv").returncode == 0
    other = run("check", stated(tmp_path, NEAR + "s"))
    assert other.returncode == 10

    listed = run("adjudicate", "list")
    assert listed.returncode == 0 and told["id"].encode() in listed.stdout and b"in force" in listed.stdout
    assert run("adjudicate", "withdraw", told["id"], "--reason", "the wrong firm").returncode == 0
    assert run("check", stated(tmp_path)).returncode == 10
    assert run("screen", table, "-o", tmp_path / "out.csv").returncode == 10
    assert json.loads(run("adjudicate", "list", "--json").stdout) == {"adjudications": []}
    (left,) = json.loads(run("adjudicate", "list", "--all", "--json").stdout)["adjudications"]
    assert left["state"] == "withdrawn" and left["id"] == told["id"]
    assert run("audit", "verify").returncode == 0


def test_an_account_that_is_nobody_of_the_store_is_told_that_nobody_can_confirm_it(run: Run, tmp_path: Path) -> None:
    option = ("--party", NEAR, "--subject", "by.belavia", "--answer", "different", "--reason", "r")
    given = run("adjudicate", "add", stated(tmp_path), *option)
    assert given.returncode == 0 and b"Nobody can confirm it" in given.stdout
    assert run("check", stated(tmp_path)).returncode == 10


def test_what_cannot_be_taken_is_said_with_the_option(run: Run, tmp_path: Path) -> None:
    option = ("--party", NEAR, "--subject", "nobody", "--answer", "different", "--reason", "r")
    for arguments in (("add", stated(tmp_path), *option), ("add", "--decision", "no-such", *option), ("add", *option)):
        refused = run("adjudicate", *arguments)
        assert refused.returncode == 2 and not refused.stdout and refused.stderr
    assert b"--subject" in run("adjudicate", "add", stated(tmp_path), *option).stderr
    assert run("adjudicate", "withdraw", "no-such", "--reason", "r").returncode == 2
