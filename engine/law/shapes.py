"""The shape of each kind of rule file: which keys it has and of what type."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _one_or_many(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


class Shape(BaseModel):
    """Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CitationShape(Shape):
    """Where a norm stands and where the fact came from."""

    instrument: str = Field(min_length=1)
    paragraph: str = ""
    published: str = ""
    source: str = Field(min_length=1)
    sure: Literal["primary", "secondary", "recalled"]


Citations = Annotated[list[CitationShape], BeforeValidator(_one_or_many), Field(min_length=1)]
Words = Annotated[list[str], BeforeValidator(_one_or_many)]


class EffectiveShape(Shape):
    """From when to when, and when not."""

    begins: Any = Field(None, alias="from")
    until: Any = None
    since_unknown: bool = False
    suspended: list[StretchShape] = []


class StretchShape(Shape):
    """A stretch of time."""

    begins: Any = Field(alias="from")
    until: Any = None


class UnresolvedShape(Shape):
    """An open question of law."""

    question: str = Field(min_length=1)
    readings: list[str] = []
    sources: Words = []
    when: dict[str, Any] | None = None
    begins: Any = Field(None, alias="from")
    until: Any = None
    lifts: bool = False


class NormShape(Shape):
    """What every norm has."""

    title: str = Field(min_length=1)
    authority: str
    citation: Citations
    effective: EffectiveShape
    checked: str
    unresolved: list[UnresolvedShape] = []
    notes: str = ""
    event: Words = []


class ListingShape(NormShape):
    """.listing.yaml"""

    list_: str = Field(alias="list")
    programmes: list[str] = Field(min_length=1)
    subject: str | None = None
    members: dict[str, Any] | None = Field(None, alias="class")
    number: str = ""


class ProhibitionShape(NormShape):
    """.prohibition.yaml; for several kinds of thing, `when`, `block` and `reject` are said for each kind."""

    for_each: Annotated[
        list[Literal["party", "item", "asset", "act"]], BeforeValidator(_one_or_many), Field(min_length=1)
    ]
    grounds: list[str] = Field(min_length=1)
    programmes: list[str] = []
    when: dict[str, Any] | None = None
    effect: Literal["prohibited", "license_required", "review"]
    block: dict[str, Any] | None = None
    reject: dict[str, Any] | None = None


class ExclusionShape(Shape):
    """One `except`."""

    label: str = Field(min_length=1)
    citation: CitationShape | None = None
    when: dict[str, Any]


class ExemptionShape(NormShape):
    """.exemption.yaml"""

    lifts_as: Literal["authorized", "not_prohibited"]
    shields: list[str] = Field(min_length=1)
    programmes: list[str] = []
    covers: dict[Literal["party", "item", "asset", "act"], dict[str, Any]] = Field(min_length=1)
    excepts: list[ExclusionShape] = Field([], alias="except")
    granted: bool = False
    conditions: list[str] = []
    stale_after: str | None = None


class OwnershipShape(NormShape):
    """.ownership.yaml"""

    lists: list[str] = Field(min_length=1)
    at_least: Decimal | None = None
    more_than: Decimal | None = None
    adds_up: bool
    control: bool


class AfterShape(Shape):
    """The findings a duty follows from."""

    prohibitions: list[str] = Field(min_length=1)
    manner: Literal["block", "reject", "any"] = "any"


class DueShape(Shape):
    """By when."""

    business_days: int | None = Field(None, ge=0, le=400)
    days: int | None = Field(None, ge=0, le=4000)
    months: int | None = Field(None, ge=0, le=240)
    each_year_on: str | None = None
    as_of: str | None = None
    years: int | None = Field(None, ge=0, le=100)


class DutyShape(NormShape):
    """.duty.yaml"""

    duty: Literal["report", "record", "caution", "cite"]
    report: str = ""
    for_each: Literal["party", "item", "asset", "act"] | None = None
    grounds: list[str] = []
    when: dict[str, Any] | None = None
    after: AfterShape | None = None
    due: DueShape = DueShape.model_validate({})
    says: str = Field(min_length=1)


class OfficialShape(Shape):
    """How the files of official lists name what norms call a programme of a list."""

    programme: str
    status: Words = Field(min_length=1)
    says: dict[str, Words] = {}
    part: dict[str, Words] = {}


class ListShape(Shape):
    """A list of an authority."""

    title: str
    programmes: list[str] = Field(min_length=1)
    official: list[OfficialShape] = []


class GroundShape(Shape):
    """A ground of nexus."""

    title: str
    citation: Citations
    when: dict[str, Any] | None = None
    party: dict[str, Any] | None = None
    item: dict[str, Any] | None = None
    asset: dict[str, Any] | None = None


class AuthorityShape(Shape):
    """authority.yaml"""

    title: str
    short: str
    zone: str
    calendar: str
    countries: list[str]
    advisory: bool = False
    lists: dict[str, ListShape] = {}
    grounds: dict[str, GroundShape] = Field(min_length=1)
    citation: Any = None
    notes: str = ""


class NameShape(Shape):
    """One name of a subject."""

    name: str = Field(min_length=1)
    kind: Literal["primary", "alias", "weak"] = "alias"
    lang: str = ""


class HoldingShape(Shape):
    """A share held by a subject."""

    subject: str
    percent: Decimal = Field(gt=0, le=100)
    begins: str | None = Field(None, alias="from")
    until: str | None = None
    citation: Any = None
    notes: str = ""


class SubjectShape(Shape):
    """.subject.yaml"""

    kind: Literal[
        "person", "organisation", "government", "international_organisation", "aircraft", "vessel", "property"
    ]
    names: list[NameShape] = Field(min_length=1)
    identifiers: dict[str, str] = {}
    facts: dict[str, Any] = {}
    owners: list[HoldingShape] = []
    citation: Citations
    notes: str = ""


SHAPES: dict[str, type[NormShape]] = {
    "listing": ListingShape,
    "prohibition": ProhibitionShape,
    "exemption": ExemptionShape,
    "ownership": OwnershipShape,
    "duty": DutyShape,
}
EffectiveShape.model_rebuild()
