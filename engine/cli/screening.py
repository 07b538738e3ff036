"""`screen`: a table decided row by row."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from carveout.engine.cli.look import OUTCOME_STYLE, STATUS_OF, errors, refuse
from carveout.engine.cli.reading import RulesOption, engine_for
from carveout.engine.cli.store_keeping import DryOption, TableKeeping, open_store


def screen(
    source: Annotated[Path, typer.Argument(metavar="IN.csv", help="One transaction a row (docs/csv.md).")],
    target: Annotated[Path, typer.Option("-o", "--output", metavar="OUT.csv", help="Where the answer goes.")],
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of the input, where it is neither UTF-8 nor Windows-1252.")
    ] = None,
    dry: DryOption = False,
    rules: RulesOption = None,
) -> None:
    """Decide and store every row of a CSV file. Exit status: 0 all proceed, 10 any review, 20 any stop, 2 refused."""
    from carveout.engine.batch import TableError, screen_csv  # pandas takes half a second to load

    if not target.parent.is_dir():
        refuse([f"{target}: there is no folder {target.parent}"])
    if target.is_dir():
        refuse([f"{target}: is a folder"])
    if target.exists() and source.exists() and target.samefile(source):
        refuse([f"{target}: the answer would take the place of the input"])
    engine = engine_for(rules)
    err = errors()
    bar = Progress(
        TextColumn("screening"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=err, transient=True, disable=not sys.stderr.isatty(),
    )  # fmt: skip
    try:
        with bar:
            task = bar.add_task("", total=None)

            def progress(done: int, of: int) -> None:
                bar.update(task, completed=done, total=of)

            with nullcontext() if dry else open_store(or_dry=True) as store:
                table = TableKeeping(engine, store) if store else None
                summary = screen_csv(
                    engine, source, target, progress, encoding=encoding,
                    keep=table.keep if table else None, kept=table.kept if table else None,
                )  # fmt: skip
    except TableError as error:
        refuse([f"{source}: {fault}" for fault in error.faults])
    except OSError as error:
        refuse([f"{error.filename or source}: {error.strerror or error}"])
    counts = f"{summary.stop} stop, {summary.review} review, {summary.proceed} proceed"
    faulty = f" ({summary.errors} of them could not be decided)" if summary.errors else ""
    said = f"  {summary.rows} rows: {counts.replace(' review', ' review' + faulty)}. {target}"
    err.print(Text.assemble((f" {summary.outcome.upper()} ", OUTCOME_STYLE[summary.outcome]), said))
    if summary.encoding != "utf-8":
        err.print(Text(f"read as {summary.encoding}; if names look wrong, say --encoding", "dim"))
    raise typer.Exit(STATUS_OF[summary.outcome])
