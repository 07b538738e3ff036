"""One listing more, of whoever has a part or a share in a deal, never makes any authority's answer milder.

So an aircraft that is listed itself is not judged by its own listing alone, and what lifts one programme lifts no
other. By symmetry nothing proceeds that either of two listings would stop alone.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carveout.engine.law.conditions import VERDICTS
from carveout.engine.law.norms import Authority
from carveout.engine.law.vocabulary import LINKS

from .mutants import mutant
from .world import LISTS, Statement, case_statements, decide, engine, examples, ranges

pytestmark = pytest.mark.meaning

SEEDS = st.randoms(use_true_random=False)
NAMED_BY = {"party": "name", "asset": "registration"}


def statuses() -> list[str]:
    """Every programme of every list, and what is new on each."""
    lists = [entry for authority in engine().rules.authorities.values() for entry in authority.lists.values()]
    return sorted({f"{entry.id}/{programme}" for entry in lists for programme in (*entry.programmes, "")})


def some_status(chance: Random) -> str:
    """A programme of a list, or a list as a whole; lists with few programmes come as often as others."""
    every = statuses()
    name = chance.choice(sorted({status.split("/")[0] for status in every}))
    return chance.choice([status for status in every if status.split("/")[0] == name]).rstrip("/")


def two_of_one_list(chance: Random) -> tuple[Authority, str, str]:
    """Two programmes of one list, and whose it is."""
    lists = [(a, entry) for a in engine().rules.authorities.values() for entry in a.lists.values()]
    authority, entry = chance.choice([(a, entry) for a, entry in lists if len(entry.programmes) > 5 and a.countries])
    first, second = chance.sample([*entry.programmes], 2)
    return authority, f"{entry.id}/{first}", f"{entry.id}/{second}"


def spelled(statement: Statement) -> Statement:
    """The same with everybody who is linked, by a name that stands nowhere else, as a mapping of his own."""
    found = copy.deepcopy(statement)
    known = {
        str(entry[key])
        for part in LISTS.values()
        for entry in found.get(part) or ()
        for key in ("id", "name", "registration")
        if isinstance(entry, dict) and key in entry
    }
    linked = {fact.name: fact for fact in engine().rules.vocabulary.facts.values() if fact.type in LINKS}

    def whole(value: Any, kind: str) -> Any:
        if isinstance(value, list):
            return [whole(each, kind) for each in value]
        if isinstance(value, str) and kind in NAMED_BY and value not in known:
            return {NAMED_BY[kind]: value}
        return value

    def walk(entry: dict[str, Any]) -> None:
        for name, value in list(entry.items()):
            if name in linked:
                entry[name] = whole(value, LINKS[linked[name].type])
            elif name == "owners" and isinstance(value, list):
                for share in value:
                    if isinstance(share, dict) and "party" in share:
                        share["party"] = whole(share["party"], "party")
                        if isinstance(share["party"], dict):
                            walk(share["party"])
            for each in entry[name] if isinstance(entry[name], list) else [entry[name]]:
                if isinstance(each, dict) and name != "owners":
                    walk(each)

    walk(found)
    return found


def things(entry: dict[str, Any], kind: str = "") -> Iterator[dict[str, Any]]:
    """Every mapping that states a party or an asset, owners and linked ones among them."""
    if kind in NAMED_BY:
        yield entry
    linked = {fact.name: LINKS[fact.type] for fact in engine().rules.vocabulary.facts.values() if fact.type in LINKS}
    parts = {part: kind for kind, part in LISTS.items()}
    for name, value in entry.items():
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(each, dict):
                continue
            if name == "owners":
                if isinstance(each.get("party"), dict):
                    yield from things(each["party"], "party")
            else:
                yield from things(each, parts.get(name) or linked.get(name, ""))


def listed_also(statement: Statement, chance: Random) -> Statement | None:
    """The statement with one more listing of somebody or something in it."""
    found = copy.deepcopy(statement)
    there = list(things(found))
    if not there:
        return None
    thing = chance.choice(there)
    before = thing.get("listed") or []
    thing["listed"] = [*([before] if isinstance(before, str) else before), some_status(chance)]
    return found


def milder(before: Statement, after: Statement) -> list[str]:
    """The authorities whose best or worst case is milder, in words; none where a statement is refused."""
    old, new = decide(before), decide(after)
    if old is None or new is None:
        return []
    was = ranges(old)
    return [
        f"{id}: {VERDICTS[best]}..{VERDICTS[worst]} after {VERDICTS[was[id][0]]}..{VERDICTS[was[id][1]]}"
        for id, (best, worst) in ranges(new).items()
        if best < was[id][0] or worst < was[id][1]
    ]


@given(SEEDS)
@examples(250)
def test_one_listing_more_makes_nothing_milder(chance: Random) -> None:
    before = spelled(mutant(chance, most=3))
    for _ in range(2):  # the second is added to what the first, unrelated one made of it
        after = listed_also(before, chance)
        if after is None:
            return
        assert not milder(before, after), f"{milder(before, after)}\nbefore: {before}\nafter: {after}"
        before = after


def licensed(before: Statement, after: Statement, thing: dict[str, Any]) -> Statement | None:
    """The second statement with a licence for each prohibition that only the listing more brings; None if none does."""
    old, new = decide(before), decide(after)
    if old is None or new is None or "at" not in before:
        return None
    met = {finding["prohibition"] for finding in old.body["findings"]}
    brought = {(f["authority"], f["prohibition"]) for f in new.body["findings"] if f["prohibition"] not in met}
    if not brought:
        return None
    name = next((thing[key] for key in ("id", "name", "registration") if key in thing), None)
    found = copy.deepcopy(after)
    stated = found.get("authorisations") or []
    found["authorisations"] = [*stated] + [
        {"issuer": issuer, "reference": f"licence {n}", "lifts": [ban]} | ({"things": [name]} if name else {})
        for n, (issuer, ban) in enumerate(sorted(brought))
    ]
    return found


@given(SEEDS)
@examples(200)
def test_a_licence_for_one_listing_lifts_nothing_of_another(chance: Random) -> None:
    authority, first, second = two_of_one_list(chance)
    bases = [s for s in case_statements() if any(isinstance(x, dict) for x in s.get("assets") or ())]
    before = spelled(copy.deepcopy(chance.choice(bases)))
    before.setdefault("parties", []).append(
        {"name": "Home Trade", "roles": ["actor"], "country": list(authority.countries)[:1]}
    )
    number = chance.choice([n for n, x in enumerate(before["assets"]) if isinstance(x, dict)])
    for key in ("operator", "owner", "lessee", "used_by", "registration"):
        before["assets"][number].pop(key, None)
    before["assets"][number] |= {"id": "the asset", "registration": "TC-XYZ", "operator": "Home Trade"}
    link = chance.choice(("operator", "operator", "owner", "lessee", "used_by"))
    who = {"name": "Second Company", "kind": "organisation", "country": "AE", "owners": [], "listed": [first]}
    before["assets"][number][link] = who if link == "operator" else [who]
    after = copy.deepcopy(before)
    after["assets"][number]["listed"] = [second]
    assert not milder(before, after), f"{milder(before, after)}\nbefore: {before}\nafter: {after}"
    lifted = licensed(before, after, after["assets"][number])
    if lifted is not None:
        assert not milder(before, lifted), f"{milder(before, lifted)}\nbefore: {before}\nafter: {lifted}"
