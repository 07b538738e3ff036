"""XML read as a stream of records: no document types, no entities, nothing from elsewhere."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from xml.parsers import expat

from carveout.engine.parties.lists.guard import Content, ListRefused

_CHUNK = 1 << 18
_WIDE = {"utf-16": "UTF-16", "utf-16-le": "UTF-16LE", "utf-16-be": "UTF-16BE"}
_MOST_NODES = 200_000
_APART = "\x1f"


class Node:
    """An element: its name and its attributes' names without namespaces, its text and its children."""

    __slots__ = ("attributes", "children", "tag", "text")

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.children: list[Node] = []
        self.text = ""

    def all(self, *path: str) -> Iterator[Node]:
        """The descendants at the end of a path of names."""
        found = (child for child in self.children if child.tag == path[0])
        return (below for child in found for below in child.all(*path[1:])) if path[1:] else found

    def first(self, *path: str) -> Node | None:
        """The first descendant at the end of a path."""
        return next(self.all(*path), None)

    def say(self, *path: str) -> str:
        """The trimmed text of the first descendant at the end of a path, empty if there is none."""
        node = self.first(*path) if path else self
        return node.text.strip() if node is not None else ""

    def says(self, *path: str) -> list[str]:
        """The trimmed texts of all descendants at the end of a path that have one."""
        return [text for node in self.all(*path) if (text := node.text.strip())]

    def get(self, name: str) -> str:
        """The trimmed value of an attribute, empty if it has none."""
        return self.attributes.get(name, "").strip()


def root_of(content: Content) -> Node:
    """The outermost element, without what is in it."""
    for node in records(content, frozenset()):
        return node
    raise content.refuse("holds no element")


def records(content: Content, tags: frozenset[str], inline: Mapping[str, str] = MappingProxyType({})) -> Iterator[Node]:
    """The outermost element (empty), then each element of one of these names, whole, in the order of the file.

    An `inline` element is no node but text of the one it stands in, after the letters given for it. Raises
    ListRefused, perhaps only at the end: read all of it before believing any of it.
    """
    reader = _Reader(content, tags, inline)
    try:
        with content.open() as stream:
            while chunk := stream.read(_CHUNK):
                reader.parser.Parse(chunk, False)
                yield from reader.drained()
            reader.parser.Parse(b"", True)
            yield from reader.drained()
    except expat.ExpatError as error:
        where = f"line {error.lineno}, column {error.offset}"
        what = expat.ErrorString(error.code)
        raise content.refuse(f"{where}: {what}: cut short, edited or in another encoding; fetch it again") from None
    except ListRefused:
        raise
    except (ValueError, LookupError) as error:
        raise content.refuse(f"cannot be read ({error}); fetch it again") from None


@lru_cache(maxsize=1024)
def _local(name: str) -> str:
    return name.rpartition(_APART)[2]


class _Reader:
    def __init__(self, content: Content, tags: frozenset[str], inline: Mapping[str, str]) -> None:
        self._content = content
        self._inline = inline
        self._tags = tags
        self._done: deque[Node] = deque()
        self._open: list[Node] = []  # of the record being read, outermost first
        self._depth = 0
        self._text: list[str] = []
        self._letters = self._nodes = self._records = 0
        # What the bytes show to be UTF-16 is, whatever the declaration says; else the declaration holds, or UTF-8.
        self.parser = expat.ParserCreate(_WIDE.get(content.encoding), _APART)
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._said
        self.parser.StartDoctypeDeclHandler = self._forbidden
        self.parser.EntityDeclHandler = self._forbidden
        self.parser.ExternalEntityRefHandler = self._forbidden
        self.parser.SkippedEntityHandler = self._forbidden

    def drained(self) -> Iterator[Node]:
        while self._done:
            yield self._done.popleft()

    def _forbidden(self, *_: object) -> int:
        raise self._content.refuse("has a document type or entities, which no official list has; do not use it")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > self._content.limits.depth:
            raise self._content.refuse(f"nests deeper than {self._content.limits.depth} elements; do not use it")
        local = _local(tag)
        if self._open and local in self._inline:
            self._said(self._inline[local])
            return
        plain = {_local(name): value for name, value in attributes.items()} if attributes else {}
        if self._depth == 1:
            self._done.append(Node(local, plain))
        if self._open:
            self._flush()
            self._nodes += 1
            if self._nodes > _MOST_NODES:
                raise self._content.refuse(f"has a record of more than {_MOST_NODES:,} elements; do not use it")
            node = Node(local, plain)
            self._open[-1].children.append(node)
            self._open.append(node)
        elif local in self._tags:
            self._nodes, self._records = 0, self._records + 1
            if self._records > self._content.limits.entries:
                raise self._content.refuse(f"has more than {self._content.limits.entries:,} records; do not use it")
            self._open.append(Node(local, plain))

    def _end(self, tag: str) -> None:
        self._depth -= 1
        if self._open and _local(tag) not in self._inline:
            self._flush()
            node = self._open.pop()
            if not self._open:
                self._done.append(node)

    def _said(self, text: str) -> None:
        if self._open:
            self._letters += len(text)
            if self._letters > self._content.limits.text:
                raise self._content.refuse(f"has a field of more than {self._content.limits.text:,} letters")
            self._text.append(text)

    def _flush(self) -> None:
        if self._text:
            self._open[-1].text += "".join(self._text)
            self._text.clear()
            self._letters = 0
