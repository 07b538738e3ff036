"""The pages work without scripts, and nothing that a user types can bend them."""

import html
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carveout.api.form import GROUPS, form_of, transaction_from, values_from
from carveout.api.rendering import tame
from carveout.engine import Engine

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "attribute": '"><img src=x onerror=alert(1)>',
    "template": "{{ 7 * 7 }}{% raw %}",
    "right to left": "Ali \u202egnp.exe\u202c Trading",
    "isolates": "\u2067\u2068abc",
    "tower": "a" + "\u0301" * 450,
    "Arabic": "شركة الطيران",
    "control": "a\x07b\x1b[31m",
}


class Reader(HTMLParser):
    """What stands in a page: its elements and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def inputs(self) -> dict[str, dict[str, str | None]]:
        """Inputs, selects and text areas by their name."""
        found = ((a.get("name"), a) for tag, a in self.elements if tag in ("input", "select", "textarea"))
        return {name: attributes for name, attributes in found if name}


def decided(client: TestClient, transaction: Any) -> str:
    """The page of a decision on a pasted transaction."""
    answer = client.post("/decision", data={"json": json.dumps(transaction)})
    assert answer.status_code == 200, Reader(answer.text).text
    return answer.text


def test_the_first_page_has_room_for_a_whole_deal_and_a_label_for_every_input(client: TestClient) -> None:
    page = Reader(client.get("/").text)
    inputs = page.inputs()
    labelled = {a.get("for") for tag, a in page.elements if tag == "label"}

    for name in (
        *("act-activity", "act-date", "act-time", "act-zone", "act-place", "act-currency"),
        *("parties-3-name", "parties-3-roles", "parties-3-country"),
        *("items-1-eccn", "items-1-hs", "items-1-origin", "items-1-end_user", "items-1-aircraft"),
        *("assets-1-registration", "json"),
    ):
        assert name in inputs
    boxes = {name for name, a in inputs.items() if a.get("type") == "checkbox"}
    assert {a.get("id") for name, a in inputs.items() if name not in boxes} <= labelled
    assert ("html", {"lang": "en"}) in page.elements


@pytest.mark.parametrize("path", ["/", "/timeline"])
def test_no_page_has_scripts_or_styles_in_line(client: TestClient, path: str) -> None:
    page = Reader(client.get(path).text)

    assert "script" not in {tag for tag, _ in page.elements}
    assert not [a for _, a in page.elements if any(name == "style" or name.startswith("on") for name in a)]
    assert not [a for tag, a in page.elements if tag == "link" and not str(a["href"]).startswith("/static/")]


def test_the_form_states_what_json_states(engine: Engine, part: dict[str, Any]) -> None:
    form = form_of(engine.rules)
    values = values_from(part)

    filled = transaction_from(values, form)

    part["at"] = part["at"].replace(":00-", "-")  # the form has no seconds
    assert engine.check(filled.transaction).body == engine.check(part).body
    assert filled.input_of("parties[1].roles[0]") == "parties-1-roles"
    assert filled.input_of("items[0].eccn") == "items-0-eccn"


def test_every_fact_of_the_vocabulary_can_be_filled_in(engine: Engine) -> None:
    form = form_of(engine.rules)

    for thing, (key, _) in GROUPS.items():
        group = form.groups[key][0]
        names = {one.name.rpartition("-")[2] for one in (*group.first, *group.more)}
        facts = {fact.name for fact in engine.rules.vocabulary.facts_of(thing)}
        assert facts - names <= {"role", "subject", "status"}


def test_empty_things_leave_no_gap_and_errors_find_their_input(client: TestClient) -> None:
    values = {"act-activity": "sale", "act-date": "2025-09-10", "parties-3-name": "X", "parties-3-country": "Atlantis"}

    answer = client.post("/decision", data=values)

    page = Reader(answer.text)
    assert answer.status_code == 422
    assert ("a", {"href": "#parties-3-country"}) in page.elements
    assert page.inputs()["parties-3-country"]["aria-invalid"] == "true"
    assert page.inputs()["parties-3-name"]["value"] == "X"


def test_a_place_can_be_written_by_its_name(client: TestClient) -> None:
    values = {"act-activity": "sale", "act-date": "2025-09-10", "items-0-name": "pump", "items-0-origin": "germany"}

    assert "DE" in client.post("/decision", data=values).text


def test_a_time_without_a_zone_is_refused_at_its_input(client: TestClient) -> None:
    values = {"act-activity": "sale", "act-date": "2025-09-10", "act-time": "12:00"}
    answer = client.post("/decision", data=values)
    assert answer.status_code == 422
    assert "has no offset" in answer.text and 'href="#act-date"' in answer.text

    for zone in ("America/New_York", "-04:00", "Z"):
        assert client.post("/decision", data={**values, "act-zone": zone}).status_code == 200


def test_broken_json_comes_back_to_be_put_right(client: TestClient) -> None:
    answer = client.post("/decision", data={"json": '{"activity": <b>'})

    assert answer.status_code == 400
    assert "{&#34;activity&#34;: &lt;b&gt;</textarea>" in answer.text
    assert "Line 1, column 14" in answer.text


def test_the_decision_page_says_all_that_the_body_says(
    client: TestClient, engine: Engine, part: dict[str, Any]
) -> None:
    part |= {"at": "2025-11-22T10:00:00-05:00", "place": "US", "destination": "BY", "activity": "export"}
    body = engine.check(part).body
    text = Reader(decided(client, part)).text

    assert body["outcome"].capitalize() in text
    for authority in body["authorities"]:
        assert authority["title"] in text
    said = [q["question"] for q in body["questions"]] + [u["question"] for u in body["unresolved"]]
    said += [r for u in body["unresolved"] for r in u["readings"]] + [d["says"] for d in body["duties"]]
    said += [d[key] for d in body["duties"] for key in ("due", "retain_until") if key in d]
    said += [
        c for f in body["findings"] for s in f["shields"] if s["truth"] != "false" for c in s.get("conditions", [])
    ]
    said += [c["name"] for i in body["identity"] for c in i["candidates"]] + [f["title"] for f in body["findings"]]
    assert said
    for words in said:
        assert words in text


def test_a_deal_shows_every_act(client: TestClient, part: dict[str, Any]) -> None:
    act = {key: part.pop(key) for key in ("activity", "at", "items")}
    text = Reader(decided(client, {**part, "acts": [act, {**act, "at": "2025-09-10T12:00:00-04:00"}]})).text

    assert "Act 1" in text and "Act 2" in text and "The whole deal" in text


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_hostile_names_stay_text(client: TestClient, part: dict[str, Any], name: str) -> None:
    part["parties"].append({"name": name, "roles": ["intermediary"], "country": "TR"})
    part["reference"] = name

    page = decided(client, part)

    reader = Reader(page)
    assert not {"script", "img", "b"} & {tag for tag, _ in reader.elements}
    assert "49" not in re.findall(r">\s*(49)\s*<", page)
    shown = re.sub(r"<textarea.*?</textarea>", "", page, flags=re.DOTALL)  # what was pasted comes back as it was
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x07\x1b]", shown)
    assert "\u0301" * 10 not in shown
    if name.isprintable() and len(name) < 100 and name.isascii():
        assert html.escape(name, quote=False) in html.unescape(page).replace("&", "&amp;").replace("<", "&lt;").replace(
            ">", "&gt;"
        )


def test_ten_thousand_accents_are_refused_and_shown_as_a_few(client: TestClient) -> None:
    answer = client.post("/decision", data={"act-activity": "sale", "act-date": "2025-09-10",
                                            "parties-0-name": "a" + "\u0301" * 10_000})  # fmt: skip

    assert answer.status_code == 422
    assert "longer than" in answer.text and "\u0301" * 10 not in answer.text


def test_tame_leaves_honest_names_alone() -> None:
    for name in ("Ohio Jet Parts LLC", "ОАО «Авиакомпания «Белавиа»", "شركة", "Müller & Söhne", "Việt Nam"):
        assert tame(name) == name


def test_changing_the_facts_brings_them_back(client: TestClient) -> None:
    values = {"act-activity": "sale", "act-date": "2025-09-10", "parties-0-name": "Ohio & Sons"}
    page = Reader(client.post("/decision", data=values).text)
    hidden = {
        str(a["name"]): str(a["value"]) for tag, a in page.elements if tag == "input" and a.get("type") == "hidden"
    }
    assert hidden == values

    again = Reader(client.post("/", data=hidden).text)

    assert again.inputs()["parties-0-name"]["value"] == "Ohio & Sons"


def test_an_example_fills_the_form(client: TestClient) -> None:
    link = next(a["href"] for tag, a in Reader(client.get("/").text).elements if "?example=" in (a.get("href") or ""))

    page = Reader(client.get(str(link)).text)

    assert page.inputs()["parties-0-name"]["value"]


def test_errors_are_pages_for_people_and_problems_for_machines(client: TestClient) -> None:
    assert "<h1>Not Found</h1>" in client.get("/nothing", headers={"accept": "text/html"}).text
    assert client.get("/nothing").headers["content-type"] == "application/problem+json"
    assert client.get("/v1/x", headers={"accept": "text/html"}).headers["content-type"] == "application/problem+json"
    assert client.post("/decision", json={}).status_code == 415
