"""The pages of answers and of people: given, confirmed by another, never by oneself; keys shown once."""

import json
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from carveout.engine import Engine

from .test_adjudications import NEAR, PAYMENT, client_of, key_of
from .test_gate import House


@pytest.fixture
def own(engine: Engine, tmp_path: Path) -> TestClient:
    """A client that asks as mila, an analyst and approver."""
    return client_of(engine, tmp_path / "home", answer_days=30)


def test_an_answer_is_given_from_a_decision_and_confirmed_by_another(own: TestClient) -> None:
    with own:
        shown = own.post("/decision", data={"json": json.dumps(PAYMENT)}).text
        asked = re.search(r'name="decision" value="([^"]+)".*?name="subject" value="([^"]+)"', shown, re.S)
        assert asked is not None
        decision, subject = asked.groups()
        form = {"decision": decision, "party": NEAR, "subject": subject, "answer": "different", "reason": "<b>number"}
        assert own.post("/answers", data={**form, "reason": ""}).status_code == 422
        done = own.post("/answers", data=form, follow_redirects=False)
        assert (done.status_code, done.headers["location"]) == (303, "/answers")
        page = own.get("/answers").text
        assert NEAR in page and "&lt;b&gt;number" in page and "somebody else confirms it" in page
        assert "Confirm that it is another" not in page
        bob = {"authorization": f"Bearer {key_of(own, 'bob')}"}
        seen = own.get("/answers", headers=bob).text
        found = re.search(r'/answers/([0-9a-f-]{36})/confirm"><input type="hidden" name="seen" value="(\w+)"', seen)
        assert found is not None
        path, data = f"/answers/{found[1]}/confirm", {"seen": found[2]}
        assert own.post(path, data=data).status_code == 403, "one's own"
        assert own.post(path, data={"seen": "x"}, headers=bob).status_code == 412
        assert own.post(path, data=data, headers=bob, follow_redirects=False).status_code == 303
        assert own.get(f"/v1/adjudications/{found[1]}").json()["confirmed_by"] == "bob"


def test_the_decision_page_has_a_form_to_answer(own: TestClient) -> None:
    with own:
        page = own.post("/decision", data={"json": json.dumps(PAYMENT)}).text
        assert "Answer who it is" in page and 'name="subject"' in page


def test_people_and_keys_on_pages(engine: Engine, tmp_path: Path) -> None:
    house = House(engine, tmp_path / "home")
    house.enter()
    with house.client:
        who = "administrator"
        form = {"id": "ann", "name": "Ann", "role-analyst": "1"}
        assert house.ask("POST", "/people", who, data=form).status_code == 303
        assert house.ask("POST", "/people", "auditor", data=form).status_code == 403
        assert house.ask("POST", "/people", who, data=form).status_code == 409
        made = house.ask("POST", "/people/ann/keys", who, data={"name": "till", "days": "9"})
        found = re.search(r"cvk_[\w-]+", made.text)
        assert made.status_code == 201 and found is not None and made.headers["cache-control"] == "no-store"
        page = house.ask("GET", "/people/ann", who).text
        assert found[0] not in page and "till" in page
        house.keys["ann"] = found[0]
        assert house.ask("GET", "/v1/me", "ann").json()["person"]["roles"] == ["analyst"]
        key = re.search(r"/people/ann/keys/([^/]+)/revoke", page)
        assert key is not None
        assert house.ask("POST", f"/people/bob/keys/{key[1]}/revoke", who).status_code == 404
        assert house.ask("POST", f"/people/ann/keys/{key[1]}/revoke", who).status_code == 303
        assert house.ask("GET", "/v1/me", "ann").status_code == 401
        assert house.ask("POST", "/people/ann/keys", who, data={"name": "x", "days": "0"}).status_code == 422
        assert house.ask("GET", "/people", "auditor").status_code == 200
        assert "Enter them" not in house.ask("GET", "/people", "auditor").text
