"""Who may use which route, tried for every route and every role; and what is shown to get in without a right."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from starlette.requests import Request
from starlette.websockets import WebSocketDisconnect

from carveout.api import Settings, create_app
from carveout.api.gate import MOST_FAILURES, address_of
from carveout.api.identity import COOKIE
from carveout.api.rights import RIGHTS, Right, everything
from carveout.engine import Engine
from carveout.engine.records.keys import Keys
from carveout.engine.records.people import People, Role
from carveout.engine.records.sessions import Sessions
from carveout.engine.records.store import Store
from carveout.engine.records.tokens import Sealer

ROUTES = [(path, method, right) for path, method, right in everything() if not path.startswith("/static")]
REFUSED = (401, 403)
PROBLEM = "urn:carveout:problem:"


class House:
    """An application with one person for each role, one with none, and a key for each."""

    def __init__(self, engine: Engine, home: Path, **settings: Any) -> None:
        self.app = create_app(engine=engine, settings=Settings(home=home, **settings))
        self.client = TestClient(self.app, raise_server_exceptions=False)
        self.store: Store = self.app.state.keeper.store
        self.sealer = Sealer.of(home)
        self.keys: dict[str, str] = {}

    def enter(self) -> None:
        """Enter them."""
        for id, roles in {**{role.value: [role] for role in Role}, "nobody": []}.items():
            People(self.store).add(id, id, roles, "system")
            self.keys[id] = Keys(self.store, self.sealer).make(id, "tests", "system")[1]

    def ask(self, method: str, path: str, person: str | None = None, **more: Any) -> Any:
        """What is answered, to a person or to a stranger."""
        headers = dict(more.pop("headers", {}))
        if person is not None:
            headers["authorization"] = f"Bearer {self.keys[person]}"
        return self.client.request(method, path, headers=headers, follow_redirects=False, **more)


def filled(path: str) -> str:
    """A path of a route with something in place of its parameters."""
    path = path.replace("{id:uuid}", str(uuid4()))
    for name in ("id", "key", "list", "subject"):
        path = path.replace(f"{{{name}}}", "x")
    return path


@pytest.fixture(scope="module")
def house(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """With everybody entered."""
    made = House(engine, tmp_path_factory.mktemp("gate"))
    made.enter()
    with made.client:
        yield made


@pytest.fixture
def fresh(engine: Engine, tmp_path: Path) -> Iterator[House]:
    """With nobody entered."""
    made = House(engine, tmp_path / "home")
    with made.client:
        yield made


def test_the_table_has_every_route_and_no_other(house: House) -> None:
    served = {
        (route.path, method)
        for route in iter_route_contexts(house.app.routes)
        for method in (route.methods or ())
        if method != "HEAD"
    }
    listed = {(path, method) for path, method, _ in everything() if not path.startswith("/static")}

    assert served == listed, "enter a new route in carveout.api.rights"


@pytest.mark.parametrize(("path", "method", "right"), ROUTES, ids=[f"{m} {p}" for p, m, _ in ROUTES])
def test_each_route_is_for_those_whom_the_table_names(house: House, path: str, method: str, right: Right) -> None:
    url = filled(path)
    stranger = house.ask(method, url)
    if right.everybody:
        assert stranger.status_code < 500 and "www-authenticate" not in stranger.headers
        return
    assert stranger.status_code == 401 and stranger.headers["www-authenticate"] == "Bearer"
    for person in house.keys:
        if path == "/v1/audit/export" and person == "auditor":
            continue  # streams; tried with the store
        status = house.ask(method, url, person).status_code
        allowed = right.signed_in or person in {role.value for role in right.roles}
        assert (status not in REFUSED) == allowed, f"{method} {path} for {person}: {status}"


def test_what_is_not_in_the_table_is_not_served(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert house.ask("GET", "/v1/rules", "author").status_code == 200
    monkeypatch.delitem(RIGHTS, "/v1/rules")
    assert house.ask("GET", "/v1/rules", "author").status_code == 404
    assert house.ask("GET", "/v1/nothing").status_code == 401, "a stranger learns nothing of what there is"
    assert house.ask("DELETE", "/v1/checks", "screener").status_code == 405


def test_whoever_sits_here_works_until_somebody_is_entered(fresh: House, part: dict[str, Any]) -> None:
    asked = fresh.ask("POST", "/v1/checks", json=part)
    assert asked.status_code == 200
    assert fresh.ask("GET", f"/v1/checks/{asked.json()['id']}/evidence").json()["decision"]["person"] == "local"
    assert fresh.ask("GET", "/v1/me").json()["how"] == "local"
    for method, path in (("POST", "/v1/people"), ("POST", f"/v1/changes/{uuid4()}/approve"), ("POST", "/v1/keys")):
        assert fresh.ask(method, path, json={}).status_code == 403, "the law and the people want a person"
    fresh.enter()
    fresh.app.state.identity._open_until = 0.0  # a second later

    assert fresh.ask("POST", "/v1/checks", json=part).status_code == 401
    asked = fresh.ask("POST", "/v1/checks", "screener", json=part)
    kept = fresh.store.kept(asked.json()["id"])
    assert kept is not None and kept.envelope.person == "screener"


@pytest.mark.parametrize("header", ["forwarded", "x-forwarded-for", "x-real-ip", "via"])
def test_what_a_proxy_hands_on_comes_from_nobody(fresh: House, header: str) -> None:
    assert fresh.ask("GET", "/v1/rules", headers={header: "for=203.0.113.7"}).status_code == 401


def test_beyond_this_machine_nothing_works_without_a_key(engine: Engine, tmp_path: Path) -> None:
    apps = [
        TestClient(create_app(engine=engine, settings=Settings(home=tmp_path)), client=("203.0.113.7", 5)),
        TestClient(create_app(engine=engine, settings=Settings(home=tmp_path, hosts=("testserver", "*")))),
    ]
    for client in apps:
        with client:
            for path, method, right in ROUTES:
                if not right.everybody:
                    assert client.request(method, filled(path)).status_code == 401, path
            assert "Nobody has been entered yet" in client.get("/v1/rules").json()["detail"]
            assert client.get("/v1/health").json() == {"status": "ok"}, "that it works, and no more"


def test_health_is_told_in_full_to_whoever_is_known(engine: Engine, tmp_path: Path) -> None:
    far = House(engine, tmp_path, hosts=("testserver", "*"))
    far.enter()
    with far.client:
        assert far.ask("GET", "/v1/health").json() == {"status": "ok"}
        assert "versions" in far.ask("GET", "/v1/health", "screener").json()
        bad = far.ask("GET", "/v1/health", headers={"authorization": "Bearer x"})
        assert bad.status_code == 401, "a key that does not work is never less than that"
        (tmp_path / "token-key").write_text("damaged")
        far.app.state.identity._sealer = None
        assert far.ask("GET", "/v1/health", "screener").json() == {"status": "ok"}
        assert far.ask("GET", "/v1/rules", "screener").status_code == 503


@pytest.mark.parametrize("host", ["a/v1/health?", "a/v1/health#", "a:80/static/x?", "a@b/sign-in?"])
def test_a_host_that_looks_like_a_path_opens_nothing(engine: Engine, tmp_path: Path, host: str) -> None:
    app = create_app(engine=engine, settings=Settings(home=tmp_path, hosts=("*",)))
    with TestClient(app, client=("203.0.113.7", 5)) as client:
        assert client.get("/v1/audit/head", headers={"host": host}).status_code == 401


def test_there_are_no_websockets(house: House) -> None:
    with pytest.raises(WebSocketDisconnect), house.client.websocket_connect("/v1/checks"):
        pass


def test_a_cookie_is_for_encrypted_connections_but_on_this_machine(engine: Engine, tmp_path: Path) -> None:
    far = House(engine, tmp_path, hosts=("*",))
    far.enter()
    with far.client:
        for host, secure in (
            ("house.example", True),
            ("127.0.0.1:8000", False),
            ("localhost", False),
            ("[::1]", False),
        ):
            answer = far.ask("POST", "/sign-in", data={"key": far.keys["author"]}, headers={"host": host})
            assert ("Secure" in answer.headers["set-cookie"]) is secure, host


@pytest.mark.parametrize(
    "stated",
    ["", "Bearer", "Bearer ", "Basic dTpw", "Bearer x", f"Bearer cvk_{'a' * 8}_{'b' * 43}", "bearer cvs_{session}"],
)
def test_a_key_that_does_not_work_is_never_less_than_that(fresh: House, stated: str) -> None:
    answer = fresh.ask("GET", "/v1/rules", headers={"authorization": stated})
    assert answer.status_code == 401, "not even where nobody is asked for a key"
    assert answer.json()["type"] == f"{PROBLEM}bad-key" and answer.headers["www-authenticate"] == "Bearer"


def test_a_key_and_a_forged_one(house: House) -> None:
    good = house.keys["auditor"]
    assert house.ask("GET", "/v1/me", "auditor").json() | {"person": None} == {"person": None, "how": "key"}
    for letter in range(len(good) - 5, len(good)):
        other = "A" if good[letter] != "A" else "B"
        forged = f"{good[:letter]}{other}{good[letter + 1 :]}"
        assert house.ask("GET", "/v1/me", headers={"authorization": f"Bearer {forged}"}).status_code == 401
    both = [("authorization", f"Bearer {good}"), ("authorization", f"Bearer {good}")]
    assert house.client.get("/v1/me", headers=both).status_code == 401


def test_a_revoked_key_a_disabled_person_and_another_houses_key(fresh: House, engine: Engine, tmp_path: Path) -> None:
    fresh.enter()
    made = fresh.ask("POST", "/v1/keys", "analyst", json={"name": "laptop", "days": 3}).json()
    bearer = {"authorization": f"Bearer {made['key']}"}
    assert fresh.ask("GET", "/v1/me", headers=bearer).json()["person"]["id"] == "analyst"
    assert made["key"] not in fresh.ask("GET", "/v1/keys", "analyst").text, "it is shown once"
    assert fresh.ask("DELETE", f"/v1/keys/{made['of']['id']}", "screener").status_code == 404
    assert fresh.ask("DELETE", f"/v1/keys/{made['of']['id']}", "analyst").json()["works"] is False
    assert fresh.ask("GET", "/v1/me", headers=bearer).status_code == 401

    assert fresh.ask("PATCH", "/v1/people/analyst", "administrator", json={"disabled": True}).status_code == 200
    assert fresh.ask("GET", "/v1/me", "analyst").status_code == 401
    other = House(engine, tmp_path / "other")
    other.enter()
    fresh.keys["other"] = other.keys["auditor"]
    assert fresh.ask("GET", "/v1/me", "other").status_code == 401
    other.app.state.keeper.close()


def test_a_key_in_an_address_is_refused_whatever_it_opens(house: House) -> None:
    key = house.keys["auditor"]
    for path in (f"/v1/rules?key={key}", f"/v1/rules/{key}", f"/v1/health?x={key.replace('_', '%5F')}"):
        answer = house.ask("GET", path, "auditor")
        assert answer.status_code == 400 and answer.json()["type"] == f"{PROBLEM}key-in-address"
        assert key not in answer.text


def test_too_many_keys_that_do_not_work(fresh: House) -> None:
    statuses = [
        fresh.ask("GET", "/v1/me", headers={"authorization": f"Bearer {n}"}).status_code
        for n in range(MOST_FAILURES + 3)
    ]
    assert statuses == [401] * MOST_FAILURES + [429] * 3
    fresh.enter()
    assert fresh.ask("GET", "/v1/me", "auditor").status_code == 200, "whoever has a key is not kept out by that"


def test_too_many_sign_ins_that_do_not_work(fresh: House) -> None:
    fresh.enter()
    tries = [("/sign-in", {"key": "cvk_x"}), ("/sign-in/link", {"token": "cvl_x"})] * (MOST_FAILURES // 2 + 2)
    statuses = [fresh.ask("POST", path, data=data).status_code for path, data in tries]
    assert statuses == [401] * MOST_FAILURES + [429] * 4
    assert fresh.ask("GET", "/sign-in").status_code == 200 == fresh.ask("GET", "/v1/me", "auditor").status_code


@pytest.mark.parametrize(
    ("host", "counted"),
    [("203.0.113.7", "203.0.113.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("testclient", "testclient")],
)
def test_whose_failures_are_counted_together(host: str, counted: str) -> None:
    assert address_of(Request({"type": "http", "client": (host, 1), "headers": []})) == counted


def test_too_many_requests_of_a_person(engine: Engine, tmp_path: Path) -> None:
    busy = House(engine, tmp_path, most_requests=3)
    busy.enter()
    second = Keys(busy.store, busy.sealer).make("auditor", "second", "system")[1]
    statuses = [busy.ask("GET", "/v1/me", "auditor").status_code for _ in range(3)]
    last = busy.ask("GET", "/v1/me", headers={"authorization": f"Bearer {second}"})
    assert statuses == [200] * 3 and last.status_code == 429 and last.headers["retry-after"], "two keys are one person"
    assert busy.ask("GET", "/v1/me", "author").status_code == 200
    busy.app.state.keeper.close()


# ---- the pages


def link_of(house: House, person: str | None) -> str:
    """A one-time link's token."""
    return Sessions(house.store, house.sealer).make_link(person, "system")


def use(house: House, token: str) -> Any:
    """Press the button of a one-time link."""
    return house.ask("POST", "/sign-in/link", data={"token": token}, headers={"sec-fetch-site": "same-origin"})


def test_the_first_link_makes_the_administrator_and_works_once(fresh: House) -> None:
    token = link_of(fresh, None)
    seen = fresh.ask("GET", f"/sign-in/link?token={token}")
    assert seen.status_code == 200 and COOKIE not in seen.headers.get("set-cookie", ""), "to look is not to use"
    answer = use(fresh, token)
    assert answer.status_code == 303 and answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie
    assert fresh.ask("GET", "/v1/me").json()["person"]["roles"] == ["administrator"]
    assert "Sign out" in fresh.ask("GET", "/").text

    stolen = fresh.client.cookies[COOKIE]
    fresh.client.cookies.clear()
    assert use(fresh, token).status_code == 401, "a replayed link"
    fresh.client.cookies.clear()
    fresh.client.cookies.set(COOKIE, stolen)
    assert fresh.ask("GET", "/v1/me", headers={"user-agent": "another"}).status_code == 401, "a stolen cookie"
    assert fresh.ask("GET", "/v1/me").status_code == 401, "which ended the session for both"


def test_signing_in_with_a_key_and_out_again(house: House) -> None:
    wrong = house.ask("POST", "/sign-in", data={"key": "cvk_x"})
    assert wrong.status_code == 401 and "does not work" in wrong.text and COOKIE not in house.client.cookies
    assert house.ask("POST", "/sign-in", data={"key": house.keys["analyst"]}).status_code == 303
    assert house.ask("GET", "/v1/me").json()["how"] == "session"
    kept = house.client.cookies[COOKIE]
    foreign = house.ask("POST", "/sign-out", headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403 and house.ask("GET", "/v1/me").status_code == 200
    assert house.ask("POST", "/sign-out", headers={"sec-fetch-site": "same-origin"}).status_code == 303
    house.client.cookies.clear()
    house.client.cookies.set(COOKIE, kept)
    assert house.ask("GET", "/v1/me").status_code == 401, "a cookie of before"
    house.client.cookies.clear()
    page = house.ask("GET", "/", headers={"accept": "text/html"})
    assert page.status_code == 401 and 'action="/sign-in"' in page.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 422),
        ({"origin": "http://testserver"}, 422),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, 422),
        ({}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://testserver", "sec-fetch-site": "cross-site"}, 403),
    ],
)
def test_what_changes_something_comes_from_a_page_of_this_site(
    house: House, headers: dict[str, str], status: int
) -> None:
    house.ask("POST", "/sign-in", data={"key": house.keys["screener"]})
    assert house.ask("POST", "/v1/checks", json={"x": 1}, headers=headers).status_code == status
    house.client.cookies.clear()


def test_a_page_elsewhere_cannot_use_a_machine_where_nobody_is_entered(fresh: House, part: dict[str, Any]) -> None:
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert fresh.ask("POST", "/v1/checks", json=part, headers=headers).status_code == 403
    assert fresh.ask("POST", "/v1/checks", json=part).status_code == 200


# ---- people


def test_people_over_http(fresh: House) -> None:
    fresh.enter()
    new = {"id": "zoe", "name": "Zoë Example", "roles": ["screener"]}
    assert fresh.ask("POST", "/v1/people", "administrator", json=new).status_code == 201
    assert fresh.ask("POST", "/v1/people", "administrator", json=new).json()["type"] == f"{PROBLEM}bad-person"
    assert fresh.ask("POST", "/v1/people", "administrator", json={**new, "id": "local"}).status_code == 409
    assert fresh.ask("POST", "/v1/people", "administrator", json={**new, "roles": ["god"]}).status_code == 422
    changed = fresh.ask("PATCH", "/v1/people/zoe", "administrator", json={"roles": ["approver", "author"], "name": "Z"})
    assert changed.json()["roles"] == ["approver", "author"] and changed.json()["name"] == "Z"
    assert fresh.ask("GET", "/v1/people/zoe", "auditor").json() == changed.json()
    assert fresh.ask("GET", "/v1/people/abe", "auditor").status_code == 404
    last = fresh.ask("PATCH", "/v1/people/administrator", "administrator", json={"roles": []})
    assert last.status_code == 409 and "last administrator" in last.json()["detail"]

    link = fresh.ask("POST", "/v1/people/zoe/link", "administrator").json()
    token = link["path"].partition("token=")[2]
    assert use(fresh, token).status_code == 303
    assert fresh.ask("GET", "/v1/me").json()["person"]["id"] == "zoe"
    fresh.client.cookies.clear()
    key = fresh.ask("POST", "/v1/keys", "administrator", json={"name": "for zoe", "person": "zoe"})
    assert key.status_code == 201 and key.json()["of"]["person"] == "zoe"
    assert fresh.ask("POST", "/v1/keys", "auditor", json={"name": "for zoe", "person": "zoe"}).status_code == 403
    assert fresh.ask("GET", "/v1/keys?person=zoe", "author").status_code == 403
    lines = fresh.ask("GET", "/v1/audit/export", "auditor").text.splitlines()
    kinds = [json.loads(line).get("kind") for line in lines]
    assert {"person", "api-key", "link", "session"} <= set(kinds)
