"""The transaction as a user states it: a pydantic model made from the vocabulary, so that new facts are data."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, ForwardRef, Literal, Union

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, create_model
from pydantic_core import PydanticCustomError

from carveout.engine.law.clocks import parse_date, parse_instant, zone_named
from carveout.engine.law.documents import did_you_mean
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.law.vocabulary import LINKS, YES_NO, Fact, Vocabulary

MAX_TEXT = 2_000
MAX_THINGS = 1_000
MAX_ACTS = 100
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def _fault(message: str, **context: Any) -> PydanticCustomError:
    return PydanticCustomError("fact", message.replace("{", "{{").replace("}", "}}"), context or None)


def _checked(function: Callable[[str], Any]) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        try:
            return function(value)
        except ValueError as error:
            raise _fault(str(error)) from None

    return check


def _text(value: Any) -> Any:
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise _fault(f"text is longer than {MAX_TEXT} characters")
        if _LONE_SURROGATE.search(value) or "\x00" in value:
            raise _fault("text is not valid Unicode")
        return value.strip()
    raise _fault("must be text")


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise _fault("must be a number")
    if isinstance(value, str) and len(value) > 40:
        raise _fault("must be a number of at most 40 characters")
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise _fault("must be a number") from None
    if not number.is_finite() or abs(number) > Decimal("1e18"):
        raise _fault("must be a finite number, at most 1e18")
    return number


def _percent(value: Any) -> Decimal:
    number = _number(value)
    if not 0 <= number <= 100:
        raise _fault("a percentage lies between 0 and 100")
    return number


def _yes_no(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in YES_NO:
        return YES_NO[value.strip().lower()]
    raise _fault("must be `yes` or `no`")


def _word_check(allowed: dict[str, Any], kind: str, upper: bool) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        text = _text(value)
        for candidate in (text, text.upper() if upper else text.lower()):
            if candidate in allowed:
                return str(candidate)
        raise _fault(f"unknown {kind} `{text[:80]}`: {did_you_mean(text[:80], allowed)}")

    return check


Text = Annotated[str, BeforeValidator(_text)]
Percent = Annotated[Decimal, BeforeValidator(_percent), WithJsonSchema({"type": ["number", "string"], "title": "percent, 0 to 100"})]
Number = Annotated[Decimal, BeforeValidator(_number), WithJsonSchema({"type": ["number", "string"]})]
YesNo = Annotated[bool, BeforeValidator(_yes_no), WithJsonSchema({"enum": ["yes", "no", True, False]})]
Day = Annotated[Text, AfterValidator(_checked(lambda v: parse_date(v) and v)), WithJsonSchema({"type": "string", "format": "date"})]


def _many(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


class Strict(BaseModel):
    """Unknown fields are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, protected_namespaces=())


def _type_of(fact: Fact, vocabulary: Vocabulary, party: Any, asset: Any) -> Any:
    kind = fact.type
    if kind == "place":
        base: Any = Annotated[str, BeforeValidator(_word_check(vocabulary.places, "place", True)),
                              WithJsonSchema({"type": "string", "examples": ["US", "BY", "UA-43"]})]  # fmt: skip
    elif kind in vocabulary.words:
        words = vocabulary.words[kind]
        base = Annotated[str, BeforeValidator(_word_check(dict(words), kind.replace("_", " "), False)),
                         WithJsonSchema({"type": "string", "enum": list(words)})]  # fmt: skip
    elif kind in vocabulary.codes:
        base = Text
    elif kind in LINKS:
        base = Union[Text, party if LINKS[kind] == "party" else asset]
    else:
        base = {"yes_no": YesNo, "number": Number, "percent": Percent, "date": Day, "text": Text, "subject": Text}[kind]
    if fact.many:
        return Union[Annotated[list[base], BeforeValidator(_many), Field(max_length=MAX_THINGS)], None]
    return Union[base, None]


STRUCTURAL = {"party": ("role", "subject", "status"), "asset": ("subject", "status"), "item": (), "act": ("activity",)}
"""Facts that are stated in another form than the others."""


def statement_model(rules: RuleSet) -> type[BaseModel]:
    """The pydantic model of a transaction (or of a deal of several acts) under a rule set's vocabulary."""
    vocabulary = rules.vocabulary
    subjects = set(rules.subjects)
    statuses = {s for a in rules.authorities.values() for n, lst in a.lists.items() for s in (n, *(f"{n}/{p}" for p in lst.programmes))}

    def known(names: set[str], what: str) -> Any:
        def check(value: str) -> str:
            if value not in names:
                raise _fault(f"unknown {what} `{value[:80]}`: {did_you_mean(value[:80], names)}")
            return value

        return Annotated[Text, AfterValidator(check)]

    subject, status = known(subjects, "subject"), known(statuses, "status")
    role = Annotated[str, BeforeValidator(_word_check(dict(vocabulary.words.get("role", {})), "role", False)),
                     WithJsonSchema({"type": "string", "enum": list(vocabulary.words.get("role", {}))})]  # fmt: skip

    def facts_of(thing: str, party: Any, asset: Any) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for fact in vocabulary.facts_of(thing):
            if fact.name not in STRUCTURAL[thing]:
                fields[fact.name] = (_type_of(fact, vocabulary, party, asset), Field(None, title=fact.title, description=fact.question))
                for other in fact.also:
                    fields[other] = (_type_of(fact, vocabulary, party, asset), Field(None, title=fact.title, description=f"the same as `{fact.name}`"))
        return fields

    identity: dict[str, Any] = {
        "id": (Text | None, Field(None, description="how other things of this transaction refer to it")),
        "name": (Text | None, Field(None, description="its name as it stands on the papers")),
        "subject": (subject | None, Field(None, description="who it is, where that has been established")),
        "not_subject": (Annotated[list[subject], BeforeValidator(_many)], Field([], description="who it is not")),
        "listed": (Annotated[list[status], BeforeValidator(_many)], Field([], description="statuses known to the user")),
        "identifiers": (dict[Text, Text], Field({}, max_length=20, description="tax number, LEI, BIC, IMO ...")),
    }
    party, asset, owner = ForwardRef("Party"), ForwardRef("Asset"), ForwardRef("Owner")
    owners = Annotated[list[owner], Field(max_length=MAX_THINGS)] | None  # type: ignore[valid-type]
    controllers = Annotated[list[Union[Text, party]], BeforeValidator(_many), Field(max_length=MAX_THINGS)] | None
    models: dict[str, Any] = {"Text": Text}
    models["Owner"] = create_model("Owner", __base__=Strict, __doc__="A share in a party.", **{
        "party": (Union[Text, party, None], None), "unknown": (YesNo | None, None), "percent": (Percent, ...),
        "since": (Day | None, Field(None, alias="from")), "until": (Day | None, None), "joint": (YesNo | None, None),
    })  # fmt: skip
    models["Party"] = create_model("Party", __base__=Strict, __doc__="A person or organisation.", **{
        **identity, **facts_of("party", party, asset),
        "roles": (Annotated[list[role], BeforeValidator(_many)], Field([], description="its part in the act")),
        "owners": (owners, Field(None, description="shares in it; a stated list is complete")),
        "controlled_by": (controllers, Field(None, description="who controls it otherwise than by shares; [] nobody")),
    })  # fmt: skip
    models["Asset"] = create_model("Asset", __base__=Strict, __doc__="An aircraft, a vessel, property that is held.",
                                   **{**identity, **facts_of("asset", party, asset)})  # fmt: skip
    for name in ("Owner", "Party", "Asset"):
        models[name].model_rebuild(_types_namespace=models)
    party, asset = models["Party"], models["Asset"]
    sets = known(set(vocabulary.sets), "set of codes")
    item = create_model("Item", __base__=Strict, __doc__="Goods, software or technology.", **{
        "id": identity["id"], "name": identity["name"], **facts_of("item", party, asset),
        "in_sets": (Annotated[list[sets], BeforeValidator(_many)], Field([], description="sets of codes it is known to be in")),
        "not_in_sets": (Annotated[list[sets], BeforeValidator(_many)], Field([], description="sets it is known not to be in")),
    })  # fmt: skip
    authorisation = create_model("Authorisation", __base__=Strict, __doc__="An authorisation the user holds.", **{
        "issuer": (known(set(rules.authorities), "authority"), ...), "reference": (Text, ...),
        "lifts": (list[known({n.id for n in rules.norms.values() if n.kind == "prohibition"}, "prohibition")], []),
        "grants": (known({n.id for n in rules.norms.values() if n.kind == "exemption"}, "exemption") | None, None),
        "things": (list[Text], Field([], description="ids or names of what it is limited to")),
        "valid_from": (Text | None, Field(None, alias="from")), "until": (Text | None, None),
    })  # fmt: skip
    grounds = {ground.id for authority in rules.authorities.values() for ground in authority.grounds.values()}
    things: dict[str, Any] = {
        "parties": (Annotated[list[Text | party], Field(max_length=MAX_THINGS)] | None, Field(None, description="everybody with a part in it")),
        "items": (Annotated[list[Text | item], Field(max_length=MAX_THINGS)] | None, Field(None, description="goods, software, technology")),
        "assets": (Annotated[list[Text | asset], Field(max_length=MAX_THINGS)] | None, Field(None, description="aircraft, vessels, property")),
        "none": (Annotated[list[Literal["items", "assets"] | role], BeforeValidator(_many)], Field([], description="roles nobody fills")),
        "authorisations": (list[authorisation], Field([], max_length=100)),
        "grounds": (list[known(grounds, "ground of nexus")], Field([], max_length=100)),
        "end_user": (Text | party | None, None), "aircraft": (Text | asset | None, None),
    }  # fmt: skip
    when: dict[str, Any] = {
        "at": (Annotated[Text, AfterValidator(_checked(lambda v: v))] | None, Field(None, examples=["2025-09-10T12:00:00-04:00", "2025-09-11"])),
        "zone": (Annotated[Text, AfterValidator(_checked(lambda v: zone_named(v) and v))] | None, Field(None, examples=["America/New_York"])),
        "asked_on": (Day | None, None), "reference": (Text | None, None),
        "activity": (Annotated[str, BeforeValidator(_word_check(dict(vocabulary.words.get("activity", {})), "activity", False)),
                     WithJsonSchema({"type": "string", "enum": list(vocabulary.words.get("activity", {}))})] | None, None),
    }  # fmt: skip
    act_fields = {**when, **facts_of("act", party, asset), **things}
    act = create_model("Act", __base__=Strict, __doc__="One act at one moment.", **act_fields)
    return create_model(
        "Transaction", __base__=Strict, __doc__="One act, or with `acts` a deal of several.", **act_fields,
        acts=(Annotated[list[act], Field(min_length=1, max_length=MAX_ACTS)] | None, None),
    )  # fmt: skip


__all__ = ["MAX_THINGS", "Strict", "parse_instant", "statement_model"]
