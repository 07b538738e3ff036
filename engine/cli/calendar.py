"""`carveout calendar`: what is coming."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from carveout.engine.cli.checking import JsonOption
from carveout.engine.cli.look import FAULT, clean, console, refuse
from carveout.engine.cli.reading import RulesOption, engine_for, settings
from carveout.engine.cli.store_keeping import open_store


def calendar(
    days: Annotated[int, typer.Option(min=1, max=3_660, help="How far ahead.")] = 366,
    ics: Annotated[Path | None, typer.Option("--ics", metavar="FILE|-", help="Write it as iCalendar.")] = None,
    rules: RulesOption = None,
    json: JsonOption = False,
) -> None:
    """Show what is coming: licences and suspensions that end, exemptions to look at, lists too old, changes."""
    from carveout.engine.analyse.calendar import coming_at
    from carveout.engine.analyse.calendar_file import calendar_file
    from carveout.engine.parties.snapshots.model import SnapshotsError
    from carveout.engine.parties.snapshots.publications import PublicationsError

    now, asking = datetime.now(UTC), engine_for(rules)
    with open_store() as store:
        try:
            coming = coming_at(asking.rules, settings().lists, store, now, days)
        except (SnapshotsError, PublicationsError) as error:
            refuse([str(error)], FAULT)
    if ics is not None:
        data = calendar_file(coming, now)
        try:
            sys.stdout.buffer.write(data) if str(ics) == "-" else ics.write_bytes(data)
        except OSError as error:
            refuse([f"{ics}: {error.strerror or error}"])
        return
    if json:
        import json as writer

        typer.echo(writer.dumps([one.data() for one in coming], ensure_ascii=False, indent=2).encode())
        return
    out = console()
    for one in coming:
        said = one.data()
        when = "overdue" if one.overdue else said["at"][:16].replace("T", " ") + ("?" if one.by > one.at else "")
        who = f"{one.authority}: " if one.authority else ""
        text = Text.assemble((f"{when:18}", "bold red3" if one.overdue else "bold"), clean(f"{who}{said['words']}"))
        out.print(text.append(clean(f"  {one.of}"), "dim"), soft_wrap=True)
    if not coming:
        out.print("Nothing is known to come.")
