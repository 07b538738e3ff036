"""`carveout lists`: what is said, on which stream, with which exit status."""

import json
import os
import pwd
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from carveout.engine.parties.snapshots.publications import read_publications
from carveout.engine.parties.snapshots.store import Snapshots
from carveout.engine.parties.snapshots.taking import Offer
from carveout.engine.records.list_offers import ListOffer, ListOffers
from carveout.engine.records.people import People, Role
from carveout.engine.records.store import Store

Run = Callable[..., subprocess.CompletedProcess[bytes]]
OWN = "publications:\n  us.ofac.sdn: {at_least: {}, stale_after: 900 days}\n"


def sdn_csv(*names: str) -> bytes:
    """SDN.CSV with entries of these names, numbered from 1."""
    rows = [f'{number},"{name}",-0- ,"RED"' + ",-0- " * 8 + "\r\n" for number, name in enumerate(names, 1)]
    return "".join(rows).encode() + b"\x1a"


@pytest.fixture
def lists(run: Run, tmp_path: Path) -> Run:
    """`carveout lists`, with a list of two days taken: the second names Belavia and a name that steers terminals."""
    folder = tmp_path / "home" / "lists"
    folder.mkdir(parents=True)
    (folder / "publications.yaml").write_text(OWN)
    firms = [f"Firm {n}" for n in range(20)]
    (tmp_path / "one.csv").write_bytes(sdn_csv(*firms))
    (tmp_path / "two.csv").write_bytes(sdn_csv(*firms, "BELAVIA BELARUSIAN AIRLINES", "\x1b]0;owned\x07 LTD"))

    def lists_of(*arguments: object, **variables: str) -> subprocess.CompletedProcess[bytes]:
        return run("lists", *arguments, **variables)

    for name, day in (("one.csv", "2024-05-07"), ("two.csv", "2024-05-08")):
        done = lists_of("import", tmp_path / name, "--published", day, "--source", "by hand")
        assert done.returncode == 0, done.stderr
    assert b"2 added, 0 removed" in done.stdout and b"strong aliases are missing" in done.stdout
    return lists_of


def test_import_says_what_to_do(lists: Run, tmp_path: Path) -> None:
    again = lists("import", tmp_path / "two.csv", "--published", "2024-05-08")
    assert again.returncode == 0 and b"held already" in again.stdout
    undated = lists("import", tmp_path / "two.csv")
    assert (undated.returncode, undated.stdout) == (2, b"") and b"give the day" in undated.stderr
    (tmp_path / "page.html").write_text("<html></html>")
    assert lists("import", tmp_path / "page.html").returncode == 2
    assert lists("import", tmp_path / "none.csv").returncode == 2
    assert lists("import", tmp_path / "two.csv", "--published", "May").returncode == 2
    (tmp_path / "cut.csv").write_bytes(sdn_csv("Firm 0", "Firm 1"))
    cut = (tmp_path / "cut.csv", "--published", "2024-05-09")
    doubted = lists("import", *cut)
    assert (doubted.returncode, doubted.stdout) == (10, b"")
    assert b"has 2 entries, and had 22" in doubted.stderr and b"--confirm REASON" in doubted.stderr
    taken = lists("import", *cut, "--confirm", "the others were delisted")
    assert taken.returncode == 0 and b"confirmed: the others were delisted" in taken.stdout


def test_show_a_day_and_as_it_was_known(lists: Run) -> None:
    def said(*options: str) -> bytes:
        done = lists("show", "belavia belarusian airlines", *options)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert b"from 2024-05-08 listed" in said()
    assert b"on 2024-05-07: not listed" in said("--on", "2024-05-07")
    assert b"on 2024-05-08: listed" in said("--on", "2024-05-08")
    assert b"published by 2024-05-07: not listed" in said("--on", "2024-05-08", "--known", "2024-05-07")
    assert b"no snapshot speaks" in said("--on", "2020-01-01")
    [answer] = json.loads(said("--on", "2024-05-08", "--json"))
    assert (answer["listed"], answer["uid"], answer["known_by"]) == ("yes", "21", "published")
    unknown = lists("show", "Nobody At All")
    assert (unknown.returncode, unknown.stdout) == (2, b"") and b"does not clear anybody" in unknown.stderr


def test_compare(lists: Run) -> None:
    done = lists("compare", "us.ofac.sdn@2024-05-07", "us.ofac.sdn@2024-05-08")
    assert done.returncode == 0 and b"2 added" in done.stdout and b"21  BELAVIA" in done.stdout
    data = json.loads(lists("compare", "us.ofac.sdn@2024-05-08", "us.ofac.sdn@2024-05-07", "--json").stdout)
    assert data["counts"] == {"added": 0, "removed": 2, "renamed": 0, "changed": 0}
    key = data["before"]["key"]
    assert lists("compare", key[:8], key).returncode == 0
    assert lists("compare", "us.ofac.sdn@1999-01-01", key).returncode == 2


def test_names_cannot_steer_the_terminal(lists: Run) -> None:
    for done in (
        lists("show", "22"),
        lists("compare", "us.ofac.sdn@2024-05-07", "us.ofac.sdn@2024-05-08"),
        lists("show", "22", "--json"),
    ):
        assert done.returncode == 0 and b"\x1b" not in done.stdout and b"\x07" not in done.stdout
        assert b"owned" in done.stdout


def test_status_says_what_is_stale(lists: Run, tmp_path: Path) -> None:
    stale = lists("status")
    assert stale.returncode == 10 and b"stale" in stale.stdout and b"not held" in stale.stdout
    own = tmp_path / "home" / "lists" / "publications.yaml"
    own.write_text(OWN.replace("900", "99999"))
    fresh = lists("status", "--json")
    assert fresh.returncode == 0
    [held] = [x for x in json.loads(fresh.stdout) if x["newest"]]
    assert (held["state"], held["snapshots"], held["newest"]["source"]) == ("current", 2, "by hand")
    own.write_text("publications: 1")
    broken = lists("status")
    assert broken.returncode == 1 and b"publications.yaml" in broken.stderr


def test_nothing_held_is_not_well(run: Run) -> None:
    assert run("lists", "status").returncode == 10


def test_fetch_says_what_failed(lists: Run, tmp_path: Path) -> None:
    own = tmp_path / "home" / "lists" / "publications.yaml"
    own.write_text("publications:\n  us.ofac.sdn: {addresses: ['ftp://example.org/x']}\n  zz.new: {title: New}\n")
    refused = lists("fetch", "us.ofac.sdn")
    assert refused.returncode == 3 and b"only https is asked" in refused.stdout
    assert lists("fetch", "zz.new").returncode == 3
    unknown = lists("fetch", "us.ofac.snd")
    assert unknown.returncode == 2 and b"us.ofac.sdn" in unknown.stderr


def test_the_audit_chain_tells_of_what_was_taken(lists: Run, run: Run, tmp_path: Path) -> None:
    (tmp_path / "owners.csv").write_text("company,company_country,owner,percent\nHolding One,DE,Belavia,60\n")
    assert run("owners", "import", tmp_path / "owners.csv", "--published", "2024-01-01").returncode == 0
    chain = tmp_path / "audit.jsonl"
    assert run("audit", "export", "-o", chain).returncode == 0
    entries = [json.loads(line) for line in chain.read_text("utf-8").splitlines()]
    told = [(entry["kind"], entry["data"]["published"]) for entry in entries if entry.get("kind") in ("list", "owners")]
    assert told == [("list", "2024-05-07"), ("list", "2024-05-08"), ("owners", "2024-01-01")]
    assert b"Holding" not in chain.read_bytes(), "digests and ids, not names"


def test_a_list_that_is_not_believed_waits_once_people_are_entered(lists: Run, tmp_path: Path) -> None:
    me = pwd.getpwuid(os.geteuid()).pw_name
    (tmp_path / "cut.csv").write_bytes(sdn_csv("Firm 0", "Firm 1"))
    cut = ("import", tmp_path / "cut.csv", "--published", "2024-05-09", "--confirm", "they were delisted")
    with closing(Store.open(tmp_path / "home")) as store:
        People(store).add("bob", "Bob", [Role.APPROVER], "system")
    stranger = lists(*cut)
    assert stranger.returncode == 1 and b"no person of this store" in stranger.stderr
    with closing(Store.open(tmp_path / "home")) as store:
        People(store).add(me, "Me", [Role.ANALYST, Role.APPROVER], "system")
    doubted = lists(*cut)
    assert doubted.returncode == 10 and b"another person confirms it" in doubted.stderr
    (offer,) = json.loads(lists("offers", "--json").stdout)
    own = lists("confirm", offer["id"])
    assert own.returncode == 1 and b"who offered it may not confirm" in own.stderr
    assert b"declined" in lists("decline", offer["id"], "--reason", "not so").stdout

    with closing(Store.open(tmp_path / "home")) as store:
        People(store).add("una", "Una", [Role.ANALYST], "system")
        folder = tmp_path / "home" / "lists"
        offers = ListOffers(store, Snapshots(folder), read_publications(folder))
        other = offers.receive(Offer([tmp_path / "cut.csv"], published=date(2024, 5, 9)), "una")
        assert isinstance(other, ListOffer)
    taken = lists("confirm", other.proposal.id)
    assert taken.returncode == 0 and b"of una, confirmed by" in taken.stdout, taken.stderr
    assert b"taken" in lists("offers").stdout
