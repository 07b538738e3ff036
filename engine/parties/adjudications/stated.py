"""The party that an answer was given of, as it was stated: what the answer is bound to on the user's side."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from carveout.engine.facts.things import Stake, Thing
from carveout.engine.law.vocabulary import Vocabulary

_NOT_WHO = frozenset({"role", "subject"})
"""What a party does in an act, and whom the user says it is: neither is part of who it is."""


def stated_of(thing: Thing, vocabulary: Vocabulary) -> dict[str, Any]:
    """A party or asset as stated: its name to the letter, and every fact of its own. JSON data.

    Left out are its roles in the act, and facts that follow the act where they are not stated (where an asset is).
    """
    facts = {
        name: _plain(value) for name, value in thing.stated.items() if not _of_the_act(thing.kind, name, vocabulary)
    }
    said: dict[str, Any] = {"kind": thing.kind, "name": thing.name, "facts": facts}
    if thing.also_named:
        said["also_named"] = list(thing.also_named)
    if thing.unreadable:
        said["unreadable"] = dict(thing.unreadable)
    if thing.listed:
        said["listed"] = list(thing.listed)
    if thing.owners is not None:
        said["owners"] = [_stake(stake) for stake in thing.owners]
    if thing.controllers is not None:
        said["controlled_by"] = [party.name for party in thing.controllers]
    return said


def digest_of(data: Any) -> str:
    """SHA-256 of canonical JSON, in hexadecimal digits."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def otherwise(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The names of what is stated otherwise of two statements of one party."""
    found = [name for name in sorted({*then, *now} - {"facts"}) if then.get(name) != now.get(name)]
    before, after = then.get("facts", {}), now.get("facts", {})
    for name in sorted({*before, *after}):
        one, other = before.get(name), after.get(name)
        if one == other:
            continue
        if isinstance(one, dict) and isinstance(other, dict):
            found += [f"{name}.{key}" for key in sorted({*one, *other}) if one.get(key) != other.get(key)]
        else:
            found.append(name)
    return found


def _of_the_act(kind: str, name: str, vocabulary: Vocabulary) -> bool:
    if name in _NOT_WHO:
        return True
    fact = vocabulary.facts.get(f"{kind}.{name}")
    return fact is not None and fact.absent == "as" and fact.default.startswith("act.")


def _stake(stake: Stake) -> dict[str, Any]:
    return {
        "holder": None if stake.holder is None else stake.holder.name,
        "percent": str(stake.percent),
        "from": _plain(stake.since),
        "until": _plain(stake.until),
        "joint": stake.joint,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Thing):
        return value.name
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(str(each) for each in value)
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, Decimal | date):
        return str(value)
    return value
