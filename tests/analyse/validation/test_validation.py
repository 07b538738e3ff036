"""What is measured is what the screening finds; the report says so as data and as a page that fetches nothing."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from carveout.engine import Engine
from carveout.engine.analyse.validation.measuring import LOWEST, Measuring, Tally, sample, script_of, share_of
from carveout.engine.analyse.validation.ordinary import OrdinaryRefused, Party, made_up, read_ordinary
from carveout.engine.analyse.validation.page import page_of
from carveout.engine.analyse.validation.report import Report
from carveout.engine.analyse.validation.summing import report_of

from ...law.small import small_engine
from ...parties.adjudications.worlds import JAN, engine_of, entry

HOSTILE = '<script>alert("x")</script> & Sons'


def measured(engine: Engine, parties: list[Party], names: int = 20, seconds: float = 600) -> Report:
    lowest = Engine(engine.rules, watchlist=engine.subjects.watchlist, threshold=LOWEST)
    listed = sample(engine.subjects, names, 1)
    found = Measuring(engine, lowest, seconds).run(listed, parties, 1)
    return report_of(engine, found, seed=1, source="a test", seconds=0)


def strip(report: Report) -> dict[str, object]:
    return {key: value for key, value in report.model_dump().items() if key != "made"}


def test_wilsons_interval() -> None:
    """Values of R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3."""
    for found, of, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
                                 (1, 29, 0.0061, 0.1718)):  # fmt: skip
        share = share_of(found, of)
        assert (round(share.low or 0, 4), round(share.high or 0, 4)) == (low, high)
    assert share_of(0, 0).share is None


def test_one_name_asked_in_many_ways_is_not_many_names() -> None:
    once, often = Tally(), Tally()
    for name in range(20):
        once.add("all", name % 4 != 0, str(name))
        for _ in range(30):
            often.add("all", name % 4 != 0, str(name))
    one, other = once.share("all"), often.share("all")
    assert one.share == other.share and other.sample == 600
    assert abs((one.low or 0) - (other.low or 0)) < 0.01
    assert (share_of(450, 600).low or 0) > (other.low or 0) + 0.1


def test_found_is_what_screening_finds(tmp_path: Path) -> None:
    engine = engine_of(tmp_path, [(entry(), JAN, None)], [(entry("8", "Сокол Прицеп"), JAN, None)])
    parties = [Party("Zubr Ferrous Alloys", "organisation", "g"), Party("Quite Another", None, "g"),
               Party("Zubr Ferous Alloys", "organisation", "h")]  # fmt: skip
    report = measured(engine, parties)
    assert report.unaltered.share == 1 and report.unaltered.sample == 2 == report.sampled
    assert (report.alarms.alarms.found, report.alarms.alarms.sample) == (2, 3)
    assert (report.alarms.possible, report.alarms.same) == (1, 1)
    assert {a.group: a.alarms.found for a in report.alarms_by_group} == {"g": 1, "h": 1}
    assert {g.name for g in report.by_script} == {"Cyrillic", "Latin"}
    assert sum(b.altered for b in report.scores) + report.below[0] == report.recall.sample
    assert sum(b.ordinary for b in report.scores) + report.below[1] == 3
    for change in report.changes:
        for subject, _, asked in change.missed:
            kind = "organisation"
            assert subject not in {c.subject for c in engine.subjects.screen(asked, kind=kind)}
    assert strip(report) == strip(measured(engine, parties))


def test_a_higher_threshold_finds_less_and_alarms_less(tmp_path: Path) -> None:
    engine = engine_of(tmp_path, [(entry(), JAN, None)], [(entry("8", "Grand Sokol Trailers"), JAN, None)])
    strict = Engine(engine.rules, watchlist=None, threshold=99)
    report = measured(engine, [])
    shares = [t.recall for t in report.thresholds if t.recall is not None]
    assert shares == sorted(shares, reverse=True) and shares[0] > shares[-1]
    assert measured(strict, []).threshold == 99 and report.threshold == report.threshold_shipped


def test_who_is_not_listed_now_is_not_sampled(tmp_path: Path) -> None:
    gone = entry("8", "Grand Sokol Trailers")
    engine = engine_of(tmp_path, [(entry(), JAN, None)], [(gone, JAN, JAN.replace(month=2))])
    assert [one.name for one in sample(engine.subjects, 10, 1)] == ["Zubr Ferrous Alloys"]


def test_without_lists_the_rule_set_is_asked_and_the_page_says_so() -> None:
    report = measured(Engine(small_engine().rules), [])
    assert not report.lists and report.unaltered.share == 1
    assert "No official list is kept here" in page_of(report)


def test_time_that_is_over_is_said(tmp_path: Path) -> None:
    report = measured(engine_of(tmp_path, [(entry(), JAN, None)]), [], seconds=-1)
    assert not report.complete and report.recall.sample == 0 and report.recall.share is None
    assert "The time was over" in page_of(report)


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "action")]


def test_the_page_fetches_nothing_and_names_stay_text(tmp_path: Path) -> None:
    engine = engine_of(tmp_path, [(entry(name=HOSTILE), JAN, None)])
    text = page_of(measured(engine, [Party(HOSTILE, "organisation", HOSTILE)]))
    page = _Page(text)
    assert "script" not in page.tags and not page.links and "svg" in page.tags
    assert "url(" not in text and "@import" not in text and "prefers-color-scheme: dark" in text
    assert "&lt;script&gt;" in text and str(78) in text


def test_the_json_is_what_its_schema_says(tmp_path: Path) -> None:
    report = measured(engine_of(tmp_path, [(entry(), JAN, None)]), made_up(20, 1))
    again = Report.model_validate_json(report.model_dump_json())
    assert again == report
    documented = (Path(__file__).resolve().parents[3] / "docs" / "validation.md").read_text("utf-8")
    named = set(re.findall(r"`(\w+)`", documented))
    assert set(json.loads(report.model_dump_json())) <= named


def test_ordinary_parties_are_many_different_and_the_same_each_time() -> None:
    parties = made_up(10_000, 7)
    assert len({party.name for party in parties}) == 10_000 and parties == made_up(10_000, 7) != made_up(10_000, 8)
    groups = {party.group for party in parties}
    assert len(groups) > 12 and {script_of(p.name) for p in parties} >= {"Latin", "Cyrillic", "Arabic", "Cjk"}
    assert {party.kind for party in parties} == {"person", "organisation"}


def test_a_users_own_file(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_bytes("\ufeffNo;Name;Kind\n1;Müller GmbH;Organisation\n2;;person\n3;Анна Белова;\n".encode())
    assert [(p.name, p.kind) for p in read_ordinary(file)] == [("Müller GmbH", "organisation"), ("Анна Белова", None)]
    for content, words in (
        (b"a,b\n1,2\n", "no column `name`"), (b"name\n", "no party"), (b"", "no column"),
        (b"name\nM\xfcller\n", "UTF-8"), (b'name\n"open\n', "no CSV"),
    ):  # fmt: skip
        file.write_bytes(content)
        with pytest.raises(OrdinaryRefused, match=words):
            read_ordinary(file)
