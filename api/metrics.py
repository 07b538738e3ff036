"""Counts and times for Prometheus, at `/metrics`: by route, method and status, by outcome; nothing about anybody."""

from __future__ import annotations

import os

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which the processes of one server share what they count; `carveout serve` sets it."""
MEDIA_TYPE = CONTENT_TYPE_LATEST
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_requests = Counter("carveout_requests_total", "Requests answered", ["method", "route", "status"])
_seconds = Histogram("carveout_request_seconds", "From the head of a request to the end of its answer", ["route"],
                     buckets=_BOUNDS)  # fmt: skip
_decisions = Counter("carveout_decisions_total", "Decisions over HTTP", ["outcome"])


def record(method: str, route: str, status: int, seconds: float) -> None:
    """Count one request."""
    _requests.labels(method, route, str(status)).inc()
    _seconds.labels(route).observe(seconds)


def decided(outcome: str) -> None:
    """Count one decision."""
    _decisions.labels(outcome).inc()


def shown() -> bytes:
    """All that was counted, by all processes of this server, in Prometheus' text format."""
    if not os.environ.get(SHARED):
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
