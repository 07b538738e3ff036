"""Rule sets as they stood: kept by content, so that a decision can be made again under the law it was made with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from carveout.engine.law.documents import Document, parse_document
from carveout.engine.law.ruleset import RuleSet, build_rules
from carveout.engine.records.canonical import canonical_json, digest

CASES = ".cases.yaml"
"""Examples beside the norms: they decide nothing and are not kept."""


@dataclass(frozen=True)
class RuleVersion:
    """The files of a rule set, each as its bytes by its path."""

    fingerprint: str
    files: Mapping[str, bytes]

    @cached_property
    def manifest(self) -> bytes:
        """Path and digest of each file: what names the version."""
        return canonical_json({path: digest(data) for path, data in self.files.items()})

    @cached_property
    def digest(self) -> str:
        """Of the manifest."""
        return digest(self.manifest)

    @classmethod
    def of(cls, rules: RuleSet) -> RuleVersion:
        """The version of a rule set that was read from files (not one reduced by `known_at`)."""
        kept = {path: _bytes(doc) for path, doc in rules.documents.items() if not path.endswith(CASES)}
        return cls(rules.fingerprint, kept)

    def rules(self) -> RuleSet:
        """The rule set anew. Raises ValueError if it is not the one it says it is, RuleError if it cannot be read."""
        documents: dict[str, Document] = {
            path: parse_document(data.decode(), f"rules/{path}") for path, data in self.files.items()
        }
        rules = build_rules(documents)
        if rules.fingerprint != self.fingerprint:
            raise ValueError(f"rule version {self.digest} does not have the fingerprint it was stored with")
        return rules


def _bytes(document: Document) -> bytes:
    """A file as it stood; of a document that came from no file, the same as JSON, which YAML reads alike."""
    return document.text.encode() if document.text else canonical_json(document.data)
