"""The report as one page that needs no network: tables, and the distribution of scores as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from carveout.engine.analyse.validation.report import Bin, Report, Share

TEMPLATES = Path(__file__).resolve().parent / "data"
WIDE, HIGH, LEFT, GAP = 760, 150, 64, 46


def page_of(report: Report) -> str:
    """The page, HTML in UTF-8."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    found.filters |= {"percent": percent, "interval": interval, "alarms": alarms}
    return found.get_template("page.html").render(r=report, bars=bars(report), wide=WIDE, high=HIGH)


def percent(share: Share) -> str:
    """A share in percent, as exact as its sample allows."""
    return "–" if share.share is None else f"{100 * share.share:.1f} %"


def interval(share: Share) -> str:
    """Its interval in percent."""
    return "–" if share.low is None or share.high is None else f"{100 * share.low:.1f} to {100 * share.high:.1f}"


def alarms(share: Share) -> str:
    """A share as so many in 10,000, with its interval."""
    if share.share is None or share.low is None or share.high is None:
        return "–"
    return f"{1e4 * share.share:,.1f} ({1e4 * share.low:,.1f} to {1e4 * share.high:,.1f})"


def bars(report: Report) -> dict[str, object]:
    """Two rows of bars over one scale of scores, in the units of the picture."""
    first, last = report.scores[0].score, report.scores[-1].score + 2
    scale = (WIDE - LEFT - 12) / (last - first)

    def row(heights: Sequence[int], top: int) -> list[dict[str, object]]:
        most = max([*heights, 1])
        return [
            {
                "x": round(LEFT + (one.score - first) * scale + 1, 1), "w": round(2 * scale - 2, 1),
                "y": round(top + HIGH * (1 - count / most), 1), "h": round(HIGH * count / most, 1),
                "title": _title(one, count), "in": one.score + 1 >= report.threshold,
            }
            for one, count in zip(report.scores, heights, strict=True)
        ]  # fmt: skip

    altered, ordinary = [one.altered for one in report.scores], [one.ordinary for one in report.scores]
    return {
        "altered": row(altered, 24), "ordinary": row(ordinary, 24 + HIGH + GAP),
        "most": (max(altered), max(ordinary)), "left": LEFT, "second": 24 + HIGH + GAP,
        "bottom": 24 + 2 * HIGH + GAP, "total": 24 + 2 * HIGH + GAP + 40,
        "ticks": [(round(LEFT + (tick - first) * scale, 1), tick) for tick in range(first, 101, 10)],
        "line": round(LEFT + (report.threshold - first) * scale, 1),
    }  # fmt: skip


def _title(one: Bin, count: int) -> str:
    return f"{one.score} to {min(one.score + 1, 100)}: {count:,}"
