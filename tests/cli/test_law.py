"""`carveout rules`: faults with file, line and hint; lists, one norm, and cases."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[bytes]]
GL_11 = "us.ofac.belarus.gl-11"
CASE = """
- id: X1
  title: advice to Belavia under general licence 11
  confidence: verified
  transaction:
    activity: advice
    at: '2025-10-01T10:00:00-04:00'
    parties:
      - {name: Great Lakes Consultancy LLC, roles: [provider], kind: organisation, country: US}
      - {name: Belavia, roles: [customer]}
  expected: {us.ofac: VERDICT}
  outcome: proceed
  reason: the licence covers it
  citation: [GL 11]
  tags: [gl-11]
"""


@pytest.fixture
def rules(shipped: Path, tmp_path: Path) -> Path:
    """A copy of the rules, without their cases, to change."""
    copy = tmp_path / "law" / "rules"
    shutil.copytree(shipped, copy, ignore=shutil.ignore_patterns("*.cases.yaml"))
    return copy


def test_check_says_how_well_the_rules_are_kept(run: Run, rules: Path) -> None:
    done = run("rules", "check", rules, "--on", "2030-01-01")
    text = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    assert "norms last looked at more than 180 days ago" in text and "no case meets" in text
    assert "no fault" in text and "more (--all)" in text


def test_check_says_every_fault_with_file_line_and_hint(run: Run, rules: Path) -> None:
    file = rules / "us" / "ofac" / "belarus" / "gl-11.exemption.yaml"
    file.write_text(file.read_text("utf-8").replace("lifts_as:", "lift_as:"), "utf-8")
    (rules / "us" / "ofac" / "odd.yaml").write_text("title: x\n")
    done = run("rules", "check", rules)
    error = done.stderr.decode()
    assert (done.returncode, done.stdout) == (1, b"")
    assert "rules/us/ofac/belarus/gl-11.exemption.yaml:" in error and "`lift_as`" in error and "lifts_as" in error
    assert "odd.yaml:1" in error


def test_check_finds_events_that_do_not_fit(run: Run, rules: Path) -> None:
    seeds = rules.parent / "seeds"
    seeds.mkdir()
    (seeds / "us-ofac-2025-09-11-gl-11.yaml").write_text("title: x\nnorms: [us.ofac.belarus.gl-99]\n")
    (seeds / "us-x.yaml").write_text("title: x\n")
    done = run("rules", "check", rules, "--all")
    assert done.returncode == 1
    assert b"seeds/us-ofac-2025-09-11-gl-11.yaml:2: unknown norm `us.ofac.belarus.gl-99`" in done.stderr
    assert b"names an event that does not exist" in done.stderr
    assert b"us-x" in done.stdout


def test_a_piped_list_has_one_line_for_each_norm(run: Run) -> None:
    done = run("rules", "list", COLUMNS="40")
    lines = done.stdout.decode().splitlines()
    assert len(lines) == int(done.stderr.split()[0])
    assert {len(line.split("\t")) for line in lines} == {4}
    assert all(line.split("\t")[0].startswith(("us.", "eu.", "uk.", "ch.", "ca.", "un.")) for line in lines)


def test_list_and_its_filters(run: Run) -> None:
    done = run("rules", "list", "--authority", "us.ofac", "--kind", "exemption")
    assert done.returncode == 0 and GL_11.encode() in done.stdout
    before = run("rules", "list", "--in-force-at", "2025-09-09").stdout.decode().split()
    on_the_day = run("rules", "list", "--in-force-at", "2025-09-11").stdout.decode().split()
    assert GL_11 not in before and GL_11 in on_the_day
    for option, value in (("--authority", "us.ofax"), ("--kind", "exemtion"), ("--in-force-at", "soon")):
        done = run("rules", "list", option, value)
        assert (done.returncode, done.stdout) == (2, b"")
        assert option.encode() in done.stderr


def test_show_says_where_a_norm_stands(run: Run) -> None:
    text = run("rules", "show", GL_11).stdout.decode()
    for word in ("in force", "2025-09-11", "OFAC Belarus General License 11", "shields", "us.ofac.belarus.548-201"):
        assert word in text
    assert GL_11 in run("rules", "show", "us.ofac.belarus.548-201").stdout.decode()
    done = run("rules", "show", "us.ofac.belarus.gl-1l")
    assert done.returncode == 2 and b"did you mean" in done.stderr


def test_cases_below_the_rules_are_run(run: Run, rules: Path) -> None:
    cases = rules / "us" / "ofac" / "belarus" / "gl-11.cases.yaml"
    cases.write_text(CASE.replace("VERDICT", "authorized"))
    done = run("rules", "test", rules)
    assert done.returncode == 0, done.stdout
    assert b"1 cases: 1 as expected" in done.stdout
    cases.write_text(CASE.replace("VERDICT", "prohibited"))
    done = run("rules", "test", rules)
    assert done.returncode == 1
    text = done.stdout.decode()
    assert "gl-11.cases.yaml:2" in text and "us.ofac: authorized, expected prohibited" in text


def test_a_folder_of_cases_alone(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "cases"
    folder.mkdir()
    (folder / "a.yaml").write_text(CASE.replace("VERDICT", "prohibited") + "  known_gap: so far\n")
    done = run("rules", "test", folder)
    assert done.returncode == 0 and b"1 known gaps" in done.stdout
    (folder / "a.yaml").write_text(CASE.replace("VERDICT", "allowed") + "  colour: red\n")
    done = run("rules", "test", folder)
    assert done.returncode == 1
    assert b"unknown verdict `allowed`" in done.stderr and b"unknown key `colour`" in done.stderr
