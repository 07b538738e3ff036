"""`replay`: a stored decision made once more."""

from __future__ import annotations

import json as json_module
from typing import Annotated

import typer
from rich.text import Text

from carveout.engine import StatementError
from carveout.engine.cli.checking import JsonOption
from carveout.engine.cli.look import FAULT, REVIEW, clean, console, refuse
from carveout.engine.cli.reading import AsKnownOption, RulesOption, engine_for, reading_names, settings
from carveout.engine.cli.store_keeping import open_store, person

MOST_LINES = 40


def replay(
    id: Annotated[str, typer.Argument(metavar="ID", help="Of the stored decision.")],
    today: Annotated[bool, typer.Option("--today", help="Under the law of today, not the recorded one.")] = False,
    as_known: AsKnownOption = None,
    json: JsonOption = False,
    rules: RulesOption = None,
) -> None:
    """Decide a stored decision once more. Exit status: 0 the same answer, 10 another, 1 it cannot be, 2 no such ID."""
    from carveout.engine.records.recorded import Home, Unreplayable
    from carveout.engine.records.replaying import replay as replay_

    with open_store() as store:
        kept = store.kept(id)
        if kept is None:
            refuse([f"no decision `{id}` is in the store"])
        try:
            home = Home(settings().home, reading_names)
            found, body = replay_(store, kept, engine_for(rules) if today else None, as_known, home)
        except Unreplayable as error:
            refuse([str(error)], FAULT)
        except StatementError as error:
            refuse([f"{problem.field}: {problem.message}" for problem in error.problems], FAULT)
        except ValueError as error:
            if as_known is None:
                raise
            refuse([f"--as-known: {error}"])
        store.note_answer(found.entry(person(), body), None, b"")
    if json:
        typer.echo(_json(found.data()).encode())
    else:
        out = console()
        law = "the recorded law" if found.law == "recorded" else "the law of today"
        known = f", as known at {found.as_known}" if found.as_known else ""
        said = "the same, byte for byte" if found.same_bytes else "the same" if found.same else "another answer"
        out.print(Text.assemble((said, "bold"), clean(f" under {law}{known}")))
        for other in found.others:
            out.print(Text(clean(f"  {other}"), "bold"), soft_wrap=True)
        telling = sorted(found.differences, key=lambda one: not one.path.endswith(("/outcome", "/verdict")))
        for one in telling[:MOST_LINES]:
            out.print(Text(clean(f"  {one.path}: {_short(one.then)} -> {_short(one.now)}")), soft_wrap=True)
        if len(found.differences) > MOST_LINES:
            out.print(Text(f"  and {len(found.differences) - MOST_LINES} more (--json)", "dim"))
    raise typer.Exit(0 if found.same else REVIEW)


def _short(value: object) -> str:
    text = _json(value, None)
    return text if len(text) <= 120 else text[:119] + "…"


def _json(data: object, indent: int | None = 2) -> str:
    return json_module.dumps(data, ensure_ascii=False, sort_keys=True, indent=indent, default=str)
