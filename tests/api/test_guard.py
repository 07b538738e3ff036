"""What every request passes: the host it names; and the headers that every answer bears."""

import pytest
from fastapi.testclient import TestClient

from carveout.api import Settings, create_app
from carveout.api.settings import LOOPBACK
from carveout.engine import Engine


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:1", "LOCALHOST", "[::1]", "[::1]:8000"])
def test_loopback_is_answered(client: TestClient, host: str) -> None:
    assert client.get("/v1/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "", "::1", "[::2]"]
)
def test_a_stranger_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/v1/health", headers={"host": host})

    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:carveout:problem:bad-host"


def test_hosts_can_be_added(engine: Engine) -> None:
    settings = Settings.from_environment({"CARVEOUT_HOSTS": "carveout.example, other.example"})
    with TestClient(create_app(engine=engine, settings=settings)) as client:
        assert client.get("/v1/health", headers={"host": "carveout.example:443"}).status_code == 200
        assert client.get("/v1/health", headers={"host": "third.example"}).status_code == 400
    with TestClient(create_app(engine=engine, settings=Settings(hosts=(*LOOPBACK, "*")))) as client:
        assert client.get("/v1/health", headers={"host": "third.example"}).status_code == 200


def test_beyond_loopback_any_name_is_answered_unless_names_are_set() -> None:
    def hosts(**environment: str) -> tuple[str, ...]:
        return Settings.from_environment(environment).hosts

    assert hosts() == hosts(CARVEOUT_HOST="127.0.0.1") == hosts(CARVEOUT_HOST="[::1]") == LOOPBACK
    assert hosts(CARVEOUT_HOST="0.0.0.0") == (*LOOPBACK, "*")
    assert hosts(CARVEOUT_HOST="0.0.0.0", CARVEOUT_HOSTS="a.example") == (*LOOPBACK, "a.example")


@pytest.mark.parametrize("path", ["/", "/timeline", "/v1/health", "/v1/rules/none", "/nothing", "/static/carveout.css"])
def test_every_answer_bears_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers

    assert "default-src 'none'" in headers["content-security-policy"]
    assert "script" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
