"""How the application is set up: what the environment settles for it beside what the engine reads there."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from carveout.engine.law.ruleset import SHIPPED
from carveout.engine.settings import read_settings

LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "testserver")
"""Host names of a server that listens to its own machine. A page elsewhere that gets its name resolved to 127.0.0.1
sends another one and is refused (DNS rebinding)."""
ANY_HOST = "*"
MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Settings:
    """How one application is set up."""

    home: Path = field(default_factory=lambda: read_settings().home)
    """Where state is kept."""
    rules: Path = SHIPPED
    database: str | None = None
    """Address of the database; None: a file in `home`."""
    hosts: tuple[str, ...] = LOOPBACK
    """Host headers that are answered; `*` answers all of them."""
    largest_check: int = MEBIBYTE
    """In bytes, for every request but a CSV."""
    largest_csv: int = 50 * MEBIBYTE
    timeline_subject: str | None = None
    """Whose timeline is shown first; None: the subject that most norms name."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Settings from the engine's variables, and from CARVEOUT_HOSTS and CARVEOUT_TIMELINE. Raises SettingsError."""
        shared = read_settings(environment)
        more = tuple(
            host for part in environment.get("CARVEOUT_HOSTS", "").split(",") if (host := part.strip().lower())
        )
        if not more and not is_loopback(shared.host):  # by which names it is reached there nobody has said
            more = (ANY_HOST,)
        return cls(
            home=shared.home,
            rules=shared.rules,
            database=shared.database,
            hosts=(*LOOPBACK, *more),
            timeline_subject=environment.get("CARVEOUT_TIMELINE") or None,
        )


def is_loopback(host: str) -> bool:
    """Does only this machine reach that address?"""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
