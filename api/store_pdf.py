"""Evidence as a PDF: Latin, Cyrillic, Greek, Arabic from right to left, and Chinese, with their fonts inside it."""

from __future__ import annotations

import json
import re
from datetime import datetime
from importlib.resources import files
from itertools import groupby
from typing import Any

from fpdf import FPDF

from carveout.api.rendering import tame
from carveout.engine import __version__
from carveout.engine.records.evidence import in_use

FONTS = {
    "noto": ("fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf"),
    "arabic": ("fontpkg_noto_sans_arabic", "files/NotoSansArabic[wdth,wght].ttf"),
    "han": ("pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf"),
}
_SHAPED = re.compile("[\u0300-\u036f\u0590-\u1cff\u1dc0-\u1dff\u200c-\u200f\ufb1d-\ufdff\ufe70-\ufeff]")
SMALL, NORMAL, LARGE, HUGE = 7.5, 9.5, 13.0, 20.0
OUTCOME_COLOUR = {"stop": (176, 32, 32), "review": (150, 100, 0), "proceed": (24, 110, 56)}


class _Sheet(FPDF):
    """Pages with the number of the decision and of the page at their foot."""

    def __init__(self, id: str) -> None:
        super().__init__(format="A4")
        self.id = id
        for name, (package, file) in FONTS.items():
            self.add_font(name, "", str(files(package).joinpath(file)))
        self.set_fallback_fonts(["arabic", "han"], exact_match=False)
        self.set_font("noto", size=NORMAL)
        self.set_auto_page_break(True, margin=18)
        self.set_title(f"Decision {id}")
        self.set_creator(f"Carveout {__version__}")
        self.add_page()

    def footer(self) -> None:
        """At the foot of each page."""
        self.set_y(-13)
        self.set_font("noto", size=SMALL)
        self.set_text_color(110)
        self.cell(0, 5, f"decision {self.id}", align="L")
        self.set_y(-13)
        self.cell(0, 5, f"{self.page_no()}", align="R")
        self.set_text_color(0)
        self.set_font("noto", size=NORMAL)

    def say(self, text: str, size: float = NORMAL, grey: bool = False) -> None:
        """A paragraph."""
        self.set_font("noto", size=size)
        self.set_text_color(100 if grey else 0)
        for shaped, lines in groupby(tame(text).split("\n"), _needs_shaping):
            self.set_text_shaping(shaped)
            self.multi_cell(0, size * 0.48, "\n".join(lines) or " ", align="L", new_x="LMARGIN", new_y="NEXT")
        self.set_text_color(0)

    def head(self, text: str) -> None:
        """A heading."""
        self.ln(3)
        self.say(text, LARGE)
        self.ln(1)

    def pair(self, name: str, value: object) -> None:
        """A name and what it is."""
        if value is None or value == "":
            return
        self.set_font("noto", size=NORMAL)
        self.set_text_color(100)
        self.cell(42, 4.6, name)
        self.set_text_color(0)
        text = tame(str(value))
        self.set_text_shaping(_needs_shaping(text))
        self.multi_cell(0, 4.6, text, align="L", new_x="LMARGIN", new_y="NEXT")


def pdf_of(pack: dict[str, Any]) -> bytes:
    """The PDF of a pack of evidence; the same pack gives the same bytes."""
    decision, body = pack["decision"], pack["body"]
    sheet = _Sheet(decision["id"])
    sheet.set_creation_date(datetime.fromisoformat(pack["made"]["time"]))
    sheet.say("Evidence of a decision", SMALL, grey=True)
    sheet.set_text_color(*OUTCOME_COLOUR[body["outcome"]])
    sheet.set_font("noto", size=HUGE)
    sheet.cell(0, 11, body["outcome"].upper(), new_x="LMARGIN", new_y="NEXT")
    _envelope(sheet, pack)
    sheet.head("What was stated")
    sheet.say(json.dumps(pack["stated"], ensure_ascii=False, indent=2), SMALL)
    acts = body.get("acts") or [body]
    for number, act in enumerate(acts, 1):
        sheet.head(f"What was decided: act {number} of {len(acts)}" if len(acts) > 1 else "What was decided")
        _act(sheet, act)
    sheet.head("The law, as its files stood")
    for norm in pack["law"]:
        sheet.say(norm["id"], NORMAL)
        sheet.say(f"{norm['file']} · SHA-256 {norm['sha256']}", SMALL, grey=True)
        sheet.say(norm["text"], SMALL)
        sheet.ln(2)
    for title, lines in in_use(pack):
        sheet.head(title)
        for line in lines:
            sheet.say(line, SMALL)
    sheet.head("The audit chain")
    sheet.say("The entry of this decision:", SMALL, grey=True)
    sheet.say(pack["audit"]["entry"].rstrip("\n"), SMALL)
    sheet.say("The signed head when this was made:", SMALL, grey=True)
    sheet.say(json.dumps(pack["audit"]["head"], ensure_ascii=False), SMALL)
    return bytes(sheet.output())


def _envelope(sheet: _Sheet, pack: dict[str, Any]) -> None:
    decision = pack["decision"]
    for name, value in (
        ("decision", decision["id"]), ("decided", decision["time"]), ("by", decision["person"]),
        ("reference", decision["reference"]), ("as known", decision["as_known"]), ("table", decision["table"]),
        ("rows of the table", decision["rows"]), ("kept until at least", decision["retain_until"]),
        ("engine", f"{decision['engine']}, format {decision['format']}"),
        ("rule set", f"{decision['fingerprint']} (version {pack['rules']['version']}, {pack['rules']['files']} files)"),
        ("official lists", decision["lists"] or "none in use: listings come from the rules"),
        ("threshold", decision["threshold"]), ("SHA-256 of the body", pack["hashes"]["body"]),
        ("of what was stated", pack["hashes"]["stated"]), ("of the envelope", pack["hashes"]["envelope"]),
        ("this pack", f"{pack['made']['time']}, by {pack['made']['by']}"),
    ):  # fmt: skip
        sheet.pair(name, value)


def _act(sheet: _Sheet, act: dict[str, Any]) -> None:
    for words in act["words"]:
        sheet.say(words)
    sheet.ln(1)
    for ruling in act["authorities"]:
        sheet.pair(ruling["title"], f"{ruling['verdict']}{' (' + ruling['manner'] + ')' if ruling['manner'] else ''}")
    for finding in act["findings"]:
        sheet.ln(1)
        sheet.say(f"{finding['title']} — {finding['thing']['name']}: {finding['best']} to {finding['worst']}")
        sheet.say("; ".join(map(_cited, finding["citations"])), SMALL, grey=True)
        for shield in finding["shields"]:
            sheet.say(f"   {shield['truth']}: {shield['title']} ({'; '.join(map(_cited, shield['citations']))})", SMALL)
    for title, lines in (
        ("Open questions", [q["question"] for q in act["questions"]]),
        ("Open questions of law", [f"{q['title']}: {q['question']}" for q in act["unresolved"]]),
        ("Assumed", [f"{a['fact']} of {a['of']}: {a['assumed']}" for a in act["assumptions"]]),
        ("Duties", [f"{d['says']} {d.get('due') or d.get('retain_until') or ''}" for d in act["duties"]]),
        (
            "Names compared",
            [
                f"{party['party']} ↔ {c['name']} ({c['subject']}): {c['verdict']}, score {c['score']}: {c['reason']}"
                for party in act["identity"]
                for c in party["candidates"]
            ],
        ),
        (
            "Answers of people to who it is",
            [
                f"{party['party']} {'is' if a['answer'] == 'same' else 'is not'} {a['name']} ({a['subject']}):"
                f" {a['by']} on {a['made']}, until {a['until']}: {a['reason']}"
                + ("" if a["holds"] else f" (no longer holds: {a['why']})")
                for party in act["identity"]
                for a in party.get("answers", ())
            ],
        ),
        ("Law not held", act["not_held"]),
        (
            "Lists of which the newest copy was too old for that day",
            [f"{one['title']}: of {one['newest']}" for one in act.get("overdue_lists", ())],
        ),
    ):
        if lines:
            sheet.ln(1)
            sheet.say(title, grey=True)
            for line in lines:
                sheet.say(f"· {line}")


def _needs_shaping(text: str) -> bool:
    """Letters that join, turn around or pile up; shaping the rest too takes longer."""
    return _SHAPED.search(text) is not None


def _cited(citation: dict[str, Any]) -> str:
    return f"{citation['instrument']} {citation.get('paragraph') or ''}".strip()
