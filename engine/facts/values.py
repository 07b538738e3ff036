"""How a single value of a fact is read: text, numbers, dates, words, places. Everything else is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, GetJsonSchemaHandler, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from carveout.engine.facts.places import read_place
from carveout.engine.law.clocks import parse_date, zone_named
from carveout.engine.law.documents import did_you_mean
from carveout.engine.law.vocabulary import YES_NO

MAX_TEXT = 2_000
MAX_NAME = 500
NOT_TEXT = "must be text"
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def fault(message: str) -> PydanticCustomError:
    """A fault with exactly these words."""
    return PydanticCustomError("fact", message.replace("{", "{{").replace("}", "}}"))


def read_text(value: object) -> str:
    """Text of bounded length that can be written as UTF-8."""
    if not isinstance(value, str):
        raise fault(NOT_TEXT)
    if len(value) > MAX_TEXT:
        raise fault(f"text is longer than {MAX_TEXT} characters")
    if _LONE_SURROGATE.search(value) or "\x00" in value:
        raise fault("text is not valid Unicode")
    return value.strip()


def read_number(value: object) -> Decimal:
    """An exact, finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise fault("must be a number")
    if isinstance(value, str | int) and len(str(value)) > 40:
        raise fault("must be a number of at most 40 characters")
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise fault("must be a number") from None
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or number.adjusted() > 18 or exponent < -30:
        raise fault("must be a finite number, at most 1e18, with at most 30 decimals")
    return number


def read_percent(value: object) -> Decimal:
    """A number from 0 to 100."""
    number = read_number(value)
    if not 0 <= number <= 100:
        raise fault("a percentage lies between 0 and 100")
    return number


def read_yes_no(value: object) -> bool:
    """yes or no, true or false."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in YES_NO:
        return YES_NO[value.strip().lower()]
    raise fault("must be `yes` or `no`")


def _checked(check: Callable[[str], object]) -> Callable[[str], str]:
    def read(value: str) -> str:
        try:
            check(value)
        except ValueError as error:
            raise fault(str(error)) from None
        return value

    return read


def place_of(places: Mapping[str, str]) -> Any:
    """The type of a place: its code, or a name that means one place and is kept beside the code."""

    def read(value: object) -> str:
        try:
            return read_place(read_text(value), places)
        except ValueError as error:
            raise fault(str(error)) from None

    schema = {"type": "string", "description": "a code as in ISO 3166-1, or a name of the place"}
    return Annotated[str, PlainValidator(read), WithJsonSchema(schema)]


def one_of(
    allowed: Mapping[str, Any] | Iterable[str], what: str, *, enum: bool = False, also: Container[str] = ()
) -> Any:
    """The type of a word of a closed list; case does not count. `also`: more of them, too many to go through."""
    words = dict.fromkeys(allowed)

    def read(value: object) -> str:
        text = read_text(value)
        for candidate in (text, text.lower()):
            if candidate in words or candidate in also:
                return candidate
        raise fault(f"unknown {what} `{text[:80]}`: {did_you_mean(text[:80], words)}")

    schema: dict[str, Any] = {"type": "string", "enum": list(words)} if enum and words else {"type": "string"}
    return Annotated[str, BeforeValidator(read), WithJsonSchema(schema)]


def many(each: Any, most: int) -> Any:
    """The type of a list (or a single value for a list of one)."""

    def bounded(value: object) -> list[Any]:
        values = value if isinstance(value, list) else [value]
        if len(values) > most:  # before each entry is looked at, so that a huge list costs nothing
            raise fault(f"has {len(values)} entries; at most {most} are read")
        return values

    return Annotated[list[each], BeforeValidator(bounded), _OrOne()]


class _OrOne:
    """In the JSON Schema: the list, or one of its entries alone."""

    def __get_pydantic_json_schema__(self, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler(core)
        return {"anyOf": [schema, schema["items"]]} if "items" in schema else schema


def read_name(value: object) -> str:
    """A name: text of at most MAX_NAME characters, since an answer repeats it wherever it speaks of the thing."""
    text = read_text(value)
    if "\ufffd" in text:
        raise fault("the name is damaged (it holds the sign for an unreadable letter): take it from the source again")
    if len(text) > MAX_NAME:
        raise fault(f"a name is longer than {MAX_NAME} characters")
    return text


def read_full(value: object) -> str:
    """Text that is not empty."""
    if not (text := read_text(value)):
        raise fault("is empty")
    return text


NameText: Any = Annotated[str, BeforeValidator(read_name)]
Text: Any = Annotated[str, BeforeValidator(read_text)]
FullText: Any = Annotated[str, BeforeValidator(read_full), WithJsonSchema({"type": "string", "minLength": 1})]
Number: Any = Annotated[Decimal, BeforeValidator(read_number), WithJsonSchema({"type": ["number", "string"]})]
Percent: Any = Annotated[Decimal, BeforeValidator(read_percent), WithJsonSchema({"type": ["number", "string"]})]
YesNo: Any = Annotated[bool, BeforeValidator(read_yes_no), WithJsonSchema({"enum": ["yes", "no", True, False]})]
Day: Any = Annotated[
    str,
    BeforeValidator(read_text),
    AfterValidator(_checked(parse_date)),
    WithJsonSchema({"type": "string", "format": "date"}),
]
Born: Any = Annotated[
    str,
    BeforeValidator(read_text),
    AfterValidator(_checked(lambda text: parse_date((text + "-01-01")[:10]))),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$"}),
]
"""A date of birth as far as it is known."""
Zone: Any = Annotated[str, BeforeValidator(read_text), AfterValidator(_checked(zone_named))]
