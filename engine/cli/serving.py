"""`serve`: the HTTP server."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import Annotated

import typer
from rich.panel import Panel
from rich.text import Text

from carveout.engine.cli.look import errors
from carveout.engine.cli.reading import RulesOption, engine_for, settings
from carveout.engine.cli.store_keeping import open_store

APPLICATION = "carveout.api:create_app"
PROTOCOL = "carveout.api.patience:PatientProtocol"
"""By name: the engine does not import what is built on it."""


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
    with open_store():  # nor one of the store
        pass
    if not is_loopback(chosen.host):
        warning = (
            f"listening on {chosen.host}: everybody who reaches this port can ask it, and nobody is asked who they are"
        )
        errors().print(Panel(Text(warning, "bold"), title="not only this machine", border_style="red3"))
    chosen.hand_on()
    uvicorn.run(APPLICATION, factory=True, host=chosen.host, port=chosen.port, workers=workers, http=PROTOCOL)


def is_loopback(host: str) -> bool:
    """Does only this machine reach that address?"""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
