"""What the rule set holds, over HTTP."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from fastapi.testclient import TestClient

from carveout.api import Settings, create_app
from carveout.api.law_answers import RuleInFull
from carveout.api.vocabulary_answer import VocabularyAnswer
from carveout.engine import Engine
from carveout.engine.law.norms import Exemption


def ids(client: TestClient, query: str = "") -> list[str]:
    """The ids of the norms of a query, over all its pages."""
    found: list[str] = []
    following = ""
    while True:
        page = client.get(f"/v1/rules?limit=7&{following}&{query}").json()
        assert 0 < len(page["rules"]) <= 7
        found += [rule["id"] for rule in page["rules"]]
        if page["next"] is None:
            assert len(found) == page["count"]
            return found
        following = f"cursor={page['next']}"


def test_all_norms_are_listed_page_by_page(client: TestClient, engine: Engine) -> None:
    assert ids(client) == list(engine.rules.norms)


def test_norms_are_filtered(client: TestClient, engine: Engine) -> None:
    assert ids(client, "authority=us.bis&kind=exemption") == [
        norm.id for norm in engine.rules.of_kind(Exemption) if norm.authority == "us.bis"
    ]


def test_norms_at_a_moment_say_whether_they_are_in_force(client: TestClient) -> None:
    id = "us.ofac.belarus.gl-11"

    def force(moment: str) -> str | None:
        answer = client.get("/v1/rules", params={"in_force_at": moment, "kind": "exemption", "limit": 1000}).json()
        return next((r["in_force"] for r in answer["rules"] if r["id"] == id), None)

    assert force("2025-09-10T12:00:00-04:00") is None
    assert force("2025-09-11T12:00:00-04:00") == "unknown"
    assert force("2025-09-12") == "unknown"  # somewhere on earth that day began before the licence
    assert force("2025-09-13") == "true"
    assert force("2025-11-05") == "unknown"
    assert force("2025-11-05T12:00:00-05:00") is None


def test_every_norm_is_answered_as_declared(client: TestClient, engine: Engine) -> None:
    for id in engine.rules.norms:
        answer = client.get(f"/v1/rules/{id}")
        assert answer.status_code == 200, id
        full = RuleInFull.model_validate(answer.json())
        assert full.document["title"] and full.citations


def test_a_prohibition_names_what_shields_it_and_the_other_way_round(client: TestClient) -> None:
    ban = client.get("/v1/rules/us.ofac.belarus.548-201").json()
    licence = client.get("/v1/rules/us.ofac.belarus.gl-11").json()

    assert licence["id"] in [brief["id"] for brief in ban["shielded_by"]]
    assert ban["id"] in [brief["id"] for brief in licence["shields"]]
    assert licence["effective"]["from"].keys() >= {"after", "by"}
    assert licence["effective"]["until"]["at"] == "2025-11-05T00:00:00-05:00"


def test_an_unknown_norm_gets_a_hint(client: TestClient) -> None:
    answer = client.get("/v1/rules/us.ofac.belarus.gl-111")

    assert answer.status_code == 404
    assert "us.ofac.belarus.gl-11" in answer.json()["detail"]


def test_the_vocabulary_is_answered_as_declared(client: TestClient, engine: Engine) -> None:
    words = VocabularyAnswer.model_validate(client.get("/v1/vocabulary").json())

    assert [fact.path for fact in words.facts] == list(engine.rules.vocabulary.facts)
    assert set(words.authorities) == set(engine.rules.authorities)


def test_the_schema_of_a_transaction_holds_for_one(client: TestClient, part: dict[str, Any]) -> None:
    schema = jsonschema_rs.validator_for(client.get("/v1/transaction.schema.json").json())

    assert schema.is_valid(part)
    assert not schema.is_valid({**part, "plaice": "TR"})
    assert not schema.is_valid({**part, "activity": "sail"})


def test_health_says_what_is_at_work(client: TestClient, engine: Engine) -> None:
    health = client.get("/v1/health").json()

    assert health["status"] == "ok"
    assert health["rules"] == engine.rules.fingerprint
    assert health["settling"].startswith(("durable-rules", "reference formula"))
    assert health["counts"]["norms"] == len(engine.rules.norms)


def test_the_examples_of_openapi_were_really_decided(client: TestClient) -> None:
    document = client.get("/v1/openapi.json").json()
    check = document["paths"]["/v1/checks"]["post"]
    asked = check["requestBody"]["content"]["application/json"]["examples"]
    answered = check["responses"]["200"]["content"]["application/json"]["examples"]

    assert len(asked) == len(answered) >= 2
    assert {example["value"]["body"]["outcome"] for example in answered.values()} == {"stop", "proceed"}
    for name, example in asked.items():
        assert client.post("/v1/checks", json=example["value"]).json()["body"] == answered[name]["value"]["body"]


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_no_page_that_fetches_scripts_from_elsewhere(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/v1/rules", "/v1/rules/us.ofac.belarus.gl-11", "/v1/vocabulary", "/v1/transaction.schema.json"]
)
def test_what_hangs_on_the_rule_set_is_sent_once(client: TestClient, path: str, engine: Engine) -> None:
    first = client.get(path)
    tag = first.headers["etag"]
    for said in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        again = client.get(path, headers={"if-none-match": said})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"if-none-match": '"another"'}).content == first.content


def test_another_rule_set_has_another_tag(engine: Engine, tmp_path: Path) -> None:
    rules = replace(engine.rules, fingerprint="0" * 64)
    tags = set()
    for one in (engine.rules, rules):
        app = create_app(engine=Engine(one), settings=Settings(home=tmp_path))
        with TestClient(app) as client:
            tags.add(client.get("/v1/rules").headers["etag"])
    assert len(tags) == 2


def test_every_reference_in_the_document_leads_somewhere(client: TestClient) -> None:
    document = client.get("/v1/openapi.json").json()
    todo, found = [document], 0
    while todo:
        part = todo.pop()
        if isinstance(part, list):
            todo += part
        if isinstance(part, dict):
            todo += part.values()
            if isinstance(part.get("$ref"), str):
                place, found = document, found + 1
                for step in part["$ref"].removeprefix("#/").split("/"):
                    place = place[step]
    assert found > 50
