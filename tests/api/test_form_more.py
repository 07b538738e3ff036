"""What the form says beyond names: owners, who it is, authorisations held, places by name."""

import html
import json

import pytest
from starlette.testclient import TestClient

from carveout.api.form import form_of, transaction_from, values_from
from carveout.engine import Engine

FILLED = {
    "act-activity": "service",
    "act-date": "2025-09-10",
    "act-time": "12:00",
    "act-zone": "America/New_York",
    "parties-0-name": "Ohio Jet",
    "parties-0-roles": "seller",
    "parties-0-country": "US",
    "parties-1-name": "Handler",
    "parties-1-roles": "buyer",
    "parties-1-owners": "Belavia 60%; ? 40%",
    "parties-2-name": "BVA",
    "parties-2-subject": "by.belavia",
    "authorisations-0-issuer": "us.ofac",
    "authorisations-0-reference": "MUL-1",
    "authorisations-0-lifts": "us.ofac.belarus.548-201; us.ofac.belarus.548-206",
    "authorisations-0-things": "Handler",
    "authorisations-0-until": "2026-01-01",
}


def test_owners_subject_and_authorisations_become_a_transaction(engine: Engine) -> None:
    stated = transaction_from(FILLED, form_of(engine.rules)).transaction
    assert stated["parties"][1]["owners"] == [
        {"party": "Belavia", "percent": "60"},
        {"unknown": "yes", "percent": "40"},
    ]
    assert stated["parties"][2]["subject"] == "by.belavia"
    assert stated["authorisations"] == [
        {
            "issuer": "us.ofac",
            "reference": "MUL-1",
            "lifts": ["us.ofac.belarus.548-201", "us.ofac.belarus.548-206"],
            "things": ["Handler"],
            "until": "2026-01-01",
        }
    ]
    engine.check(stated)


def test_what_the_form_states_can_be_put_back_into_it(engine: Engine) -> None:
    form = form_of(engine.rules)
    stated = transaction_from(FILLED, form).transaction
    assert transaction_from(values_from(stated), form).transaction["authorisations"] == stated["authorisations"]
    assert values_from(stated)["parties-1-owners"] == "Belavia 60%; ? 40%"


def test_the_page_decides_and_says_what_was_relied_on(client: TestClient) -> None:
    page = client.post("/decision", data=FILLED)
    assert page.status_code == 200 and "relied on, not seen" in page.text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("parties-1-owners", "Belavia", "a share is written NAME 50%"),
        ("authorisations-0-reference", "", "is missing"),
        ("authorisations-0-lifts", "us.ofac.belarus.548-20", "did you mean"),
        ("parties-0-country", "Georgia", "does not say which place"),
        ("parties-2-subject", "by.belaviaa", "did you mean"),
    ],
)
def test_what_cannot_be_read_stands_beside_its_input(client: TestClient, field: str, value: str, said: str) -> None:
    page = client.post("/decision", data={**FILLED, field: value})
    text = html.unescape(page.text)
    assert page.status_code == 422 and said in text
    assert f'id="{field}-fault"' in text


def test_the_page_says_how_a_place_was_read(client: TestClient) -> None:
    stated = {
        "activity": "service",
        "at": "2025-09-10T12:00:00Z",
        "parties": [
            {"name": "Werft", "roles": ["seller"], "country": "Deutschland"},
            {"name": "B", "roles": ["buyer"]},
        ],
    }
    page = client.post("/decision", data={"json": json.dumps(stated)}).text
    assert "“<bdi>Deutschland</bdi>” is DE" in page
