"""`changes`: what is proposed, what it would do, and who makes it the law; `rules propose` and `rules export`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from carveout.engine import RuleError
from carveout.engine.cli.checking import JsonOption
from carveout.engine.cli.look import FAULT, REVIEW, clean, console, errors, refuse
from carveout.engine.cli.reading import engine_for, settings
from carveout.engine.cli.store_keeping import open_store

if TYPE_CHECKING:
    from carveout.engine.records.changes import Change, Changes

changes = typer.Typer(no_args_is_help=True, help="Changes of the rule set: see what they do, approve, activate.")
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Of the change.")]
TitleOption = Annotated[str, typer.Option("--title", metavar="TEXT", help="What is changed, in one line.")]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")]
MOST_LINES = 20
VOCABULARY = "vocabulary.yaml"


def acting() -> str:
    """Who sits here, as the operating system vouches for it: the person of the store with the id of that account."""
    try:
        import pwd

        return pwd.getpwuid(os.geteuid()).pw_name
    except (ImportError, KeyError):
        refuse(["nobody can say which account this is: use the API with a key"])


@contextmanager
def _opened() -> Iterator[Changes]:
    from carveout.engine.records.changes import Changes
    from carveout.engine.records.proposals import ChangeFault

    with open_store() as store:
        try:
            yield Changes(store)
        except ChangeFault as fault:
            refuse([str(fault)], FAULT)
        except RuleError as error:
            refuse([str(fault) for fault in error.faults], FAULT)


def propose(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="The rules as they should become: their folder, or a checkout with it."),
    ],
    title: TitleOption,
    reason: ReasonOption = "",
    emergency: Annotated[
        bool,
        typer.Option("--emergency", help="In force before a second person confirms: may only make answers stricter."),
    ] = False,
) -> None:
    """Propose the rules in DIR, to the byte, in place of those in force. Nothing is asked differently by it."""
    from carveout.engine.records.changes import base_of
    from carveout.engine.records.contents import Contents

    if not (folder / VOCABULARY).exists() and (folder / "rules" / VOCABULARY).exists():
        folder = folder / "rules"
    with _opened() as held:
        try:
            contents = Contents.of_folder(folder)
        except OSError as error:
            refuse([f"{folder}: {error.strerror or error}"])
        held.proposals.entered(acting(), _author())
        base_of(held, settings().rules)
        made = held.propose(contents, acting(), title=title, reason=reason, emergency=emergency)
    _show(made, held)
    errors().print(f"what it does: carveout changes report {made.proposal.id}", style="dim")


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")],
    change: Annotated[
        str | None, typer.Option("--change", metavar="ID", help="Of that change (else in force).")
    ] = None,
) -> None:
    """Write the rules in force, or those of a change, as the files they came from, to the byte."""
    from carveout.engine.records.contents import Contents

    with _opened() as held:
        coming = held.coming()
        if change is None and not coming:
            contents = Contents.of_folder(settings().rules)
        else:
            id = change if change is not None else coming[0].proposal
            contents = Contents.of_store(held.store, held.get(id).proposal.content)
        try:
            contents.write(folder)
        except OSError as error:
            refuse([str(error) if isinstance(error, FileExistsError) else f"{folder}: {error.strerror or error}"])
    console().print(f"{len(contents.files)} files written to {clean(folder)}")


@changes.command("list")
def list_changes(json: JsonOption = False) -> None:
    """List the changes, newest first."""
    with _opened() as held:
        found = held.all()
    if json:
        _echo([change.data() for change in found])
        return
    out = console()
    for change in found:
        out.print(_line(change), soft_wrap=True)
    for change in found:
        if change.overdue:
            errors().print(Text(f"not confirmed in time: {change.proposal.id}", "bold red3"))
    if not found:
        errors().print("No change was ever proposed: the rules of the folder are asked.", style="dim")


@changes.command("show")
def show_change(id: IdArgument, json: JsonOption = False) -> None:
    """Show one change."""
    with _opened() as held:
        found = held.get(id)
        if json:
            _echo(found.data())
        else:
            _show(found, held)


@changes.command("report")
def report_on(
    id: IdArgument,
    portfolio: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Transactions of yours too: JSON lines or CSV.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Work out what a change does, and keep it. Exit status: 0, 1 if it has faults, 10 if answers become milder."""
    from carveout.engine.analyse.portfolio import PortfolioFault, read_portfolio
    from carveout.engine.analyse.reports import make_report

    with _opened() as held:
        asking = engine_for(None)
        try:
            mine = None if portfolio is None else read_portfolio(portfolio.read_bytes(), asking.rules)
        except OSError as error:
            refuse([f"{portfolio}: {error.strerror or error}"])
        except PortfolioFault as error:
            refuse([f"{portfolio}: {fault}" for fault in error.faults])
        with errors().status("...") as status:
            kept, said = make_report(
                held, id, acting(), asking, mine, lambda done, of: status.update(f"{done} of {of} decisions")
            )
    if json:
        _echo(said)
    else:
        _show_report(said)
    raise typer.Exit(FAULT if kept.faults else REVIEW if kept.laxer else 0)


@changes.command("approve")
def approve_change(id: IdArgument) -> None:
    """Approve a change that somebody else proposed, on its newest report."""
    from carveout.engine.analyse.reports import approve

    with _opened() as held:
        _show(approve(held, id, acting(), engine_for(None)), held)


@changes.command("activate")
def activate_change(
    id: IdArgument,
    at: Annotated[
        str | None, typer.Option("--at", metavar="MOMENT", help="From then on, with its offset (else now).")
    ] = None,
) -> None:
    """Make an approved change the law that is asked, or an earlier one again."""
    with _opened() as held:
        _show(held.activate(id, acting(), at), held)


@changes.command("withdraw")
def withdraw_change(id: IdArgument, reason: ReasonOption = "") -> None:
    """Take a change back that is not in force yet."""
    with _opened() as held:
        _show(held.withdraw(id, acting(), reason), held)


def _author() -> Any:
    from carveout.engine.records.people import Role

    return Role.AUTHOR


def _line(change: Change) -> Text:
    p = change.proposal
    style = {"active": "bold green4", "proposed": "bold", "withdrawn": "dim"}.get(change.state, "")
    mark = " EMERGENCY" if p.emergency else ""
    return Text.assemble(f"{p.id}  ", (f"{change.state:10}", style), f"  {clean(p.title)}  ({p.person}){mark}")


def _show(change: Change, held: Changes) -> None:
    out, p = console(), change.proposal
    out.print(_line(change), soft_wrap=True)
    rows = [("content", p.content), ("made from", p.base or "nothing"), ("proposed", f"{p.person}, {p.time}")]
    rows += [("reason", p.reason)] if p.reason else []
    rows += [("approved", f"{change.approved.person}, {change.approved.time}")] if change.approved else []
    rows += [("withdrawn", f"{change.withdrawn.person}, {change.withdrawn.time}")] if change.withdrawn else []
    rows += [("in force from", f"{a.at} ({a.person})") for a in change.activations]
    if change.report is not None:
        r = change.report
        rows.append(("report", f"{r.decisions} decisions, {r.flips} flip, {r.laxer} milder, {r.faults} faults"))
    if change.confirm_by is not None:
        rows.append(("confirm by", change.confirm_by + (" (OVERDUE)" if change.overdue else "")))
    for title, text in rows:
        out.print(Text(f"  {title:14}{clean(text)}"), soft_wrap=True)


def _show_report(said: dict[str, Any]) -> None:
    out, cases = console(), said["cases"]
    out.print(f"files: {', '.join(f'{len(paths)} {kind}' for kind, paths in said['files'].items())}")
    for fault in said["faults"][:MOST_LINES]:
        out.print(Text(f"  fault: {clean(fault)}", "red3"))
    out.print(f"cases: {cases.get('run', 0)} run, {cases.get('differ', 0)} differ")
    covered = said["coverage"]
    if covered:
        out.print(f"conditions: {covered['shown']} of {covered['to_show']} sides of tests are shown by cases")
        for gap in covered["not_shown"][:MOST_LINES]:
            out.print(Text(f"  {clean(gap)}", "dim"))
    for title in ("stored", "kept", "portfolio"):
        effect = said.get(title)
        if effect is None:
            continue
        ways = ", ".join(f"{count} {way}" for way, count in effect["directions"].items()) or "nothing flips"
        out.print(Text(f"{title}: {effect['asked']} answers ({effect['distinct']} distinct): {ways}", "bold"))
        for group in effect["groups"][:MOST_LINES]:
            moves = [f"{a['authority']} {a['before']} -> {a['after']}" for a in group["authorities"]]
            went = f"{group['outcome']['before']} -> {group['outcome']['after']}"
            text = (
                f"  {group['count']} {group['direction']}: {went}; {'; '.join(moves)}; by {', '.join(group['reason'])}"
            )
            out.print(Text(clean(text)), soft_wrap=True)
            for example in group["examples"][:2]:
                out.print(Text(clean(f"      {example['of']} {example['reference'] or ''}"), "dim"), soft_wrap=True)
    for why in said["only_stricter"]["why_not"][:MOST_LINES]:
        out.print(Text(clean(f"not only stricter: {why}"), "dim"), soft_wrap=True)


def _echo(data: object) -> None:
    import json

    typer.echo(json.dumps(data, ensure_ascii=False, sort_keys=True, indent=2).encode())
