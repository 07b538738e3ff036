"""`store`: what need not be kept any longer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from carveout.engine.cli.look import console
from carveout.engine.cli.reading import RulesOption, engine_for
from carveout.engine.cli.store_keeping import open_store, person

store = typer.Typer(no_args_is_help=True, help="The store of decisions.")


@store.callback()
def _group() -> None:
    pass


@store.command()
def purge(
    dry: Annotated[bool, typer.Option("--dry", help="Count only; delete nothing.")] = False, rules: RulesOption = None
) -> None:
    """Delete decisions that neither the law of then nor that of today has kept any longer."""
    from carveout.engine.records.deleting import delete_expired, expired

    held, today = engine_for(rules).rules, datetime.now(UTC).date()
    with open_store() as opened:
        count = len(expired(opened, held, today)) if dry else delete_expired(opened, held, today, person())
    console().print(f"{count} decisions {'could be' if dry else 'were'} deleted")
