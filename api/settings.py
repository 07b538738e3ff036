"""What can be set: the one place that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "testserver")
"""Host names of a server that listens to its own machine. A page elsewhere that gets its name resolved to 127.0.0.1
sends another one and is refused (DNS rebinding)."""
ANY_HOST = "*"
MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Settings:
    """How one application is set up."""

    rules: Path | None = None
    """Folder of rules; None: those that come with the engine."""
    hosts: tuple[str, ...] = LOOPBACK
    """Host headers that are answered; `*` answers all of them."""
    largest_check: int = MEBIBYTE
    """In bytes, for every request but a CSV."""
    largest_csv: int = 50 * MEBIBYTE
    timeline_subject: str | None = None
    """Whose timeline is shown first; None: the subject that most norms name."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Settings from CARVEOUT_RULES, CARVEOUT_HOSTS (besides loopback) and CARVEOUT_TIMELINE."""
        rules = environment.get("CARVEOUT_RULES")
        more = (host.strip().lower() for host in environment.get("CARVEOUT_HOSTS", "").split(","))
        return cls(
            rules=Path(rules) if rules else None,
            hosts=(*LOOPBACK, *(host for host in more if host)),
            timeline_subject=environment.get("CARVEOUT_TIMELINE") or None,
        )
