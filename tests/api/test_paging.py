"""Every list comes in pages that can be walked to the end, by `next` and by the Link header; and acts that rest on what
was seen are refused once that is otherwise."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from carveout.engine.records.errands import Errand
from carveout.engine.records.people import People, Role
from carveout.engine.records.store import Store

from .test_once import LIST, RAW, Sent, World

WHOLE = {
    "/v1/vocabulary", "/v1/lists", "/v1/search", "/v1/owners", "/v1/transaction.schema.json", "/v1/health", "/v1/me",
    "/v1/rules/{id}", "/v1/checks/{id}", "/v1/checks/{id}/evidence", "/v1/people/{id}", "/v1/adjudications/{id}",
    "/v1/lists/offers/{id}",
}  # fmt: skip
"""Answers with a list in them that another bound keeps short: what there is in the rules, a setting, one thing."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """With seven of everything."""
    home = tmp_path_factory.mktemp("pages")
    made = World(home, f"sqlite:///{home / 'x.db'}")
    with made.client:
        made.client.headers["authorization"] = f"Bearer {made.keys['ann']}"
        for number in range(7):
            for sent in (made.check(), made.adjudication(), made.proposal(), made.person(), made.key(), made.keeping()):
                made.told(sent)
            made.alert()
            made.offer()
            changed = LIST.replace(b'Firm 3"', f'Firm Three {number}"'.encode())
            made.told(Sent(f"/v1/lists?published=2024-05-{number + 1:02d}", {"content": changed}, headers=RAW))
            made.told(made.owners())
        yield made


LISTS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "/v1/checks": ("decisions", lambda one: str(one["id"])),
    "/v1/rules": ("rules", lambda one: str(one["id"])),
    "/v1/adjudications": ("adjudications", lambda one: str(one["id"])),
    "/v1/changes": ("changes", lambda one: str(one["id"])),
    "/v1/people": ("people", lambda one: str(one["id"])),
    "/v1/keys": ("keys", lambda one: str(one["id"])),
    "/v1/portfolio": ("entries", lambda one: str(one["id"])),
    "/v1/alerts": ("alerts", lambda one: str(one["id"])),
    "/v1/lists/offers": ("offers", lambda one: str(one["id"])),
    "/v1/lists/us.ofac.sdn/snapshots": ("snapshots", lambda one: str(one["key"])),
    "/v1/owners/status": ("imports", lambda one: str(one["import"])),
}
ORDERED = ("/v1/rules", "/v1/people", "/v1/checks", "/v1/portfolio", "/v1/alerts")
"""Lists of which any id or number is a place, also one that was never given."""
TEMPLATES = {path.replace("us.ofac.sdn", "{list}") for path in LISTS} | {"/v1/lists/compare"}


def walked(world: World, url: str) -> Iterator[Any]:
    """The pages from one on, by the Link header, which says what `next` says."""
    for _ in range(50):
        answer = world.client.get(url)
        assert answer.status_code == 200, answer.text
        yield answer.json()
        following = answer.links.get("next")
        assert (following is None) == (answer.json()["next"] is None)
        if following is None:
            return
        url = urljoin(str(answer.url), following["url"])
        assert f"cursor={answer.json()['next']}" in url
    raise AssertionError("pages without end")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", [1, 3, 200])
def test_the_pages_are_the_whole_once_each(world: World, path: str, limit: int) -> None:
    field, name = LISTS[path]

    pages = list(walked(world, f"{path}?limit={limit}"))

    found = [name(one) for page in pages for one in page[field]]
    assert all(len(page[field]) == limit for page in pages[:-1]) and pages[-1][field]
    assert len(found) == len(set(found)) >= 7
    assert found == [name(one) for one in world.client.get(f"{path}?limit=200").json()[field]], "and in one order"


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "query", ["cursor=x", "cursor=", "cursor=AA", "cursor=bjk5OQ", "cursor=%00", "cursor=" + "A" * 500, "limit=0",
              "limit=1e3", "limit=201000", "limit=-1"],
)  # fmt: skip
def test_a_cursor_that_was_never_given_is_refused(world: World, path: str, query: str) -> None:
    answer = world.client.get(f"{path}?{query}")
    if answer.status_code == 200:  # ids and numbers in an order: any of them is a place
        assert query == "cursor=bjk5OQ" and path in ORDERED
    else:
        assert answer.status_code == 422
        assert query == "cursor=%00" or answer.json()["errors"][0]["field"] == query.partition("=")[0]


def test_the_other_words_of_a_query_stay(world: World) -> None:
    pages = list(walked(world, "/v1/checks?outcome=stop&limit=2&reference=r1"))
    assert [one["reference"] for page in pages for one in page["decisions"]] in (["r1"], [])
    pages = list(walked(world, "/v1/keys?person=ann&limit=3"))
    assert {one["person"] for page in pages for one in page["keys"]} == {"ann"} and len(pages) > 1


def test_a_comparison_in_pages(world: World) -> None:
    keys = [one["key"] for one in world.client.get("/v1/lists/us.ofac.sdn/snapshots").json()["snapshots"]]
    head = LIST.replace(b"Firm", b"Company")
    made = world.told(Sent("/v1/lists?published=2024-06-01&confirm=yes", {"content": head}, headers=RAW)).json()
    url = f"/v1/lists/compare?before={keys[0]}&after={made['snapshot']['key']}"
    whole = world.client.get(url).json()

    pages = list(walked(world, f"{url}&limit=3"))

    for kind in ("added", "removed", "changed"):
        assert [one for page in pages for one in page[kind]] == whole[kind]
    assert len(pages) > 3 and world.client.get(f"{url}&limit=0").json()["next"] is None


def test_every_list_is_tried(world: World) -> None:
    document = world.client.get("/v1/openapi.json").json()
    schemas = document["components"]["schemas"]
    for path, operations in document["paths"].items():
        if "get" not in operations:
            continue
        named = {parameter["name"] for parameter in operations["get"].get("parameters", [])}
        content = operations["get"]["responses"].get("200", {}).get("content", {}).get("application/json", {})
        name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        fields = schemas[name]["properties"].values() if name in schemas else ()
        if "limit" in named or "cursor" in named:
            assert {"limit", "cursor"} <= named and path in TEMPLATES, path
        else:
            assert path in WHOLE or not any(one.get("type") == "array" for one in fields), f"{path}: in pages"


# ---- what was seen


def test_a_person_is_changed_as_they_were_seen(world: World) -> None:
    path = f"/v1/people/{world.told(world.person()).json()['id']}"
    first = world.client.get(path)
    tag = {"if-match": first.headers["etag"]}
    same = world.client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert same.status_code == 304 and not same.content and same.headers["etag"] == first.headers["etag"]

    done = world.client.patch(path, json={"roles": ["analyst"], "name": "Other", "disabled": True}, headers=tag)
    late = world.client.patch(path, json={"roles": ["auditor"]}, headers=tag)

    assert done.status_code == 200 and done.headers["etag"] == world.client.get(path).headers["etag"]
    assert (done.json()["roles"], done.json()["name"], done.json()["disabled"] is None) == (["analyst"], "Other", False)
    assert late.status_code == 412 and late.json()["type"] == "urn:carveout:problem:other-state"
    assert world.client.get(path).json() == done.json()
    now = {"if-match": f'"x", {done.headers["etag"]}'}
    assert world.client.patch(path, json={"disabled": False}, headers=now).status_code == 200
    assert world.client.patch(path, json={"name": "Third"}, headers={"if-match": "*"}).status_code == 200
    assert world.client.patch(path, json={"name": "Fourth"}).status_code == 200, "who says nothing rests on nothing"
    weak = world.client.get(path).headers["etag"]
    assert world.client.patch(path, json={"name": "5"}, headers={"if-match": f"W/{weak}"}).status_code == 412
    assert world.client.patch(path, json={"name": ""}, headers={"if-match": weak}).status_code == 409


def test_the_last_administrator_is_not_changed_by_half(world: World) -> None:
    for id in ("bob",):
        assert world.client.patch(f"/v1/people/{id}", json={"roles": ["approver"]}).status_code == 200
    before = world.client.get("/v1/people/ann").json()
    refused = world.client.patch("/v1/people/ann", json={"name": "Nobody", "roles": ["analyst"]})
    assert refused.status_code == 409 and "last administrator" in refused.json()["detail"]
    assert world.client.get("/v1/people/ann").json() == before
    world.client.patch("/v1/people/bob", json={"roles": [role.value for role in Role]})


def test_what_was_seen_is_held_to_in_the_transaction(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Somebody else is quicker, between the look at the tag and the writing."""
    path = f"/v1/people/{world.told(world.person()).json()['id']}"
    seen, on, once = world.seen(path), Errand.on, threading.Event()

    def quicker(self: Errand, store: Store) -> Store:
        if not once.is_set():
            once.set()
            People(store).rename(path.rpartition("/")[2], "Quicker", "system")
        return on(self, store)

    monkeypatch.setattr(Errand, "on", quicker)
    late = world.client.patch(path, json={"roles": ["auditor"]}, headers=seen)

    assert once.is_set() and late.status_code == 412
    assert world.client.get(path).json()["roles"] == ["screener"]


@pytest.mark.parametrize("act", ["confirm", "withdraw"])
def test_an_answer_is_confirmed_as_it_was_seen(world: World, act: str) -> None:
    id = world.told(world.adjudication()).json()["id"]
    path, bob = f"/v1/adjudications/{id}", {"authorization": f"Bearer {world.keys['bob']}"}
    tag = world.client.get(path).headers["etag"]
    assert world.client.get(path, headers={"if-none-match": tag}).status_code == 304
    assert world.client.post(f"{path}/confirm", headers={**bob, "if-match": '"x"'}).status_code == 412
    assert world.client.post(f"{path}/confirm", headers={**bob, "if-match": tag}).status_code == 200
    said: dict[str, Any] = {} if act == "confirm" else {"json": {"reason": "no"}}
    assert world.client.post(f"{path}/{act}", headers={**bob, "if-match": tag}, **said).status_code == 412
    now = world.client.get(path).headers["etag"]
    again = world.client.post(f"{path}/{act}", headers={**bob, "if-match": now}, **said)
    assert again.status_code == (409 if act == "confirm" else 200)
