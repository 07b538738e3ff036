"""A folder of rules as its bytes: what is proposed, compared, and comes out again as the same files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carveout.engine.law.documents import Document, Fault, RuleError, parse_document, walk_files
from carveout.engine.law.ruleset import RuleSet, build_rules
from carveout.engine.records.canonical import canonical_json, digest, read_back

if TYPE_CHECKING:
    from carveout.engine.records.store import Store

MOST_FILES = 20_000
LARGEST_FILE, LARGEST_ALL = 4_000_000, 64_000_000
"""In bytes."""
_PATH = re.compile(r"[a-z0-9][a-z0-9.-]*(/[a-z0-9][a-z0-9.-]*)*\.yaml")


@dataclass(frozen=True)
class Contents:
    """The files of a rule set with their cases: bytes by path, comments and order as they stand."""

    files: Mapping[str, bytes]

    @cached_property
    def manifest(self) -> bytes:
        """Path and digest of each file."""
        return canonical_json({path: digest(data) for path, data in self.files.items()})

    @cached_property
    def digest(self) -> str:
        """Of the manifest: what names the content."""
        return digest(self.manifest)

    @cached_property
    def documents(self) -> Mapping[str, Document]:
        """The files read. Raises RuleError with every fault."""
        found: dict[str, Document] = {}
        faults: list[Fault] = []
        for path, data in sorted(self.files.items()):
            try:
                found[path] = parse_document(data.decode(), f"rules/{path}")
            except UnicodeDecodeError as error:
                faults.append(Fault(f"rules/{path}", 1, f"file is not UTF-8 (byte {error.start})", "save it as UTF-8"))
            except RuleError as error:
                faults += error.faults
        if faults:
            raise RuleError(faults)
        return found

    @cached_property
    def rules(self) -> RuleSet:
        """The rule set. Raises RuleError with every fault."""
        return build_rules(self.documents)

    @classmethod
    def of_folder(cls, folder: Path) -> Contents:
        """What stands in a folder. Raises RuleError, OSError."""
        if not folder.is_dir():
            raise RuleError([Fault(str(folder), 1, "no such folder of rules")])
        return checked({path.relative_to(folder).as_posix(): path.read_bytes() for path, _ in walk_files(folder)})

    @classmethod
    def of_rules(cls, rules: RuleSet) -> Contents:
        """The files that a rule set was read from; of one that came from no files, the same as JSON."""
        found = {}
        for path, document in rules.documents.items():
            found[path] = document.text.encode() if document.text else canonical_json(document.data)
        return cls(found)

    @classmethod
    def of_store(cls, store: Store, wanted: str) -> Contents:
        """What was stored. Raises StoreFault."""
        manifest: dict[str, str] = read_back(store.content(wanted))
        held = store.contents(manifest.values())
        return cls({path: held[name] for path, name in manifest.items()})

    def write(self, folder: Path) -> None:
        """Write the files below a folder that holds nothing yet. Raises OSError, FileExistsError."""
        if folder.exists() and any(folder.iterdir()):
            raise FileExistsError(f"{folder} is not empty: name a new folder")
        for path, data in sorted(self.files.items()):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)


@dataclass(frozen=True, slots=True)
class Changed:
    """By path: files that are new, other, or gone."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    @classmethod
    def between(cls, before: Contents, after: Contents) -> Changed:
        """What became of the files."""
        old, new = before.files, after.files
        return cls(
            tuple(sorted(new.keys() - old.keys())),
            tuple(sorted(path for path in new.keys() & old.keys() if new[path] != old[path])),
            tuple(sorted(old.keys() - new.keys())),
        )

    @property
    def paths(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(sorted((*self.added, *self.changed, *self.removed)))

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        return {"added": list(self.added), "changed": list(self.changed), "removed": list(self.removed)}


def checked(files: Mapping[str, bytes]) -> Contents:
    """Files by path, whoever sent them. Raises RuleError for a path or a size that cannot be one."""
    faults = []
    if len(files) > MOST_FILES or sum(map(len, files.values())) > LARGEST_ALL:
        faults.append(
            Fault("rules", 1, f"more than {MOST_FILES:,} files or {LARGEST_ALL:,} bytes", "take some of it away")
        )
    for path, data in files.items():
        name = f"rules/{path[:200]}"
        if len(path) > 200 or not _PATH.fullmatch(path) or ".." in path:
            faults.append(Fault(name, 1, "is no path of a rule file", "small letters, digits, `.` and `-`, .yaml"))
        elif len(data) > LARGEST_FILE:
            faults.append(Fault(name, 1, f"file is larger than {LARGEST_FILE} bytes", "split it: one norm a file"))
    if faults:
        raise RuleError(faults[:50])
    return Contents(dict(files))
