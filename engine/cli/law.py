"""`rules`: the law as data, checked, listed, shown and tested."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from carveout.engine import RuleError
from carveout.engine.analyse.cases import OutcomeCase, misses, read_cases
from carveout.engine.analyse.health import health_of
from carveout.engine.cli.look import FAULT, clean, console, errors, refuse
from carveout.engine.cli.norms import show_norm, standing
from carveout.engine.cli.reading import RulesOption, rules_for, settings
from carveout.engine.law.clocks import parse_instant
from carveout.engine.law.documents import did_you_mean
from carveout.engine.law.truth import FALSE

law = typer.Typer(no_args_is_help=True, help="The law as data: check it, list it, show it, test it.")
MOST_LINES = 20
DirArgument = Annotated[Path | None, typer.Argument(metavar="DIR", help="A folder of rules (else the shipped ones).")]


@law.command("check")
def check_rules(
    folder: DirArgument = None,
    cases: Annotated[
        list[Path] | None, typer.Option("--cases", metavar="DIR", help="More cases that show the rules.")
    ] = None,
    seeds: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The events norms come from (else `seeds` beside DIR).")
    ] = None,
    on: Annotated[str | None, typer.Option(metavar="DATE", help="As if it were that day.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every remark, not the first of each kind.")] = False,
) -> None:
    """Load the rules, say every fault, and how well they are kept. Exit status: 0, or 1 if there are faults."""
    folder = folder or settings().rules
    engine = rules_for(folder)
    try:
        today = date.fromisoformat(on) if on else date.today()
    except ValueError:
        refuse([f"--on: `{on}` is not a date (write YYYY-MM-DD)"])
    beside = seeds or folder.resolve().parent / "seeds"
    health = health_of(engine, beside if beside.is_dir() else None, _cases([folder, *(cases or [])]), today)
    out = console()
    for title, lines in health.remarks.items():
        out.print(Text.assemble((f"{len(lines)} ", "bold"), title))
        for line in lines if everything else lines[:MOST_LINES]:
            out.print(Text(f"  {clean(line)}"))
        if len(lines) > MOST_LINES and not everything:
            out.print(Text(f"  and {len(lines) - MOST_LINES} more (--all)", "dim"))
    if health.faults:
        refuse(health.faults, FAULT)
    rules = engine.rules
    out.print(
        f"{len(rules.norms)} norms, {len(rules.subjects)} subjects, fingerprint {rules.fingerprint[:12]}: no fault"
    )


@law.command("list")
def list_rules(
    authority: Annotated[str | None, typer.Option(metavar="ID", help="Only of this authority.")] = None,
    kind: Annotated[str | None, typer.Option(help="listing, prohibition, exemption, ownership or duty.")] = None,
    in_force_at: Annotated[
        str | None,
        typer.Option(metavar="MOMENT", help="Only those in force, or perhaps in force, at that time or day."),
    ] = None,
    rules: RulesOption = None,
) -> None:
    """List the norms, one a line."""
    held = rules_for(rules).rules
    kinds = {norm.kind for norm in held.norms.values()}
    if authority is not None and authority not in held.authorities:
        refuse([f"--authority: unknown authority `{authority}` ({did_you_mean(authority, held.authorities)})"])
    if kind is not None and kind not in kinds:
        refuse([f"--kind: unknown kind `{kind}` ({did_you_mean(kind, kinds)})"])
    try:
        instant = parse_instant(in_force_at) if in_force_at else None
    except ValueError as error:
        refuse([f"--in-force-at: {error}"])
    found: list[tuple[str, str, str, str]] = []
    for norm in held.norms.values():
        if authority not in (None, norm.authority) or kind not in (None, norm.kind):
            continue
        if instant is not None:
            edges = [e for e in norm.effective.edges() if instant.first < e < instant.last]
            if all(norm.effective.in_force(moment) == FALSE for moment in (instant.first, *edges)):
                continue
        found.append((norm.id, norm.kind, standing(norm, held), clean(norm.title)))
    _table(("id", "kind", "in force", "title"), found)
    errors().print(Text(f"{len(found)} norm{'' if len(found) == 1 else 's'}", "dim"))


def _table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """A table on a terminal; for another program, each row on one line, its cells with tabs between."""
    out = console()
    if not out.is_terminal:
        for row in rows:
            typer.echo("\t".join(" ".join(cell.split()) for cell in row))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, no_wrap=heading == "id", overflow="fold")
    for row in rows:
        table.add_row(*row)
    out.print(table)


@law.command("show")
def show_rule(id: Annotated[str, typer.Argument(metavar="ID")], rules: RulesOption = None) -> None:
    """Show one norm: what it says, since when, its citations, and what shields it or what it shields."""
    held = rules_for(rules).rules
    if id not in held.norms:
        refuse([f"unknown norm `{id}` ({did_you_mean(id, held.norms)})"])
    show_norm(held.norms[id], held, console())


@law.command("test")
def test_rules(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Rules with `*.cases.yaml` below them, or a folder of cases.")
    ] = None,
    rules: RulesOption = None,
) -> None:
    """Run the worked cases of law. Exit status: 0, or 1 if one of them comes out differently."""
    folder = folder or rules or settings().rules
    engine = rules_for(folder if rules is None and (folder / "vocabulary.yaml").exists() else rules)
    found = _cases([folder])
    cases = [case for case in found if not case.data.get("lists")]
    out, wrong, gaps = console(), 0, 0
    for case in cases:
        faults = misses(engine, case)
        if "known_gap" in case.data:
            gaps += bool(faults)
            faults = [] if faults else ["comes out as expected: `known_gap` can go"]
        if faults:
            wrong += 1
            out.print(Text.assemble(("differs ", "bold red3"), (case.id, "bold"), f"  {case.file}:{case.line}"))
            for fault in faults:
                out.print(Text(f"  {clean(fault)}"))
    known = f", {gaps} known gaps" if gaps else ""
    if left := len(found) - len(cases):
        known += f"; {left} more name a list, and are not run on the rules alone"
    out.print(f"{len(cases)} cases: {len(cases) - wrong - gaps} as expected, {wrong} differ{known}")
    raise typer.Exit(FAULT if wrong else 0)


def _cases(folders: list[Path]) -> list[OutcomeCase]:
    try:
        return [case for folder in folders for case in read_cases(folder)]
    except RuleError as error:
        refuse([str(fault) for fault in error.faults], FAULT)
