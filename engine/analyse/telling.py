"""What is told of an entry of a portfolio, a transaction or a party, in short; and what of it became another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from carveout.engine.analyse.flips import OPEN, Answered, flip
from carveout.engine.decide.decision import Decision, Engine
from carveout.engine.decide.search import Query, search
from carveout.engine.facts.problems import Problem, StatementError
from carveout.engine.parties.anonymous import says_nobody
from carveout.engine.records.portfolios import PARTY, TRANSACTION

GROUNDS, STRICTER, LAXER, MIXED = "grounds", "stricter", "laxer", "mixed"
NAMES = ("clear", "possible", "listed")
"""The outcomes for a party, mildest first: nobody listed is named so, somebody may be, somebody is."""
LONGEST_FAULT = 300
_PARTY = frozenset({"reference", "owner", "name", "kind", "countries", "identifiers", "born", "address"})
Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """An entry that was asked about: what was stated, with its moment; the answer in short, and the decision."""

    stated: Any
    told: Told
    decision: Decision | None


def kind_of(stated: Any) -> str:
    """`party` for what has a name and no act; `transaction` for all else."""
    if isinstance(stated, Mapping) and "name" in stated and not {"activity", "acts", "parties"} & stated.keys():
        return PARTY
    return TRANSACTION


def at_moment(stated: Any, moment: int) -> Any:
    """What is stated, at a moment (seconds of UTC) where it states none itself: what is open is asked as of today."""
    if not isinstance(stated, Mapping) or "at" in stated:
        return stated
    when = datetime.fromtimestamp(moment, UTC).isoformat()
    acts = stated.get("acts")
    if isinstance(acts, list) and any(isinstance(act, Mapping) and "at" in act for act in acts):
        return {**stated, "acts": [at_moment(act, moment) for act in acts]}
    return {**stated, "at": when}


def read_entry(engine: Engine, stated: Any) -> None:
    """Raises StatementError for what cannot be asked about."""
    if kind_of(stated) == PARTY:
        query_of(stated)
    else:
        engine.reader.read(at_moment(stated, 0))


def query_of(stated: Mapping[str, Any]) -> Query:
    """A party as names are looked up. Raises StatementError."""
    problems = [Problem(name, "is nothing that a party has here") for name in sorted(stated.keys() - _PARTY)]
    for name in ("name", "kind", "born", "address"):
        if stated.get(name) is not None and not (isinstance(stated[name], str) and 0 < len(stated[name]) <= 2_000):
            problems.append(Problem(name, "is a text of at most 2,000 characters"))
    countries, numbers = stated.get("countries") or [], stated.get("identifiers") or {}
    if not isinstance(countries, list) or not all(isinstance(one, str) for one in countries):
        problems.append(Problem("countries", "is a list of codes"))
    if not isinstance(numbers, Mapping) or not all(isinstance(one, str) for one in numbers.values()):
        problems.append(Problem("identifiers", "is an object of texts"))
    if not str(stated.get("name") or "").strip():
        problems.append(Problem("name", "is missing"))
    elif not numbers and isinstance(stated["name"], str) and (why := says_nobody(stated["name"])):
        problems.append(Problem("name", f"says nobody: {why}"))
    if problems:
        raise StatementError(problems)
    return Query(
        stated["name"],
        stated.get("kind"),
        tuple(one.upper() for one in countries),
        dict(numbers),
        stated.get("born"),
        stated.get("address"),
    )


def ask(engine: Engine, stated: Any, moment: int) -> Asked:
    """Ask about an entry at a moment; what cannot be decided is told as a fault, and never passed over."""
    try:
        if kind_of(stated) == PARTY:
            return Asked(stated, _told_of_party(search(engine, query_of(stated), moment)), None)
        dated = at_moment(stated, moment)
        decision = engine.check(dated)
        return Asked(dated, _told(decision.body), decision)
    except StatementError as error:
        return Asked(stated, _fault("; ".join(f"{p.field}: {p.message}" for p in error.problems)), None)
    except Exception as error:  # one entry that the engine cannot decide keeps no other from being decided
        return Asked(stated, _fault(f"{type(error).__name__}: {error}"), None)


def _fault(text: str) -> Told:
    return {"outcome": "", "authorities": {}, "fault": text[:LONGEST_FAULT]}


def _told(body: Mapping[str, Any]) -> Told:
    rulings = {
        one["authority"]: {
            "verdict": one["verdict"], "manner": one["manner"], "exemptions": sorted(set(one["exemptions"])),
            "prohibitions": sorted(set(one["prohibitions"])),
        }
        for one in body["authorities"]
    }  # fmt: skip
    return {"outcome": body["outcome"], "authorities": rulings, "fault": ""}


def _told_of_party(found: list[dict[str, Any]]) -> Told:
    """Statuses that do not stand, surely or perhaps, are left out; candidates without any are nobody's business."""
    named: dict[str, Any] = {}
    outcome = NAMES[0]
    for one in found:
        stands = sorted({status["norm"] for status in one["statuses"] if status["truth"] != "false"})
        if not stands:
            continue
        named[one["subject"]] = {"name": one["name"], "verdict": one["verdict"], "listings": stands}
        outcome = max(outcome, NAMES[2] if one["verdict"] == "same" else NAMES[1], key=NAMES.index)
    return {"outcome": outcome, "authorities": {}, "subjects": named, "fault": ""}


def changed(old: Told, new: Told) -> tuple[str, dict[str, Any]] | None:
    """Which way an answer became another, and what of it; None: nothing that counts did."""
    outcome = {"before": old["outcome"] or "none", "after": new["outcome"] or "none"}
    fault = old["fault"] or new["fault"]
    if fault:
        if bool(old["fault"]) == bool(new["fault"]):
            return None
        return OPEN, {"outcome": outcome, "authorities": [], "fault": new["fault"]}
    if "subjects" in old or "subjects" in new:
        return _changed_party(old, new, outcome)
    found = flip(_answered(old), _answered(new))
    moved = [
        {"authority": id, "before": before, "after": after, "direction": way}
        for id, before, after, way in (found.authorities if found else ())
    ]
    grounds = [
        {"authority": id, **_other(old["authorities"].get(id, {}), new["authorities"].get(id, {}))}
        for id in sorted({*old["authorities"], *new["authorities"]})
        if old["authorities"].get(id) != new["authorities"].get(id)
    ]
    if found is None and not grounds:
        return None
    return found.direction if found else GROUNDS, {"outcome": outcome, "authorities": moved, "grounds": grounds}


def _other(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The norms that an authority's answer rests on no longer, and those that it rests on now."""
    found: dict[str, Any] = {}
    for what in ("exemptions", "prohibitions"):
        before, after = set(old.get(what, ())), set(new.get(what, ()))
        found[what] = {"gone": sorted(before - after), "new": sorted(after - before)} if before != after else {}
    return found


def _changed_party(old: Told, new: Told, outcome: Mapping[str, str]) -> tuple[str, dict[str, Any]] | None:
    before, after = old.get("subjects", {}), new.get("subjects", {})
    subjects = [
        {"subject": id, "before": before.get(id), "after": after.get(id)}
        for id in sorted({*before, *after})
        if before.get(id) != after.get(id)
    ]
    if not subjects:
        return None
    first, last = NAMES.index(old["outcome"]), NAMES.index(new["outcome"])
    way = STRICTER if last > first else LAXER if last < first else GROUNDS
    if way == GROUNDS and any(one["before"] is None for one in subjects):
        way = STRICTER
    return way, {"outcome": dict(outcome), "authorities": [], "subjects": subjects}


def _answered(told: Told) -> Answered:
    verdicts = {id: (one["verdict"], one["manner"]) for id, one in told["authorities"].items()}
    return Answered(told["outcome"], verdicts, frozenset(), {"findings": []}, told["fault"])


def norms_in(*tells: Told) -> set[str]:
    """The norms that answers name."""
    found: set[str] = set()
    for told in tells:
        for ruling in told["authorities"].values():
            found.update(ruling["exemptions"], ruling["prohibitions"])
        for one in told.get("subjects", {}).values():
            found.update(one["listings"])
    return found
