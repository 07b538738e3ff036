"""What is shipped is what is in the tree, under its own name, and no file says where packages come from."""

import ast
import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import carveout.engine

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
INSTALLED = os.environ.get("CARVEOUT_INSTALLED") == "1"  # set by `make test-wheel`
SHIPPED = ("engine", "api", "rules", "seeds")

of_the_tree = pytest.mark.skipif(INSTALLED, reason="about the tree, not about the installed wheel")


def files() -> list[Path]:
    """Every file that is, or would be, committed; relative to the root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    # What git lists may have been deleted since.
    return sorted(Path(name) for name in listing.split("\0") if name and (ROOT / name).is_file())


def text(path: Path) -> str:
    """The file's text; bytes that are none are of no interest here."""
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


@pytest.mark.skipif(not INSTALLED, reason="only in `make test-wheel`")
def test_tests_of_the_wheel_do_not_see_the_tree() -> None:
    assert not Path(carveout.engine.__file__).is_relative_to(ROOT / "engine")


@of_the_tree
def test_wheel_holds_the_files_of_the_tree(tmp_path: Path) -> None:
    subprocess.run([ROOT / "tools" / "wheel", tmp_path, sys.executable], check=True)
    (wheel,) = tmp_path.glob("carveout-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    packed = {name for name in names if ".dist-info/" not in name}
    tree = {f"carveout/{path.as_posix()}" for path in files() if path.parts[0] in SHIPPED and path.suffix != ".md"}

    assert tree - packed == set(), "not in the wheel: see `packages` and `package-data` in pyproject.toml"
    assert packed - tree == set(), "in the wheel only"
    assert any(name.endswith("/licenses/LICENSE") for name in names)


@of_the_tree
def test_every_part_of_the_engine_has_its_layer() -> None:
    (layers,) = (
        contract["layers"]
        for contract in PYPROJECT["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    )
    folders = {path.parts[1] for path in files() if path.parts[0] == "engine" and len(path.parts) > 2}
    assert folders == set(layers), "`layers` in pyproject.toml and the folders of engine/ differ"


@of_the_tree
def test_nothing_is_imported_by_its_folder_name() -> None:
    # `import engine` works from the root, and makes a second copy of every class.
    offenders = []
    for path in files():
        if path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(text(path), path)):
            match node:
                case ast.Import():
                    modules = [alias.name for alias in node.names]
                case ast.ImportFrom(level=0):
                    modules = [node.module or ""]
                case _:
                    continue
            offenders += [f"{path}:{node.lineno}" for module in modules if module.split(".")[0] in SHIPPED]
    assert offenders == [], "import carveout.engine, carveout.api"


@of_the_tree
def test_no_file_names_a_package_host_or_a_place_on_one_machine() -> None:
    # Set-up must serve behind any mirror. The words are cut up so that this file does not name them either.
    hosts = ["py" + "pi.org", "python" + "hosted.org", "registry.npm" + "js.org", "deb.deb" + "ian.org"]
    options = ["--index" + "-url", "--extra" + "-index", "--find" + "-links", "--trusted" + "-host"]
    places = ["/ro" + "ot/", "/ho" + "me/", "/wo" + "rk/", "/Us" + "ers/"]
    # A place starts a word; `docs/work/` and the path of a web address do not.
    pattern = re.compile("|".join(map(re.escape, hosts + options)) + r"|(?<![\w.}/])(?:" + "|".join(places) + ")")
    offenders = [
        f"{path}:{number}: {match[0]}"
        for path in files()
        for number, line in enumerate(text(path).splitlines(), 1)
        if (match := pattern.search(line))
    ]
    assert offenders == []


@of_the_tree
def test_version_stands_in_one_place() -> None:
    assert "version" in PYPROJECT["project"]["dynamic"]
    assignment = re.compile(r"^__version__\b", re.MULTILINE)
    sources = [path.as_posix() for path in files() if path.suffix == ".py" and assignment.search(text(path))]
    assert sources == ["engine/__init__.py"]


def test_installed_version_is_the_engines() -> None:
    assert importlib.metadata.version("carveout") == carveout.engine.__version__


@of_the_tree
def test_every_dependency_is_pinned_and_has_its_reason() -> None:
    project = PYPROJECT["project"]
    direct = project["dependencies"] + PYPROJECT["dependency-groups"]["dev"]
    peers = project["optional-dependencies"]["bench"]
    of_names = project["optional-dependencies"]["bench-names"]  # not pinned: one of them is built from source

    def names(requirements: list[str]) -> set[str]:
        matches = (re.match(r"[\w.-]+", requirement) for requirement in requirements)
        return {re.sub(r"[-_.]+", "-", match[0]).lower() for match in matches if match}

    def pins(lock: str) -> set[str]:
        return names([line for line in text(Path(lock)).splitlines() if "==" in line])

    reasons = names(re.findall(r"^\| `([\w.-]+)` \|", text(Path("docs/dependencies.md")), re.MULTILINE))
    assert names(direct) - pins("requirements.txt") == set(), "not locked: `make lock`"
    assert names(direct + peers) - pins("requirements-bench.txt") == set(), "not locked: `make lock`"
    assert names(direct + peers + of_names) ^ reasons == set(), "docs/dependencies.md and pyproject.toml differ"
