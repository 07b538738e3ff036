"""The Friday evening, from the event to the alert: relief is announced, written down, seen, approved, watched."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import yaml
from fastapi.testclient import TestClient

from carveout.api import Settings, create_app
from carveout.engine.analyse.entries import checked, keep
from carveout.engine.law.clocks import parse_moment
from carveout.engine.law.ruleset import SHIPPED
from carveout.engine.records.auditing import verify_store
from carveout.engine.records.contents import Contents
from carveout.engine.records.replaying import replay

from .test_portfolio import House

ROOT = Path(__file__).resolve().parents[2]
OFAC, BIS = "us/ofac/belarus", "us/bis"
LICENCE = [f"{OFAC}/gl-11.exemption.yaml", f"{OFAC}/gl-11-property.exemption.yaml", f"{OFAC}/gl-11.cases.yaml"]
LETTER = [f"{BIS}/belavia-letter.exemption.yaml", f"{BIS}/belavia-letter-parts.exemption.yaml"]
LISTING = f"{OFAC}/listings/belavia.listing.yaml"
US = {"name": "Ohio Jet Parts LLC", "kind": "organisation", "country": "US"}
BRAKES: dict[str, Any] = {
    "reference": "brakes", "activity": "sale", "place": "TR", "destination": "TR",
    "parties": [{**US, "roles": ["seller"]}, {"name": "Belavia", "roles": ["buyer"]}],
    "items": [{"name": "brake assembly", "eccn": "9A991.d", "origin": "US", "end_user": "Belavia",
               "aircraft": "EW-366PA"}],
    "assets": [{"id": "aircraft", "registration": "EW-366PA", "eccn": "9A991.b"}],
}  # fmt: skip
ADVICE: dict[str, Any] = {
    "reference": "advice", "activity": "advice",
    "parties": [{**US, "roles": ["provider"]}, {"name": "Belavia", "roles": ["customer"]}],
}  # fmt: skip
AFFILIATE: dict[str, Any] = {
    "reference": "affiliate", "activity": "sale", "place": "AE", "destination": "AE",
    "parties": [
        {**US, "roles": ["seller"]},
        {"name": "Gulf Rotor FZE", "roles": ["buyer"], "kind": "organisation", "country": "AE", "state_owner": [],
         "air_carrier_of": [],
         "owners": [{"party": "2566 Radio-electronic Armament Repair Plant", "percent": "60"},
                    {"party": "Private", "percent": "40"}]},
    ],
    "items": [{"name": "torque wrench", "eccn": "EAR99", "origin": "US", "end_user": "Gulf Rotor FZE"}],
}  # fmt: skip


def before_relief() -> Contents:
    """The shipped rules as they would have been kept before that day: without the relief, and without any case."""
    files = {path: data for path, data in Contents.of_folder(SHIPPED).files.items() if not path.endswith("cases.yaml")}
    for path in (*LICENCE, *LETTER):
        files.pop(path, None)
    text = files[LISTING].decode()
    text = re.sub(r"\n  until: .*", "", text)
    files[LISTING] = text.replace(", us-ofac-2025-11-04-belavia-delisted", "").encode()
    return Contents(files)


def shipped(path: str) -> str:
    """A file as it is today."""
    return (SHIPPED / path).read_text("utf-8")


class Evening:
    """One evening after the other: the law changes, the clock is set, and the portfolio is looked at."""

    def __init__(self, house: House, app: Any) -> None:
        self.house, self.app = house, app

    def at(self, moment: str) -> list[tuple[str, str, str]]:
        """The alerts that come of looking at a moment: reference, outcome before and after."""
        known = {alert["id"] for alert in self.alerts()}
        self.app.state.watching.look(parse_moment(moment, None))
        self.fresh = [alert for alert in self.alerts() if alert["id"] not in known]
        outcomes = [(one["reference"], one["changed"]["outcome"]) for one in self.fresh]
        return sorted((name, outcome["before"], outcome["after"]) for name, outcome in outcomes)

    def alerts(self) -> list[dict[str, Any]]:
        """All of them."""
        found: list[dict[str, Any]] = self.house.do("sam", "GET", "/alerts?limit=200").json()["alerts"]
        return found

    def verdicts(self, reference: str) -> dict[str, str]:
        """What was last answered about an entry, by authority."""
        (entry,) = self.house.do("sam", "GET", f"/portfolio?reference={reference}").json()["entries"]
        return {id: one["verdict"] for id, one in entry["last"]["told"]["authorities"].items()}

    def change(self, title: str, put: dict[str, str], at: str, reason: str = "") -> dict[str, Any]:
        """Ann proposes; what it does to what is open is seen before bob approves it, for a moment just ahead."""
        do = self.house.do
        made = do("ann", "POST", "/changes", {"title": title, "reason": reason, "put": put})
        assert made.status_code == 201, made.text
        id = made.json()["id"]
        early = do("bob", "POST", f"/changes/{id}/approve", if_match="*")
        assert early.status_code == 409, "nobody approves what nobody has seen"
        dated = b"\n".join(json.dumps({**one, "at": at}).encode() for one in (BRAKES, ADVICE, AFFILIATE))
        asked = do("ann", "POST", f"/changes/{id}/report", dated, content_type="application/x-ndjson")
        assert asked.status_code == 202, asked.text
        for _ in range(1200):
            report = do("bob", "GET", f"/changes/{id}/report")
            if report.status_code != 202:
                break
            time.sleep(0.05)
        assert report.status_code == 200 and report.json()["faults"] == [], report.text[:2000]
        own = do("ann", "POST", f"/changes/{id}/approve", if_match="*")
        assert own.status_code == 403 and own.json()["type"].endswith("own-proposal")
        assert do("bob", "POST", f"/changes/{id}/approve", if_match="*").status_code == 200
        soon = time.time() + 2
        when = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(soon))
        assert do("bob", "POST", f"/changes/{id}/activate", {"at": when}, if_match="*").json()["state"] == "scheduled"
        while do("bob", "GET", f"/changes/{id}").json()["state"] != "active":
            assert time.time() < soon + 5
            time.sleep(0.05)
        found: dict[str, Any] = report.json()
        return found


def flips(report: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """What flips of the portfolio: outcome before and after, by reference."""
    return {
        example["reference"]: (group["outcome"]["before"], group["outcome"]["after"])
        for group in report["portfolio"]["groups"]
        for example in group["examples"]
    }


def test_the_friday_evening_from_the_event_to_the_alert(tmp_path: Path) -> None:
    before_relief().write(tmp_path / "rules")
    app = create_app(settings=Settings(home=tmp_path / "home", rules=tmp_path / "rules"))
    client = TestClient(app)  # without its own watch: the moments of that year are set here
    house = House(client, app.state.keeper.store, tmp_path / "home")
    evening = Evening(house, app)
    engine, watch = app.state.engine, app.state.watching.of(house.store)
    entries = checked([(one["reference"], one) for one in (BRAKES, ADVICE, AFFILIATE)], engine)
    kept = keep(watch, engine, entries, "sam", "sam", parse_moment("2025-09-10T12:00:00Z", None))
    assert [one.told["outcome"] for one in kept[:2]] == ["stop", "stop"]
    assert evening.at("2025-09-10T13:00:00Z") == []

    # the announcement is recorded, and is no law: nothing changes by it
    event = yaml.safe_load((ROOT / "seeds" / "us-ofac-2025-09-11-belavia-relief-announced.yaml").read_text("utf-8"))
    assert event["kind"] == "announcement" and str(event["date"]) == "2025-09-11"
    assert evening.at("2025-09-11T21:00:00Z") == []

    night = "2025-09-11T23:00:00Z"
    put = {path: shipped(path) for path in LICENCE}
    cases = [case for case in yaml.safe_load(put[LICENCE[2]]) if set(case["expected"]) == {"us.ofac"}]
    put[LICENCE[2]] = yaml.safe_dump(cases)  # those of that evening: what others say of it was not known yet
    report = evening.change("General licence 11", put, night, reason=event["says"])
    assert report["cases"]["run"] >= 3 and report["cases"].get("differ", 0) == 0
    assert flips(report) == {"advice": ("stop", "proceed"), "brakes": ("stop", "stop")}, "seen before it was approved"
    assert evening.at(night) == [("advice", "stop", "proceed"), ("brakes", "stop", "stop")]
    assert evening.verdicts("brakes")["us.ofac"] == "authorized"
    assert evening.verdicts("brakes")["us.bis"] == "license_required", "one yes is not enough: the other still stops it"
    assert all(one["causes"][0]["title"] == "General licence 11" for one in evening.fresh)

    day = "2025-09-13T12:00:00Z"
    report = evening.change("The letter", {path: shipped(path) for path in LETTER}, day)
    assert flips(report) == {"brakes": ("stop", "proceed")}
    assert ("brakes", "stop", "proceed") in evening.at(day)
    assert evening.verdicts("brakes")["us.bis"] == "authorized"

    evening.at("2025-11-03T12:00:00Z")
    after = "2025-11-06T12:00:00Z"
    evening.change("Delisted", {LISTING: shipped(LISTING)}, after)
    delisted = evening.at(after)
    assert ("advice", "proceed", "proceed") in delisted and ("brakes", "proceed", "proceed") in delisted
    assert evening.verdicts("advice")["us.ofac"] == evening.verdicts("brakes")["us.ofac"] == "not_prohibited"

    # the rule that resumes by itself: nobody writes anything
    evening.at("2026-11-09T12:00:00Z")
    assert evening.verdicts("brakes")["us.bis"] == "review", "a letter that nobody has looked at is no shield for ever"
    assert [name for name, _, _ in evening.at("2026-11-10T12:00:00Z")] == ["affiliate"]
    (alert,) = evening.fresh
    assert ("resumes", "us.bis.affiliates-rule") in {(one["what"], one["of"]) for one in alert["causes"]}

    for alert in evening.alerts():
        stored = house.store.kept(alert["after"])
        assert stored is not None and replay(house.store, stored)[0].same
    verify_store(house.store)
    app.state.law.close()
    app.state.keeper.close()
