"""The pack that a regulator is handed: one decision with everything it was made of, as data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from carveout.engine.decide.kept import KeptFault, imports_as_of, snapshots_as_of
from carveout.engine.parties.adjudications.model import Adjudication
from carveout.engine.records import schema
from carveout.engine.records.adjudications import named_in, read
from carveout.engine.records.auditing import head_of
from carveout.engine.records.canonical import digest
from carveout.engine.records.database import StoreFault
from carveout.engine.records.decisions import Kept
from carveout.engine.records.ids import now
from carveout.engine.records.rule_versions import RuleVersion
from carveout.engine.records.store import Store

FORMAT = 1


def evidence(store: Store, kept: Kept, by: str, home: Path | None = None) -> dict[str, Any]:
    """The pack, whose making is an entry of the audit chain. JSON data. Raises StoreFault.

    `home`: where official lists and ownership registers are kept. `snapshots` and `imports` are those in use then; null
    where the state of then cannot be found any more.
    """
    envelope = kept.envelope
    store.note("export", envelope.id, by, {"what": "evidence"})
    version = store.rule_version(envelope.rules)
    body = json.loads(kept.body)
    lists, owners = _kept((body.get("acts") or [body])[0]["made_with"], envelope.as_known, home)
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
        "lists": lists,
        "owners": owners,
        "answers": [_answer(store, answer) for answer in read(store) if answer.id in named_in(body)],
        "audit": {"entry": line.decode(), "head": json.loads(head_of(store))},
    }


def _answer(store: Store, answer: Adjudication) -> dict[str, Any]:
    """An answer of a person with both records that it is bound to, as they stood."""
    return {
        "id": answer.id, "subject": answer.subject, "answer": answer.answer, "reason": answer.reason,
        "person": answer.person, "made": answer.made, "until": answer.until, "withdrawn": answer.withdrawn,
        "state": answer.state, "confirmed_by": answer.confirmed_by, "confirmed": answer.confirmed,
        "party": dict(answer.stated), "record": json.loads(store.content(answer.record)),
    }  # fmt: skip


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


def _kept(
    made_with: Mapping[str, Any], as_known: str | None, home: Path | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The official lists and the ownership register in use, as far as they are found; None where none was in use."""
    lists, owners = made_with.get("lists"), made_with.get("owners")
    snapshots = imports = None
    try:
        if home is not None:
            snapshots = snapshots_as_of(home, lists) if lists is not None else None
            imports = imports_as_of(home, owners, as_known) if owners is not None else None
    except KeptFault as fault:
        raise StoreFault(f"what is kept beside the store cannot be used: {fault}") from fault
    return (
        None if lists is None else {"fingerprint": lists, "snapshots": snapshots},
        None if owners is None else {"fingerprint": owners, "imports": imports},
    )


def in_use(pack: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """For people: the lists and the register that a pack speaks of, each with a line for each file that was in use."""
    told = []
    for title, kept, name in (
        ("Official lists in use", pack["lists"], "snapshots"),
        ("The ownership register in use", pack["owners"], "imports"),
    ):
        if kept is None:
            continue
        lines = [
            f"{one.get('publication') or one['source']}, published {one['published']}: "
            f"SHA-256 {one.get('content') or one['digest']}"
            for one in kept[name] or ()
        ]
        gone = "What was in use cannot be found any more."
        told.append((title, [f"Fingerprint: {kept['fingerprint']}", *(lines if kept[name] is not None else [gone])]))
    return told
