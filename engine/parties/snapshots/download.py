"""A file is fetched from an authority: only by https, bounded in size and time, tried again where that may help."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import tenacity

HOPS = 5
"""Redirects that are followed."""
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class FetchError(Exception):
    """A file could not be fetched; the message says why. What is held stays in force."""


class _Passing(FetchError):
    """A failure that may pass by itself."""

    def __init__(self, why: str, wait: float = 0.0) -> None:
        super().__init__(why)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Manners:
    """How much is fetched, how long is waited, how often is tried."""

    most_bytes: int = 256 << 20  # as the server sends it, unpacked from its transport
    connect: float = 15.0  # seconds
    read: float = 60.0  # seconds without a byte
    whole: float = 900.0  # seconds for a file
    tries: int = 4
    first_wait: float = 2.0  # seconds before the second try; then twice as long each time, and a bit at random
    longest_wait: float = 60.0
    agent: str = "carveout"  # how it introduces itself


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was fetched, or the word that it is unchanged (`path` is None)."""

    path: Path | None
    etag: str = ""
    modified: str = ""  # Last-Modified, as the server says it

    def day(self, zone: ZoneInfo) -> date | None:
        """The day on which the server says it was changed, by a zone's clock."""
        try:
            return parsedate_to_datetime(self.modified).astimezone(zone).date()
        except (ValueError, TypeError, OverflowError):
            return None


def client(manners: Manners, **more: Any) -> httpx2.Client:
    """A client that follows no redirect by itself; proxies are those of the environment."""
    timeout = httpx2.Timeout(manners.read, connect=manners.connect)
    return httpx2.Client(timeout=timeout, follow_redirects=False, **more)


def download(using: httpx2.Client, address: str, target: Path, headers: Mapping[str, str], manners: Manners) -> Fetched:
    """Fetch a file to `target`, or learn by the validators in `headers` that it is unchanged. Raises FetchError."""
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(_Passing),
        stop=tenacity.stop_after_attempt(manners.tries),
        wait=lambda state: _wait(state, manners),
        reraise=True,
    )
    try:
        return retrying(_once, using, address, target, headers, manners)
    except _Passing as error:
        times = "once" if manners.tries == 1 else f"{manners.tries} times"
        raise FetchError(f"{error} (tried {times})") from None


def allowed(address: str, *, first: bool) -> bool:
    """Whether an address may be asked: https, or, where it is configured, http on this machine."""
    try:
        url = httpx2.URL(address)
    except (httpx2.InvalidURL, TypeError):
        return False
    if url.scheme == "https" and url.host:
        return True
    return first and url.scheme == "http" and _loopback(url.host)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _wait(state: tenacity.RetryCallState, manners: Manners) -> float:
    error = state.outcome.exception() if state.outcome is not None else None
    backing_off = tenacity.wait_exponential_jitter(
        multiplier=manners.first_wait, max=manners.longest_wait, jitter=manners.first_wait / 2
    )
    asked = error.wait if isinstance(error, _Passing) else 0.0
    return min(max(asked, float(backing_off(state))), manners.longest_wait)


def _once(using: httpx2.Client, address: str, target: Path, headers: Mapping[str, str], manners: Manners) -> Fetched:
    until = time.monotonic() + manners.whole
    if not allowed(address, first=True):
        raise FetchError(f"{address}: only https is asked")
    try:
        for _ in range(HOPS + 1):
            with using.stream("GET", address, headers=dict(headers)) as answer:
                if answer.status_code not in _REDIRECTS:
                    return _answered(answer, address, target, manners, until)
                address = _onward(answer, address)
    except httpx2.TransportError as error:
        raise _Passing(f"{address}: {str(error) or type(error).__name__}") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
        raise FetchError(f"{address}: {str(error) or type(error).__name__}") from None
    raise FetchError(f"{address}: more than {HOPS} redirects")


def _onward(answer: httpx2.Response, address: str) -> str:
    onward = str(httpx2.URL(address).join(answer.headers.get("location", "")))
    if not allowed(onward, first=False):
        raise FetchError(f"{address}: sends on to {onward[:200]}, which is not https")
    return onward


def _answered(answer: httpx2.Response, address: str, target: Path, manners: Manners, until: float) -> Fetched:
    said = {"etag": answer.headers.get("etag", ""), "modified": answer.headers.get("last-modified", "")}
    if answer.status_code == 304:
        return Fetched(None, **said)
    if answer.status_code in _AGAIN:
        raise _Passing(f"{address}: answered {answer.status_code}", _asked_to_wait(answer))
    if answer.status_code != 200:
        raise FetchError(f"{address}: answered {answer.status_code}")
    size = 0
    with target.open("wb") as file:
        for chunk in answer.iter_bytes(1 << 16):
            size += len(chunk)
            if size > manners.most_bytes:
                raise FetchError(f"{address}: is larger than {manners.most_bytes:,} bytes")
            if time.monotonic() > until:
                raise _Passing(f"{address}: took more than {manners.whole:.0f} seconds")
            file.write(chunk)
    return Fetched(target, **said)


def _asked_to_wait(answer: httpx2.Response) -> float:
    """Seconds that the server asks to be left alone (RFC 9110, 10.2.3)."""
    text = answer.headers.get("retry-after", "")
    if text.isascii() and text.isdigit():
        return float(text[:6])
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
