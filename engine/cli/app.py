"""The commands by name."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from carveout.engine import __version__
from carveout.engine.cli.adjudicating import adjudicate
from carveout.engine.cli.audit import audit
from carveout.engine.cli.calendar import calendar
from carveout.engine.cli.changes import changes, export, propose
from carveout.engine.cli.checking import check, explain
from carveout.engine.cli.doctor import doctor
from carveout.engine.cli.law import law
from carveout.engine.cli.lists import lists
from carveout.engine.cli.owners import owners
from carveout.engine.cli.people import keys, people
from carveout.engine.cli.replaying import replay
from carveout.engine.cli.screening import screen
from carveout.engine.cli.searching import find
from carveout.engine.cli.serving import serve
from carveout.engine.cli.store import store
from carveout.engine.cli.validating import validate
from carveout.engine.cli.watching import alerts, portfolio, watch

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="May we do this, under which law, on which conditions, and what is still open?",
)
for command in (check, explain, screen, calendar, watch, replay, validate, serve, doctor):
    app.command()(command)
app.command("search")(find)
law.command("propose")(propose)
law.command("export")(export)
app.add_typer(law, name="rules")
app.add_typer(changes, name="changes")
app.add_typer(portfolio, name="portfolio")
app.add_typer(alerts, name="alerts")
app.add_typer(lists, name="lists")
app.add_typer(owners, name="owners")
app.add_typer(adjudicate, name="adjudicate")
app.add_typer(people, name="people")
app.add_typer(keys, name="keys")
app.add_typer(audit, name="audit")
app.add_typer(store, name="store")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"carveout {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and leave.")
    ] = False,
) -> None:
    pass


def run() -> None:
    """The command line on the real streams: a terminal that cannot show a letter shows its number."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app()
