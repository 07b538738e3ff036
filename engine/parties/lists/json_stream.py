"""JSON read member by member: a long array is never built whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from carveout.engine.parties.lists.guard import Content, ListRefused
from carveout.engine.parties.lists.tables import lines

_MOST_BRACKETS = 10_000_000
_BLANK = re.compile(r"[ \t\r\n]*")


def members(content: Content) -> Iterator[tuple[str, Any]]:
    """The members of the outermost object; for one that is an array, each of its items under the array's name.

    Items of an outermost array come under the empty name. Raises ListRefused, perhaps only at the end.
    """
    with _faults_refused(content), content.text() as stream:
        text = stream.read()
        if text.count("[") + text.count("{") > _MOST_BRACKETS or text.count(",") > 4 * _MOST_BRACKETS:
            raise content.refuse("has more values than any list; do not use it")
        yield from _Scanner(content, text).outermost()


def objects(content: Content) -> Iterator[dict[str, Any]]:
    """The objects of JSON lines. Raises ListRefused, perhaps only at the end."""
    decoder = _decoder(content)
    number = 0
    try:
        with content.text() as stream:
            for number, line in enumerate(lines(content, stream), 1):
                if line.strip():
                    value = decoder.decode(line)
                    if not isinstance(value, dict):
                        raise content.refuse(f"line {number} is no JSON object")
                    yield value
    except ListRefused:
        raise
    except (ValueError, RecursionError) as error:
        raise content.refuse(f"line {number + 1}: {error}: cut short or edited; fetch it again") from None


@contextmanager
def _faults_refused(content: Content) -> Iterator[None]:
    try:
        yield
    except ListRefused:
        raise
    except (ValueError, RecursionError) as error:
        raise content.refuse(f"{error}: cut short or edited; fetch it again") from None


def _decoder(content: Content) -> json.JSONDecoder:
    def no_number(word: str) -> None:
        raise content.refuse(f"has the number `{word}`, which is none; do not use it")

    return json.JSONDecoder(parse_constant=no_number)


class _Scanner:
    def __init__(self, content: Content, text: str) -> None:
        self._decoder = _decoder(content)
        self._text = text
        self._at = 0

    def outermost(self) -> Iterator[tuple[str, Any]]:
        if self._take("["):
            yield from (("", item) for item in self._items())
        elif self._take("{"):
            yield from self._object()
        else:
            raise json.JSONDecodeError("is neither an object nor an array", self._text, self._at)
        if self._next():
            raise json.JSONDecodeError("goes on after its end", self._text, self._at)

    def _object(self) -> Iterator[tuple[str, Any]]:
        if self._take("}"):
            return
        while True:
            if self._next() != '"':
                raise json.JSONDecodeError("a name is missing", self._text, self._at)
            name = self._value()
            self._need(":")
            if self._take("["):
                yield from ((name, item) for item in self._items())
            else:
                yield name, self._value()
            if not self._take(","):
                return self._need("}")

    def _items(self) -> Iterator[Any]:
        if self._take("]"):
            return
        while True:
            yield self._value()
            if not self._take(","):
                return self._need("]")

    def _value(self) -> Any:
        self._next()
        value, self._at = self._decoder.raw_decode(self._text, self._at)
        return value

    def _next(self) -> str:
        found = _BLANK.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._text[self._at : self._at + 1]

    def _take(self, sign: str) -> bool:
        if self._next() != sign:
            return False
        self._at += 1
        return True

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise json.JSONDecodeError(f"`{sign}` is missing", self._text, self._at)
