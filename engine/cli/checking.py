"""`check` and `explain`: one transaction, decided."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.text import Text

from carveout.engine.cli.look import STATUS_OF, console, refuse
from carveout.engine.cli.reading import AsKnownOption, FileArgument, RulesOption, decide, engine_for, stated
from carveout.engine.cli.showing import show_decision
from carveout.engine.cli.store_keeping import DryOption, keep
from carveout.engine.cli.tracing import show_trace

JsonOption = Annotated[bool, typer.Option("--json", help="The decision as JSON, for machines.")]


def check(
    file: FileArgument,
    json: JsonOption = False,
    everything: Annotated[bool, typer.Option("--all", help="Every open finding, not only how many.")] = False,
    dry: DryOption = False,
    as_known: AsKnownOption = None,
    rules: RulesOption = None,
) -> None:
    """Decide one transaction and store the decision. Exit status: 0 proceed, 10 review, 20 stop, 2 unreadable input."""
    transaction = stated(file)
    engine = engine_for(rules)
    decision = decide(engine, transaction, as_known)
    id = None if dry else keep(engine, transaction, decision, as_known)  # before it is said
    if json:
        typer.echo(_json(decision.body).encode())  # UTF-8, whatever the terminal has
    else:
        show_decision(decision, engine.rules, console(), everything)
        if id is not None:
            console().print(Text(f"stored as {id}", "dim"))
    raise typer.Exit(STATUS_OF[decision.outcome])


def explain(
    file: FileArgument,
    authority: Annotated[str | None, typer.Option("--authority", metavar="ID", help="Only this authority.")] = None,
    as_known: AsKnownOption = None,
    rules: RulesOption = None,
) -> None:
    """Show the whole trace of a decision: facts used, exemptions tried, why a question is open, who owns whom."""
    transaction = stated(file)
    engine = engine_for(rules)
    if authority is not None and authority not in engine.rules.authorities:
        refuse([f"--authority: unknown authority `{authority}`: one of {', '.join(sorted(engine.rules.authorities))}"])
    decision = decide(engine, transaction, as_known)
    show_trace(decision, authority, console())
    raise typer.Exit(STATUS_OF[decision.outcome])


def _json(body: object) -> str:
    return json.dumps(body, ensure_ascii=False, sort_keys=True, indent=2, allow_nan=False)
