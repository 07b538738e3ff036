"""`serve`: the HTTP server."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.panel import Panel
from rich.text import Text

from carveout.engine.cli.look import FAULT, errors, refuse
from carveout.engine.cli.people import address, first_link
from carveout.engine.cli.reading import RulesOption, engine_for, settings
from carveout.engine.cli.store_keeping import open_store

if TYPE_CHECKING:
    from carveout.engine.records.store import Store
    from carveout.engine.settings import Settings

APPLICATION = "carveout.api:create_app"
PROTOCOL = "carveout.api.patience:PatientProtocol"
"""By name: the engine does not import what is built on it."""
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "carveout.api.logs.Lines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stderr"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "carveout": {"level": "INFO"},
        "uvicorn": {"level": "INFO"},
        "uvicorn.error": {"level": "INFO"},
    },
}
"""uvicorn's own lines about requests would show their queries, with the names in them."""
COUNTS = "PROMETHEUS_MULTIPROC_DIR"


def serve(
    host: Annotated[str | None, typer.Option(help="Where to listen (else CARVEOUT_HOST, else 127.0.0.1).")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="On which port (else CARVEOUT_PORT, else 8000).")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many processes.")] = 1,
    rules: RulesOption = None,
) -> None:
    """Serve the pages and the API. Without --host it listens on this machine only."""
    import uvicorn

    now = settings()
    chosen = replace(
        now, rules=(rules or now.rules).resolve(), host=host or now.host, port=now.port if port is None else port
    )
    engine_for(chosen.rules)  # a fault of the rules is said here and not by each worker
    with open_store() as store:  # nor one of the store
        token = _first_link(store)
    if token is not None:
        _invite(chosen, token)
    chosen.hand_on()
    with _shared_counts(workers):
        uvicorn.run(
            APPLICATION, factory=True, host=chosen.host, port=chosen.port, workers=workers, http=PROTOCOL,
            log_config=LOGGING, access_log=False,
        )  # fmt: skip


@contextmanager
def _shared_counts(workers: int) -> Iterator[None]:
    """A folder in which several processes share what they count, unless one is set."""
    if workers == 1 or os.environ.get(COUNTS):
        yield
        return
    with TemporaryDirectory(prefix="carveout-counts-") as folder:
        os.environ[COUNTS] = folder
        try:
            yield
        finally:
            del os.environ[COUNTS]


def _first_link(store: Store) -> str | None:
    from carveout.engine.records.tokens import SealFault

    try:
        return first_link(store)
    except SealFault as fault:
        refuse([str(fault)], FAULT)


def _invite(chosen: Settings, token: str) -> None:
    """Show the link that makes its user the administrator."""
    alone = is_loopback(chosen.host) and chosen.openid is None
    said = (
        "Nobody has been entered yet: whoever sits at this machine can check and read. To enter people, open"
        if alone
        else f"Listening on {chosen.host}, where nothing works without a key or a sign-in. There is no administrator "
        "yet. To enter people, open"
    )
    link = f"{chosen.url or address(chosen.host, chosen.port)}/sign-in/link?token={token}"
    errors().print(Panel(Text(said), title="people", border_style="blue" if alone else "red3"))
    errors().print(Text(link), soft_wrap=True)
    errors().print(Text("It works once, within a quarter of an hour, and makes you the administrator.", "dim"))


def is_loopback(host: str) -> bool:
    """Does only this machine reach that address?"""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
