"""The pages of changes: seen, worked out, approved by another, and in force, without scripts and through the gate."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carveout.api import Settings, create_app
from carveout.engine.records.changes import Changes, base_of
from carveout.engine.records.contents import Contents
from carveout.engine.records.keys import Keys
from carveout.engine.records.people import People, Role
from carveout.engine.records.tokens import Sealer

from .test_changes import LICENCE, LONGER, SALE, small_contents

HOSTILE = "<script>alert(1)</script>"


class Office:
    """An application with persons, ann with two keys."""

    def __init__(self, home: Path) -> None:
        folder = home / "rules"
        small_contents().write(folder)
        self.app = create_app(settings=Settings(home=home / "home", rules=folder))
        self.client = TestClient(self.app, follow_redirects=False)
        self.store = self.app.state.keeper.store
        keys = Keys(self.store, Sealer.of(home / "home"))
        self.keys: dict[str, str] = {}
        for id, roles in (("ann", "author approver"), ("bob", "approver screener"), ("una", "auditor")):
            People(self.store).add(id, id.title(), [Role(role) for role in roles.split()], "system")
            self.keys[id] = keys.make(id, "tests", "system")[1]
        self.keys["ann's other"] = keys.make("ann", "second", "system")[1]
        changes = Changes(self.store)
        base = base_of(changes, folder)
        held = Contents.of_store(self.store, base.content)
        text = held.files[LICENCE].decode().replace(*LONGER) + f"# {HOSTILE}\n"
        made = Contents({**held.files, LICENCE: text.encode()})
        self.id = changes.propose(made, "ann", title=f"Prolonged {HOSTILE}", reason="asked").proposal.id

    def ask(self, who: str, method: str = "GET", step: str = "", **form: str) -> Any:
        """A page of the change, or one of its forms sent."""
        headers = {"authorization": f"Bearer {self.keys[who]}", "accept": "text/html"}
        path = f"/changes/{self.id}{step}"
        return self.client.request(
            method, path, headers=headers, data={"from": "page", **form} if method == "POST" else None
        )

    def seen(self, who: str) -> str:
        """The state that somebody's page shows."""
        found = re.search(r'name="seen" value="([^"]+)"', self.ask(who).text)
        assert found is not None
        return found[1].replace("&#34;", '"').replace("&quot;", '"')

    def worked_out(self, who: str) -> str:
        """The page once its report is there."""
        assert self.ask(who, "POST", "/report").status_code == 303
        for _ in range(600):
            page = self.ask(who)
            if "refresh" not in page.headers:
                return str(page.text)
            time.sleep(0.05)
        raise AssertionError("no report")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """With a change that ann proposed."""
    made = Office(tmp_path)
    with made.client:
        yield made


def test_a_change_is_seen_approved_and_in_force(office: Office) -> None:
    key = {"authorization": f"Bearer {office.keys['bob']}"}
    assert office.client.post("/v1/checks", json=SALE, headers=key).json()["body"]["outcome"] == "stop"
    page = office.ask("bob")
    assert page.status_code == 200 and "Nobody has worked out yet" in page.text and "+  until" in page.text
    assert "<script" not in page.text and "&lt;script&gt;" in page.text and "script-src" not in page.text
    assert "/approve" not in page.text, "there is nothing to approve it on"

    text = office.worked_out("bob")
    assert "1 flip" in text and "xx.office.licence-1" in text and "stop → proceed" in text
    assert "/approve" not in office.ask("ann").text and "/approve" not in office.ask("una").text
    for who in ("ann", "ann's other"):
        refused = office.ask(who, "POST", "/approve", seen=office.seen("ann"))
        assert refused.status_code == 403 and "who proposed may not approve" in refused.text
    assert office.ask("una", "POST", "/approve", seen="x").status_code == 403
    assert office.ask("bob", "POST", "/approve", seen="x").status_code == 412
    assert office.ask("bob", "POST", "/approve", seen=office.seen("bob")).status_code == 303
    assert "Approved by bob" in office.ask("una").text

    assert office.ask("bob", "POST", "/activate", seen=office.seen("bob"), at="tomorrow").status_code == 422
    assert office.ask("bob", "POST", "/activate", seen=office.seen("bob")).status_code == 303
    for _ in range(100):
        if office.client.post("/v1/checks", json=SALE, headers=key).json()["body"]["outcome"] == "proceed":
            break
        time.sleep(0.05)
    else:
        raise AssertionError("the change is not taken up")
    listed = office.client.get("/changes", headers={**key, "accept": "text/html"}).text
    assert listed.index("Prolonged") < listed.index("The rules that were there") and "<script" not in listed


def test_two_keys_of_one_person_are_one_pair_of_eyes_over_http(office: Office) -> None:
    office.worked_out("bob")
    path = f"/v1/changes/{office.id}"
    for who, status in (("ann", 403), ("ann's other", 403), ("una", 403), ("bob", 200)):
        key = {"authorization": f"Bearer {office.keys[who]}"}
        seen = office.client.get(path, headers=key).headers["etag"]
        answer = office.client.post(f"{path}/approve", headers={**key, "if-match": seen})
        assert answer.status_code == status, who


def test_withdrawn_on_the_page(office: Office) -> None:
    assert office.ask("ann", "POST", "/withdraw", seen=office.seen("ann"), reason="no").status_code == 303
    page = office.ask("bob")
    assert "Withdrawn by ann" in page.text and "<form method" not in page.text.partition("<main")[2]


def test_a_portfolio_that_cannot_be_read(office: Office) -> None:
    answer = office.ask("bob", "POST", "/report", portfolio='{"a": 1, "a": 2}')
    assert answer.status_code == 422 and "line 1" in answer.text
    assert office.client.get(f"/changes/{'0' * 8}-0000-7000-8000-{'0' * 12}", headers={
        "authorization": f"Bearer {office.keys['bob']}", "accept": "text/html"}).status_code == 404  # fmt: skip
