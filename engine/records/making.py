"""From a decision, or a table of them, to what is written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from carveout.engine import __version__
from carveout.engine.decide.decision import Decision
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.records import schema
from carveout.engine.records.canonical import canonical_json
from carveout.engine.records.chain import Entry
from carveout.engine.records.decisions import Envelope
from carveout.engine.records.ids import new_id, now
from carveout.engine.records.journal import Journal
from carveout.engine.records.retention import at_least, retain_until
from carveout.engine.records.writes import Content, Key, Row, Write


@dataclass(frozen=True, slots=True)
class Made:
    """A decision ready to be written."""

    envelope: Envelope
    body: bytes
    contents: Sequence[Content]

    @property
    def row(self) -> Row:
        """Its row, with its entry of the chain."""
        return Row(schema.decisions, self.envelope.values(), self.envelope.entry())


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes what is written of decisions under one rule set for one person; `version` is that of the rules."""

    rules: RuleSet
    version: str
    person: str

    def made(
        self,
        transaction: Any,
        decision: Decision,
        *,
        as_known: str | None = None,
        table: str | None = None,
        rows: Sequence[int] | None = None,
    ) -> Made:
        """A decision of this moment."""
        body = decision.canonical()
        kept, stated = Content.of(body), Content.of(canonical_json(transaction))
        with_ = (decision.body.get("acts") or [decision.body])[0]["made_with"]
        envelope = Envelope(
            id=new_id(), time=now(), person=self.person, reference=decision.reference, outcome=decision.outcome,
            body=kept.digest, stated=stated.digest, rules=self.version, fingerprint=with_["rules"],
            lists=with_.get("lists"), format=with_["format"], engine=__version__, threshold=with_.get("threshold"),
            as_known=as_known, table=table, rows=json.dumps(list(rows)) if rows is not None else None,
            retain_until=retain_until(decision.body, self.rules, datetime.now(UTC).date()),
        )  # fmt: skip
        return Made(envelope, body, [kept, stated])


class TableWrite:
    """A table on its way into the store: what is added is compressed at once, so that a large one has room."""

    def __init__(self, journal: Journal, maker: Maker, key: Key | None) -> None:
        self.key = key
        self._journal, self._maker = journal, maker
        self._id = new_id()
        self._contents: dict[str, Content] = {}
        self._rows: list[Row] = []
        self._failed: list[tuple[list[int], list[str]]] = []
        self._count = 0
        self._until = at_least(maker.rules, datetime.now(UTC).date())

    def add(self, rows: Sequence[int], transaction: Any, decision: Decision) -> None:
        """One decision, and the numbers (from 1) of the rows that share it."""
        made = self._maker.made(transaction, decision, table=self._id, rows=rows)
        self._contents.update((content.digest, content) for content in made.contents)
        self._rows.append(made.row)
        self._count += len(rows)
        self._until = max(self._until, made.envelope.retain_until)

    def add_failed(self, rows: Sequence[int], faults: Sequence[str]) -> None:
        """Rows that could not be decided, and what is wrong with them."""
        self._failed.append((list(rows), list(faults)))
        self._count += len(rows)

    def write(self, data: bytes, answer: bytes) -> Mapping[str, Any] | None:
        """Write all of it, with what came in and what goes out. Raises StoreFault.

        What its key was answered with before, if it was: then nothing is written.
        """
        stated, kept, failed = Content.of(data), Content.of(answer), Content.of(canonical_json(self._failed))
        counts = {"distinct": len(self._rows), "rows": self._count}
        digests = {"answer": kept.digest, "failed": failed.digest, "stated": stated.digest}
        person = self._maker.person
        values = {
            "id": self._id, "time": now(), "person": person, "retain_until": self._until, **counts, **digests
        }  # fmt: skip
        entry = Entry("table", self._id, person, {**counts, **digests})
        write = Write(
            [*self._contents.values(), stated, kept, failed],
            [*self._rows, Row(schema.tables, values, entry)],
            key=self.key,
            answer={"content": kept.digest},
        )
        return self._journal.write(write).before
