"""How a house signs in with its OpenID provider, as the environment has it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

ISSUER, CLIENT, SECRET = "CARVEOUT_OIDC_ISSUER", "CARVEOUT_OIDC_CLIENT", "CARVEOUT_OIDC_SECRET"
CLAIM, ROLES = "CARVEOUT_OIDC_CLAIM", "CARVEOUT_OIDC_ROLES"
DEFAULT_CLAIM = "groups"
WORDS = ("screener", "analyst", "author", "approver", "auditor", "administrator")
"""The roles, as `records.people` has them, which takes a fifth of a second to load."""


@dataclass(frozen=True, slots=True)
class OpenId:
    """A provider, who we are to it, and which of its groups have which roles here."""

    issuer: str
    client: str
    secret: str = field(repr=False)
    claim: str = DEFAULT_CLAIM
    """The claim of the identity token that names somebody's groups."""
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Roles by group; where there are none, roles are given here by hand."""

    def roles_text(self) -> str:
        """The roles as they are set."""
        return ";".join(f"{group}={' '.join(sorted(roles))}" for group, roles in self.roles.items())


def read_openid(environment: Mapping[str, str]) -> OpenId | None:
    """What the environment says; None: nothing. Raises ValueError that names the variable."""
    issuer, client, secret = (environment.get(name, "").strip() for name in (ISSUER, CLIENT, SECRET))
    if not (issuer or client or secret):
        return None
    for name, value in ((ISSUER, issuer), (CLIENT, client), (SECRET, secret)):
        if not value:
            raise ValueError(f"{name}: is missing; issuer, client and secret are set together")
    check_address(ISSUER, issuer)
    claim = environment.get(CLAIM, "").strip() or DEFAULT_CLAIM
    return OpenId(issuer.rstrip("/"), client, secret, claim, _roles(environment.get(ROLES, "")))


def check_address(name: str, address: str) -> None:
    """Raises ValueError for what is no address of a server, or one that is neither encrypted nor of this machine."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError(f"{name}: `{address[:80]}` is no address (https://host/path)")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError(f"{name}: `{address[:80]}` is not encrypted: http is for this machine only")


def _roles(text: str) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        group, equals, words = part.rpartition("=")
        roles = frozenset(words.split())
        if not equals or not group.strip() or not roles or group.strip() in found:
            raise ValueError(f"{ROLES}: `{part[:80]}` is not `group=role role`, each group once, `;` between")
        for word in sorted(roles - set(WORDS)):
            raise ValueError(f"{ROLES}: `{word[:40]}` is no role; there are {', '.join(WORDS)}")
        found[group.strip()] = roles
    return found


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
