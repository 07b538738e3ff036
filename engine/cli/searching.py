"""`search`: whom a name may be, in the rule set and on the lists that are kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from carveout.engine.cli.look import PROCEED, REVIEW, clean, console, refuse
from carveout.engine.cli.reading import RulesOption, engine_for
from carveout.engine.decide.search import Query, nearby, search, unread
from carveout.engine.law.clocks import parse_moment

LONGEST = 2_000


def find(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name, in any script; a registration; a number.")],
    kind: Annotated[str | None, typer.Option(help="person, organisation, vessel or aircraft.")] = None,
    country: Annotated[list[str] | None, typer.Option(help="A country that is known of it; may be repeated.")] = None,
    identifier: Annotated[
        list[str] | None, typer.Option("--id", metavar="KIND=VALUE", help="A number that is known of it.")
    ] = None,
    born: Annotated[str | None, typer.Option(help="A date of birth, as far as it is known.")] = None,
    address: Annotated[str | None, typer.Option(help="An address.")] = None,
    portal: Annotated[bool, typer.Option("--portal", help="Beside ours, the score of OFAC's own search.")] = False,
    at: Annotated[str | None, typer.Option(metavar="MOMENT", help="Statuses at that moment (left out: now).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The answer as JSON, for machines.")] = False,
    rules: RulesOption = None,
) -> None:
    """Look a name up. Exit status: 0 nobody is a candidate, 10 somebody is or it says nobody, 2 it cannot be read."""
    if not name.strip() or len(name) > LONGEST:
        refuse([f"NAME: write a name of at most {LONGEST:,} letters"])
    try:
        moment = parse_moment(at, None) if at is not None else int(datetime.now(UTC).timestamp())
    except ValueError as error:
        refuse([f"--at: {error}"])
    engine = engine_for(rules)
    numbers = dict(map(_identifier, identifier or ()))
    query = Query(name, kind, tuple(c.upper() for c in country or ()), numbers, born, address)
    found = search(engine, query, moment)
    why, near = unread(query, found), nearby(engine, query, found, moment)
    if as_json:
        answer = {
            "query": query.as_json(), "lists": engine.subjects.fingerprint, "candidates": found, "near": near,
            "unread": why,
        }  # fmt: skip
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2).encode())
    else:
        _show(found, near, why, engine.subjects.fingerprint, portal, console())
    raise typer.Exit(REVIEW if found or why else PROCEED)


def _identifier(text: str) -> tuple[str, str]:
    kind, sign, value = text.partition("=")
    if not sign or not kind.strip() or not value.strip():
        refuse([f"--id: `{text}` has no kind or no value (write imo=9187629)"])
    return kind.strip(), value.strip()


def _show(
    found: list[dict[str, Any]],
    near: list[dict[str, Any]],
    why: str | None,
    lists: str | None,
    portal: bool,
    out: Console,
) -> None:
    asked = f"the lists kept (state {lists[:12]})" if lists else "no list: none is kept (carveout lists import)"
    if why:
        out.print(Text(f"The name says nobody: {why}.", "bold dark_orange3"))
    if not found and not why:
        out.print(Text("Nobody recorded is so like that name that a decision would ask about it."))
    for candidate in (*found, *near):
        if near and candidate is near[0]:
            out.print(Text("Somewhat like it; no decision takes these into account:", "dim"))
        style = {"same": "bold red3", "possible": "bold dark_orange3"}.get(candidate["verdict"], "bold")
        head = Text.assemble(
            (f"{candidate['score']:>3} {candidate['verdict']}", style), f"  {clean(candidate['name'])}  "
        )
        head.append(candidate["subject"], "dim")
        out.print(head)
        lines = [candidate["reason"], *(_standing(status) for status in candidate["statuses"])]
        if portal:
            shown = candidate["portal_score"]
            lines.append("OFAC's own search would not show it" if shown is None else f"OFAC's own search: {shown}")
        if not candidate["statuses"]:
            lines.append("on no list at that moment")
        for text in lines:
            out.print(Padding(Text(clean(text)), (0, 0, 0, 10)))
    out.print(Text(f"Asked: the subjects of the rule set, and {asked}.", "dim"))


def _standing(status: dict[str, Any]) -> str:
    listed = "listed" if status["truth"] == "true" else "perhaps listed"
    return " ".join([f"{listed}: {status['status']}, {status['title']}.", *status["open"]])
