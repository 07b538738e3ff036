"""Legal outcomes as data: a transaction, the verdict the law gives, and whether the rules give it too."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carveout.engine.decide.decision import Engine
from carveout.engine.facts.problems import StatementError
from carveout.engine.law.documents import Document, Fault, RuleError, read_document

MANNERS = {"prohibited": None, "prohibited_block": "block", "prohibited_reject": "reject"}
"""How a case says in which manner something is prohibited; the plain word leaves it open."""
VERDICTS = frozenset({"no_nexus", "not_prohibited", "authorized", "license_required", "review", *MANNERS})
STOPS = frozenset({"license_required", *MANNERS})
EITHER = frozenset({"gp10", "tdo"})
"""Tags of cases that leave open whether a stop is a prohibition or a licence requirement."""
REQUIRED = frozenset({"id", "title", "confidence", "transaction", "expected", "reason", "citation", "tags"})
OPTIONAL = frozenset({"outcome", "identity", "duties", "no_duties", "lists", "must_not_be", "known_gap"})

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OutcomeCase:
    """One worked case and where it stands."""

    data: Json
    file: str
    line: int

    @property
    def id(self) -> str:
        """How the case is called."""
        return str(self.data["id"])


def read_cases(folder: Path) -> list[OutcomeCase]:
    """The cases below a folder: `*.cases.yaml` of a rule set, every YAML file elsewhere. Raises RuleError."""
    among_rules = (folder / "vocabulary.yaml").exists()
    found: list[OutcomeCase] = []
    faults: list[Fault] = []
    for path in sorted(folder.rglob("*.cases.yaml" if among_rules else "*.yaml")):
        try:
            document = read_document(path, f"{folder.name}/{path.relative_to(folder).as_posix()}")
        except RuleError as error:
            faults += error.faults
            continue
        faults += _shape(document)
        if isinstance(document.data, list):
            found += [OutcomeCase(d, document.file, document.line((i,))) for i, d in enumerate(document.data)]
    if faults:
        raise RuleError(faults)
    return found


def cases_in(documents: Iterable[Document]) -> list[OutcomeCase]:
    """The cases among the documents of a rule set. Raises RuleError."""
    found: list[OutcomeCase] = []
    faults: list[Fault] = []
    for document in documents:
        if document.file.endswith(".cases.yaml"):
            faults += _shape(document)
            if isinstance(document.data, list):
                found += [OutcomeCase(d, document.file, document.line((i,))) for i, d in enumerate(document.data)]
    if faults:
        raise RuleError(faults)
    return found


def _shape(document: Document) -> list[Fault]:
    if not isinstance(document.data, list):
        return [document.fault((), "a file of cases is a list")]
    faults: list[Fault] = []
    for i, case in enumerate(document.data):
        if not isinstance(case, dict):
            faults.append(document.fault((i,), "a case is a mapping"))
            continue
        faults += [
            document.fault((i, key), f"unknown key `{key}`") for key in sorted(case.keys() - REQUIRED - OPTIONAL)
        ]
        faults += [document.fault((i,), f"`{key}` is missing") for key in sorted(REQUIRED - case.keys())]
        for key in ("expected", "must_not_be"):
            verdicts = case.get(key) or {}
            if not isinstance(verdicts, dict):
                faults.append(document.fault((i, key), f"`{key}` gives a verdict for each authority"))
                continue
            unknown = [a for a, word in verdicts.items() if word not in VERDICTS]
            faults += [document.fault((i, key, a), f"unknown verdict `{verdicts[a]}`") for a in unknown]
    return faults


def misses(engine: Engine, case: OutcomeCase) -> list[str]:
    """In which ways the rules do not give what the case says; nothing where they do."""
    data = case.data
    if data.get("lists"):
        return ["the case needs a snapshot of a list, and none is loaded"]
    try:
        stated = engine.check(data["transaction"]).body
        identity = data.get("identity") or {}
        body = engine.check(_confirmed(data, identity)).body if identity else stated
    except StatementError as error:
        return [f"{problem.field}: {problem.message}" for problem in error.problems]
    faults = [_not_seen(stated, identity)] if identity else []
    said = {ruling["authority"]: ruling for ruling in body["authorities"]}
    expected = data.get("expected") or {}
    faults += [_miss(said.get(authority), authority, word, data) for authority, word in expected.items()]
    for authority, word in (data.get("must_not_be") or {}).items():
        if said.get(authority, {}).get("verdict") == word:
            faults.append(f"{authority}: must not be {word}")
    if "outcome" in data:
        asserted = {*expected, *(data.get("must_not_be") or {})}
        source = stated if "alone" in identity else body
        came = _outcome({r["verdict"] for r in source["authorities"] if r["authority"] in asserted})
        faults += [f"outcome {came}, expected {data['outcome']}"] if came != data["outcome"] else []
    duties = [duty for act in body.get("acts") or [body] for duty in act["duties"]]
    faults += [f"no duty {_words(wanted)}" for wanted in data.get("duties") or () if not _among(wanted, duties)]
    faults += [f"a duty {_words(wanted)}" for wanted in data.get("no_duties") or () if _among(wanted, duties)]
    return [fault for fault in faults if fault]


def engaged_by(engine: Engine, cases: Iterable[OutcomeCase]) -> set[str]:
    """The prohibitions that some case meets."""
    found: set[str] = set()
    for case in cases:
        try:
            body = engine.check(case.data["transaction"]).body
        except StatementError:
            continue
        found |= {finding["prohibition"] for act in body.get("acts") or [body] for finding in act["findings"]}
    return found


def _outcome(verdicts: set[str]) -> str:
    """The strictest of the authorities that a case speaks of."""
    return "stop" if verdicts & STOPS else "review" if "review" in verdicts else "proceed"


def _confirmed(data: Json, identity: Json) -> dict[str, Any]:
    """The transaction once a person has said who the party is."""
    transaction: dict[str, Any] = copy.deepcopy(data["transaction"])
    for party in transaction.get("parties", ()):
        if isinstance(party, dict) and party.get("name") == identity["party"]:
            party["subject"] = identity["subject"]
    return transaction


def _not_seen(body: Json, identity: Json) -> str:
    acts = body.get("acts") or [body]
    found = [e for act in acts for e in act["identity"] if e["party"] == identity["party"]]
    verdicts = {c["subject"]: c["verdict"] for entry in found for c in entry["candidates"]}
    if verdicts.get(identity["subject"]) in ("same", "possible"):
        return ""
    return f"`{identity['party']}` is not seen as {identity['subject']}, but as {verdicts or 'nobody recorded'}"


def _miss(ruling: Json | None, authority: str, expected: str, data: Json) -> str:
    if ruling is None:
        return f"{authority}: no answer, expected {expected}"
    got, manner = ruling["verdict"], ruling.get("manner")
    if expected in MANNERS:
        if got == "prohibited" and MANNERS[expected] in (None, manner):
            return ""
    elif got == expected:
        return ""
    either = data["confidence"] != "verified" or bool(EITHER & set(data["tags"]))
    if {got, expected} <= STOPS and got != expected.partition("_")[0] and either:
        return ""
    return f"{authority}: {got}{f' ({manner})' if manner else ''}, expected {expected}"


def _among(wanted: Json, duties: Sequence[Json]) -> bool:
    return any(all(str(duty.get(key)) == value for key, value in wanted.items()) for duty in duties)


def _words(wanted: Json) -> str:
    return ", ".join(f"{key} {value}" for key, value in wanted.items())
