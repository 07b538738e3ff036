"""`/v1/portfolio`, `/v1/alerts` and webhooks: kept, asked again by itself, told, taken in hand, closed by two."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from fastapi.testclient import TestClient

from carveout.api import Settings, create_app
from carveout.engine.records.auditing import verify_store
from carveout.engine.records.changes import Changes
from carveout.engine.records.people import People, Role
from carveout.engine.records.store import Store

from .test_changes import LICENCE, LONGER, key_of, small_contents

TODAY = {"activity": "service", "parties": [
    {"name": "Seller", "roles": ["provider"], "country": "US"},
    {"name": "Alpha Tractor Works", "roles": ["customer"], "subject": "zz.alpha"},
]}  # fmt: skip
FOREVER = ("2024-07-01T00:01", "2097-07-01T00:01")


class House:
    """An application with persons: sam and kim are analysts, bob and kim approve, ann writes, adi administers."""

    def __init__(self, client: TestClient, store: Store, home: Path) -> None:
        self.client, self.store = client, store
        self.keys = {}
        roles = {
            "ann": "author approver", "bob": "approver", "sam": "screener analyst", "kim": "analyst approver",
            "adi": "administrator", "una": "auditor",
        }  # fmt: skip
        for id, words in roles.items():
            People(store).add(id, id.title(), [Role(word) for word in words.split()], "system")
            self.keys[id] = key_of(store, home, id)

    def do(self, person: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """What is answered to a person; bytes are sent as they are."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named["authorization"] = f"Bearer {self.keys[person]}"
        sent = {"content": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
        return self.client.request(method, f"/v1{path}", headers=named, **sent)

    def prolong(self, until: tuple[str, str] = FOREVER) -> str:
        """Another end of licence 1, in force."""
        text = small_contents().files[LICENCE].decode().replace(*until)
        made = self.do("ann", "POST", "/changes", {"title": "Prolonged", "put": {LICENCE: text}})
        id = made.json()["id"]
        assert self.do("bob", "POST", f"/changes/{id}/report").status_code == 202
        for _ in range(600):
            if self.do("bob", "GET", f"/changes/{id}/report").status_code != 202:
                break
            time.sleep(0.05)
        for step in ("approve", "activate"):
            answer = self.do("bob", "POST", f"/changes/{id}/{step}", if_match="*")
            assert answer.status_code == 200, answer.text
        return str(id)

    def alerts(self, count: int = 1, **query: str) -> list[dict[str, Any]]:
        """Alerts, once there are so many."""
        for _ in range(200):
            answer = self.client.get(
                "/v1/alerts", params=query, headers={"authorization": f"Bearer {self.keys['sam']}"}
            )
            assert answer.status_code == 200, answer.text
            found: list[dict[str, Any]] = answer.json()["alerts"]
            if len(found) >= count:
                return found
            time.sleep(0.05)
        raise AssertionError("no alert")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """With a store of its own, under the small rule set."""
    small_contents().write(tmp_path / "rules")
    app = create_app(settings=Settings(home=tmp_path / "home", rules=tmp_path / "rules"))
    with TestClient(app) as client:
        yield House(client, app.state.keeper.store, tmp_path / "home")


def lines(*references: str) -> bytes:
    """Open transactions as JSON lines."""
    return b"\n".join(json.dumps({"reference": one, **TODAY}).encode() for one in references)


NDJSON = "application/x-ndjson"


def test_what_is_kept_is_asked_again_by_itself(house: House) -> None:
    kept = house.do("sam", "POST", "/portfolio", lines("a", "b"), content_type=NDJSON)
    assert kept.status_code == 200, kept.text
    assert kept.json()["kept"] == 2 and [one["outcome"] for one in kept.json()["entries"]] == ["stop", "stop"]
    again = house.do("sam", "POST", "/portfolio", lines("a", "b"), content_type=NDJSON)
    assert (again.json()["kept"], again.json()["unchanged"]) == (0, 2)
    page = house.do("una", "GET", "/portfolio?limit=1").json()
    assert [one["reference"] for one in page["entries"]] == ["a"] and page["next"]
    rest = house.do("una", "GET", f"/portfolio?limit=1&cursor={page['next']}").json()
    assert [one["reference"] for one in rest["entries"]] == ["b"] and rest["next"] is None
    entry = page["entries"][0]

    change = house.prolong()
    found = house.alerts(2)

    assert sorted(one["reference"] for one in found) == ["a", "b"]
    assert {one["direction"] for one in found} == {"laxer"} and {one["owner"] for one in found} == {"sam"}
    assert found[0]["changed"]["outcome"] == {"before": "stop", "after": "proceed"}
    assert [cause["title"] for cause in found[0]["causes"]] == ["Prolonged"]
    body = house.do("sam", "GET", f"/checks/{found[0]['after']}").json()
    assert body["body"]["outcome"] == "proceed"
    shown = house.do("sam", "GET", f"/portfolio/{entry['id']}").json()
    assert [one["told"]["outcome"] for one in shown["answers"]] == ["stop", "proceed"]
    assert shown["stated"]["reference"] == "a" and len(shown["alerts"]) == 1 and shown["outcome"] == "proceed"
    assert Changes(house.store).get(change).state == "active"
    verify_store(house.store)


def test_an_alert_goes_from_hand_to_hand_and_is_closed_by_two(house: House) -> None:
    house.do("sam", "POST", "/portfolio?owner=kim", {"reference": "a", **TODAY}, content_type="application/json")
    house.prolong()
    (alert,) = house.alerts(owner="kim")
    path = f"/alerts/{alert['id']}"
    tag = house.do("sam", "GET", path).headers["etag"]

    taken = house.do("sam", "POST", f"{path}/take", {"reason": "mine"}, if_match=tag)
    assert taken.status_code == 200 and taken.json()["owner"] == "sam" and taken.json()["state"] == "in_hand"
    assert house.do("kim", "POST", f"{path}/take", {}, if_match=tag).status_code == 412
    assert house.do("sam", "POST", f"{path}/close", {}).status_code == 422
    closing = house.do("kim", "POST", f"{path}/close", {"reason": "The customer was told."}, idempotency_key="k1")
    assert closing.json()["state"] == "closing"
    same = house.do("kim", "POST", f"{path}/close", {"reason": "The customer was told."}, idempotency_key="k1")
    assert same.json() == closing.json(), "done once"
    own = house.do("kim", "POST", f"{path}/confirm")
    assert own.status_code == 403 and own.json()["type"].endswith("own-proposal")
    assert house.do("sam", "POST", f"{path}/confirm").status_code == 403
    assert house.do("bob", "POST", f"{path}/decline", {"reason": "Which?"}).json()["state"] == "in_hand"
    assert house.do("kim", "POST", f"{path}/close", {"reason": "Customer 7."}).status_code == 200
    assert house.do("bob", "POST", f"{path}/confirm").json()["state"] == "closed"
    assert house.do("kim", "POST", f"{path}/close", {"reason": "x"}).status_code == 409
    assert house.alerts(state="closed")[0]["steps"][-1]["confirmed_by"] == "bob"
    assert house.do("sam", "GET", "/alerts?state=open").json()["alerts"] == []


def test_what_cannot_be_kept_is_refused_whole(house: House) -> None:
    twice = house.do("sam", "POST", "/portfolio", lines("a", "a"), content_type=NDJSON)
    assert twice.status_code == 422 and "reference of line 1" in twice.json()["errors"][0]["message"]
    for body, said in (
        (b'{"activity": "service"}', "`reference` is missing"),
        (b'{"reference": "x", "name": "A", "unknown": 1}', "unknown"),
        (b'{"reference": "x", "activity": "nonsense"}', "nonsense"),
        (b'{"reference": "x", "name": "n/a"}', "says nobody"),
        (b'{"reference": "x"', "line 1"),
        (b'{"reference": "a\\u0007"}', "printable"),
        (b"", "nothing"),
    ):
        answer = house.do("sam", "POST", "/portfolio", lines("good") + b"\n" + body if body else b"{}",
                          content_type=NDJSON)  # fmt: skip
        assert answer.status_code == 422, body
        assert said in answer.text or not body
    assert house.do("sam", "GET", "/portfolio").json()["entries"] == [], "all or nothing"
    assert house.do("sam", "POST", "/portfolio", b"x", content_type="text/plain").status_code == 415
    who = house.do("sam", "POST", "/portfolio?owner=nobody", lines("a"), content_type=NDJSON)
    assert who.status_code == 422 and "no person" in who.text
    unknown = "/portfolio/00000000-0000-7000-8000-000000000000"
    assert house.do("sam", "GET", unknown).status_code == 404
    assert house.do("sam", "POST", f"{unknown}/close").status_code == 404
    assert house.do("sam", "GET", "/portfolio?cursor=!").status_code == 422


def test_an_entry_is_closed(house: House) -> None:
    house.do("sam", "POST", "/portfolio", lines("a", "b"), content_type=NDJSON)
    (entry,) = house.do("sam", "GET", "/portfolio?reference=a").json()["entries"]
    assert house.do("sam", "POST", f"/portfolio/{entry['id']}/close", {"reason": "delivered"}).status_code == 200
    assert house.do("sam", "POST", f"/portfolio/{entry['id']}/close").status_code == 409
    house.prolong()
    assert [one["reference"] for one in house.alerts()] == ["b"]


class Desk(BaseHTTPRequestHandler):
    """Takes webhooks, the first time with an error."""

    got: ClassVar[list[tuple[dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        """One message."""
        body = self.rfile.read(int(self.headers["content-length"]))
        Desk.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(500 if len(Desk.got) == 1 else 204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def test_an_alert_is_told_to_a_webhook_and_signed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carveout.engine.records.hooks.WAITS", (0, 0))
    Desk.got = []
    desk = HTTPServer(("127.0.0.1", 0), Desk)
    threading.Thread(target=desk.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{desk.server_port}/in"
    try:
        made = house.do("adi", "POST", "/hooks", {"url": url})
        assert made.status_code == 201 and made.json()["secret"].startswith("whsec_")
        for bad in ("http://198.51.100.7/", "ftp://x/", "https://a:b@x/", "x", "https://x/ y"):
            assert house.do("adi", "POST", "/hooks", {"url": bad}).status_code == 422, bad
        assert house.do("sam", "POST", "/hooks", {"url": url}).status_code == 403
        house.do("sam", "POST", "/portfolio", lines("a"), content_type=NDJSON)
        house.prolong()
        (alert,) = house.alerts()
        for _ in range(200):
            if len(Desk.got) > 1:
                break
            time.sleep(0.05)
        time.sleep(0.3)
        (first, body), (second, again) = Desk.got
    finally:
        desk.shutdown()
        desk.server_close()

    assert body == again and first["webhook-id"] == second["webhook-id"], "the same message, tried again"
    told = json.loads(body)
    assert told["type"] == "alert.raised" and told["data"]["id"] == alert["id"] and told["data"]["reference"] == "a"
    assert "Alpha" not in body.decode(), "no name goes out"
    key = base64.b64decode(made.json()["secret"].removeprefix("whsec_"))
    content = f"{second['webhook-id']}.{second['webhook-timestamp']}.".encode() + again
    mark = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    assert second["webhook-signature"] == f"v1,{mark}"
    (shown,) = house.do("una", "GET", "/hooks").json()["hooks"]
    assert [(one["tries"], one["next"], one["said"]) for one in shown["deliveries"]] == [(2, None, "status 204")]
    assert "secret" not in shown
    assert house.do("adi", "DELETE", f"/hooks/{shown['id']}").status_code == 200
    assert house.do("adi", "DELETE", f"/hooks/{shown['id']}").status_code == 404


def test_whoever_works_alone_has_alerts_and_closes_none(tmp_path: Path) -> None:
    small_contents().write(tmp_path / "rules")
    app = create_app(settings=Settings(home=tmp_path / "home", rules=tmp_path / "rules"))
    with TestClient(app) as client:
        kept = client.post("/v1/portfolio", content=lines("a"), headers={"content-type": NDJSON})
        assert kept.status_code == 200 and client.get("/v1/alerts").json() == {"alerts": [], "next": None}
        assert LONGER[0].encode() in small_contents().files[LICENCE]


def test_the_pages_of_alerts(house: House) -> None:
    assert "Nothing is kept yet" in page(house, "sam", "GET", "/alerts").text
    house.do("sam", "POST", "/portfolio", lines("a<b>"), content_type=NDJSON)
    assert "every answer is what it was" in page(house, "sam", "GET", "/alerts").text
    house.prolong()
    (alert,) = house.alerts()
    listed = page(house, "sam", "GET", "/alerts").text
    assert "a&lt;b&gt;" in listed and "Prolonged" in listed and "stop → proceed" in listed
    path = f"/alerts/{alert['id']}"

    def seen(person: str) -> str:
        return str(page(house, person, "GET", path).text.partition('name="seen" value="')[2].partition('"')[0])

    def done(person: str, what: str, **values: str) -> Any:
        found = {"seen": html.unescape(seen("sam" if what in ("take", "close") else "bob")), **values}
        return page(house, person, "POST", f"{path}/{what}", data=found)

    assert done("sam", "take").status_code == 303
    assert page(house, "sam", "POST", f"{path}/close", data={"seen": "x", "reason": "y"}).status_code == 412
    assert done("sam", "close", reason="The <customer> was told.").status_code == 303
    waiting = page(house, "sam", "GET", path).text
    assert "somebody else confirms it" in waiting and "&lt;customer&gt;" in waiting and "Confirm that" not in waiting
    assert done("bob", "decline", reason="Which?").status_code == 303
    assert done("kim", "close", reason="Customer 7.").status_code == 303
    assert done("bob", "confirm").status_code == 303
    assert "confirmed by bob" in page(house, "una", "GET", path).text
    assert "a&lt;b&gt;" not in page(house, "sam", "GET", "/alerts").text
    assert "a&lt;b&gt;" in page(house, "sam", "GET", "/alerts?state=closed").text


def page(house: House, person: str, method: str, path: str, **more: Any) -> Any:
    """A page as a person sees it."""
    headers = {"authorization": f"Bearer {house.keys[person]}", "accept": "text/html"}
    return house.client.request(method, path, headers=headers, follow_redirects=False, **more)
