"""Faults planted in the engine, one at a time: the suite must catch each, and nothing where none is planted.

What is run here is a part of the suite that takes a second: the worked cases, lessons of the two laws, and the plain
engine beside the fast one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from carveout.engine import Engine, StatementError
from carveout.engine.decide import evaluation, held, joint_leaves, leaves, program, statuses
from carveout.engine.decide.compile import Compiled
from carveout.engine.decide.decision import Decider
from carveout.engine.decide.settling import AUTHORIZED, GRANTABLE
from carveout.engine.facts.acts import ActReader
from carveout.engine.law import clocks, reading
from carveout.engine.law.clocks import FOREVER, Boundary, Effective
from carveout.engine.law.conditions import ConditionReader, Names
from carveout.engine.law.norms import Exemption, Prohibition
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.law.truth import FALSE, TRUE, UNKNOWN
from carveout.engine.parties import shares
from carveout.engine.parties.identity import NOBODY, Identifier, Who

from .directed import engaging
from .learning import Lesson, lesson
from .mutants import mutant
from .plain import Plain
from .test_plain import differences
from .world import OUTCOMES, Statement, engine, left, prohibitions

pytestmark = pytest.mark.meaning

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], None]


@cache
def cases() -> tuple[dict[str, Any], ...]:
    """The worked cases that the engine meets."""
    found = []
    for path in sorted(OUTCOMES.glob("*/*.yaml")):
        found += yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return tuple(case for case in found if "known_gap" not in case and not missed(engine(), case))


def missed(by: Engine, case: dict[str, Any]) -> list[str]:
    """The authorities about which the engine and the case differ."""
    try:
        decision = by.check(case["transaction"])
    except Exception as error:
        return [f"{case['id']}: {error}"]
    said = {entry["authority"]: entry["verdict"] for entry in decision.body["authorities"]}
    return [
        id for id, word in case["expected"].items() if said[id] != word.removesuffix("_block").removesuffix("_reject")
    ]


@cache
def lessons() -> tuple[Lesson, ...]:
    """Lessons of the two laws, made by the sound engine."""
    found = [lesson(Random(seed), mutant(Random(seed))) for seed in range(350)]
    return tuple(pair for pair in found if pair is not None)


@cache
def statements() -> tuple[Statement, ...]:
    """Statements for the plain engine: mutants, an item unlike the one beside it, a thing under many programmes."""
    found = [mutant(Random(seed), most=3) for seed in range(20)]
    for seed, norm in enumerate(prohibitions()):
        if norm.for_each == "item" and norm.authority == "us.bis" and len(found) < 30:
            statement = engaging(Random(seed), norm)
            foreign = {"id": "foreign", "origin": ["JP"], "us_content_percent": "0", "us_direct_product": "no"}
            statement["items"].append({**statement["items"][0], **foreign})
            found.append(statement)
        if norm.for_each == "party" and norm.statuses and seed % 7 == 0:
            found.append(for_one_of_two(engaging(Random(seed), norm), norm))
        for exemption in engine().rules.exemptions_for.get(norm.id, ()):
            if norm.statuses and exemption.statuses and len(found) < 45:
                statement = engaging(Random(seed), norm, exemption)
                for thing in (*statement["parties"], *statement["assets"]):
                    if "listed" in thing:
                        thing["listed"] = sorted({*thing["listed"], *norm.statuses})
                found.append(statement)
    return tuple(found)


def for_one_of_two(statement: Statement, norm: Prohibition) -> Statement:
    """The same with a second party like the first, and a permit that does not say which of them it is for."""
    permit = {"issuer": norm.authority, "reference": "2025/2", "lifts": [norm.id]}
    twin = next((party for party in statement["parties"] if "listed" in party), statement["parties"][0])
    parties = [*statement["parties"], {**twin, "id": "twin", "name": "Twin of it"}]
    return {**statement, "parties": parties, "authorisations": [permit]}


def conditions(by: Engine) -> str:
    """Where a compiled condition differs from the plain one; quantifiers of every kind, which few shipped norms use."""
    vocabulary, rules = by.rules.vocabulary, by.rules
    reader = ConditionReader(vocabulary, Names(frozenset(rules.subjects), frozenset(), frozenset(rules.authorities)))
    leaf = {"fact": "party.country", "is": "BY"}
    here = {"fact": "item.end_user.country", "in": ["BY", "RU"]}
    raws: list[tuple[str, Any]] = [
        (kind, {f"{how}_{thing}": part, **({"if_empty": empty} if how == "every" else {})})
        for kind in ("act", "party")
        for thing, part in (("party", leaf), ("item", here), ("asset", {"fact": "asset.eccn", "is": "9A991"}))
        for how in ("any", "every")
        for empty in ("holds", "fails")
    ]
    for statement in [
        {"activity": "service", "at": "2024-01-01T12:00:00Z", "none": ["actor", "counterparty"]},
        *statements()[:15],
    ]:
        try:
            act = by.reader.read(statement).acts[0]
        except StatementError:
            continue
        by.identifier.screen(act)
        by.identifier.assume(act, next(iter(by.identifier.hypotheses(act))))
        plain = Plain(rules, evaluation.Evaluation(by.program, act, act.at.first))
        for kind, raw in raws:
            condition = reader.read(raw, kind)
            asked = Compiled(condition, vocabulary, kind)
            for thing in plain.things(kind):
                if Plain.bits(asked.truth(thing, act)) != plain.ask(condition, thing, {}):
                    return f"{raw} of {thing.name}"
    return ""


def caught(by: Engine) -> str:
    """The first thing that part of the suite finds wrong; nothing if it finds nothing."""
    for case in cases():
        if missed(by, case):
            return f"case {case['id']}: {missed(by, case)}"
    for pair in lessons():
        try:
            less, more = by.check(pair.less), by.check(pair.more)
        except (StatementError, ValueError):
            continue
        if left(more, less) or (more.outcome != "proceed" and less.outcome == "proceed"):
            return f"law: {pair.learned}: {left(more, less)}"
    if fault := conditions(by):
        return f"condition: {fault}"
    for statement in statements():
        for fault in differences(statement, by):
            return f"plain: {fault}"
    for statement in TWO_PROGRAMMES, TWO_ITEMS:
        for fault in differences(statement, Engine(narrowed(by.rules))):
            return f"plain: {fault}"
    return ""


TWO_PROGRAMMES: Statement = {
    "activity": "wind_down",
    "at": "2023-08-20T12:00:00-04:00",
    "parties": [
        {"name": "Great Lakes Consultancy LLC", "roles": ["actor"], "country": "US"},
        {"name": "Belavia", "roles": ["counterparty"], "listed": ["us.ofac.sdn/BELARUS"]},
    ],
    "items": [],
}
TWO_ITEMS: Statement = {
    "activity": "sale",
    "at": "2024-02-01T12:00:00+01:00",
    "place": "TR",
    "parties": [
        {"name": "Bosphorus Teknik AS", "roles": ["seller"], "country": "TR"},
        {"name": "Minsk Shop", "roles": ["buyer", "end_user"], "country": "BY"},
    ],
    "items": [
        {
            "name": f"part from {origin}",
            "eccn": "9A991.d",
            "hs": "8807.30",
            "origin": origin,
            "us_content_percent": "0",
            "us_direct_product": "no",
            "destination": "BY",
        }
        for origin in ("US", "JP")
    ],
    "assets": [],
}


def narrowed(rules: RuleSet) -> RuleSet:
    """The shipped rules with one licence for one programme only, of which they hold none."""
    norms = dict(rules.norms)
    licence = norms["us.ofac.belarus.gl-9"]
    assert isinstance(licence, Exemption)
    norms[licence.id] = dataclasses.replace(licence, statuses=("us.ofac.sdn/BELARUS-EO14038",))
    return dataclasses.replace(rules, norms=norms)


# ---- the faults

absent, real_open = leaves.FactLeaf.absent, ActReader._open


def an_unknown_skipped(patch: Patch) -> None:
    patch.setattr(leaves.FactLeaf, "absent", lambda *args: t if (t := absent(*args)) != UNKNOWN else FALSE)


def a_claim_believed_that_nobody_made(patch: Patch) -> None:
    def ask(self: Any, thing: Any, act: Any, fact: Any = None) -> int:
        return TRUE if (fact or self.fact).absent == "claimed" else absent(self, thing, act, fact)

    patch.setattr(leaves.FactLeaf, "absent", ask)


def an_assumption_about_a_party_nobody_named(patch: Patch) -> None:
    def named(self: Any, *args: Any, **more: Any) -> Any:
        thing = real_open(self, *args, **more)
        thing.open = False
        return thing

    patch.setattr(ActReader, "_open", named)


def no_placeholder_for_an_unfilled_role(patch: Patch) -> None:
    patch.setattr(ActReader, "_open_roles", lambda *args: None)


def any_for_all(patch: Patch) -> None:
    real = Compiled._expression

    def either(self: Any, shape: Any) -> str:
        return real(self, shape if isinstance(shape, int) or shape[0] != "all" else ("any", shape[1]))

    patch.setattr(Compiled, "_expression", either)


def any_for_every(patch: Patch) -> None:
    real = joint_leaves.QuantifiedLeaf.__init__

    def change(self: Any, condition: Any, *args: Any) -> None:
        real(self, dataclasses.replace(condition, kind="any"), *args)

    patch.setattr(joint_leaves.QuantifiedLeaf, "__init__", change)


def every_of_an_empty_list_the_wrong_way(patch: Patch) -> None:
    real = joint_leaves.QuantifiedLeaf.__init__

    def change(self: Any, condition: Any, *args: Any) -> None:
        real(self, dataclasses.replace(condition, if_empty=not condition.if_empty), *args)

    patch.setattr(joint_leaves.QuantifiedLeaf, "__init__", change)


def the_end_of_the_day_for_the_hour(patch: Patch) -> None:
    real = clocks.parse_boundary

    def late(raw: Any, zone: ZoneInfo) -> Boundary:
        found = real(raw, zone)
        if found.after != found.by or isinstance(raw, Mapping):
            return found
        day = datetime.fromtimestamp(found.by, UTC).astimezone(zone).replace(hour=0, minute=0, second=0)
        end = int((day + timedelta(days=1)).timestamp())
        return Boundary(end, end, found.published) if "T" in str(raw) else found

    patch.setattr(reading, "parse_boundary", late)


def the_clock_of_greenwich_for_that_of_the_authority(patch: Patch) -> None:
    real = clocks.parse_boundary
    patch.setattr(reading, "parse_boundary", lambda raw, zone: real(raw, ZoneInfo("UTC")))


def until_counts(patch: Patch) -> None:
    real = Effective.in_force

    def longer(self: Effective, moment: int) -> int:
        ends = Boundary(self.ends.after + 1, self.ends.by + 1, self.ends.published)
        return real(dataclasses.replace(self, ends=ends), moment)

    stretch = program.sure_stretch
    patch.setattr(Effective, "in_force", longer)
    patch.setattr(program, "sure_stretch", lambda effective: (stretch(effective)[0], stretch(effective)[1] + 1))


def a_bare_date_as_its_first_moment(patch: Patch) -> None:
    real = Decider._evaluations

    def first(self: Decider, act: Any) -> Iterator[Any]:
        yield next(real(self, act))

    patch.setattr(Decider, "_evaluations", first)


def a_licence_for_one_programme_used_for_another(patch: Patch) -> None:
    real = program.Cover.__init__

    def forget(self: Any, *args: Any) -> None:
        real(self, *args)
        self.statuses = frozenset()

    patch.setattr(program.Cover, "__init__", forget)


def an_exclusion_forgotten(patch: Patch) -> None:
    real = program.Cover.__init__

    def forget(self: Any, *args: Any) -> None:
        real(self, *args)
        self.excepts = []

    patch.setattr(program.Cover, "__init__", forget)


def a_stale_text_trusted(patch: Patch) -> None:
    real = reading.NormReader._exemption

    def fresh(self: Any, *args: Any) -> Any:
        norm = real(self, *args)
        return dataclasses.replace(norm, stale_from=FOREVER) if isinstance(norm, Exemption) else norm

    patch.setattr(reading.NormReader, "_exemption", fresh)


def unresolved_law_ignored(patch: Patch) -> None:
    patch.setattr(evaluation.Evaluation, "_open", lambda self, questions, truth, thing: (truth, ()))


def a_permit_that_nobody_holds(patch: Patch) -> None:
    real = evaluation.Evaluation._shield

    def granted(self: Any, *args: Any) -> Any:
        shield = real(self, *args)
        return shield._replace(how=AUTHORIZED) if shield is not None and shield.how == GRANTABLE else shield

    patch.setattr(evaluation.Evaluation, "_shield", granted)


def a_permit_for_nobody_is_for_everybody(patch: Patch) -> None:
    patch.setattr(held, "UNKNOWN", TRUE)


def one_shield_for_all_engagements(patch: Patch) -> None:
    real = evaluation.Evaluation.settle

    def shared(self: Any, findings: list[Any], everything: list[Any]) -> None:
        every = tuple(dict.fromkeys(shield for finding in findings for shield in finding.shields))
        for finding in findings:
            finding.shields = every
        real(self, findings, everything)

    patch.setattr(evaluation.Evaluation, "settle", shared)


def an_unknown_shield_trusted(patch: Patch) -> None:
    real = evaluation.Evaluation._shield

    def sure(self: Any, *args: Any) -> Any:
        shield = real(self, *args)
        return shield if shield is None else shield._replace(truth=TRUE)

    patch.setattr(evaluation.Evaluation, "_shield", sure)


def more_than_for_at_least(patch: Patch) -> None:
    patch.setattr(shares.Policy, "met_by", lambda self, share: share > self.threshold)


def shares_not_added_up(patch: Patch) -> None:
    real = shares.Tally.share
    patch.setattr(shares.Tally, "share", lambda self, adds_up: real(self, False))


def shares_multiplied_away(patch: Patch) -> None:
    real = shares.Tally.share
    patch.setattr(shares.Tally, "share", lambda self, adds_up: real(self, adds_up) * Decimal("0.9"))


def the_ownership_rule_of_one_authority_used_by_another(patch: Patch) -> None:
    real = statuses.Statuses.seen_by

    def all_see(self: Any, authority: str) -> Any:
        return real(self, "us.ofac")

    patch.setattr(statuses.Statuses, "seen_by", all_see)


def a_possible_identity_taken_for_none(patch: Patch) -> None:
    real = Identifier._options

    def only_sure(self: Identifier, thing: Any) -> tuple[Who, ...]:
        found = real(self, thing)
        return (NOBODY,) if NOBODY in found else found

    patch.setattr(Identifier, "_options", only_sure)


def the_other_verdict_read_without_supposing_nexus(patch: Patch) -> None:
    real = evaluation.Evaluation.range_of
    patch.setattr(evaluation.Evaluation, "range_of", lambda self, authority, supposing: real(self, authority, False))


def nexus_of_the_deal_for_that_of_the_item(patch: Patch) -> None:
    real = evaluation.Evaluation._ground

    def anywhere(self: Any, id: str, thing: Any) -> int:
        truth = real(self, id, thing)
        for each in self.act.items if thing is not self.act else ():
            truth |= real(self, id, each)
        return truth

    patch.setattr(evaluation.Evaluation, "_ground", anywhere)


PLANTS: tuple[Plant, ...] = (
    an_unknown_skipped,
    a_claim_believed_that_nobody_made,
    an_assumption_about_a_party_nobody_named,
    no_placeholder_for_an_unfilled_role,
    any_for_all,
    any_for_every,
    every_of_an_empty_list_the_wrong_way,
    the_end_of_the_day_for_the_hour,
    the_clock_of_greenwich_for_that_of_the_authority,
    until_counts,
    a_bare_date_as_its_first_moment,
    a_licence_for_one_programme_used_for_another,
    an_exclusion_forgotten,
    a_stale_text_trusted,
    unresolved_law_ignored,
    a_permit_that_nobody_holds,
    a_permit_for_nobody_is_for_everybody,
    one_shield_for_all_engagements,
    an_unknown_shield_trusted,
    more_than_for_at_least,
    shares_not_added_up,
    shares_multiplied_away,
    the_ownership_rule_of_one_authority_used_by_another,
    a_possible_identity_taken_for_none,
    the_other_verdict_read_without_supposing_nexus,
    nexus_of_the_deal_for_that_of_the_item,
)


def test_without_a_fault_nothing_is_caught() -> None:
    assert len(cases()) > 200
    assert len(lessons()) > 150
    assert caught(Engine.load()) == ""


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_planted_fault_is_caught(plant: Plant, monkeypatch: Patch) -> None:
    cases(), lessons(), statements()  # by the sound engine, before anything is planted
    plant(monkeypatch)
    found = caught(Engine.load())
    assert found, f"{plant.__name__} goes unseen"
    print(found)
