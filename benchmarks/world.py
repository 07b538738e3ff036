"""A made-up world of law: norms of any number, and transactions that they engage, the same on every run.

Norms come in cells of twenty: an activity and a country, with a subject of that country and its listings, the
prohibitions that meet dealings of that kind with that country, exemptions and a duty. All cells share the six
authorities, the activities, the statuses and the six general prohibitions. So that more law does not just mean more
strangers, every subject that is listed takes part in transactions, and every activity and country is met by many norms
that fail on one fact only: status, role, code, date, nexus.

A `Norm` here is neutral: `documents` makes law as data of it, and `peers/` the rules of other engines.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from math import ceil, sqrt
from pathlib import Path
from typing import Any

RULES = Path(__file__).resolve().parent.parent / "rules"
SEED = 20251122
SIZES = (100, 1_000, 10_000, 100_000)

HOMES = {"us": "US", "eu": "EU", "uk": "GB", "ch": "CH", "ca": "CA", "jp": "JP"}
"""The authorities and what each counts as its own soil."""
SEATS = {"us": "US", "eu": "DE", "uk": "GB", "ch": "CH", "ca": "CA", "jp": "JP"}
"""A country for each authority in which somebody acts."""
PROGRAMMES = ("arms", "aviation", "finance", "general", "human-rights")
GOODS = ("sale", "export", "reexport", "transfer", "purchase", "import")
FINANCE = ("payment", "financing", "debt_purchase")
AIRCRAFT = ("lease", "flight")
SERVICES = (
    "maintenance",
    "preflight_inspection",
    "technical_assistance",
    "advice",
    "data_service",
    "insurance",
    "brokering",
    "legal_service",
    "transport",
    "contract",
    "wind_down",
)
ACTIVITIES = (
    "sale",
    "payment",
    "lease",
    "maintenance",
    "export",
    "financing",
    "advice",
    "reexport",
    "insurance",
    "transport",
    "purchase",
    "brokering",
    "flight",
    "import",
    "technical_assistance",
    "debt_purchase",
    "contract",
    "transfer",
    "data_service",
    "legal_service",
    "wind_down",
    "preflight_inspection",
)
ROLES = {
    **dict.fromkeys(GOODS, ("seller", "buyer")),
    **dict.fromkeys(FINANCE, ("payer", "payee")),
    "purchase": ("importer", "supplier"),
    "import": ("importer", "supplier"),
    "debt_purchase": ("payer", "issuer"),
    "lease": ("lessor", "lessee"),
    "flight": ("operator", "customer"),
}
ACTOR, OTHER = "actor", "counterparty"
BROADER = {
    "seller": ACTOR,
    "importer": ACTOR,
    "payer": ACTOR,
    "provider": ACTOR,
    "lessor": ACTOR,
    "operator": ACTOR,
    "buyer": OTHER,
    "supplier": OTHER,
    "payee": OTHER,
    "issuer": OTHER,
    "customer": OTHER,
    "lessee": OTHER,
}
CODES = ("3A001", "3A991", "4A994", "5A002", "5A991", "6A003", "7A994", "9A991")
CURRENCIES = ("USD", "EUR", "GBP", "CHF", "JPY")
PURPOSES = ("humanitarian", "medical_emergency", "wind_down", "civil_aviation_safety")


@dataclass(frozen=True, slots=True)
class Norm:
    """A norm as a conjunction: every field that is set must hold of the thing."""

    id: str
    kind: str  # listing | prohibition | exemption | duty
    authority: str
    thing: str = "party"
    activities: tuple[str, ...] = ()
    where: str = ""
    """The country: of the party, of the item's destination, of the registration, of the act."""
    place: str = "destination"
    """For an act: which of its places is meant."""
    statuses: tuple[str, ...] = ()
    """Of the party (one engagement for each); of the item's end user; of the aircraft's operator."""
    role: str = ""
    code: tuple[str, ...] = ()
    currency: str = ""
    amount: int = 0
    subject: str = ""
    purpose: str = ""
    shields: tuple[str, ...] = ()
    excluded: str = ""
    """A purpose that takes the act out of the exemption."""
    grounds: tuple[str, ...] = ()
    begins: str = ""
    ends: str = ""
    granted: bool = False
    stale: bool = False
    unresolved: bool = False
    after: tuple[str, ...] = ()
    effect: str = "prohibited"


@dataclass(slots=True)
class Subject:
    """Who can be listed."""

    id: str
    name: str
    country: str
    statuses: list[str] = field(default_factory=list)
    owner: str = ""


@dataclass(slots=True)
class World:
    """Norms, subjects, and what transactions are drawn from."""

    norms: list[Norm]
    subjects: dict[str, Subject]
    cells: list[tuple[str, str]]
    of_country: dict[str, list[Subject]]


@lru_cache(maxsize=1)
def countries() -> tuple[str, ...]:
    """All countries, in an order of our own."""
    from carveout.engine.law.documents import read_document

    data = read_document(RULES / "places.yaml", "places.yaml").data
    names = sorted(data["countries"])
    random.Random(SEED).shuffle(names)
    return tuple(names)


def word(chance: random.Random, syllables: int) -> str:
    """A word that is nobody's name."""
    return "".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(syllables)).capitalize()


def moment(text: str) -> int:
    """Seconds since 1970 of a day (its start) or of a moment."""
    at = datetime.fromisoformat(text)
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


def _day(chance: random.Random, first: int, last: int) -> str:
    return f"{chance.randint(first, last)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"


def _window(chance: random.Random) -> tuple[str, str]:
    """Most law stands, some has ended, some came while the transactions were done."""
    draw = chance.random()
    if draw < 0.78:
        return _day(chance, 2014, 2023), ""
    if draw < 0.90:
        return _day(chance, 2010, 2016), _day(chance, 2017, 2025)
    return _day(chance, 2024, 2025), ""


def make_world(size: int) -> World:
    """A world of exactly `size` norms: 40 % listings, 35 % prohibitions, 20 % exemptions, 5 % duties."""
    chance = random.Random(SEED + size)
    count = max(1, size // 20)
    wide = min(len(ACTIVITIES), ceil(sqrt(count) * 0.6))
    deep = ceil(count / wide)
    cells = [(activity, country) for country in countries()[:deep] for activity in ACTIVITIES[:wide]][:count]
    quota = {"listing": size * 40 // 100, "prohibition": size * 35 // 100, "duty": size * 5 // 100}
    quota["exemption"] = size - sum(quota.values())
    subjects: dict[str, Subject] = {}
    of_country: dict[str, list[Subject]] = {}
    for number, (_, country) in enumerate(cells):
        subject = Subject(f"s{number}", f"{word(chance, 4)} {word(chance, 3)} {number}", country)
        if number and chance.random() < 0.1:
            subject.owner = f"s{chance.randrange(number)}"
        subjects[subject.id] = subject
        of_country.setdefault(country, []).append(subject)
    norms = _listings(chance, quota["listing"], list(subjects.values()))
    general = [
        Norm(
            f"{a}.blocking",
            "prohibition",
            a,
            activities=ACTIVITIES,
            grounds=("person",),
            begins="2012-01-01",
            statuses=tuple(f"{a}.list/{p}" for p in PROGRAMMES),
        )
        for a in HOMES
    ]
    norms += general
    by_cell: list[list[Norm]] = [[] for _ in cells]
    for number in range(quota["prohibition"] - len(general)):
        at = number % len(cells)
        ban = _prohibition(chance, number, cells[at], of_country)
        by_cell[at].append(ban)
        norms.append(ban)
    for number in range(quota["exemption"]):
        at = number % len(cells)
        norms.append(_exemption(chance, number, cells[at], by_cell[at], of_country))
    for number in range(quota["duty"]):
        at = number % len(cells)
        norms.append(_duty(chance, number, cells[at], by_cell[at]))
    assert len(norms) == size, (len(norms), size)
    return World(norms, subjects, cells, of_country)


def _listings(chance: random.Random, count: int, subjects: list[Subject]) -> list[Norm]:
    norms = []
    for number in range(count):
        subject = subjects[number % len(subjects)]
        authority = chance.choice(list(HOMES))
        status = f"{authority}.list/{chance.choice(PROGRAMMES)}"
        subject.statuses.append(status)
        begins, ends = _window(chance)
        norms.append(
            Norm(
                f"{authority}.l{number}",
                "listing",
                authority,
                statuses=(status,),
                subject=subject.id,
                begins=begins,
                ends=ends,
                unresolved=chance.random() < 0.02,
            )
        )
    return norms


def _prohibition(
    chance: random.Random, number: int, cell: tuple[str, str], of_country: dict[str, list[Subject]]
) -> Norm:
    activity, country = cell
    authority = chance.choice(list(HOMES))
    begins, ends = _window(chance)
    activities: tuple[str, ...] = (activity,)
    if chance.random() < 0.1:
        activities = (activity, chance.choice([a for a in ACTIVITIES if a != activity]))
    known = [s for subject in of_country[country] for s in subject.statuses] or [f"{authority}.list/arms"]
    statuses = tuple(sorted({chance.choice(known) for _ in range(chance.randint(1, 3))}))
    common: dict[str, Any] = {
        "id": f"{authority}.p{number}",
        "kind": "prohibition",
        "authority": authority,
        "activities": activities,
        "where": country,
        "begins": begins,
        "ends": ends,
        "grounds": ("person",),
        "unresolved": chance.random() < 0.02,
        "effect": chance.choices(("prohibited", "license_required", "review"), (6, 3, 1))[0],
    }
    kinds = ["country", "country", "role", "status"]
    if activity in GOODS:
        kinds += ["code", "code", "end_user"]
    elif activity in FINANCE:
        kinds += ["amount", "currency"]
    elif activity in AIRCRAFT:
        kinds += ["aircraft", "operator"]
    else:
        kinds += ["act"]
    kind = chance.choice(kinds)
    if kind == "status":
        return Norm(**common, statuses=statuses)
    if kind == "role":
        return Norm(**common, role=chance.choice((OTHER, "bank", "intermediary")))
    if kind == "amount":
        return Norm(**common, amount=chance.choice((1_000, 10_000, 100_000)))
    if kind == "currency":
        return Norm(**common, currency=chance.choice(CURRENCIES[:2]))
    if kind == "code":
        return Norm(
            **common | {"grounds": ("person", "goods")}, thing="item", code=tuple(sorted(chance.sample(CODES, 4)))
        )
    if kind == "end_user":
        return Norm(**common | {"grounds": ("person", "goods")}, thing="item", statuses=statuses)
    if kind == "aircraft":
        return Norm(**common, thing="asset")
    if kind == "operator":
        return Norm(**common, thing="asset", statuses=statuses)
    if kind == "act":
        return Norm(**common, thing="act", place="place")
    return Norm(**common)


def _exemption(
    chance: random.Random, number: int, cell: tuple[str, str], bans: list[Norm], of_country: dict[str, list[Subject]]
) -> Norm:
    activity, country = cell
    begins, ends = _window(chance)
    common: dict[str, Any] = {
        "kind": "exemption",
        "begins": begins,
        "ends": ends,
        "granted": chance.random() < 0.15,
        "stale": chance.random() < 0.1,
        "excluded": chance.choice(PURPOSES) if chance.random() < 0.3 else "",
    }
    if (
        number // max(1, len(of_country)) % 2 == 0 or not bans
    ):  # a licence for one of the listed, from the general prohibition
        subject = chance.choice(of_country[country])
        authority = chance.choice(subject.statuses).split(".")[0] if subject.statuses else "us"
        activities = chance.choice(((), (activity,), tuple(sorted({activity, chance.choice(ACTIVITIES)}))))
        return Norm(
            f"{authority}.e{number}",
            authority=authority,
            shields=(f"{authority}.blocking",),
            subject=subject.id,
            activities=activities,
            **common,
        )
    ban = chance.choice(bans)
    more = [b.id for b in bans if b is not ban and b.authority == ban.authority and b.thing == ban.thing]
    common |= {
        "id": f"{ban.authority}.e{number}",
        "authority": ban.authority,
        "thing": ban.thing,
        "shields": (ban.id, *more),
    }
    common |= {"activities": (activity,), "where": country, "place": ban.place}
    choice = chance.randrange(3)
    if choice == 0:
        return Norm(**common | {"excluded": ""}, purpose=chance.choice(PURPOSES))
    if choice == 1 and ban.thing == "item":
        return Norm(**common, code=tuple(sorted(chance.sample(CODES, 3))))
    return Norm(**common)


def _duty(chance: random.Random, number: int, cell: tuple[str, str], bans: list[Norm]) -> Norm:
    activity, country = cell
    authority = chance.choice(list(HOMES))
    if chance.random() < 0.3 and bans:
        ban = chance.choice(bans)
        return Norm(f"{ban.authority}.d{number}", "duty", ban.authority, after=(ban.id,), begins="2012-01-01")
    return Norm(
        f"{authority}.d{number}",
        "duty",
        authority,
        activities=(activity,),
        where=country,
        grounds=("person",),
        begins="2012-01-01",
    )


# ---- as law that is data


def condition_of(norm: Norm) -> list[dict[str, Any]]:
    """The tests of a norm, in the condition language (statuses of a party stand in `programmes`)."""
    thing, tests = norm.thing, []
    if norm.activities and norm.activities != ACTIVITIES:
        tests.append({"fact": "act.activity", "in": list(norm.activities)})
    if norm.where:
        path = {
            "party": "party.country",
            "item": "item.destination",
            "asset": "asset.registered_in",
            "act": f"act.{norm.place}",
        }[thing]
        tests.append({"fact": path, "is": norm.where})
    if norm.role:
        tests.append({"fact": "party.role", "is": norm.role})
    if norm.statuses and thing != "party":
        path = {"item": "item.end_user.status", "asset": "asset.operator.status"}[thing]
        tests.append({"fact": path, "in": list(norm.statuses)})
    if norm.code:
        tests.append({"fact": "item.eccn", "in": list(norm.code)})
    if norm.currency:
        tests.append({"fact": "act.currency", "is": norm.currency})
    if norm.amount:
        tests.append({"fact": "act.amount", "at_least": str(norm.amount)})
    if norm.subject:
        tests.append({"fact": "party.subject", "is": norm.subject})
    if norm.purpose:
        tests.append({"fact": "act.purpose", "is": norm.purpose})
    return tests


def _document_of(norm: Norm) -> dict[str, Any]:
    data: dict[str, Any] = {
        "title": f"Synthetic {norm.kind} {norm.id}",
        "authority": norm.authority,
        "checked": "2025-12-01",
        "citation": [
            {"instrument": f"Act {norm.id}", "paragraph": "(a)", "source": "benchmarks/world.py", "sure": "recalled"}
        ],
        "effective": {"from": f"{norm.begins}T00:00:00+00:00"},
    }
    if norm.ends:
        data["effective"]["until"] = f"{norm.ends}T00:00:00+00:00"
    if norm.unresolved:
        data["unresolved"] = [
            {"question": "Does it reach this?", "readings": ["yes", "no"], "sources": ["benchmarks/world.py"]}
        ]
    tests = condition_of(norm)
    when = {"all": tests} if len(tests) != 1 else tests[0]
    if norm.kind == "listing":
        list_, programme = norm.statuses[0].split("/")
        data |= {"list": list_, "programmes": [programme], "subject": norm.subject}
    elif norm.kind == "prohibition":
        data |= {"for_each": norm.thing, "grounds": list(norm.grounds), "effect": norm.effect}
        if norm.statuses and norm.thing == "party":
            data["programmes"] = list(norm.statuses)
        if tests:
            data["when"] = when
        if norm.id.endswith(".blocking"):
            data["block"] = {"fact": "act.activity", "in": ["payment", "financing"]}
    elif norm.kind == "exemption":
        data |= {"lifts_as": "authorized", "shields": list(norm.shields), "covers": {norm.thing: when}}
        if norm.granted:
            data["granted"] = "true"
        if norm.stale:
            data["stale_after"] = "30 days"
        if norm.excluded:
            data["except"] = [
                {"label": f"not for {norm.excluded}", "when": {"fact": "act.purpose", "is": norm.excluded}}
            ]
    elif norm.after:
        data |= {
            "duty": "report",
            "report": "blocking",
            "after": {"prohibitions": list(norm.after), "manner": "any"},
            "due": {"business_days": "10"},
            "says": "File a report.",
        }
    else:
        data |= {
            "duty": "caution",
            "for_each": norm.thing,
            "grounds": list(norm.grounds),
            "when": when,
            "says": "Ask for the end use.",
        }
    return data


def documents(world: World) -> dict[str, Any]:
    """The world as documents of a rule set, beside the vocabulary and the places that ship."""
    from carveout.engine.law.documents import Document, read_document

    found = {name: read_document(RULES / name, name) for name in ("vocabulary.yaml", "places.yaml")}

    def add(path: str, data: dict[str, Any]) -> None:
        found[path] = Document(path, data, {})

    source = [{"instrument": "Synthetic", "source": "benchmarks/world.py", "sure": "recalled"}]
    for id, home in HOMES.items():
        add(
            f"{id}/authority.yaml",
            {
                "title": f"Authority {id}",
                "short": id.upper(),
                "zone": "UTC",
                "calendar": "US",
                "countries": [SEATS[id]],
                "lists": {f"{id}.list": {"title": f"List of {id}", "programmes": list(PROGRAMMES)}},
                "grounds": {
                    "person": {
                        "title": "a person of ours takes part, or it is done here",
                        "citation": source,
                        "when": {
                            "any": [
                                {"any_party": {"fact": "party.country", "is": home}},
                                {"fact": "act.place", "is": home},
                            ]
                        },
                    },
                    "goods": {
                        "title": "goods made here",
                        "citation": source,
                        "item": {"fact": "item.origin", "is": home},
                    },
                },
            },
        )
        # Rules on ownership belong to every real rule set, and are not counted as norms here.
        add(
            f"{id}/half.ownership.yaml",
            {
                "title": "Owned by half",
                "authority": id,
                "citation": source,
                "effective": {"from": "2012-01-01"},
                "checked": "2025-12-01",
                "lists": [f"{id}.list"],
                "at_least": "50",
                "adds_up": "true",
                "control": "false",
            },
        )
    for subject in world.subjects.values():
        data: dict[str, Any] = {
            "kind": "organisation",
            "names": [{"name": subject.name, "kind": "primary"}],
            "facts": {"country": [subject.country]},
            "citation": source,
        }
        if subject.owner:
            data["owners"] = [{"subject": subject.owner, "percent": "25"}]
        add(f"subjects/{subject.id}.subject.yaml", data)
    for norm in world.norms:
        add(f"{norm.id.replace('.', '/')}.{norm.kind}.yaml", _document_of(norm))
    return found


# ---- transactions


def transactions(world: World, salt: int = 0) -> Iterator[dict[str, Any]]:
    """Transactions without end, none of which comes twice. Some leave a fact out; `reference` says which."""
    chance = random.Random(SEED + len(world.norms) + 7_919 * (salt + 1))
    neighbours: dict[str, list[str]] = {}
    for activity, country in world.cells:
        neighbours.setdefault(activity, []).append(country)
    number = 0
    while True:
        number += 1
        activity, near = chance.choice(world.cells)
        yield _transaction(chance, world, activity, near, chance.choice(neighbours[activity]), f"{salt}-{number}")


def _transaction(
    chance: random.Random, world: World, activity: str, near: str, far: str, reference: str
) -> dict[str, Any]:
    actor, other = ROLES.get(activity, ("provider", "customer"))
    seats = chance.sample(list(SEATS.values()), 4)
    subject = chance.choice(world.of_country[near])
    parties: list[dict[str, Any]] = [
        _stranger(chance, seats[0], actor),
        _known(subject, other) if chance.random() < 0.85 else _stranger(chance, near, other),
    ]
    second = chance.choice(world.of_country[far])
    role = "bank" if activity == "payment" else chance.choice(("bank", "intermediary", "consignee"))
    known = chance.random() < 0.4 and second is not subject
    parties.append(_known(second, role) if known else _stranger(chance, far, role))
    if chance.random() < 0.8:
        parties.append(_stranger(chance, seats[1], chance.choice(("insurer", "carrier", "bank"))))
    second_of = moment("2024-01-01") + chance.randrange(900 * 86_400)
    stated: dict[str, Any] = {
        "reference": reference,
        "activity": activity,
        "at": datetime.fromtimestamp(second_of, UTC).isoformat(),
        "place": chance.choice((seats[2], seats[2], seats[3], near)),
        "parties": parties,
    }
    if chance.random() < 0.3:
        stated["purpose"] = [chance.choice(PURPOSES)]
    if activity in GOODS:
        stated |= {"destination": near, "departure": seats[0], "assets": []}
        stated["items"] = [
            {
                "name": f"{word(chance, 2)} {chance.randrange(10**6)}",
                "eccn": f"{chance.choice(CODES)}.{chance.choice('abcdefgh')}",
                "origin": chance.choice(seats),
                "end_user": parties[1 if chance.random() < 0.8 else 2]["name"],
                "destination": near,
            }
            for _ in range(chance.choice((1, 1, 2)))
        ]
    elif activity in FINANCE:
        stated["currency"] = chance.choice(CURRENCIES)
        stated["amount"] = f"{chance.randrange(100, 5_000_000)}.{chance.randrange(100):02}"
        if activity == "debt_purchase":
            stated |= {"debt_maturity_days": chance.randrange(10, 400), "debt_issued": "2023-05-01"}
    elif activity in AIRCRAFT:
        stated["assets"] = [
            {
                "name": f"aircraft {chance.randrange(10**7)}",
                "kind": "aircraft",
                "registered_in": near,
                "operator": parties[1]["name"],
                "owner": [parties[0]["name"]],
                "eccn": "9A991.b",
                "origin": seats[0],
            }
        ]
        if activity == "flight":
            stated |= {"destination": near, "departure": seats[0], "airspace": [near], "restricted_cargo": "no"}
    elif activity == "transport":
        stated |= {"destination": near, "departure": seats[0]}
    if chance.random() < 0.3:
        _leave_out(chance, stated)
    return stated


def _known(subject: Subject, role: str) -> dict[str, Any]:
    return {
        "name": subject.name,
        "subject": subject.id,
        "roles": [role],
        "kind": "organisation",
        "country": subject.country,
    }


def _stranger(chance: random.Random, country: str, role: str) -> dict[str, Any]:
    name = f"{word(chance, 5)} {word(chance, 4)} {chance.randrange(10**6)}"
    return {"name": name, "roles": [role], "kind": "organisation", "country": country}


def _leave_out(chance: random.Random, stated: dict[str, Any]) -> None:
    """One fact goes that some norm of the cell asks for."""
    if "items" in stated:
        item = chance.choice(stated["items"])
        gone = chance.choice(("eccn", "origin"))
        item.pop(gone)
    elif "amount" in stated:
        gone = chance.choice(("amount", "currency"))
        stated.pop(gone)
    elif "assets" in stated and "operator" in stated["assets"][0]:
        gone = "operator"
        stated["assets"][0].pop(gone)
    else:
        return
    stated["reference"] += f" without {gone}"
