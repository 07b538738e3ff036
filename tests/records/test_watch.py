"""The portfolio is asked again when something changes; what became another is an alert, neither lost nor doubled."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from carveout.engine import Engine
from carveout.engine.analyse.watch import Overtaken, Watch
from carveout.engine.law.clocks import parse_moment
from carveout.engine.records import schema
from carveout.engine.records.alerts import CLOSED, CLOSING, IN_HAND, OPEN, Alert, Alerts
from carveout.engine.records.auditing import verify_store
from carveout.engine.records.changes import Changes
from carveout.engine.records.people import People, Role
from carveout.engine.records.portfolios import PARTY, TRANSACTION, PortfolioRefused, Portfolios
from carveout.engine.records.proposals import ChangeFault
from carveout.engine.records.store import Store

from . import watching
from .changing import approved, begun, contents, longer, other, small

Open = Callable[[], Store]
DAY = parse_moment("2025-03-01T12:00:00Z", None)
ROUNDS = 6 + 19 * int(os.environ.get("CARVEOUT_SOAK", "0"))


def sale(number: int, **more: Any) -> dict[str, Any]:
    """A service for Alpha that is still open: it says no moment."""
    from .changing import sale as made

    stated = made(number, **more)
    del stated["at"]
    return stated


def keep(watch: Watch, engine: Engine, stated: Any, moment: int = DAY, kind: str = TRANSACTION) -> Any:
    """Keep one entry for sam."""
    asking = watch.asking(engine, moment)
    answer, before = watch.first(asking, stated, "sam"), watch.portfolios.open_of(stated["reference"])
    future = watch.portfolios.add(stated["reference"], kind, stated, "sam", "sam", answer, asking.guard, before)
    return None if future is None else future.result()


def watched(store: Store) -> tuple[Watch, Changes]:
    """A watch that follows the law in force, and the changes."""
    changes = begun(store)
    people = People(store)
    if "sam" not in {person.id for person in people.all()}:
        people.add("sam", "Sam", [Role.ANALYST], "system")
        people.add("kim", "Kim", [Role.ANALYST, Role.APPROVER], "system")
    return Watch(store, lambda: watching.engine_in_force(store)), changes


def alerts_of(store: Store) -> list[Alert]:
    """All of them, newest first."""
    return list(Alerts(store).page(limit=10_000))


def test_a_change_of_the_law_is_an_alert(open_store: Open) -> None:
    store = open_store()
    watch, changes = watched(store)
    assert watch.look(DAY) is None, "nothing is kept"
    for number in range(3):
        keep(watch, small(), sale(number))
    assert keep(watch, small(), sale(1)) is None, "it is kept already"
    keep(watch, small(), {"reference": "other", **{k: v for k, v in sale(9).items() if k != "reference"}})
    first = watch.look(DAY)
    assert first is not None and (first.entries, first.changed) == (4, 0)
    assert watch.look(DAY) is None, "nothing changed since"

    made = approved(changes, longer(), "Prolonged")
    assert watch.look(DAY) is None, "approved is not in force"
    changes.activate(made.proposal.id, "bob")
    found = watch.look(DAY)

    assert found is not None and (found.entries, found.changed) == (4, 4)
    assert watch.look(DAY) is None
    alerts = alerts_of(store)
    assert [alert.state for alert in alerts] == [OPEN] * 4 and {alert.owner for alert in alerts} == {"sam"}
    assert {alert.direction for alert in alerts} == {"laxer"}
    assert alerts[0].changed["outcome"] == {"before": "stop", "after": "proceed"}
    assert alerts[0].causes[0]["what"] == "rules" and alerts[0].causes[0]["title"] == "Prolonged"
    for alert in alerts:
        assert alert.before is not None and alert.after is not None
        kept = store.kept(alert.after)
        assert kept is not None and kept.envelope.rules == made.proposal.version
        assert kept.envelope.person == "system" and kept.envelope.reference == alert.reference

    changes.activate(changes.all()[-1].proposal.id, "bob")  # back again
    back = watch.look(DAY)
    assert back is not None and back.changed == 4
    assert {alert.direction for alert in alerts_of(store)[:4]} == {"stricter"}
    verify_store(store)


def test_a_licence_that_ends_is_an_alert_at_its_moment(open_store: Open) -> None:
    store = open_store()
    watch, _ = watched(store)
    before, after = (parse_moment(text, None) for text in ("2024-06-30T12:00:00Z", "2024-07-02T12:00:00Z"))
    keep(watch, small(), sale(1), before)
    dated = {**sale(2), "at": "2024-06-30T12:00:00Z"}
    keep(watch, small(), dated, before)
    assert watch.look(before) is not None

    found = watch.look(after)

    assert found is not None and found.changed == 1, "what states its moment is not asked as of another"
    (alert,) = alerts_of(store)
    assert alert.reference == "r1" and alert.direction == "stricter"
    assert [(one["what"], one["of"]) for one in alert.causes] == [("ends", "xx.office.licence-1")]


def test_an_entry_that_is_closed_or_replaced_is_asked_no_more(open_store: Open) -> None:
    store = open_store()
    watch, changes = watched(store)
    for number in range(3):
        keep(watch, small(), sale(number))
    portfolios = Portfolios(store)
    gone = portfolios.open_of("r0")
    assert gone is not None
    portfolios.close(gone.id, "sam", "delivered")
    with pytest.raises(PortfolioRefused, match="closed already"):
        portfolios.close(gone.id, "sam")
    with pytest.raises(PortfolioRefused, match="no entry"):
        portfolios.close("x", "sam")
    keep(watch, small(), {**sale(1), "at": "2024-06-01T12:00:00Z"})
    assert portfolios.count() == 2
    keep(watch, small(), sale(0))
    assert portfolios.count() == 3, "what was closed may be kept again"

    changes.activate(approved(changes, longer()).proposal.id, "bob")

    found = watch.look(DAY)
    assert found is not None and found.changed == 2
    assert sorted(alert.reference for alert in alerts_of(store)) == ["r0", "r2"]


def test_what_can_be_decided_no_longer_is_an_alert(open_store: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store()
    watch, changes = watched(store)
    for number in range(2):
        keep(watch, small(), sale(number))
    watch.look(DAY)
    changes.activate(approved(changes, longer()).proposal.id, "bob")
    check = Engine.check

    def broken(engine: Engine, stated: Any, **more: Any) -> Any:
        if stated["reference"] == "r1":
            raise RuntimeError("a fault")
        return check(engine, stated, **more)

    monkeypatch.setattr(Engine, "check", broken)
    found = watch.look(DAY)
    assert found is not None and found.changed == 2, "one fault keeps no other from being decided"
    alert = next(alert for alert in alerts_of(store) if alert.reference == "r1")
    assert alert.direction == "undecided" and alert.after is None and "a fault" in alert.changed["fault"]
    monkeypatch.undo()
    changes.activate(changes.all()[-1].proposal.id, "bob")
    watch.look(DAY)
    assert next(alert for alert in alerts_of(store) if alert.reference == "r1").changed["outcome"]["after"] == "stop"


def test_a_party_that_is_listed_is_an_alert(open_store: Open) -> None:
    store = open_store()
    watch, changes = watched(store)
    keep(watch, small(), {"reference": "p1", "name": "Delta Wagon Works"}, kind=PARTY)
    keep(watch, small(), {"reference": "p2", "name": "Alpha Tractor Works"}, kind=PARTY)
    told = {held.reference: last.told for page in watch.portfolios.pages() for held, last in page}
    assert told["p1"]["outcome"] == "clear" and told["p2"]["outcome"] == "listed"
    assert watch.look(DAY) is not None
    listing = next(path for path in contents().files if path.endswith(".listing.yaml"))
    subject = "subjects/zz/alpha.subject.yaml"
    made = other({
        listing.replace("alpha", "delta"): contents().files[listing].replace(b"zz.alpha", b"zz.delta"),
        subject.replace("alpha", "delta"): contents().files[subject].replace(b"Alpha Tractor", b"Delta Wagon"),
    })  # fmt: skip

    changes.activate(approved(changes, made).proposal.id, "bob")
    found = watch.look(DAY)

    assert found is not None and found.changed == 1
    (alert,) = alerts_of(store)
    assert alert.reference == "p1" and alert.direction == "stricter" and alert.before is None
    assert alert.changed["outcome"] == {"before": "clear", "after": "listed"}


def test_an_alert_is_closed_by_two_persons(open_store: Open) -> None:
    store = open_store()
    watch, changes = watched(store)
    keep(watch, small(), sale(1))
    watch.look(DAY)
    changes.activate(approved(changes, longer()).proposal.id, "bob")
    watch.look(DAY)
    alerts = Alerts(store)
    (alert,) = alerts.page(state=OPEN, owner="sam")

    assert alerts.take(alert.id, "kim").owner == "kim"
    assert alerts.take(alert.id, "kim", "sam", "yours").state == IN_HAND
    for call, message in (
        (lambda: alerts.confirm(alert.id, "bob"), "nobody has said"),
        (lambda: alerts.close(alert.id, "sam", "  "), "what was done"),
        (lambda: alerts.close(alert.id, "bob", "x"), "needs the role analyst"),
        (lambda: alerts.close(alert.id, "nobody", "x"), "no person"),
        (lambda: alerts.take(alert.id, "kim", "nobody"), "no person"),
    ):
        with pytest.raises(ChangeFault, match=message):
            call()  # type: ignore[no-untyped-call]
    assert alerts.close(alert.id, "kim", "The customer was told.").state == CLOSING
    for call, message in (
        (lambda: alerts.confirm(alert.id, "kim"), "may not approve"),
        (lambda: alerts.confirm(alert.id, "sam"), "needs the role approver"),
        (lambda: alerts.close(alert.id, "sam", "x"), "waits for a second"),
    ):
        with pytest.raises(ChangeFault, match=message):
            call()
    assert alerts.decline(alert.id, "bob", "Which customer?").state == IN_HAND
    assert alerts.close(alert.id, "kim", "Customer 7 was told.").closing is not None
    done = alerts.confirm(alert.id, "bob")
    assert done.state == CLOSED and done.closing is not None and done.closing.confirmed_by == "bob"
    with pytest.raises(ChangeFault, match="closed"):
        alerts.take(alert.id, "sam")
    assert not alerts.page(state=OPEN) and alerts.page(state=CLOSED)[0].data()["state"] == CLOSED
    verify_store(store)


def test_nobody_closes_an_alert_alone_with_the_credentials_of_the_application(open_store: Open) -> None:
    store = open_store()
    watch, changes = watched(store)
    keep(watch, small(), sale(1))
    watch.look(DAY)
    changes.activate(approved(changes, longer()).proposal.id, "bob")
    watch.look(DAY)
    alerts = Alerts(store)
    (alert,) = alerts.page()
    closing = alerts.close(alert.id, "kim", "Done.").closing
    assert closing is not None
    with store.database.reading() as connection:
        content = connection.execute(
            select(schema.proposals.c.content).where(schema.proposals.c.id == closing.id)
        ).scalar_one()
    values = f"'{closing.id}', '{content}', '{{}}', '2025-01-01T00:00:00.000+00:00'"
    approve = "INSERT INTO approvals (proposal, content, person, time) VALUES (" + values + ")"
    for person in ("kim", "sam", "nobody"):
        refused(store, approve.format(person))
    for table in ("alerts", "alert_events", "portfolio", "portfolio_answers", "rounds"):
        refused(store, f"DELETE FROM {table}")
    refused(store, "UPDATE alert_events SET reason = 'x'")
    refused(store, "UPDATE alerts SET owner = 'nobody'")
    assert alerts.get(alert.id).state == CLOSING
    # an event that says it was proposed by somebody else, with an approval of what that one said
    alerts.decline(alert.id, "bob")
    again = alerts.close(alert.id, "kim", "Done.").closing
    assert again is not None
    with store.database.writing() as connection:
        connection.execute(schema.alert_events.insert().values(
            id="00000000-0000-7000-8000-000000000000", time="2025-01-01", person="kim", alert=alert.id,
            event="closing", owner=None, reason="Other."))  # fmt: skip
    assert alerts.get(alert.id).state == CLOSING


def refused(store: Store, statement: str) -> None:
    with pytest.raises(DBAPIError), store.database.writing() as connection:
        connection.execute(text(statement))


def test_nothing_is_decided_under_a_rule_set_that_is_not_in_force(open_store: Open) -> None:
    store = open_store()
    watch, changes = watched(store)
    keep(watch, small(), sale(1))
    watch.look(DAY)
    late = Watch(store, small)
    changes.activate(approved(changes, longer()).proposal.id, "bob")
    with pytest.raises(Overtaken):
        late.look(DAY)
    with pytest.raises(Overtaken):
        keep(late, small(), sale(2))
    assert not alerts_of(store)
    found = watch.look(DAY)
    assert found is not None and found.changed == 1


def test_a_rule_set_that_comes_into_force_during_a_round_ends_it(
    open_store: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store()
    watch, changes = watched(store)
    for number in range(3):
        keep(watch, small(), sale(number))
    watch.look(DAY)
    made = approved(changes, longer())
    changes.activate(made.proposal.id, "bob")
    back, asked = changes.all()[-1].proposal.id, watch._answer

    def answer(*arguments: Any) -> Any:
        changes.activate(back, "bob") if changes.get(back).state != "active" else None
        return asked(*arguments)

    monkeypatch.setattr(watch, "_answer", answer)
    with pytest.raises(Overtaken):
        watch.look(DAY)
    assert not alerts_of(store), "none under a rule set that was no longer in force"
    monkeypatch.undo()
    found = watch.look(DAY)
    assert found is not None and found.changed == 0


def test_of_several_that_watch_each_alert_is_raised_once(open_store: Open) -> None:
    stores = [open_store() for _ in range(3)]
    watch, changes = watched(stores[0])
    for number in range(40):
        keep(watch, small(), sale(number))
    watch.look(DAY)
    watch.turn.leave()
    changes.activate(approved(changes, longer()).proposal.id, "bob")
    watches = [Watch(store, partial(watching.engine_in_force, store)) for store in stores]

    def look(one: Watch) -> None:
        for _ in range(10):
            try:
                one.look(DAY)
            except Overtaken:
                continue

    threads = [threading.Thread(target=look, args=(one,)) for one in watches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alerts = alerts_of(stores[0])
    assert sorted(alert.reference for alert in alerts) == sorted(f"r{number}" for number in range(40))
    verify_store(stores[0])


def test_killed_while_it_watches(url: str, tmp_path: Path) -> None:
    home, chance = tmp_path / "home", random.Random(ROUNDS)
    store = Store.open(home, url)
    watch, changes = watched(store)
    for number in range(120):
        keep(watch, small(), sale(number))
    watch.look(DAY)
    watch.turn.leave()
    made = approved(changes, longer())
    back = changes.all()[-1].proposal.id
    for round_ in range(ROUNDS):
        changes.activate(back if round_ % 2 else made.proposal.id, "bob")
        child = subprocess.Popen(
            [sys.executable, str(Path(watching.__file__)), str(home), url, str(DAY)], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        assert child.stdout.readline(), f"round {round_}: it does not start again"
        time.sleep(chance.uniform(0, 0.5))
        child.kill()
        child.stdout.close()
        child.wait()
        watch.turn.holder = _holder(store)  # that one is gone; its turn would end by itself after a while
        watch.look(DAY)
        watch.turn.leave()
        alerts = alerts_of(store)
        assert len(alerts) == 120 * (round_ + 1), "each answer that became another, once"
        assert {alert.direction for alert in alerts[:120]} == {"stricter" if round_ % 2 else "laxer"}
    versions: dict[int, set[str]] = {}
    for alert in alerts_of(store):
        kept = store.kept(alert.after or "")
        assert kept is not None
        versions.setdefault(alert.seq, set()).add(kept.envelope.rules)
    assert all(len(found) == 1 for found in versions.values()), "nothing is decided under two versions"
    verify_store(store)
    store.close()


def _holder(store: Store) -> str:
    with store.database.reading() as connection:
        query = select(schema.turns.c.holder).where(schema.turns.c.what == "watch")
        return str(connection.execute(query).scalar_one())


def test_a_round_is_entered_once(open_store: Open) -> None:
    store = open_store()
    watch, _ = watched(store)
    keep(watch, small(), sale(1))
    for _ in range(3):
        watch.look(DAY)
    with store.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(schema.rounds)).scalar_one() == 1


def test_what_is_kept_during_a_round_with_something_older_is_asked_once_more(open_store: Open) -> None:
    store = open_store()
    watch, _ = watched(store)
    keep(watch, small(), sale(1))
    assert watch.look(DAY) is not None
    keep(watch, small(), sale(2), DAY - 86_400)
    found = watch.look(DAY)
    assert found is not None and found.entries == 2
    assert watch.look(DAY) is None
