"""The page of one norm: the law in words, what lifts it, and its worked cases."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from carveout.engine import Engine


def test_every_norm_has_a_page(client: TestClient, engine: Engine) -> None:
    for id, norm in engine.rules.norms.items():
        page = client.get(f"/rules/{id}")
        assert page.status_code == 200, id
        assert f"<code>{id}</code>" in page.text and norm.checked in page.text


def test_a_prohibition_says_what_lifts_it_and_its_cases(client: TestClient) -> None:
    page = client.get("/rules/us.ofac.belarus.548-201").text
    assert "31 CFR 548.201" in page and "/rules/us.ofac.belarus.gl-11" in page
    assert "Worked cases" in client.get("/rules/eu.belarus.art-1l").text


def test_an_exemption_says_its_conditions_in_words(client: TestClient) -> None:
    page = client.get("/rules/us.ofac.belarus.gl-11").text
    assert "at least one of this holds" in page and "/rules/us.ofac.belarus.548-201" in page
    assert "no debit to a blocked account" in page and "Law that nobody has settled" in page


@pytest.mark.parametrize("id", ["us.ofac.belarus.gl-12345", "%3Cscript%3E"])
def test_no_such_norm(client: TestClient, id: str) -> None:
    page = client.get(f"/rules/{id}", headers={"accept": "text/html"})
    assert page.status_code == 404 and "<script>" not in page.text


def test_a_decision_links_to_the_norms(client: TestClient, part: dict[str, Any]) -> None:
    page = client.post("/decision", data={"json": json.dumps(part)}).text
    assert 'href="/rules/us.' in page and "/v1/rules/" not in page
