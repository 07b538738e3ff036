"""Official lists on a terminal, and as JSON; the text of strangers is made safe to print."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from carveout.engine.cli.look import clean
from carveout.engine.parties.lists.entry import ListEntry
from carveout.engine.parties.snapshots.asking import Answer
from carveout.engine.parties.snapshots.comparison import Changed, Comparison, name_of
from carveout.engine.parties.snapshots.model import Snapshot
from carveout.engine.parties.snapshots.speaking import Spell
from carveout.engine.parties.snapshots.status import Status
from carveout.engine.parties.snapshots.telling import answer_data, comparison_data, status_data

if TYPE_CHECKING:  # they bring an HTTP client and all readers along
    from carveout.engine.parties.snapshots.fetching import Visited
    from carveout.engine.parties.snapshots.taking import Taken
    from carveout.engine.records.list_offers import ListOffer

MOST_LINES = 20
_STATES = {
    "current": ("current", "green4"),
    "stale": ("stale", "bold red3"),
    "superseded": ("superseded", "dim"),
    "not_held": ("not held", "dim"),
}
_LISTED = {
    "yes": ("listed", "bold red3"),
    "no": ("not listed", "green4"),
    "disputed": ("disputed", "bold dark_orange3"),
    "unknown": ("unknown: no snapshot speaks for that day", "bold dark_orange3"),
}


def show_offer(offer: ListOffer, out: Console) -> None:
    """A list that is not believed: what speaks against it, who offered it, and what became of it."""
    p, about = offer.proposal, offer.about
    head = f"{about['publication']} of {about['published']}"
    style = {"waiting": "bold dark_orange3", "taken": "green4", "declined": "dim"}.get(offer.state, "bold red3")
    out.print(Text.assemble(f"{p.id}  ", (f"{offer.state:9}", style), f"  {clean(head)}"), soft_wrap=True)
    rows = [("offered", f"{p.person}, {p.time}")] + ([("reason", p.reason)] if p.reason else [])
    rows += [("doubt", doubt) for doubt in about["doubts"]]
    rows += [("file", f"{one['name']} ({one['size']:,} bytes, SHA-256 {one['sha256']})") for one in about["files"]]
    for word, step in (("confirmed", offer.confirmed), ("declined", offer.declined)):
        rows += [(word, f"{step.person}, {step.time}")] if step else []
    for title, text in rows:
        out.print(Text(f"  {title:10}{clean(text)}"), soft_wrap=True)


def show_taken(taken: Taken, out: Console) -> None:
    """What became of an import."""
    snapshot = taken.snapshot
    word = "taken" if taken.new else "held already"
    out.print(Text.assemble((f"{word}: ", "bold"), clean(_line(snapshot))), soft_wrap=True)
    for name, count in snapshot.counts.items():
        out.print(Text(f"  {clean(name)}: {count:,} entries"))
    for note in snapshot.notes:
        out.print(Text(f"  note: {clean(note)}", "dim"))
    if snapshot.confirmed and taken.new:
        out.print(Text(f"  confirmed: {clean(snapshot.confirmed)}"))
        for doubt in snapshot.doubts:
            out.print(Text(f"    although {clean(doubt)}", "dim"))
    if taken.comparison is not None:
        out.print(Text(f"  {_counts(taken.comparison)} since {snapshot.compared_with}"))
    if not taken.newest:
        out.print(Text("  kept as history: a younger one is held and stays in force"))


def show_visited(visited: Visited, out: Console) -> None:
    """What became of looking at a publication."""
    style = {"taken": "green4", "unchanged": "green4", "implausible": "bold dark_orange3"}
    mark = (f"{visited.outcome:<12}", style.get(visited.outcome, "bold red3"))
    out.print(Text.assemble(mark, (visited.publication, "bold"), f"  {clean(visited.detail)}"), soft_wrap=True)
    if visited.taken is not None and visited.taken.comparison is not None:
        out.print(Text(f"  {_counts(visited.taken.comparison)}"))
    if visited.kept:
        files = " ".join(map(str, visited.kept))
        out.print(Text(f"  if it is right: carveout lists import {clean(files)} --confirm REASON"), soft_wrap=True)


def show_status(found: Sequence[Status], out: Console, *, as_json: bool) -> None:
    """What is held, and how old it is."""
    if as_json:
        out.print_json(json.dumps([status_data(x) for x in found]), ensure_ascii=True)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("publication", "state", "published", "age", "limit", "entries", "snapshots", "last looked at"):
        table.add_column(heading, no_wrap=heading in ("publication", "published"), overflow="fold")
    for one in found:
        newest, last = one.newest, one.last
        table.add_row(
            clean(one.publication),
            Text(*_STATES[one.state]),
            str(newest.published) if newest else "",
            _span(one.age) if one.age is not None else "",
            _span(one.about.stale_after),
            f"{newest.entries:,}" if newest else "",
            str(one.snapshots or ""),
            f"{last.at:%Y-%m-%d %H:%M} UTC, {last.outcome}" if last else "never",
        )
    out.print(table)
    for one in found:
        if one.newest is not None and len(one.newest.counts) > 1:
            counts = ", ".join(f"{clean(name)} {count:,}" for name, count in one.newest.counts.items())
            out.print(Text(f"{one.publication}: {counts}", "dim"))
        for note in one.newest.notes if one.newest else ():
            out.print(Text(f"{one.publication}: {clean(note)}", "dim"))


def show_comparison(
    one: Snapshot, other: Snapshot, found: Comparison, out: Console, *, as_json: bool, everything: bool
) -> None:
    """What became of the entries of one snapshot in another."""
    if as_json:
        out.print_json(json.dumps(comparison_data(one, other, found)), ensure_ascii=True)
        return
    out.print(Text(clean(f"from {_line(one)}\nto   {_line(other)}")), soft_wrap=True)
    out.print(Text(f"compared: {', '.join(found.compared)}", "dim"), soft_wrap=True)
    renamed = set(map(id, found.renamed))
    lines: dict[str, list[str]] = {
        "added": [_named(x) for x in found.added],
        "removed": [_named(x) for x in found.removed],
        "renamed": [f"{_named(x.before)} -> {name_of(x.after)}" for x in found.renamed],
        "changed": [_changed(x) for x in found.changed if id(x) not in renamed],
    }
    for word, told in lines.items():
        out.print(Text.assemble((f"{len(told):,} ", "bold"), word))
        for line in told if everything else told[:MOST_LINES]:
            out.print(Text(f"  {clean(line)}"), soft_wrap=True)
        if len(told) > MOST_LINES and not everything:
            out.print(Text(f"  and {len(told) - MOST_LINES:,} more (--all)", "dim"))


def show_answers(
    answers: Sequence[Answer], on: date | None, until: date | None, out: Console, *, as_json: bool
) -> None:
    """Entries on a day, or through time."""
    if as_json:
        out.print_json(json.dumps([answer_data(x, on, until) for x in answers]), ensure_ascii=True)
        return
    for answer in answers:
        spell = answer.spell or (answer.history.spells[-1] if answer.history.spells else None)
        name = name_of(spell.entry) if spell else ""
        out.print(Text.assemble((f"{clean(answer.list)} {clean(answer.uid)}", "bold"), f"  {clean(name)}"))
        if on is not None:
            word, style = _LISTED[answer.listed]
            known = f", as published by {until}" if until else ""
            out.print(Text.assemble(f"  on {on}{known}: ", (word, style)))
            if answer.speaks is not None:
                out.print(Text(f"  by {clean(_line(answer.speaks))}"), soft_wrap=True)
            _details(answer.spell, out)
            continue
        for one in answer.history.spells:
            out.print(Text.assemble(f"  {_days(one)} ", _LISTED["yes" if one.standing == "listed" else "disputed"]))
            _details(one, out)
        if answer.speaks is not None and not any(x.ends is None for x in answer.history.spells):
            out.print(Text(f"  not listed any more, by {clean(_line(answer.speaks))}"), soft_wrap=True)


def _details(spell: Spell | None, out: Console) -> None:
    if spell is None:
        return
    entry = spell.entry
    rows = [
        ("programmes", ", ".join(entry.programmes)),
        ("names", "; ".join(x.name for x in entry.names)),
        ("identifiers", "; ".join(f"{x.kind} {x.value}" for x in entry.identifiers)),
        ("said by", _line(spell.snapshot) + (", completed from an earlier, fuller file" if spell.fuller else "")),
    ]
    for title, text in rows:
        if text:
            out.print(Text.assemble((f"    {title}: ", "dim"), clean(text)), soft_wrap=True)


def _days(spell: Spell) -> str:
    return f"from {spell.begins} until {spell.ends}" if spell.ends else f"from {spell.begins}"


def _line(snapshot: Snapshot) -> str:
    dated = {"file": "", "given": ", day given", "assumed": ", day assumed"}[snapshot.dated_by]
    taken = f"{snapshot.taken_at:%Y-%m-%d %H:%M} UTC"
    return f"{snapshot.publication}@{snapshot.published} ({snapshot.key}, {snapshot.format}{dated}, taken {taken})"


def _counts(found: Comparison) -> str:
    renamed = len(found.renamed)
    changed = len(found.changed) - renamed
    return f"{len(found.added):,} added, {len(found.removed):,} removed, {renamed:,} renamed, {changed:,} changed"


def _named(entry: ListEntry) -> str:
    return f"{entry.list} {entry.uid}  {name_of(entry)}  [{', '.join(entry.programmes)}]"


def _changed(one: Changed) -> str:
    return f"{one.before.list} {one.before.uid}  {name_of(one.after)}: {', '.join(one.fields)}"


def _span(span: timedelta) -> str:
    hours = int(span.total_seconds() // 3_600)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours"
