"""The geometry of a timeline: rectangles, lines and texts that a template draws as SVG."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from carveout.api.stretches import Row, Stretch
from carveout.api.timeline import Lane
from carveout.engine.law.clocks import FOREVER, Boundary, date_in
from carveout.engine.law.norms import Norm
from carveout.engine.law.ruleset import RuleSet

WIDTH, GUTTER, RIGHT = 1000, 376, 990
HEAD, LANE_HEAD, LINE, GAP = 30, 30, 22, 4
LETTER = 6.1
"""Width of a letter of the dates; of the titles it is a little less."""
TITLE_LETTERS = 58
NARROWEST = 5.0
"""A stretch of an hour still shows."""
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Rect:
    """A bar."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Text:
    """A label."""

    x: float
    y: float
    kind: str
    text: str
    anchor: str = "start"
    title: str = ""


@dataclass(slots=True)
class Chart:
    """Everything to be drawn, in order."""

    height: float = 0.0
    plot: tuple[float, float] = (GUTTER, RIGHT)
    years: list[tuple[float, str]] = field(default_factory=list)
    today: float = 0.0
    stripes: list[Rect] = field(default_factory=list)
    rects: list[Rect] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)


def chart_of(lanes: list[Lane], rules: RuleSet, now: int) -> Chart:
    """The chart of a timeline, `now` marked."""
    return _Drawing(lanes, rules, now).chart


def dates(norm: Norm, rules: RuleSet) -> str:
    """From when until when, in words; ≈ where the hour or the day is not known."""
    zone = rules.authorities[norm.authority].zone
    begins = _day(norm.effective.begins, zone) or "start not known"
    ends = _day(norm.effective.ends, zone)
    stops = f", suspended {len(norm.effective.suspended)}×" if norm.effective.suspended else ""
    return f"{begins} – {ends}{stops}" if ends else f"from {begins}{stops}" if begins[0] != "s" else begins + stops


def row_dates(row: Row, rules: RuleSet) -> str:
    """The dates of a row: its norm's, or those of the listing that it follows."""
    return "while listed" if row.while_listed else dates(row.norm, rules)


def _day(edge: Boundary, zone: ZoneInfo) -> str:
    if abs(edge.after) >= FOREVER:
        return ""
    first, last = date_in(edge.after, zone), date_in(max(edge.after, edge.by - 1), zone)
    if first != last:
        return f"≈{first}/{last.isoformat()[5:] if first.year == last.year else last}"
    return f"≈{first}" if edge.after != edge.by else str(first)


class _Drawing:
    def __init__(self, lanes: list[Lane], rules: RuleSet, now: int) -> None:
        self.rules = rules
        self.chart = Chart()
        self.start, self.end = _span(lanes, now)
        self.chart.today = self._x(now)
        self._years()
        self.y = float(HEAD)
        for number, lane in enumerate(lanes):
            top = self.y
            authority = rules.authorities[lane.authority]
            self.chart.texts.append(Text(8, self.y + 20, "lane", f"{authority.short}", title=authority.title))
            self.y += LANE_HEAD
            for rows in _alike(lane.rows):
                self._row(rows)
            self.y += GAP
            self.chart.stripes.append(
                Rect(0, top, WIDTH, self.y - top, "even" if number % 2 else "odd", authority.title)
            )
        self.chart.height = self.y + 20

    def _x(self, moment: int) -> float:
        share = (min(max(moment, self.start), self.end) - self.start) / (self.end - self.start)
        return round(GUTTER + share * (RIGHT - GUTTER), 1)

    def _years(self) -> None:
        first, last = (datetime.fromtimestamp(m, UTC).year for m in (self.start, self.end))
        step = max(1, (last - first) // 10)
        for year in range(first + 1, last + 1, step):
            self.chart.years.append((self._x(_new_year(year)), str(year)))

    def _row(self, rows: list[Row]) -> None:
        row, top = rows[0], self.y
        height = LINE * (1 + len(row.exemptions))
        also = f" (+{len(rows) - 1})" if len(rows) > 1 else ""
        titles = "; ".join(f"{r.norm.title} [{r.norm.citations[0]}]" for r in rows)
        said = row_dates(row, self.rules)
        self._label(row.norm.title, also, "title", titles)
        for stretch in row.stretches:
            self._bar(stretch, top + 2, height - 4, "ban", f"{titles}: {said}")
        self._dates(row.stretches, said, "ban-date")
        self.y += LINE
        for exemption, stretches in row.exemptions:
            said = dates(exemption, self.rules)
            doubt = " ?" if exemption.unresolved else ""
            self._label(
                "✓ " + exemption.title, doubt, "exemption", f"{exemption.title} [{exemption.citations[0]}]: {said}"
            )
            for stretch in stretches:
                self._bar(stretch, self.y + 3, LINE - 7, "lift", f"{exemption.title}: {said}")
            self._dates(stretches, said, "lift-date")
            self.y += LINE
        self.y += GAP

    def _label(self, text: str, tail: str, kind: str, title: str) -> None:
        room = TITLE_LETTERS - len(tail)
        short = text if len(text) <= room else text[: room - 1].rstrip() + "…"
        self.chart.texts.append(Text(16 if kind == "title" else 24, self.y + 15, kind, short + tail, title=title))

    def _bar(self, stretch: Stretch, y: float, height: float, kind: str, title: str) -> None:
        left, right = self._x(stretch.start), self._x(stretch.end)
        if stretch.start >= self.end or stretch.end <= self.start:
            return
        kind = kind if stretch.sure else f"{kind} unsure"
        if stretch.start <= -FOREVER:  # nobody looked the start up
            self.chart.rects.append(Rect(left, y, 30.0, height, f"{kind.split()[0]} unsure", title))
            left += 30.0
        width = max(right - left, NARROWEST if not stretch.sure else 2.0)
        self.chart.rects.append(Rect(left, y, round(width, 1), height, kind, title))

    def _dates(self, stretches: list[Stretch], said: str, kind: str) -> None:
        left, right = self._x(stretches[0].start), self._x(stretches[-1].end)
        room = len(said) * LETTER + 10
        if right - left >= room:
            x, anchor = left + 6, "start"
        elif right + room <= RIGHT:
            x, anchor = right + 6, "start"
        else:
            x, anchor = left - 6, "end"
        self.chart.texts.append(Text(round(x, 1), self.y + 15, kind, said, anchor))


def _alike(rows: list[Row]) -> list[list[Row]]:
    """Rows in force at the same times under the same exemptions, together."""
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        key = (tuple(row.stretches), tuple(e.id for e, _ in row.exemptions))
        groups.setdefault(key, []).append(row)
    return list(groups.values())


def _span(lanes: list[Lane], now: int) -> tuple[int, int]:
    """From the year of the first known start (at most fifteen years back) until a year from now, or the last end."""
    rows = [row for lane in lanes for row in lane.rows]
    pieces = [s for row in rows for s in row.stretches] + [s for r in rows for _, found in r.exemptions for s in found]
    starts = [s.start for s in pieces if s.start > -FOREVER]
    ends = [s.end for s in pieces if s.end < FOREVER]
    this_year = datetime.fromtimestamp(now, UTC).year
    first = max(datetime.fromtimestamp(min(starts), UTC).year if starts else this_year - 5, this_year - 15)
    last = max([now + 200 * DAY, *(min(end, now + 1000 * DAY) for end in ends)])
    return _new_year(first), last


def _new_year(year: int) -> int:
    return int(datetime.combine(date(year, 1, 1), datetime.min.time(), UTC).timestamp())
