"""What a held authorisation and a dated share must say to be read at all."""

from __future__ import annotations

from typing import Any

import pytest

from carveout.engine import Engine, StatementError

ENGINE = Engine.load()
BAN = "us.ofac.belarus.548-201"


def problems(**changed: Any) -> dict[str, str]:
    statement = {
        "activity": "service",
        "at": "2025-09-10T12:00:00-04:00",
        "parties": [{"name": "A", "roles": ["actor"]}],
    }
    with pytest.raises(StatementError) as error:
        ENGINE.reader.read({**statement, **changed})
    return {problem.field: problem.message for problem in error.value.problems}


def held(**more: Any) -> list[dict[str, Any]]:
    return [{"issuer": "us.ofac", "reference": "MUL-1", "lifts": [BAN], **more}]


@pytest.mark.parametrize("reference", ["", "   "])
def test_an_authorisation_without_a_reference_is_none(reference: str) -> None:
    assert problems(authorisations=held(reference=reference)) == {"authorisations[0].reference": "is empty"}


@pytest.mark.parametrize(
    ("begins", "ends"), [("2025-09-02", "2025-09-01"), ("2025-09-01T12:00:00Z", "2025-09-01T12:00:00Z")]
)
def test_an_authorisation_that_ends_before_it_begins_is_refused(begins: str, ends: str) -> None:
    found = problems(authorisations=held(**{"from": begins, "until": ends}))
    assert found == {"authorisations[0].until": "is not after `from`"}


@pytest.mark.parametrize(("begins", "ends"), [("2025-02-01", "2025-01-01"), ("2025-02-01", "2025-02-01")])
def test_a_share_held_until_before_it_was_got_is_refused(begins: str, ends: str) -> None:
    owner = {"party": "B", "percent": 60, "from": begins, "until": ends}
    found = problems(parties=[{"name": "A", "roles": ["actor"], "owners": [owner]}])
    assert found == {"parties[0].owners[0].until": f"{ends} is not after `from` ({begins})"}
