"""What was answered is stored, can be asked for again, and is never answered without being stored."""

import io
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pypdfium2  # type: ignore[import-untyped]
import pytest
from fastapi.testclient import TestClient

from carveout.api import Settings, create_app
from carveout.engine import Engine
from carveout.engine.records.auditing import verify_lines
from carveout.engine.records.signing import read_head

CSV = {"content-type": "text/csv"}
SCREENING = (Path(__file__).resolve().parents[2] / "fixtures" / "csv" / "screening.csv").read_bytes()


@pytest.fixture
def own(engine: Engine, tmp_path: Path) -> Iterator[TestClient]:
    """A client of an application with a store of its own."""
    with TestClient(create_app(engine=engine, settings=Settings(home=tmp_path / "home"))) as client:
        yield client


def test_a_decision_is_found_as_it_was_answered(own: TestClient, part: dict[str, Any]) -> None:
    answer = own.post("/v1/checks", json={**part, "reference": "Ю-1"})

    again = own.get(f"/v1/checks/{answer.json()['id']}")

    assert again.content == answer.content
    unchanged = own.get(f"/v1/checks/{answer.json()['id']}", headers={"if-none-match": again.headers["etag"]})
    assert unchanged.status_code == 304 and not unchanged.content
    assert own.get(f"/v1/checks/{uuid4()}").json()["type"] == "urn:carveout:problem:unknown-check"


def test_pages(own: TestClient, part: dict[str, Any]) -> None:
    ids = [own.post("/v1/checks", json={**part, "reference": f"r{i % 2}"}).json()["id"] for i in range(5)]

    first = own.get("/v1/checks", params={"limit": 3}).json()
    second = own.get("/v1/checks", params={"limit": 3, "cursor": first["next"]}).json()

    assert [d["id"] for page in (first, second) for d in page["decisions"]] == ids[::-1]
    assert second["next"] is None and first["decisions"][0]["person"] == "local"
    assert len(own.get("/v1/checks", params={"reference": "r1"}).json()["decisions"]) == 2
    assert own.get("/v1/checks", params={"outcome": "stop"}).json() == {"decisions": [], "next": None}
    for bad in ({"cursor": "x"}, {"cursor": "ж"}, {"limit": 0}, {"outcome": "maybe"}, {"reference": "a\0"}):
        assert own.get("/v1/checks", params=bad).status_code == 422, bad


def test_a_key_sent_again_gives_the_first_answer(own: TestClient, part: dict[str, Any]) -> None:
    key = {"idempotency-key": "order-17"}

    first, second = (own.post("/v1/checks", json=part, headers=key) for _ in range(2))
    other = own.post("/v1/checks", json={**part, "place": "DE"}, headers=key)

    assert first.content == second.content
    assert other.status_code == 422 and other.json()["type"] == "urn:carveout:problem:key-used"
    assert len(own.get("/v1/checks").json()["decisions"]) == 1
    for bad in ("", "a b", "x" * 256):
        assert own.post("/v1/checks", json=part, headers={"idempotency-key": bad}).status_code == 422


def test_a_refused_request_uses_no_key_up(own: TestClient, part: dict[str, Any]) -> None:
    key = {"idempotency-key": "k"}

    assert own.post("/v1/checks", json={**part, "at": "soon"}, headers=key).status_code == 422
    assert own.post("/v1/checks", json=part, headers=key).status_code == 200


def test_a_table_is_stored_with_its_decisions(own: TestClient) -> None:
    key = {**CSV, "idempotency-key": "t"}

    first, second = (own.post("/v1/checks/csv", content=SCREENING, headers=key) for _ in range(2))

    assert first.content == second.content
    stored = own.get("/v1/checks", params={"limit": 200}).json()["decisions"]
    assert len({d["table"] for d in stored}) == 1
    rows = sorted(row for d in stored for row in d["rows"])
    assert rows == sorted(set(rows)) and rows


def test_a_form_is_stored_too(own: TestClient, part: dict[str, Any]) -> None:
    page = own.post("/decision", data={"json": json.dumps(part)})

    id = own.get("/v1/checks").json()["decisions"][0]["id"]
    assert page.status_code == 200 and f"/v1/checks/{id}/evidence" in page.text


def test_a_replay_is_the_same_and_an_entry_of_the_chain(own: TestClient, part: dict[str, Any]) -> None:
    id = own.post("/v1/checks", json=part).json()["id"]
    key = {"idempotency-key": "again"}

    first, second = (own.post(f"/v1/checks/{id}/replay", headers=key) for _ in range(2))
    early = own.post(f"/v1/checks/{id}/replay", params={"law": "today", "as_known": "2025-09-01T00:00:00Z"}).json()

    assert first.content == second.content and first.json()["same_bytes"] is True
    assert early["law"] == "today" and not early["same"] and early["differences"]
    kinds = [json.loads(line)["kind"] for line in own.get("/v1/audit/export").text.splitlines()]
    assert kinds == ["key", "rules", "decision", "replay", "replay", "export"]
    assert own.post(f"/v1/checks/{id}/replay", params={"as_known": "soon"}).status_code == 422
    assert own.post(f"/v1/checks/{uuid4()}/replay").status_code == 404


def test_the_chain_comes_out_whole(own: TestClient, part: dict[str, Any]) -> None:
    own.post("/v1/checks", json=part)
    head = read_head(own.get("/v1/audit/head").text)

    lines = own.get("/v1/audit/export").content

    assert verify_lines(lines.splitlines(keepends=True), head).tail.n == head.tail.n + 1


NAMES = ("Авиакомпания Белавиа ЁІЎ", "شركة الطيران البيلاروسية", "白俄罗斯航空公司")


def test_evidence_holds_everything_in_every_script(own: TestClient, part: dict[str, Any]) -> None:
    parties = [*part["parties"], *({"name": name, "roles": ["consignee"]} for name in NAMES)]
    id = own.post("/v1/checks", json={**part, "parties": parties, "reference": "<b>Ю"}).json()["id"]
    url = f"/v1/checks/{id}/evidence"

    pack = own.get(url).json()
    page = own.get(url, headers={"accept": "text/html,*/*"})
    pdf = own.get(url, params={"form": "pdf"})

    assert pack["stated"]["parties"] == parties
    assert pack["body"] == own.get(f"/v1/checks/{id}").json()["body"]
    named = {finding["prohibition"] for finding in pack["body"]["findings"]}
    assert named <= {norm["id"] for norm in pack["law"]} and named
    rules = Path(__file__).resolve().parents[2] / "rules"
    assert all((rules / norm["file"]).read_text(encoding="utf-8") == norm["text"] for norm in pack["law"])
    assert json.loads(pack["audit"]["entry"])["data"]["envelope"] == pack["hashes"]["envelope"]
    assert page.headers["content-type"].startswith("text/html") and "&lt;b&gt;Ю" in page.text
    assert all(name in page.text for name in NAMES)
    assert pdf.headers["content-type"] == "application/pdf"
    text = "".join(sheet.get_textpage().get_text_range() for sheet in pypdfium2.PdfDocument(io.BytesIO(pdf.content)))
    assert id in text and NAMES[0] in text and NAMES[2] in text
    # a reader gives shaped Arabic back letter by letter in the order of the page; no letter of it may be missing
    assert set(NAMES[1]) - set(" ة") <= set(text)


def test_the_pdf_has_a_glyph_for_every_letter(
    own: TestClient, part: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    names = [{"name": name, "roles": ["consignee"]} for name in (*NAMES, "Ελληνικά", "Đặng Łódź Ağrı")]
    id = own.post("/v1/checks", json={**part, "parties": [*part["parties"], *names]}).json()["id"]

    assert own.get(f"/v1/checks/{id}/evidence", params={"form": "pdf"}).status_code == 200

    assert not [record for record in caplog.records if "glyph" in record.getMessage().lower()]


def test_what_cannot_be_stored_is_not_answered(own: TestClient, part: dict[str, Any], tmp_path: Path) -> None:
    assert own.post("/v1/checks", json=part).status_code == 200
    keeper = own.app.state.keeper  # type: ignore[attr-defined]
    store = keeper.store
    with store.database.writing() as connection:  # another process holds the database; and no disk is left
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    store.database.close()
    from sqlalchemy import event

    def full(connection: sqlite3.Connection, _: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}").close()

    event.listen(store.database.engine, "connect", full)
    big = {**part, "reference": "x" * 2_000}
    answers = [own.post("/v1/checks", json={**big, "place": place}) for place in ("DE", "FR", "PL", "IT", "ES") * 8]

    refused = [answer for answer in answers if answer.status_code != 200]
    assert refused and all(answer.status_code == 503 for answer in refused)
    assert refused[0].json()["type"] == "urn:carveout:problem:not-stored" and refused[0].headers["retry-after"]
    assert "body" not in refused[0].json()
    table = own.post("/v1/checks/csv", content=SCREENING, headers=CSV)
    form = own.post("/decision", data={"json": json.dumps(big)}, headers={"accept": "text/html"})
    assert table.status_code == form.status_code == 503
    event.remove(store.database.engine, "connect", full)
    store.database.close()

    assert own.post("/v1/checks", json=part).status_code == 200, "there is room again"
    stored = own.get("/v1/checks", params={"limit": 200}).json()["decisions"]
    assert len(stored) == 2 + len(answers) - len(refused)


def test_a_store_that_cannot_be_opened_is_a_503_until_it_can(
    engine: Engine, part: dict[str, Any], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.write_text("a file where the folder should be")
    with TestClient(create_app(engine=engine, settings=Settings(home=home))) as client:
        assert client.post("/v1/checks", json=part).status_code == 503
        assert client.get("/v1/rules").status_code == 503, "nobody can say whether somebody has been entered"
        assert client.get("/v1/health").status_code == 200
        home.unlink()
        assert client.post("/v1/checks", json=part).status_code == 200


ACT = {
    "activity": "advice",
    "at": "2024-11-22T10:00:00-05:00",
    "parties": [
        {"name": "Great Lakes Consultancy LLC", "roles": ["actor"], "country": "US"},
        {"name": "Holding One", "roles": ["counterparty"], "country": "DE"},
    ],
}
OWNERS = "company,owner,percent\nHolding One,{},60\n"


def sdn_csv(*names: str) -> bytes:
    rows = [f'{number},"{name}",-0- ,"RED"' + ",-0- " * 8 + "\r\n" for number, name in enumerate(names, 1)]
    return "".join(rows).encode() + b"\x1a"


@pytest.fixture
def keeping(engine: Engine, tmp_path: Path) -> Iterator[TestClient]:
    """A server that takes lists and registers too."""
    (tmp_path / "lists").mkdir()
    publications(tmp_path, "publications:\n  us.ofac.sdn: {at_least: {}}\n")
    with TestClient(create_app(engine=Engine(engine.rules), settings=Settings(home=tmp_path))) as client:
        yield client


def publications(home: Path, text: str) -> None:
    (home / "lists" / "publications.yaml").write_text(text)


def take(server: TestClient, day: str, *names: str) -> None:
    """Take a list and a register of a day."""
    body = sdn_csv(*(f"Firm {n}" for n in range(20)), *names)
    taken = server.post(
        f"/v1/lists?published={day}", content=body, headers={"content-type": "application/octet-stream"}
    )
    assert taken.status_code == 201, taken.text
    owners = server.post(f"/v1/owners?published={day}", content=OWNERS.format((*names, "Nobody")[0]), headers=CSV)
    assert owners.status_code == 200, owners.text


def test_lists_and_registers_of_then_are_asked_again(keeping: TestClient, tmp_path: Path) -> None:
    bare = keeping.post("/v1/checks", json=ACT).json()
    take(keeping, "2024-05-07")
    then = keeping.post("/v1/checks", json=ACT).json()
    take(keeping, "2024-05-08", "Holding One")
    now = keeping.post("/v1/checks", json=ACT).json()

    answers = {id: keeping.post(f"/v1/checks/{id}/replay").json() for id in (bare["id"], then["id"], now["id"])}
    today = keeping.post(f"/v1/checks/{then['id']}/replay", params={"law": "today"}).json()
    shutil.rmtree(tmp_path / "lists" / "watchlist" / then["body"]["made_with"]["lists"][:16])
    made_anew = keeping.post(f"/v1/checks/{then['id']}/replay").json()

    made_with = [one["body"]["made_with"] for one in (bare, then, now)]
    assert len({made.get("lists") for made in made_with}) == len({made.get("owners") for made in made_with}) == 3
    for id, answer in answers.items():
        assert answer["same_bytes"] and answer["same"] and not answer["others"], (id, answer["differences"])
    pack = keeping.get(f"/v1/checks/{then['id']}/evidence").json()
    page = keeping.get(f"/v1/checks/{then['id']}/evidence", params={"form": "html"}).text
    pdf = keeping.get(f"/v1/checks/{then['id']}/evidence", params={"form": "pdf"}).content
    text = "".join(sheet.get_textpage().get_text_range() for sheet in pypdfium2.PdfDocument(io.BytesIO(pdf)))
    for kept, key, name in (("lists", "snapshots", "us.ofac.sdn"), ("owners", "imports", "upload")):
        assert pack[kept]["fingerprint"] == then["body"]["made_with"][kept]
        assert [one["published"] for one in pack[kept][key]] == ["2024-05-07"]
        assert f"{name}, published 2024-05-07" in page and f"{name}, published 2024-05-07" in text
    assert made_anew == answers[then["id"]]
    assert not today["same"] and today["body"]["made_with"] == made_with[2]
    assert {"/made_with/lists", "/made_with/owners"} <= {one["path"] for one in today["differences"]}


def test_what_was_known_of_lists_and_registers_is_asked_again(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    publications(tmp_path, "publications:\n  us.ofac.sdn: {at_least: {}}\n")
    known = "2024-05-07T23:00:00Z"
    with TestClient(create_app(engine=Engine(engine.rules), settings=Settings(home=tmp_path))) as server:
        take(server, "2024-05-07")
        take(server, "2024-05-08", "Holding One")
        store, asked = server.app.state.keeper.store, server.app.state.engine  # type: ignore[attr-defined]
        decision = asked.check(ACT, as_known=known)
        kept = store.keep(asked.rules, ACT, decision, person="me", as_known=known).result()
        now = asked.check(ACT)
        take(server, "2024-05-09", "Another")

        then = server.post(f"/v1/checks/{kept.envelope.id}/replay").json()
        later = server.post(f"/v1/checks/{kept.envelope.id}/replay?as_known=2024-06-01T00:00:00Z").json()

    assert now.body["made_with"]["owners"] != decision.body["made_with"]["owners"]
    assert then["same_bytes"] and not then["others"]
    assert not later["same_bytes"] and not later["others"]


def test_other_lists_and_registers_than_recorded_are_never_the_same(keeping: TestClient, tmp_path: Path) -> None:
    take(keeping, "2024-05-07")
    id = keeping.post("/v1/checks", json=ACT).json()["id"]
    assert keeping.post(f"/v1/checks/{id}/replay").json()["same"]
    for file in (tmp_path / "owners").glob("*.owners"):
        file.unlink()
    for file in (tmp_path / "lists").glob("snapshots.sqlite*"):
        file.unlink()
    for folder in (tmp_path / "lists").glob("watchlist*"):
        shutil.rmtree(folder)

    gone = keeping.post(f"/v1/checks/{id}/replay").json()
    take(keeping, "2024-05-08", "Another")
    other = keeping.post(f"/v1/checks/{id}/replay").json()

    pack = keeping.get(f"/v1/checks/{id}/evidence").json()
    assert pack["lists"]["snapshots"] is None and pack["owners"]["imports"] is None
    assert "cannot be found any more" in keeping.get(f"/v1/checks/{id}/evidence", params={"form": "html"}).text
    for answer in (gone, other):
        assert not answer["same"] and not answer["same_bytes"] and len(answer["others"]) == 2
        assert {"/made_with/lists", "/made_with/owners"} <= {one["path"] for one in answer["differences"]}
    assert all("nothing of the kind" in said for said in gone["others"])
    assert all("what is kept now was asked" in said for said in other["others"])


def test_lists_that_cannot_be_used_make_no_replay(keeping: TestClient, tmp_path: Path) -> None:
    take(keeping, "2024-05-07")
    id = keeping.post("/v1/checks", json=ACT).json()["id"]
    shutil.rmtree(tmp_path / "lists" / "watchlist")
    publications(tmp_path, "publications: 7\n")

    refused = keeping.post(f"/v1/checks/{id}/replay")

    assert refused.status_code == 409 and refused.json()["type"] == "urn:carveout:problem:not-replayable"
    assert "publications.yaml" in refused.json()["detail"]
