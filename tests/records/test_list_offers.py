"""A list that is not believed comes in force when a second person confirms it, and the database holds that too."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from carveout.engine.parties.snapshots.model import SnapshotsError
from carveout.engine.parties.snapshots.plausibility import Implausible
from carveout.engine.parties.snapshots.publications import Publications
from carveout.engine.parties.snapshots.store import Snapshots
from carveout.engine.parties.snapshots.taking import Offer, Taken
from carveout.engine.records.auditing import lines_of, verify_store
from carveout.engine.records.ids import now
from carveout.engine.records.list_offers import ListOffer, ListOffers
from carveout.engine.records.people import People, Role
from carveout.engine.records.proposals import ChangeFault
from carveout.engine.records.store import Store

from ..parties.snapshots.samples import sdn_xml, several

Make = Callable[[int, int], Offer]
WHY = "OFAC's page says that they were delisted"


def house(store: Store) -> None:
    """Mila and jan offer and confirm, una offers, bob confirms."""
    for id, roles in {
        "mila": [Role.ANALYST, Role.APPROVER], "jan": [Role.ANALYST, Role.APPROVER], "una": [Role.ANALYST],
        "bob": [Role.APPROVER],
    }.items():  # fmt: skip
        People(store).add(id, id, roles, "system")


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """An SDN.XML of a day of May 2024 with so many entries, as an offer."""

    def made(day: int, count: int, **more: Any) -> Offer:
        path = tmp_path / f"{day}-{count}.xml"
        path.write_text(sdn_xml(date(2024, 5, day), several(count)))
        return Offer([path], "by hand", **more)

    return made


@pytest.fixture
def offers(store: Store, make: Make, tmp_path: Path) -> ListOffers:
    """A house that holds 40 entries of the first of May."""
    found = ListOffers(store, Snapshots(tmp_path / "lists"), Publications({}))
    assert isinstance(found.receive(make(1, 40), "system"), Taken)
    house(store)
    return found


def waiting(offers: ListOffers, offer: Offer, person: str = "mila") -> ListOffer:
    found = offers.receive(offer, person)
    assert isinstance(found, ListOffer) and found.state == "waiting"
    return found


def in_force(offers: ListOffers) -> int:
    """How many entries the newest snapshot has."""
    with offers._snapshots.reading() as view:
        return view.snapshots()[-1].entries


def test_half_of_a_list_waits_for_a_second_person_whatever_the_reason(offers: ListOffers, make: Any) -> None:
    found = waiting(offers, make(2, 20, confirmed=WHY))
    assert in_force(offers) == 40 and any("20 entries, 20 fewer" in doubt for doubt in found.about["doubts"])
    for person, kind in (("mila", "own-proposal"), ("una", "not-allowed"), ("os:mila", "not-entered")):
        with pytest.raises(ChangeFault) as refused:
            offers.confirm(found.proposal.id, person)
        assert refused.value.kind == kind
    assert in_force(offers) == 40
    confirmed, taken = offers.confirm(found.proposal.id, "bob")
    assert (confirmed.state, confirmed.snapshot, in_force(offers)) == ("taken", taken.snapshot.key, 20)
    assert WHY in taken.snapshot.confirmed and "mila" in taken.snapshot.confirmed and "bob" in taken.snapshot.confirmed
    assert confirmed.data()["confirmed"]["person"] == "bob"
    with pytest.raises(ChangeFault, match="confirmed and taken already"):
        offers.confirm(found.proposal.id, "jan")
    with pytest.raises(ChangeFault):
        offers.decline(found.proposal.id, "bob")


def test_every_step_is_an_entry_of_the_chain(offers: ListOffers, store: Store, make: Any) -> None:
    found = waiting(offers, make(2, 20))
    offers.decline(found.proposal.id, "bob", "the authority shows 40")
    offers.confirm(waiting(offers, make(3, 20)).proposal.id, "bob")
    lines = b"".join(lines_of(store))
    assert [lines.count(f'"kind":"{kind}"'.encode()) for kind in ("proposed", "withdrawn", "approved")] == [2, 1, 1]
    verify_store(store)


def test_what_is_declined_stays_out_and_can_be_offered_again(offers: ListOffers, make: Any) -> None:
    first = waiting(offers, make(2, 20))
    assert waiting(offers, make(2, 20), "jan").proposal.id == first.proposal.id, "one offer of the same"
    assert offers.decline(first.proposal.id, "mila").state == "declined"
    with pytest.raises(ChangeFault, match="declined"):
        offers.confirm(first.proposal.id, "bob")
    again = waiting(offers, make(2, 20), "jan")
    assert again.proposal.id != first.proposal.id and [one.state for one in offers.all()] == ["waiting", "declined"]


def test_who_may_not_offer_keeps_nothing(offers: ListOffers, make: Any) -> None:
    for person in ("bob", "local", "os:mila"):
        with pytest.raises(ChangeFault):
            offers.receive(make(2, 20, confirmed=WHY), person)
    assert not offers.all() and in_force(offers) == 40


def test_what_is_believed_is_taken_at_once(offers: ListOffers, make: Any) -> None:
    assert isinstance(offers.receive(make(2, 41), "mila"), Taken) and in_force(offers) == 41


def test_where_nobody_is_entered_a_reason_is_enough(store: Store, make: Any, tmp_path: Path) -> None:
    alone = ListOffers(store, Snapshots(tmp_path / "lists"), Publications({}))
    alone.receive(make(1, 40), "local")
    with pytest.raises(Implausible):
        alone.receive(make(2, 20), "local")
    assert isinstance(alone.receive(make(2, 20, confirmed=WHY), "local"), Taken) and not alone.all()


def test_what_is_confirmed_is_what_was_doubted(offers: ListOffers, make: Any) -> None:
    found = waiting(offers, make(5, 20))
    offers.receive(make(4, 80), "mila")  # meanwhile: it would lose 60, and not 20
    with pytest.raises(ChangeFault, match="more speaks against it now"):
        offers.confirm(found.proposal.id, "bob")
    assert offers.get(found.proposal.id).state == "waiting" and in_force(offers) != 20


def test_an_interrupted_confirmation_is_finished(offers: ListOffers, make: Any) -> None:
    found = waiting(offers, make(2, 20))
    offers.proposals.approve(found.proposal.id, "bob")  # and then the process died
    assert offers.get(found.proposal.id).state == "confirmed" and in_force(offers) == 40
    with pytest.raises(ChangeFault):
        offers.confirm(found.proposal.id, "mila")
    assert offers.confirm(found.proposal.id, "jan")[0].state == "taken" and in_force(offers) == 20


def test_other_bytes_than_were_offered_are_not_taken(offers: ListOffers, make: Any, tmp_path: Path) -> None:
    found = waiting(offers, make(2, 20))
    (file,) = (tmp_path / "lists" / "originals").glob(found.about["files"][0]["sha256"] + "*")
    file.write_bytes(gzip.compress(sdn_xml(date(2024, 5, 2), several(3)).encode()))
    with pytest.raises(SnapshotsError, match="not what was offered"):
        offers.confirm(found.proposal.id, "bob")
    assert offers.get(found.proposal.id).state == "waiting" and in_force(offers) == 40


def test_the_database_holds_it_to_two_persons(offers: ListOffers, store: Store, make: Any) -> None:
    found = waiting(offers, make(2, 20))
    id = found.proposal.id
    approve = "INSERT INTO approvals (proposal, content, person, time) VALUES (:p, :c, :who, :t)"
    values = {"p": id, "c": found.proposal.content, "who": "bob", "t": now()}

    def refused(statement: str, words: str, **given: Any) -> None:
        with pytest.raises(DBAPIError, match=words), store.database.engine.begin() as connection:
            connection.execute(text(statement), given)

    refused(approve, "who proposed may not approve", **{**values, "who": "mila"})
    refused(approve, "role approver", **{**values, "who": "una"})
    refused(approve, "not what was proposed", **{**values, "c": "0" * 64})
    refused("UPDATE proposals SET person = 'bob' WHERE id = :p", "only ever added to", p=id)
    propose = (
        "INSERT INTO proposals (id, kind, content, title, reason, emergency, person, time)"
        " VALUES (:p, 'list', :c, 't', '', 0, :who, :t)"
    )
    refused(propose, "role analyst", **{**values, "p": "x"})
    offers.confirm(id, "bob")
    withdraw = "INSERT INTO withdrawals (proposal, reason, person, time) VALUES (:p, '', :who, :t)"
    refused(withdraw, "is not withdrawn", p=id, who="mila", t=now())


def test_no_row_is_put_in_the_place_of_another_by_its_number(offers: ListOffers, store: Store, make: Any) -> None:
    if store.database.kind != "sqlite":
        pytest.skip("rows of PostgreSQL have no number of their own")
    found = waiting(offers, make(2, 20))
    offers.decline(found.proposal.id, "bob")
    other = waiting(offers, make(3, 20))
    values = {"p": other.proposal.id, "t": now()}
    with pytest.raises(DBAPIError, match="written once"), store.database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT OR REPLACE INTO withdrawals (rowid, proposal, reason, person, time)"
                " SELECT rowid, :p, '', 'mila', :t FROM withdrawals"
            ),
            values,
        )
    assert offers.get(found.proposal.id).state == "declined"
