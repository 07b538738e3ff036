"""Deciding once more what was decided: with the recorded inputs, under the law of today, or as known on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from carveout.engine.decide.decision import Engine
from carveout.engine.law.clocks import parse_moment
from carveout.engine.records.canonical import digest, read_back
from carveout.engine.records.chain import Entry
from carveout.engine.records.decisions import Kept
from carveout.engine.records.recorded import Home, Recorded, recorded_engine
from carveout.engine.records.store import Store

MOST_DIFFERENCES = 200
ABSENT = "(absent)"


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two bodies differ: a path into them, what stood there then and what stands there now."""

    path: str
    then: Any
    now: Any


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a replay. `law` is `recorded` or `today`."""

    id: str
    law: str
    as_known: str | None
    then: Mapping[str, Any]
    now: Mapping[str, Any]
    same_bytes: bool
    same_verdicts: bool
    """Of each authority, and the outcome."""
    same_findings: bool
    differences: tuple[Difference, ...] = field(default=())
    others: tuple[str, ...] = ()
    """What else than was recorded had to be asked under the recorded law, in words; the answer is then not the same."""

    @property
    def same(self) -> bool:
        """The same answer: byte for byte where the format is the same, else in verdicts and findings."""
        if self.others:
            return False
        if self.then["format"] == self.now["format"]:
            return self.same_bytes
        return self.same_verdicts and self.same_findings

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "id": self.id, "law": self.law, "as_known": self.as_known, "same": self.same,
            "same_bytes": self.same_bytes, "same_verdicts": self.same_verdicts, "same_findings": self.same_findings,
            "formats": {"then": self.then["format"], "now": self.now["format"]},
            "others": list(self.others),
            "differences": [{"path": d.path, "then": d.then, "now": d.now} for d in self.differences],
            "body": dict(self.now),
        }  # fmt: skip

    def entry(self, by: str, body: bytes) -> Entry:
        """Its entry in the audit chain."""
        data = {"as_known": self.as_known, "body": digest(body), "law": self.law, "same": self.same}
        return Entry("replay", self.id, by, data)


def replay(
    store: Store,
    kept: Kept,
    today: Engine | None = None,
    as_known: str | None = None,
    home: Home | None = None,
) -> tuple[Replayed, bytes]:
    """Decide again, and the bytes of the body of now; the store is not told.

    `today`: the engine with the law of today; left out, the recorded rule set is asked. `as_known`: a moment with its
    offset; left out, that of the decision with the recorded law, and everything known with the law of today.
    `home`: where the lists and registers are kept that the recorded law is asked with.
    Raises Unreplayable, StatementError, ValueError (for `as_known`), StoreFault.
    """
    then = kept.envelope
    before: dict[str, Any] = read_back(kept.body)
    if today is None:
        with_ = recorded_engine(store, then, before, home, as_known)
        known = as_known or then.as_known
    else:
        with_, known = Recorded(today.now, ()), as_known
    decider = with_.decider if known is None else with_.decider.known_at(parse_moment(known, None))
    decision = decider.decide(decider.reader.read(read_back(store.content(then.stated))))
    body = decision.canonical()
    found = Replayed(
        id=then.id, law="recorded" if today is None else "today", as_known=known, then=before, now=decision.body,
        same_bytes=body == kept.body, same_verdicts=_verdicts(before) == _verdicts(decision.body),
        same_findings=_findings(before) == _findings(decision.body),
        differences=tuple(differences(before, read_back(body)))[:MOST_DIFFERENCES], others=with_.others,
    )  # fmt: skip
    return found, body


def _acts(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(body.get("acts") or [body])


def _verdicts(body: Mapping[str, Any]) -> Any:
    def of(one: Mapping[str, Any]) -> Any:
        return one["outcome"], [(a["authority"], a["verdict"], a["manner"]) for a in one["authorities"]]

    return of(body), [of(act) for act in _acts(body)]


def _findings(body: Mapping[str, Any]) -> Any:
    """What of the findings is meaning and not wording."""
    keys = ("prohibition", "thing", "engaged", "best", "worst", "effect", "manner", "likewise")
    return [
        sorted(
            (
                repr([finding.get(key) for key in keys]),
                sorted(
                    repr([shield.get(key) for key in ("exemption", "truth", "lifts_as")])
                    for shield in finding["shields"]
                ),
            )
            for finding in act["findings"]
        )
        for act in _acts(body)
    ]


def differences(then: Any, now: Any, path: str = "") -> list[Difference]:
    """Where two values of JSON differ, by JSON Pointer (RFC 6901)."""
    if isinstance(then, dict) and isinstance(now, dict):
        found = []
        for key in sorted({*then, *now}):
            step = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
            found += differences(then.get(key, ABSENT), now.get(key, ABSENT), step)
        return found
    if isinstance(then, list) and isinstance(now, list):
        found = []
        for number in range(max(len(then), len(now))):
            old = then[number] if number < len(then) else ABSENT
            new = now[number] if number < len(now) else ABSENT
            found += differences(old, new, f"{path}/{number}")
        return found
    return [] if then == now and type(then) is type(now) else [Difference(path or "/", then, now)]
