"""A span for each request, sent to where `OTEL_EXPORTER_OTLP_ENDPOINT` says; without it, or without OpenTelemetry
installed (`pip install carveout[traces]`), none. A span has method, route and status, and nothing that was stated."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_log = logging.getLogger(__name__)


class Span:
    """One request under way; without traces it does nothing."""

    def __init__(self, span: Any = None) -> None:
        self._span = span

    def end_with(self, status: int) -> None:
        """Say how it ended."""
        if self._span is not None:
            self._span.set_attribute("http.response.status_code", status)


@contextmanager
def span_of(method: str, route: str, headers: Mapping[str, str]) -> Iterator[Span]:
    """The span of a request, below that of the caller if its headers name one."""
    tracer = _tracer()
    if tracer is None:
        yield Span()
        return
    from opentelemetry import propagate

    attributes = {"http.request.method": method, "http.route": route}
    with tracer.start_as_current_span(
        f"{method} {route}",
        context=propagate.extract({"traceparent": headers.get("traceparent", "")}),
        attributes=attributes,
        record_exception=False,  # the message of a fault may quote what was stated
        set_status_on_exception=False,
    ) as span:
        yield Span(span)


@cache
def _tracer() -> Any:
    if not os.environ.get(ENDPOINT):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        _log.warning("%s is set, but OpenTelemetry is not installed: pip install 'carveout[traces]'", ENDPOINT)
        return None
    provider = TracerProvider(resource=Resource.create({"service.name": "carveout"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer("carveout")
