"""Whether an answer still counts, asked of the answer itself: for lists of answers, not for decisions."""

from __future__ import annotations

from typing import Any

from carveout.engine.parties.adjudications.model import IN_FORCE, Adjudication
from carveout.engine.parties.adjudications.recorded import record_of
from carveout.engine.parties.adjudications.settling import WAITS, record_changed
from carveout.engine.parties.subjects import Subjects

STATES = (IN_FORCE, "withdrawn", "expired", "fallen", "proposed")


def state_of(answer: Adjudication, subjects: Subjects, moment: int) -> tuple[str, str]:
    """One of STATES at a moment (seconds since 1970), and why where it is not in force.

    `fallen`: what is recorded of the subject is another than was looked at.
    """
    if answer.withdrawn is not None:
        return "withdrawn", f"withdrawn on {answer.withdrawn[:10]}"
    if answer.state != IN_FORCE:
        return answer.state, WAITS
    if answer.expired(moment):
        return "expired", f"it held until {answer.until}"
    try:
        why = record_changed(answer, record_of(subjects, answer.subject))
    except KeyError:
        why = f"nobody is recorded as `{answer.subject}` here"
    return ("fallen", why) if why else (IN_FORCE, "")


def shown(answer: Adjudication, subjects: Subjects, moment: int) -> dict[str, Any]:
    """An answer with its state, as JSON data."""
    state, why = state_of(answer, subjects, moment)
    name = subjects[answer.subject].name if answer.subject in subjects else None
    return {
        "id": answer.id, "party": dict(answer.stated), "subject": answer.subject, "name": name,
        "answer": answer.answer, "reason": answer.reason, "person": answer.person, "made": answer.made,
        "until": answer.until, "state": state, "why": why or None, "withdrawn": answer.withdrawn,
        "record": answer.record, "confirmed_by": answer.confirmed_by, "confirmed": answer.confirmed,
    }  # fmt: skip
