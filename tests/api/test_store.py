"""What was answered is stored, can be asked for again, and is never answered without being stored."""

import io
import json
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


def test_what_is_stored_is_shown_to_this_machine_only(engine: Engine, part: dict[str, Any], tmp_path: Path) -> None:
    stranger = TestClient(create_app(engine=engine, settings=Settings(home=tmp_path)), client=("203.0.113.7", 5))
    for_all = TestClient(create_app(engine=engine, settings=Settings(home=tmp_path, hosts=("testserver", "*"))))
    for client in (stranger, for_all):
        id = client.post("/v1/checks", json=part).json()["id"]
        for path in ("", f"/{id}", f"/{id}/evidence"):
            assert client.get(f"/v1/checks{path}").json()["type"] == "urn:carveout:problem:not-here"
        assert client.post(f"/v1/checks/{id}/replay").status_code == 403
        assert client.get("/v1/audit/head").status_code == client.get("/v1/audit/export").status_code == 403
        client.app.state.keeper.close()  # type: ignore[attr-defined]


def test_a_store_that_cannot_be_opened_is_a_503_until_it_can(
    engine: Engine, part: dict[str, Any], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.write_text("a file where the folder should be")
    with TestClient(create_app(engine=engine, settings=Settings(home=home))) as client:
        assert client.post("/v1/checks", json=part).status_code == 503
        assert client.get("/v1/rules").status_code == 200
        home.unlink()
        assert client.post("/v1/checks", json=part).status_code == 200
