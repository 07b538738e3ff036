"""`owners`: the ownership register. Import files, see what is held, look somebody up."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text
from rich.tree import Tree

from carveout.engine.cli.look import BAD_INPUT, FAULT, clean, console, errors, refuse
from carveout.engine.cli.reading import settings
from carveout.engine.cli.store_keeping import open_store, person
from carveout.engine.parties.registers.home import RegisterRefused, StoreFault, import_owners, open_owners, status_of
from carveout.engine.parties.registers.kept import Import
from carveout.engine.parties.registers.register import Entry, Register
from carveout.engine.parties.registers.shown import owners_and_rest, percent_text

if TYPE_CHECKING:
    from carveout.engine.records.store import Store

MOST_STEPS = 500
"""Owners and owners of owners that one tree shows."""
owners = typer.Typer(no_args_is_help=True, help="The ownership register: who owns and controls whom.")


@owners.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="BODS 0.2 to 0.4, or CSV (docs/owners.md).")],
    published: Annotated[
        str | None, typer.Option(metavar="DAY", help="When it was published, where the file does not say.")
    ] = None,
    source: Annotated[str | None, typer.Option(metavar="TEXT", help="Who made it (else its publisher).")] = None,
) -> None:
    """Read files into the register, each whole or not at all. Exit status: 0, or 2 if any was refused."""
    day, home, refused = _day(published, "--published"), settings().home, []
    with open_store() as records:
        for file in files:
            try:
                kept = import_owners(home, file, published=day, source=source)
            except RegisterRefused as error:
                refused.append(str(error))
            except (StoreFault, OSError) as error:
                refuse([f"{file}: {error}"], FAULT)
            else:
                _noted(records, kept)
                _say(file.name, kept)
    if refused:
        refuse(refused, BAD_INPUT)


def _noted(records: Store, kept: Import) -> None:
    from carveout.engine.records.imports import entry_of_owners
    from carveout.engine.records.writes import Write

    records.journal.write(Write(entries=[entry_of_owners(kept.kept, person())]))


def _say(name: str, read: Import) -> None:
    out, kept = console(), read.kept
    counts = kept.counts
    out.print(
        Text(
            f"{clean(name)}: {kept.format}, {counts['read']} read, {counts['parties']} about parties, "
            f"{counts['relationships']} about relationships, {counts['broken']} broken. "
            f"Import {kept.id}, {clean(kept.source)}, {kept.published}."
        ),
        soft_wrap=True,
    )
    for why, count in counts["left_out"].items():
        out.print(Text(f"  left out: {count} ({clean(why)})", "dim"), soft_wrap=True)
    for fault in kept.faults[:20]:
        errors().print(Text(f"  broken, its owners count as unknown: {clean(fault)}", "dark_orange3"))
    if counts["broken"] > 20:
        errors().print(Text(f"  and {counts['broken'] - 20} more broken statements", "dark_orange3"))


@owners.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for machines.")] = False,
) -> None:
    """Show the imports that are kept."""
    register = _register()
    if as_json:
        typer.echo(json.dumps(status_of(register), ensure_ascii=False, indent=2, sort_keys=True))
        return
    out = console()
    if register is None:
        out.print("No ownership register is kept: owners are those that a transaction states (carveout owners import).")
        return
    for each in register.imports:
        kept = each.kept
        counts = f"{kept.counts['parties']} parties, {kept.counts['relationships']} relationships"
        out.print(
            Text(f"{kept.id}  {kept.published}  {clean(kept.source)}: {kept.format}, {counts}, read {kept.imported}"),
            soft_wrap=True,
        )
    out.print(Text(f"fingerprint {register.fingerprint}", "dim"), soft_wrap=True)


@owners.command()
def show(
    party: Annotated[str, typer.Argument(metavar="NAME|ID", help="A whole name, or a number (LEI, company number).")],
    day: Annotated[str | None, typer.Option("--on", metavar="DAY", help="As of that day (else today).")] = None,
) -> None:
    """Show who owns and controls a party, upward. Exit status: 0, or 2 if nobody of that name is in the register."""
    register = _register()
    if register is None:
        refuse(["no ownership register is kept: read one with `carveout owners import`"])
    found = register.named(party)
    if not found:
        refuse([f"`{party}`: nobody of that name or number is in the register"])
    as_of = _day(day, "--on") or datetime.now(UTC).date()
    out = console()
    for entry in found[:10]:
        out.print(_tree(register, entry, as_of))
    if len(found) > 10:
        out.print(Text(f"and {len(found) - 10} more of that name", "dim"))


def _tree(register: Register, start: Entry, day: date) -> Tree:
    tree = Tree(Text(clean(_called(register, start)) + f", {day}", "bold"))
    todo, seen = [(tree, start)], {start}
    while todo:
        branch, entry = todo.pop(0)
        owners_of, rest, sources = owners_and_rest(register, entry, day)
        for owner, words in owners_of:
            if len(seen) >= MOST_STEPS:
                branch.add(Text("... more", "dim"))
                break
            again = " (see above)" if owner in seen else ""
            below = branch.add(Text(clean(f"{_called(register, owner)}: {words}{again}")))
            if owner not in seen:
                seen.add(owner)
                todo.append((below, owner))
        for percent in rest:
            branch.add(Text(f"owners not known: {percent_text(percent)} %", "dark_orange3"))
        for told in sources:
            branch.add(Text(clean(told), "dim"))
    return tree


def _called(register: Register, entry: Entry) -> str:
    record = register.record(entry)
    more = [*record.countries[:2], *(f"{scheme} {number}" for scheme, number in record.identifiers[:2])]
    name = record.names[0] if record.names else "nameless"
    return f"{name} ({', '.join(more)})" if more else name


def _register() -> Register | None:
    try:
        return open_owners(settings().home)
    except StoreFault as error:
        refuse([str(error)], FAULT)


def _day(written: str | None, option: str) -> date | None:
    try:
        return date.fromisoformat(written) if written is not None else None
    except ValueError:
        refuse([f"{option}: `{written}` is no day (YYYY-MM-DD)"])


__all__ = ["owners"]
