"""What every command reads: a transaction from a file or standard input, a rule set, the settings."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from carveout.engine import Decision, Engine, RuleError, StatementError
from carveout.engine.batch.limits import LARGEST_TRANSACTION
from carveout.engine.batch.stated import read_transaction
from carveout.engine.cli.look import FAULT, errors, refuse
from carveout.engine.decide.kept import KeptFault, engine_at
from carveout.engine.law.ruleset import RuleSet
from carveout.engine.settings import Settings, SettingsError, read_settings

STORE = "carveout.db"
"""The file of the store in the folder of state, where it is no other database."""
FileArgument = Annotated[
    str, typer.Argument(metavar="FILE|-", help="A transaction, JSON or YAML; - is standard input.")
]
RulesOption = Annotated[
    Path | None, typer.Option("--rules", metavar="DIR", help="Rules to ask (else CARVEOUT_RULES, else the shipped).")
]
AsKnownOption = Annotated[
    str | None,
    typer.Option("--as-known", metavar="MOMENT", help="Only what was public at that moment (with its offset)."),
]


def settings() -> Settings:
    """The settings, or leave saying which one is wrong."""
    try:
        return read_settings()
    except SettingsError as error:
        refuse([str(error)])


def engine_for(folder: Path | None, threshold: float | None = None) -> Engine:
    """An engine for the rules in a folder that asks what is kept: the lists, the register, the answers of people.

    Without a folder: for the rules that a change made the law, else for those of the settings. `threshold`: of names,
    in place of the one that is set. Leaves with every fault of theirs.
    """
    now = settings()
    least = now.threshold if threshold is None else threshold
    held = _in_force(now) if folder is None else None
    engine = _opened(folder or now.rules, lambda rules: engine_at(now.home, held or rules, reading_names, least))
    if now.database or (now.home / STORE).exists():
        _answered(engine, now)
    return engine


def _answered(engine: Engine, now: Settings) -> None:
    """Have an engine settle who parties are by the answers of people that are kept; leaves where they are not read."""
    from carveout.engine.records.adjudications import kept_answers  # the database layer takes a fifth of a second
    from carveout.engine.records.database import StoreFault

    try:
        engine.use_answers(kept_answers(now.home, now.database))
    except StoreFault as fault:
        refuse([f"the store, in which the answers of people are kept: {fault}"], FAULT)


def _in_force(now: Settings) -> RuleSet | None:
    """The rules that a change made the law; None: there is no store yet, or no change was activated in it."""
    if now.database is None and not (now.home / STORE).exists():
        return None
    from carveout.engine.records.changes import Changes  # the database layer takes a fifth of a second to load
    from carveout.engine.records.database import StoreFault
    from carveout.engine.records.store import Store

    try:
        store = Store.open(now.home, now.database)
        try:
            changes = Changes(store)
            coming = changes.coming()
            return changes.rules(coming[0].version) if coming else None
        finally:
            store.close()
    except StoreFault as fault:
        refuse(
            [f"the store: {fault}; which rules are in force stands there (--rules DIR asks those of a folder)"], FAULT
        )


def _opened(folder: Path, engine: Callable[[Path], Engine]) -> Engine:
    try:
        return engine(folder)
    except KeptFault as error:
        refuse([str(error)], FAULT)
    except RuleError as error:
        refuse([str(fault) for fault in error.faults], FAULT)
    except OSError as error:
        refuse([f"{folder}: {error.strerror or error}"], FAULT)


def rules_for(folder: Path | None) -> Engine:
    """An engine for the rules in a folder alone, whatever is kept; leaves with every fault of theirs."""
    return _opened(folder or settings().rules, Engine.load)


def reading_names() -> None:
    """Say why it takes a while."""
    errors().print("The lists have changed: their names are read anew, which takes a minute at most.")


def stated(file: str) -> Any:
    """What a file (or standard input) states; leaves naming what is wrong with it."""
    try:
        return read_transaction(_bytes(file), suffix="" if file == "-" else Path(file).suffix)
    except OSError as error:
        refuse([f"{file}: {error.strerror or error}"])
    except StatementError as error:
        refuse([f"{problem.field}: {problem.message}" for problem in error.problems])


def decide(engine: Engine, transaction: Any, as_known: str | None) -> Decision:
    """The decision; leaves naming every faulty field."""
    try:
        return engine.check(transaction, as_known=as_known)
    except StatementError as error:
        refuse([f"{problem.field}: {problem.message}" for problem in error.problems])
    except ValueError as error:
        if as_known is None:
            raise
        refuse([f"--as-known: {error}"])


def _bytes(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(LARGEST_TRANSACTION + 1)
    with Path(file).open("rb") as source:
        return source.read(LARGEST_TRANSACTION + 1)
