"""How things look on a terminal: signs, colours, and text of strangers made safe to print."""

from __future__ import annotations

import unicodedata
from typing import Final, NoReturn

import typer
from rich.console import Console
from rich.text import Text

PROCEED, FAULT, BAD_INPUT, REVIEW, STOP = 0, 1, 2, 10, 20
"""Exit status."""
WIDTH = 110
"""Of what goes to a file or another program."""
STATUS_OF: Final = {"proceed": PROCEED, "review": REVIEW, "stop": STOP}
OUTCOME_STYLE: Final = {
    "proceed": "bold white on green4",
    "review": "bold black on gold1",
    "stop": "bold white on red3",
}
_SIGNS: Final = {
    "prohibited": ("✗", "x", "bold red3"),
    "license_required": ("✗", "x", "bold red3"),
    "review": ("?", "?", "bold dark_orange3"),
    "authorized": ("✓", "+", "bold green4"),
    "not_prohibited": ("✓", "+", "green4"),
    "no_nexus": ("–", "-", "dim"),
}


def console() -> Console:
    """Standard output."""
    out = Console(highlight=False, markup=False, emoji=False)
    return out if out.is_terminal else Console(highlight=False, markup=False, emoji=False, width=WIDTH)


def errors() -> Console:
    """Standard error."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def sign(verdict: str, out: Console) -> Text:
    """A verdict's sign, in letters that the terminal has."""
    fine, plain, style = _SIGNS[verdict]
    return Text(fine if out.encoding.lower().startswith("utf") else plain, style)


def style_of(verdict: str) -> str:
    """A verdict's colour."""
    return _SIGNS[verdict][2]


def clean(text: object, most: int = 2_000) -> str:
    """Text as nobody can steer a terminal with it: control and direction characters as their numbers."""
    shown = "".join(
        character if character == "\n" or unicodedata.category(character) not in _STEERING else _number(character)
        for character in str(text)[:most]
    )
    return shown + (" ..." if len(str(text)) > most else "")


_STEERING: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def _number(character: str) -> str:
    return f"\\u{ord(character):04x}"


def refuse(problems: list[str], status: int = BAD_INPUT) -> NoReturn:
    """Say on standard error what is wrong, and leave; nothing on standard output."""
    err = errors()
    for problem in problems:
        err.print(Text.assemble(("error", "bold red3"), ": ", clean(problem)))
    raise typer.Exit(status)
