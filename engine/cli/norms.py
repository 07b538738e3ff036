"""One norm in words: where it is in time, where it stands in the law, and what it has to do with others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from rich.console import Console
from rich.table import Table
from rich.text import Text

from carveout.engine.cli.look import clean
from carveout.engine.law.clocks import FOREVER, Boundary
from carveout.engine.law.norms import Duty, Exemption, Listing, Norm, Prohibition
from carveout.engine.law.ruleset import RuleSet

SHOWN_APART = frozenset(
    {"title", "authority", "citation", "effective", "checked", "stale_after", "unresolved", "notes", "event", "shields"}
)


def moment_text(moment: int, zone: ZoneInfo) -> str:
    """A moment by the authority's clock; midnight is the day."""
    try:
        local = datetime.fromtimestamp(moment, UTC).astimezone(zone)
    except (OverflowError, ValueError, OSError):
        return "ever"
    return local.strftime("%Y-%m-%d" if (local.hour, local.minute) == (0, 0) else "%Y-%m-%d %H:%M")


def boundary_text(boundary: Boundary, zone: ZoneInfo) -> str:
    """A boundary, or the stretch in which it lies."""
    if boundary.after == boundary.by:
        return moment_text(boundary.by, zone)
    return f"some time between {moment_text(boundary.after, zone)} and {moment_text(boundary.by, zone)}"


def standing(norm: Norm, rules: RuleSet) -> str:
    """When a norm is in force."""
    zone, effective = rules.authorities[norm.authority].zone, norm.effective
    begins = "always" if effective.begins.by <= -FOREVER else f"from {boundary_text(effective.begins, zone)}"
    ends = "" if effective.ends.after >= FOREVER else f" until {boundary_text(effective.ends, zone)}"
    text = begins + ends
    for begin, end in effective.suspended:
        resumed = "further notice" if end.after >= FOREVER else boundary_text(end, zone)
        text += f", suspended from {boundary_text(begin, zone)} until {resumed}"
    return text


def show_norm(norm: Norm, rules: RuleSet, out: Console) -> None:
    """Print one norm."""
    zone = rules.authorities[norm.authority].zone
    out.print(Text.assemble((norm.id, "bold"), f"  {norm.kind} of {rules.authorities[norm.authority].title}"))
    out.print(Text(clean(norm.title)))
    rows: list[tuple[str, str]] = [("in force", f"{standing(norm, rules)} ({zone.key})")]
    rows += [("stands in", _citation(citation)) for citation in norm.citations]
    rows.append(("looked at", norm.checked))
    if isinstance(norm, Exemption) and norm.stale_from < FOREVER:
        rows.append(("stale from", moment_text(norm.stale_from, zone)))
    rows += list(_relations(norm, rules))
    rows += [("event", event) for event in norm.events]
    for law in norm.unresolved:
        rows.append(("unresolved", "; ".join([law.question, *law.readings])))
    rows += [("notes", norm.notes)] if norm.notes else []
    rows.append(("file", norm.file))
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    for title, text in rows:
        grid.add_row(title, Text(clean(text)))
    out.print(grid)
    said = _said(norm, rules)
    if said:
        out.print()
        out.print(Text(clean(said, 20_000)))


def _citation(citation: Any) -> str:
    beside = [part for part in (citation.published, citation.source, citation.sure) if part]
    return f"{citation} ({'; '.join(beside)})" if beside else str(citation)


def _relations(norm: Norm, rules: RuleSet) -> Iterator[tuple[str, str]]:
    if isinstance(norm, Prohibition):
        shields = rules.exemptions_for.get(norm.id, ())
        yield from (("shielded by", f"{shield.id}: {shield.title}") for shield in shields)
        if not shields:
            yield "shielded by", "nothing in this rule set"
        yield from (("leads to", f"{duty.id}: {duty.title}") for duty in rules.of_kind(Duty) if norm.id in duty.after)
    elif isinstance(norm, Exemption):
        yield from (("shields", f"{id}: {rules.norms[id].title}") for id in norm.shields if id in rules.norms)
    elif isinstance(norm, Listing):
        asking = [p.id for p in rules.of_kind(Prohibition) if set(p.statuses) & set(norm.statuses)]
        yield from (("engages", id) for id in asking)


def _said(norm: Norm, rules: RuleSet) -> str:
    """The rule itself, as its file has it, without what is shown apart."""
    document = next((d for d in rules.documents.values() if d.file == norm.file), None)
    if document is None or not isinstance(document.data, dict):
        return ""
    rest = {key: value for key, value in document.data.items() if key not in SHOWN_APART}
    return yaml.safe_dump(rest, allow_unicode=True, sort_keys=False, width=96).rstrip() if rest else ""
