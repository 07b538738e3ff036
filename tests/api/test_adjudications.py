"""`/v1/adjudications`: given over HTTP, used by the next check, shown with its state, taken back and never lost."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from carveout.api import Settings, create_app, store_keeping
from carveout.engine import Engine
from carveout.engine.records.adjudications import mark, withdraw
from carveout.engine.records.keys import Keys
from carveout.engine.records.people import People, Role
from carveout.engine.records.store import Store
from carveout.engine.records.tokens import Sealer

NEAR = "Belaviya Belarusian Airline"
PAYMENT: dict[str, Any] = {
    "activity": "payment",
    "at": "2025-09-01T12:00:00Z",
    "currency": "EUR",
    "parties": [
        {"name": "Ohio Jet Parts LLC", "roles": ["payer"], "country": "US"},
        {"name": NEAR, "roles": ["payee"]},
        {"name": "Erie Savings Bank", "roles": ["bank"], "country": "US"},
    ],
}


@pytest.fixture
def own(engine: Engine, tmp_path: Path) -> Iterator[TestClient]:
    """A client of an application with a store and an engine of its own."""
    with client_of(engine, tmp_path / "home", answer_days=30) as client:
        yield client


def client_of(engine: Engine, home: Path, **settings: Any) -> TestClient:
    """A client that asks as mila, an analyst; bob may confirm."""
    client = TestClient(create_app(engine=Engine(engine.rules), settings=Settings(home=home, **settings)))
    store: Store = client.app.state.keeper.store  # type: ignore[attr-defined]
    if not People(store).anybody():
        People(store).add("mila", "Mila", [Role.ANALYST, Role.APPROVER], "system")
        People(store).add("bob", "Bob", [Role.APPROVER], "system")
        People(store).add("una", "Una", [Role.ANALYST], "system")
    client.headers["authorization"] = f"Bearer {key_of(client, 'mila')}"
    return client


def key_of(client: TestClient, person: str) -> str:
    """A new key of somebody."""
    keeper = client.app.state.keeper  # type: ignore[attr-defined]
    return Keys(keeper.store, Sealer.of(keeper._settings.home)).make(person, "tests", "system")[1]


def confirmed(own: TestClient, id: str, person: str = "bob", **headers: str) -> Any:
    """What is answered to a second person."""
    authorization = {"authorization": f"Bearer {key_of(own, person)}"}
    return own.post(f"/v1/adjudications/{id}/confirm", headers={**authorization, **headers})


def answer(own: TestClient, **more: Any) -> Any:
    """What is answered to whoever answers, and confirmed by another."""
    given = waiting(own, **more)
    if given.status_code == 201 and given.json()["state"] == "proposed":
        assert confirmed(own, given.json()["id"]).status_code == 200
    return given


def waiting(own: TestClient, **more: Any) -> Any:
    """What is answered to whoever answers."""
    said = {
        "transaction": PAYMENT,
        "party": NEAR,
        "subject": "by.belavia",
        "answer": "different",
        "reason": "looked up",
    }
    return own.post("/v1/adjudications", json={key: v for key, v in {**said, **more}.items() if v is not None})


def outcome(own: TestClient) -> str:
    return str(own.post("/v1/checks", json=PAYMENT).json()["body"]["outcome"])


def test_an_answer_counts_from_the_next_check_until_it_is_withdrawn(own: TestClient) -> None:
    assert outcome(own) == "review"
    given = answer(own)
    assert given.status_code == 201, given.text
    told = given.json()
    assert (told["state"], told["person"], told["answer"]) == ("proposed", "mila", "different")
    told = own.get(f"/v1/adjudications/{told['id']}").json()
    assert (told["state"], told["confirmed_by"]) == ("in_force", "bob")
    checked = own.post("/v1/checks", json=PAYMENT).json()
    assert checked["body"]["outcome"] == "proceed" and checked["body"]["made_with"]["adjudications"]
    assert own.post(f"/v1/checks/{checked['id']}/replay").json()["same_bytes"] is True
    assert own.get(f"/v1/adjudications/{told['id']}").json() == told

    taken = own.post(f"/v1/adjudications/{told['id']}/withdraw", json={"reason": "the wrong firm"})
    assert taken.status_code == 200 and taken.json()["state"] == "withdrawn"
    assert outcome(own) == "review"
    assert own.post(f"/v1/checks/{checked['id']}/replay").json()["same_bytes"] is True
    assert own.post(f"/v1/adjudications/{told['id']}/withdraw", json={"reason": "again"}).status_code == 404
    assert [one["id"] for one in own.get("/v1/adjudications").json()["adjudications"]] == [told["id"]]
    assert own.get("/v1/adjudications", params={"state": "in_force"}).json()["adjudications"] == []


def test_an_answer_of_another_process_counts_at_once(own: TestClient, tmp_path: Path) -> None:
    id = answer(own).json()["id"]
    assert outcome(own) == "proceed"
    store = Store.open(tmp_path / "home")
    withdraw(store, id, "by another process", "os:somebody")
    store.close()
    assert outcome(own) == "review"


def test_the_question_of_a_decision_is_answered(own: TestClient) -> None:
    asked = own.post("/v1/checks", json=PAYMENT).json()
    assert answer(own, transaction=None, decision=asked["id"]).status_code == 201
    assert outcome(own) == "proceed"
    page = own.post("/decision", data={"json": json.dumps(PAYMENT)})
    assert page.status_code == 200 and "looked up" in page.text
    changed = {**PAYMENT, "parties": [*PAYMENT["parties"][:1], {**PAYMENT["parties"][1], "country": "DE"}]}
    fell = own.post("/decision", data={"json": json.dumps(changed)})
    assert "No longer holds" in fell.text and "stated otherwise" in fell.text
    id = own.post("/v1/checks", json=PAYMENT).json()["id"]
    for form in ("html", "json"):
        assert "looked up" in own.get(f"/v1/checks/{id}/evidence", params={"form": form}).text
    (kept,) = own.get(f"/v1/checks/{id}/evidence", params={"form": "json"}).json()["answers"]
    assert kept["party"]["name"] == NEAR and kept["record"]["subject"]["names"]
    assert own.get(f"/v1/checks/{id}/evidence", params={"form": "pdf"}).content.startswith(b"%PDF")


def test_a_key_sent_again_gives_the_first_answer_and_stores_nothing_twice(own: TestClient) -> None:
    said = {"transaction": PAYMENT, "party": NEAR, "subject": "by.belavia", "answer": "different", "reason": "r"}
    key = {"idempotency-key": "answer-1"}
    first, second = (own.post("/v1/adjudications", json=said, headers=key) for _ in range(2))
    assert first.status_code == second.status_code == 201 and first.content == second.content
    assert own.post("/v1/adjudications", json={**said, "reason": "s"}, headers=key).status_code == 422
    assert len(own.get("/v1/adjudications").json()["adjudications"]) == 1
    path, key = f"/v1/adjudications/{first.json()['id']}/withdraw", {"idempotency-key": "withdrawal-1"}
    taken, again = (own.post(path, json={"reason": "wrong"}, headers=key) for _ in range(2))
    assert taken.status_code == again.status_code == 200 and taken.content == again.content


def test_a_table_uses_it(own: TestClient) -> None:
    table = (
        "activity,at,currency,payer,payer_country,payee,bank,bank_country\n"
        f"payment,2025-09-01T12:00:00Z,EUR,Ohio Jet Parts LLC,US,{NEAR},Erie Savings Bank,US\n"
    ).encode()
    csv = {"content-type": "text/csv"}
    before = own.post("/v1/checks/csv", content=table, headers=csv).text
    answer(own)
    after = own.post("/v1/checks/csv", content=table, headers=csv).text
    assert ",review" in before and ",proceed" in after


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"subject": "zz.nobody"}, "subject"),
        ({"party": "Nobody"}, "party"),
        ({"until": "2999-01-01"}, "until"),
        ({"answer": "perhaps"}, "answer"),
        ({"reason": ""}, "reason"),
        ({"decision": str(uuid4())}, "decision"),
        ({"transaction": None, "decision": str(uuid4())}, "decision"),
        ({"transaction": None}, "decision"),
        ({"who": "me"}, "who"),
        ({"transaction": {"activity": "payment"}}, "at"),
    ],
)
def test_what_cannot_be_taken_names_the_field(own: TestClient, more: dict[str, Any], field: str) -> None:
    refused = answer(own, **more)
    assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == field
    assert own.get("/v1/adjudications").json()["adjudications"] == []


def test_a_form_of_another_site_and_strangers_are_refused(engine: Engine, tmp_path: Path, own: TestClient) -> None:
    plain = {"content-type": "text/plain"}
    assert own.post("/v1/adjudications", content=b"{}", headers=plain).status_code == 415
    assert own.get(f"/v1/adjudications/{uuid4()}").json()["type"] == "urn:carveout:problem:unknown-answer"
    settings = Settings(home=tmp_path / "other", hosts=("testserver", "screening.example"))
    with TestClient(create_app(engine=Engine(engine.rules), settings=settings)) as open_to_others:
        assert answer(open_to_others).status_code == 401


def test_an_answer_given_to_one_process_is_known_to_the_next_check_of_another(engine: Engine, tmp_path: Path) -> None:
    def process() -> TestClient:
        return client_of(engine, tmp_path / "home")

    with process() as one, process() as other:
        for given_by, checked_by in ((one, other), (other, one)) * 3:
            assert outcome(checked_by) == "review"
            told = answer(given_by).json()
            assert outcome(checked_by) == "proceed"
            withdrawn = one.post(f"/v1/adjudications/{told['id']}/withdraw", json={"reason": "a mistake"})
            assert withdrawn.status_code == 200 and outcome(checked_by) == "review"


def test_checks_that_wait_for_each_other_look_for_answers_once(
    own: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outcome(own) == "review"
    looks = list[int]()

    def counted(store: Store) -> tuple[int, int]:
        looks.append(1)
        return mark(store)

    monkeypatch.setattr(store_keeping, "mark", counted)
    keeper = own.app.state.keeper  # type: ignore[attr-defined]

    asked = [time.monotonic() for _ in range(8)]
    for moment in asked:
        keeper.in_step(moment)
    assert len(looks) == 1
    assert answer(own).status_code == 201
    looks.clear()
    keeper.in_step(time.monotonic())
    assert len(looks) == 2, "a look, and what is new taken up"
    keeper.in_step()
    assert len(looks) == 3, "whoever does not say since when gets a look of their own"


def test_answers_are_shown_page_by_page_whatever_is_added_meanwhile(own: TestClient) -> None:
    ids = []
    for number in range(3):
        ids.append(answer(own, reason=f"{number}").json()["id"])
        if number < 2:
            own.post(f"/v1/adjudications/{ids[-1]}/withdraw", json={"reason": "wrong"})
    first = own.get("/v1/adjudications", params={"limit": 2}).json()
    own.post(f"/v1/adjudications/{ids[-1]}/withdraw", json={"reason": "wrong"})
    assert answer(own, reason="new").status_code == 201
    second = own.get("/v1/adjudications", params={"limit": 2, "cursor": first["next"]}).json()

    assert [one["id"] for page in (first, second) for one in page["adjudications"]] == ids[::-1]
    assert second["next"] is None
    for bad in ("x", "eA"):
        assert own.get("/v1/adjudications", params={"cursor": bad}).status_code == 422


def test_who_answered_may_not_confirm_with_any_key_and_a_second_person_may_once(own: TestClient) -> None:
    id = waiting(own).json()["id"]
    page = own.post("/decision", data={"json": json.dumps(PAYMENT)})
    assert outcome(own) == "review" and "a second person must confirm it" in page.text
    for person, kind in (("mila", "own-proposal"), ("una", "not-allowed")):
        refused = confirmed(own, id, person)
        assert refused.status_code == 403 and refused.json()["type"].endswith(kind), refused.text
    assert outcome(own) == "review"
    bob = {"authorization": f"Bearer {key_of(own, 'bob')}", "idempotency-key": "second-1"}
    path = f"/v1/adjudications/{id}/confirm"
    first, again = own.post(path, headers=bob), own.post(path, headers=bob)
    assert first.status_code == 200 and first.content == again.content and first.json()["state"] == "in_force"
    assert outcome(own) == "proceed"
    assert confirmed(own, id).status_code == 409
    assert confirmed(own, str(uuid4())).json()["type"] == "urn:carveout:problem:unknown-answer"


def test_whoever_sits_here_is_nobody_whom_a_second_person_could_be_told_from(engine: Engine, tmp_path: Path) -> None:
    with TestClient(create_app(engine=Engine(engine.rules), settings=Settings(home=tmp_path / "home"))) as alone:
        told = waiting(alone).json()
        assert (told["person"], told["state"]) == ("local", "proposed") and outcome(alone) == "review"
        assert alone.post(f"/v1/adjudications/{told['id']}/confirm").status_code == 403
        assert waiting(alone, answer="same").status_code == 201 and outcome(alone) == "stop"
