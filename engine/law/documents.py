"""Reading YAML strictly: every scalar is text as written, no key twice, and the line of everything is known."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

LIMIT_BYTES = 4_000_000
"""A rule file larger than this is refused: a norm has about 60 lines."""

MOST_DEPTH = 100
"""Of nesting; the deepest norm anybody has written has twelve."""

_BEGINNING = re.compile(r"^[ ?-]+", re.MULTILINE)

type_Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a file: where, what, and what to do about it."""

    file: str
    line: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.file}:{self.line}: {self.message}{hint}"


class RuleError(Exception):
    """The rule set cannot be used; carries every fault found, so that they can be mended in one go."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file as plain dicts, lists and strings, with the line of each node by its path, and as it was written."""

    file: str
    data: Any
    lines: dict[type_Path, int]
    text: str = ""

    def line(self, path: Iterable[str | int]) -> int:
        """The line of the node at `path`, or of the nearest node above it."""
        steps = tuple(path)
        while steps and steps not in self.lines:
            steps = steps[:-1]
        return self.lines.get(steps, 1)

    def fault(self, path: Iterable[str | int], message: str, hint: str = "") -> Fault:
        """A fault at `path` of this document."""
        return Fault(self.file, self.line(path), message, hint)


def read_document(path: Path, name: str) -> Document:
    """Read one YAML file; `name` is how faults call it. Raises RuleError."""
    try:
        if path.stat().st_size > LIMIT_BYTES:
            raise RuleError([Fault(name, 1, f"file is larger than {LIMIT_BYTES} bytes", "split it: one norm a file")])
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise RuleError([Fault(name, 1, f"file is not UTF-8 (byte {error.start})", "save it as UTF-8")]) from None
    return parse_document(text, name)


def parse_document(text: str, name: str) -> Document:
    """Parse YAML text into a Document. Raises RuleError for syntax, repeated keys, anchors and custom tags."""
    try:
        _bounded(text, name)
        node = yaml.compose(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RuleError([Fault(name, line, f"not YAML: {error.problem}")]) from None
    except yaml.YAMLError as error:
        raise RuleError([Fault(name, 1, f"not YAML: {error}")]) from None
    lines: dict[type_Path, int] = {}
    faults: list[Fault] = []
    data = _plain(node, (), lines, name, faults, set()) if node is not None else {}
    if faults:
        raise RuleError(faults)
    return Document(name, data, lines, text)


def _bounded(text: str, name: str) -> None:
    """Refuse what is nested too deep, from its events: composing it would exhaust the stack."""
    # a level takes a bracket, or a column of some line's beginning (two, where a list stands in a mapping)
    if text.count("[") + text.count("{") + 2 * max(map(len, _BEGINNING.findall(text)), default=0) < MOST_DEPTH:
        return
    depth = 0
    for event in yaml.parse(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            line = event.start_mark.line + 1 if event.start_mark else 1
            message = f"is nested too deep (more than {MOST_DEPTH} levels)"
            raise RuleError([Fault(name, line, message, "take a condition apart into norms of their own")])


def _plain(
    node: yaml.Node, path: type_Path, lines: dict[type_Path, int], name: str, faults: list[Fault], seen: set[int]
) -> Any:
    line = node.start_mark.line + 1
    lines[path] = line
    if id(node) in seen:  # an alias: the same node twice. Copies hide where a fact came from
        faults.append(Fault(name, line, "anchors and aliases are not allowed", "write the value out"))
        return None
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            key_line = key_node.start_mark.line + 1
            if key is None:
                faults.append(Fault(name, key_line, "a key must be plain text"))
            elif key in result:
                faults.append(Fault(name, key_line, f"key `{key}` stands twice", "keep one"))
            else:
                result[key] = _plain(value_node, (*path, key), lines, name, faults, seen)
                lines[(*path, key)] = key_line
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, i), lines, name, faults, seen) for i, item in enumerate(node.value)]
    return node.value


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """A hint naming the nearest allowed words, or the first few."""
    allowed = sorted(set(words))
    near = difflib.get_close_matches(word, allowed, n=3, cutoff=0.6)
    if near:
        return "did you mean " + " or ".join(f"`{n}`" for n in near) + "?"
    if not allowed:
        return "none is declared"
    return "allowed: " + ", ".join(f"`{w}`" for w in allowed[:12]) + (" ..." if len(allowed) > 12 else "")


def walk_files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every YAML file below `folder` with its name relative to the folder's parent, in one order everywhere.

    What git keeps of a checkout (`.git`) is no part of it. Raises RuleError for what would be passed over: linked
    folders, and files that are rules but for their ending.
    """
    faults = []
    for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).as_posix()):
        if ".git" in path.relative_to(folder).parts:
            continue
        name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
        if path.is_dir():
            if path.is_symlink():
                faults.append(Fault(name, 1, "a linked folder is not followed", "put the files here"))
            elif path.suffix == ".yaml":
                faults.append(Fault(name, 1, "a folder has the name of a rule file", "rename it"))
        elif path.suffix == ".yaml":
            yield path, name
        elif path.suffix not in (".md", ".py", ".pyc") and not path.name.startswith("."):
            faults.append(
                Fault(name, 1, "is no rule file: it would not be read", "name it NAME.KIND.yaml, or take it away")
            )
    if faults:
        raise RuleError(faults)
