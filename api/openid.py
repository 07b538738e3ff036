"""OpenID Connect: somebody is sent to the provider of their house, and comes back with what it says of them.

The code flow (OpenID Connect Core 1.0, section 3.1) with PKCE (RFC 7636), state and nonce, as a confidential client.
The protocol is Authlib's; here is what is kept while somebody is away, and what is believed when they are back.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.starlette_client import OAuth, OAuthError
from cryptography.fernet import Fernet, InvalidToken
from joserfc.errors import JoseError

from carveout.engine.openid import OpenId

BEGIN, BACK = "/sign-in/openid", "/sign-in/openid/callback"
COOKIE = "carveout-openid"
AWAY_SECONDS = 600
"""How long somebody may be away at the provider."""
PURPOSE = "OpenID sign-in"
TIMEOUT_SECONDS = 10.0
SCOPE = "openid profile email"
SIGNED_WITH = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
"""By the provider's own key. Not `none`, and nothing that whoever knows our secret could sign."""


class Refused(Exception):
    """The provider does not say who it is, or is not to be believed; the message is for whoever signs in."""


class Unreachable(Refused):
    """The provider cannot be asked."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """What the provider says of somebody."""

    subject: str
    name: str
    handle: str
    """What they are called there, to make an id of."""
    groups: frozenset[str]


class Provider:
    """The provider of one house, as one application sees it."""

    def __init__(self, how: OpenId, url: str) -> None:
        """`url`: the address of this server, to which the provider sends people back."""
        self.how, self.back = how, url + BACK
        self.name = urlsplit(how.issuer).netloc
        self._client: Any = OAuth().register(
            "provider",
            client_id=how.client,
            client_secret=how.secret,
            server_metadata_url=f"{how.issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": SCOPE, "code_challenge_method": "S256", "timeout": TIMEOUT_SECONDS},
        )

    async def begin(self, key: bytes) -> tuple[str, str]:
        """Where to send somebody, and what their browser keeps meanwhile, sealed with a key. Raises Refused."""
        await self._metadata()
        away = await self._asked(self._client.create_authorization_url(self.back))
        kept = {name: away[name] for name in ("state", "nonce", "code_verifier")}
        return str(away["url"]), Fernet(key).encrypt(json.dumps(kept).encode()).decode()

    async def back_with(self, said: Mapping[str, str], sealed: str, key: bytes) -> Vouched:
        """Who came back, by the parameters of the address and what their browser kept. Raises Refused."""
        try:
            kept = json.loads(Fernet(key).decrypt(sealed.encode(), ttl=AWAY_SECONDS))
        except (InvalidToken, ValueError):
            raise Refused("this sign-in was not begun in this browser, or took longer than ten minutes") from None
        if not hmac.compare_digest(said.get("state", "").encode(), kept["state"].encode()):
            raise Refused("this is the answer to another sign-in")
        if said.get("iss", self.how.issuer).rstrip("/") != self.how.issuer:  # RFC 9207
            raise Refused("this is the answer of another provider")
        if "error" in said or "code" not in said:
            raise Refused(f"{self.name} says `{said.get('error', 'nothing')[:60]}`")
        metadata = await self._metadata()
        token = await self._asked(
            self._client.fetch_access_token(self.back, code=said["code"], code_verifier=kept["code_verifier"])
        )
        if "id_token" not in token:
            raise Refused(f"{self.name} sent no identity token")
        options = {
            "iss": {"essential": True, "value": metadata["issuer"]},
            "aud": {"essential": True, "value": self.how.client},
        }
        claims = dict(await self._asked(self._client.parse_id_token(token, kept["nonce"], claims_options=options)))
        if self.how.claim not in claims and self.how.roles and metadata.get("userinfo_endpoint"):
            more = dict(await self._asked(self._client.userinfo(token=token)))
            if more.get("sub") != claims["sub"]:
                raise Refused(f"{self.name} speaks of somebody else")
            claims = {**more, **claims}
        return _vouched(claims, self.how.claim)

    async def _metadata(self) -> dict[str, Any]:
        """What the provider says of itself, with only what we believe of it. Raises Refused."""
        found: dict[str, Any] = await self._asked(self._client.load_server_metadata())
        if str(found.get("issuer", "")).rstrip("/") != self.how.issuer:
            self._client.server_metadata = {}
            raise Refused(f"{self.name} calls itself `{str(found.get('issuer'))[:80]}`")
        signed = found.get("id_token_signing_alg_values_supported") or ["RS256"]
        found["id_token_signing_alg_values_supported"] = [name for name in signed if name in SIGNED_WITH]
        methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if "client_secret_basic" not in methods:
            self._client.client_kwargs["token_endpoint_auth_method"] = "client_secret_post"
        return found

    async def _asked(self, asking: Any) -> Any:
        """What the provider answers. Raises Refused."""
        try:
            return await asking
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise Unreachable(f"{self.name} does not answer: {type(error).__name__}") from error
        except OAuthError as error:
            raise Refused(f"{self.name} says `{str(error.error)[:60]}`") from error
        except JoseError as error:
            raise Refused(f"the identity token of {self.name} does not hold: {type(error).__name__}") from error
        except (ValueError, RuntimeError, KeyError, TypeError) as error:  # what it sends is not what it should be
            raise Refused(f"{self.name} answers what cannot be read: {type(error).__name__}") from error


def _vouched(claims: Mapping[str, Any], claim: str) -> Vouched:
    stated = claims.get(claim)
    groups = stated if isinstance(stated, list) else [stated]
    words = [str(claims.get(name) or "") for name in ("preferred_username", "email", "name")]
    handle = next(filter(None, words), "").partition("@")[0]
    name = next(filter(None, (str(claims.get(name) or "") for name in ("name", "preferred_username", "email"))), "")
    return Vouched(
        str(claims["sub"]), name, handle, frozenset(group for group in groups if isinstance(group, str) and group)
    )
