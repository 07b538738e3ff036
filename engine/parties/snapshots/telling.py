"""Snapshots, states, comparisons and answers as JSON data, one form for the command line and for HTTP."""

from __future__ import annotations

from datetime import date
from typing import Any

from carveout.engine.parties.lists.entry import ListEntry
from carveout.engine.parties.snapshots.asking import Answer
from carveout.engine.parties.snapshots.comparison import Changed, Comparison, name_of
from carveout.engine.parties.snapshots.model import Snapshot
from carveout.engine.parties.snapshots.speaking import Spell
from carveout.engine.parties.snapshots.status import Status

Data = dict[str, Any]


def snapshot_data(snapshot: Snapshot) -> Data:
    """A snapshot's manifest."""
    return {
        "key": snapshot.key,
        "publication": snapshot.publication,
        "published": snapshot.published.isoformat(),
        "dated_by": snapshot.dated_by,
        "format": snapshot.format,
        "content": snapshot.content,
        "originals": [{"name": x.name, "sha256": x.sha256, "size": x.size} for x in snapshot.originals],
        "source": snapshot.source,
        "taken_at": snapshot.taken_at.isoformat(timespec="seconds"),
        "rows": snapshot.rows,
        "counts": dict(snapshot.counts),
        "notes": list(snapshot.notes),
        "silent": sorted(snapshot.silent),
        "compared_with": snapshot.compared_with,
        "doubts": list(snapshot.doubts),
        "confirmed": snapshot.confirmed,
    }


def status_data(status: Status) -> Data:
    """How a publication stands; spans in hours."""
    about, last = status.about, status.last
    return {
        "publication": status.publication,
        "title": about.title,
        "state": status.state,
        "age_hours": round(status.age.total_seconds() / 3_600, 1) if status.age is not None else None,
        "limit_hours": round(about.stale_after.total_seconds() / 3_600, 1),
        "snapshots": status.snapshots,
        "newest": snapshot_data(status.newest) if status.newest else None,
        "last_visit": (
            {"at": last.at.isoformat(timespec="seconds"), "outcome": last.outcome, "detail": last.detail}
            if last
            else None
        ),
    }


def comparison_data(one: Snapshot, other: Snapshot, found: Comparison, most: int | None = None, start: int = 0) -> Data:
    """What became of the entries; of each kind `most` from `start` on, beside how many there are."""
    renamed = found.renamed
    shown = slice(start, None if most is None else start + most)
    return {
        "before": snapshot_data(one),
        "after": snapshot_data(other),
        "compared": list(found.compared),
        "counts": {
            "added": len(found.added),
            "removed": len(found.removed),
            "renamed": len(renamed),
            "changed": len(found.changed),
        },
        "added": [entry_data(x) for x in found.added[shown]],
        "removed": [entry_data(x) for x in found.removed[shown]],
        "changed": [_changed(x) for x in found.changed[shown]],
    }


def _changed(one: Changed) -> Data:
    return {**entry_data(one.after), "name_before": name_of(one.before), "fields": list(one.fields)}


def entry_data(entry: ListEntry) -> Data:
    """An entry in short."""
    return {"list": entry.list, "uid": entry.uid, "name": name_of(entry), "statuses": list(entry.statuses)}


def answer_data(answer: Answer, on: date | None, until: date | None) -> Data:
    """Whether an entry was listed on a day, and all that was ever said of it."""
    day = on.isoformat() if on else None
    return {
        "list": answer.list,
        "uid": answer.uid,
        "on": day,
        "known": until.isoformat() if until else None,
        "known_by": "published",  # and not by when it was taken here
        "listed": answer.listed if on else None,
        "speaks": snapshot_data(answer.speaks) if answer.speaks else None,
        "history": [_spell(x) for x in answer.history.spells],
    }


def _spell(spell: Spell) -> Data:
    entry = spell.entry
    return {
        "from": spell.begins.isoformat(),
        "until": spell.ends.isoformat() if spell.ends else None,
        "standing": spell.standing,
        "snapshot": spell.snapshot.key,
        "published": spell.snapshot.published.isoformat(),
        "taken_at": spell.snapshot.taken_at.isoformat(timespec="seconds"),
        "completed": spell.fuller,
        "statuses": list(entry.statuses),
        "kind": entry.kind,
        "names": [{"name": x.name, "kind": x.kind} for x in entry.names],
        "identifiers": [{"kind": x.kind, "value": x.value, "country": x.country} for x in entry.identifiers],
    }
