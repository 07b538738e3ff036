"""A small rule set of invented authorities, for tests that must not hang on what the law says."""

from __future__ import annotations

from functools import cache

from carveout.engine import Engine
from carveout.engine.law.documents import Document, parse_document, read_document
from carveout.engine.law.ruleset import SHIPPED, build_rules

CITED = """citation: {instrument: Act 1, source: invented, sure: primary}
effective: {from: 2023-01-01}
checked: 2026-01-01"""

FILES = {
    "xx/office/authority.yaml": """
title: Office of X
short: XO
zone: America/New_York
calendar: US
countries: [US]
lists:
  xx.office.list: {title: List of X, programmes: [RED, BLUE, GREY]}
grounds:
  person:
    title: somebody of X takes part
    citation: {instrument: Act 1, source: invented, sure: primary}
    when: {any_party: {fact: party.country, is: US}}
  item:
    title: the item is of X
    citation: {instrument: Act 1, source: invented, sure: primary}
    item: {fact: item.origin, is: US}
""",
    "yy/ministry/authority.yaml": """
title: Ministry of Y
short: YM
zone: Europe/Brussels
calendar: BE
countries: [EU]
lists:
  yy.ministry.list: {title: List of Y, programmes: [general]}
grounds:
  person:
    title: somebody of Y takes part
    citation: {instrument: Act 2, source: invented, sure: primary}
    when: {any_party: {fact: party.country, is: EU}}
""",
    "subjects/zz/alpha.subject.yaml": """
kind: organisation
names: [{name: Alpha Tractor Works, kind: primary}, {name: Alfa, kind: weak}]
citation: {instrument: register, source: invented, sure: primary}
facts: {country: BY}
""",
    "subjects/zz/beta.subject.yaml": """
kind: organisation
names: [{name: Beta Mineral Water, kind: primary}]
citation: {instrument: register, source: invented, sure: primary}
""",
    "subjects/zz/gamma.subject.yaml": """
kind: organisation
names: [{name: Gamma Optical Instruments, kind: primary}]
owners: [{subject: zz.alpha, percent: 60}]
citation: {instrument: register, source: invented, sure: primary}
""",
    "subjects/zz/plane.subject.yaml": """
kind: aircraft
names: [{name: ZZ-ABC, kind: primary}]
identifiers: {registration: ZZ-ABC}
facts: {registration: ZZ-ABC, operator: zz.alpha}
citation: {instrument: register, source: invented, sure: primary}
""",
    "xx/office/alpha.listing.yaml": f"""
title: Alpha
authority: xx.office
{CITED}
list: xx.office.list
programmes: [RED]
subject: zz.alpha
""",
    "xx/office/beta.listing.yaml": f"""
title: Beta
authority: xx.office
{CITED}
list: xx.office.list
programmes: [BLUE, GREY]
subject: zz.beta
""",
    "yy/ministry/alpha.listing.yaml": f"""
title: Alpha
authority: yy.ministry
{CITED}
list: yy.ministry.list
programmes: [general]
subject: zz.alpha
""",
    "xx/office/blocking.prohibition.yaml": f"""
title: No dealings with listed persons
authority: xx.office
{CITED}
for_each: party
grounds: [person]
programmes: [xx.office.list/RED, xx.office.list/BLUE]
when: {{not: {{fact: act.activity, in: [recordkeeping, release_blocked_property]}}}}
effect: prohibited
block: {{fact: act.activity, is: payment}}
reject: {{fact: act.activity, is: contract}}
""",
    "xx/office/unnamed-programmes.prohibition.yaml": f"""
title: No supplies to those listed otherwise
authority: xx.office
{CITED}
for_each: party
grounds: [person]
programmes: [xx.office.list/other]
when: {{fact: act.activity, is: supply}}
effect: review
""",
    "xx/office/property.prohibition.yaml": f"""
title: No release of blocked property
authority: xx.office
{CITED}
for_each: asset
grounds: [person]
programmes: [xx.office.list/RED, xx.office.list/BLUE]
when: {{fact: act.activity, is: release_blocked_property}}
effect: prohibited
""",
    "xx/office/goods.prohibition.yaml": f"""
title: Goods of X
authority: xx.office
{CITED}
for_each: item
grounds: [item]
when: {{all: [{{fact: act.activity, is: supply}}, {{fact: item.destination, is: BY}}]}}
effect: license_required
""",
    "xx/office/licence-1.exemption.yaml": """
title: Licence 1
authority: xx.office
citation: {instrument: Licence 1, source: invented, sure: primary}
effective:
  from: {at: "2024-01-01T12:00", published: 2024-02-01}
  until: {at: "2024-07-01T00:01", published: 2024-06-01}
checked: 2026-01-01
lifts_as: authorized
shields: [xx.office.blocking]
programmes: [xx.office.list/RED]
covers:
  party: {fact: act.activity, in: [service, contract]}
""",
    "xx/office/fifty.ownership.yaml": f"""
title: Half owned
authority: xx.office
{CITED}
lists: [xx.office.list]
at_least: 50
adds_up: true
control: false
""",
    "xx/office/blocked.duty.yaml": f"""
title: Report
authority: xx.office
{CITED}
duty: report
report: blocking
after: {{prohibitions: [xx.office.blocking], manner: block}}
due: {{business_days: 10}}
says: File a report.
""",
    "xx/office/old-records.duty.yaml": """
title: Five years
authority: xx.office
citation: {instrument: Act 1, source: invented, sure: primary}
effective: {from: 2020-01-01, until: 2025-03-12}
checked: 2026-01-01
duty: record
for_each: act
grounds: [person]
due: {years: 5}
says: Keep the record.
""",
    "xx/office/records.duty.yaml": """
title: Ten years
authority: xx.office
citation: {instrument: Act 1, source: invented, sure: primary}
effective: {from: 2025-03-12}
checked: 2026-01-01
duty: record
for_each: act
grounds: [person]
due: {years: 10}
says: Keep the record.
""",
    "yy/ministry/freeze.prohibition.yaml": f"""
title: Freeze of Y
authority: yy.ministry
{CITED}
for_each: party
grounds: [person]
programmes: [yy.ministry.list/general]
effect: prohibited
""",
    "yy/ministry/permit.exemption.yaml": f"""
title: Permit of Y
authority: yy.ministry
{CITED}
lifts_as: authorized
granted: true
shields: [yy.ministry.freeze]
covers:
  party: {{fact: act.activity, is: payment}}
""",
    "yy/ministry/more-than-half.ownership.yaml": f"""
title: More than half owned, or controlled
authority: yy.ministry
{CITED}
lists: [yy.ministry.list]
more_than: 50
adds_up: true
control: true
""",
}


@cache
def words() -> dict[str, Document]:
    """The shipped vocabulary and places."""
    return {name: read_document(SHIPPED / name, f"rules/{name}") for name in ("vocabulary.yaml", "places.yaml")}


def documents(changed: dict[str, str]) -> dict[str, Document]:
    """The documents of the small rule set with some files changed or added."""
    files = {**FILES, **changed}
    return {
        **words(),
        **{path: parse_document(text.strip("\n"), f"rules/{path}") for path, text in sorted(files.items())},
    }


@cache
def small_engine() -> Engine:
    """An engine for the small rule set."""
    return Engine(build_rules(documents({})))
