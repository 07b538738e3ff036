"""The timeline of a subject comes from the rule set, whoever the subject is."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from fastapi.testclient import TestClient

from carveout.api import Settings, create_app
from carveout.api.chart import RIGHT, WIDTH, chart_of
from carveout.api.naming import Naming
from carveout.api.stretches import Stretch, both, stretches
from carveout.api.timeline import Lane, most_named, timeline
from carveout.engine import Engine
from carveout.engine.law.clocks import FOREVER

NOW = int(datetime(2026, 1, 15, tzinfo=UTC).timestamp())
BELAVIA = "by.belavia"


@pytest.fixture(scope="module")
def lanes(engine: Engine) -> dict[str, Lane]:
    """Belavia's lanes by authority."""
    return {lane.authority: lane for lane in timeline(engine.rules, engine.rules.subjects[BELAVIA])}


def moment(text: str) -> int:
    """A moment in seconds."""
    return int(datetime.fromisoformat(text).timestamp())


def at(found: list[Stretch], text: str) -> str:
    """What a row says of a moment."""
    sure = [s.sure for s in found if s.start <= moment(text) < s.end]
    return "no" if not sure else "yes" if sure[0] else "unknown"


def test_a_listing_lies_between_its_dates_and_its_unknown_hours_are_unsure(lanes: dict[str, Lane]) -> None:
    row = next(r for r in lanes["us.ofac"].rows if r.norm.id == "us.ofac.belarus.listings.belavia")

    assert at(row.stretches, "2023-08-08T12:00-04:00") == "no"
    assert at(row.stretches, "2024-01-01T12:00-05:00") == "yes"
    assert at(row.stretches, "2025-11-04T12:00-05:00") == "unknown"
    assert at(row.stretches, "2025-11-05T12:00-05:00") == "no"


def test_exemptions_that_name_the_subject_lie_over_what_they_lift(lanes: dict[str, Lane]) -> None:
    row = next(r for r in lanes["us.ofac"].rows if r.norm.id == "us.ofac.belarus.listings.belavia")
    over = {exemption.id: found for exemption, found in row.exemptions}

    assert at(over["us.ofac.belarus.gl-11"], "2025-10-01T12:00-04:00") == "yes"
    assert at(over["us.ofac.belarus.gl-11"], "2025-09-11T12:00-04:00") == "unknown"
    assert not [id for id in over if "gl-13" in id], "of somebody else"


def test_an_exemption_not_looked_at_for_long_is_unsure(lanes: dict[str, Lane]) -> None:
    letters = [found for row in lanes["us.bis"].rows for e, found in row.exemptions if e.id == "us.bis.belavia-letter"]

    assert at(letters[0], "2025-10-01T12:00-04:00") == "yes"
    assert at(letters[0], "2026-10-01T12:00-04:00") == "unknown"


def test_what_reaches_the_subject_by_a_list_does_so_while_it_is_listed(lanes: dict[str, Lane]) -> None:
    row = next(r for r in lanes["us.bis"].rows if r.norm.id == "us.bis.744-8")

    assert row.while_listed
    assert at(row.stretches, "2024-06-01T12:00-04:00") == "yes"
    assert at(row.stretches, "2025-12-01T12:00-05:00") == "no"


def test_only_lanes_with_something_in_them(engine: Engine, lanes: dict[str, Lane]) -> None:
    assert all(lane.rows and all(row.stretches for row in lane.rows) for lane in lanes.values())
    aircraft = next(s for s in engine.rules.subjects.values() if s.thing == "asset")
    assert all(row.stretches for lane in timeline(engine.rules, aircraft) for row in lane.rows)


def test_every_subject_can_be_drawn_within_the_picture(engine: Engine) -> None:
    for subject in engine.rules.subjects.values():
        found = timeline(engine.rules, subject)
        if not found:
            continue
        chart = chart_of(found, engine.rules, NOW)
        assert all(bar.x >= 0 and bar.x + bar.width <= RIGHT + 6 and bar.height > 0 for bar in chart.rects)
        assert all(0 <= text.x <= WIDTH for text in chart.texts)
        assert chart.years and len(chart.years) <= 22


def test_named_places_are_the_subjects_own(engine: Engine) -> None:
    naming = Naming(engine.rules, engine.rules.subjects[BELAVIA])

    assert naming.places == ("BY",)


def test_stretches_cover_no_moment_twice(engine: Engine) -> None:
    for norm in engine.rules.norms.values():
        found = stretches(norm)
        assert all(a.end <= b.start for a, b in pairwise(found))
        assert all(-FOREVER <= s.start < s.end <= FOREVER for s in found)


def test_overlap() -> None:
    assert both([Stretch(0, 10, True)], [Stretch(5, 15, False), Stretch(20, 30, True)]) == [Stretch(5, 10, False)]


def test_the_page_is_a_picture_with_words(client: TestClient) -> None:
    page = client.get(f"/timeline/{BELAVIA}").text
    svg = ET.fromstring(page[page.index("<svg") : page.index("</svg>") + 6])

    assert svg.get("role") == "img" and svg.find("title") is not None and svg.find("desc") is not None
    for word in ("OFAC", "BIS", "today", "2025-09-12"):
        assert word in "".join(svg.itertext())
    assert "The same as a table" in page


def test_whose_timeline_comes_first_is_data_or_a_setting(client: TestClient, engine: Engine) -> None:
    subject = engine.rules.subjects[most_named(engine.rules) or ""]
    assert f"<bdi>{subject.name}</bdi></h1>" in client.get("/timeline").text

    other = next(id for id in engine.rules.subjects if id != subject.id)
    with TestClient(create_app(engine=engine, settings=Settings(timeline_subject=other))) as set_up:
        assert engine.rules.subjects[other].name in set_up.get("/timeline").text.partition("</h1>")[0]


def test_an_unknown_subject_gets_a_hint(client: TestClient) -> None:
    answer = client.get("/timeline/by.belavi")

    assert answer.status_code == 404 and BELAVIA in answer.text


def test_a_place_within_an_authority_s_own_land_makes_no_row(engine: Engine) -> None:
    """A Hamburg yard is not the subject of a norm because that norm binds whoever acts in the EU."""
    belavia = engine.rules.subjects[BELAVIA]
    yard = replace(belavia, id="de.yard", facts={"country": ["DE"]})
    minsk = replace(belavia, id="by.yard", facts={"country": ["BY"]})
    assert "eu" not in {lane.authority for lane in timeline(engine.rules, yard)}
    assert "eu" in {lane.authority for lane in timeline(engine.rules, minsk)}
