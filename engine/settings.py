"""What the environment settles: the one place that reads it, asked at the edges (command line, HTTP) only."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from carveout.engine.law.ruleset import SHIPPED

HOME, RULES, HOST, PORT = "CARVEOUT_HOME", "CARVEOUT_RULES", "CARVEOUT_HOST", "CARVEOUT_PORT"
DATABASE = "CARVEOUT_DATABASE"


class SettingsError(ValueError):
    """A setting that cannot be used; the message names the variable."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where state is kept, which rules are asked, where the server listens."""

    home: Path
    rules: Path = SHIPPED
    host: str = "127.0.0.1"
    port: int = 8000
    database: str | None = None
    """Address of the database; None: a file in `home`."""

    def hand_on(self, environment: MutableMapping[str, str] = os.environ) -> None:
        """Put these settings into the environment, for processes that are started from here."""
        environment.update({HOME: str(self.home), RULES: str(self.rules), HOST: self.host, PORT: str(self.port)})


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; an empty variable counts as not set. Raises SettingsError."""
    home = environment.get(HOME) or platformdirs.user_data_dir("carveout", appauthor=False)
    rules = environment.get(RULES)
    return Settings(
        home=Path(home).expanduser(),
        rules=Path(rules).expanduser() if rules else SHIPPED,
        host=environment.get(HOST) or "127.0.0.1",
        port=_port(environment.get(PORT) or "8000"),
        database=environment.get(DATABASE) or None,
    )


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65_535:
        return int(text)
    raise SettingsError(f"{PORT}: `{text[:40]}` is no port (a whole number up to 65535)")
