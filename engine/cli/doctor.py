"""`doctor`: is everything here that the engine needs, and what is at work?"""

from __future__ import annotations

import platform
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.text import Text

from carveout.engine import Engine, RuleError, __version__
from carveout.engine.cli.look import FAULT, clean, console
from carveout.engine.cli.reading import RulesOption, settings
from carveout.engine.decide.settling import at_work
from carveout.engine.parties.snapshots.model import SnapshotsError
from carveout.engine.parties.snapshots.publications import PublicationsError, read_publications
from carveout.engine.parties.snapshots.status import status
from carveout.engine.parties.snapshots.store import Snapshots
from carveout.engine.settings import DATABASE, MEANING, SECRETS, Settings

Line = tuple[bool, str, str]
"""Whether it is well, what is looked at, and what was found."""


def doctor(rules: RulesOption = None) -> None:
    """Look at this installation. Exit status: 0, or 1 if something does not work."""
    out, well = console(), True
    now = settings()
    for good, title, found in (
        _python(),
        _settling(),
        *_rules(rules or now.rules),
        _home(now.home),
        _lists(now.lists),
        *_set(now),
    ):
        well &= good
        mark = ("ok   ", "green4") if good else ("fault", "bold red3")
        out.print(Text.assemble(mark, f"  {title:<10} ", clean(found)), soft_wrap=True)
    raise typer.Exit(0 if well else FAULT)


def _python() -> Line:
    return sys.version_info >= (3, 11), "carveout", f"{__version__} on Python {platform.python_version()}"


def _settling() -> Line:
    return True, "settling", at_work()


def _rules(folder: Path) -> Iterator[Line]:
    try:
        held = Engine.load(folder).rules
    except (RuleError, OSError) as error:
        faults = [str(fault) for fault in error.faults] if isinstance(error, RuleError) else [str(error)]
        yield (
            False,
            "rules",
            f"{folder}: {len(faults)} faults, the first: {faults[0]} (`carveout rules check` says all)",
        )
        return
    counts = f"{len(held.norms)} norms of {len(held.authorities)} authorities, {len(held.subjects)} subjects"
    yield True, "rules", f"{folder}: {counts}"
    yield True, "version", held.fingerprint
    if held.norms:
        oldest = min(held.norms.values(), key=lambda norm: norm.checked)
        yield True, "looked at", f"longest ago: {oldest.id}, {oldest.checked}"


def _home(home: Path) -> Line:
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            return True, "home", f"{home} can be written to"
    except OSError as error:
        return False, "home", f"{home} cannot be written to: {error.strerror} (set CARVEOUT_HOME)"


def _set(now: Settings) -> Iterator[Line]:
    for name, value in now.values().items():
        if name == DATABASE and value:
            value = _without_password(value)
        if name in SECRETS and value:
            value = "(not shown)"
        yield True, "setting", f"{name}={value} ({'set' if name in now.stated else 'not set'}): {MEANING[name]}"


def _without_password(url: str) -> str:
    """The address of a database as it may be shown."""
    from sqlalchemy import make_url  # it takes a fifth of a second to load
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "(no address that can be read)"


def _lists(folder: Path) -> Line:
    try:
        known = read_publications(folder)
        with Snapshots(folder).reading() as view:
            held = [x for x in status(view, known, datetime.now(UTC)) if x.newest is not None]
    except (SnapshotsError, PublicationsError) as error:
        return False, "lists", str(error)
    if not held:
        return True, "lists", "no snapshot of an official list is held: listings come from the rules alone"
    old = [x.publication for x in held if x.state == "stale"]
    counted = f"{sum(x.snapshots for x in held)} snapshots of {len(held)} publications"
    return True, "lists", f"{counted}{'; stale: ' + ', '.join(old) if old else ''} (`carveout lists status`)"
