"""The made-up norms as plain tests of flat rows, for engines that know two values and no linked things.

A transaction becomes one row for the act and one for each party, item and asset. A norm becomes a conjunction of tests
of a row. Listings and grounds come first, since the others ask what they give: statuses and grounds of each row.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from world import ACTIVITIES, BROADER, HOMES, RULES, Norm, World, moment

Row = dict[str, Any]
STALE = moment("2025-12-31")
NOBODY = "-"
"""What stands for an absent fact: no norm asks for it, so that two values must do."""


class Test(NamedTuple):
    """One test: `is`, `not`, `in`, `from` (at least), `before` (less), `has` (of a list), `meets` (a list has one)."""

    field: str
    how: str
    value: Any


class Rule(NamedTuple):
    """A conjunction asked of rows of one group, and what it gives where it is more than a hit."""

    id: str
    group: str  # listing | ground | party | item | asset | act
    tests: tuple[Test, ...]
    gives: str = ""


@lru_cache(maxsize=1)
def european() -> tuple[str, ...]:
    """The places of the group EU."""
    from carveout.engine.law.documents import read_document

    groups = read_document(RULES / "places.yaml", "places.yaml").data["groups"]
    members = groups["EU"]
    return tuple(sorted(members["members"] if isinstance(members, dict) else members))


@lru_cache(maxsize=1)
def kinds_of() -> dict[str, tuple[str, ...]]:
    """Each activity with its kinds: an import is a purchase."""
    from carveout.engine.law.documents import read_document

    words = read_document(RULES / "vocabulary.yaml", "vocabulary.yaml").data["words"]["activity"]
    return {word: (word, *(w for w, entry in words.items() if entry.get("broader") == word)) for word in words}


def soil(authority: str) -> tuple[str, ...]:
    """The countries that an authority counts as its own."""
    return european() if HOMES[authority] == "EU" else (HOMES[authority],)


def rules_of(world: World) -> list[Rule]:
    """Every norm but the duties that follow from findings, which no peer is asked to derive."""
    rules = []
    for authority in HOMES:
        at_home = soil(authority)
        rules += [
            Rule(
                f"{authority}.person-of-ours",
                "ground",
                (Test("kind", "is", "party"), Test("where", "in", at_home)),
                f"{authority}.person",
            ),
            Rule(
                f"{authority}.done-here",
                "ground",
                (Test("kind", "is", "act"), Test("place", "in", at_home)),
                f"{authority}.person",
            ),
            Rule(
                f"{authority}.made-here",
                "ground",
                (Test("kind", "is", "item"), Test("origin", "in", at_home)),
                f"{authority}.goods",
            ),
        ]
    for norm in world.norms:
        if norm.kind == "listing":
            rules.append(
                Rule(norm.id, "listing", (Test("subject", "is", norm.subject), *_window(norm)), norm.statuses[0])
            )
        elif not norm.after:
            rules.append(Rule(norm.id, norm.thing, _tests(norm)))
    return rules


def _window(norm: Norm) -> list[Test]:
    tests = [Test("at", "from", moment(norm.begins))]
    if norm.ends:
        tests.append(Test("at", "before", moment(norm.ends)))
    return tests


def _tests(norm: Norm) -> tuple[Test, ...]:
    tests: list[Test] = []
    if norm.subject:
        tests.append(Test("subject", "is", norm.subject))
    if norm.where:
        tests.append(Test(norm.place if norm.thing == "act" else "where", "is", norm.where))
    if norm.activities and norm.activities != ACTIVITIES:
        tests.append(Test("activity", "in", tuple(kind for word in norm.activities for kind in kinds_of()[word])))
    if norm.role:
        tests.append(Test("roles", "has", norm.role))
    if norm.code:
        tests.append(Test("code", "in", norm.code))
    if norm.currency:
        tests.append(Test("currency", "is", norm.currency))
    if norm.amount:
        tests.append(Test("amount", "from", norm.amount))
    if norm.purpose:
        tests.append(Test("purpose", "is", norm.purpose))
    if norm.excluded:
        tests.append(Test("purpose", "not", norm.excluded))
    tests += _window(norm)
    if norm.stale:
        tests.append(Test("at", "before", STALE))
    if norm.statuses:
        tests.append(Test("statuses", "meets", norm.statuses))
    if norm.grounds:
        tests.append(Test("grounds", "meets", tuple(f"{norm.authority}.{ground}" for ground in norm.grounds)))
    return tuple(tests)


def rows_of(stated: dict[str, Any]) -> list[Row]:
    """A transaction as rows; `status_of` names the row whose statuses an item or an asset is asked for."""
    act = {
        "activity": stated["activity"],
        "at": int(datetime.fromisoformat(stated["at"]).timestamp()),
        "place": stated["place"],
        "destination": stated.get("destination", NOBODY),
        "currency": stated.get("currency", NOBODY),
        "amount": int(float(stated.get("amount", -1))),
        "purpose": (stated.get("purpose") or [NOBODY])[0],
    }
    plain = {"where": NOBODY, "subject": NOBODY, "roles": [], "code": NOBODY, "origin": NOBODY, "status_of": ""}
    rows = [{**act, **plain, "kind": "act", "name": "act the act"}]
    users = {item["end_user"] for item in stated.get("items", ())}
    for party in stated["parties"]:
        roles = [role for stated_role in party["roles"] for role in (stated_role, BROADER.get(stated_role)) if role]
        roles += ["end_user"] if party["name"] in users else []
        name = f"party {party['name']}"
        rows.append(
            {
                **act,
                **plain,
                "kind": "party",
                "name": name,
                "where": party["country"],
                "roles": roles,
                "status_of": name,
                "subject": party.get("subject", NOBODY),
            }
        )
    for item in stated.get("items", ()):
        rows.append(
            {
                **act,
                **plain,
                "kind": "item",
                "name": f"item {item['name']}",
                "where": item["destination"],
                "code": item.get("eccn", NOBODY)[:5],
                "origin": item.get("origin", NOBODY),
                "status_of": f"party {item['end_user']}",
            }
        )
    for asset in stated.get("assets", ()):
        rows.append(
            {
                **act,
                **plain,
                "kind": "asset",
                "name": f"asset {asset['name']}",
                "where": asset["registered_in"],
                "status_of": f"party {asset.get('operator', '')}",
            }
        )
    return rows


def holds(test: Test, row: Row) -> bool:
    """One test in plain Python."""
    value, wanted = row[test.field], test.value
    if test.how == "is":
        return bool(value == wanted)
    if test.how == "not":
        return bool(value != wanted)
    if test.how == "in":
        return value in wanted
    if test.how == "from":
        return bool(value >= wanted)
    if test.how == "before":
        return bool(value < wanted)
    if test.how == "has":
        return wanted in value
    return not set(value).isdisjoint(wanted)


def found_by_ours(body: dict[str, Any]) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """What our decision found, as (norm, thing): for certain, and at the most."""
    certain, possible = set(), set()
    for finding in body["findings"]:
        name = f"{finding['thing']['kind']} {finding['thing']['name']}"
        possible.add((finding["prohibition"], name))
        if finding["engaged"] == "true":
            certain.add((finding["prohibition"], name))
        for shield in finding["shields"]:
            possible.add((shield["exemption"], name))
            if shield["truth"] == "true" and finding["engaged"] == "true":
                certain.add((shield["exemption"], name))
    for duty in body["duties"]:
        if duty["duty"] == "caution":
            certain.add((duty["norm"], f"party {duty['of']}"))
    return certain, certain | possible


def that_matter(hits: set[tuple[str, str]], shields: dict[str, tuple[str, ...]]) -> set[tuple[str, str]]:
    """Hits without the exemptions that shield nothing that is engaged: our decision does not speak of those."""
    return {(id, name) for id, name in hits if id not in shields or any((ban, name) in hits for ban in shields[id])}


def differences(
    hits: set[tuple[str, str]], certain: set[tuple[str, str]], possible: set[tuple[str, str]], world: World
) -> set[tuple[str, str]]:
    """What two values found otherwise than we did: not all that is certain, or more than is possible."""
    shields = {norm.id: norm.shields for norm in world.norms if norm.kind == "exemption"}
    return (certain - hits) | (that_matter(hits, shields) - possible)
