"""What lines of the vocabulary and records name must be there: bad beside good, with the exact words."""

from __future__ import annotations

import pytest

from carveout.engine import Engine, RuleError
from carveout.engine.law.documents import parse_document
from carveout.engine.law.ruleset import SHIPPED, build_rules

from .small import FILES, documents

VOCABULARY = (SHIPPED / "vocabulary.yaml").read_text(encoding="utf-8")
AMOUNT = "  act.amount:\n    {type: number,"
FACTS = "facts:\n"


def faults(good: str, bad: str, changed: dict[str, str] | None = None) -> list[str]:
    """What is said of the small rule set with that line of the vocabulary changed, without the place."""
    assert good in VOCABULARY
    found = documents(changed or {})
    found["vocabulary.yaml"] = parse_document(VOCABULARY.replace(good, bad, 1), "rules/vocabulary.yaml")
    try:
        build_rules(found)
    except RuleError as error:
        return [str(fault).split(": ", 1)[1] for fault in error.faults]
    return []


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        (
            "absent: {as: actor.country}",
            "absent: {as: actr.country}",
            "`actr.country` begins with `actr` (did you mean `actor` or `act`?)",
        ),
        (
            "absent: {as: actor.country}",
            "absent: {as: actor.countr}",
            "unknown fact `party.countr` (did you mean `country`?)",
        ),
        (AMOUNT, AMOUNT + " absent: {assumed: many},", "`many` is not a number (none is declared)"),
        (AMOUNT, AMOUNT + " role: payer,", "only a link of an item to a party gives that party a role"),
        ("role: end_user,", "role: end_usr,", "unknown role `end_usr` (did you mean `end_user`?)"),
        (
            "implies: {asset.kind: aircraft}",
            "implies: {asset.kind: aircrft}",
            "unknown asset_kind `aircrft` (did you mean `aircraft`?)",
        ),
        (
            FACTS,
            FACTS + "  party.owners: {type: number, question: 'How many?'}\n",
            "`owners` is a word of the form of a transaction (call the fact by another name)",
        ),
        (
            FACTS,
            FACTS + "  act.end_user: {type: text, question: 'Who?'}\n",
            "`end_user` is a word of the form of a transaction (call the fact by another name)",
        ),
        ("EI: IE,", "EI: EUR,", "unknown place `EUR` (did you mean `EU` or `ER`?)"),
        (
            "then: '[A-Z]{3,4}'",
            "then: '[A-Z{3,4}'",
            "not a regular expression: unterminated character set at position 0",
        ),
        ("'HL[0-9]{4}': KR", "'HL[0-9]{4}': EUR", "unknown place `EUR` (did you mean `EU` or `ER`?)"),
        ("'HL[0-9]{4}': KR", "'HL[0-9{4}': KR", "not a regular expression: unterminated character set at position 2"),
        (
            "      asset.registered_in:\n        until",
            "      asset.registred_in:\n        until",
            "unknown fact `asset.registred_in` "
            "(did you mean `asset.registered_in` or `asset.registration` or `asset.origin`?)",
        ),
        ("also: [hts, cn]", "also: [origin]", "`origin` is also a name of `item.origin`"),
    ],
)
def test_a_fact_names_what_is_there(good: str, bad: str, said: str) -> None:
    assert faults(good, good) == []
    assert said in faults(good, bad)


PLANE = "subjects/zz/plane.subject.yaml"
GAMMA = "subjects/zz/gamma.subject.yaml"


@pytest.mark.parametrize(
    ("path", "good", "bad", "said"),
    [
        (PLANE, "operator: zz.alpha", "operator: zz.alfa", "unknown subject `zz.alfa`"),
        (PLANE, "operator: zz.alpha", "oprator: zz.alpha", "unknown fact `asset.oprator`"),
        (PLANE, "facts: {registration: ZZ-ABC", "facts: {registration: '??'", "`??` is no registration"),
        (GAMMA, "percent: 60}", "percent: 60, from: 2023-02-29}", "`2023-02-29` is no day of the calendar"),
    ],
)
def test_a_record_fits_the_vocabulary(path: str, good: str, bad: str, said: str) -> None:
    assert good in FILES[path]
    found = faults(FACTS, FACTS, {path: FILES[path].replace(good, bad, 1)})
    assert len(found) == 1 and found[0].startswith(said)


@pytest.mark.parametrize(
    ("type_", "test", "stated"),
    [("number", "more_than: 5", ["3", "6"]), ("date", "from: 2024-01-01", ["2020-01-01", "2024-01-01"])],
)
def test_one_of_several_values_is_enough(type_: str, test: str, stated: list[str]) -> None:
    path = "xx/office/goods.prohibition.yaml"
    goods = FILES[path].replace("{fact: item.destination, is: BY}", f"{{fact: item.marks, {test}}}")
    found = documents({path: goods})
    new = FACTS + f"  item.marks: {{type: {type_}, many: true, question: 'Which marks has {{thing}}?'}}\n"
    found["vocabulary.yaml"] = parse_document(VOCABULARY.replace(FACTS, new, 1), "rules/vocabulary.yaml")
    engine = Engine(build_rules(found))
    item = {"name": "part", "origin": "US", "end_user": "B", "eccn": "EAR99"}
    act = {"activity": "sale", "at": "2024-06-01T12:00:00Z", "parties": [{"name": "A", "roles": ["seller"]}]}
    verdicts = [
        engine.check({**act, "items": [{**item, "marks": marks}]}).verdict("xx.office")
        for marks in (stated, stated[:1])
    ]
    assert verdicts[0] == "license_required" and verdicts[1] != "license_required"
