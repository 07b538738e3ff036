"""Changes to try: the small rule set, some that differ from it, and the persons who propose and approve."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

from carveout.engine import Engine
from carveout.engine.records.changes import Change, Changes
from carveout.engine.records.contents import Contents
from carveout.engine.records.people import People, Role
from carveout.engine.records.store import Store

LICENCE = "xx/office/licence-1.exemption.yaml"
BLOCKING = "xx/office/blocking.prohibition.yaml"
LONGER = (
    b'until: {at: "2024-07-01T00:01", published: 2024-06-01}',
    b'until: {at: "2027-07-01T00:01", published: 2024-06-01}',
)


@cache
def small() -> Engine:
    """The small rule set."""
    path = Path(__file__).resolve().parents[1] / "law" / "small.py"
    spec = importlib.util.spec_from_file_location("small", path)
    assert spec is not None and spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    engine: Engine = module.small_engine()
    return engine


@cache
def contents() -> Contents:
    """Its files."""
    return Contents.of_rules(small().rules)


def other(changed: dict[str, tuple[bytes, bytes] | bytes | None], base: Contents | None = None) -> Contents:
    """Files with some replaced in part, put in, or taken away."""
    files = dict((base or contents()).files)
    for path, what in changed.items():
        if what is None:
            del files[path]
        elif isinstance(what, bytes):
            files[path] = what
        else:
            assert what[0] in files[path], path
            files[path] = files[path].replace(*what)
    return Contents(files)


def longer() -> Contents:
    """A licence that ends three years later, with a remark that says so."""
    made = other({LICENCE: LONGER})
    return Contents({**made.files, LICENCE: b"# prolonged\n" + made.files[LICENCE] + b"\n# the end\n"})


def begun(store: Store) -> Changes:
    """Changes of a store with persons: ann and eve write and approve, bob approves."""
    people = People(store)
    if not people.anybody():
        people.add("ann", "Ann", [Role.AUTHOR, Role.APPROVER], "system")
        people.add("eve", "Eve", [Role.AUTHOR, Role.APPROVER], "system")
        people.add("bob", "Bob", [Role.APPROVER], "system")
        people.add("una", "Una", [Role.AUDITOR], "system")
    changes = Changes(store)
    changes.begin(small().rules)
    return changes


def approved(changes: Changes, made: Contents, title: str = "A change") -> Change:
    """A change that ann proposed and bob approved on a report."""
    from carveout.engine.analyse.reports import approve, make_report

    id = changes.propose(made, "ann", title=title).proposal.id
    make_report(changes, id, "bob", small())
    return approve(changes, id, "bob", small())


def sale(number: int, at: str = "2025-03-01T12:00:00Z", **more: Any) -> dict[str, Any]:
    """A service for Alpha, by a seller of X."""
    return {
        "reference": f"r{number}",
        "activity": "service",
        "at": at,
        "parties": [
            {"name": f"Seller {number % 7}", "roles": ["provider"], "country": "US"},
            {"name": "Alpha Tractor Works", "roles": ["customer"], "subject": "zz.alpha"},
        ],
        **more,
    }
