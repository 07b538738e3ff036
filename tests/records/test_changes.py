"""A change of the rules from proposal to law, on SQLite and PostgreSQL; what the database itself refuses."""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.exc import DBAPIError

from carveout.engine.analyse.reports import approve, make_report
from carveout.engine.law.documents import RuleError
from carveout.engine.records import schema
from carveout.engine.records.auditing import verify_store
from carveout.engine.records.canonical import read_back
from carveout.engine.records.changes import Changes, base_of
from carveout.engine.records.contents import Contents, checked
from carveout.engine.records.deleting import delete_expired
from carveout.engine.records.ids import new_id, now
from carveout.engine.records.people import People, Role
from carveout.engine.records.proposals import ChangeFault
from carveout.engine.records.store import Store

from . import changing
from .changing import BLOCKING, LICENCE, approved, begun, longer, other, sale, small

pytestmark = pytest.mark.meaning
Open = Callable[[], Store]


def states(changes: Changes) -> list[str]:
    """Of all changes, newest first."""
    return [change.state for change in changes.all()]


def test_a_change_from_proposal_to_law_and_back(store: Store) -> None:
    changes = begun(store)
    first = changes.all()[0]
    assert first.state == "active" and not changes.begin(small().rules).base

    change = changes.propose(longer(), "ann", title="Licence 1 is prolonged", reason="Notice of June")
    assert (change.state, states(changes)) == ("proposed", ["proposed", "active"])
    make_report(changes, change.proposal.id, "bob", small())
    assert approve(changes, change.proposal.id, "bob", small()).state == "approved"
    assert changes.coming()[0].proposal == first.proposal.id, "approved is not in force"
    changes.activate(change.proposal.id, "bob")
    assert states(changes) == ["active", "superseded"]
    version = changes.coming()[0].version
    assert changes.rules(version).fingerprint == longer().rules.fingerprint
    changes.activate(first.proposal.id, "bob")
    assert states(changes) == ["superseded", "active"]

    with store.database.reading() as connection:
        table = schema.audit
        kinds = connection.execute(select(table.c.kind).where(table.c.of == change.proposal.id).order_by(table.c.n))
        assert list(kinds.scalars()) == ["proposed", "reported", "approved", "activated"]
    verify_store(store)


def test_files_come_out_as_they_went_in(store: Store, tmp_path: Path) -> None:
    changes, made = begun(store), longer()
    id = changes.propose(made, "ann", title="Prolonged").proposal.id

    Contents.of_store(store, changes.get(id).proposal.content).write(tmp_path / "out")

    again = Contents.of_folder(tmp_path / "out")
    assert again.files == made.files and again.digest == made.digest
    assert again.files[LICENCE].startswith(b"# prolonged\n") and again.files[LICENCE].endswith(b"# the end\n")
    with pytest.raises(FileExistsError):
        made.write(tmp_path / "out")
    delete_expired(store, small().rules, datetime.now(UTC).date(), "x")
    assert Contents.of_store(store, changes.get(id).proposal.content).files == made.files


def test_who_proposed_may_not_approve_nor_who_is_nobody(store: Store) -> None:
    changes = begun(store)
    id = changes.propose(longer(), "ann", title="Prolonged").proposal.id
    report, _ = make_report(changes, id, "ann", small())

    for person, kind in (("ann", "own-proposal"), ("una", "not-allowed"), ("os:bob", "not-entered")):
        with pytest.raises(ChangeFault) as fault:
            changes.approve(id, person, report)
        assert fault.value.kind == kind
    with pytest.raises(ChangeFault, match="nobody has approved"):
        changes.activate(id, "bob")
    for person in ("una", "local", "system"):
        with pytest.raises(ChangeFault):
            changes.propose(longer(), person, title="x")
    People(store).disable("bob", "x")
    with pytest.raises(ChangeFault, match="needs the role"):
        changes.approve(id, "bob", report)
    assert states(changes) == ["proposed", "active"]


def test_no_approval_without_a_report_of_just_this(store: Store) -> None:
    changes = begun(store)
    one = changes.propose(longer(), "ann", title="one").proposal.id
    two = changes.propose(other({BLOCKING: (b"RED, xx.office.list/BLUE", b"RED")}), "ann", title="two").proposal.id

    with pytest.raises(ChangeFault) as fault:
        approve(changes, one, "bob", small())
    assert fault.value.kind == "no-report"
    report, _ = make_report(changes, two, "bob", small())
    with pytest.raises(ChangeFault, match="something else"):
        changes.approve(one, "bob", report)


def test_two_changes_on_one_base(store: Store) -> None:
    changes = begun(store)
    second = changes.propose(other({BLOCKING: (b"RED, xx.office.list/BLUE", b"RED")}), "eve", title="b").proposal.id
    make_report(changes, second, "bob", small())
    both_approved = approved(changes, other({LICENCE: None}), "c").proposal.id
    first = approved(changes, longer(), "a")
    changes.activate(first.proposal.id, "bob")

    with pytest.raises(ChangeFault) as fault:
        approve(changes, second, "bob", small())
    assert fault.value.kind == "base-moved"
    with pytest.raises(ChangeFault) as fault:
        make_report(changes, second, "bob", small())
    assert fault.value.kind == "base-moved"
    with pytest.raises(ChangeFault) as fault:
        changes.activate(both_approved, "bob")
    assert fault.value.kind == "base-moved"

    anew = changes.propose(other({BLOCKING: (b"RED, xx.office.list/BLUE", b"RED")}, longer()), "eve", title="b2")
    make_report(changes, anew.proposal.id, "bob", small())
    assert approve(changes, anew.proposal.id, "bob", small()).state == "approved"


def test_a_moment_that_lies_ahead(store: Store) -> None:
    changes = begun(store)
    change = approved(changes, longer())
    soon = (datetime.now(UTC) + timedelta(hours=3)).isoformat(timespec="seconds")

    for bad in ("2020-01-01T00:00:00Z", "tomorrow", "2030-01-01T00:00:00"):
        with pytest.raises(ChangeFault):
            changes.activate(change.proposal.id, "bob", bad)
    assert changes.activate(change.proposal.id, "bob", soon).state == "scheduled"
    assert [a.proposal for a in changes.coming()][1:] == [change.proposal.id]
    first = changes.all()[-1]
    with pytest.raises(ChangeFault, match=r"is to come|already"):
        changes.activate(first.proposal.id, "bob")
    assert changes.withdraw(change.proposal.id, "ann", "not yet").state == "withdrawn"
    assert len(changes.coming()) == 1
    with pytest.raises(ChangeFault, match="withdrawn"):
        changes.activate(change.proposal.id, "bob")


def test_what_is_in_force_is_not_withdrawn(store: Store) -> None:
    changes = begun(store)
    change = approved(changes, longer())
    changes.activate(change.proposal.id, "bob")

    with pytest.raises(ChangeFault, match="in force"):
        changes.withdraw(change.proposal.id, "ann")
    assert states(changes)[0] == "active"


def test_files_that_cannot_be_rules(store: Store) -> None:
    changes = begun(store)

    with pytest.raises(RuleError, match="unknown prohibition"):
        changes.propose(other({LICENCE: (b"[xx.office.blocking]", b"[xx.office.nothing]")}), "ann", title="x")
    for path in ("../etc/x.yaml", "/x.yaml", "xx/../../x.yaml", "a.txt", "A.yaml", "x" * 300 + ".yaml", "xx//y.yaml"):
        with pytest.raises(RuleError):
            checked({path: b"a: b"})
    with pytest.raises(RuleError, match="UTF-8"):
        changes.propose(other({LICENCE: b"\xff"}), "ann", title="x")
    with pytest.raises(ChangeFault, match="nothing differs"):
        changes.propose(changing.contents(), "ann", title="x")
    for title in ("", " ", "a\x1b[2J", "x" * 300):
        with pytest.raises(ChangeFault):
            changes.propose(longer(), "ann", title=title)
    assert states(changes) == ["active"]


# ---- an evening with one person on duty

DELTA = b"""
kind: organisation
names: [{name: Delta Shipping Line, kind: primary}]
citation: {instrument: register, source: invented, sure: primary}
"""
LISTED = b"""
title: Delta
authority: xx.office
citation: {instrument: Act 1, source: invented, sure: primary}
effective: {from: 2023-01-01}
checked: 2026-01-01
list: xx.office.list
programmes: [RED]
subject: zz.delta
"""
NEW: dict[str, Any] = {"subjects/zz/delta.subject.yaml": DELTA, "xx/office/delta.listing.yaml": LISTED}


def test_an_emergency_is_in_force_at_once_and_is_to_be_confirmed(store: Store) -> None:
    changes = begun(store)
    id = changes.propose(other(NEW), "ann", title="Delta is listed", emergency=True).proposal.id
    with pytest.raises(ChangeFault) as fault:
        changes.activate(id, "ann")
    assert fault.value.kind == "no-report"
    report, said = make_report(changes, id, "ann", small())
    assert not report.faults and said["only_stricter"] == {"by_structure": True, "why_not": [], "by_effect": True}

    change = changes.activate(id, "ann")

    assert change.state == "active" and change.approved is None and change.confirm_by is not None
    assert not change.overdue and not changes.overdue()
    with pytest.raises(ChangeFault, match="who proposed"):
        approve(changes, id, "ann", small())
    confirmed = approve(changes, id, "bob", small())
    assert confirmed.state == "active" and confirmed.confirm_by is None


def test_an_emergency_that_nobody_confirms_is_flagged(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    changes = begun(store)
    id = changes.propose(other(NEW), "ann", title="Delta is listed", emergency=True).proposal.id
    make_report(changes, id, "ann", small())
    changes.activate(id, "ann")
    monkeypatch.setattr("carveout.engine.records.changes.CONFIRM_WITHIN", timedelta(seconds=-1))

    assert [change.proposal.id for change in changes.overdue()] == [id]
    assert changes.get(id).data()["overdue"]


MILDER: dict[str, dict[str, Any]] = {
    "a licence goes on": {LICENCE: changing.LONGER},
    "a prohibition is gone": {BLOCKING: (b"RED, xx.office.list/BLUE", b"RED")},
    "a listing ends": {
        **NEW,
        "xx/office/delta.listing.yaml": LISTED.replace(b"2023-01-01}", b"2023-01-01, until: 2024-01-01}"),
    },
    "a name that another bears": {
        **NEW,
        "subjects/zz/delta.subject.yaml": DELTA.replace(b"Delta Shipping Line", b"Alpha Tractor Works"),
    },
    "somebody who is owned": {
        **NEW,
        "subjects/zz/delta.subject.yaml": DELTA + b"owners: [{subject: zz.beta, percent: 60}]\n",
    },
    "a programme of its own": {
        **NEW,
        "xx/office/grey.prohibition.yaml": b"""
title: Grey
authority: xx.office
citation: {instrument: Act 1, source: invented, sure: primary}
effective: {from: 2023-01-01}
checked: 2026-01-01
for_each: party
grounds: [person]
programmes: [xx.office.list/GREY]
when: {fact: act.activity, is: payment}
effect: prohibited
""",
    },
}


@pytest.mark.parametrize("name", MILDER)
def test_an_emergency_that_could_make_an_answer_milder(store: Store, name: str) -> None:
    changes = begun(store)
    id = changes.propose(other(MILDER[name]), "ann", title=name, emergency=True).proposal.id

    report, said = make_report(changes, id, "ann", small())

    assert report.faults and not said["only_stricter"]["by_structure"]
    with pytest.raises(ChangeFault) as fault:
        changes.activate(id, "ann")
    assert fault.value.kind == "not-stricter"
    assert states(changes) == ["proposed", "active"]


# ---- past the application, with its credentials


def refused(url: str, statement: str, match: str, **values: Any) -> None:
    """The database refuses a statement."""
    plain = make_url(url)
    if plain.drivername.startswith("postgresql"):
        plain = plain.set(drivername="postgresql+psycopg")
    engine = create_engine(plain)
    try:
        with pytest.raises(DBAPIError, match=match), engine.begin() as connection:
            connection.execute(text(statement), values)
    finally:
        engine.dispose()


def test_the_database_refuses_what_goes_past_two_pairs_of_eyes(store: Store, url: str) -> None:
    changes = begun(store)
    change = changes.propose(longer(), "ann", title="Prolonged")
    p = change.proposal
    report, _ = make_report(changes, p.id, "ann", small())
    insert = "INSERT INTO approvals (proposal, content, report, person, time) VALUES (:p, :c, :r, :who, :t)"
    values: dict[str, Any] = {"p": p.id, "c": p.content, "r": report.id, "who": "bob", "t": now()}

    refused(url, insert, "who proposed may not approve", **{**values, "who": "ann"})
    refused(url, insert, "role approver", **{**values, "who": "una"})
    refused(url, insert, "role approver", **{**values, "who": "mallory"})
    refused(url, insert, "not what was proposed", **{**values, "c": "0" * 64})
    refused(url, insert, "on a report", **{**values, "r": None})
    refused(url, insert, r"may not approve|not what|on a report", **{**values, "p": new_id()})
    for change_ in ("content = 'x'", "person = 'eve'", "emergency = 1", "base = NULL"):
        refused(url, f"UPDATE proposals SET {change_} WHERE id = :p", "only ever added to", p=p.id)
    activate = "INSERT INTO activations (id, proposal, version, at, person, time) VALUES (:i, :p, :v, :t, 'bob', :t)"
    refused(url, activate, "not approved", i=new_id(), p=p.id, v=p.version, t=now())

    approve(changes, p.id, "bob", small())
    refused(url, "DELETE FROM approvals", "only ever added to")
    refused(url, "UPDATE approvals SET person = 'eve'", "only ever added to")
    refused(url, activate, "not what was proposed", i=new_id(), p=p.id, v=changes.all()[-1].proposal.version, t=now())
    changes.activate(p.id, "bob")
    refused(url, "DELETE FROM activations", "only ever added to")
    refused(url, "UPDATE activations SET at = '2000'", "only ever added to")
    withdraw = "INSERT INTO withdrawals (proposal, reason, person, time) VALUES (:p, '', 'ann', '2000-01-01')"
    refused(url, withdraw, "in force", p=p.id)
    system = (
        "INSERT INTO proposals (id, kind, content, title, reason, emergency, person, time) "
        "VALUES (:i, 'rules', :c, 'x', '', 0, 'system', :t)"
    )
    refused(url, system, "role author", i=new_id(), c=p.content, t=now())
    refused(url, system.replace("'system'", "'una'"), "role author", i=new_id(), c=p.content, t=now())
    replace = system.replace("INSERT INTO", "INSERT OR REPLACE INTO").replace("'system'", "'eve'")
    if url.startswith("sqlite"):
        refused(url, replace, "written once", i=p.id, c=p.content, t=now())
    else:
        refused(url, "TRUNCATE approvals CASCADE", "only ever added to")
    assert states(changes) == ["active", "superseded"]


def test_what_was_withdrawn_is_neither_approved_nor_activated(store: Store, url: str) -> None:
    changes = begun(store)
    p = approved(changes, longer()).proposal
    changes.withdraw(p.id, "ann")
    activate = "INSERT INTO activations (id, proposal, version, at, person, time) VALUES (:i, :p, :v, :t, 'bob', :t)"

    refused(url, activate, "withdrawn", i=new_id(), p=p.id, v=p.version, t=now())
    refused(url, "DELETE FROM withdrawals", "only ever added to")


def test_two_persons_of_another_kind_of_proposal(store: Store, url: str) -> None:
    """The same rows hold lists, adjudications and alerts to two pairs of eyes: no report, the same persons."""
    proposals = begun(store).proposals
    People(store).add("mia", "Mia", [Role.ANALYST, Role.APPROVER], "system")
    with pytest.raises(ChangeFault, match="needs the role"):
        proposals.propose("list", "1" * 64, "ann", title="By an author", role=Role.ANALYST)
    listed = proposals.propose("list", "1" * 64, "mia", title="The new list is believed", role=Role.ANALYST)

    with pytest.raises(ChangeFault):
        proposals.approve(listed.id, "mia")
    insert = "INSERT INTO approvals (proposal, content, person, time) VALUES (:p, :c, 'mia', :t)"
    refused(url, insert, "who proposed may not approve", p=listed.id, c=listed.content, t=now())
    proposals.approve(listed.id, "eve")

    approval = proposals.approval(listed.id)
    assert approval is not None and approval.person == "eve"
    with pytest.raises(ChangeFault):
        begun(store).get(listed.id)


def test_a_role_of_postgresql_that_only_writes_rows_cannot_take_it_away(store: Store, url: str, tmp_path: Path) -> None:
    if not url.startswith("postgresql"):
        pytest.skip("SQLite has no roles: whoever can write to the file can do anything with it")
    changes = begun(store)
    p = changes.propose(longer(), "ann", title="Prolonged").proposal
    role = f"app{abs(hash(url)) % 10**9}"
    with store.database.engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD 'x'"))
        connection.execute(text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"))
    try:
        for statement in (
            "ALTER TABLE approvals DISABLE TRIGGER ALL",
            "DROP TRIGGER approvals_by_another ON approvals",
        ):
            with pytest.raises(DBAPIError, match="must be owner"), store.database.engine.begin() as connection:
                connection.execute(text(f"SET LOCAL ROLE {role}"))
                connection.execute(text(statement))
        insert = "INSERT INTO approvals (proposal, content, person, time) VALUES (:p, :c, 'ann', :t)"
        with pytest.raises(DBAPIError, match="who proposed may not"), store.database.engine.begin() as connection:
            connection.execute(text(f"SET LOCAL ROLE {role}"))
            connection.execute(text(insert), {"p": p.id, "c": p.content, "t": now()})
    finally:
        with store.database.engine.begin() as connection:
            connection.execute(text(f"DROP OWNED BY {role}"))
            connection.execute(text(f"DROP ROLE {role}"))


# ---- at the same time, and killed


def test_one_of_two_that_activate_at_once(open_store: Open) -> None:
    one = begun(open_store())
    ids = [approved(one, longer()).proposal.id, approved(one, other({LICENCE: None})).proposal.id]
    held, head = Changes(open_store()), one.head()
    assert head is not None

    one.activate(ids[0], "bob")
    with pytest.raises(ChangeFault):  # what it was made from is not the law any more
        held.activate(ids[1], "bob")
    assert sorted(states(one)) == ["active", "approved", "superseded"]


def test_killed_while_it_activates(url: str, tmp_path: Path) -> None:
    home, chance = tmp_path / "home", random.Random(7)
    store = Store.open(home, url)
    changes = begun(store)
    change = approved(changes, longer())
    changes.activate(change.proposal.id, "bob")
    program = Path(__file__).with_name("activating.py")
    for _ in range(6 + 14 * int(os.environ.get("CARVEOUT_SOAK", "0"))):
        child = subprocess.Popen([sys.executable, str(program), str(home), url], stdout=subprocess.PIPE)
        assert child.stdout is not None and child.stdout.readline()
        time.sleep(chance.uniform(0, 0.15))
        child.kill()
        child.stdout.close()
        child.wait()

        schedule = changes.schedule()
        counted = json.loads(_entries(store, "activated"))
        assert len(schedule) == counted, "an activation without its entry, or an entry without it"
        assert [state for state in states(changes) if state == "active"] == ["active"], "half active"
        verify_store(store)
        assert changes.rules(changes.coming()[0].version).fingerprint
    store.close()


def test_killed_while_it_decides_again(url: str, tmp_path: Path) -> None:
    home, chance = tmp_path / "home", random.Random(11)
    store = Store.open(home, url)
    changes = begun(store)
    engine = small()
    for number in range(40):
        stated = sale(number)
        store.keep(engine.rules, stated, engine.check(stated), person="sam").result()
    change = changes.propose(longer(), "ann", title="Prolonged")
    program, made = Path(__file__).with_name("reporting.py"), 0
    for _ in range(6 + 14 * int(os.environ.get("CARVEOUT_SOAK", "0"))):
        command = [sys.executable, str(program), str(home), url, change.proposal.id]
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert child.stdout is not None and child.stdout.readline()
        time.sleep(chance.uniform(0, 0.4))
        child.kill()
        child.stdout.close()
        child.wait()

        with store.database.reading() as connection:
            rows = connection.execute(select(schema.reports)).mappings().all()
        assert len(rows) == int(json.loads(_entries(store, "reported"))), "a report without its entry, or the other way"
        for row in rows[made:]:
            said = read_back(store.content(row["digest"]))
            assert (said["stored"]["asked"], said["stored"]["flips"], row["flips"]) == (40, 40, 40), "half a report"
        made = len(rows)
        verify_store(store)
    make_report(changes, change.proposal.id, "bob", engine)
    assert approve(changes, change.proposal.id, "bob", engine).state == "approved"
    store.close()


def _entries(store: Store, kind: str) -> str:
    with store.database.reading() as connection:
        rows = connection.execute(select(schema.audit.c.n).where(schema.audit.c.kind == kind)).all()
    return str(len(rows))


def test_the_first_version_is_entered_once(open_store: Open, tmp_path: Path) -> None:
    stores = [open_store(), open_store()]
    changing.contents().write(tmp_path / "rules")

    found = {base_of(Changes(store), tmp_path / "rules").id for store in stores}

    assert len(found) == 1 and len(Changes(stores[0]).schedule()) == 1
    assert {role.value for role in Role} >= {"author", "approver"}
