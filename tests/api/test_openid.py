"""Signing in with an OpenID provider: a real one on loopback, and what is not believed of one."""

import base64
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from cryptography.fernet import Fernet
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from carveout.api import Settings, create_app
from carveout.api import openid as about
from carveout.api.identity import COOKIE
from carveout.engine import Engine
from carveout.engine.openid import OpenId, read_openid
from carveout.engine.records.people import People, Role
from carveout.engine.records.tokens import Sealer
from carveout.engine.settings import SettingsError, read_settings

ROLES = {"desk": frozenset({"screener", "analyst"}), "legal": frozenset({"approver"})}
PEOPLE = {
    "s-1": {"name": "Zoë Example", "preferred_username": "Zoë.Example", "groups": ["desk", "canteen"]},
    "s-2": {"name": "Nobody", "email": "nobody@house.example", "groups": ["canteen"]},
    "s-3": {"name": "Local", "preferred_username": "local", "groups": "legal"},
    "s-4": {"name": "Zoe Other", "preferred_username": "zoe.example", "groups": ["desk"]},
}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider that knows four people, in a process of its own."""
    program = (
        "import json, sys\n"
        "from oidc_provider_mock import User, run_server_in_thread\n"
        "users = [User(sub=sub, claims=claims) for sub, claims in json.loads(sys.argv[1]).items()]\n"
        "with run_server_in_thread(user_claims=users, require_nonce=True) as server:\n"
        "    print(server.server_port, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    # Warnings: it stands on a part of Authlib that is to go.
    command = [sys.executable, "-W", "ignore", "-c", program, json.dumps(PEOPLE)]
    provider = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert provider.stdin is not None and provider.stdout is not None
    try:
        yield f"http://localhost:{int(provider.stdout.readline())}"
    finally:
        provider.stdin.close()
        provider.wait(20)
        provider.stdout.close()


class House:
    """An application that signs people in with a provider."""

    def __init__(self, engine: Engine, home: Path, issuer: str, roles: dict[str, frozenset[str]] | None = None) -> None:
        how = OpenId(issuer, "carveout", "hush", roles=ROLES if roles is None else roles)
        self.home = home
        self.app = create_app(engine=engine, settings=Settings(home=home, url="http://testserver", openid=how))
        self.client = TestClient(self.app, raise_server_exceptions=False, follow_redirects=False)

    @property
    def people(self) -> People:
        """Of its store."""
        return People(self.app.state.keeper.store)

    def leave(self) -> str:
        """To the provider; its address."""
        answer = self.client.get("/sign-in/openid")
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def back(self, url: str) -> Any:
        """Back from the provider."""
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}" == "http://testserver"
        return self.client.get(f"{parts.path}?{parts.query}", headers={"sec-fetch-site": "cross-site"})

    def sign_in(self, subject: str) -> Any:
        """All the way."""
        return self.back(agreed(self.leave(), subject))

    def me(self) -> Any:
        """Who is asking."""
        return self.client.get("/v1/me").json()


def agreed(url: str, subject: str) -> str:
    """Where the provider sends somebody who signed in there."""
    answer = httpx2.post(url, data={"sub": subject})
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"])


@pytest.fixture
def house(engine: Engine, tmp_path: Path, issuer: str) -> Iterator[House]:
    """With the provider, where groups have roles."""
    made = House(engine, tmp_path, issuer)
    with made.client:
        yield made


def test_somebody_signs_in_and_is_entered_with_the_roles_of_their_groups(house: House) -> None:
    assert house.client.get("/v1/rules").status_code == 401, "with a provider nobody is asked nothing"
    assert "/sign-in/openid" in house.client.get("/sign-in").text
    url = house.leave()
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) >= 20 and len(asked["nonce"]) >= 20 and len(asked["code_challenge"]) == 43
    assert asked["redirect_uri"] == "http://testserver/sign-in/openid/callback"

    answer = house.back(agreed(url, "s-1"))

    assert answer.status_code == 303 and answer.headers["location"] == "/"
    me = house.me()
    assert me["how"] == "session" and me["person"]["id"] == "zoe.example" and me["person"]["name"] == "Zoë Example"
    assert me["person"]["roles"] == ["analyst", "screener"] and me["person"]["subject"] == "s-1"
    chain = [json.loads(line) for line in _lines(house)]
    assert [(e["by"], e["data"]["how"]) for e in chain if e["kind"] == "session"] == [("zoe.example", "openid")]
    assert house.sign_in("s-4").status_code == 303 and house.me()["person"]["id"] == "zoe.example-2"
    assert house.sign_in("s-1").status_code == 303 and house.me()["person"]["id"] == "zoe.example"


def _lines(house: House) -> list[bytes]:
    from sqlalchemy import select

    from carveout.engine.records import schema

    with house.app.state.keeper.store.database.reading() as connection:
        return list(connection.execute(select(schema.audit.c.line).order_by(schema.audit.c.n)).scalars())


def test_roles_follow_the_groups_at_each_sign_in(house: House) -> None:
    assert house.sign_in("s-1").status_code == 303
    house.people.set_roles("zoe.example", [Role.AUDITOR], "system")
    assert house.sign_in("s-1").status_code == 303
    assert house.me()["person"]["roles"] == ["analyst", "screener"]


def test_who_has_no_role_is_not_let_in(house: House, issuer: str) -> None:
    answer = house.sign_in("s-2")
    assert answer.status_code == 401 and "no role is given" in answer.text and COOKIE not in house.client.cookies
    assert not house.people.anybody()
    assert house.sign_in("s-3").status_code == 303 and house.me()["person"]["id"] == "local-2"
    house.people.disable("local-2", "system")
    answer = house.sign_in("s-3")
    assert answer.status_code == 401 and "disabled" in answer.text
    house.people.add("nob", "Nob", [Role.AUTHOR], "system", issuer=f"{issuer}/", subject="s-2")
    assert house.sign_in("s-2").status_code == 401, "the groups decide, where groups have roles"
    assert house.people.get("nob").roles == frozenset()


def test_the_last_administrator_stays_one_whatever_the_groups_say(house: House, issuer: str) -> None:
    house.people.add("boss", "Boss", [Role.ADMINISTRATOR], "system", issuer=issuer, subject="s-1")
    answer = house.sign_in("s-1")
    assert answer.status_code == 401 and "last administrator" in answer.text
    assert house.people.get("boss").roles == {Role.ADMINISTRATOR}


def test_without_roles_of_groups_an_administrator_enters_people(engine: Engine, tmp_path: Path, issuer: str) -> None:
    house = House(engine, tmp_path, issuer, {})
    with house.client:
        assert house.sign_in("s-1").status_code == 401
        house.people.add("zoe", "Zoë", [Role.AUTHOR], "system", issuer=issuer, subject="s-1")
        assert house.sign_in("s-1").status_code == 303
        assert house.me()["person"]["id"] == "zoe" and house.me()["person"]["roles"] == ["author"]


def test_an_answer_is_taken_once_and_by_the_browser_that_asked(house: House) -> None:
    back = agreed(house.leave(), "s-1")
    mine = house.client.cookies[about.COOKIE]
    house.client.cookies.clear()
    assert house.back(back).status_code == 401, "another browser: somebody is to be signed in as somebody else"
    house.client.cookies.set(about.COOKIE, mine, path="/sign-in/openid")
    assert house.back(back.replace("state=", "state=x")).status_code == 401
    house.client.cookies.set(about.COOKIE, mine, path="/sign-in/openid")
    assert house.back(f"{back}&iss=https://other.example").status_code == 401
    house.client.cookies.set(about.COOKIE, mine, path="/sign-in/openid")
    assert house.back(back).status_code == 303
    house.client.cookies.set(about.COOKIE, mine, path="/sign-in/openid")
    assert house.back(back).status_code == 401, "a code is used once"


def test_a_forged_and_an_old_cookie_of_the_way(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    back = agreed(house.leave(), "s-1")
    state = parse_qs(urlsplit(back).query)["state"][0]
    kept = json.dumps({"state": state, "nonce": "n", "code_verifier": "v" * 48}).encode()
    key = Sealer.of(house.home).derived(about.PURPOSE)
    for sealed in (
        Fernet(Fernet.generate_key()).encrypt(kept), b"x", b"",
        Fernet(key).encrypt_at_time(kept, int(time.time()) - about.AWAY_SECONDS - 5),
    ):  # fmt: skip
        house.client.cookies.clear()
        house.client.cookies.set(about.COOKIE, sealed.decode(), path="/sign-in/openid")
        answer = house.back(back)
        assert answer.status_code == 401 and "ten minutes" in answer.text


def test_somebody_who_does_not_agree(house: House) -> None:
    answer = httpx2.post(house.leave(), data={"action": "deny"})
    answer = house.back(answer.headers["location"])
    assert answer.status_code in (401, 422) and COOKIE not in house.client.cookies


# ---- providers that are not to be believed

OWN, OTHER = RSAKey.generate_key(2048, {"kid": "own"}), RSAKey.generate_key(2048, {"kid": "own"})
Twist = Callable[[dict[str, Any]], dict[str, Any]]


@contextmanager
def faked(
    monkeypatch: pytest.MonkeyPatch,
    claims: Twist = lambda claims: claims,
    metadata: Twist = lambda metadata: metadata,
    signed: Callable[[dict[str, Any]], str] | None = None,
    token: Twist = lambda token: token,
) -> Iterator[list[dict[str, str]]]:
    """A provider at https://provider.example that is asked over no wire; what it was asked for tokens."""
    issuer = "https://provider.example"
    asked: list[dict[str, str]] = []
    said: dict[str, str] = {}

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("openid-configuration"):
            made = {
                "issuer": issuer, "authorization_endpoint": f"{issuer}/authorize", "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/jwks", "userinfo_endpoint": f"{issuer}/userinfo",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            }  # fmt: skip
            return httpx2.Response(200, json=metadata(made))
        if request.url.path == "/jwks":
            return httpx2.Response(200, json=KeySet([OWN]).as_dict(private=False))
        if request.url.path == "/userinfo":
            return httpx2.Response(200, json={"sub": "somebody-else", "groups": ["legal"]})
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        asked.append(form)
        at = int(time.time())
        stated = {
            "iss": issuer, "aud": "carveout", "sub": "x-1", "iat": at, "exp": at + 60, "nonce": said["nonce"],
            "name": "X", "groups": ["desk"],
        }  # fmt: skip
        stated = claims(stated)
        sign = signed or (lambda stated: jwt.encode({"alg": "RS256", "kid": "own"}, stated, OWN))
        return httpx2.Response(200, json=token({"access_token": "a", "token_type": "Bearer", "id_token": sign(stated)}))

    transport = httpx2.MockTransport(answer)
    init = httpx2.AsyncClient.__init__

    def offline(self: Any, *args: Any, **more: Any) -> None:
        init(self, *args, **{**more, "transport": transport})

    monkeypatch.setattr(httpx2.AsyncClient, "__init__", offline)
    asked.append(said)
    yield asked


def through(house: House, asked: list[dict[str, str]]) -> Any:
    """Away, and back with a code."""
    answer = house.client.get("/sign-in/openid")
    if answer.status_code != 303:
        return answer
    query = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    asked[0].update(query)
    return house.client.get(f"/sign-in/openid/callback?code=c&state={query['state']}")


@pytest.fixture
def far(engine: Engine, tmp_path: Path) -> Iterator[House]:
    """Whose provider is at https://provider.example."""
    made = House(engine, tmp_path, "https://provider.example")
    with made.client:
        yield made


def test_the_faked_provider_is_believed_when_it_says_the_truth(far: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with faked(monkeypatch) as asked:
        assert through(far, asked).status_code == 303
    digest = hashlib.sha256(asked[1]["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == asked[0]["code_challenge"], "PKCE"
    assert far.me()["person"]["id"] == "x"


def _without(name: str) -> Twist:
    return lambda claims: {key: value for key, value in claims.items() if key != name}


def _with(**more: Any) -> Twist:
    return lambda claims: {**claims, **more}


@pytest.mark.parametrize(
    "twist",
    [
        {"claims": _with(nonce="another")},
        {"claims": _without("nonce")},
        {"claims": _with(iss="https://other.example")},
        {"claims": _with(aud="another")},
        {"claims": _with(aud=["another"], azp="carveout")},
        {"claims": _without("aud")},
        {"claims": _with(azp="another")},
        {"claims": _with(exp=1)},
        {"claims": _without("exp")},
        {"claims": _with(iat=4_000_000_000)},
        {"claims": _without("sub")},
        {"claims": _without("groups")},  # which its userinfo then says of somebody else
        {"signed": lambda claims: jwt.encode({"alg": "RS256", "kid": "own"}, claims, OTHER)},
        {"signed": lambda claims: jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("hush" * 8))},
        {"signed": lambda claims: _unsigned(claims)},
        {"signed": lambda claims: "x"},
        {"token": _without("id_token")},
        {"token": lambda token: {"error": "invalid_grant"}},
        {"metadata": _with(issuer="https://other.example")},
        {"metadata": _without("authorization_endpoint")},
        {"metadata": _without("jwks_uri")},
        {"metadata": _with(id_token_signing_alg_values_supported=["none"]), "signed": lambda claims: _unsigned(claims)},
    ],
)
def test_what_is_not_believed(far: House, monkeypatch: pytest.MonkeyPatch, twist: dict[str, Any]) -> None:
    with faked(monkeypatch, **twist) as asked:
        answer = through(far, asked)
    assert answer.status_code == 401 and "Not signed in" in answer.text
    assert COOKIE not in far.client.cookies and not far.people.anybody()


def _unsigned(claims: dict[str, Any]) -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."


def test_a_provider_that_does_not_answer(engine: Engine, tmp_path: Path) -> None:
    house = House(engine, tmp_path, "http://127.0.0.1:9")
    with house.client:
        answer = house.client.get("/sign-in/openid")
        assert answer.status_code == 503 and "does not answer" in answer.text
        assert house.client.get("/sign-in").status_code == 200


def test_without_a_provider_there_is_nothing_to_sign_in_with(client: TestClient) -> None:
    for path in ("/sign-in/openid", "/sign-in/openid/callback?code=x"):
        assert client.get(path).status_code == 404


# ---- settings


GIVEN = {
    "CARVEOUT_URL": "https://house.example/", "CARVEOUT_OIDC_ISSUER": "https://p.example/", "CARVEOUT_OIDC_CLIENT": "c",
    "CARVEOUT_OIDC_SECRET": "hush", "CARVEOUT_OIDC_ROLES": "a desk=screener analyst; x=y=approver",
}  # fmt: skip


def test_settings_of_a_provider() -> None:
    found = read_settings(GIVEN)
    assert found.url == "https://house.example" and found.openid is not None
    assert found.openid.roles == {"a desk": {"screener", "analyst"}, "x=y": {"approver"}}
    assert "hush" not in repr(found)
    environment: dict[str, str] = {}
    found.hand_on(environment)
    assert read_settings(environment) == found
    assert set(about_words()) == set(Role)


def about_words() -> tuple[str, ...]:
    """The roles that settings know."""
    from carveout.engine.openid import WORDS

    return WORDS


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CARVEOUT_URL", ""), ("CARVEOUT_URL", "house.example"), ("CARVEOUT_URL", "http://house.example"),
        ("CARVEOUT_OIDC_ISSUER", ""), ("CARVEOUT_OIDC_ISSUER", "http://p.example"), ("CARVEOUT_OIDC_CLIENT", " "),
        ("CARVEOUT_OIDC_ISSUER", "https://p.example?x=1"), ("CARVEOUT_OIDC_SECRET", ""),
        ("CARVEOUT_OIDC_ROLES", "desk"), ("CARVEOUT_OIDC_ROLES", "desk=god"),
        ("CARVEOUT_OIDC_ROLES", "a=author;a=author"), ("CARVEOUT_OIDC_ROLES", "=author"), ("CARVEOUT_OIDC_ROLES", "a="),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_used(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings({**GIVEN, name: value})
    assert read_openid({}) is None
