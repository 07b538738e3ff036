"""A list that is not believed, over HTTP: it waits, and a second person confirms it or declines."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carveout.api import Settings, create_app
from carveout.engine import Engine
from carveout.engine.records.keys import Keys
from carveout.engine.records.people import People, Role
from carveout.engine.records.tokens import Sealer

RAW = {"content-type": "application/octet-stream"}
FIRMS = [f"Firm {n}" for n in range(20)]
PROBLEM = "urn:carveout:problem:"


def sdn_csv(*names: str) -> bytes:
    rows = [f'{number},"{name}",-0- ,"RED"' + ",-0- " * 8 + "\r\n" for number, name in enumerate(names, 1)]
    return "".join(rows).encode() + b"\x1a"


class House:
    """A server that holds a list of 20 entries; mila offers and confirms, una offers, bob confirms."""

    def __init__(self, engine: Engine, home: Path) -> None:
        (home / "lists").mkdir()
        (home / "lists" / "publications.yaml").write_text("publications:\n  us.ofac.sdn: {at_least: {}}\n")
        self.client = TestClient(create_app(engine=Engine(engine.rules), settings=Settings(home=home)))
        store, sealer = self.client.app.state.keeper.store, Sealer.of(home)  # type: ignore[attr-defined]
        roles = {"mila": [Role.ANALYST, Role.APPROVER], "una": [Role.ANALYST], "bob": [Role.APPROVER]}
        self.keys = {}
        for id, given in roles.items():
            People(store).add(id, id, given, "system")
            self.keys[id] = Keys(store, sealer).make(id, "tests", "system")[1]
            self.keys[f"{id} again"] = Keys(store, sealer).make(id, "tests", "system")[1]

    def post(self, path: str, person: str, **more: Any) -> Any:
        headers = {"authorization": f"Bearer {self.keys[person]}", **more.pop("headers", {})}
        return self.client.post(path, headers=headers, **more)

    def get(self, path: str) -> Any:
        return self.client.get(path, headers={"authorization": f"Bearer {self.keys['bob']}"}).json()

    def held(self) -> int:
        return int(self.get("/v1/lists/us.ofac.sdn/snapshots")["snapshots"][-1]["rows"])

    def offer(self, person: str = "mila", day: int = 8, headers: dict[str, str] | None = None) -> Any:
        url = f"/v1/lists?published=2024-05-0{day}&confirm=they%20were%20delisted"
        return self.post(url, person, content=sdn_csv(*FIRMS[:3]), headers={**RAW, **(headers or {})})


@pytest.fixture
def house(engine: Engine, tmp_path: Path) -> Iterator[House]:
    """The house."""
    made = House(engine, tmp_path)
    with made.client:
        first = made.post("/v1/lists?published=2024-05-07", "una", content=sdn_csv(*FIRMS), headers=RAW)
        assert first.status_code == 201
        yield made


def test_it_waits_and_another_person_confirms(house: House) -> None:
    before = house.get("/v1/lists")["fingerprint"]
    offered = house.offer()
    assert (offered.status_code, offered.json()["state"]) == (202, "waiting")
    assert any("had 20" in doubt for doubt in offered.json()["doubts"])
    assert house.get("/v1/lists")["fingerprint"] == before and house.held() == 20
    path = f"/v1/lists/offers/{offered.json()['id']}"
    for own in ("mila", "mila again"):
        refused = house.post(f"{path}/confirm", own)
        assert refused.status_code in (403, 409) and "offered" in refused.json()["detail"]
    assert house.post(f"{path}/confirm", "una").status_code == 403
    assert house.held() == 20
    done = house.post(f"{path}/confirm", "bob", headers={"Idempotency-Key": "k"})
    assert (done.status_code, done.json()["state"], house.held()) == (200, "taken", 3)
    assert house.post(f"{path}/confirm", "bob", headers={"Idempotency-Key": "k"}).json() == done.json()
    assert house.get(path)["confirmed"]["person"] == "bob"
    assert [one["id"] for one in house.get("/v1/lists/offers")["offers"]] == [offered.json()["id"]]
    assert house.get("/v1/lists")["fingerprint"] != before


def test_it_is_declined(house: House) -> None:
    path = f"/v1/lists/offers/{house.offer('una').json()['id']}"
    assert house.post(f"{path}/decline", "mila", json={"reason": 7}).status_code == 422
    done = house.post(f"{path}/decline", "bob", json={"reason": "the authority shows 20"})
    assert (done.status_code, done.json()["state"], house.held()) == (200, "declined", 20)
    assert house.post(f"{path}/confirm", "bob").status_code == 409
    assert house.offer("una").json()["state"] == "waiting"


def test_the_same_key_offers_once(house: House) -> None:
    one, other = (house.offer("una", headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert one.status_code == other.status_code == 202 and one.json() == other.json()


def test_who_is_unknown_confirms_nothing(house: House) -> None:
    nothing = "/v1/lists/offers/01234567-89ab-7def-8123-456789abcdef"
    assert house.post(f"{nothing}/confirm", "bob").status_code == 404
    assert house.post(f"{nothing}/decline", "bob").status_code == 404
    assert house.client.post(f"{nothing}/confirm").status_code == 401


def test_it_is_confirmed_on_the_page_of_answers_by_another(house: House) -> None:
    path = f"/answers/lists/{house.offer().json()['id']}"
    assert house.post(f"{path}/confirm", "mila").status_code in (403, 409) and house.held() == 20
    assert house.post(f"{path}/confirm", "bob", follow_redirects=False).status_code == 303
    assert house.held() == 3
