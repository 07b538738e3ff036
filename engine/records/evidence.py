"""The pack that a regulator is handed: one decision with everything it was made of, as data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from carveout.engine.records import schema
from carveout.engine.records.auditing import head_of
from carveout.engine.records.canonical import digest, read_back
from carveout.engine.records.decisions import Kept
from carveout.engine.records.ids import now
from carveout.engine.records.rule_versions import RuleVersion
from carveout.engine.records.store import Store

FORMAT = 1


def evidence(store: Store, kept: Kept, by: str) -> dict[str, Any]:
    """The pack, whose making is an entry of the audit chain. JSON data. Raises StoreFault."""
    envelope = kept.envelope
    store.note("export", envelope.id, by, {"what": "evidence"})
    version = store.rule_version(envelope.rules)
    body = json.loads(kept.body)
    with store.database.reading() as connection:
        line: bytes = connection.execute(select(schema.audit.c.line).filter_by(n=kept.n)).scalar_one()
    return {
        "format": FORMAT,
        "made": {"time": now(), "by": by},
        "decision": {**envelope.values(), "rows": json.loads(envelope.rows) if envelope.rows else None},
        "hashes": {"body": envelope.body, "stated": envelope.stated, "envelope": envelope.digest()},
        "stated": json.loads(store.content(envelope.stated)),
        "body": body,
        "law": _law(version, body),
        "rules": {"version": version.digest, "fingerprint": version.fingerprint, "files": len(version.files)},
        "lists": _lists(store, envelope.lists),
        "audit": {"entry": line.decode(), "head": json.loads(head_of(store))},
    }


def _law(version: RuleVersion, body: Mapping[str, Any]) -> list[dict[str, str]]:
    """Every norm and subject that the body names, as its file stood."""
    named = set(_texts(body))
    found = {id: path for path in version.files if (id := id_of(path)) in named}
    return [
        {"id": id, "file": path, "sha256": digest(version.files[path]), "text": version.files[path].decode()}
        for id, path in sorted(found.items())
    ]


def id_of(path: str) -> str:
    """The id of the norm or subject in a file of a rule set (design: the path is the id)."""
    *folders, file = path.removesuffix(".yaml").split("/")
    name = file.rpartition(".")[0] or file
    return ".".join([*(folders[1:] if folders[:1] == ["subjects"] else folders), name])


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)


def _lists(store: Store, fingerprint: str | None) -> Any:
    """The manifest of the official lists in use; None where none was."""
    if fingerprint is None:
        return None
    with store.database.reading() as connection:
        known = connection.execute(select(schema.list_snapshots.c.digest).filter_by(digest=fingerprint)).first()
    return read_back(store.content(fingerprint)) if known else {"fingerprint": fingerprint}
