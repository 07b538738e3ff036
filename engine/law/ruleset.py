"""The rule set: all law at one version, read from a folder, with a fingerprint of its content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from carveout.engine.law.clocks import FOREVER
from carveout.engine.law.conditions import ConditionReader, Names, VerdictIs, walk
from carveout.engine.law.documents import Document, Fault, RuleError, did_you_mean, read_document, walk_files
from carveout.engine.law.norms import Authority, Duty, Exemption, Listing, Norm, Ownership, Prohibition, Subject
from carveout.engine.law.reading import NormReader
from carveout.engine.law.shapes import SHAPES
from carveout.engine.law.vocabulary import Vocabulary
from carveout.engine.law.wording import read_vocabulary

SHIPPED = Path(__file__).resolve().parents[2] / "rules"
"""The rules that come with the engine: engine and rules are siblings in the checkout and in the wheel."""
OTHER = "other"
"""The programme of a status under a programme that no prohibition asks for."""

_N = TypeVar("_N", bound=Norm)


@dataclass(frozen=True, eq=False)
class RuleSet:
    """Norms, authorities, subjects and vocabulary at one version. Immutable."""

    vocabulary: Vocabulary
    authorities: Mapping[str, Authority]
    subjects: Mapping[str, Subject]
    norms: Mapping[str, Norm]
    fingerprint: str
    documents: Mapping[str, Document] = field(default_factory=dict, repr=False)

    def of_kind(self, kind: type[_N]) -> list[_N]:
        """All norms of one kind, in the order of their ids."""
        return [norm for norm in self.norms.values() if isinstance(norm, kind)]

    @cached_property
    def exemptions_for(self) -> Mapping[str, tuple[Exemption, ...]]:
        """The exemptions that name each prohibition."""
        found: dict[str, list[Exemption]] = {}
        for exemption in self.of_kind(Exemption):
            for shielded in exemption.shields:
                found.setdefault(shielded, []).append(exemption)
        return {key: tuple(value) for key, value in found.items()}

    @cached_property
    def listings_of(self) -> Mapping[str, tuple[Listing, ...]]:
        """The listings of each subject."""
        found: dict[str, list[Listing]] = {}
        for listing in self.of_kind(Listing):
            if listing.subject is not None:
                found.setdefault(listing.subject, []).append(listing)
        return {key: tuple(value) for key, value in found.items()}

    @cached_property
    def held_statuses(self) -> frozenset[str]:
        """The statuses that some prohibition asks for by their programme."""
        return frozenset(status for p in self.of_kind(Prohibition) for status in p.statuses)

    def known_at(self, moment: int) -> RuleSet:
        """This rule set reduced to what was public at `moment` (design: `as_known`)."""
        norms: dict[str, Norm] = {}
        for id, norm in self.norms.items():
            effective = norm.effective.known_at(moment)
            if effective is not None:
                norms[id] = replace(norm, effective=effective)
        return replace(self, norms=norms, fingerprint=f"{self.fingerprint}@{moment}")

    def in_force(self, moment: int) -> list[Norm]:
        """The norms in force, or perhaps in force, at a moment."""
        return [norm for norm in self.norms.values() if norm.effective.in_force(moment)]


def load_rules(folder: Path = SHIPPED) -> RuleSet:
    """Read a rule set from a folder. Raises RuleError with every fault found."""
    if not folder.is_dir():
        raise RuleError([Fault(str(folder), 1, "no such folder of rules")])
    documents: dict[str, Document] = {}
    faults: list[Fault] = []
    for path, name in walk_files(folder):
        try:
            documents[path.relative_to(folder).as_posix()] = read_document(path, name)
        except RuleError as error:
            faults += error.faults
    if faults:
        raise RuleError(faults)
    return build_rules(documents)


def build_rules(documents: Mapping[str, Document]) -> RuleSet:
    """A rule set from documents by their path below the folder. Raises RuleError with every fault found."""
    missing = [name for name in ("vocabulary.yaml", "places.yaml") if name not in documents]
    if missing:
        raise RuleError([Fault(name, 1, f"`{name}` is missing from the rule set") for name in missing])
    sorted_out, faults = _sort_out(documents)
    code_sets = [(id, document) for kind, id, document in sorted_out if kind == "codes"]
    vocabulary, found = read_vocabulary(documents["vocabulary.yaml"], documents["places.yaml"], code_sets)
    faults += found
    if found:
        raise RuleError(faults)
    names = _names(sorted_out)
    conditions = ConditionReader(vocabulary, names)
    reader = NormReader(conditions)
    _read_applies(vocabulary, conditions, documents["vocabulary.yaml"], reader)
    subjects: dict[str, Subject] = {}
    norms: dict[str, Norm] = {}
    paths = [id for kind, id, _ in sorted_out if kind in SHAPES]
    for kind, id, document in sorted_out:
        if kind == "authority":
            reader.authority(id, document)
    for kind, id, document in sorted_out:
        if kind == "subject":
            subject = reader.subject(id, document)
            if subject is not None:
                subjects[id] = subject
        elif kind in SHAPES:
            for norm in reader.norms(id, kind, document):
                if norm.id in norms and paths.count(norm.id) < 2:  # one made by `for_each`, the other by a path
                    reader.fault(document, ("for_each",), f"`{norm.id}` is also {norms[norm.id].file}")
                norms[norm.id] = norm
    faults += reader.faults
    if not faults:
        norms = {id: _spelled_out(norm, norms) for id, norm in norms.items()}
        faults += _cross_references(norms, {id: doc for _, id, doc in sorted_out}, reader.authorities)
    if faults:
        raise RuleError(faults)
    return RuleSet(
        vocabulary, reader.authorities, subjects, dict(sorted(norms.items())), fingerprint_of(documents), documents
    )


def fingerprint_of(documents: Mapping[str, Document]) -> str:
    """SHA-256 over what the files say (not over their comments and white space)."""
    content = {path: doc.data for path, doc in sorted(documents.items()) if not path.endswith(".cases.yaml")}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _sort_out(documents: Mapping[str, Document]) -> tuple[list[tuple[str, str, Document]], list[Fault]]:
    result: list[tuple[str, str, Document]] = []
    faults: list[Fault] = []
    seen: dict[tuple[str, str], str] = {}
    for path, document in documents.items():
        *folders, file = path.split("/")
        stem = file.removesuffix(".yaml")
        if path in ("vocabulary.yaml", "places.yaml") or stem.endswith(".cases"):
            continue
        name, dot, kind = stem.rpartition(".")
        if file == "authority.yaml":
            kind, id = "authority", ".".join(folders)
        elif folders[:1] == ["codes"] and kind == "codes":
            id = name
        elif folders[:1] == ["subjects"] and kind == "subject":
            id = ".".join([*folders[1:], name])
        elif dot and kind in SHAPES and folders:
            id = ".".join([*folders, name])
        else:
            hint = did_you_mean(kind, [*SHAPES, "subject", "codes"])
            faults.append(Fault(document.file, 1, f"`{file}` does not say what it holds", f"NAME.KIND.yaml; {hint}"))
            continue
        if not all(
            part and part == part.lower() and part.replace("-", "").replace(".", "").isalnum() for part in id.split(".")
        ):
            faults.append(Fault(document.file, 1, f"`{id}` is no id", "lower-case letters, digits and hyphens"))
        if (group := "norm" if kind in SHAPES else kind, id) in seen:
            faults.append(Fault(document.file, 1, f"`{id}` is also {seen[group, id]}", "an id names one norm"))
        seen[group, id] = document.file
        result.append((kind, id, document))
    return result, faults


def _names(sorted_out: Iterable[tuple[str, str, Document]]) -> Names:
    subjects, statuses, authorities = set(), set(), set()
    for kind, id, document in sorted_out:
        if kind == "subject":
            subjects.add(id)
        elif kind == "authority":
            authorities.add(id)
            lists = document.data.get("lists", {}) if isinstance(document.data, dict) else {}
            for name, entry in lists.items() if isinstance(lists, dict) else ():
                programmes = entry.get("programmes", []) if isinstance(entry, dict) else []
                statuses |= {name, f"{name}/{OTHER}", *(f"{name}/{p}" for p in programmes if isinstance(p, str))}
    return Names(frozenset(subjects), frozenset(statuses), frozenset(authorities))


def _read_applies(vocabulary: Vocabulary, conditions: ConditionReader, document: Document, reader: NormReader) -> None:
    for path, fact in vocabulary.facts.items():
        if fact.applies is not None:
            condition = reader.condition(document, fact.applies, fact.thing, ("facts", path, "applies"))
            vocabulary.facts[path] = replace(fact, applies=condition)


def _spelled_out(norm: Norm, norms: Mapping[str, Norm]) -> Norm:
    """A duty that follows from `FOLDER.*` follows from every prohibition below that folder."""
    if not isinstance(norm, Duty) or not any(name.endswith(".*") for name in norm.after):
        return norm
    prohibitions = [id for id, other in norms.items() if isinstance(other, Prohibition)]
    named: list[str] = []
    for name in norm.after:
        below = [id for id in prohibitions if id.startswith(name[:-1])] if name.endswith(".*") else []
        named += below or [name]
    return replace(norm, after=tuple(dict.fromkeys(named)))


def _cross_references(
    norms: Mapping[str, Norm], documents: Mapping[str, Document], authorities: Mapping[str, Authority]
) -> list[Fault]:
    faults = []
    prohibitions = {id: norm for id, norm in norms.items() if isinstance(norm, Prohibition)}
    for id, norm in norms.items():
        named: tuple[str, ...] = ()
        key = ""
        if isinstance(norm, Exemption):
            named, key = norm.shields, "shields"
        elif isinstance(norm, Duty):
            named, key = norm.after, "after"
        for i, other in enumerate(named):
            path: tuple[Any, ...] = (key, i) if key == "shields" else (key, "prohibitions", i)
            if other not in prohibitions:
                faults.append(
                    documents[id].fault(path, f"unknown prohibition `{other}`", did_you_mean(other, prohibitions))
                )
            elif prohibitions[other].authority != norm.authority:
                faults.append(
                    documents[id].fault(
                        path,
                        f"`{other}` is a prohibition of {prohibitions[other].authority}",
                        "an exemption lifts only what its own authority forbids",
                    )
                )
            elif isinstance(norm, Exemption) and prohibitions[other].for_each not in norm.covers:
                thing = prohibitions[other].for_each
                faults.append(
                    documents[id].fault(path, f"`{other}` is for each {thing}, and `covers` says nothing of a {thing}")
                )
    try:
        order_of_authorities(norms.values(), authorities)
    except ValueError as error:
        faults.append(Fault("rules", 1, str(error)))
    return faults


def order_of_authorities(norms: Iterable[Norm], authorities: Iterable[str]) -> list[str]:
    """Authorities in an order in which each comes after those whose verdict it reads. Raises ValueError on a cycle."""
    reads: dict[str, set[str]] = {authority: set() for authority in authorities}
    for norm in norms:
        for condition in conditions_of(norm):
            for part in walk(condition):
                if isinstance(part, VerdictIs):
                    reads[norm.authority].add(part.authority)
    order: list[str] = []
    while len(order) < len(reads):
        ready = [a for a in reads if a not in order and reads[a] <= set(order)]
        if not ready:
            raise ValueError("verdicts read each other in a circle: " + ", ".join(sorted(set(reads) - set(order))))
        order += sorted(ready)
    return order


def conditions_of(norm: Norm) -> list[Any]:
    """Every condition a norm holds."""
    found: list[Any] = [u.when for u in norm.unresolved]
    if isinstance(norm, Prohibition):
        found += [norm.when, norm.block, norm.reject]
    elif isinstance(norm, Exemption):
        found += [*norm.covers.values(), *(e.when for e in norm.excepts)]
    elif isinstance(norm, Listing):
        found.append(norm.members)
    elif isinstance(norm, Duty):
        found.append(norm.when)
    return [condition for condition in found if condition is not None]


__all__ = ["FOREVER", "OTHER", "SHIPPED", "Ownership", "RuleSet", "build_rules", "load_rules", "order_of_authorities"]
