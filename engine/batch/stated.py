"""One transaction as text, JSON or YAML, read strictly: nothing is guessed, repeated or left out silently."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import yaml

from carveout.engine.batch.limits import LARGEST_TRANSACTION, in_words
from carveout.engine.facts.problems import Problem, StatementError

MOST_DEPTH = 100
WHOLE = "transaction"
"""What a problem is said of that lies with the text and not with a field."""


def read_transaction(data: bytes, *, suffix: str = "") -> Any:
    """JSON-like data from the bytes of a file; text that begins with `{` is JSON unless `suffix` says YAML.

    Raises StatementError.
    """
    if len(data) > LARGEST_TRANSACTION:
        raise _refused(f"is larger than {in_words(LARGEST_TRANSACTION)}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refused(f"is not UTF-8: line {line}, byte {error.start}") from None
    if not text.strip():
        raise _refused("is empty: state one as JSON or YAML")
    if suffix.lower() in (".yaml", ".yml"):
        return read_yaml(text)
    return read_json(text) if suffix.lower() == ".json" or text.lstrip()[0] in '{["' else read_yaml(text)


def read_json(text: str) -> Any:
    """JSON by the letter: no NaN, no key twice, numbers as they are written. Raises StatementError."""
    try:
        return json.loads(
            text, parse_constant=_no_constant, parse_float=Decimal, object_pairs_hook=_once, parse_int=_whole
        )
    except json.JSONDecodeError as error:
        raise _refused(f"is not JSON: line {error.lineno}, column {error.colno}: {_first_low(error.msg)}") from None
    except RecursionError:
        raise _refused("is nested too deep") from None


def read_yaml(text: str) -> Any:
    """YAML of plain dicts, lists and texts: `NO` is Norway, and only `null` and `~` are null. Raises StatementError."""
    try:
        return _built(iter(yaml.parse(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise _refused(f"is not YAML: {where}{error.problem}") from None
    except yaml.YAMLError as error:
        raise _refused(f"is not YAML: {str(error).splitlines()[0]}") from None


def _built(events: Iterator[yaml.Event]) -> Any:
    """Data from events, without recursion: depth is limited by counting, not by the machine."""
    top: list[Any] = []
    open_: list[Any] = [top]
    keys: list[str | None] = [None]  # of each open mapping, the key that waits for its value
    documents = 0
    for event in events:
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _refused(f"holds a second document (line {line})")
        elif isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _refused(f"anchors and aliases are not allowed (line {line})")
        elif isinstance(event, yaml.CollectionEndEvent):
            open_.pop()
            keys.pop()
        elif isinstance(event, yaml.NodeEvent):
            if getattr(event, "tag", None) not in (None, "!"):
                raise _refused(f"tags are not allowed (line {line})")
            value: Any = _scalar(event) if isinstance(event, yaml.ScalarEvent) else None
            if isinstance(event, yaml.CollectionStartEvent):
                value = {} if isinstance(event, yaml.MappingStartEvent) else []
            into = open_[-1]
            if isinstance(into, list):
                into.append(value)
            elif keys[-1] is None:
                if not isinstance(event, yaml.ScalarEvent):
                    raise _refused(f"a key must be plain text (line {line})")
                if event.value in into:
                    raise _refused(f"key `{event.value[:80]}` stands twice (line {line})")
                keys[-1] = event.value
                continue
            else:
                into[keys[-1]], keys[-1] = value, None
            if isinstance(event, yaml.CollectionStartEvent):
                open_.append(value)
                keys.append(None)
                if len(open_) > MOST_DEPTH:
                    raise _refused(f"is nested too deep (line {line})")
    return top[0] if top else None


def _scalar(event: yaml.ScalarEvent) -> str | None:
    plain = event.implicit is not None and event.implicit[0]
    return None if plain and event.value in ("", "~", "null") else str(event.value)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _refused(f"key `{twice[:80]}` stands twice")
    return result


def _whole(text: str) -> int | Decimal:
    return int(text) if len(text) <= 100 else Decimal(text)


def _no_constant(name: str) -> Any:
    raise _refused(f"`{name}` is no number of JSON")


def _first_low(text: str) -> str:
    return text[:1].lower() + text[1:]


def _refused(message: str) -> StatementError:
    return StatementError([Problem(WHOLE, message)])
