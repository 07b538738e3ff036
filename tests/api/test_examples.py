"""The examples of the first page are cases of the rule set that is asked."""

from __future__ import annotations

from fastapi.testclient import TestClient

from carveout.api import create_app
from carveout.api.examples import examples_of
from carveout.engine import Engine
from carveout.engine.law.documents import parse_document
from carveout.engine.law.ruleset import RuleSet, build_rules

from ..law.small import documents

CASE = """
- id: {id}
  title: {title}
  transaction: {{activity: payment, at: 2024-02-10, parties: [{{name: Zubr & Sons, roles: [payer]}}]}}
  expected: {{xx.office: review}}
  outcome: {outcome}
  confidence: verified
  reason: invented
  citation: [Act 1]
  tags: [{tags}]
"""


def rules_with(*cases: tuple[str, str, str]) -> RuleSet:
    text = "".join(CASE.format(id=id, title=f"Case {id}", outcome=outcome, tags=tags) for id, outcome, tags in cases)
    found = documents({})
    if text:
        found["xx/office/blocking.cases.yaml"] = parse_document(text, "rules/xx/office/blocking.cases.yaml")
    return build_rules(found)


def test_the_cases_with_the_tag_are_shown() -> None:
    rules = rules_with(("one", "stop", "plain"), ("two", "review", "example"), ("three", "review", "example"))
    assert [(id, example.title) for id, example in examples_of(rules).items()] == [
        ("two", "Case two"),
        ("three", "Case three"),
    ]


def test_without_a_tag_one_of_each_outcome_is_shown() -> None:
    rules = rules_with(("a", "proceed", ""), ("b", "proceed", ""), ("c", "stop", ""))
    assert list(examples_of(rules)) == ["c", "a"]
    assert examples_of(rules_with()) == {}


def test_the_first_page_speaks_of_the_rule_set_alone() -> None:
    for cases in ((), (("q&a", "review", "example"),)):
        client = TestClient(create_app(engine=Engine(rules_with(*cases))))
        page = client.get("/").text
        assert "Belavia" not in page
        assert ("Try an example" in page) is bool(cases)
        filled = client.get("/", params={"example": "q&a"}).text
        assert ("Zubr &amp; Sons" in filled) is bool(cases)
        document = client.get("/v1/openapi.json").json()
        asked = document["paths"]["/v1/checks"]["post"]["requestBody"]["content"]["application/json"]["examples"]
        assert list(asked) == [id for id, _, _ in cases]
