"""What a stored decision was made with, put together again: its rule set, and the lists and register of then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from carveout.engine.decide.decision import Decider, Engine
from carveout.engine.decide.kept import KeptFault, is_register, lists_as_of, owners_as_of
from carveout.engine.law.clocks import parse_moment
from carveout.engine.law.documents import RuleError
from carveout.engine.parties.adjudications.model import seconds
from carveout.engine.records.adjudications import named_in, read
from carveout.engine.records.decisions import Envelope
from carveout.engine.records.store import Store

MOST_ENGINES = 2
_engines: dict[tuple[str, str | None], Engine] = {}
"""The last engines that were asked again, by the digest of their rule version and the threshold of names."""
_lock = Lock()


class Unreplayable(Exception):
    """The recorded inputs cannot be put together again; says which and why."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where official lists and ownership registers are kept, and what is done before lists are read anew."""

    folder: Path
    before_building: Callable[[], None] = field(default=lambda: None)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What decides as it was decided then; `others` says of each thing that is another than was recorded."""

    decider: Decider
    others: tuple[str, ...]


def recorded_engine(
    store: Store, then: Envelope, body: Mapping[str, Any], home: Home | None, as_known: str | None = None
) -> Recorded:
    """What decides with the recorded rule set, lists, register and answers of people.

    Where the lists or the register of then cannot be found any more, those of now are asked, and this is said.
    `body` is the recorded one; without `home` no list and no register can be found. `as_known`: a moment other than
    that of the decision; all answers that are kept are then asked, and it is for the caller to say which were known.
    Raises Unreplayable, StoreFault.
    """
    made_with: Mapping[str, Any] = (body.get("acts") or [body])[0]["made_with"]
    found = _recorded_lists(store, then, made_with, home)
    named = named_in(body)
    other_moment = as_known is not None and as_known != then.as_known
    if not named and not other_moment:
        return found
    answers = read(store)
    others = found.others
    if other_moment:
        return Recorded(found.decider.with_answers(answers), others)
    moment = int(seconds(then.time)) if then.as_known is None else parse_moment(then.as_known, None)
    known = answers.made_with(named, moment)
    if len(known) < len(named):
        others = (*others, f"{len(named) - len(known)} answers of people of then are not in the store any more")
    return Recorded(found.decider.with_answers(known), others)


def _recorded_lists(store: Store, then: Envelope, made_with: Mapping[str, Any], home: Home | None) -> Recorded:
    engine = _engine(store, then.rules, made_with.get("threshold"))
    wanted, owned = made_with.get("lists"), made_with.get("owners")
    if wanted is None and owned is None:
        return Recorded(engine.now, ())
    lists = owners = None
    try:
        if home is not None:
            if wanted is not None:
                lists = lists_as_of(home.folder, wanted, home.before_building, engine.subjects.threshold)
            if owned is not None:
                owners = owners_as_of(home.folder, owned, then.as_known)
    except KeptFault as error:
        raise Unreplayable(f"what is kept beside the store cannot be used: {error}") from error
    others = []
    if wanted is not None and (lists is None or lists.fingerprint != wanted):
        others.append(_other("the official lists", wanted, lists.fingerprint if lists else None))
    if owned is not None and (owners is None or not is_register(owners, owned, then.as_known)):
        others.append(_other("the ownership register", owned, owners.fingerprint if owners else None))
    if lists is not None:
        engine = engine.with_lists(lists)
    return Recorded(engine.now.with_owners(owners), tuple(others))


def _other(what: str, then: str, now: str | None) -> str:
    asked = "nothing of the kind is kept here" if now is None else f"what is kept now was asked ({now[:12]})"
    return f"{what} of then ({then[:12]}) cannot be found any more: {asked}"


def _engine(store: Store, version: str, threshold: str | None) -> Engine:
    """One that asks neither lists nor a register."""
    key = version, threshold
    with _lock:
        engine = _engines.get(key)
    if engine is None:
        found = store.rule_version(version)
        try:
            engine = Engine(found.rules(), threshold=None if threshold is None else float(threshold))
        except (RuleError, ValueError) as error:
            first = (str(error).splitlines() or [""])[0][:300]
            raise Unreplayable(f"the rule set of then cannot be read by this engine: {first}") from error
        with _lock:
            while len(_engines) >= MOST_ENGINES:
                del _engines[next(iter(_engines))]
            _engines[key] = engine
    return engine
