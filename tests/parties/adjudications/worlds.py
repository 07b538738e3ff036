"""A small world in which names are like those on a list: entries, decisions, and answers of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from carveout.engine import Engine
from carveout.engine.decide.decision import Decider
from carveout.engine.parties.adjudications.model import Adjudication, Adjudications
from carveout.engine.parties.adjudications.recorded import record_of
from carveout.engine.parties.adjudications.stated import stated_of
from carveout.engine.parties.lists.entry import Address, Identifier, ListedName, ListEntry
from carveout.engine.parties.watchlist.history import Edition, Editions, History, Spell
from carveout.engine.parties.watchlist.stored import write
from carveout.engine.parties.watchlist.watchlist import FILE, Watchlist, store_names

from ...law.small import small_engine

LIST = "xx.office.list"
JAN, FEB, MAR = (date(2024, month, 1) for month in (1, 2, 3))
ZUBR, NEAR = "Zubr Ferrous Alloys", "Zubr Ferous Alloys"
SUBJECT = f"{LIST}:7"
MADE, UNTIL = "2024-02-05T10:00:00.000+00:00", "2100-01-01"


def entry(
    uid: str = "7",
    name: str = ZUBR,
    programme: str = "RED",
    *,
    list: str = LIST,
    kind: str = "organisation",
    aliases: Sequence[str] = (),
    numbers: Mapping[str, str | Sequence[str]] | None = None,
    address: str = "",
) -> ListEntry:
    """An entry of a list; with several numbers of a kind where they are given so."""
    names = (ListedName(name), *(ListedName(alias, "alias") for alias in aliases))
    given = {kind: [value] if isinstance(value, str) else value for kind, value in (numbers or {}).items()}
    found = tuple(Identifier(kind, each) for kind, values in given.items() for each in values)
    return ListEntry(
        list, uid, kind, names, (programme,), identifiers=found, addresses=(Address(address),) if address else ()
    )


def engine_of(folder: Path, *histories: Sequence[tuple[ListEntry, date, date | None]]) -> Engine:
    """An engine with a list; a history is the wordings of one entry with the days on which they spoke."""
    made = [
        History(h[0][0].list, h[0][0].uid, tuple(Spell(e, since, until) for e, since, until in h)) for h in histories
    ]
    days = {LIST: {JAN}}
    for history in histories:
        for found, since, _ in history:
            days.setdefault(found.list, {JAN}).add(since)
    editions = Editions(
        (name, [Edition(day, "xx", f"{day:%Y%m%d}" * 8, 10_000) for day in sorted(found)])
        for name, found in sorted(days.items())
    )
    write(folder / FILE, made, editions, f"lists-{folder.name}")
    store_names(folder)
    return Engine(small_engine().rules, watchlist=Watchlist(folder))


def payment(name: str = NEAR, at: str = "2024-02-10T12:00:00Z", **more: Any) -> dict[str, Any]:
    """A payment to somebody by somebody whom the office has a say over."""
    parties = [
        {"name": "Ohio Tools", "roles": ["payer"], "country": "US"},
        {"name": name, "roles": ["payee"], **more},
        {"name": "Erie Mutual", "roles": ["bank"], "country": "US"},
    ]
    return {"activity": "payment", "at": at, "currency": "EUR", "parties": parties}


def verdict(body: Mapping[str, Any], authority: str = "xx.office") -> str:
    """What one authority says."""
    return next(str(a["verdict"]) for a in body["authorities"] if a["authority"] == authority)


def adjudication(
    decider: Decider, answer: Any, transaction: Any, subject: str = SUBJECT, party: str = NEAR, **more: Any
) -> Adjudication:
    """An answer of a person who looked at what is recorded now."""
    act = decider.reader.read(transaction).acts[0]
    thing = next(t for t in act.things if t.name == party)
    given: dict[str, Any] = {
        "id": f"{answer}-{subject}", "subject": subject, "answer": answer,
        "stated": stated_of(thing, decider.rules.vocabulary), "record": record_of(decider.subjects, subject).digest,
        "reason": "the register of firms says so", "person": "mila", "made": MADE, "until": UNTIL,
    }  # fmt: skip
    return Adjudication(**{**given, **more})


def answered(engine: Engine, answer: Any, transaction: Any = None, **more: Any) -> Adjudication:
    """The same, kept by the engine beside what it keeps."""
    made = adjudication(engine.now, answer, transaction or payment(), **more)
    engine.use_answers(Adjudications([*engine.identifier.answers, made]))
    return made
