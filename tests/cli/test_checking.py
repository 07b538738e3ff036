"""`carveout check`: the answer and its exit status, and nothing but a clear error for bad input."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from carveout.engine import Engine

Run = Callable[..., subprocess.CompletedProcess[bytes]]
OUTCOMES = {"proceed": 0, "review": 10, "stop": 20}
PART: dict[str, Any] = {
    "activity": "sale",
    "at": "2025-09-10T12:00:00-04:00",
    "place": "TR",
    "destination": "TR",
    "parties": [
        {"name": "Ohio Jet Parts LLC", "roles": ["seller"], "kind": "organisation", "country": "US"},
        {"name": "Belavia", "roles": ["buyer"]},
    ],
    "items": [
        {"name": "brake assembly", "eccn": "9A991.d", "origin": "US", "end_user": "Belavia", "aircraft": "EW-366PA"}
    ],
    "assets": [{"id": "aircraft", "registration": "EW-366PA", "eccn": "9A991.b"}],
}


def verdicts(output: bytes) -> dict[str, str]:
    """What each authority says."""
    return {ruling["authority"]: ruling["verdict"] for ruling in json.loads(output)["authorities"]}


@pytest.mark.parametrize(
    ("at", "ofac", "bis", "status"),
    [
        ("2025-09-10T12:00:00-04:00", "prohibited", "license_required", 20),
        ("2025-09-11T18:00:00-04:00", "authorized", "license_required", 20),
        ("2025-09-12T12:00:00-04:00", "authorized", "authorized", 0),
        ("2025-11-05T12:00:00-05:00", "not_prohibited", "authorized", 0),
    ],
)
def test_four_dates_four_answers(run: Run, at: str, ofac: str, bis: str, status: int) -> None:
    done = run("check", "-", "--json", stdin=json.dumps({**PART, "at": at}).encode())
    assert done.returncode == status
    said = verdicts(done.stdout)
    assert (said["us.ofac"], said["us.bis"]) == (ofac, bis)


def test_json_is_the_body(run: Run, fixtures: Path) -> None:
    file = fixtures / "transactions" / "belavia-737-part-letter.json"
    done = run("check", file, "--json")
    assert json.loads(done.stdout) == json.loads(Engine.load().check(json.loads(file.read_text("utf-8"))).canonical())
    assert done.stderr == b""


def test_words_name_outcome_authority_citation_and_conditions(run: Run, fixtures: Path) -> None:
    done = run("check", fixtures / "transactions" / "belavia-737-part-letter.json")
    text = done.stdout.decode()
    assert text.lstrip().startswith("PROCEED")
    for word in ("OFAC", "authorized", "General License 11", "On these conditions", "Assumed", "Duties"):
        assert word in text


def test_yaml_is_read_as_text(run: Run) -> None:
    text = b"activity: advice\nat: 2025-11-22T10:00:00-05:00\nparties:\n"
    text += b"- {name: Fjord AS, roles: [provider], country: NO, military: no}\n- {name: X, roles: [customer]}\n"
    done = run("check", "-", "--json", stdin=text)
    assert done.returncode in OUTCOMES.values(), done.stderr
    assert "NO" not in json.loads(done.stdout)["words"][0]


def test_as_known_takes_away_what_was_not_yet_public(run: Run) -> None:
    stated = json.dumps({**PART, "at": "2025-09-12T12:00:00-04:00"}).encode()
    done = run("check", "-", "--json", "--as-known", "2025-09-10T00:00:00Z", stdin=stated)
    assert verdicts(done.stdout)["us.ofac"] == "prohibited"
    done = run("check", "-", "--as-known", "2025-09-10", stdin=stated)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--as-known" in done.stderr


def test_an_unreadable_code_is_quoted_in_the_question(run: Run) -> None:
    item = {**PART["items"][0], "eccn": "9A99I.d"}
    done = run("check", "-", stdin=json.dumps({**PART, "at": "2025-11-22T10:00:00-05:00", "items": [item]}).encode())
    assert done.returncode == 10
    assert "9A99I.d" in done.stdout.decode()


def test_names_cannot_steer_the_terminal(run: Run) -> None:
    party = {"name": "\x1b[2J\u202eevil [bold]", "roles": ["buyer"], "country": "TR"}
    stated = {**PART, "parties": [PART["parties"][0], party], "items": [{"name": "\x1b]0;x\x07", "eccn": "EAR99"}]}
    for command in ("check", "explain"):
        done = run(command, "-", stdin=json.dumps(stated).encode())
        assert done.returncode in OUTCOMES.values(), done.stderr
        assert b"\x1b" not in done.stdout and "\u202e" not in done.stdout.decode()


def test_a_terminal_without_the_letters_still_gets_the_answer(run: Run, fixtures: Path) -> None:
    file = fixtures / "transactions" / "belavia-name-in-cyrillic.json"
    done = run("check", file, PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert done.returncode == 20, done.stderr
    assert b"STOP" in done.stdout


def test_explain_shows_the_path_of_ownership(run: Run, fixtures: Path) -> None:
    file = fixtures / "transactions" / "handler-owned-by-belavia-and-another.json"
    done = run("explain", file, "--authority", "us.ofac")
    text = done.stdout.decode()
    assert "Belavia 30 %" in text and "Transaviaexport 20 %" in text and "facts used" in text
    assert run("explain", file, "--authority", "us.ofax").returncode == 2


def deep(depth: int) -> bytes:
    """Owners of owners of owners."""
    party = b'{"name": "x", "owners": [{"percent": "60", "party": '
    inner = party * depth + b'"y"' + b"}]}" * depth
    return json.dumps({**PART, "parties": "@"}).encode().replace(b'"@"', b"[" + inner + b"]")


def part(**changes: Any) -> bytes:
    """The part with something else in it."""
    return json.dumps({**PART, **changes}).encode()


BAD = {
    "empty": (b"", "empty"),
    "blank": (b" \n\t", "empty"),
    "no object": (b'["sale"]', "transaction"),
    "a text": (b"sale", "transaction"),
    "not JSON": (b'{"activity": "sale",}', "line 1"),
    "not YAML": (b"activity: [sale\nat: x: y", "line"),
    "unknown field": (part(activty="sale"), "activty"),
    "unknown field of a party": (part(parties=[{"name": "x", "contry": "US"}]), "parties[0].contry"),
    "wrong type": (part(activity=7), "activity"),
    "parties are a number": (part(parties=3), "parties"),
    "no offset": (part(at="2025-09-10T12:00:00"), "at: "),
    "no time": (part(at="yesterday"), "at: "),
    "no day of the calendar": (part(at="2025-02-30"), "at: "),
    "no activity": (json.dumps({"at": "2025-09-10"}).encode(), "activity"),
    "a text of 10 MB": (part(parties=[{"name": "x" * 10_000_000}]), "is larger than 1 MiB"),
    "a text of 900 kB": (part(parties=[{"name": "x" * 900_000}]), "parties[0].name"),
    "10,000 parties": (part(parties=[{"name": f"p{i}"} for i in range(10_000)]), "parties"),
    "NaN": (part(amount=float("nan")), "NaN"),
    "infinity": (part(amount=float("inf")), "Infinity"),
    "a number without end": (b'{"activity":"sale","amount":1' + b"0" * 100_000 + b"}", "amount"),
    "an exponent": (b'{"activity":"payment","at":"2025-01-01","amount":1e999999999}', "amount"),
    "a lone surrogate": (part(reference="\ud800"), "reference"),
    "a lone surrogate as a key": (part(**{"\ud800": "x"}), "unicode"),
    "NUL": (part(parties=[{"name": "x\x00y"}]), "parties[0].name"),
    "broken UTF-8": (b'{"activity": "\xff"}', "UTF-8"),
    "UTF-16": ('{"activity": "sale"}'.encode("utf-16"), "UTF-8"),
    "a key twice": (b'{"activity": "sale", "activity": "advice"}', "stands twice"),
    "a key twice, YAML": (b"activity: sale\nactivity: advice\n", "stands twice"),
    "an alias": (b"activity: &a sale\nreference: *a\n", "aliases"),
    "a tag": (b"activity: !!python/name:os.system sale\n", "tags"),
    "two documents": (b"activity: sale\n---\nactivity: sale\n", "second document"),
    "deep JSON": (b'{"activity":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "deep"),
    "deep YAML": (b"activity: " + b"[" * 100_000, "deep"),
    "deep YAML blocks": (b"- " * 50_000, "deep"),
    "deep owners": (deep(400), "deep"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named_and_nothing_is_answered(run: Run, name: str) -> None:
    text, told = BAD[name]
    done = run("check", "-", stdin=text)
    assert (done.returncode, done.stdout) == (2, b""), done.stderr
    error = done.stderr.decode(errors="replace")
    assert told in error and "Traceback" not in error
    assert len(error) < 20_000


def test_a_file_that_is_not_there(run: Run, tmp_path: Path) -> None:
    for file in (tmp_path / "none.json", tmp_path):
        done = run("check", file)
        assert (done.returncode, done.stdout) == (2, b"")
        assert str(file).encode() in done.stderr


def test_rules_that_cannot_be_used(run: Run, tmp_path: Path) -> None:
    done = run("check", "-", "--rules", tmp_path / "none", stdin=part())
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"no such folder" in done.stderr


def test_search_looks_a_name_up(run: Run) -> None:
    found = run("search", "Белавиа", "--at", "2024-05-20T10:00:00-04:00")
    assert found.returncode == 10 and b"by.belavia" in found.stdout and b"us.ofac.sdn/BELARUS-EO14038" in found.stdout
    assert b"none is kept" in found.stdout
    nobody = run("search", "Quill and Daughters", "--json")
    assert nobody.returncode == 0
    assert json.loads(nobody.stdout)["candidates"] == [] and json.loads(nobody.stdout)["unread"] is None
    part = run("search", "Belarusian Airlines")  # a part of a name: shown, and no candidate
    assert part.returncode == 0 and b"by.belavia" in part.stdout and b"no decision takes these" in part.stdout
    for unread in ("N/A", "see attached", "中国公司"):  # that nobody is found is no answer
        found = run("search", unread)
        assert found.returncode == 10 and b"says nobody" in found.stdout
    assert json.loads(run("search", "N/A", "--json").stdout)["unread"]
    assert run("search", "A", "--id", "imo").returncode == 2
