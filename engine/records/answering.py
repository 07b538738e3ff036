"""From a transaction, or a decision that asked, to an answer that can be stored: the right party, the right record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from carveout.engine.decide.decision import Decider
from carveout.engine.facts.problems import StatementError
from carveout.engine.facts.things import Thing
from carveout.engine.parties.adjudications.model import DIFFERENT, IN_FORCE, NONE, PROPOSED, SAME, Adjudication
from carveout.engine.parties.adjudications.recorded import Recorded, record_of
from carveout.engine.parties.adjudications.stated import digest_of, stated_of
from carveout.engine.parties.identity import NOTHING_BESIDE, told_apart
from carveout.engine.records.adjudications import Given, Told, give, read
from carveout.engine.records.canonical import read_back
from carveout.engine.records.decisions import Kept
from carveout.engine.records.store import Store
from carveout.engine.records.writes import Key

LONGEST_REASON = 2_000
MOST_SHOWN = 20


class AnswerRefused(Exception):
    """An answer that cannot be taken: which field, and what to do."""

    def __init__(self, field: str, message: str) -> None:
        self.field, self.message = field, message
        super().__init__(f"{field}: {message}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person says: `party` is the name or id of a party or asset of the transaction; `until` may be left out."""

    party: str
    subject: str
    answer: str
    reason: str
    until: str | None = None


def answer_of(
    store: Store, decider: Decider, said: Answer, person: str, days: int, *,
    transaction: Any = None, decision: str | None = None, key: Key | None = None, told: Told = lambda _: b"",
) -> tuple[Adjudication, Recorded, bytes]:  # fmt: skip
    """Store an answer to who a party of a transaction is, or of a stored decision; the record it is bound to; and what
    to answer over HTTP, where that is `told`.

    `decider` decides at present; `days`: how long an answer holds, at most and if nothing is said.
    Raises AnswerRefused, StatementError, StoreFault, KeyUsed.
    """
    _read(said)
    until = _until(said.until, days)
    kept = None
    if decision is not None:
        kept = store.kept(decision)
        if kept is None:
            raise AnswerRefused("decision", f"no decision `{decision[:80]}` is in the store")
        transaction = read_back(store.content(kept.envelope.stated))
    thing = _party(decider, transaction, said)
    record = record_of(decider.subjects, said.subject)
    if kept is not None:
        _not_changed(kept, decider, said.subject, record)
    stated = stated_of(thing, decider.rules.vocabulary)
    _not_contradicted(store, said, digest_of(stated), record.digest)
    state = PROPOSED if said.answer == DIFFERENT else IN_FORCE
    given = Given(said.subject, said.answer, stated, record.data, said.reason.strip(), until, state, decision)
    made, answer = give(store, given, person, key, told)
    return made, record, answer


def _read(said: Answer) -> None:
    if said.answer not in (SAME, DIFFERENT):
        raise AnswerRefused("answer", f"`{said.answer[:40]}` is neither `{SAME}` nor `{DIFFERENT}`")
    if not said.reason.strip():
        raise AnswerRefused("reason", "is missing: what was looked at, and what did it say?")
    if len(said.reason) > LONGEST_REASON:
        raise AnswerRefused("reason", f"has more than {LONGEST_REASON:,} letters")


def _until(text: str | None, days: int) -> str:
    today = datetime.now(UTC).date()
    last = today + timedelta(days=days)
    if text is None:
        return last.isoformat()
    try:
        until = date.fromisoformat(text)
    except ValueError:
        raise AnswerRefused("until", f"`{text[:40]}` is not a date (write YYYY-MM-DD)") from None
    if until <= today:
        raise AnswerRefused("until", f"{until} is not after today ({today}, UTC)")
    if until > last:
        raise AnswerRefused("until", f"{until} is later than {last}: answers hold {days} days at most here")
    return until.isoformat()


def _party(decider: Decider, transaction: Any, said: Answer) -> Thing:
    """The party as it is stated now, of whom the subject is a candidate."""
    found: dict[str, Thing] = {}
    candidates: dict[str, str] = {}
    """By subject, whether it is the same or possible, by itself."""
    for answers in (decider.identifier.answers.standing(), NONE):
        for act in decider.reader.read(transaction).acts:
            decider.screen(act, answers)
            for thing in act.things:
                if (
                    thing.kind == "item"
                    or (thing.open and not thing.answers)
                    or said.party not in (thing.name, thing.id)
                ):
                    continue
                found.setdefault(digest_of(stated_of(thing, decider.rules.vocabulary)), thing)
                candidates.update((r.adjudication.subject, "") for r in thing.answers)
                candidates.update((c.subject, "" if c.answered else c.verdict) for c in thing.candidates)
    if not found:
        raise AnswerRefused("party", f"`{said.party[:80]}` is no named party or asset of the transaction")
    if len(found) > 1:
        raise AnswerRefused(
            "party", f"`{said.party[:80]}` is stated in several ways in the transaction: answer for one act by itself"
        )
    if said.subject not in candidates:
        named = ", ".join(f"`{subject}`" for subject in sorted(candidates)[:MOST_SHOWN]) or "nobody"
        raise AnswerRefused(
            "subject", f"`{said.subject[:80]}` is no candidate for `{said.party[:80]}`, so nothing is asked: {named}"
        )
    thing = next(iter(found.values()))
    if said.answer == DIFFERENT and candidates[said.subject] == "same" and not told_apart(thing):
        raise AnswerRefused(
            "answer", f"{NOTHING_BESIDE}: state what you found out, or the listed one itself would be freed with it"
        )
    return thing


def _not_changed(kept: Kept, decider: Decider, subject: str, record: Recorded) -> None:
    """Whoever read that decision saw another record if it changed since."""
    body: Mapping[str, Any] = read_back(kept.body)
    made_with = (body.get("acts") or [body])[0]["made_with"]
    if (
        made_with.get("lists") == decider.subjects.fingerprint
        and kept.envelope.fingerprint == decider.rules.fingerprint
    ):
        return
    if record.changed is not None and record.changed.isoformat() >= kept.envelope.time[:10]:
        raise AnswerRefused(
            "decision",
            f"the list entry `{subject}` changed on {record.changed}, not before that decision: decide again, look at"
            " the entry as it is now, and answer that decision",
        )


def _not_contradicted(store: Store, said: Answer, party: str, record: str) -> None:
    now = int(datetime.now(UTC).timestamp())
    for other in read(store).about(said.subject):
        same_question = other.party == party and other.record == record and not other.expired(now)
        if same_question and other.state == IN_FORCE and other.answer != said.answer:
            raise AnswerRefused(
                "answer",
                f"{other.person} answered `{other.answer}` on {other.made[:10]}: withdraw that answer first"
                f" ({other.id}) if it is wrong",
            )


__all__ = ["Answer", "AnswerRefused", "StatementError", "answer_of"]
