"""What the register says of a party, as JSON data: whom it was taken to be, its owners, and from which source."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final

from carveout.engine.parties.registers.holdings import Holding
from carveout.engine.parties.registers.register import Account, Entry, Match, Register
from carveout.engine.parties.registers.stakes import contradicts, parts_of

MOST_SHOWN: Final = 50
"""Owners of one party that an answer names; how many more there are it says."""
MOST_IN_CHAIN: Final = 200
_ROUND = Context(prec=20, rounding=ROUND_HALF_EVEN)


def percent_text(percent: Decimal) -> str:
    """A percentage for people: a hair beside a bound is that bound."""
    text = format(_ROUND.plus(percent), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def day_of(moment: int) -> date:
    """The day of a moment in UTC."""
    return datetime.fromtimestamp(max(min(moment, 253_402_214_400), -62_135_510_400), UTC).date()


def shown_account(
    register: Register, name: str, match: Match, accounts: Sequence[tuple[Entry, Account]], day: date
) -> dict[str, Any]:
    """The block of a decision about one party's registered owners, as of a day."""
    owners: list[dict[str, Any]] = []
    sources: dict[str, dict[str, Any]] = {}
    rest: list[str] = []
    notes: list[str] = []
    for entry, account in accounts:
        owners += owners_on(register, account, day)
        for kept in account.sources:
            sources[kept.digest] = {"source": kept.source, "published": kept.published.isoformat(), "import": kept.id}
        rest += [percent_text(part) for part in remainder_on(register, entry, account, day)]
        come_to = contradicts(account.holdings, day)
        if come_to is not None:
            notes.append(f"the shares stated come to {percent_text(come_to)} percent: none is counted as certain")
        notes += sorted(
            {
                f"the register says of its owners: {h.type}"
                for owner, h in account.holdings
                if h.what in ("silent", "open") and owner is None and h.low == 0 and _in_force(h, day)
            }
        )
    known = [_called(register, entry) for entry, _ in accounts]
    found: dict[str, Any] = {
        "party": name,
        "is": known,
        "sure": match.sure,
        "reason": match.reason,
        "sources": list(sources.values()),
        "owners": owners[:MOST_SHOWN],
    }
    if len(owners) > MOST_SHOWN:
        found["more_owners"] = len(owners) - MOST_SHOWN
    if rest:
        found["remainder"] = rest[0]
    if notes:
        found["notes"] = notes
    return found


def chain_of(register: Register, name: str, match: Match, day: date) -> tuple[list[dict[str, Any]], bool]:
    """The blocks of a party and of those above it that have owners, nearest first, and whether there are more."""
    found: list[dict[str, Any]] = []
    todo, seen = deque([(name, match)]), {*match.entries}
    while todo:
        if len(found) == MOST_IN_CHAIN:
            return found, True
        called, each = todo.popleft()
        accounts = [(entry, register.account(entry)) for entry in each.entries]
        if each is match or any(account.holdings for _, account in accounts):
            found.append(shown_account(register, called, each, accounts, day))
        for owner in dict.fromkeys(o for _, account in accounts for o, h in account.holdings if _in_force(h, day)):
            if owner is not None and owner not in seen:
                seen.add(owner)
                todo.append((register.record(owner).names[0], register.above(owner)))
    return found, False


def owners_on(register: Register, account: Account, day: date) -> list[dict[str, Any]]:
    """Who has what on a day, the largest first."""
    found = []
    for owner, h in account.holdings:
        if not _in_force(h, day) or h.what == "silent" or owner is None:
            continue
        entry: dict[str, Any] = {"name": register.record(owner).names[0], "as": h.type}
        if h.what == "share":
            entry |= {"from_percent": percent_text(h.low), "to_percent": percent_text(h.high)}
        entry["counts"] = _COUNTS[h.what] if h.sure else "perhaps"
        for key, value in (("since", h.since), ("until", h.until), ("stated", h.dated)):
            if value is not None:
                entry[key] = value.isoformat()
        found.append((h.low.copy_negate(), entry["name"], entry["as"], entry))
    return [entry for *_, entry in sorted(found, key=lambda f: f[:3])]


_COUNTS = {
    "share": "share",
    "perhaps": "perhaps a share",
    "control": "control",
    "perhaps_control": "perhaps control",
    "open": "open",
}


def remainder_on(register: Register, entry: Entry, account: Account, day: date) -> Iterator[Decimal]:
    """What is left of a party that nobody is known to hold."""
    told = [(owner, h) for owner, h in account.holdings if h.what != "silent"]
    for part in parts_of(told, together=register.record(entry).arrangement):
        if part.owner is None and (part.since is None or part.since <= day) and (not part.until or day < part.until):
            yield part.percent


def _in_force(holding: Holding, day: date) -> bool:
    return (holding.since is None or holding.since <= day) and (holding.until is None or day < holding.until)


def _called(register: Register, entry: Entry) -> str:
    record = register.record(entry)
    numbers = ", ".join(f"{scheme} {number}" for scheme, number in record.identifiers[:3])
    return f"{record.names[0] if record.names else 'nameless'}{f' ({numbers})' if numbers else ''}"


def owners_and_rest(
    register: Register, entry: Entry, day: date
) -> tuple[list[tuple[Entry, str]], list[Decimal], list[str]]:
    """The owners of a party on a day with what each has in words, the unknown remainder, and what else is said."""
    account = register.account(entry)
    found = [
        (h.low.copy_negate(), register.record(owner).names[0], owner, _in_words(h))
        for owner, h in account.holdings
        if owner is not None and h.what != "silent" and _in_force(h, day)
    ]
    told = [
        f"the register says of its owners: {h.type}" for o, h in account.holdings if o is None and _in_force(h, day)
    ]
    told += [f"source: {kept.source}, {kept.published} (import {kept.id})" for kept in account.sources]
    owners = list(dict.fromkeys((owner, words) for *_, owner, words in sorted(found)))
    return owners, list(remainder_on(register, entry, account, day)), list(dict.fromkeys(told))


def _in_words(holding: Holding) -> str:
    low, high = percent_text(holding.low), percent_text(holding.high)
    share = f"{low} %" if low == high else f"{low} to {high} %"
    said = f"{share} ({holding.type})" if holding.what == "share" else f"{holding.type} ({_COUNTS[holding.what]})"
    since = f" since {holding.since}" if holding.since else ""
    until = f" until {holding.until}" if holding.until else ""
    return f"{said}{since}{until}{'' if holding.sure else ', perhaps'}, stated {holding.dated}"
