"""How the application is set up; the environment is read by the engine's settings."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from carveout.engine.batch.limits import LARGEST_TABLE, LARGEST_TRANSACTION, MEBIBYTE
from carveout.engine.law.ruleset import SHIPPED
from carveout.engine.openid import OpenId
from carveout.engine.settings import DEFAULT_ANSWER_DAYS, DEFAULT_RATE, LISTS, read_settings
from carveout.engine.settings import Settings as Shared

LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "testserver")
"""Host names of a server that listens to its own machine. A page elsewhere that gets its name resolved to 127.0.0.1
sends another one and is refused (DNS rebinding)."""
ANY_HOST = "*"


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
    largest_check: int = LARGEST_TRANSACTION
    """In bytes, for every request but a CSV."""
    largest_csv: int = LARGEST_TABLE
    largest_list: int = 256 * MEBIBYTE
    """In bytes, of an uploaded official list; it goes to the disk as it comes."""
    threshold: float | None = None
    """From which score on a name is a candidate; None: the shipped one."""
    answer_days: int = DEFAULT_ANSWER_DAYS
    """How long the answer of a person to who a party is holds, at most and if nothing is said."""
    most_requests: int = DEFAULT_RATE
    """Of one person in a minute."""
    url: str | None = None
    """The address under which browsers reach the server, without a slash at its end; an OpenID provider needs it."""
    openid: OpenId | None = None
    """The provider that says who somebody is."""
    timeline_subject: str | None = None
    """Whose timeline is shown first; None: the subject that most norms name."""

    @property
    def lists(self) -> Path:
        """The folder of the snapshots of official lists."""
        return self.home / LISTS

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Settings from the engine's. Raises SettingsError."""
        shared: Shared = read_settings() if environment is None else read_settings(environment)
        more = shared.hosts
        if not more and not is_loopback(shared.host):  # by which names it is reached there nobody has said
            more = (ANY_HOST,)
        return cls(
            home=shared.home,
            rules=shared.rules,
            database=shared.database,
            threshold=shared.threshold,
            answer_days=shared.answer_days,
            most_requests=shared.rate,
            hosts=(*LOOPBACK, *more),
            url=shared.url,
            openid=shared.openid,
            timeline_subject=shared.timeline,
        )


def is_loopback(host: str) -> bool:
    """Does only this machine reach that address?"""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
