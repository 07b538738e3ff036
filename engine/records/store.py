"""The store: puts decisions away with all they were made of, and finds them again."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from carveout.engine.decide.decision import Decision
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.records import schema
from carveout.engine.records.canonical import canonical_json, digest
from carveout.engine.records.chain import Entry
from carveout.engine.records.database import Database, StoreFault
from carveout.engine.records.decisions import Envelope, Kept
from carveout.engine.records.ids import now
from carveout.engine.records.journal import Coming, Journal
from carveout.engine.records.making import Maker, TableWrite
from carveout.engine.records.rule_versions import RuleVersion
from carveout.engine.records.signing import FILE, KeyFault, Signer, rotated
from carveout.engine.records.writes import Content, Key, Row, Write, Written

SYSTEM = "system"
"""Who does what nobody asked for by name."""


class KeyUsed(Exception):
    """An Idempotency-Key that was used for another request."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a key was answered with, if it was no decision."""

    status: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """Some decisions, newest first; `next` is where the next page begins, None at the end."""

    decisions: Sequence[tuple[int, Envelope]]
    next: int | None


class Store:
    """One store, open. Safe to use from several threads; close it when done."""

    def __init__(self, database: Database, signer: Signer) -> None:
        """Raises StoreFault."""
        self.database = database
        self.signer = signer
        database.bring_up()
        self.journal = Journal(database, signer)
        self.journal.begin()
        self._introduce(signer)
        self._versions: dict[str, tuple[RuleSet, str]] = {}

    @classmethod
    def open(cls, home: Path, url: str | None = None) -> Store:
        """The store of a folder of state, or of a database named by `url`. Raises StoreFault."""
        database = Database.at(home, url)
        try:
            return cls(database, Signer.of(home))
        except KeyFault as fault:
            database.close()
            raise StoreFault(str(fault)) from None
        except BaseException:
            database.close()
            raise

    def close(self) -> None:
        """Finish what is waiting, and close."""
        self.journal.close()
        self.database.close()

    def _introduce(self, signer: Signer) -> None:
        """A key is an entry of the chain before anything is signed with it."""
        with self.database.reading() as connection:
            query = select(schema.audit.c.n).where(schema.audit.c.kind == "key", schema.audit.c.of == signer.name)
            known = connection.execute(query).first() is not None
        if not known:
            self.journal.write(Write(entries=[Entry("key", signer.name, SYSTEM, {"public": signer.public})]))

    def rotate_key(self, home: Path, by: str) -> str:
        """The name of a new signing key: entered in the chain, signed by the old one, which is then destroyed.

        Processes that have the store open sign with the old key until they are started anew. Raises StoreFault.
        """
        try:
            signer, path = rotated(home)
        except KeyFault as fault:
            raise StoreFault(str(fault)) from None
        signed = {"after": self.signer.name, "chain": self.journal.begin().chain, "public": signer.public}
        data = {**signed, "signature": self.signer.sign(signed)}
        del data["chain"]
        self.note("key", signer.name, by, data)
        path.replace(home / FILE)
        return signer.name

    # ---- putting away

    def keep(
        self,
        rules: RuleSet,
        transaction: Any,
        decision: Decision,
        *,
        person: str,
        key: Key | None = None,
        as_known: str | None = None,
        coming: Coming | None = None,
    ) -> Future[Kept]:
        """The decision as it will be stored, once that is committed. Raises StoreFault, also from the future.

        `rules` are those of the engine that decided, not reduced by `as_known`; `coming` announced the decision.
        If `key` was answered before, the future has that decision, or KeyUsed if it was another request.
        """
        made = Maker(rules, self.keep_rules(rules), person).made(transaction, decision, as_known=as_known)
        write = Write(made.contents, [made.row], key=key, answer={"decision": made.envelope.id})
        kept: Future[Kept] = Future()
        if coming is not None:
            coming.over()

        def done(written: Future[Written]) -> None:
            try:
                result = written.result()
                if result.before is not None and key is not None:
                    kept.set_result(self._answered_before(result.before, key))
                else:
                    kept.set_result(Kept(made.envelope, result.numbers[0], made.body))
            except BaseException as error:
                kept.set_exception(error)

        self.journal.submit(write).add_done_callback(done)
        return kept

    def table(self, rules: RuleSet, *, person: str, key: Key | None = None) -> TableWrite:
        """A screened table on its way into the store. Raises StoreFault."""
        return TableWrite(self.journal, Maker(rules, self.keep_rules(rules), person), key)

    def finish(self, table: TableWrite, data: bytes, answer: bytes) -> bytes:
        """Store a table and all its decisions, together or not at all; what to answer. Raises StoreFault, KeyUsed."""
        before = table.write(data, answer)
        if before is None or table.key is None:
            return answer
        if before["request"] != table.key.request:
            raise KeyUsed
        return self.content(before["content"])

    def keep_rules(self, rules: RuleSet) -> str:
        """The digest of a rule set's version, which is stored now if it was not. Raises StoreFault."""
        known = self._versions.get(rules.fingerprint)
        if known is not None and known[0] is rules:
            return known[1]
        version = RuleVersion.of(rules)
        contents = [Content.of(data) for data in [version.manifest, *version.files.values()]]
        values = {
            "digest": version.digest, "fingerprint": rules.fingerprint, "time": now(), "files": len(version.files)
        }  # fmt: skip
        entry = Entry("rules", version.digest, SYSTEM, {"fingerprint": rules.fingerprint, "files": len(version.files)})
        self.journal.write(Write(contents, [Row(schema.rule_versions, values, entry, once=True)]))
        self._versions[rules.fingerprint] = (rules, version.digest)
        return version.digest

    def keep_list(self, name: str, manifest: Mapping[str, Any], *, person: str = SYSTEM) -> str:
        """The digest of the manifest of an official list's snapshot, stored once. Raises StoreFault."""
        data = canonical_json(manifest)
        values = {"digest": digest(data), "name": name, "time": now()}
        entry = Entry("list", digest(data), person, {"name": name})
        self.journal.write(Write([Content.of(data)], [Row(schema.list_snapshots, values, entry, once=True)]))
        return digest(data)

    def note_answer(self, entry: Entry, key: Key | None, answer: bytes) -> bytes:
        """An entry with the answer to its key; what to answer, now or because it was answered before.

        Raises StoreFault, KeyUsed.
        """
        return self.note_done(entry, key, 200, answer).content

    def note_done(self, entry: Entry | None, key: Key | None, status: int, answer: bytes) -> Answered:
        """The same with a status, and for what is worth no entry. Raises StoreFault, KeyUsed."""
        content = Content.of(answer)
        write = Write(
            [content] if key else [], entries=[entry] if entry else [], key=key,
            answer={"content": content.digest, "status": status},
        )  # fmt: skip
        before = self.journal.write(write).before
        if before is None or key is None:
            return Answered(status, answer)
        if before["request"] != key.request:
            raise KeyUsed
        return Answered(before["status"], self.content(before["content"]))

    def note(self, kind: str, of: str | None, by: str, data: dict[str, Any]) -> int:
        """An entry of the audit chain for something else that was done; its number. Raises StoreFault."""
        return self.journal.write(Write(entries=[Entry(kind, of, by, data)])).numbers[0]

    # ---- finding again

    def answered(self, key: Key) -> Kept | Answered | None:
        """What a key was answered with, None if it was never used. Raises KeyUsed, StoreFault."""
        table = schema.answered
        query = select(table).where(table.c.person == key.person, table.c.key == key.key)
        with self.database.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        if row.request != key.request:
            raise KeyUsed
        return self.kept(row.decision) if row.decision else Answered(row.status, self.content(row.content))

    def _answered_before(self, row: Mapping[str, Any], key: Key) -> Kept:
        if row["request"] != key.request:
            raise KeyUsed
        kept = self.kept(row["decision"])
        if kept is None:
            raise StoreFault("the decision that was answered to this key is not in the store any more")
        return kept

    def kept(self, id: str) -> Kept | None:
        """A stored decision. Raises StoreFault."""
        with self.database.reading() as connection:
            row = connection.execute(select(schema.decisions).where(schema.decisions.c.id == id)).mappings().first()
        return None if row is None else Kept(Envelope.of(dict(row)), row["n"], self.content(row["body"]))

    def content(self, wanted: str) -> bytes:
        """Bytes by their digest. Raises StoreFault if they are not what they were."""
        return self.contents([wanted])[wanted]

    def contents(self, wanted: Iterable[str]) -> dict[str, bytes]:
        """The same for several."""
        asked = sorted(set(wanted))
        found: dict[str, bytes] = {}
        table = schema.contents
        with self.database.reading() as connection:
            for start in range(0, len(asked), 500):
                query = select(table.c.digest, table.c.data).where(table.c.digest.in_(asked[start : start + 500]))
                for name, packed in connection.execute(query):
                    try:
                        found[name] = zlib.decompress(packed)
                    except zlib.error:
                        found[name] = b""
        for name in asked:
            if name not in found or digest(found[name]) != name:
                raise StoreFault(f"content {name} of the store is gone or damaged: restore it from a backup")
        return found

    def rule_version(self, wanted: str) -> RuleVersion:
        """The files of a stored rule set. Raises StoreFault."""
        with self.database.reading() as connection:
            table = schema.rule_versions
            fingerprint = connection.execute(select(table.c.fingerprint).where(table.c.digest == wanted)).scalar()
        if fingerprint is None:
            raise StoreFault(f"rule version {wanted} is not in the store")
        manifest: dict[str, str] = json.loads(self.content(wanted))
        files = self.contents(manifest.values())
        return RuleVersion(fingerprint, {path: files[name] for path, name in manifest.items()})

    def page(
        self, before: int | None = None, limit: int = 50, *, outcome: str | None = None, reference: str | None = None
    ) -> Page:
        """Decisions, newest first, from just before the entry with the number `before`. Raises StoreFault."""
        table = schema.decisions
        query = select(table).order_by(table.c.n.desc()).limit(limit + 1)
        if before is not None:
            query = query.where(table.c.n < before)
        if outcome is not None:
            query = query.where(table.c.outcome == outcome)
        if reference is not None:
            query = query.where(table.c.reference == reference)
        with self.database.reading() as connection:
            rows = [(row["n"], Envelope.of(dict(row))) for row in connection.execute(query).mappings()]
        return Page(rows[:limit], rows[limit - 1][0] if len(rows) > limit else None)
