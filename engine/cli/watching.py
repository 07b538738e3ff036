"""`portfolio`, `alerts` and `watch`: what is kept, what of it has another answer, and asking again."""

from __future__ import annotations

import json as json_module
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from carveout.engine.cli.changes import acting
from carveout.engine.cli.checking import JsonOption
from carveout.engine.cli.look import BAD_INPUT, FAULT, REVIEW, clean, console, errors, refuse
from carveout.engine.cli.reading import engine_for
from carveout.engine.cli.store_keeping import open_store, person

if TYPE_CHECKING:
    from carveout.engine.records.alerts import Alert, Alerts
    from carveout.engine.records.store import Store

portfolio = typer.Typer(no_args_is_help=True, help="Open transactions and parties that are kept and asked again.")
alerts = typer.Typer(no_args_is_help=True, help="Answers about the portfolio that became others.")
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Of the alert.")]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="What was done about it, or why not.")]
MOST_SHOWN = 50


@portfolio.command("add")
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON lines, or a CSV as `carveout screen` reads it.")],
    owner: Annotated[str | None, typer.Option("--owner", metavar="PERSON", help="Whose the alerts are.")] = None,
    json: JsonOption = False,
) -> None:
    """Keep what is in FILE, each by its `reference`; what states something else than before takes its place.

    Exit status: 0, or 2 if nothing of it was kept.
    """
    from carveout.engine.analyse.entries import keep, read_entries
    from carveout.engine.analyse.portfolio import PortfolioFault
    from carveout.engine.analyse.watch import Overtaken, Watch

    engine = engine_for(None)
    with open_store() as store:
        who = person_of(store)
        try:
            entries = read_entries(file.read_bytes(), engine)
            taken = keep(Watch(store, lambda: engine), engine, entries, owner or who, who)
        except OSError as error:
            refuse([f"{file}: {error.strerror or error}"])
        except PortfolioFault as fault:
            refuse([f"{file}: {clean(text)}" for text in fault.faults])
        except Overtaken as error:
            refuse([str(error)], FAULT)
    if json:
        typer.echo(json_module.dumps([one.data() for one in taken], ensure_ascii=False, indent=2).encode())
        return
    out = console()
    for one in taken[:MOST_SHOWN]:
        line = Text.assemble((f"{one.became:10}", "bold"), clean(f"{one.reference}  "), one.told["outcome"] or "none")
        out.print(line.append(clean(f"  {one.told['fault']}"), "dim") if one.told["fault"] else line, soft_wrap=True)
    if len(taken) > MOST_SHOWN:
        out.print(Text(f"and {len(taken) - MOST_SHOWN} more", "dim"))


@portfolio.command("list")
def list_(json: JsonOption = False) -> None:
    """Show what is kept, with what was last answered about it."""
    from carveout.engine.records.portfolios import Portfolios

    with open_store() as store:
        found = [one for page in Portfolios(store).pages() for one in page]
    if json:
        said = [
            {"id": held.id, "reference": held.reference, "kind": held.kind, "owner": held.owner, "kept": held.time,
             "told": dict(last.told), "decision": last.decision}
            for held, last in found
        ]  # fmt: skip
        typer.echo(json_module.dumps(said, ensure_ascii=False, indent=2).encode())
        return
    out = console()
    for held, last in found:
        text = Text.assemble((f"{last.told['outcome'] or 'none':9}", "bold"), clean(held.reference))
        out.print(text.append(clean(f"  {held.kind} of {held.owner}, since {held.time[:10]}"), "dim"), soft_wrap=True)
    if not found:
        out.print("Nothing is kept: carveout portfolio add FILE.")


@portfolio.command("close")
def close_entry(
    reference: Annotated[str, typer.Argument(metavar="REFERENCE", help="Of the entry.")], reason: ReasonOption = ""
) -> None:
    """Watch an entry no longer: it is done, or given up. Exit status: 0, or 2 if there is none."""
    from carveout.engine.records.portfolios import PortfolioRefused, Portfolios

    with open_store() as store:
        portfolios = Portfolios(store)
        held = portfolios.open_of(reference)
        if held is None:
            refuse([f"no open entry has the reference `{clean(reference, 200)}`"])
        try:
            portfolios.close(held.id, person_of(store), reason)
        except PortfolioRefused as fault:
            refuse([str(fault)])
    console().print(Text(f"closed: {clean(reference, 200)}"))


@alerts.command("list")
def list_alerts(
    state: Annotated[str | None, typer.Option("--state", help="open, in_hand, closing or closed.")] = None,
    owner: Annotated[str | None, typer.Option("--owner", metavar="PERSON", help="Of that person only.")] = None,
    json: JsonOption = False,
) -> None:
    """Show alerts, newest first. Exit status: 10 if one is not closed, else 0."""
    from carveout.engine.records.alerts import CLOSED, STATES

    if state is not None and state not in STATES:
        refuse([f"--state: `{clean(state, 40)}` is none of {', '.join(STATES)}"])
    with _opened() as held:
        found = held.page(limit=10_000, state=state, owner=owner)
    if json:
        typer.echo(json_module.dumps([alert.data() for alert in found], ensure_ascii=False, indent=2).encode())
    else:
        for alert in found:
            _line(alert)
        if not found:
            console().print("No alert.")
    if any(alert.state != CLOSED for alert in found):
        raise typer.Exit(REVIEW)


@alerts.command("show")
def show(id: IdArgument, json: JsonOption = False) -> None:
    """Show one alert: what became another, why, and what was done about it."""
    with _opened() as held:
        alert = held.get(id)
    if json:
        typer.echo(json_module.dumps(alert.data(), ensure_ascii=False, indent=2).encode())
        return
    _line(alert)
    out = console()
    changed = alert.changed
    for one in changed.get("authorities", ()):
        out.print(Text(f"  {one['authority']}: {one['before']} → {one['after']} ({one['direction']})"))
    for one in changed.get("grounds", ()):
        for what in ("exemptions", "prohibitions"):
            for way, ids in one.get(what, {}).items():
                if ids:
                    out.print(Text(clean(f"  {one['authority']}: {way} {what[:-1]} {', '.join(ids)}"), "dim"))
    for one in changed.get("subjects", ()):
        out.print(Text(clean(f"  {one['subject']}: {_verdict(one['before'])} → {_verdict(one['after'])}")))
    if changed.get("fault"):
        out.print(Text(clean(f"  {changed['fault']}"), "bold"))
    for cause in alert.causes:
        out.print(Text(clean(f"  because: {cause.get('words') or cause.get('title')}")), soft_wrap=True)
    for step in alert.steps:
        end = f", confirmed by {step.confirmed_by}" if step.confirmed_by else ""
        end = f", declined by {step.declined_by}" if step.declined_by else end
        said = f"  {step.time[:16]} {step.event} by {step.person}: {step.reason}"
        out.print(Text(clean(said.rstrip(": ") + end)), soft_wrap=True)


@alerts.command("take")
def take(
    id: IdArgument,
    owner: Annotated[str | None, typer.Option("--owner", metavar="PERSON", help="Hand it to that person.")] = None,
    reason: ReasonOption = "",
) -> None:
    """Take an alert in hand, or hand it to somebody."""
    with _opened() as held:
        _line(held.take(id, acting(), owner, reason))


@alerts.command("close")
def close(id: IdArgument, reason: ReasonOption = "") -> None:
    """Say that an alert is dealt with, and how (--reason); it is closed once a second person confirms."""
    with _opened() as held:
        _line(held.close(id, acting(), reason))


@alerts.command("confirm")
def confirm(id: IdArgument) -> None:
    """Confirm, as a second person with the role approver, that an alert is dealt with."""
    with _opened() as held:
        _line(held.confirm(id, acting()))


@alerts.command("decline")
def decline(id: IdArgument, reason: ReasonOption = "") -> None:
    """Say that an alert is not dealt with, or take one's own word back."""
    with _opened() as held:
        _line(held.decline(id, acting(), reason))


def watch(
    every: Annotated[
        float | None, typer.Option("--every", min=1, metavar="SECONDS", help="Go on looking until it is ended.")
    ] = None,
) -> None:
    """Ask about the portfolio again if the law, the lists, owners, answers or the day are others since it was asked.

    A server does so by itself. Exit status: 10 if an answer became another, else 0.
    """
    from carveout.engine.analyse.watch import Overtaken, Watch

    with open_store() as store:
        watching = Watch(store, lambda: engine_for(None))
        flips = 0
        while True:
            try:
                found = watching.look()
            except Overtaken as error:
                errors().print(clean(f"{error}: asking again"), style="dim")
                continue
            if found is not None:
                flips += found.changed
                console().print(f"{found.entries} entries asked again: {found.changed} answers are others")
            elif every is None:
                console().print("Nothing changed since they were asked (or another process watches).")
            if every is None:
                break
            time.sleep(every)
        watching.turn.leave()
    if flips:
        raise typer.Exit(REVIEW)


def person_of(store: Store) -> str:
    """The person of the store with the id of this account; else the account."""
    from carveout.engine.records.people import People, Unknown

    try:
        return People(store).get(acting()).id
    except Unknown:
        return person()


@contextmanager
def _opened() -> Iterator[Alerts]:
    from carveout.engine.records.alerts import Alerts
    from carveout.engine.records.proposals import ChangeFault

    with open_store() as store:
        try:
            yield Alerts(store)
        except ChangeFault as fault:
            refuse([str(fault)], BAD_INPUT)


def _line(alert: Alert) -> None:
    outcome = alert.changed["outcome"]
    text = Text.assemble((f"{alert.state:8}", "bold"), clean(f"{alert.reference}  "))
    text.append(f"{outcome['before']} → {outcome['after']} ({alert.direction})")
    text.append(clean(f"  {alert.owner}, {alert.time[:16].replace('T', ' ')}  {alert.id}"), "dim")
    console().print(text, soft_wrap=True)


def _verdict(one: Any) -> str:
    return "nobody" if one is None else f"{one['name']} ({one['verdict']}: {', '.join(one['listings'])})"
