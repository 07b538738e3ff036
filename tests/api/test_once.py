"""Every POST route of the API obeys an Idempotency-Key: tried for each route that there is, on both databases."""

import json
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from carveout.api import Settings, create_app, store_keeping
from carveout.api.rights import everything
from carveout.engine.analyse.entries import checked, keep
from carveout.engine.law.clocks import parse_moment
from carveout.engine.records import schema
from carveout.engine.records.auditing import verify_store
from carveout.engine.records.database import Gone
from carveout.engine.records.journal import Journal
from carveout.engine.records.keys import Keys
from carveout.engine.records.people import People, Role
from carveout.engine.records.store import Store
from carveout.engine.records.tokens import Sealer
from carveout.engine.records.writes import Write, Written

from .test_changes import LICENCE, LONGER, SALE, small_contents

PROBLEM = "urn:carveout:problem:"
NEAR = "Alpha Tractor Works"
RAW, CSV = {"content-type": "application/octet-stream"}, {"content-type": "text/csv"}
LIST = "".join(f'{n},"Firm {n}",-0- ,"RED"' + ",-0- " * 8 + "\r\n" for n in range(1, 21)).encode() + b"\x1a"
ROUTES = sorted(path for path, method, _ in everything() if method == "POST")
API = [path for path in ROUTES if path.startswith("/v1/")]


@dataclass(frozen=True)
class Sent:
    """One request: by whom, where, and with what; and how it is made another."""

    path: str
    sent: dict[str, Any] = field(default_factory=dict)
    person: str = "ann"
    headers: dict[str, str] = field(default_factory=dict)
    other: dict[str, Any] = field(default_factory=dict)
    """What is sent instead, or `query` that is added."""


class World:
    """An application with two persons who may do everything, in which there is something to do for every route."""

    def __init__(self, home: Path, database: str) -> None:
        small_contents().write(home / "rules")
        (home / "lists").mkdir()
        (home / "lists" / "publications.yaml").write_text("publications:\n  us.ofac.sdn: {at_least: {}}\n")
        self.settings = Settings(home=home, rules=home / "rules", database=database, most_requests=100_000)
        app = create_app(settings=self.settings)
        self.client = TestClient(app, raise_server_exceptions=False)
        self.store: Store = app.state.keeper.store
        self.keys = {}
        for id in ("ann", "bob"):
            People(self.store).add(id, id, list(Role), "system")
            self.keys[id] = Keys(self.store, Sealer.of(home)).make(id, "tests", "system")[1]
        self.numbers = count(1)
        self.undo: list[str] = []

    def send(self, sent: Sent, key: str | None = None, *, other: bool = False) -> Any:
        """What is answered."""
        headers = {"authorization": f"Bearer {self.keys[sent.person]}", **sent.headers}
        if key is not None:
            headers["idempotency-key"] = key
        more = dict(sent.other) if other else dict(sent.sent)
        path = sent.path + more.pop("query", "")
        return self.client.post(path, headers=headers, **({**sent.sent, **more} if other else more))

    def told(self, sent: Sent) -> Any:
        """What is answered to a request on the way, which works."""
        answer = self.send(sent)
        assert answer.status_code < 300, answer.text
        return answer

    def entries(self) -> int:
        """How long the chain is."""
        with self.store.database.reading() as connection:
            query = select(func.count()).where(
                schema.audit.c.kind.not_in(("watched", "alert"))
            )  # what nobody asked for
            return int(connection.execute(query).scalar_one())

    def settled(self) -> None:
        """Wait until no report is being worked out."""
        running = self.client.app.state.reporting._running  # type: ignore[attr-defined]
        for _ in range(1_200):
            if all(one.ended for one in list(running.values())):
                return
            time.sleep(0.05)
        raise AssertionError("a report without end")

    # ---- what there is to do

    def check(self) -> Sent:
        stated = {**SALE, "reference": f"r{next(self.numbers)}"}
        return Sent("/v1/checks", {"json": stated}, other={"json": {**stated, "reference": "other"}})

    def csv(self) -> Sent:
        table = f"reference,activity,at,provider,customer\nt{next(self.numbers)},service,2025-03-01T12:00:00Z,A,B\n"
        other = {"content": table.replace(",A,", ",C,").encode()}
        return Sent("/v1/checks/csv", {"content": table.encode()}, headers=CSV, other=other)

    def replay(self) -> Sent:
        id = self.told(self.check()).json()["id"]
        return Sent(f"/v1/checks/{id}/replay", other={"query": "?law=today"})

    def screen(self) -> Sent:
        names = {"names": [{"name": f"Firm {next(self.numbers)}"}]}
        return Sent("/v1/screen", {"json": names}, other={"json": {"names": [{"name": "Another"}]}})

    def adjudication(self) -> Sent:
        party = {"name": NEAR, "roles": ["customer"], "address": f"Street {next(self.numbers)}"}
        stated = {**SALE, "parties": [SALE["parties"][0], party]}
        said = {"transaction": stated, "party": NEAR, "subject": "zz.alpha", "answer": "different", "reason": "looked"}
        return Sent("/v1/adjudications", {"json": said}, other={"json": {**said, "reason": "looked again"}})

    def confirmation(self) -> Sent:
        id = self.told(self.adjudication()).json()["id"]
        return Sent(f"/v1/adjudications/{id}/confirm", person="bob", other={"content": b"{}"})

    def taking_back(self) -> Sent:
        id = self.told(self.adjudication()).json()["id"]
        return Sent(f"/v1/adjudications/{id}/withdraw", {"json": {"reason": "a"}}, other={"json": {"reason": "b"}})

    def official_list(self) -> Sent:
        changed = LIST.replace(b"Firm 7", f"Firm Seven {next(self.numbers)}".encode())
        path = f"/v1/lists?published=2024-05-{next(self.numbers) % 28 + 1:02d}&confirm=yes"
        return Sent(path, {"content": changed}, headers=RAW, other={"content": LIST})

    def offer(self) -> str:
        """The address of a list that is not believed: three quarters of what was there are gone."""
        for lines in (20, 5):
            day = date(2025, 1, 1) + timedelta(days=next(self.numbers))
            whole = LIST.rstrip(b"\x1a").splitlines(True)[:lines]
            content = b"".join(whole).replace(b"Firm 2", f"Firm Two {next(self.numbers)}".encode()) + b"\x1a"
            made = self.told(Sent(f"/v1/lists?published={day}&confirm=it+is+so", {"content": content}, headers=RAW))
        assert made.status_code == 202, made.text
        return f"/v1/lists/offers/{made.json()['id']}"

    def offer_confirmed(self) -> Sent:
        return Sent(f"{self.offer()}/confirm", person="bob", other={"content": b"{}"})

    def offer_declined(self) -> Sent:
        return Sent(f"{self.offer()}/decline", {"json": {"reason": "a"}}, "bob", other={"json": {"reason": "b"}})

    def owners(self) -> Sent:
        register = f"company,owner,percent\nHolding {next(self.numbers)},Somebody,60\n".encode()
        other = {"content": register.replace(b"60", b"61")}
        return Sent("/v1/owners?published=2024-05-07", {"content": register}, headers=CSV, other=other)

    def proposal(self) -> Sent:
        text = small_contents().files[LICENCE].decode().replace(*LONGER) + f"# {next(self.numbers)}\n"
        said = {"title": "Prolonged", "put": {LICENCE: text}}
        return Sent("/v1/changes", {"json": said}, other={"json": {**said, "title": "Another"}})

    def report(self) -> Sent:
        id = self.told(self.proposal()).json()["id"]
        lines = {**CSV, "content-type": "application/x-ndjson"}
        return Sent(f"/v1/changes/{id}/report", person="bob", headers=lines, other={"content": b"{}\n"})

    def approval(self) -> Sent:
        report = self.report()
        self.told(report)
        self.settled()
        path = report.path.removesuffix("/report")
        return Sent(f"{path}/approve", person="bob", headers=self.seen(path), other={"content": b"{}"})

    def activation(self) -> Sent:
        approval = self.approval()
        self.told(approval)
        path = approval.path.removesuffix("/approve")
        self.undo.append(path)
        other = {"json": {"at": "2200-01-01T00:00:00Z"}}
        at = {"json": {"at": "2100-01-01T00:00:00Z"}}
        return Sent(f"{path}/activate", at, person="bob", headers=self.seen(path), other=other)

    def withdrawal(self) -> Sent:
        path = f"/v1/changes/{self.told(self.proposal()).json()['id']}"
        other = {"json": {"reason": "another"}}
        return Sent(f"{path}/withdraw", {"json": {"reason": "one"}}, headers=self.seen(path), other=other)

    def person(self) -> Sent:
        said = {"id": f"p{next(self.numbers)}", "name": "Somebody", "roles": ["screener"]}
        return Sent("/v1/people", {"json": said}, other={"json": {**said, "name": "Another"}})

    def link(self) -> Sent:
        id = self.told(self.person()).json()["id"]
        return Sent(f"/v1/people/{id}/link", other={"content": b"{}"})

    def key(self) -> Sent:
        said = {"name": f"laptop {next(self.numbers)}", "days": 2}
        return Sent("/v1/keys", {"json": said}, other={"json": {**said, "days": 3}})

    def keeping(self) -> Sent:
        stated = {**SALE, "reference": f"e{next(self.numbers)}"}
        return Sent("/v1/portfolio", {"json": stated}, other={"json": {**stated, "activity": "payment"}})

    def entry_closed(self) -> Sent:
        id = self.told(self.keeping()).json()["entries"][0]["id"]
        return Sent(f"/v1/portfolio/{id}/close", {"json": {"reason": "a"}}, other={"json": {"reason": "b"}})

    def alert(self) -> str:
        """The address of an alert that was just raised: an entry was asked before licence 1 began, and again after."""
        stated = {name: value for name, value in SALE.items() if name != "at"}
        watching, number = self.client.app.state.watching, next(self.numbers)  # type: ignore[attr-defined]
        engine, watch = watching.engine, watching.of(self.store)
        entries = checked([("1", {**stated, "reference": f"a{number}"})], engine)
        before, after = (parse_moment(f"2024-0{month}-01T12:00:00Z", None) for month in (6, 8))
        keep(watch, engine, entries, "ann", "ann", before)
        watching.look(after + number)
        watch.portfolios.close(watch.portfolios.open_of(f"a{number}").id, "ann")
        page = self.client.get("/v1/alerts?limit=200", headers={"authorization": f"Bearer {self.keys['ann']}"}).json()
        return next(f"/v1/alerts/{one['id']}" for one in page["alerts"] if one["reference"] == f"a{number}")

    def taking(self) -> Sent:
        return Sent(f"{self.alert()}/take", {"json": {"reason": "a"}}, other={"json": {"reason": "b"}})

    def closing(self) -> Sent:
        return Sent(f"{self.alert()}/close", {"json": {"reason": "a"}}, other={"json": {"reason": "b"}})

    def alert_confirmed(self) -> Sent:
        closing = self.closing()
        self.told(closing)
        path = closing.path.removesuffix("/close")
        return Sent(f"{path}/confirm", person="bob", other={"content": b"{}"})

    def alert_declined(self) -> Sent:
        path = self.alert_confirmed().path.removesuffix("/confirm")
        return Sent(f"{path}/decline", {"json": {"reason": "a"}}, person="bob", other={"json": {"reason": "b"}})

    def hook(self) -> Sent:
        for one in self.client.get("/v1/hooks", headers={"authorization": f"Bearer {self.keys['ann']}"}).json()[
            "hooks"
        ]:
            self.client.delete(f"/v1/hooks/{one['id']}", headers={"authorization": f"Bearer {self.keys['ann']}"})
        said = {"url": f"https://desk.invalid/{next(self.numbers)}"}
        return Sent("/v1/hooks", {"json": said}, other={"json": {"url": "https://other.invalid/"}})

    def seen(self, path: str) -> dict[str, str]:
        """The header that says what was seen."""
        answer = self.client.get(path, headers={"authorization": f"Bearer {self.keys['ann']}"})
        return {"if-match": answer.headers["etag"]}

    def clean(self) -> None:
        """Take back what was to be the law, so that the next change has the same base."""
        self.settled()
        for path in self.undo:
            self.send(Sent(f"{path}/withdraw", {"json": {}}, person="bob", headers=self.seen(path)))
        self.undo.clear()


MAKERS: dict[str, Callable[[World], Sent]] = {
    "/v1/checks": World.check,
    "/v1/checks/csv": World.csv,
    "/v1/checks/{id:uuid}/replay": World.replay,
    "/v1/screen": World.screen,
    "/v1/adjudications": World.adjudication,
    "/v1/adjudications/{id:uuid}/confirm": World.confirmation,
    "/v1/adjudications/{id:uuid}/withdraw": World.taking_back,
    "/v1/lists": World.official_list,
    "/v1/lists/offers/{id:uuid}/confirm": World.offer_confirmed,
    "/v1/lists/offers/{id:uuid}/decline": World.offer_declined,
    "/v1/owners": World.owners,
    "/v1/changes": World.proposal,
    "/v1/changes/{id:uuid}/report": World.report,
    "/v1/changes/{id:uuid}/approve": World.approval,
    "/v1/changes/{id:uuid}/activate": World.activation,
    "/v1/changes/{id:uuid}/withdraw": World.withdrawal,
    "/v1/portfolio": World.keeping,
    "/v1/portfolio/{id:uuid}/close": World.entry_closed,
    "/v1/alerts/{id:uuid}/take": World.taking,
    "/v1/alerts/{id:uuid}/close": World.closing,
    "/v1/alerts/{id:uuid}/confirm": World.alert_confirmed,
    "/v1/alerts/{id:uuid}/decline": World.alert_declined,
    "/v1/hooks": World.hook,
    "/v1/people": World.person,
    "/v1/people/{id}/link": World.link,
    "/v1/keys": World.key,
}
SECRET = {"/v1/people/{id}/link": "path", "/v1/keys": "key", "/v1/hooks": "secret"}
"""Where an answer has a secret, and how its field is called."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def module_world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all tests of a database."""
    home = tmp_path_factory.mktemp("once")
    local = request.param == "sqlite"
    made = World(home, f"sqlite:///{home / 'x.db'}" if local else request.getfixturevalue("empty_database")())
    with made.client:
        yield made
        verify_store(made.store)


@pytest.fixture
def world(module_world: World) -> Iterator[World]:
    """The world, put in order afterwards."""
    yield module_world
    module_world.clean()


def test_every_route_is_tried() -> None:
    assert set(MAKERS) == set(API), "say what is sent to a new route"


@pytest.mark.parametrize("route", API)
def test_sent_again_it_is_done_once(world: World, route: str) -> None:
    sent, key = MAKERS[route](world), f"again {route}".replace(" ", "-")
    first = world.send(sent, key)
    assert first.status_code < 300, first.text
    world.settled()
    entries = world.entries()

    again, other = world.send(sent, key), world.send(sent, key, other=True)

    if route in SECRET:
        refused_to_show(world, again, first.json()[SECRET[route]])
    else:
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers.get("etag") == first.headers.get("etag")
    assert other.status_code == 422 and other.json()["type"] == f"{PROBLEM}key-used", other.text
    world.settled()
    assert world.entries() == entries, "nothing was done again"
    strange = world.send(Sent(sent.path, sent.sent, "bob" if sent.person == "ann" else "ann", sent.headers), key)
    assert f"{PROBLEM}key-used" not in strange.text, "the key of another person is another key"


def refused_to_show(world: World, again: Any, shown: str) -> None:
    """A secret is shown once and kept nowhere."""
    secret = shown.rpartition("token=")[2]
    assert again.status_code == 409 and again.json()["type"] == f"{PROBLEM}shown-once"
    assert secret not in again.text
    with world.store.database.reading() as connection:
        kept = [zlib.decompress(data) for data in connection.execute(select(schema.contents.c.data)).scalars()]
        rows = [connection.execute(select(table)).all() for table in (schema.keys, schema.links, schema.answered)]
    assert kept and secret.encode() not in b"".join(kept) and secret not in repr(rows)
    assert secret.rpartition("_")[2].encode() not in b"".join(kept)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("route", API)
def test_what_was_done_and_not_answered_is_found(
    world: World, route: str, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, key = MAKERS[route](world), f"{when} {route}".replace(" ", "-")
    start, submit, broken = world.entries(), Journal.submit, list[int]()

    def breaking(self: Journal, write: Write) -> Future[Written]:
        if write.key is None or broken:
            return submit(self, write)
        broken.append(1)
        lost: Future[Written] = Future()
        if when == "after":
            submit(self, write).result()
        lost.set_exception(Gone("the connection broke"))
        return lost

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "submit", breaking)
        first = world.send(sent, key)
        world.settled()
    assert broken and (first.status_code == 503 or route.endswith("/report")), first.text
    entries = world.entries()

    again = world.send(sent, key)
    world.settled()

    if route in SECRET and when == "after":
        assert again.json()["type"] == f"{PROBLEM}shown-once"
    else:
        assert again.status_code < 300, again.text
    if when == "after":
        assert world.entries() == entries, "nothing was done again"
    third = world.send(sent, key)
    world.settled()
    assert third.content == again.content or route in SECRET
    if route.endswith("/report"):
        assert world.client.get(sent.path, headers={"authorization": f"Bearer {world.keys['bob']}"}).status_code == 200
    assert world.entries() > start or route == "/v1/screen", "an import, a decision, an act: an entry"


@pytest.mark.parametrize("route", ["/v1/people", "/v1/changes", "/v1/changes/{id:uuid}/approve", "/v1/keys"])
def test_two_processes_at_once(world: World, route: str) -> None:
    with TestClient(create_app(settings=world.settings)) as second:
        clients, first = [world.client, second], world.client
        for number in range(3):
            sent, key = MAKERS[route](world), f"race {route} {number}".replace(" ", "-")
            entries = world.entries()

            def ask(client: TestClient, sent: Sent = sent, key: str = key) -> Any:
                headers = {"authorization": f"Bearer {world.keys[sent.person]}", "idempotency-key": key, **sent.headers}
                return client.post(sent.path, headers=headers, **sent.sent)

            with ThreadPoolExecutor(4) as pool:
                answers = list(pool.map(ask, clients * 2))
            good = [answer for answer in answers if answer.status_code < 300]
            if route in SECRET:
                assert len(good) == 1 and {a.json()["type"] for a in answers if a not in good} == {
                    f"{PROBLEM}shown-once"
                }
            else:
                assert len({answer.content for answer in answers}) == 1 and len(good) == 4, answers[0].text
            done = world.entries() - entries
            assert done == 1 or (route == "/v1/changes" and done == 2), "a rule version of its own"
            world.clean()
        assert first is world.client


def test_one_that_is_under_way_for_long_is_a_conflict(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_keeping, "TURN_SECONDS", 0.1)
    sent, add = world.person(), People.add

    def slow(*arguments: Any, **more: Any) -> Any:
        time.sleep(1)
        return add(*arguments, **more)

    monkeypatch.setattr(People, "add", slow)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: world.send(sent, "slow"), range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["type"] == f"{PROBLEM}key-under-way" and int(refused.headers["retry-after"]) > 0
    assert world.send(sent, "slow").status_code == 201


@pytest.mark.parametrize("route", [path for path in ROUTES if path not in API])
def test_where_no_key_is_kept_it_is_refused(world: World, route: str) -> None:
    path = route.replace("{id:uuid}", "0197b3f5-0000-7000-8000-000000000000")
    answer = world.send(Sent(path), "k")
    assert answer.status_code == 422 and "Idempotency-Key" in answer.text


def test_the_document_says_so_of_every_route(world: World) -> None:
    paths = world.client.get("/v1/openapi.json").json()["paths"]
    for path, operations in paths.items():
        if "post" in operations and path.startswith("/v1/"):
            named = [parameter["name"] for parameter in operations["post"]["parameters"]]
            assert named.count("Idempotency-Key") == 1, path
            assert {"409", "422", "503"} <= set(operations["post"]["responses"]), path


@pytest.mark.parametrize("key", ["a b", "x" * 256, "ключ".encode(), b"a\tb", b"a\x7fb", b"\xff"])
def test_what_is_no_key(world: World, key: str | bytes) -> None:
    for route in ("/v1/people", "/v1/checks"):
        sent = MAKERS[route](world)
        headers = [(b"authorization", f"Bearer {world.keys['ann']}".encode())]
        headers.append((b"idempotency-key", key if isinstance(key, bytes) else key.encode()))
        answer = world.client.post(sent.path, headers=headers, **sent.sent)
        assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert json.loads(answer.content)["status"] == 422
