"""Looking names up over HTTP and on the page."""

from typing import Any

import pytest
from fastapi.testclient import TestClient


def candidates(client: TestClient, **asked: Any) -> list[dict[str, Any]]:
    answer = client.get("/v1/search", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"][0]["candidates"]
    return found


@pytest.mark.parametrize("name", ["Белавиа", "Belavia Belarusian Airlines", "BELAVlA", "Belavia\u200b"])
def test_a_name_finds_its_subject_and_where_it_stands(client: TestClient, name: str) -> None:
    found = candidates(client, name=name, at="2024-05-20T10:00:00-04:00")
    assert found[0]["subject"] == "by.belavia" and found[0]["reason"]
    assert {"us.ofac.sdn/BELARUS-EO14038", "eu.annex-i/BLR"} <= {s["status"] for s in found[0]["statuses"]}


def test_what_a_subject_is_listed_under_goes_by_the_moment(client: TestClient) -> None:
    later = candidates(client, name="Belavia", at="2025-12-01T10:00:00-05:00")[0]
    assert "us.ofac.sdn/BELARUS-EO14038" not in {s["status"] for s in later["statuses"]}


def test_nobody_is_nobody(client: TestClient) -> None:
    assert candidates(client, name="Quill and Daughters") == []


@pytest.mark.parametrize("name", ["N/A", "various", "中国公司", "Ltd"])
def test_that_a_name_says_nobody_is_told_with_the_answer(client: TestClient, name: str) -> None:
    [answer] = client.get("/v1/search", params={"name": name}).json()["results"]
    assert answer["candidates"] == [] and answer["unread"]
    page = client.get("/search", params={"name": name}).text
    assert "says nobody" in page and "Nobody recorded is so like" not in page


@pytest.mark.parametrize(
    "beside", [{"name": "Quill and Daughters"}, {"name": "Belavia"}, {"name": "Ltd", "kind": "vessel"}]
)
def test_a_name_that_was_compared_is_not_unread(client: TestClient, beside: dict[str, str]) -> None:
    [answer] = client.get("/v1/search", params=beside).json()["results"]
    assert answer["unread"] is None
    schema = client.get("/v1/openapi.json").json()["components"]["schemas"]["Found"]
    assert "unread" in schema["required"] and "says nobody" in schema["properties"]["unread"]["description"]


def test_part_of_a_name_shows_whose_it_is_beside_the_candidates(client: TestClient) -> None:
    [answer] = client.get("/v1/search", params={"name": "Belarusian Airlines"}).json()["results"]
    assert answer["candidates"] == [] and "by.belavia" in {near["subject"] for near in answer["near"]}
    assert {near["verdict"] for near in answer["near"]} == {"near"}
    page = client.get("/search", params={"name": "Belarusian Airlines"}).text
    assert "Somewhat like it" in page and "Nobody recorded is so like" in page
    many = client.post("/v1/screen", json={"names": [{"name": "Belarusian Airlines"}]}).json()
    assert many["results"][0]["near"] is None


def test_many_names_are_answered_in_their_order(client: TestClient) -> None:
    names = [{"name": "Quill and Daughters"}, {"name": "Belavia", "kind": "organisation", "countries": ["by"]}]
    answer = client.post("/v1/screen", json={"at": "2024-05-20T10:00:00-04:00", "names": names}).json()
    assert [len(found["candidates"]) for found in answer["results"]] == [0, 1]
    assert answer["results"][1]["query"] == {"name": "Belavia", "kind": "organisation", "countries": ["BY"]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"names": []}, "names"),
        ({"names": [{"name": ""}]}, "names[0].name"),
        ({"names": [{"name": "A", "born": "yesterday"}]}, "names[0].born"),
        ({"names": [{"name": "A", "colour": "red"}]}, "names[0].colour"),
        ({"names": [{"name": "A"}] * 1001}, "names"),
        ({"names": [{"name": "A"}], "at": "noon"}, "at"),
    ],
)
def test_what_cannot_be_read_is_named(client: TestClient, body: dict[str, Any], field: str) -> None:
    answer = client.post("/v1/screen", json=body)
    assert answer.status_code == 422
    assert field in {error["field"] for error in answer.json()["errors"]}


def test_the_page_without_a_name_is_the_box_alone(client: TestClient) -> None:
    page = client.get("/search").text
    assert 'type="search"' in page and "<article" not in page
