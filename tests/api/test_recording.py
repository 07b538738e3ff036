"""What requests leave behind: ids, log lines, counts, spans; and that none of it holds what somebody stated."""

import io
import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from carveout.api import Settings, create_app, logs, tracing
from carveout.api.logs import Lines
from carveout.engine import Engine

NAME = "Qwyjibo Zrbtt"
SPELLINGS = (NAME, NAME.replace(" ", "%20"), NAME.replace(" ", "+"), "Qwyjibo", "Zrbtt")


@pytest.fixture
def own(engine: Engine, tmp_path: Path) -> Iterator[TestClient]:
    """An application of its own."""
    with TestClient(
        create_app(engine=Engine(engine.rules), settings=Settings(home=tmp_path)), raise_server_exceptions=False
    ) as made:
        yield made


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged, as the server writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines(as_json=True))
    root, ours = logging.getLogger(), logging.getLogger("carveout")
    level = ours.level
    root.addHandler(handler)
    ours.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    ours.setLevel(level)


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """What is traced."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracer", lambda: provider.get_tracer("tests"))
    return exporter


def lines_of(log: io.StringIO) -> list[Any]:
    """The lines about requests."""
    return [line for line in map(json.loads, log.getvalue().splitlines()) if line["logger"] == "carveout.requests"]


def test_a_request_has_one_line_one_id_one_span(own: TestClient, log: io.StringIO, spans: InMemorySpanExporter) -> None:
    parent = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    answer = own.get(
        "/v1/rules/nothing", headers={"x-request-id": "0af7651916cd43dd-8448eb211c80319c", "traceparent": parent}
    )

    (line,) = lines_of(log)
    assert line | {"time": "", "ms": 0} == {
        "time": "", "level": "info", "logger": "carveout.requests", "method": "GET",
        "request": "0af7651916cd43dd-8448eb211c80319c",
        "route": "/v1/rules/{id}", "status": 404, "ms": 0,
    }  # fmt: skip
    assert answer.headers["x-request-id"] == "0af7651916cd43dd-8448eb211c80319c"
    assert answer.json()["instance"] == "urn:carveout:request:0af7651916cd43dd-8448eb211c80319c"
    (span,) = spans.get_finished_spans()
    assert span.name == "GET /v1/rules/{id}" and dict(span.attributes or {})["http.response.status_code"] == 404
    assert span.parent is not None and format(span.parent.span_id, "016x") == "b" * 16


@pytest.mark.parametrize(
    "stated", ["", "x", "a b c d e f g h", "é" * 10, "a" * 65, NAME, "Zrbtt-Qwyjibo-19540830", "-0af7651916cd43dd"]
)
def test_an_id_that_is_none_is_replaced(own: TestClient, stated: str) -> None:
    answer = own.get("/v1/health", headers=[(b"x-request-id", stated.encode())])
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


def test_no_name_is_left_anywhere(
    own: TestClient,
    log: io.StringIO,
    spans: InMemorySpanExporter,
    part: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stated = {**part, "reference": NAME, "parties": [{"name": NAME, "roles": ["buyer"], "country": "DE"}]}
    own.get("/v1/search", params={"name": NAME})
    own.get("/search", params={"name": NAME})
    own.get(f"/v1/rules/{NAME}")
    own.get(f"/timeline/{NAME}")
    own.get(f"/nowhere/{NAME}", headers={"user-agent": NAME, "x-request-id": NAME, "cookie": f"a={NAME}"})
    own.request(f"{NAME.split()[0].upper()}", "/v1/checks")
    assert own.post("/v1/checks", json=stated).status_code == 200
    own.post("/v1/checks", json={**stated, NAME: NAME})
    own.post("/v1/checks", content=f'{{"{NAME}"'.encode())
    own.post("/v1/screen", json={"names": [NAME]})
    own.get("/v1/me", headers={"authorization": f"Bearer {NAME}"})

    def crash(*_: Any) -> Any:
        try:
            raise KeyError(NAME)
        except KeyError as error:
            raise ValueError(f"cannot decide on {NAME}") from error

    monkeypatch.setattr(Engine, "check", crash)
    broken = own.post("/v1/checks", json=stated)
    assert broken.status_code == 500
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    (fault,) = [line for line in lines if "fault" in line and line["request"] == broken.headers["x-request-id"]][:1]
    assert [one["kind"] for one in fault["fault"]] == ["ValueError", "KeyError"], "the place is there"
    assert any("test_recording.py" in place for place in fault["fault"][0]["at"])

    counts = own.get("/metrics").text
    traced = "".join(span.to_json() for span in spans.get_finished_spans())
    assert 'carveout_decisions_total{outcome="' in counts and len(lines_of(log)) >= 12
    for spelling in SPELLINGS:
        for where in (log.getvalue(), counts, traced):
            assert spelling.casefold() not in where.casefold()


def test_lines_to_be_read_are_one_line_each() -> None:
    record = logging.LogRecord("carveout.x", logging.WARNING, "f", 1, "two\nlines of %s", ("text",), None)
    assert Lines(as_json=False).format(record).endswith("warning two lines of text")


def test_what_other_code_says_is_told_by_its_place(log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = io.StringIO()
    handler = logging.StreamHandler(plain)  # of a server that writes its lines in its own way
    servers = [logging.getLogger(name) for name in ("uvicorn.access", "uvicorn.error", "asyncio")]
    logs.keep_names_out()
    for server in servers:
        server.addHandler(handler)
    try:
        logging.getLogger("fpdf").warning("no glyph for %s", NAME)
        logging.getLogger("uvicorn.access").warning('%s - "GET /v1/search?name=%s"', "127.0.0.1", NAME)
        logging.getLogger("uvicorn.error").error('"WebSocket /search?name=%s" 403', NAME)
        logging.getLogger("asyncio").error(f"Task exception was never retrieved: ValueError('{NAME}')")
        try:
            raise ValueError(f"cannot decide on {NAME}")
        except ValueError as error:
            logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=error)
            arguments = threading.ExceptHookArgs((ValueError, error, error.__traceback__, None))
            logs._thread_ended(arguments)
        logging.getLogger("uvicorn.error").warning("Uvicorn running on %s", "http://127.0.0.1:8000")
    finally:
        for server in servers:
            server.removeHandler(handler)
    for written in (log.getvalue(), plain.getvalue()):
        assert not any(spelling in written for spelling in SPELLINGS)
    assert (
        "fault: ValueError at " in plain.getvalue()
        and "api/test_recording.py:" in plain.getvalue()
        and "GET" not in plain.getvalue()
    )
    told = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["logger"] for line in told].count("fpdf") == 1
    assert [one["kind"] for line in told if "fault" in line for one in line["fault"]] == ["ValueError"]


def test_what_all_processes_counted_is_shown_and_the_log_of_a_real_server_has_no_name(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-m", "carveout.engine.cli", "serve", "--workers", "2", "--port", "0"]
    environment = {**os.environ, "CARVEOUT_HOME": str(tmp_path / "home")}
    with log.open("wb") as out:
        server = subprocess.Popen(command, env=environment, stdout=out, stderr=out, start_new_session=True)
    try:
        for _ in range(600):
            found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text("utf-8"))
            if found and log.read_text("utf-8").count("startup complete") == 2:
                break
            time.sleep(0.1)
        else:
            pytest.fail(log.read_text("utf-8"))
        base = re.findall(r"running on (http://127\.0\.0\.1:\d+)", log.read_text("utf-8"))[0]
        for _ in range(20):  # of a new connection each, so that both processes get some
            assert httpx2.get(f"{base}/v1/search", params={"name": NAME}).status_code == 200
        counts = httpx2.get(f"{base}/metrics").text
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)
    assert 'route="/v1/search",status="200"} 20.0' in counts
    written = log.read_text("utf-8")
    assert not any(spelling in written for spelling in SPELLINGS)
    assert written.count('"route": "/v1/search"') == 20
