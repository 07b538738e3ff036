"""`validate`: how well names are found on the lists kept here, at the threshold set here."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from carveout.engine.cli.look import clean, console, errors, refuse
from carveout.engine.cli.reading import RulesOption, engine_for


def validate(
    threshold: Annotated[
        float | None, typer.Option(min=50, max=100, help="A score to try (else the one set, else the shipped one).")
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="The report as a page.")] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="The report as JSON, for other programs.")] = None,
    ordinary: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Your own ordinary parties, in a column `name` (else made up).")
    ] = None,
    names: Annotated[int, typer.Option(min=1, max=100_000, help="Listed names to sample; each is altered.")] = 600,
    parties: Annotated[int, typer.Option(min=0, max=100_000, help="Ordinary parties to make up.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same samples.")] = 1,
    minutes: Annotated[float, typer.Option(min=0.01, max=10_080, help="Stop asking after that time.")] = 15,
    rules: RulesOption = None,
) -> None:
    """Measure how names are found: recall by kind of change and script, false alarms. Exit status: 0, 2 refused."""
    from carveout.engine.analyse.validation.measuring import LOWEST, Measuring, sample
    from carveout.engine.analyse.validation.ordinary import OrdinaryRefused, made_up, read_ordinary
    from carveout.engine.analyse.validation.page import page_of
    from carveout.engine.analyse.validation.summing import report_of
    from carveout.engine.batch.screening import write_whole

    for option, file in (("--html", html), ("--json", json)):
        if file is not None and (file.is_dir() or not file.parent.is_dir()):
            refuse(
                [f"{option}: {file} is a folder" if file.is_dir() else f"{option}: there is no folder {file.parent}"]
            )
    try:
        asked = made_up(parties, seed) if ordinary is None else read_ordinary(ordinary)
    except OrdinaryRefused as error:
        refuse([f"--ordinary: {error}"])
    except OSError as error:
        refuse([f"--ordinary: {ordinary}: {error.strerror or error}"])
    source = f"{len(asked):,} made up of common names and words" if ordinary is None else f"{ordinary.name} (your own)"
    engine, lowest = engine_for(rules, threshold), engine_for(rules, LOWEST)
    listed = sample(engine.subjects, names, seed)
    bar = Progress(
        TextColumn("validating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=errors(), transient=True, disable=not sys.stderr.isatty(),
    )  # fmt: skip
    began = time.monotonic()
    with bar:
        task = bar.add_task("", total=None)

        def progress(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        measured = Measuring(engine, lowest, 60 * minutes, progress).run(listed, asked, seed)
    report = report_of(engine, measured, seed=seed, source=source, seconds=time.monotonic() - began)
    try:
        if html is not None:
            write_whole(html, page_of(report).encode("utf-8", "replace"))
        if json is not None:
            write_whole(json, report.model_dump_json(indent=1).encode("utf-8", "replace") + b"\n")
    except OSError as error:
        refuse([f"{error.filename}: {error.strerror or error}"])
    out = console()
    table = Table(box=None, pad_edge=False)
    for title in ("change", "found", "95 % interval", "asked"):
        table.add_column(title, justify="left" if title == "change" else "right")
    from carveout.engine.analyse.validation.page import alarms, interval, percent

    rows = [("as written", report.unaltered), *((c.kind.replace("_", " "), c.recall) for c in report.changes)]
    for name, share in [*rows, ("all that lose nothing", report.recall)]:
        table.add_row(name, percent(share), interval(share), f"{share.sample:,}")
    out.print(table)
    out.print(Text(f"false alarms in 10,000 ordinary parties: {alarms(report.alarms.alarms)}, {report.alarms.same} of"
                   f" {report.alarms.alarms.found} with the very name of a listed one"))  # fmt: skip
    told = f"threshold {report.threshold:g}, {report.entries:,} entries, {report.seconds} s, seed {seed}"
    out.print(Text(told if report.complete else f"{told}; the time was over before all was asked", "dim"))
    if not report.lists:
        out.print(Text("no official list is kept here: only the rule set was asked", "bold"))
    for file in (html, json):
        if file is not None:
            out.print(Text(clean(f"written: {file}"), "dim"))
