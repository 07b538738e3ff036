"""What the environment settles: the one place that reads it, asked at the edges (command line, HTTP) only."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from carveout.engine import openid
from carveout.engine.law.ruleset import SHIPPED
from carveout.engine.openid import OpenId, check_address, read_openid

HOME, RULES, HOST, PORT = "CARVEOUT_HOME", "CARVEOUT_RULES", "CARVEOUT_HOST", "CARVEOUT_PORT"
HOSTS, TIMELINE, DATABASE = "CARVEOUT_HOSTS", "CARVEOUT_TIMELINE", "CARVEOUT_DATABASE"
LISTS = "lists"
"""The folder of official lists, in the home."""
THRESHOLD = "CARVEOUT_THRESHOLD"
ANSWER_DAYS = "CARVEOUT_ANSWER_DAYS"
DEFAULT_ANSWER_DAYS, MOST_ANSWER_DAYS = 365, 3_650
RATE, URL = "CARVEOUT_RATE", "CARVEOUT_URL"
SECRETS = frozenset({openid.SECRET})
"""Variables whose value is shown to nobody."""
DEFAULT_RATE, MOST_RATE = 30_000, 10_000_000
DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8000
MEANING: Mapping[str, str] = {
    HOME: "where state is kept",
    DATABASE: "a PostgreSQL for the store, in place of the file there",
    RULES: "the folder of rules that is asked",
    HOST: "where the server listens",
    PORT: "on which port",
    HOSTS: "names that the server answers to, beside those of this machine, with commas; `*` is any",
    TIMELINE: "whose timeline is shown first",
    THRESHOLD: "from which score on, 50 to 100, a name is a candidate",
    ANSWER_DAYS: "how many days the answer of a person to who a party is holds, at most and if nothing is said",
    RATE: "how many requests the server takes from one person in a minute",
    URL: "the address under which browsers reach the server: for sign-in links, and for an OpenID provider",
    openid.ISSUER: "the OpenID provider that says who somebody is",
    openid.CLIENT: "who this server is to it",
    openid.SECRET: "how it proves that",
    openid.CLAIM: "the claim that names somebody's groups there",
    openid.ROLES: "the roles of groups: `group=role role;group=role`",
}
"""Every variable, with what it settles."""


class SettingsError(ValueError):
    """A setting that cannot be used; the message names the variable."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where state is kept, which rules are asked, where the server listens and to which names it answers."""

    home: Path
    rules: Path = SHIPPED
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    hosts: tuple[str, ...] = ()
    """In small letters; none where the environment names none."""
    timeline: str | None = None
    """The id of a subject."""
    threshold: float | None = None
    """None: the shipped one."""
    database: str | None = None
    """Address of the database; None: a file in `home`."""
    answer_days: int = DEFAULT_ANSWER_DAYS
    """How long the answer of a person to who a party is holds."""
    rate: int = DEFAULT_RATE
    """Requests of one person in a minute."""
    url: str | None = None
    """The address under which browsers reach the server, without a slash at its end."""
    openid: OpenId | None = None
    """The provider that says who somebody is; None: there is none."""
    stated: frozenset[str] = field(default=frozenset(), compare=False)
    """The variables that the environment sets; all else is as it is without."""

    @property
    def lists(self) -> Path:
        """The folder of the snapshots of official lists."""
        return self.home / LISTS

    def hand_on(self, environment: MutableMapping[str, str] = os.environ) -> None:
        """Put these settings into the environment, for processes that are started from here."""
        environment.update(self.values())

    def values(self) -> dict[str, str]:
        """Each variable with its value, as text; empty where there is none."""
        return {
            HOME: str(self.home),
            DATABASE: self.database or "",
            RULES: str(self.rules),
            HOST: self.host,
            PORT: str(self.port),
            HOSTS: ",".join(self.hosts),
            TIMELINE: self.timeline or "",
            THRESHOLD: "" if self.threshold is None else f"{self.threshold:g}",
            ANSWER_DAYS: str(self.answer_days),
            RATE: str(self.rate),
            URL: self.url or "",
            **_values_of(self.openid),
        }


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; an empty variable counts as not set. Raises SettingsError."""
    home = environment.get(HOME) or platformdirs.user_data_dir("carveout", appauthor=False)
    rules = environment.get(RULES)
    return Settings(
        home=Path(home).expanduser(),
        rules=Path(rules).expanduser() if rules else SHIPPED,
        database=environment.get(DATABASE) or None,
        host=environment.get(HOST) or DEFAULT_HOST,
        port=_port(environment.get(PORT) or str(DEFAULT_PORT)),
        hosts=tuple(host for part in environment.get(HOSTS, "").split(",") if (host := part.strip().lower())),
        timeline=environment.get(TIMELINE) or None,
        threshold=_threshold(environment.get(THRESHOLD) or ""),
        answer_days=_days(environment.get(ANSWER_DAYS) or str(DEFAULT_ANSWER_DAYS)),
        rate=_rate(environment.get(RATE) or str(DEFAULT_RATE)),
        url=_url(environment.get(URL) or ""),
        openid=_openid(environment),
        stated=frozenset(name for name in MEANING if environment.get(name)),
    )


def _threshold(text: str) -> float | None:
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 50.0 <= found <= 100.0:
        raise SettingsError(f"{THRESHOLD}: `{text[:40]}` is no score from 50 to 100")
    return found


def _days(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= MOST_ANSWER_DAYS:
        return int(text)
    raise SettingsError(f"{ANSWER_DAYS}: `{text[:40]}` is no number of days (1 to {MOST_ANSWER_DAYS})")


def _rate(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 8 and 1 <= int(text) <= MOST_RATE:
        return int(text)
    raise SettingsError(f"{RATE}: `{text[:40]}` is no number of requests in a minute (1 to {MOST_RATE})")


def _openid(environment: Mapping[str, str]) -> OpenId | None:
    try:
        found = read_openid(environment)
    except ValueError as error:
        raise SettingsError(str(error)) from None
    if found is not None and not environment.get(URL):
        raise SettingsError(f"{URL}: is missing; the OpenID provider sends people back to it")
    return found


def _values_of(found: OpenId | None) -> dict[str, str]:
    return {
        openid.ISSUER: found.issuer if found else "",
        openid.CLIENT: found.client if found else "",
        openid.SECRET: found.secret if found else "",
        openid.CLAIM: found.claim if found else "",
        openid.ROLES: found.roles_text() if found else "",
    }


def _url(text: str) -> str | None:
    if not text:
        return None
    try:
        check_address(URL, text)
    except ValueError as error:
        raise SettingsError(str(error)) from None
    return text.rstrip("/")


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65_535:
        return int(text)
    raise SettingsError(f"{PORT}: `{text[:40]}` is no port (a whole number up to 65535)")
